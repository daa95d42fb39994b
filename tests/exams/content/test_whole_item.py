"""An item that stands alone says itself what a blueprint says of the items of exams."""

from dataclasses import replace

import pytest
import yaml

from exams.content.formats.item_yaml import item_row, needed_keys, unique, whole_item
from exams.content.formats.tree import finish, open_document
from exams.content.records import FormatError, ItemRecord, Traits
from exams.kinds.profile import Profile

GOOD = """\
items:
- id: S01
  task: '3.4'
  type: single
  choose: 1
  difficulty: easy
  coverage: [metrics]
  stem: |
    A company measures a model.

    | | Predicted yes | Predicted no |
    | --- | --- | --- |
    | Actual yes | 40 | 10 |
  ask: Which metric is 0.8?
  options:
  - key: A
    text: Precision
    correct: false
    failure: W1
    why: It divides by what was predicted.
  - key: B
    text: Recall
    correct: true
    why: It is 40 of 50.
  explanation:
    why_correct: Why
    principle: Principle
    exam_tip: Tip
  references:
  - title: Page
    url: https://docs.aws.amazon.com/s3/
"""


def read(text: str) -> list[ItemRecord]:
    root, problems = open_document(text.encode(), "sample.yaml")
    needed = needed_keys(Profile())
    items = [whole_item(row, needed) for row in unique(root.fields(("items",)).rows("items"), "id", "item")]
    finish(problems)
    return items


def refused(text: str) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_item_says_what_it_is() -> None:
    (item,) = read(GOOD)
    assert item.traits == Traits("3.4", "single", 1, "easy", ("metrics",))
    assert item.ask == "Which metric is 0.8?"
    assert item.stem.endswith("| Actual yes | 40 | 10 |")
    assert item.keys == ("B",)
    assert str(item.place) == "sample.yaml:2"


def test_a_whole_item_reads_back_as_it_was_written() -> None:
    items = read(GOOD)
    items.append(replace(items[0], id="S02", traits=Traits("1.1", "single", 1, "hard", (), "apply")))
    assert read(yaml.safe_dump({"items": [item_row(item) for item in items]}, sort_keys=False)) == items


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  ask: Which metric is 0.8?\n", "", "sample.yaml:2: S01: the key 'ask' is missing"),
        ("  task: '3.4'\n", "", "sample.yaml:2: S01: the key 'task' is missing"),
        ("type: single", "type: ordering", "sample.yaml:4: S01: expected one of single, multiple"),
        ("type: single", "type: multiple", "sample.yaml:5: S01: of type multiple not 1 can be chosen"),
        ("choose: 1", "choose: 2", "sample.yaml:5: S01: of type single not 2 can be chosen"),
        ("correct: true", "correct: false", "sample.yaml:2: S01: 0 of 2 options are correct, 1 are to be"),
        ("key: B", "key: C", "sample.yaml:16: S01: the options are AC, not letters from A on"),
        ("difficulty: easy", "difficulty: soft", "sample.yaml:6: S01: expected one of easy, medium, hard"),
        ("coverage: [metrics]", "coverage: metrics", "sample.yaml:7: S01: expected a list, found text"),
        ("id: S01", "id: S01\n  scored: true", "sample.yaml:3: S01: unknown key 'scored'"),
    ],
)
def test_a_fault_of_a_whole_item_is_named_with_file_line_and_item(old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    found = refused(GOOD.replace(old, new))
    assert any(line.startswith(said) for line in found), found


@pytest.mark.parametrize(
    ("old", "line"),
    [
        ("A company measures", 8),
        ("Which metric", 14),
        ("Precision", 17),
        ("It divides", 20),
        ("Why\n", 26),
        ("Principle\n", 27),
        ("Tip\n", 28),
        ("Page", 30),
    ],
)
@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "&#x202e;", "&rlm;"])
def test_no_text_of_an_item_changes_the_direction_of_what_is_read(old: str, line: int, sign: str) -> None:
    assert GOOD.count(old) == 1
    (found,) = refused(GOOD.replace(old, f"{old[:1]}{sign}{old[1:]}"))
    assert found.startswith(f"sample.yaml:{line}: S01: the text holds U+20"), found


def test_code_is_not_written_backwards_either() -> None:
    code = "    ```python\n    allowed = 1  # \u2067 no\n    ```\n"
    (found,) = refused(GOOD.replace("  ask: Which", f"\n{code}  ask: Which"))
    assert found == "sample.yaml:8: S01: the text holds U+2067, which changes its direction"


def test_code_that_is_only_indented_is_refused() -> None:
    (found,) = refused(GOOD.replace("  ask: Which", "\n        SELECT 1\n  ask: Which"))
    assert found == "sample.yaml:8: S01: code is only indented; fence it with its language"
