"""Losses and faults of exchange formats in the language of who reads them."""

import re

import pytest
from django.utils.translation import override

from exams.content.exchange_formats.messages import FAULTS, LOSSES
from exams.content.exchange_formats.registry import read
from exams.content.exchange_formats.shape import Fault, Loss
from exams.content.records import NOWHERE, Problem
from exams.presentation.exchange_messages import sentence


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Skipped: a question of the type “essay”. Only single and multiple choice can be imported."),
        (
            "hu",
            "Kihagyva: „essay” típusú kérdés. "
            "Csak egy- és többválaszos feleletválasztós kérdés importálható.",
        ),
    ],
)
def test_a_loss_is_told_in_the_language_of_the_reader(language: str, expected: str) -> None:
    (loss,) = read("gift", b"::A::Write.{}", "quiz.gift").losses
    with override(language):
        assert sentence(loss) == expected
    assert str(loss) == f"quiz.gift:1: A: {LOSSES['skipped_kind'] % {'kind': 'essay'}}"


def test_a_refusal_is_told_in_the_language_of_the_reader() -> None:
    (problem,) = read("moodle", b"<!DOCTYPE quiz []><quiz/>", "quiz.xml").problems
    with override("hu"):
        assert sentence(problem) == "A fájlban DTD van, ami nem megengedett."


def test_a_problem_without_a_code_is_told_as_it_is() -> None:
    assert sentence(Problem(NOWHERE, "", "expected a list")) == "expected a list"


@pytest.mark.parametrize("language", ["en", "hu"])
@pytest.mark.parametrize("code", [*LOSSES, *FAULTS])
def test_every_sentence_can_be_put_together_in_every_language(code: str, language: str) -> None:
    text = LOSSES.get(code) or FAULTS[code]
    values = tuple((name, f"<{name}>") for name in re.findall(r"%\((\w+)\)s", text))
    one = Loss(NOWHERE, "", code, values) if code in LOSSES else Fault(NOWHERE, "", "", code, values)
    with override(language):
        told = sentence(one)
    assert all(value in told for _, value in values)
    assert "%(" not in told
