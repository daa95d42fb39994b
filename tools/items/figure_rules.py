"""What figures show: to those who see them, and to those who do not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exams.content.records import FigureRecord
from exams.content.rules.rule import Fault, Outcome, SetRule, set_rule
from tools.items.charts import ChartRecord

NUMBER: Final = re.compile(r"(?<![\w.])-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
WORDS_MIN: Final = 12


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
