"""A cheat sheet as it would be published: plain values, compared by digest. Queries nothing."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from exams.cheatsheet.records import SectionRecord
from exams.content.digest import digest_of


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
