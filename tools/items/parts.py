"""What a folder is measured by: the parts that a load reads, and those that only tools read."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from exams.content.exams import ExamsPart
from exams.content.parts import Part
from tools.items.charts import ChartsPart
from tools.items.deck_plan import DeckPlanPart
from tools.items.readings import ReadingsPart


def parts() -> tuple[Part[Any], ...]:
    """Return the parts of the settings; readings follow the exams, all else comes last."""
    stored = tuple(import_string(name)() for name in settings.CONTENT_PARTS)
    place = next((n for n, part in enumerate(stored, start=1) if isinstance(part, ExamsPart)), len(stored))
    return (*stored[:place], ReadingsPart(), *stored[place:], ChartsPart(), DeckPlanPart())
