"""Published cheat sheets for tests: a small one in two languages, and the real one of the fixtures."""

from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from exams.catalog.models import Certification
from exams.cheatsheet import selectors, services
from exams.cheatsheet.records import BlockDraft, SheetDraft, sheet_draft
from exams.cheatsheet.section_md import read_section
from exams.cheatsheet.selectors import Head
from tests.factories import publish_log

REAL: Final = Path(settings.BASE_DIR) / "fixtures" / "mls-c01" / "cheatsheet" / "en"
TABLE: Final = (
    "| Service | Role |\n| --- | --- |\n| Amazon S3 | Keeps **objects** |\n| Amazon EFS | Shared files |"
)
HUNGARIAN: Final = "Árvíztűrő tükörfúrógép, ÁRVÍZTŰRŐ TÜKÖRFÚRÓGÉP: ő és ű."


def small(language: str = "en", **texts: str) -> SheetDraft:
    """Return a sheet of three blocks; `intro`, `services` and `formats` replace their texts."""
    found = {"intro": "A short introduction.", "services": TABLE, "formats": "- **Parquet:** by column."}
    found |= texts
    return SheetDraft(
        language,
        (
            BlockDraft(1, "Exam overview", "1.1", "Introduction", found["intro"], ()),
            BlockDraft(2, "Domain 1", "2.1", "Services", found["services"], ("s3", "efs")),
            BlockDraft(2, "Domain 1", "2.2", "Formats", found["formats"], ("parquet", "s3")),
        ),
    )


def publish(certification: Certification, draft: SheetDraft | None = None) -> Head:
    """Publish a sheet and return it as it is read."""
    draft = draft or small()
    services.publish(certification, draft, publish_log())
    head = selectors.current(certification.code, draft.language)
    assert head is not None
    return head


@cache
def real() -> SheetDraft:
    """Return the English sheet of the fixtures."""
    files = sorted(REAL.glob("*.md"))
    return sheet_draft("en", [read_section(path.read_bytes(), path.name) for path in files])
