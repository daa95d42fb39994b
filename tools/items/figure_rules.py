"""What figures, tables and code show: to those who see them, and to those who do not."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exams.content.markdown import kinds_of
from exams.content.records import FigureRecord, ItemRecord
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Fault, Outcome, SetRule, set_rule
from tools.items.charts import ChartRecord
from tools.items.measured import percent

KINDS: Final = ("table", "figure", "code")
NUMBER: Final = re.compile(r"(?<![\w.])-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
WORDS_MIN: Final = 12
# Numbers of an exam as long as the real ones; of a short one they would ask too much.
WHOLE_EXAM: Final = 60
STEMS_MIN: Final = 8
EXPLANATIONS_MIN: Final = 30


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, and the chart it was drawn from, if it is one."""

    figure: FigureRecord
    chart: ChartRecord | None


def numbers_in(text: str) -> frozenset[float]:
    """Return the numbers that a text names; 1,200 is one."""
    text = text.replace("\N{MINUS SIGN}", "-")
    return frozenset(float(found.group().replace(",", "")) for found in NUMBER.finditer(text))


@set_rule("G01", least=0)
def described_numbers(drawn: Sequence[Drawn]) -> Outcome:
    """The description of a chart names every number that it shows."""
    faults = []
    for one in drawn:
        wanted = one.chart.numbers if one.chart else frozenset()
        missing = sorted(wanted - numbers_in(one.figure.description))
        if missing:
            said = ", ".join(f"{number:g}" for number in missing[:8])
            faults.append(Fault(one.figure.place, one.figure.name, f"not described: {said}", "every number"))
    total = sum(one.chart is not None for one in drawn)
    return Outcome.of("charts whose description lacks numbers", str(len(faults)), f"0 of {total}", faults)


@set_rule("G02", least=0)
def same_words(drawn: Sequence[Drawn]) -> Outcome:
    """A drawn chart has the title and the description of its numbers."""
    faults = [
        Fault(
            one.figure.place, one.figure.name, "title or description differ", "those of the .yaml beside it"
        )
        for one in drawn
        if one.chart is not None and _words(one.chart) != (one.figure.title, one.figure.description)
    ]
    return Outcome.of("charts that were not drawn anew", str(len(faults)), "0", faults)


def _words(chart: ChartRecord) -> tuple[str, str]:
    return " ".join(chart.title.split()), " ".join(chart.description.split())


@set_rule("G03", least=0)
def told_figures(drawn: Sequence[Drawn]) -> Outcome:
    """A description says more than the title."""
    faults = [
        Fault(one.figure.place, one.figure.name, f"described in {count} words", f"at least {WORDS_MIN}")
        for one in drawn
        if (count := len(one.figure.description.split())) < WORDS_MIN
    ]
    return Outcome.of("figures hardly described", str(len(faults)), "0", faults)


FIGURE_RULES: Final[tuple[SetRule[[Sequence[Drawn]]], ...]] = (described_numbers, same_words, told_figures)


@set_rule("G04", least=WHOLE_EXAM)
def shown_in_stems(exam: MeasuredExam) -> Outcome:
    """Enough stems and options show a table, a figure or code, so that reading it is part of the task."""
    found = [kinds_of(*one.item.question_texts) for one in exam.items]
    return _counted(exam, "stems", found, STEMS_MIN)


@set_rule("G04", least=WHOLE_EXAM)
def shown_in_explanations(exam: MeasuredExam) -> Outcome:
    """Enough explanations and rationales show a table, a figure or code."""
    found = [kinds_of(*_explained(one.item)) for one in exam.items]
    return _counted(exam, "explanations", found, EXPLANATIONS_MIN)


def _explained(item: ItemRecord) -> tuple[str, ...]:
    return (*(option.why for option in item.options), *item.explanation.texts)


def _counted(exam: MeasuredExam, where: str, found: Sequence[frozenset[str]], least: int) -> Outcome:
    counts = Counter(kind for kinds in found for kind in kinds)
    each = ", ".join(f"{kind} {counts[kind]}" for kind in KINDS)
    showing = sum(map(bool, found))
    label, limit = f"{where} with a table, figure or code", f"at least {least}"
    faults = [Fault(exam.place, "", f"{label}: {showing}", limit)] if showing < least else []
    value = f"{percent(showing, len(found))}: {each}"
    return Outcome.of(label, value, limit, faults, count=len(found))
