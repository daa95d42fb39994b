"""Django admin of the exams. Gatherer: Django looks here for what is registered."""

from exams.admin import (
    assembly,
    attempts,
    bank,
    catalogue,
    drafts,
    feedback,
    freshness,
    import_files,
    pending,
    rulings,
    sheets,
    watched,
)

__all__ = [
    "assembly",
    "attempts",
    "bank",
    "catalogue",
    "drafts",
    "feedback",
    "freshness",
    "import_files",
    "pending",
    "rulings",
    "sheets",
    "watched",
]
