"""What does the key of each item rest on?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from exams.content.records import (
    SAMPLE_NUMBER,
    CheckedExam,
    ExamPlanRecord,
    FactCheckRecord,
    Place,
)
from exams.content.rules.rule import Fault, Outcome, set_rule
from tools.items.measured import percent


@dataclass(frozen=True, slots=True)
class FactCheck:
    """The fact check under measure, with the plans of those exams that are written; some are revised."""

    record: FactCheckRecord
    plans: tuple[ExamPlanRecord, ...]
    revised: frozenset[str] = frozenset()

    @property
    def exams(self) -> dict[int, CheckedExam]:
        """Return the checked exams by number."""
        return {exam.number: exam for exam in self.record.exams}


def _traced(exam: CheckedExam) -> Iterable[tuple[str, Place]]:
    yield from ((row.item, row.place) for row in exam.rows)
    yield from ((statement.item, statement.place) for statement in exam.open)


def _named(plan: ExamPlanRecord) -> str:
    return "the sample" if plan.number == SAMPLE_NUMBER else f"exam {plan.number}"


@set_rule("C01", least=0)
def traced_items(check: FactCheck) -> Outcome:
    """Each item of each exam is traced to a page, to general knowledge, or to an open statement."""
    faults, wanted, found = [], 0, 0
    for plan in check.plans:
        items = {slot.id for slot in plan.slots}
        nothing = CheckedExam(plan.number, place=Place(check.record.place.file, 0))
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
    pages = [row for exam in check.record.exams for row in exam.rows if row.url]
    faults = [
        Fault(row.place, row.item, f"no address of {row.title!r}", "an https address")
        for row in pages
        if not row.url.startswith("https://")
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


@set_rule("C04", least=0)
def deciding_facts(check: FactCheck) -> Outcome:
    """Each item of a revised exam has a row that says what decides its key, and where that was read."""
    faults, wanted = [], 0
    for plan in check.plans:
        if plan.name not in check.revised:
            continue
        exam = check.exams.get(plan.number)
        told = {row.item for row in exam.rows if row.decides} if exam else set()
        place = exam.place if exam else Place(check.record.place.file, 0)
        missing = [slot.id for slot in plan.slots if slot.id not in told]
        faults += [
            Fault(place, item, "does not say what decides", "a sentence and a page") for item in missing
        ]
        wanted += len(plan.slots)
    value = percent(wanted - len(faults), wanted)
    return Outcome.of("items of revised exams that say what decides", value, "all", faults)


FACT_RULES: Final = (traced_items, page_addresses, deciding_statements, deciding_facts)
