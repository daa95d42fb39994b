"""Searching in texts: accents and case do not matter, marks stand around what was found and nowhere else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.presentation.highlighting import fold, holds, marked, plain, words_of


@pytest.mark.parametrize(
    ("html", "query", "found"),
    [
        ("<p>Amazon S3</p>", "s3", "<p>Amazon <mark>S3</mark></p>"),
        ("<p>Tükörfúrógép</p>", "tukor", "<p><mark>Tükör</mark>fúrógép</p>"),
        ("<p>tukor</p>", "TÜKÖR", "<p><mark>tukor</mark></p>"),
        ("<p>R&amp;D &lt;b&gt;</p>", "<b>", "<p>R&amp;D <mark>&lt;b&gt;</mark></p>"),
        ('<a href="https://s3.org">x</a>', "s3", '<a href="https://s3.org">x</a>'),
        ("<p>Straße</p>", "strasse", "<p><mark>Straße</mark></p>"),
        ("<p>Straße</p>", "s", "<p><mark>S</mark>tra<mark>ß</mark>e</p>"),
        ("<p>aaa</p>", "aa", "<p><mark>aa</mark>a</p>"),
        ("<p>k-means</p>", "means k-m", "<p><mark>k-means</mark></p>"),
        ("<p>a.b</p>", ".", "<p>a<mark>.</mark>b</p>"),
        ("<p>x</p>", "", "<p>x</p>"),
    ],
)
def test_what_is_found_is_marked(html: str, query: str, found: str) -> None:
    assert marked(html, words_of(query)) == found


def test_every_word_must_be_there() -> None:
    text = fold("Kinesis Data Streams, valós idejű")
    assert holds(text, words_of("valos KINESIS"))
    assert not holds(text, words_of("kinesis batch"))
    assert holds(text, words_of("   "))


def test_a_query_is_cut_to_eight_words_of_a_hundred_characters() -> None:
    assert words_of("a b c d e f g h i j") == tuple("abcdefgh")
    assert words_of("a A á") == ("a",)
    assert words_of("x" * 200) == ("x" * 100,)


HTML = st.lists(
    st.sampled_from(["<p>", "</p>", "<b>", "</b>", "a", "B", "é", "&amp;", "&lt;", " ", "ß"])
).map("".join)


@given(HTML, st.text("aAbBéß&<> m", max_size=6))
def test_without_its_marks_a_text_is_what_it_was(html: str, query: str) -> None:
    found = marked(html, words_of(query))
    assert re.sub(r"</?mark>", "", found) == html
    for mark in re.findall(r"<mark>(.*?)</mark>", found):
        assert "<" not in mark
        assert plain(mark)
