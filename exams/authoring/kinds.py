"""Kinds of things that are drafted. Packages register theirs with the hook `draft_kinds`.

A kind turns what is current into content and back. Content is a mapping that JSON can hold; it may be
incomplete, since a draft is saved while one types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from django.utils.functional import lazystr

from accounts.base import hooks
from accounts.base.errors import Refused, Text
from exams.bank.models import KeyRuling
from exams.catalog.models import Certification
from exams.presentation.item_fields import label_of
from exams.publication.models import PublishLog

type Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a rule finds in a draft.

    `field` is the path of the field, as in "options.2.text"; `rule` the name of the rule; what blocks keeps
    the draft from review and publication. `language` is that of the text, empty where it has none.
    """

    field: str
    rule: str
    sentence: Text
    blocks: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Current:
    """What is published of a thing today, as content, and the entry of the log that published it."""

    content: Content
    log: PublishLog | None


class Kind(Protocol):
    """One kind of thing."""

    @property
    def name(self) -> str:
        """Return the name by which rows know it."""

    @property
    def label(self) -> Text:
        """Return what people call it."""

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return what is published, or None where nothing is."""

    def empty(self, certification: Certification) -> Content:
        """Return the content of a new thing."""

    def validate(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError where it cannot have one."""

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what the rules say about it."""

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Publish it, in the transaction of the caller. Raises CannotPublish."""


@runtime_checkable
class OneLanguage(Protocol):
    """A kind whose things are each written in one language: the whole of one may be a translation."""

    def language_of(self, name: str) -> str:
        """Return the language of a thing by its name. Raises ContentError."""


@runtime_checkable
class Titled(Protocol):
    """A kind whose things have a name in code: people read another one."""

    def title_of(self, name: str) -> str:
        """Return what people call a thing, in the language that is active."""


@dataclass(frozen=True, slots=True)
class PastRuling:
    """What becomes of the ruling on what is published, as people said: `lifted_id` for this draft.

    `seen_id` is the ruling that who publishes had before them, `choice` what they chose.
    """

    seen_id: int | None = None
    choice: str = ""
    lifted_id: int | None = None


@runtime_checkable
class Rulable(Protocol):
    """A kind whose published things can be ruled on: what takes their place follows it, or says why not."""

    def ruling_on(self, certification: Certification, name: str) -> KeyRuling | None:
        """Return the ruling that what is drafted next has to answer, None where there is none."""

    def begin(self, certification: Certification, name: str, content: Content) -> Content:
        """Return what a draft begins with: the published content as the ruling has it."""

    def publish_past(
        self, certification: Certification, name: str, content: Content, log: PublishLog, past: PastRuling
    ) -> None:
        """Publish it as `Kind.publish`. Raises Refused where nobody said what becomes of the ruling."""


class ContentError(ValueError):
    """Content that no editor of this kind sends; `field` is the path of what is wrong.

    As text it is a sentence that names the field, put together in the language of whoever reads it.
    """

    def __init__(self, field: str, sentence: Text, **values: object) -> None:
        super().__init__(field)
        self.field = field
        self.sentence = sentence
        self.values = values

    @property
    def message(self) -> str:
        """The sentence, without the field."""
        return str(self.sentence) % self.values if self.values else str(self.sentence)

    def __str__(self) -> str:
        return f"{label_of(self.field)}: {self.message}" if self.field else self.message

    def refusal(self) -> Refused:
        """Return the refusal of an act: invalid_content."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return Refused("invalid_content", status, lazystr(self), field=self.field, sentence=self.message)


def _kinds() -> Mapping[str, Kind]:
    return hooks.by_key("draft_kinds")


def kind_of(name: str) -> Kind:
    """Return a kind. Raises KeyError where nobody registered it."""
    return _kinds()[name]


def title_of(kind: str, name: str) -> str:
    """Return what people call a thing of a kind, in the language that is active."""
    doing = _kinds().get(kind)
    return doing.title_of(name) if isinstance(doing, Titled) else name


def is_translation(kind: str, certification: Certification, name: str) -> bool:
    """Tell whether the whole of a thing is in another language than the original. Raises ContentError."""
    doing = kind_of(kind)
    return isinstance(doing, OneLanguage) and doing.language_of(name) != certification.original_language


def names() -> list[str]:
    """Return the names of all kinds."""
    return sorted(_kinds())
