"""C01 to C04: the fact check is read by its shape, and each rule is seen to hold and to fail."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exams.content.catalog import GuidePart
from exams.content.folder import Folder
from exams.content.formats.factcheck_md import read_factcheck
from exams.content.freshness import FactCheckPart, checked_by_exam
from exams.content.records import (
    CheckedRow,
    FactCheckRecord,
    FormatError,
    OpenStatement,
)
from exams.content.sample import SamplePart
from tests.exams.content import builders
from tools.items.measure import facts
from tools.items.report import report

ITEMS = [item.id for item in builders.exam(1).items]
GENERAL = "\n".join(f"| {item} | 2026-11-24 | It is known | general knowledge |" for item in ITEMS[3:])
GOOD = f"""\
# The fact check

## Exam 1

| Item | Checked on | What decides | Page |
| --- | --- | --- | --- |
| E1-Q01 | 2026-11-24 | It is so | [Buckets \\| `objects` [1]](https://docs.aws.amazon.com/s3/a.html) |
| E1-Q02 | 2026-11-24 | | [Buckets](https://docs.aws.amazon.com/s3/b.html) |
| E1-Q02 | 2026-11-25 | 2 x 3 = 6 | calculation |
{GENERAL}

### Statements that could not be confirmed

These decide no key:

| Item | Statement | What is missing |
| --- | --- | --- |
| E1-Q01 | Another service reads them | no page read |

| Item | Statement | What is missing | Decides the key |
| --- | --- | --- | --- |
| E1-Q03 | A third service keeps them | no page read | in part |

## Flashcards

| Page | Address | Cards |
| --- | --- | --- |
| Buckets | not recorded | FC-001 |
"""


FIRST, FOURTH = (
    next(line + "\n" for line in GOOD.splitlines() if line.startswith(f"| {item}"))
    for item in ("E1-Q01", "E1-Q04")
)


def read(text: str) -> FactCheckRecord:
    return read_factcheck(text.encode(), "CHECKED.md", builders.GUIDE.item_ids)


def measured(text: str, *revised: str) -> list[str]:
    guide = replace(builders.GUIDE, revised=frozenset(revised))
    content = builders.content(builders.blueprint(), (builders.exam(1),), guide=guide)
    return [str(breach) for breach in report(facts(read(text), content)).breaches]


def test_a_good_fact_check_is_read_and_breaks_no_rule() -> None:
    (exam,) = read(GOOD).exams
    assert (exam.number, len(exam.rows)) == (1, 20)
    day, url = date(2026, 11, 24), "https://docs.aws.amazon.com/s3/"
    title = "Buckets \\| `objects` [1]"
    assert tuple(exam.rows[:4]) == (
        CheckedRow("E1-Q01", day, "It is so", title, f"{url}a.html"),
        CheckedRow("E1-Q02", day, "", "Buckets", f"{url}b.html"),
        CheckedRow("E1-Q02", date(2026, 11, 25), "2 x 3 = 6", "calculation"),
        CheckedRow("E1-Q04", day, "It is known", "general knowledge"),
    )
    assert tuple(exam.open) == (
        OpenStatement("E1-Q01", "Another service reads them", "no"),
        OpenStatement("E1-Q03", "A third service keeps them", "in part"),
    )
    assert measured(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "breach"),
    [
        (FOURTH, "", "CHECKED.md:3: E1-Q04: C01: is not traced (limit: each item)"),
        (FIRST, FIRST.replace("E1-Q01", "E2-Q07"), "CHECKED.md:7: E2-Q07: C01: is not in exam 1"),
        ("## Exam 1", "## Exam 2", "CHECKED.md: E1-Q01: C01: is not traced (limit: each item)"),
        ("(https://docs.aws.amazon.com/s3/b.html)", "(unknown)", "CHECKED.md:8: E1-Q02: C02: no address of"),
        ("| in part |", "| yes |", "CHECKED.md:38: E1-Q03: C03: unconfirmed: A third service keeps them"),
    ],
)
def test_a_breach_names_line_item_and_rule(old: str, new: str, breach: str) -> None:
    assert old in GOOD
    lines = measured(GOOD.replace(old, new, 1))
    assert any(line.startswith(breach) for line in lines), lines


def test_each_item_of_a_revised_exam_says_what_decides() -> None:
    name = "mls-c01-exam-1"
    assert measured(GOOD, name) == [
        "CHECKED.md:3: E1-Q03: C04: does not say what decides (limit: a sentence and a page) [deciding-facts]"
    ]
    row = "| E1-Q03 | 2026-11-24 | It keeps them | [Page](https://docs.aws.amazon.com/s3/c.html) |\n"
    whole = GOOD.replace("| E1-Q04", f"{row}| E1-Q04", 1)
    assert measured(whole, name) == []
    silent = whole.replace("It keeps them", "")
    assert [line.split(": C04")[0] for line in measured(silent, name)] == ["CHECKED.md:3: E1-Q03"]
    assert measured(silent) == []


def test_a_revised_exam_without_a_fact_check_breaks_the_rule(tmp_path: Path) -> None:
    def breaches(*revised: str) -> set[str]:
        guide = replace(builders.GUIDE, revised=frozenset(revised))
        content = builders.content(builders.blueprint(), (builders.exam(1),), guide=guide)
        record = FactCheckPart().read(Folder(tmp_path), content)
        return {one.rule for one in report(facts(record, content)).breaches} if record else set()

    assert breaches() == set()
    assert breaches("mls-c01-exam-1") == {"C01", "C04"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("2026-11-24", "2026-13-24", "CHECKED.md:7: expected a date such as 2026-03-31, found '2026-13-24'"),
        ("2026-11-24", "", "CHECKED.md:7: expected a date such as 2026-03-31, found ''"),
        ("### Statements", "### Other", "CHECKED.md:28: expected the part Statements"),
        ("| 2026-11-24 ", "", "CHECKED.md:7: expected item, day, what decides, and page"),
        ("calculation", "counted", "CHECKED.md:9: expected a page as a link, or general knowledge or calc"),
        ("| E1-Q04", "| E1Q04", "CHECKED.md:10: expected an item in the first column, found 'E1Q04'"),
        ("| in part |", "| Yes |", "CHECKED.md:38: expected no, in part or yes, found 'Yes'"),
        ("| in part |", "| in part | x |", "CHECKED.md:38: expected item, statement, what is missing"),
    ],
)
def test_a_line_of_another_shape_is_a_fault(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    with pytest.raises(FormatError) as caught:
        read(GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(fault)


def test_ids_are_found_by_the_pattern_of_the_guide(tmp_path: Path) -> None:
    (tmp_path / "CHECKED.md").write_text(GOOD.replace("E1-Q", "CT1-"))
    content = builders.content(builders.blueprint(), ())
    content.put(GuidePart(), replace(builders.GUIDE, item_ids=re.compile(r"CT\d-\d\d")))
    record = FactCheckPart().read(Folder(tmp_path), content)
    assert record is not None
    assert [row.item for row in record.exams[0].rows[:2]] == ["CT1-01", "CT1-02"]


def test_an_item_was_checked_on_each_day_that_its_rows_name() -> None:
    found = [one for one in checked_by_exam(read(GOOD)) if one.item == "E1-Q02"]
    page = "https://docs.aws.amazon.com/s3/b.html"
    assert [(one.checked_on, one.pages) for one in found] == [
        (date(2026, 11, 24), (page,)),
        (date(2026, 11, 25), ()),
    ]


def traced_sample(items: str) -> list[str]:
    """Return the breaches of a fact check that traces these items of the sample."""
    rows = "\n".join(f"| {item} | 2026-11-26 | It is known | general knowledge |" for item in items.split())
    text = f"{GOOD}\n## Free sample\n\n{rows}\n"
    content = builders.content(builders.blueprint(), (builders.exam(1),))
    content.put(SamplePart(), builders.sample())
    return [str(breach) for breach in report(facts(read(text), content)).breaches]


def test_each_item_of_the_sample_is_traced_too() -> None:
    items = [item.id for item in builders.sample().items]
    assert traced_sample(" ".join(items)) == []
    assert any(": S10: C01: is not traced" in line for line in traced_sample(" ".join(items[:9])))
    assert any(
        ": S11: C01: is not in the sample" in line for line in traced_sample(" ".join([*items, "S11"]))
    )
