"""Django admin of the exams. Gatherer: Django looks here for what is registered."""

from exams.admin import (
    account_hooks,
    assembly,
    attempts,
    bank,
    catalog,
    content_review,
    drafts,
    feedback,
    imports,
    pending,
    rulings,
    sheets,
)

__all__ = [
    "account_hooks",
    "assembly",
    "attempts",
    "bank",
    "catalog",
    "content_review",
    "drafts",
    "feedback",
    "imports",
    "pending",
    "rulings",
    "sheets",
]
