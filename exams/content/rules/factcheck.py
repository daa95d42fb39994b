"""C01 to C03: what does the key of each item rest on?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from exams.content.records import ExamPlanRecord, Place
from exams.content.rules.findings import Breach, Finding, percent
from exams.exchange.study import CheckedExam, FactCheckRecord


@dataclass(frozen=True, slots=True)
class FactCheck:
    """The fact check under measure, with the plans of those exams that are written."""

    record: FactCheckRecord
    plans: tuple[ExamPlanRecord, ...]

    @property
    def exams(self) -> dict[int, CheckedExam]:
        """Return the checked exams by number."""
        return {exam.number: exam for exam in self.record.exams}

    def breach(self, place: Place, item: str, rule: str, found: str, limit: str) -> Breach:
        """Return a breach of this file."""
        return Breach(self.record.place.file, place.line, item, rule, found, limit)


def _traced(exam: CheckedExam) -> Iterable[tuple[str, Place]]:
    yield from ((item, page.place) for page in exam.pages for item in page.items)
    yield from ((item, exam.place) for item in exam.general)
    yield from ((statement.item, statement.place) for statement in exam.open)


def c01(check: FactCheck) -> Finding:
    """Each item of each exam is traced to a page, to general knowledge, or to an open statement."""
    breaches, wanted, found = [], 0, 0
    for plan in check.plans:
        items = {slot.id for slot in plan.slots}
        exam = check.exams.get(plan.number, CheckedExam(plan.number, "", (), (), ()))
        traced = dict(_traced(exam))
        missing, strange = sorted(items - traced.keys()), sorted(traced.keys() - items)
        breaches += [check.breach(exam.place, item, "C01", "is not traced", "each item") for item in missing]
        breaches += [
            check.breach(traced[item], item, "C01", f"is not in exam {plan.number}", "items of the exam")
            for item in strange
        ]
        wanted += len(items)
        found += len(items) - len(missing)
    return Finding.of("C01", "items traced", percent(found, wanted), "all", breaches)


def c02(check: FactCheck) -> Finding:
    """Each page has an address."""
    pages = [page for exam in check.record.exams for page in exam.pages]
    breaches = [
        check.breach(page.place, "", "C02", f"no address of {page.title!r}", "an https address")
        for page in pages
        if not page.url.startswith("https://")
    ]
    return Finding.of(
        "C02", "pages with their address", percent(len(pages) - len(breaches), len(pages)), "all", breaches
    )


def c03(check: FactCheck) -> Finding:
    """No statement that was not confirmed decides a key."""
    statements = [statement for exam in check.record.exams for statement in exam.open]
    breaches = [
        check.breach(one.place, one.item, "C03", f"unconfirmed: {one.statement}", "decides no key")
        for one in statements
        if one.decides == "yes"
    ]
    value = f"{len(breaches)} of {len(statements)}"
    return Finding.of("C03", "open statements that decide a key", value, "0", breaches)


FACT_RULES: Final = (c01, c02, c03)
