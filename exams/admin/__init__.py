"""Django admin of the exams. Gatherer: Django looks here for what is registered."""

from exams.admin import assembly, attempts, bank, catalogue, drafts, feedback, import_files, rulings, sheets

__all__ = [
    "assembly",
    "attempts",
    "bank",
    "catalogue",
    "drafts",
    "feedback",
    "import_files",
    "rulings",
    "sheets",
]
