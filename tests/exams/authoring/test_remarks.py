"""What the editor says of a question while it is written: each rule at its field, in both languages."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from exams.authoring import guides, item_remarks
from exams.authoring.items import ItemKind
from exams.authoring.kinds import Remark
from exams.bank import services as bank
from exams.catalog.models import Certification
from exams.content.records import Guide
from exams.content.rules import cues
from exams.content.rules.rule import Violation
from tests import factories

pytestmark = pytest.mark.django_db

STEM: Final = (
    "A bakery chain with 240 shops stores sales of seven years in Amazon S3 as Parquet files of 2 GB. A"
    " small team retrains a forecast every night and has one hour for it. The notebook of the team takes four"
    " hours, since it reads every column of every file."
)
WHY: Final = (
    "The team needs nine of the columns, and a columnar format lets a reader take these alone. The scan"
    " shrinks to a tenth, so that the hour is enough without another machine, and nothing about the stored"
    " files has to be changed for it."
)
RATIONALE: Final = (
    "It does not shorten the scan, so the training would still miss the hour that the team has."
)


def content(**changed: Any) -> dict[str, Any]:
    """Return a question of which no rule says anything."""
    texts = ("Read the needed columns alone", "Sort the files by their shop", "Copy the files to a disk")
    options = [*texts, "Train the model on a larger machine"]
    found: dict[str, Any] = {
        "task": "1.1",
        "kind": "single",
        "choose": 1,
        "difficulty": "medium",
        "level": "apply",
        "covers": [],
        "tags": [],
        "twins": "",
        "source": "",
        "options": [{"key": n == 0, "failure": "" if n == 0 else "W1"} for n in range(4)],
        "references": [
            {"title": "Columnar formats", "url": "https://docs.aws.amazon.com/athena/latest/ug/columnar.html"}
        ],
        "texts": {
            "en": {
                "stem": STEM,
                "ask": "Which change makes the training fit into the hour?",
                "why": WHY,
                "principle": "Read what is needed: the cheapest byte of a scan is one that nobody asks for.",
                "tip": "Few of many columns and a slow scan point to projection in a columnar format.",
                "options": [{"text": text, "why": RATIONALE} for text in options],
                "figures": [],
            }
        },
    }
    return found | changed


def written(field: str, value: Any, **changed: Any) -> dict[str, Any]:
    """Return the question with another text at a field of the original."""
    whole = content(**changed)
    steps = field.split(".")
    inner: Any = whole["texts"]["en"]
    for step in steps[:-1]:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[steps[-1]] = value
    return whole


def keyed(*keys: int, failure: str = "W1", **changed: Any) -> dict[str, Any]:
    """Return the question with other keys."""
    rows = [{"key": n in keys, "failure": "" if n in keys else failure} for n in range(4)]
    return content(options=rows, **changed)


def remarks(certification: Certification, asked: dict[str, Any], code: str = "E9-Q01") -> list[Remark]:
    return list(ItemKind().remarks(certification, code, ItemKind().validate(asked)))


@pytest.fixture
def certification(db: None) -> Certification:
    return factories.make_certification()


def test_a_question_by_the_guide_has_no_remark(certification: Certification) -> None:
    assert remarks(certification, content()) == []


LONG: Final = (
    "Read the needed columns of each file alone, since a columnar format lets a reader skip the others"
)
FOUND: dict[str, tuple[Callable[[], dict[str, Any]], str, str, bool]] = {
    "no question": (lambda: written("ask", "Choose a change."), "texts.en.ask", "stem-ending", True),
    "a negative question": (
        lambda: written("ask", "Which change does NOT fit?"),
        "texts.en.ask",
        "negative-question",
        True,
    ),
    "two constraints": (
        lambda: written("ask", "Which change is FASTEST at the LEAST cost?"),
        "texts.en.stem",
        "one-constraint",
        False,
    ),
    "loud words": (lambda: written("stem", f"{STEM} HURRY now."), "texts.en.stem", "other-capitals", False),
    "an absolute word": (
        lambda: written("options.1.text", "Sort the files always by shop"),
        "texts.en.options.1.text",
        "option-phrases",
        True,
    ),
    "options that read the same": (
        lambda: written("options.2.text", "sort the files by their shop!"),
        "texts.en.options.2.text",
        "same-options",
        True,
    ),
    "a thin rationale": (
        lambda: written("options.1.why", "It is wrong."),
        "texts.en.options.1.why",
        "rationale-length",
        False,
    ),
    "a missing rationale": (
        lambda: written("options.1.why", " "),
        "texts.en.options.1.why",
        "missing-text",
        True,
    ),
    "a thin explanation": (lambda: written("why", "It is."), "texts.en.why", "why-correct-length", False),
    "a thin principle": (
        lambda: written("principle", "So."),
        "texts.en.principle",
        "principle-length",
        False,
    ),
    "a long tip": (lambda: written("tip", "word " * 36), "texts.en.tip", "exam-tip-length", False),
    "no reference": (lambda: content(references=[]), "references", "references", True),
    "another host": (
        lambda: content(references=[{"title": "Blog", "url": "https://example.org/a/b"}]),
        "references.0.url",
        "references",
        True,
    ),
    "a start page": (
        lambda: content(references=[{"title": "S3", "url": "https://docs.aws.amazon.com/s3/"}]),
        "references.0.url",
        "start-pages",
        False,
    ),
    "a letter": (lambda: written("why", f"Option B is slow. {WHY}"), "texts.en.why", "option-letters", True),
    "an old name": (
        lambda: written("stem", f"{STEM} It uses Kinesis Data Firehose."),
        "texts.en.stem",
        "old-names",
        True,
    ),
    "a long key": (
        lambda: written("options.0.text", LONG[:46]),
        "texts.en.options.0.text",
        "longest-key",
        False,
    ),
    "a short key": (
        lambda: written("options.0.text", "Read less"),
        "texts.en.options.0.text",
        "shortest-key",
        False,
    ),
    "clang": (
        lambda: written("options.0.text", "Read Parquet columns for the forecast"),
        "texts.en.options.0.text",
        "clang",
        False,
    ),
    "an article": (
        lambda: written("ask", "The team should use an?"),
        "texts.en.options.0.text",
        "option-grammar",
        False,
    ),
    "a gerund": (
        lambda: written("options.1.text", "Sorting the files by shop"),
        "texts.en.options.1.text",
        "option-grammar",
        False,
    ),
    "a period": (
        lambda: written("options.1.text", "Sort the files by shop now."),
        "texts.en.options.1.text",
        "option-grammar",
        False,
    ),
    "a small letter": (
        lambda: written("options.1.text", "sort the files by their shop"),
        "texts.en.options.1.text",
        "option-grammar",
        False,
    ),
    "British spelling": (
        lambda: written("tip", "Few of many columns and a slow scan: optimise what the reader takes."),
        "texts.en.tip",
        "british-spelling",
        False,
    ),
    "a rationale told twice": (
        lambda: written("options.0.why", WHY),
        "texts.en.why",
        "repeated-rationale",
        False,
    ),
    "too few options": (
        lambda: content(kind="multiple", choose=2) | {"options": keyed(0, 1)["options"]},
        "options",
        "options-of-type",
        True,
    ),
    "too many keys": (lambda: keyed(0, 1), "options", "number-of-keys", True),
    "no task": (lambda: content(task="9.9"), "task", "known-task", True),
}


@pytest.mark.parametrize("case", list(FOUND))
def test_a_fault_is_told_at_its_field(certification: Certification, case: str) -> None:
    asked, field, rule, blocks = FOUND[case]
    found = {(remark.field, remark.rule): remark.blocks for remark in remarks(certification, asked())}
    assert found.get((field, rule)) is blocks, found


@pytest.mark.parametrize("case", list(FOUND))
def test_a_remark_is_a_whole_sentence_in_both_languages(certification: Certification, case: str) -> None:
    asked = FOUND[case][0]()
    with translation.override("en"):
        english = {
            remark.field + remark.rule: str(remark.sentence) for remark in remarks(certification, asked)
        }
    with translation.override("hu"):
        hungarian = {
            remark.field + remark.rule: str(remark.sentence) for remark in remarks(certification, asked)
        }
    assert english.keys() == hungarian.keys()
    for key, sentence in english.items():
        assert sentence != hungarian[key], key
        assert "%(" not in sentence + hungarian[key]


def test_the_guide_of_a_certification_has_bands_of_its_own(
    certification: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guides, "of", lambda code: Guide(bands={"references": (2, 4)}))
    told = {remark.rule: str(remark.sentence) for remark in remarks(certification, content())}
    assert told["references"] == "2 to 4 references, please."


def test_a_table_without_a_question_of_its_own_is_told(certification: Certification) -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nWhich one?"
    whole = written("stem", table)
    whole["texts"]["en"]["ask"] = ""
    found = [remark for remark in remarks(certification, whole) if remark.rule == "question-apart"]
    assert [(one.field, one.blocks) for one in found] == [("texts.en.ask", True)]
    parted = written("stem", table)
    assert [remark.rule for remark in remarks(certification, parted) if remark.rule == "question-apart"] == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("stem", "word " * 1_601),
        ("why", "Look:\n\n    indented code"),
        ("ask", "Which?\n\n```text\none\n```"),
        ("options.1.text", "| a | b | c | d |\n|---|---|---|---|\n| 1 | 2 | 3 | 4 |"),
        ("options.1.why", "![a page](https://example.org/page.png)"),
    ],
)
def test_markdown_that_files_refuse_keeps_a_question_from_publication(
    certification: Certification, field: str, text: str
) -> None:
    found = [remark for remark in remarks(certification, written(field, text)) if remark.rule == "markdown"]
    assert [(one.field, one.blocks, one.language) for one in found] == [(f"texts.en.{field}", True, "en")]


def test_each_rule_has_its_sentence() -> None:
    told = {*item_remarks.SENTENCES, *(rule for rule, _fault in item_remarks.FAULTS)}
    rules = (
        *item_remarks.RULES,
        *item_remarks.TRANSLATION_RULES,
        *cues.CUES,
        *item_remarks.ENGLISH_RULES,
    )
    assert {rule.name for rule in rules} == told


def test_a_translation_is_judged_by_the_rules_of_translations(certification: Certification) -> None:
    whole = content()
    hungarian = {**whole["texts"]["en"], "ask": "Melyik változtatás", "why": "Rövid."}
    whole["texts"] = {**whole["texts"], "hu": hungarian}
    found = remarks(certification, whole)
    assert {(one.field, one.rule, one.language) for one in found} == {("texts.hu.ask", "stem-ending", "hu")}
    whole["texts"]["hu"] = {**hungarian, **dict.fromkeys(("stem", "ask", "why", "principle", "tip"), "")}
    whole["texts"]["hu"]["options"] = [{"text": "", "why": ""} for _ in range(4)]
    assert remarks(certification, whole) == []


def publish(certification: Certification, stem: str, key: str, code: str = "E1-Q01", twins: str = "") -> None:
    """Put a question into the bank with this stem and this key."""
    draft = factories.item_draft(code, 1)
    text = draft.text
    texts = tuple((key if n == 0 else words, why) for n, (words, why) in enumerate(text.options))
    changed = type(text)(
        **{**{name: getattr(text, name) for name in text.__slots__}, "stem": stem, "options": texts}
    )
    whole = type(draft)(**{**{name: getattr(draft, name) for name in draft.__slots__}, "text": changed})
    item = bank.ensure_item(certification, whole)
    item.twins = twins
    item.save()
    bank.publish(bank.draft_version(item, whole, factories.publish_log()))


def near(certification: Certification, asked: dict[str, Any], code: str = "E9-Q01") -> list[tuple[str, str]]:
    found = remarks(certification, asked, code)
    return [(one.rule, str(one.sentence)) for one in found if one.rule in ("similar-stems", "key-in-stem")]


def test_a_stem_like_another_of_the_bank_is_told(certification: Certification) -> None:
    publish(certification, f"{STEM.replace('bakery', 'grocery')} Which step shortens it?", "Something else")
    found = near(certification, content())
    assert [rule for rule, _ in found] == ["similar-stems"]
    assert "E1-Q01" in found[0][1]
    assert near(certification, content(), "E1-Q01") == []


def test_a_key_may_have_as_much_of_the_stem_to_itself_as_another_option_has(
    certification: Certification,
) -> None:
    assert remarks(certification, written("options.0.text", "Read Parquet columns by name")) == []
    both = written("options.0.text", "Read Parquet for the forecast")
    both["texts"]["en"]["options"][1]["text"] = "Sort the bakery sales by their shop"
    assert remarks(certification, both) == []


def test_twins_are_alike_on_purpose(certification: Certification) -> None:
    publish(certification, f"{STEM} Which step shortens it?", "Something else", twins="bakery")
    assert near(certification, content(twins="bakery")) == []
    assert near(certification, content(twins="other")) != []


def test_a_stem_that_gives_away_a_key_is_told_on_both_sides(certification: Certification) -> None:
    publish(certification, "An airline has logs. Which engine reads them?", "Parquet files of 2 GB")
    assert near(certification, content()) == [
        ("key-in-stem", "Gives away the correct answer of E1-Q01: “Parquet files of 2 GB”.")
    ]
    publish(certification, "A bank will read the needed columns alone. Which?", "Nothing of it", "E1-Q02")
    said = [words for _, words in near(certification, content())]
    assert any(words.startswith("The question E1-Q02 gives away") for words in said)


def test_remarks_take_three_statements_however_large_the_bank_is(
    certification: Certification, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(2, 8):
        publish(certification, f"{STEM} Which step {number}?", "Something else", f"E1-Q0{number}")
    with django_assert_num_queries(3):
        assert len(near(certification, content())) == 6


def test_what_breaks_a_rule_reads_in_reports_as_before() -> None:
    said = Violation.at("options.1.text", "'always' in the option at B", word="always")
    assert said == "'always' in the option at B"
    assert (said.field, said.values) == ("options.1.text", {"word": "always"})
