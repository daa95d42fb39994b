"""Where things lie in the charts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.presentation import charts
from exams.presentation.tones import Tone
from exams.scoring import error_band, rules
from exams.web.catalog import sample_chart

USUAL = rules.Scale(100, 1000, 750)


def chart(score: int) -> charts.Scale:
    return charts.scale(USUAL, score, (max(100, score - 60), min(1000, score + 60)))


def test_the_line_of_750_lies_where_the_stylesheets_put_it() -> None:
    assert charts.cut(USUAL) == "72.2222%"


def test_a_mark_in_the_middle_moves_the_line_to_the_middle() -> None:
    assert charts.cut(rules.Scale(100, 1000, 550)) == "50.0000%"


def test_the_scale_has_a_tick_for_each_hundred() -> None:
    ticks = chart(500).ticks
    assert len(ticks) == 10
    assert (ticks[0], ticks[1], ticks[-1]) == ("0.00%", "11.11%", "100.00%")


def test_the_sample_of_the_look_is_drawn_to_its_figures() -> None:
    found = charts.scale(USUAL, 784, (715, 853))
    assert (found.band_x, found.band_width, found.dot_x) == ("68.33%", "15.33%", "76.00%")


@pytest.mark.parametrize(
    ("mark", "low", "high"),
    [(100, 108, 90), (279, 108, 90), (280, 90, 90), (820, 90, 90), (821, 90, 108), (1000, 90, 108)],
)
def test_an_end_label_goes_below_a_pass_line_that_is_nearer_than_180(mark: int, low: int, high: int) -> None:
    found = charts.scale(rules.Scale(100, 1000, mark), 500)
    assert (found.low_y, found.high_y, found.height) == (low, high, max(low, high) + 6)


@pytest.mark.parametrize(
    ("score", "x", "anchor"),
    [
        *((100, "0%", "start"), (180, "0%", "start"), (181, "9.00%", "middle")),
        *((919, "91.00%", "middle"), (920, "100%", "end"), (1000, "100%", "end")),
    ],
)
def test_the_label_of_the_score_stands_over_its_dot_and_never_leaves_the_page(
    score: int, x: str, anchor: str
) -> None:
    you = chart(score).you
    assert you == charts.Label(x, anchor)


@pytest.mark.parametrize("scale", [rules.Scale(100, 1000, 750), rules.Scale(100, 1000, 720)])
def test_the_sample_of_a_result_is_just_above_its_line_which_its_band_crosses(scale: rules.Scale) -> None:
    found = sample_chart(scale)
    assert found.band_low is not None
    assert found.score is not None
    assert found.band_low < found.mark == scale.pass_mark < found.score
    if scale.pass_mark == 750:
        share = Fraction(38, 50)
        band = error_band.error_band(50, share, scale)
        assert (found.score, found.band_low, found.band_high) == (784, band.low, band.high)


def test_without_a_band_none_is_drawn() -> None:
    found = charts.scale(USUAL, 500)
    assert found.band_x is None
    assert found.band_low is None


def test_a_bar_has_the_share_that_passes_and_the_range_of_the_true_one() -> None:
    line = charts.place(720, 100, 1000)
    assert charts.bar(0.75, line, (70, 80)) == charts.Bar("75.0%", "68.9%", "70.0%", "10.0%", Tone.ABOVE)
    assert charts.bar(0.75, line, (60, 80)).tone is Tone.CLOSE
    assert charts.bar(0.5, line, (40, 68)).tone is Tone.BELOW


def test_the_tone_of_a_range_goes_by_whole_percents() -> None:
    # The line is at 68.9%, which pages print as 69%.
    line = charts.place(720, 100, 1000)
    assert [charts.bar(0.8, line, (low, 90)).tone for low in (68, 69)] == [Tone.CLOSE, Tone.ABOVE]
    assert [charts.bar(0.5, line, (40, high)).tone for high in (68, 69)] == [Tone.BELOW, Tone.CLOSE]


def test_a_range_is_drawn_from_its_low_to_its_high_end_wherever_the_share_lies() -> None:
    line = charts.place(720, 100, 1000)
    below = charts.bar(0.08, line, (18, 43))
    assert (below.dot_x, below.range_x, below.range_width) == ("8.0%", "18.0%", "25.0%")
    assert charts.bar(1, line, (77, 93)).range_x == "77.0%"


def test_a_bar_without_a_range_or_with_few_answers_has_no_tone() -> None:
    line = charts.place(720, 100, 1000)
    assert charts.bar(0.0, line) == charts.Bar("0.0%", "68.9%", None, None, None)
    assert charts.bar(0.9, line, (80, 95), is_telling=False).tone is None


@pytest.mark.parametrize(
    ("band", "tone"),
    [((720, 800), Tone.ABOVE), ((719, 800), Tone.CLOSE), ((600, 720), Tone.CLOSE), ((600, 719), Tone.BELOW)],
)
def test_a_score_has_the_tone_of_its_whole_band(band: tuple[int, int], tone: Tone) -> None:
    assert charts.scale(rules.Scale(100, 1000, 720), 700, band).tone is tone


def test_the_bar_of_a_weight_begins_at_nothing_and_is_as_wide_as_it() -> None:
    assert [charts.weight(share) for share in (20, 24, 36)] == ["20.0%", "24.0%", "36.0%"]


def test_a_history_shows_the_whole_scale_and_connects_results_in_order() -> None:
    results = [charts.Result("Exam 1", 642, (573, 711)), charts.Result("Exam 2", 784, (715, 853))]
    chart = charts.history(results, USUAL)
    assert (chart.low, chart.high, chart.mark) == (100, 1000, 750)
    first, second = chart.points
    assert chart.courses == [(first, second)]
    assert (first.x, second.x) == ("34.00%", "78.00%")
    assert chart.bottom > first.y > chart.mark_y > second.y > chart.top
    assert first.band_y < first.y < first.band_y + first.band_height
    assert second.label_y < second.band_y


def test_a_history_without_a_band_is_a_point() -> None:
    chart = charts.history([charts.Result("Exam 1", 118, None)], USUAL)
    assert chart.points[0].band_height == 0


@pytest.mark.parametrize("upper", range(600, 860, 10))
def test_no_score_in_a_history_is_crossed_by_the_pass_line(upper: int) -> None:
    result = charts.Result("Exam 1", upper - 80, (upper - 160, upper))
    chart = charts.history([result], rules.Scale(100, 1000, 720))
    [point] = chart.points
    # A figure is 11 px above its line.
    assert not point.label_y - 13 < chart.mark_y < point.label_y + 2
    assert not point.band_y < point.label_y - 5 < point.band_y + point.band_height


def test_a_band_without_a_score_lies_where_a_score_would_have_it() -> None:
    alone = charts.scale(USUAL, None, (460, 910))
    scored = charts.scale(USUAL, 700, (460, 910))
    assert (alone.band_x, alone.band_width, alone.line) == (scored.band_x, scored.band_width, scored.line)


def test_an_empty_scale_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        charts.place(1, 5, 5)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_no_scale_has_more_than_ten_steps(low: int, width: int) -> None:
    assert 1 <= width / charts.step(low, low + width) <= 10 or width < 1


def test_a_histogram_counts_every_result_once_and_the_pass_line_is_a_border() -> None:
    found = charts.histogram([(100, 1), (149, 2), (150, 3), (749, 4), (750, 5), (1000, 6)], USUAL)
    counted = {(one.low, one.high): one.count for one in found.bins if one.count}
    assert counted == {(100, 149): 3, (150, 199): 3, (700, 749): 4, (750, 799): 5, (950, 1000): 6}
    assert (len(found.bins), found.most, found.line.x) == (18, 6, "72.22%")
    tallest = found.bins[-1].column
    assert (tallest.y, tallest.y + tallest.height) == (24, found.axis)
    assert all(one.column.height == 0 for one in found.bins if not one.count)


def test_a_histogram_of_a_short_scale_has_a_column_for_each_score() -> None:
    found = charts.histogram([(0, 1), (10, 1)], rules.Scale(0, 10, 6))
    assert [(one.low, one.high) for one in found.bins][-2:] == [(8, 8), (9, 10)]
    assert sum(one.count for one in found.bins) == 2


@given(
    st.lists(st.tuples(st.integers(100, 1000), st.integers(1, 99)), max_size=30),
)
def test_a_histogram_loses_nobody(results: list[tuple[int, int]]) -> None:
    found = charts.histogram(results, USUAL)
    assert sum(one.count for one in found.bins) == sum(count for _, count in results)


def test_columns_stand_side_by_side_and_an_empty_one_is_a_line() -> None:
    first, *_, last = charts.columns([0.0, 0.5, 0.25, 1.0])
    assert (first.x, first.y, first.height) == ("2.50%", 35, 1)
    assert (last.x, last.width, last.y, last.height) == ("77.50%", "20.00%", 0, 36)
