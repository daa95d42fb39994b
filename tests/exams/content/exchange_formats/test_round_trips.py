"""Whole items into each format and back: equal, or different exactly where a loss was announced."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from exams.content.exchange_formats.building import text_fields
from exams.content.exchange_formats.registry import FORMATS, read, write
from exams.content.exchange_formats.shape import Parsed, Written
from exams.content.records import ItemRecord, WholeItem
from tests.exams.content.exchange_formats.builders import codes, good, items, whole

MANY = settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
LOSSLESS = ("yaml", "csv", "xlsx")
OF_QUESTIONS = ("gift", "moodle", "qti")


def there_and_back(name: str, *given_items: WholeItem) -> tuple[Written, Parsed]:
    """Write items into a format and read them again."""
    written = write(name, given_items)
    parsed = read(name, written.data, f"file{FORMATS[name].suffixes[0]}")
    assert not parsed.problems, list(map(str, parsed.problems))
    assert len(parsed.items) == len(given_items)
    return written, parsed


def announced(written: Written, item: WholeItem) -> WholeItem:
    """Return an item without what the losses of writing it name, and the fields that may look different."""
    mine = [loss for loss in written.losses if loss.item == item.record.id]
    gone = {dict(loss.values)["language"] for loss in mine if loss.code == "translation"}
    kept = {language: one for language, one in item.texts.items() if language not in gone}
    labels = {dict(loss.values)["field"] for loss in mine if loss.code == "field"}
    assert not labels or "\\" in "".join(map(str, labels))
    return WholeItem(item.record, item.language, kept, item.tags, item.source)


def fields_of(record: ItemRecord) -> dict[str, str]:
    """Return the Markdown of an item by the names of its fields."""
    return dict(text_fields(record))


def without_texts(record: ItemRecord) -> ItemRecord:
    """Return an item without its Markdown."""
    options = tuple(replace(option, text="", why="") for option in record.options)
    nothing: Any = replace(record.explanation, why_correct="", principle="", exam_tip="")
    return replace(record, stem="", ask="", options=options, explanation=nothing)


def differences(found: WholeItem, expected: WholeItem) -> dict[str, tuple[object, object]]:
    """Return what differs between two items, by the names of fields."""
    pairs = {
        field.name: (getattr(found, field.name), getattr(expected, field.name)) for field in fields(found)
    }
    record = {
        field.name: (getattr(found.record, field.name), getattr(expected.record, field.name))
        for field in fields(found.record)
        if field.name != "place"
    }
    del pairs["record"]
    return {name: pair for name, pair in {**pairs, **record}.items() if pair[0] != pair[1]}


@MANY
@given(items(1).filter(good), st.sampled_from(LOSSLESS))
def test_tables_and_our_own_format_give_back_equal_items(item: WholeItem, name: str) -> None:
    written, parsed = there_and_back(name, item)
    assert differences(parsed.items[0], item) == {}
    assert (written.losses, parsed.losses) == ((), ())


@MANY
@given(items(1).filter(good), st.sampled_from(OF_QUESTIONS))
def test_formats_of_questions_give_back_what_no_loss_names(item: WholeItem, name: str) -> None:
    written, parsed = there_and_back(name, item)
    (found,) = parsed.items
    expected = announced(written, item)
    assert (found.language, found.texts) == (expected.language, {})
    if "field" not in codes(written.losses):
        assert (found.tags, found.source) == (expected.tags, expected.source)
        assert without_texts(found.record) == without_texts(item.record)
    told = {
        dict(loss.values)["field"]: loss.code
        for loss in written.losses
        if loss.code in ("markup", "formatting")
    }
    before, after = fields_of(item.record), fields_of(found.record)
    for field, text in before.items():
        assert after[field] == text or field in told, (field, text, after[field])


@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_every_field_has_a_place_in_formats_of_questions(name: str) -> None:
    item = whole()
    _, parsed = there_and_back(name, item)
    assert parsed.items == (replace(item, record=replace(item.record, figures=()), texts={}),)


@pytest.mark.parametrize("name", LOSSLESS)
def test_every_field_and_every_language_has_a_place_in_tables_and_our_own_format(name: str) -> None:
    item = whole()
    _, parsed = there_and_back(name, item)
    (found,) = parsed.items
    if name != "yaml":
        bare = {"hu": replace(item.texts["hu"], figures=())}
        item = replace(item, record=replace(item.record, figures=()), texts=bare)
    assert found == item
