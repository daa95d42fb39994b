"""C01 to C03: the fact check is read by its shape, and each rule is seen to hold and to fail."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from exams.content.dated import CheckedPage, FactCheckRecord, OpenStatement
from exams.content.factcheck import FactCheckPart
from exams.content.folder import Folder
from exams.content.formats.factcheck_md import read_factcheck
from exams.content.guide import GuidePart
from exams.content.records import (
    FormatError,
)
from exams.content.rules.findings import report
from exams.content.sample import SamplePart
from tests.exams.content import builders

ITEMS = [item.id for item in builders.exam(1).items]
GOOD = f"""\
# The fact check

## Exam 1

Checked on 2026-11-24.

### Pages of public documentation

| Page | Address | Items |
| --- | --- | --- |
| Buckets \\| objects | <https://docs.aws.amazon.com/s3/> | E1-Q01, E1-Q02 |

### General knowledge and calculations

17 items: {", ".join(ITEMS[3:])}.

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


def read(text: str) -> FactCheckRecord:
    return read_factcheck(text.encode(), "CHECKED.md", builders.GUIDE.item_ids)


def measured(text: str) -> list[str]:
    content = builders.content(builders.blueprint(), (builders.exam(1),))
    return [str(breach) for breach in report(FactCheckPart().measure(read(text), content)).breaches]


def test_a_good_fact_check_is_read_and_breaks_no_rule() -> None:
    (exam,) = read(GOOD).exams
    assert (exam.number, exam.checked_on, len(exam.general)) == (1, "2026-11-24", 17)
    url = "https://docs.aws.amazon.com/s3/"
    assert exam.pages == (CheckedPage("Buckets \\| objects", url, ("E1-Q01", "E1-Q02")),)
    assert exam.open == (
        OpenStatement("E1-Q01", "Another service reads them", "no"),
        OpenStatement("E1-Q03", "A third service keeps them", "in part"),
    )
    assert measured(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "breach"),
    [
        ("E1-Q01, E1-Q02 |", "E1-Q01 |", "CHECKED.md:3: E1-Q02: C01: is not traced (limit: each item)"),
        ("E1-Q01, E1-Q02 |", "E1-Q01, E1-Q02, E2-Q07 |", "CHECKED.md:11: E2-Q07: C01: is not in exam 1"),
        ("## Exam 1", "## Exam 2", "CHECKED.md: E1-Q01: C01: is not traced (limit: each item)"),
        ("<https://docs.aws.amazon.com/s3/>", "not recorded", "CHECKED.md:11: C02: no address of"),
        ("| in part |", "| yes |", "CHECKED.md:27: E1-Q03: C03: unconfirmed: A third service keeps them"),
    ],
)
def test_a_breach_names_line_item_and_rule(old: str, new: str, breach: str) -> None:
    lines = measured(GOOD.replace(old, new, 1))
    assert any(line.startswith(breach) for line in lines), lines


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Checked on 2026-11-24.", "", "CHECKED.md:3: exam 1 does not say when it was checked"),
        ("2026-11-24", "2026-13-24", "CHECKED.md:5: expected a date such as 2026-03-31, found '2026-13-24'"),
        ("### General", "### Other", "CHECKED.md:13: expected the part Pages, General or Statements"),
        ("<https://docs.aws.amazon.com/s3/> |", "", "CHECKED.md:11: expected page, address and items"),
        ("| in part |", "| in part | x |", "CHECKED.md:27: expected item, statement, what is missing"),
    ],
)
def test_a_line_of_another_shape_is_a_fault(old: str, new: str, fault: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(fault)


def test_ids_are_found_by_the_pattern_of_the_guide(tmp_path: Path) -> None:
    (tmp_path / "CHECKED.md").write_text(GOOD.replace("E1-Q", "CT1-"))
    content = builders.content(builders.blueprint(), ())
    content.put(GuidePart(), replace(builders.GUIDE, item_ids=re.compile(r"CT\d-\d\d")))
    record = FactCheckPart().read(Folder(tmp_path), content)
    assert record is not None
    assert record.exams[0].pages[0].items == ("CT1-01", "CT1-02")


def traced_sample(items: str) -> list[str]:
    """Return the breaches of a fact check that traces these items of the sample."""
    text = f"{GOOD}\n## Free sample\n\nChecked on 2026-11-26.\n\n### General knowledge\n\n{items}\n"
    content = builders.content(builders.blueprint(), (builders.exam(1),))
    content.put(SamplePart(), builders.sample())
    return [str(breach) for breach in report(FactCheckPart().measure(read(text), content)).breaches]


def test_each_item_of_the_sample_is_traced_too() -> None:
    items = [item.id for item in builders.sample().items]
    assert traced_sample(" ".join(items)) == []
    assert any(": S10: C01: is not traced" in line for line in traced_sample(" ".join(items[:9])))
    assert any(
        ": S11: C01: is not in the sample" in line for line in traced_sample(" ".join([*items, "S11"]))
    )
