"""The Markdown of items: what counts as a table, code or a figure, and what is wrong with one."""

from collections.abc import Callable

import pytest

from exams.content import markdown

TABLE = "| | B |\n| --- | --: |\n| a | 1 |"


def table(columns: int, rows: int) -> str:
    line = "| " + " | ".join(["x"] * columns) + " |"
    return "\n".join([line, "| " + " | ".join(["---"] * columns) + " |", *[line] * rows])


@pytest.mark.parametrize(
    "text",
    [
        "Two words.",
        "a | b, and a ! b",
        "1. one\n2. two",
        "- one\n    - two\n\n        three",
        "A line\n    that goes on.",
        "```yaml\na:\n    b: 1\n```",
        TABLE,
        table(8, 30),
        "```json\n{}\n```",
        "Before.\n\n![A caption](figure:curve-1)\n\nAfter.",
        "![](figure:curve)",
    ],
)
def test_a_sound_text_has_no_fault(text: str) -> None:
    assert list(markdown.faults(text)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (table(9, 1), "a table has 9 columns; at most 8 are allowed here"),
        (table(2, 31), "a table has 31 rows; at most 30 are allowed"),
        (
            "| | |\n|---|---|\n| a | b |",
            "a table has a column without a heading; only the first may have none",
        ),
        ("| a | b |\n|---|---|\n| 1 | 2 | 3 |", "a row of a table has 3 cells instead of 2: '| 1 | 2 | 3 |'"),
        ("```\ncode\n```", "code is marked ''; known are bash"),
        ("```brainfuck\n+\n```", "code is marked 'brainfuck'"),
        ("```text\n" + "x\n" * 61 + "```", "code has 61 lines; at most 60 are allowed"),
        ("```text\n" + "x" * 121 + "\n```", "a line of code has 121 characters; at most 120 are allowed"),
        ("Text.\n\n    code", "code is only indented; fence it with its language"),
        ("Text.\n\n\tcode", "code is only indented"),
        ("Text.\n\n  \tcode", "code is only indented"),
        ("-     code", "code is only indented"),
        ("- one\n\n      code", "code is only indented"),
        (">     code", "code is only indented"),
        ("See ![it](figure:curve) there.", "figure:curve is not alone in its paragraph"),
        ("![x](https://evil.example/a.png)", "an image leads to 'https://evil.example/a.png'"),
        ("![x](figure:../../etc/passwd)", "an image leads to 'figure:../../etc/passwd'"),
        ("![x](figure:Curve)", "an image leads to 'figure:Curve'"),
        ("a" * 8_001, "the text has 8001 characters; at most 8000 are allowed"),
    ],
)
def test_what_is_too_large_or_unknown_is_a_fault(text: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in markdown.faults(text)), list(markdown.faults(text))


def test_ten_thousand_cells_are_a_fault() -> None:
    (fault,) = markdown.faults(table(100, 100))
    assert "characters" in fault
    assert any("columns" in fault for fault in markdown.faults(table(100, 2)))


def test_a_table_of_an_option_is_narrow() -> None:
    (fault,) = markdown.faults(table(4, 1), columns=markdown.NARROW)
    assert fault == "a table has 4 columns; at most 3 are allowed here"


def test_a_question_shows_nothing_but_words() -> None:
    assert list(markdown.line_faults("Which one fits?")) == []
    assert len(list(markdown.line_faults(f"Which one fits?\n\n{TABLE}"))) == 1


def test_prose_is_what_is_read_as_sentences() -> None:
    text = f"One two.\n\n{TABLE}\n\nThree.\n\n```text\nfour five\n```\n\n![six](figure:seven)\n\nEight."
    assert markdown.prose(text).split() == ["One", "two.", "Three.", "Eight."]
    assert markdown.prose("| is a pipe") == "| is a pipe"


def test_texts_say_what_they_show() -> None:
    assert markdown.kinds_of(TABLE, "x", "```sql\nSELECT 1\n```") == {"table", "code"}
    assert markdown.kinds_of("plain", "a | b") == frozenset()
    assert markdown.figure_names("![](figure:b)\n\n![](figure:a)", "![x](figure:b)") == ("b", "a")
    assert markdown.has_blocks(TABLE)
    assert not markdown.has_blocks("a | b")


@pytest.mark.parametrize(
    "act", [markdown.has_blocks, markdown.figure_names, markdown.kinds_of, markdown.prose]
)
def test_a_text_that_is_too_long_is_never_parsed(
    act: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "_parser", lambda: pytest.fail("parsed"))
    act("![<" * markdown.TEXT_LENGTH + "(figure:a)")
