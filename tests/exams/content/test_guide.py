"""What a guide says of openings and of revised exams."""

from dataclasses import replace
from pathlib import Path

import pytest

from exams.content.catalog import CatalogPart
from exams.content.formats.guide_yaml import read_guide
from exams.content.records import FormatError
from tests.exams.content import builders

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
GUIDE_TEXT = "openings:\n  en:\n  - 'An? company'\n  hu: ['Egy cég']\nrevised: [mls-c01-exam-1, sample]\n"


def test_a_guide_names_openings_and_revised_exams() -> None:
    guide = read_guide(GUIDE_TEXT.encode(), "guide.yaml")
    assert {language: len(patterns) for language, patterns in guide.openings.items()} == {"en": 1, "hu": 1}
    assert guide.openings["en"][0].match("A company has")
    assert guide.revised == {"mls-c01-exam-1", "sample"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("An? company", "An? (company", "guide.yaml:3: 'An? (company' is no regular expression"),
        ("['Egy cég']", "Egy cég", "guide.yaml:4: expected a list, found text"),
        ("[mls-c01-exam-1, sample]", "all", "guide.yaml:5: expected a list, found text"),
    ],
)
def test_a_fault_of_the_guide_is_named_with_its_line(old: str, new: str, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_guide(GUIDE_TEXT.replace(old, new).encode(), "guide.yaml")
    assert str(caught.value).startswith(said)


def test_every_exam_of_the_bank_is_judged_by_every_rule() -> None:
    for folder in (path.parent for path in FIXTURES.glob("*/guide.yaml")):
        exams = [path.stem for path in folder.glob("exams/exam-*.yaml") if "." not in path.stem]
        guide = read_guide((folder / "guide.yaml").read_bytes(), "guide.yaml")
        assert guide.revised == {"sample", *(f"{folder.name}-{name}" for name in exams)}


def test_an_exam_that_nobody_plans_cannot_be_revised() -> None:
    for names, faults in (({"mls-c01-exam-1", "sample"}, 0), ({"mls-c01-exam-7"}, 1)):
        guide = replace(builders.GUIDE, revised=frozenset(names))
        content = builders.content(builders.blueprint(), (builders.exam(),), guide=guide)
        found = [*CatalogPart().problems(content[CatalogPart], content)]
        assert [str(one) for one in found] == [
            ": no exam is named 'mls-c01-exam-7' that is said to be revised"
        ][:faults]
