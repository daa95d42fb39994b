"""The catalogue part with its tables."""

from collections.abc import Sequence

from exams.catalogue import services
from exams.content.catalogue import CataloguePart, CatalogueRecord
from exams.content.exams import ExamsPart
from exams.content.parts import Content
from exams.exchange.parts import StoredPart
from exams.exchange.plan import offered_languages, plan_catalogue
from exams.exchange.steps import RowStep, Step
from exams.exchange.stored import stored_forms


class StoredCatalogue(CataloguePart, StoredPart[CatalogueRecord]):
    """Facts, domains, tasks and their texts."""

    def plan(self, record: CatalogueRecord, content: Content) -> Sequence[Step]:
        """Return the rows that change."""
        code, exams = record.certification.code, content.get(ExamsPart)
        offered = offered_languages(stored_forms(code), exams.translations if exams else ())
        stored = services.stored(code)
        return plan_catalogue(record, stored, offered=offered, planned=content.planned())

    def apply(self, step: Step, code: str) -> None:
        """Write one row."""
        if isinstance(step, RowStep):
            services.save(code, {step.path: dict(step.values)})
