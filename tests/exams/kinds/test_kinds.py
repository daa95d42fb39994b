"""What each kind of question allows, and how it is judged."""

import re
from pathlib import Path

import pytest

from exams.kinds import kinds
from exams.kinds.profile import PARTS, Profile, is_readable, shapes


@pytest.mark.parametrize(
    ("name", "keys", "holds"),
    [("single", 1, True), ("single", 2, False), ("multiple", 1, False), ("multiple", 3, True)],
)
def test_a_kind_takes_so_many_keys(name: str, keys: int, holds: bool) -> None:
    assert kinds.KINDS[name].takes(keys) is holds


def test_the_number_of_keys_tells_the_kind() -> None:
    assert [kinds.of_keys(count) for count in (1, 2, 3)] == ["single", "multiple", "multiple"]
    assert kinds.of_keys(0) == "multiple"  # what it is then, others refuse


def test_a_kind_that_nobody_knows_has_no_answer() -> None:
    assert [kinds.has_one_answer(name) for name in ("single", "multiple", "essay")] == [True, False, False]


@pytest.mark.parametrize(
    ("chosen", "choose", "holds"),
    [
        ([1], 1, True),
        ([], 0, False),
        ([1, 2], 2, True),
        ([1], 2, False),
        ([1, 3], 2, False),
        ([1, 1], 1, True),
    ],
)
def test_an_answer_is_judged_all_or_nothing(chosen: list[int], choose: int, holds: bool) -> None:
    assert kinds.Kind.accepts(chosen, {1, 2}, choose) is holds


@pytest.mark.parametrize(
    ("chosen", "choose", "state"),
    [
        ([], 1, "unanswered"),
        ([7], 1, "answered"),
        ([], 3, "unanswered"),
        ([7], 3, "incomplete"),
        ([7, 8], 3, "incomplete"),
        ([7, 8, 9], 3, "answered"),
    ],
)
def test_an_answer_with_too_few_options_is_incomplete(chosen: list[int], choose: int, state: str) -> None:
    assert kinds.Kind.progress(chosen, choose) == state


def test_nobody_else_lists_or_compares_kinds() -> None:
    compared = re.compile(r"kind\b[^\n]{0,20}(?:==|!=|in) ?\(?[\"'](?:single|multiple)[\"']")
    listed = re.compile(r"[\"']single[\"'], ?[\"']multiple[\"']")
    found = {
        str(path)
        for folder in ("exams", "flashcards", "templates", "tools")
        for path in Path(folder).rglob("*")
        if path.suffix in (".py", ".html") and "exams/kinds/" not in str(path)
        for text in [path.read_text()]
        if compared.search(text) or listed.search(text)
    }
    assert {path for path in found if "/migrations/" not in path} == {
        "exams/content/exchange_formats/qti_item.py"  # the words are those of QTI
    }


def test_shapes_are_read_from_a_line() -> None:
    assert shapes("1 of 2, 1 of 4") == {1: (2, 4)}
    assert shapes("2 of 5,3 of 6") == {2: (5,), 3: (6,)}


@pytest.mark.parametrize("line", ["", "4", "2 of 2", "1 of 7", "1 of 4;", "0 of 3"])
def test_what_is_no_line_of_shapes_is_not_read(line: str) -> None:
    assert shapes(line) is None


def test_a_line_names_what_its_kind_takes() -> None:
    assert is_readable("single", "1 of 3")
    assert not is_readable("single", "2 of 4")
    assert not is_readable("multiple", "1 of 4")


def test_the_usual_profile_stores_nothing() -> None:
    assert Profile().stored() == {}
    assert Profile.of({}) == Profile()


def test_a_profile_stores_what_is_not_usual_and_reads_it_again() -> None:
    profile = Profile(
        options={"single": "1 of 2"}, endings={"en": ()}, negative=True, blocking=(), required=PARTS[2:]
    )
    stored = profile.stored()
    assert stored.keys() == {"options", "endings", "negative", "blocking", "required"}
    assert Profile.of(stored).stored() == stored
    assert profile.counts("single", 1) == (2,)
    assert profile.counts("multiple", 2) == profile.counts("single", 2) == ()
