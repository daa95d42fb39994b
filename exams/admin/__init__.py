"""Django admin of the exams. Gatherer: Django looks here for what is registered."""

from exams.admin import (
    assembly,
    attempts,
    bank,
    catalogue,
    content_review,
    drafts,
    feedback,
    imports,
    pending,
    rulings,
    sheets,
)

__all__ = [
    "assembly",
    "attempts",
    "bank",
    "catalogue",
    "content_review",
    "drafts",
    "feedback",
    "imports",
    "pending",
    "rulings",
    "sheets",
]
