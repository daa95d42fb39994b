"""The part of a certification's folder with its cheat sheet: an outline, and sections in each language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from exams.cheatsheet.records import OutlineRecord, OutlineSectionRecord, SectionRecord
from exams.cheatsheet.section_md import read_outline, read_section
from exams.content.folder import Folder
from exams.content.parts import Content, Part
from exams.content.records import Place, Problem
from i18n import languages

OUTLINE: Final = "cheatsheet/outline.yaml"
NO_SECTION: Final = OutlineSectionRecord(0, "", ())


@dataclass(frozen=True, slots=True)
class CheatSheetRecord:
    """The outline, None where it is missing, and the sections by language."""

    outline: OutlineRecord | None
    sections: Mapping[str, tuple[SectionRecord, ...]]


class CheatSheetPart(Part[CheatSheetRecord]):
    """The files cheatsheet/outline.yaml and cheatsheet/<language>/*.md."""

    name = "cheatsheet"
    files = (r"cheatsheet/([a-z]{2,3}(?:-[a-z0-9]+)?)/[^/]+\.md", r"cheatsheet/outline\.yaml")
    kept = (r"cheatsheet/outline\.yaml",)

    def read(self, folder: Folder, content: Content) -> CheatSheetRecord | None:
        """Return outline and sections, or None where there is neither."""
        outline = folder.one(OUTLINE, read_outline, optional=True)
        sections: dict[str, tuple[SectionRecord, ...]] = {}
        for section in folder.all(self.files[0], read_section):
            language = _language(section)
            sections[language] = (*sections.get(language, ()), section)
        return CheatSheetRecord(outline, sections) if outline or sections else None

    def problems(self, record: CheatSheetRecord, content: Content) -> Iterator[Problem]:
        """Return the folders of a language that the product does not know."""
        for language in record.sections:
            if language not in languages.CODES:
                message = f"not a known language; known are {', '.join(languages.CODES)}"
                yield Problem(Place(f"cheatsheet/{language}", 0), "", message)

    def planned(self, record: CheatSheetRecord) -> int | None:
        """Return the number of sections that the outline has."""
        return len(record.outline.sections) if record.outline else None


def _language(section: SectionRecord) -> str:
    match = re.fullmatch(CheatSheetPart.files[0], section.place.file)
    return match[1] if match else ""
