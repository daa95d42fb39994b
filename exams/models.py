"""Gatherer: what Django looks for. Code imports from the packages, never from here."""

from exams.assembly import models as assembly
from exams.attempts import models as attempts
from exams.authoring import models as authoring
from exams.bank import models as bank
from exams.catalog import models as catalog
from exams.cheatsheet import models as cheatsheet
from exams.corrections import models as corrections
from exams.feedback import models as feedback
from exams.freshness import models as freshness
from exams.insights import models as insights
from exams.publication import models as publication
from exams.statistics import models as statistics

__all__ = [
    "assembly",
    "attempts",
    "authoring",
    "bank",
    "catalog",
    "cheatsheet",
    "corrections",
    "feedback",
    "freshness",
    "insights",
    "publication",
    "statistics",
]
