"""Statistics in words, in both languages."""

import pytest
from django.utils import translation

from exams.presentation import item_figures
from exams.scoring.item_flags import Flag, Proposal, Raised

LETTERS = {11: "A", 12: "B", 13: "C"}


@pytest.mark.parametrize(
    ("language", "written"), [("en", ["0.28", "-0.82", "0.00"]), ("hu", ["0,28", "-0,82", "0,00"])]
)
def test_figures_are_written_as_the_language_has_it_and_never_as_minus_zero(
    language: str, written: list[str]
) -> None:
    with translation.override(language):
        assert [item_figures.number(value) for value in (0.2841, -0.8162, -0.0004)] == written
        assert item_figures.number(None) == "\N{EN DASH}"


def test_a_flag_names_the_options_that_raise_it() -> None:
    raised = Raised(Flag.UNPICKED, (11, 13))
    with translation.override("en"):
        assert item_figures.flag(raised, LETTERS) == "Almost nobody picks: A and C"
        assert item_figures.flag(Raised(Flag.TOO_EASY), LETTERS) == "Too easy"
    with translation.override("hu"):
        assert item_figures.flag(raised, LETTERS) == "Szinte senki sem választja: A és C"


@pytest.mark.parametrize(
    ("value", "written"), [(59.4, "0:59"), (60, "1:00"), (125.5, "2:06"), (None, "\N{EN DASH}")]
)
def test_times_are_minutes_and_seconds(value: float | None, written: str) -> None:
    assert item_figures.seconds(value) == written


def test_a_proposal_says_why() -> None:
    def why(proposal: Proposal, *flags: str, is_enough: bool = True) -> str:
        return item_figures.why(proposal, flags, is_enough=is_enough, correlation=0.31)

    with translation.override("en"):
        assert why(Proposal.PROMOTE) == "No flags, and a correlation of 0.31 with the score"
        assert why(Proposal.RETIRE, "Too hard", "Too bad") == "Too hard; Too bad"
        assert why(Proposal.WAIT) == "A correlation of 0.31 with the score is weak"
        assert why(Proposal.WAIT, is_enough=False) == "Not enough data"
