"""How stems begin: with a plain actor, and not one like the next."""

from itertools import pairwise
from typing import Final

from exams.content.rules.measured import MeasuredExam
from exams.content.rules.measures import plain
from exams.content.rules.rule import Fault, Outcome, set_rule
from tools.items.bands import ENOUGH
from tools.items.measured import percent, share

PLAIN_MIN: Final = 60
SAME_WORDS: Final = 4


@set_rule("V31", least=ENOUGH)
def plain_openings(exam: MeasuredExam) -> Outcome:
    """Most stems open with a plain actor, by the words of the guide; without any, nothing is measured."""
    patterns = exam.guide.openings.get(exam.language, ())
    if not patterns:
        return Outcome()
    total = len(exam.items)
    found = sum(any(pattern.match(one.item.wording) for pattern in patterns) for one in exam.items)
    label, value, limit = (
        "stems that open with a plain actor",
        percent(found, total),
        f"at least {PLAIN_MIN} %",
    )
    faults = [Fault(exam.place, "", f"{label}: {value}", limit)] if share(found, total) < PLAIN_MIN else []
    return Outcome.of(label, value, limit, faults, count=total)


@set_rule("V31", least=0)
def neighboring_openings(exam: MeasuredExam) -> Outcome:
    """No two stems that follow each other open with the same four words."""
    opened = [(one.item, plain(one.item.wording).split()[:SAME_WORDS]) for one in exam.items]
    faults = [
        Fault(later.place, later.id, f"opens like {earlier.id}: {' '.join(words)!r}", "other words")
        for (earlier, before), (later, words) in pairwise(opened)
        if words == before and len(words) == SAME_WORDS
    ]
    label = f"neighbors with the same first {SAME_WORDS} words"
    return Outcome.of(label, str(len(faults)), "0", faults)
