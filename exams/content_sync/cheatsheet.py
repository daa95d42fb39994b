"""The part with the cheat sheet and its tables: one edition of the whole for each language."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import ClassVar

from django.utils.text import slugify

from exams.catalog.models import Certification
from exams.cheatsheet import files, selectors, services
from exams.cheatsheet.markdown_tree import is_too_deep
from exams.cheatsheet.part import NO_SECTION, CheatSheetPart, CheatSheetRecord
from exams.cheatsheet.records import SectionRecord, SheetDraft, sheet_draft
from exams.cheatsheet.rules import (
    TABLE_ROWS,
    Section,
    Whole,
    block_coverage,
    outlined_blocks,
    outlined_sections,
    sheet_has_outline,
)
from exams.cheatsheet.section_md import write_section
from exams.content import markdown
from exams.content.catalog import CatalogPart, coverage_ids
from exams.content.folder import Folder
from exams.content.parts import Content
from exams.content.records import FormatError, Place, Problem
from exams.content.rules.rule import Finding
from exams.content_sync.operations import Operation, SkippedOperation
from exams.content_sync.parts import StoredPart, apply
from exams.publication.models import PublishLog


@dataclass(frozen=True, slots=True)
class SheetOperation(Operation):
    """A new edition of the cheat sheet in one language; without blocks it takes the sheet down."""

    draft: SheetDraft = field(repr=False)
    noun: ClassVar[str] = "cheat sheets"

    def __str__(self) -> str:
        if not self.draft.blocks:
            return f"cheat sheet in {self.draft.language}: taken down"
        return f"cheat sheet in {self.draft.language}: new edition of {len(self.draft.blocks)} blocks"


class StoredCheatSheetPart(CheatSheetPart, StoredPart[CheatSheetRecord]):
    """The sheet of each language as an edition. An unchanged one is left alone."""

    def read(self, folder: Folder, content: Content) -> CheatSheetRecord:
        """Return the sheet; without files it has no sections, so that a stored one is taken down."""
        return super().read(folder, content) or CheatSheetRecord(None, {})

    def plan(
        self, record: CheatSheetRecord, content: Content, overwrite: Container[str]
    ) -> Sequence[Operation]:
        """Return the editions that differ from those stored. Raises FormatError where a file is unsound."""
        _refuse_unsound(record, content)
        code = content[CatalogPart].certification.code
        edited = [name for name in selectors.edited_in_admin(code) if name not in overwrite]
        return plan_sheets(record, selectors.digests(code), edited)

    def names(self, record: CheatSheetRecord, content: Content) -> Collection[str]:
        """Return the sheet of each language; one that left the files may be taken down."""
        stored = selectors.digests(content[CatalogPart].certification.code)
        return [f"cheatsheet/{language}" for language in {*record.sections, *stored}]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return a file for each section of each language; the outline is among the kept files."""
        return {
            f"cheatsheet/{language}/{number}-{slugify(section.title)}.md": write_section(section)
            for language, sections in selectors.written(code).items()
            for number, section in enumerate(sections, start=1)
        }


@apply.register
def _publish(operation: SheetOperation, code: str, log: PublishLog) -> None:
    """Publish one edition and have its PDF made."""
    edition = services.publish(Certification.objects.get(code=code), operation.draft, log)
    if operation.draft.blocks and (head := selectors.current(code, edition.language)):
        files.ensure(head)


def plan_sheets(
    record: CheatSheetRecord, stored: Mapping[str, str], edited_in_admin: Collection[str]
) -> list[Operation]:
    """Return an operation for each language whose sheet is not the stored one.

    `stored` has digests by language, `edited_in_admin` the names of sheets that are left alone.
    """
    drafts = {language: sheet_draft(language, sections) for language, sections in record.sections.items()}
    takedowns = {language: SheetDraft(language, ()) for language in stored if language not in drafts}
    changed = {
        f"cheatsheet/{language}": draft
        for language, draft in {**drafts, **takedowns}.items()
        if stored.get(language) != draft.digest()
    }
    return [
        SkippedOperation(name) if name in edited_in_admin else SheetOperation(draft, place=Place(name, 0))
        for name, draft in changed.items()
    ]


def _refuse_unsound(record: CheatSheetRecord, content: Content) -> None:
    problems: list[Problem] = [
        breach for finding in _findings(record, content) for breach in finding.breaches
    ]
    problems += [
        problem
        for sections in record.sections.values()
        for section in sections
        for problem in _faults(section)
    ]
    if problems:
        raise FormatError(tuple(problems))


def _findings(record: CheatSheetRecord, content: Content) -> Iterator[Finding]:
    coverage = coverage_ids(content)
    for language, sections in record.sections.items():
        place = Place(f"cheatsheet/{language}", 0)
        if record.outline is None:
            yield sheet_has_outline(place)
            continue
        is_original = language == content[CatalogPart].original_language
        yield outlined_sections(Whole(sections, record.outline, coverage, place, is_original))
        for written, outlined in zip_longest(sections, record.outline.sections[: len(sections)]):
            section = Section(written, outlined or NO_SECTION, coverage, is_original)
            yield outlined_blocks(section)
            yield block_coverage(section)


def _faults(section: SectionRecord) -> Iterator[Problem]:
    for block in section.blocks:
        for fault in markdown.faults(block.source, rows=TABLE_ROWS):
            yield Problem(block.place, block.number, fault)
        if markdown.figure_names(block.source):
            yield Problem(block.place, block.number, "a cheat sheet shows no figures")
        if is_too_deep(block.source):
            yield Problem(block.place, block.number, "lists are nested too deep")
