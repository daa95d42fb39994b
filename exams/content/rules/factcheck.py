"""What does the key of each item rest on?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from exams.content.dated import CheckedExam, FactCheckRecord
from exams.content.records import (
    SAMPLE_NUMBER,
    ExamPlanRecord,
    Place,
)
from exams.content.rules.findings import percent
from exams.content.rules.rule import Fault, Outcome, set_rule


@dataclass(frozen=True, slots=True)
class FactCheck:
    """The fact check under measure, with the plans of those exams that are written."""

    record: FactCheckRecord
    plans: tuple[ExamPlanRecord, ...]

    @property
    def exams(self) -> dict[int, CheckedExam]:
        """Return the checked exams by number."""
        return {exam.number: exam for exam in self.record.exams}


def _traced(exam: CheckedExam) -> Iterable[tuple[str, Place]]:
    yield from ((item, page.place) for page in exam.pages for item in page.items)
    yield from ((item, exam.place) for item in exam.general)
    yield from ((statement.item, statement.place) for statement in exam.open)


def _named(plan: ExamPlanRecord) -> str:
    return "the sample" if plan.number == SAMPLE_NUMBER else f"exam {plan.number}"


@set_rule("C01", least=0)
def traced_items(check: FactCheck) -> Outcome:
    """Each item of each exam is traced to a page, to general knowledge, or to an open statement."""
    faults, wanted, found = [], 0, 0
    for plan in check.plans:
        items = {slot.id for slot in plan.slots}
        nothing = CheckedExam(plan.number, "", (), (), (), Place(check.record.place.file, 0))
        exam = check.exams.get(plan.number, nothing)
        traced = dict(_traced(exam))
        missing, unknown = sorted(items - traced.keys()), sorted(traced.keys() - items)
        faults += [Fault(exam.place, item, "is not traced", "each item") for item in missing]
        faults += [
            Fault(traced[item], item, f"is not in {_named(plan)}", "items of the exam") for item in unknown
        ]
        wanted += len(items)
        found += len(items) - len(missing)
    return Outcome.of("items traced", percent(found, wanted), "all", faults)


@set_rule("C02", least=0)
def page_addresses(check: FactCheck) -> Outcome:
    """Each page has an address."""
    pages = [page for exam in check.record.exams for page in exam.pages]
    faults = [
        Fault(page.place, "", f"no address of {page.title!r}", "an https address")
        for page in pages
        if not page.url.startswith("https://")
    ]
    value = percent(len(pages) - len(faults), len(pages))
    return Outcome.of("pages with their address", value, "all", faults)


@set_rule("C03", least=0)
def deciding_statements(check: FactCheck) -> Outcome:
    """No statement that was not confirmed decides a key."""
    statements = [statement for exam in check.record.exams for statement in exam.open]
    faults = [
        Fault(one.place, one.item, f"unconfirmed: {one.statement}", "decides no key")
        for one in statements
        if one.decides == "yes"
    ]
    value = f"{len(faults)} of {len(statements)}"
    return Outcome.of("open statements that decide a key", value, "0", faults)


FACT_RULES: Final = (traced_items, page_addresses, deciding_statements)
