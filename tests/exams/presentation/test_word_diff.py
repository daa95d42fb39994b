"""Words that went and came are marked; joined again they are the texts that were compared."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exams.presentation.word_diff import MOST, marked

TEXTS = st.text(alphabet=st.sampled_from("ab \n.é|"), max_size=60)


def test_a_changed_word_is_marked_alone() -> None:
    assert marked("keeps its data.", "keeps its logs.") == [
        ("same", "keeps its "),
        ("gone", "data"),
        ("new", "logs"),
        ("same", "."),
    ]


def test_words_that_follow_each_other_are_marked_in_a_row() -> None:
    assert marked("No staff. Which one is best?", "No staff. An evening is left.") == [
        ("same", "No staff. "),
        ("gone", "Which one"),
        ("new", "An evening"),
        ("same", " is "),
        ("gone", "best?"),
        ("new", "left."),
    ]
    assert marked("a b", "c d") == [("gone", "a b"), ("new", "c d")]
    assert marked("a b", "a c\n") == [("same", "a "), ("gone", "b"), ("new", "c\n")]


def test_texts_that_are_equal_have_no_mark() -> None:
    assert marked("the same", "the same") == [("same", "the same")]
    assert marked("", "") == []


@given(TEXTS, TEXTS)
@settings(max_examples=100)
def test_the_pieces_are_both_texts_again(before: str, after: str) -> None:
    pieces = marked(before, after)
    assert "".join(text for mark, text in pieces if mark != "new") == before
    assert "".join(text for mark, text in pieces if mark != "gone") == after


def test_very_long_texts_are_shown_whole_instead_of_compared() -> None:
    before, after = "word " * MOST, "other " * MOST
    assert marked(before, after) == [("gone", before), ("new", after)]
