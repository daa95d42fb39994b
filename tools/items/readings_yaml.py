"""Readings of an exam: who answered which item without its key, and how.

Beside them the file says how like the exam the same readers found samples of the vendor (`samples`, numbers
only), and what readers without the subject answered (`lay`).

A handout is such a file to be filled in: it shows stem and options beside each empty answer. Filled in, it
reads like any other; the texts that it shows are not read back, the fingerprint says which wording they were.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from exams.content.formats.tree import Branch, Fields, dump, finish, open_document
from exams.content.markdown import figure_names
from exams.content.records import ItemRecord
from tools.items.records import ExamReadings, Free, LayReading, Reading, SampleLikeness
from tools.items.values import decimal, is_blank

READING_KEYS: Final = ("item", "round", "reader", "fingerprint", "answer", "second_option")
ASKED_KEYS: Final = ("free", "likeness", "certainty", "difficulty", "note")
SHOWN_KEYS: Final = ("stem", "ask", "figures", "options")
SAMPLE_KEYS: Final = ("reader", "round", "count", "likeness")
SAMPLE_MEANS: Final = ("difficulty", "too_easy", "free", "keys", "hesitated")
LAY_KEYS: Final = ("item", "reader", "fingerprint", "answer")
MARKS: Final = range(1, 6)
"""How like the real exam an item is, how hard, how sure a reader was: from 1, not at all, to 5."""


def read_readings(data: bytes, file: str) -> ExamReadings:
    """Read readings or a filled handout; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "readings"), ("samples", "lay"))
    name = top.text("exam")
    readings = tuple(_reading(row) for row in top.rows("readings"))
    samples = tuple(_sample(row) for row in (top.rows("samples") if "samples" in top else ()))
    lay = tuple(_lay(row) for row in (top.rows("lay") if "lay" in top else ()))
    _refuse_doubles(top, "readings", [(one.item, one.round, one.reader) for one in readings])
    _refuse_doubles(top, "samples", [(one.reader, one.round) for one in samples])
    _refuse_doubles(top, "lay", [(one.item, one.reader, one.fingerprint) for one in lay])
    finish(problems)
    return ExamReadings(name, readings, samples, lay, root.place)


def _refuse_doubles(top: Fields, key: str, found: Sequence[tuple[object, ...]]) -> None:
    """Complain about each row that says again what another row says: `found` tells them apart."""
    seen: set[tuple[object, ...]] = set()
    for row, one in zip(top.rows(key) if found else (), found, strict=True):
        if one in seen:
            row.complain(_said_twice(key, one))
        seen.add(one)


def _said_twice(key: str, one: tuple[object, ...]) -> str:
    if key == "readings":
        item, number, reader = one
        return f"reader {reader!r} has read {item} twice in round {number}"
    if key == "samples":
        reader, number = one
        return f"reader {reader!r} has judged the samples twice in round {number}"
    item, reader, _ = one
    return f"reader {reader!r} has read this wording of {item} twice"


def _reading(branch: Branch) -> Reading:
    fields = branch.fields(READING_KEYS, (*ASKED_KEYS, *SHOWN_KEYS))
    return Reading(
        item=fields.text("item"),
        round=_counted(fields, "round"),
        reader=fields.text("reader"),
        fingerprint=_or_none(fields, "fingerprint"),
        answer=fields["answer"].texts(),
        second_option=_or_none(fields, "second_option"),
        note=note_of(fields),
        free=free_of(fields["free"]) if fields.has("free") else None,
        **{name: mark_or_none(fields, name) for name in ("likeness", "certainty", "difficulty")},
        place=branch.place,
    )


def _sample(branch: Branch) -> SampleLikeness:
    fields = branch.fields(SAMPLE_KEYS, SAMPLE_MEANS)
    mean = decimal(fields["likeness"])
    if "likeness" in fields and not MARKS[0] <= mean <= MARKS[-1]:
        fields["likeness"].complain(f"expected a mean from 1 to 5, found {mean:g}")
    count = _counted(fields, "count")
    means = {name: decimal(fields[name]) for name in SAMPLE_MEANS if fields.has(name)}
    return SampleLikeness(
        fields.text("reader"), _counted(fields, "round"), count, mean, place=branch.place, **means
    )


def _lay(branch: Branch) -> LayReading:
    fields = branch.fields(LAY_KEYS)
    return LayReading(
        fields.text("item"),
        fields.text("reader"),
        fields.text("fingerprint"),
        letters_of(fields["answer"]),
        branch.place,
    )


def _counted(fields: Fields, key: str) -> int:
    """Return a whole number from 1 on."""
    number = fields.number(key)
    if key in fields and number < 1:
        fields[key].complain("is counted from 1")
    return number


def letters_of(branch: Branch) -> tuple[str, ...]:
    """Return letters of options, none of them twice."""
    letters = branch.texts()
    for letter in sorted({letter for letter in letters if letters.count(letter) > 1}):
        branch.complain(f"{letter} is named twice")
    return letters


def free_of(branch: Branch) -> Free:
    """Return the options that fall freely: a list of letters, or how many they are."""
    number = branch.silent().scalar("a whole number", "int")
    return branch.number() if number is not None else letters_of(branch)


def mark_of(branch: Branch) -> int:
    """Return a mark from 1 to 5."""
    number = branch.number()
    if number not in MARKS:
        branch.complain(f"expected a number from 1 to 5, found {number}")
    return number


def mark_or_none(fields: Fields, name: str) -> int | None:
    """Return a mark from 1 to 5, None where none is given."""
    return mark_of(fields[name]) if fields.has(name) else None


def note_of(fields: Fields) -> str:
    """Return what a reader noted, an empty text where nothing is written."""
    return "" if "note" not in fields or is_blank(fields["note"]) else fields["note"].text()


def _or_none(fields: Fields, key: str) -> str | None:
    return None if key not in fields or fields[key].is_null() else fields.text(key)


def write_readings(record: ExamReadings) -> bytes:
    """Write the readings of an exam; reading it again gives an equal record."""
    samples = [_set_fields(one, (*SAMPLE_KEYS, *SAMPLE_MEANS)) for one in record.samples]
    lay = [{**{key: getattr(one, key) for key in LAY_KEYS}, "answer": list(one.answer)} for one in record.lay]
    return dump(
        {
            "exam": record.name,
            "readings": [_row(reading) for reading in record.readings],
            **({"samples": samples} if samples else {}),
            **({"lay": lay} if lay else {}),
        }
    )


def _row(reading: Reading) -> dict[str, Any]:
    return {
        "item": reading.item,
        "round": reading.round,
        "reader": reading.reader,
        "fingerprint": reading.fingerprint,
        "answer": list(reading.answer),
        "second_option": reading.second_option,
        **(
            {"free": list(reading.free)}
            if isinstance(reading.free, tuple)
            else _set_fields(reading, ("free",))
        ),
        **_set_fields(reading, ("likeness", "certainty", "difficulty")),
        "note": reading.note,
    }


def _set_fields(one: object, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of these names that are not None."""
    values = {name: getattr(one, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


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
