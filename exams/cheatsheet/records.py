"""Plain records of the cheat sheet and of its outline, independent of file formats."""

from dataclasses import dataclass, field

from exams.content.records import NOWHERE, Place


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
    """One block of the cheat sheet: what it teaches, its content by kind, and all of it as it is written.

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
    source: str = ""
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SectionRecord:
    """One file of the cheat sheet."""

    title: str
    blocks: tuple[BlockRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)
