"""The Markdown of a cheat sheet section, and S01 to S09: each rule is seen to hold and to fail."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from exams.cheatsheet.records import OutlineRecord
from exams.cheatsheet.section_md import read_section
from exams.content.records import FormatError
from tests.exams.cheatsheet import builders
from tests.exams.content.builders import words

FILE = "cheatsheet/en/1-overview.md"
GOOD = builders.text_of_section()


def measured(*texts: str, outline: OutlineRecord | None = None) -> list[str]:
    sections = tuple(read_section(text.encode(), FILE) for text in texts)
    report = builders.measure(sections, outline or builders.outline())
    return [str(breach) for breach in report.breaches]


def test_a_section_is_read_block_by_block() -> None:
    section = read_section(GOOD.encode(), FILE)
    intro, services = section.blocks
    assert (section.title, intro.number, intro.title, intro.covers) == (
        "Exam overview",
        "1.1",
        "Introduction",
        (),
    )
    assert [passage.text for passage in intro.paragraphs] == [words("w", 60)]
    assert services.covers == ("s3",)
    assert [cell.text for cell in services.cells] == [
        "Service",
        "Role",
        "Amazon S3",
        "Keeps objects \\| files",
    ]
    assert [(bullet.text, bullet.place.line) for bullet in services.bullets] == [
        ("**Reading:** in place, by every engine.", 17)
    ]
    assert [step.text for step in services.steps] == ["**First:** look."]
    assert [[tip.text for tip in group] for group in services.tips] == [[], ["**Exam tip:** One copy."]]
    assert services.paragraphs == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ":1: expected a title"),
        (GOOD.replace("<!-- covers: s3 -->", "covers: s3"), ":9: expected '<!-- covers: a, b -->' below"),
        (GOOD.replace("## 1.2 Services", "## Services"), ":8: expected '## n.m Title'"),
        (GOOD.replace("\n## 1.1", "Text\n\n## 1.1", 1), ":2: text before the first block"),
        (GOOD + "\n# Again\n", ":24: the title of the section comes once"),
        (GOOD + "\n## 1.3 Nothing\n", ":24: block 1.3 is empty"),
    ],
)
def test_a_section_of_another_shape_is_refused(text: str, found: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_section(text.encode(), FILE)
    assert any(f"{FILE}{found}" in str(problem) for problem in caught.value.problems)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FormatError, match=r"1-overview\.md:2: the file is not UTF-8"):
        read_section(b"# One\n\xff", FILE)


def test_a_good_cheat_sheet_breaks_no_rule() -> None:
    section = read_section(GOOD.encode(), FILE)
    report = builders.measure((section,), builders.outline())
    assert report.breaches == ()
    assert [table.title for table in report.tables] == [FILE, "the cheat sheet in 'en' as a whole"]
    rules = {figure.rule for table in report.tables for figure in table.figures}
    assert rules == {f"S{number:02d}" for number in range(1, 11)}


type Change = Callable[[str], str]

CELL = "Keeps objects \\| files"
ENTRY = "in place,\n  by every engine."
BREACHES: list[tuple[str, str, Change]] = [
    (f"{FILE}:1: S01", "section 'Other'", lambda t: t.replace("Exam overview", "Other")),
    (f"{FILE}: S02", "missing: 1.2", lambda t: t[: t.index("## 1.2")]),
    (f"{FILE}:24: 1.3: S02", "is not in the plan", lambda t: t + "\n## 1.3 More\n<!-- covers: -->\n"),
    (f"{FILE}:8: 1.2: S02", "title 'Other', outlined 'Services'", lambda t: t.replace("Services", "Other")),
    (f"{FILE}:24: 1.2: S02", "appears twice", lambda t: t + t[t.index("\n## 1.2") :]),
    (f"{FILE}:3: 1.2: S02", "is where 1.1 belongs", lambda t: swapped(t)),
    (f"{FILE}:8: 1.2: S03", "has not the form 'table'", lambda t: t.replace("| ", "/ ")),
    (
        f"{FILE}:3: 1.1: S03",
        "has not the form 'text'",
        lambda t: t.replace("\n## 1.2", "- **B** c\n\n## 1.2"),
    ),
    (f"{FILE}:8: 1.2: S04", "unknown coverage id 's4'", lambda t: t.replace(": s3", ": s3, s4")),
    (f"{FILE}:8: 1.2: S04", "names a coverage id twice", lambda t: t.replace(": s3", ": s3, s3")),
    ("cheatsheet/en: S05", "taught by no block: s3", lambda t: t.replace(": s3", ":")),
    (f"{FILE}:13: 1.2: S06", "31 words in a cell", lambda t: t.replace(CELL, words("c", 31))),
    (f"{FILE}:17: 1.2: S07", "46 words in a list entry", lambda t: t.replace(ENTRY, words("e", 45))),
    (
        f"{FILE}:17: 1.2: S07",
        "begins with 'Reading: in place, b",
        lambda t: t.replace("**Reading:**", "Reading:"),
    ),
    (f"{FILE}:22: 1.2: S07", "begins with '**First look.'", lambda t: t.replace("First:**", "First")),
    (f"{FILE}:3: 1.1: S08", "59 words in the introduction", lambda t: t.replace("w59", "")),
    (f"{FILE}:3: 1.1: S08", "111 words in the introduction", lambda t: t.replace("w59", words("v", 52))),
    (f"{FILE}:8: 1.2: S10", "colour", lambda t: t.replace(CELL, "Keeps the colour")),
    (f"{FILE}:24: 1.2: S09", "2 exam tips in a group", lambda t: t + "\n- **Exam tip:** Again.\n"),
]


def swapped(text: str) -> str:
    """Put the second block before the first."""
    head, first, second = text.partition("## 1.1")[0], *text[text.index("## 1.1") :].split("## 1.2")
    return f"{head}## 1.2{second}\n{first}"


@pytest.mark.parametrize(("where", "found", "change"), BREACHES)
def test_a_breach_names_file_line_block_and_rule(where: str, found: str, change: Change) -> None:
    text = change(GOOD)
    assert text != GOOD
    lines = measured(text)
    assert any(line.startswith(f"{where}: {found}") for line in lines), lines


def test_texts_at_their_limits_are_no_breach() -> None:
    text = GOOD.replace(CELL, words("c", 30)).replace(ENTRY, words("e", 44))
    assert measured(text.replace("w59", words("v", 51))) == []


def test_a_subheading_begins_another_group_for_exam_tips() -> None:
    assert measured(GOOD + "\n### Third\n\n**Exam tip:** Again.\n") == []


def test_a_section_without_a_file_and_a_file_without_a_section_are_breaches() -> None:
    two = replace(builders.outline(), sections=builders.outline().sections * 2)
    assert any("S01: section 1 (Exam overview) has no file" in line for line in measured(GOOD, outline=two))
    assert any(
        "S01: section 'Exam overview' (limit: no further file)" in line for line in measured(GOOD, GOOD)
    )


def test_a_cheat_sheet_without_an_outline_is_a_breach() -> None:
    report = builders.measure((read_section(GOOD.encode(), FILE),), None)
    assert [str(breach) for breach in report.breaches] == [
        "cheatsheet/en: S01: the cheat sheet has no outline (limit: an outline) [sheet-has-outline]"
    ]
