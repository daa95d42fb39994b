"""Where the question of a stem begins: the same for what is shown and what is measured."""

import pytest

from exams.content.question import SplitStem, split_question, whole_question


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("A team trains. Which one fits?", "Which one fits?"),
        ("Rows grow by 1.5 GB. Which steps fit? (Select TWO.)", "Which steps fit?"),
        ("It fails. Which tools, e.g. Glue, fit?", "Which tools, e.g. Glue, fit?"),
        ('It says "stop." `fit` or what?', "`fit` or what?"),
        ("Only one sentence?", "Only one sentence?"),
        ("Egy cég tanít. Melyik felel meg? (Válassz KETTŐT.)", "Melyik felel meg?"),
    ],
)
def test_the_question_is_the_last_sentence_without_its_note(text: str, asked: str) -> None:
    assert split_question(text).ask == asked


def test_a_question_of_its_own_is_never_split() -> None:
    asked = whole_question("The share grows. Which steps fit? (Select TWO.)")
    assert asked == SplitStem("", "The share grows. Which steps fit?", "(Select TWO.)")
