"""What a score is called. A fail is said in a sentence."""

import pytest

from exams.presentation import verdicts


@pytest.mark.parametrize(
    ("scaled", "low", "kind"),
    [
        (1000, 946, verdicts.SAFE),
        (850, 750, verdicts.SAFE),
        (850, 749, verdicts.UNSAFE),
        (750, None, verdicts.UNSAFE),
        (749, 640, verdicts.FAIL),
        (100, None, verdicts.FAIL),
    ],
)
def test_a_pass_is_safe_only_when_its_whole_band_is(scaled: int, low: int | None, kind: str) -> None:
    assert verdicts.kind(scaled=scaled, mark=750, band_low=low) == kind


@pytest.mark.parametrize(
    ("scaled", "words"),
    [
        (784, "34 points above the pass line."),
        (751, "1 point above the pass line."),
        (750, "Exactly on the pass line."),
        (749, "1 point below the pass line."),
        (100, "650 points below the pass line."),
    ],
)
def test_the_distance_to_the_line_is_told_in_points(scaled: int, words: str) -> None:
    assert verdicts.distance(scaled, 750) == words


def test_a_pass_with_the_band_across_the_line_says_so() -> None:
    found = verdicts.of(scaled=784, mark=750, band=(676, 874), prediction_text="And now?")
    assert found.heading == "Pass, but not yet safe"
    assert found.lead == ("34 points above the pass line. The band still crosses it. And now?")


def test_a_fail_with_the_band_across_the_line_says_that_it_reaches_across() -> None:
    found = verdicts.of(scaled=748, mark=750, band=(640, 838))
    assert found.kind == verdicts.FAIL
    assert "2 points below the pass line. The band reaches across it." in found.lead


def test_a_clear_fail_says_that_the_whole_band_lies_below() -> None:
    assert "The whole band is below it." in verdicts.of(scaled=400, mark=750, band=(300, 500)).lead


def test_without_a_band_only_the_distance_is_told() -> None:
    assert verdicts.of(scaled=400, mark=750, band=None).lead == "350 points below the pass line."
