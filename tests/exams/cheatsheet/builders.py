"""A small cheat sheet of one section, as records and as files, that keeps every rule."""

from pathlib import Path
from typing import Any

import yaml

from exams.cheatsheet.part import CheatSheetRecord
from exams.cheatsheet.records import OutlineBlockRecord, OutlineRecord, OutlineSectionRecord, SectionRecord
from exams.content.records import Place
from tests.exams.content import builders
from tools.items.report import Report, report
from tools.items.sheet_rules import sheet

SECTION = """\
# Exam overview

## 1.1 Introduction
<!-- covers: -->

{intro}

## 1.2 Services
<!-- covers: s3 -->

| Service | Role |
| --- | --- |
| Amazon S3 | Keeps objects \\| files |

### More

- **Reading:** in place,
  by every engine.

**Exam tip:** One copy.

1. **First:** look.
"""


def text_of_section(words: int = 60) -> str:
    """Return a good section whose introduction has so many words."""
    return SECTION.format(intro=builders.words("w", words))


def outline() -> OutlineRecord:
    """Return the outline of the one section."""
    blocks = (
        OutlineBlockRecord("1.1", "Introduction", "text"),
        OutlineBlockRecord("1.2", "Services", "table"),
    )
    return OutlineRecord(
        (OutlineSectionRecord(1, "Exam overview", blocks),), Place("cheatsheet/outline.yaml", 1)
    )


def measure(sections: tuple[SectionRecord, ...], planned: OutlineRecord | None) -> Report:
    """Apply the rules beside the small exam."""
    content = builders.content(builders.blueprint(), (builders.exam(1),))
    return report(sheet(CheatSheetRecord(planned, {"en": sections}), content))


def document() -> dict[str, Any]:
    """Return the outline as its file has it."""
    section = outline().sections[0]
    blocks = [{"number": b.number, "title": b.title, "form": b.form} for b in section.blocks]
    return {"sections": [{"number": section.number, "title": section.title, "blocks": blocks}]}


def write(directory: Path) -> Path:
    """Write the outline and the one section."""
    (directory / "cheatsheet" / "en").mkdir(parents=True)
    write_outline(directory)
    (directory / "cheatsheet" / "en" / "1-overview.md").write_text(text_of_section(), encoding="utf-8")
    return directory


def write_outline(directory: Path) -> None:
    """Write the outline alone."""
    path = directory / "cheatsheet" / "outline.yaml"
    path.write_text(yaml.safe_dump(document(), sort_keys=False), encoding="utf-8")
