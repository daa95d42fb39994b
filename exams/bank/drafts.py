"""Items as an author gives them: plain values that the bank stores. Knows no database."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from exams.content.digest import digest_of

LATER: Final = frozenset({"ask", "figures"})  # fields that texts stored before did not have


class CannotPublish(ValueError):
    """Content that no candidate should meet; as text it says why, in the language of whoever reads it.

    The sentence is put together only then: content is rendered in its own language, not in the reader's. It
    is a text, or becomes one when it is shown; `values` fill its placeholders.
    """

    def __init__(self, sentence: object, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        # Only now, in the language of whoever reads it.
        return str(self.sentence) % self.values if self.values else str(self.sentence)


@dataclass(frozen=True, slots=True)
class TextDraft:
    """What a person reads of an item in one language; options in their order as (text, rationale).

    `ask` is the question itself; where it is empty, the last sentence of the stem is. `figures` are those
    that the texts show, as (name, SVG).
    """

    language: str
    stem: str
    why: str
    principle: str
    tip: str
    references: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    ask: str = ""
    figures: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Return every text in Markdown."""
        options = (one for row in self.options for one in row)
        return (self.stem, self.ask, self.why, self.principle, self.tip, *options)

    def content(self) -> dict[str, Any]:
        """Return what a digest is made of: what is not given is no part of it, so older digests stand."""
        values = asdict(self)
        return {name: value for name, value in values.items() if value or name not in LATER}

    def digest(self) -> str:
        """Return the SHA-256 by which an unchanged text is recognized."""
        return digest_of(self.content())


@dataclass(frozen=True, slots=True)
class Filing:
    """How authors file an item: words, which others ask alike, and as what another system knows it."""

    tags: tuple[str, ...] = ()
    twins: str = ""
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item version as an author gives it. `filing` is None where it leaves to the item how it is filed."""

    code: str
    task_code: str
    coverage: tuple[str, ...]
    kind: str
    choose: int
    difficulty: str
    cognitive_level: str
    keys: tuple[bool, ...]
    failures: tuple[str, ...]
    text: TextDraft
    filing: Filing | None = None

    def digest(self) -> str:
        """Return the SHA-256 by which an unchanged version is recognized."""
        content = {**asdict(self), "text": self.text.content()}
        for name in ("coverage", "task_code", "filing"):  # they belong to the item, not to its version
            del content[name]
        return digest_of(content)
