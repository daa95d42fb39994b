"""Plain records of the cheat sheet and of its outline, and the sheet as it would be published."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from exams.content.digest import digest_of
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


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """One block as it is written, with the section that it belongs to."""

    section_number: int
    section_title: str
    number: str
    title: str
    source: str
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """All blocks in one language, in their order; none takes the sheet down."""

    language: str
    blocks: tuple[BlockDraft, ...]

    def digest(self) -> str:
        """Return the SHA-256 by which an unchanged sheet is recognized."""
        return digest_of([asdict(block) for block in self.blocks])


def sheet_draft(language: str, sections: Iterable[SectionRecord]) -> SheetDraft:
    """Return what the sections of one language hold; a section has the number of its first block."""
    blocks = tuple(
        BlockDraft(
            section_number=int(section.blocks[0].number.split(".")[0]),
            section_title=section.title,
            number=block.number,
            title=block.title,
            source=block.source,
            covers=block.covers,
        )
        for section in sections
        for block in section.blocks
    )
    return SheetDraft(language, blocks)
