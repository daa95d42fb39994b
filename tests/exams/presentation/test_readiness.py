"""The chance to pass in one plain sentence."""

import pytest
from django.utils import translation

from exams.presentation import readiness
from exams.scoring.prediction import Prediction


def prediction(chance: float, low: float, high: float, answers: int = 150) -> Prediction:
    return Prediction(answers, chance, low, high, 760, 680, 840, ())


@pytest.mark.parametrize(
    ("found", "lead"),
    [
        (None, "Answer 20 exam questions and we'll tell you."),
        (prediction(0.01, 0, 0.05), "Not yet. You'd pass fewer than 1 new exam in 20."),
        (prediction(0.08, 0.02, 0.2), "Not yet. You'd pass about 1 new exam in 10."),
        (prediction(0.3, 0.1, 0.5), "Probably not yet. You'd pass about 3 new exams in 10."),
        (prediction(0.5, 0.3, 0.7), "It could go either way. You'd pass about 5 new exams in 10."),
        (prediction(0.71, 0.5, 0.9), "Probably. You'd pass about 7 new exams in 10."),
        (prediction(0.93, 0.8, 0.98), "Very likely. You'd pass about 9 new exams in 10."),
        (prediction(0.99, 0.9, 1), "Very likely. You'd pass more than 19 new exams in 20."),
    ],
)
def test_the_sentence_of(found: Prediction | None, lead: str) -> None:
    with translation.override("en"):
        assert readiness.of(found).lead == lead


@pytest.mark.parametrize(
    ("low", "high", "answers", "said"),
    [
        (0.13, 0.78, 50, "The true chance is probably between 13% and 78%."),
        (0.002, 0.78, 50, "The true chance is probably at most 78%."),
        (0.31, 0.995, 50, "The true chance is probably at least 31%."),
        (0.002, 0.998, 50, "Anything is possible so far."),
        # Many answers, and still nothing that allows a single number.
        (0.11, 0.79, 150, "The true chance is probably between 11% and 79%."),
    ],
)
def test_with_little_evidence_a_range_is_named(low: float, high: float, answers: int, said: str) -> None:
    with translation.override("en"):
        lead = readiness.of(prediction(0.5, low, high, answers)).lead
    assert lead == f"It's too early for a single number. {said}"


@pytest.mark.parametrize(
    ("low", "high", "lead", "often", "fill", "pale"),
    [
        (0.0001, 0.008, "Not yet. The true chance is probably at most 1%.", "Fewer than 1 in 20", 0, 0),
        (0.0001, 0.04, "Not yet. The true chance is probably at most 4%.", "Fewer than 1 in 20", 0, 0),
        (0.97, 0.999, "Very likely. The true chance is probably at least 97%.", "More than 19 in 20", 10, 0),
        (
            0.002,
            0.08,
            "It's too early for a single number. The true chance is probably at most 8%.",
            "0 to 1 in 10",
            0,
            1,
        ),
    ],
)
def test_of_a_range_at_one_end_sentence_words_and_blocks_say_the_same(
    low: float, high: float, lead: str, often: str, fill: int, pale: int
) -> None:
    with translation.override("en"):
        found = readiness.of(prediction(0.5, low, high, 50))
    assert (found.lead, found.often) == (lead, often)
    assert (found.tenths.count("fill"), found.tenths.count("pale")) == (fill, pale)


def test_no_block_is_filled_for_a_chance_of_at_most_one_percent() -> None:
    assert set(readiness.of(prediction(0.002, 0, 0.008)).tenths) == {"track"}


@pytest.mark.parametrize(
    ("low", "high", "answers", "words"),
    [
        (0.13, 0.78, 50, "your chance of passing another one like it is 13% to 78%."),
        (0.4, 0.6, 150, "your chance of passing another one like it is 50%."),
        (0.002, 0.01, 50, "your chance of passing another one like it is at most 1%."),
        (0.94, 0.998, 50, "your chance of passing another one like it is at least 94%."),
        (0.002, 0.998, 50, "Anything is possible so far."),
    ],
)
def test_one_exam_alone_says_a_number_only_where_the_dashboard_would(
    low: float, high: float, answers: int, words: str
) -> None:
    with translation.override("en"):
        assert readiness.by_one_exam(prediction(0.5, low, high, answers)).endswith(words)


def test_without_an_estimate_the_answers_so_far_are_counted() -> None:
    with translation.override("en"):
        found = readiness.of(None, 7)
    assert found.source == "Scored questions that are new to you count: 7 of 20 so far."


def test_where_the_estimate_comes_from_is_said_with_its_interval() -> None:
    found = prediction(0.5, 0.3049, 0.6951)
    with translation.override("en"):
        assert readiness.of(found).source == (
            "Our estimate, from your first answers to 150 scored questions."
            " The true chance is probably between 30% and 70%."
        )
    with translation.override("hu"):
        assert readiness.of(found).source == (
            "A mi becslésünk, 150 pontozott kérdésre adott első válaszod alapján."
            " A valódi esély valószínűleg 30% és 70% között van."
        )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.784, 0.998, " The true chance is probably at least 78%."),
        (0.004, 0.217, " The true chance is probably at most 22%."),
    ],
)
def test_an_end_of_the_interval_that_tells_nothing_is_left_out(low: float, high: float, said: str) -> None:
    with translation.override("en"):
        source = readiness.of(prediction(0.5, low, high, 400)).source
    assert source == f"Our estimate, from your first answers to 400 scored questions.{said}"
