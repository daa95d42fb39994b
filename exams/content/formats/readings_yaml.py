"""Readings of an exam: who answered which item without its key, and how.

A handout is such a file to be filled in: it shows stem and options beside each empty answer. Filled in, it
reads like any other; the texts that it shows are not read back, the fingerprint says which wording they were.
"""

from collections.abc import Iterable
from typing import Any, Final

from exams.content.formats.dump import dump
from exams.content.formats.tree import Branch, Fields, finish, open_document
from exams.content.markdown import figure_names
from exams.content.records import ExamReadings, ItemRecord, Reading

READING_KEYS: Final = ("item", "round", "reader", "fingerprint", "answer", "second_option")
SHOWN_KEYS: Final = ("stem", "ask", "figures", "options")


def read_readings(data: bytes, file: str) -> ExamReadings:
    """Read readings or a filled handout; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "readings"))
    name = top.text("exam")
    readings = tuple(_reading(row) for row in top.rows("readings"))
    seen: set[tuple[str, int, str]] = set()
    for reading, row in zip(readings, top.rows("readings"), strict=True):
        who = (reading.item, reading.round, reading.reader)
        if who in seen:
            row.complain(f"reader {reading.reader!r} has read {reading.item} twice in round {reading.round}")
        seen.add(who)
    finish(problems)
    return ExamReadings(name, readings, root.place)


def _reading(branch: Branch) -> Reading:
    fields = branch.fields(READING_KEYS, ("note", *SHOWN_KEYS))
    number = fields.number("round")
    if "round" in fields and number < 1:
        fields["round"].complain("rounds are counted from 1")
    return Reading(
        item=fields.text("item"),
        round=number,
        reader=fields.text("reader"),
        fingerprint=_or_none(fields, "fingerprint"),
        answer=fields["answer"].texts(),
        second_option=_or_none(fields, "second_option"),
        note="" if "note" not in fields or fields["note"].is_blank() else fields["note"].text(),
        place=branch.place,
    )


def _or_none(fields: Fields, key: str) -> str | None:
    return None if key not in fields or fields[key].is_null() else fields.text(key)


def write_readings(record: ExamReadings) -> bytes:
    """Write the readings of an exam; reading it again gives an equal record."""
    return dump({"exam": record.name, "readings": [_row(reading) for reading in record.readings]})


def _row(reading: Reading) -> dict[str, Any]:
    return {
        "item": reading.item,
        "round": reading.round,
        "reader": reading.reader,
        "fingerprint": reading.fingerprint,
        "answer": list(reading.answer),
        "second_option": reading.second_option,
        "note": reading.note,
    }


def write_handout(name: str, items: Iterable[tuple[ItemRecord, int]]) -> bytes:
    """Write a file to be filled in, of items and the round each is read in. Shows no key and no reason."""
    return dump({"exam": name, "readings": [_handout_row(item, number) for item, number in items]})


def _handout_row(item: ItemRecord, number: int) -> dict[str, Any]:
    return {
        "item": item.id,
        "stem": item.stem,
        **({"ask": item.ask} if item.ask else {}),
        **_shown_figures(item),
        "options": {option.letter: option.text for option in item.options},
        "round": number,
        "reader": "",
        "fingerprint": item.fingerprint,
        "answer": [],
        "second_option": None,
        "note": "",
    }


def _shown_figures(item: ItemRecord) -> dict[str, dict[str, str]]:
    """Return what the figures of the question show, in words; those of the explanation would tell the key."""
    names = figure_names(*item.question_texts)
    said = {figure.name: figure.description for figure in item.figures if figure.name in names}
    return {"figures": said} if said else {}
