"""Plain records of what stands beside the exams: flashcards, cheat sheet, free sample, fact check."""

from dataclasses import dataclass, field

from exams.content.records import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One flashcard, texts in Markdown; `trap` is empty where the card has none."""

    id: str
    domain: int
    task: str
    free_preview: bool
    front: str
    back: str
    trap: str
    tags: tuple[str, ...]
    covers: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DeckRecord:
    """One file of flashcards: the code of its certification, its language, its cards in order."""

    name: str
    language: str
    cards: tuple[CardRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PlannedCardRecord:
    """What the plan fixes about a card before it is written."""

    id: str
    domain: int
    task: str
    free_preview: bool
    tags: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DeckPlanRecord:
    """The plan of a deck: how many cards in all and by domain, how many of them free, and each card."""

    total: int
    by_domain: tuple[tuple[int, int], ...]
    previews: int
    cards: tuple[PlannedCardRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OutlineBlockRecord:
    """A block that the cheat sheet must have; `form` is text, table, bullets or steps."""

    number: str
    title: str
    form: str


@dataclass(frozen=True, slots=True)
class OutlineSectionRecord:
    """A section that the cheat sheet must have, with its blocks in order."""

    number: int
    title: str
    blocks: tuple[OutlineBlockRecord, ...]


@dataclass(frozen=True, slots=True)
class OutlineRecord:
    """The outline of the cheat sheet."""

    sections: tuple[OutlineSectionRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Passage:
    """One table cell, list entry or paragraph of a block, in Markdown."""

    text: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """One block of the cheat sheet: what it teaches and its content by kind.

    A group ends where a subheading begins; `tips` holds the exam tips of each group.
    """

    number: str
    title: str
    covers: tuple[str, ...]
    cells: tuple[Passage, ...]
    bullets: tuple[Passage, ...]
    steps: tuple[Passage, ...]
    paragraphs: tuple[Passage, ...]
    tips: tuple[tuple[Passage, ...], ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SectionRecord:
    """One file of the cheat sheet."""

    title: str
    blocks: tuple[BlockRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """The items that anybody may try, in the order in which they are shown."""

    items: tuple[tuple[str, Place], ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A page of documentation that was read, and the items that it decides."""

    title: str
    url: str
    items: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement that no page was found for; `decides` says how far the key of the item rests on it."""

    item: str
    statement: str
    decides: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedExam:
    """The fact check of one exam: when, by which pages, what needs none, what is open."""

    number: int
    checked_on: str
    pages: tuple[CheckedPage, ...]
    general: tuple[str, ...]
    open: tuple[OpenStatement, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FactCheckRecord:
    """The file that says what the keys of all exams rest on."""

    exams: tuple[CheckedExam, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """All of it, as far as the files are there."""

    plan: DeckPlanRecord | None = None
    decks: tuple[DeckRecord, ...] = ()
    outline: OutlineRecord | None = None
    sections: tuple[SectionRecord, ...] = ()
    sample: SampleRecord | None = None
    facts: FactCheckRecord | None = None
