"""Kinds of things that are drafted. A package above registers its own in AppConfig.ready.

A kind turns what is current into content and back. Content is a mapping that JSON can hold; it may be
incomplete, since a draft is saved while one types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from accounts.base.errors import Text
from exams.catalogue.models import Certification
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

    def clean(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError where it cannot have one."""

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what the rules say about it."""

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Publish it, in the transaction of the caller. Raises CannotPublish."""


class ContentError(ValueError):
    """Content that no editor of this kind sends; `field` is the path of what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


_kinds: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Let things of this kind be drafted. Raises ValueError when another class does them already."""
    if type(_kinds.setdefault(kind.name, kind)) is not type(kind):
        raise ValueError(f"two kinds are called {kind.name!r}")


def kind_of(name: str) -> Kind:
    """Return a kind. Raises KeyError where nobody registered it."""
    return _kinds[name]


def names() -> list[str]:
    """Return the names of all kinds."""
    return sorted(_kinds)
