"""Blind handouts: what a reader fills in, the map of its numbers, and the samples that are mixed in.

A handout is a list of questions with empty fields below each. Filled in, number and fields are read, and the
options, as far as they are still there: they tell whether the map is that of this handout.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from exams.content.formats.item_yaml import LETTERS, unique
from exams.content.formats.tree import Branch, Fields, dump, finish, open_document
from exams.content.records import Explanation, ItemRecord, OptionRecord
from tools.items.readings_yaml import SHOWN_KEYS, free_of, letters_of, mark_of, mark_or_none, note_of
from tools.items.records import BlindMap, BlindQuestion, FilledRow, MappedItem, MappedSample
from tools.items.values import is_blank

LAY_KEYS: Final = ("number", "answer")
FILLED_KEYS: Final = (*LAY_KEYS, "second_option", "free", "likeness")
SHORT_KEYS: Final = ("n", "answer", "certainty", "second", "free", "difficulty", "likeness")
OWN: Final = "T"
"""The kind of the exam's own questions in a short map; all others were mixed in."""
HINTS: Final = """\
# Answer every question without looking anything up, and fill in below it:
#   answer: letters of the options you choose, as in [B] or [A, D]
#   second_option: the letter of another option that you could defend, else null
#   free: letters of options that fall without any knowledge of the subject, as in [C], or []
#   certainty: how sure you are of your answer, from 1 (a guess) to 5 (certain)
#   difficulty: from 1 (much too easy) over 3 (as the real exam) to 5 (much too hard)
#   likeness: from 1 (nothing like a question of the real exam) to 5 (no difference)
#   note: what you stumbled over, or ''
"""
LAY_HINTS: Final = """\
# Answer every question by reading alone, without knowledge of the subject, and fill in below it:
#   answer: letters of the options you choose, as in [B] or [A, D]; guess where you cannot tell
"""


def write_blind(rows: Iterable[tuple[int, BlindQuestion]], *, lay: bool) -> bytes:
    """Write a handout to be filled in. It shows no id, no key and no name of a figure."""
    written = [{**_shown(number, one), **_empty(lay=lay)} for number, one in rows]
    return (LAY_HINTS if lay else HINTS).encode() + dump(written)


def _empty(*, lay: bool) -> dict[str, Any]:
    """Return the fields of one question, made anew: a list that rows share would be written as an anchor."""
    if lay:
        return {"answer": []}
    marks = {"certainty": None, "difficulty": None, "likeness": None}
    return {"answer": [], "second_option": None, "free": [], **marks, "note": ""}


def _shown(number: int, one: BlindQuestion) -> dict[str, Any]:
    return {
        "number": number,
        **({"stem": one.stem} if one.stem else {}),
        "ask": one.ask,
        **({"figures": dict(one.figures)} if one.figures else {}),
        "options": dict(one.options),
    }


def read_filled(data: bytes, file: str, *, lay: bool) -> tuple[FilledRow, ...]:
    """Read a filled handout, also a short one of answers alone; raises FormatError with every fault."""
    root, problems = open_document(data, file)
    rows = tuple((_lay_row if lay else _filled_row)(row) for row in root.rows())
    finish(problems)
    return rows


def _lay_row(branch: Branch) -> FilledRow:
    fields = branch.fields(LAY_KEYS, SHOWN_KEYS)
    return FilledRow(
        fields.number("number"),
        letters_of(fields["answer"]),
        options=_still_shown(fields),
        place=branch.place,
    )


def _filled_row(branch: Branch) -> FilledRow:
    if "n" in branch.silent().entries():
        return _short_row(branch)
    fields = branch.fields(FILLED_KEYS, ("certainty", "difficulty", "note", *SHOWN_KEYS))
    return FilledRow(
        number=fields.number("number"),
        answer=letters_of(fields["answer"]),
        second_option=fields.text("second_option") if fields.has("second_option") else None,
        free=free_of(fields["free"]),
        likeness=mark_of(fields["likeness"]) if "likeness" in fields else 0,
        certainty=mark_or_none(fields, "certainty"),
        difficulty=mark_or_none(fields, "difficulty"),
        note=note_of(fields),
        options=_still_shown(fields),
        place=branch.place,
    )


def _short_row(branch: Branch) -> FilledRow:
    """Return a row that has letters in one word and `fault` for what the reader stumbled over."""
    fields = branch.fields(SHORT_KEYS, ("fault",))
    second = "" if is_blank(fields["second"]) else fields.text("second")
    return FilledRow(
        number=fields.number("n"),
        answer=_in_a_word(fields.text("answer")),
        second_option="".join(_in_a_word(second)) or None,
        free=free_of(fields["free"]),
        likeness=mark_of(fields["likeness"]) if "likeness" in fields else 0,
        certainty=mark_or_none(fields, "certainty"),
        difficulty=mark_or_none(fields, "difficulty"),
        note=fields.text("fault") if "fault" in fields and not is_blank(fields["fault"]) else "",
        place=branch.place,
    )


def _in_a_word(written: str) -> tuple[str, ...]:
    """Return the letters of an answer such as BD or B, D."""
    return tuple(letter for letter in written if letter not in ", +")


def _still_shown(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Return the options that a row shows; what is no text any more, or not there, is passed over."""
    entries = fields["options"].silent().entries()
    texts = ((letter, option.text()) for letter, option in entries.items())
    return tuple((letter, text) for letter, text in texts if text)


def write_map(numbers: BlindMap) -> bytes:
    """Write the map of a handout; reading it again gives an equal record."""
    items = [
        {"number": one.number, "item": one.item, "fingerprint": one.fingerprint} for one in numbers.items
    ]
    samples = [{"number": one.number, "options": list(one.options)} for one in numbers.samples]
    return dump({"exam": numbers.exam, "lay": numbers.lay, "items": items, "samples": samples})


def read_map(data: bytes, file: str) -> BlindMap:
    """Read the map of a handout; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "lay", "items", "samples"))
    rows = unique(top.rows("items"), "item", "item")
    items = tuple(_mapped_item(row) for row in rows)
    samples = tuple(_mapped_sample(row) for row in top.rows("samples"))
    numbers = [*(one.number for one in items), *(one.number for one in samples)]
    seen: set[int] = set()
    for number, row in zip(numbers, [*rows, *top.rows("samples")], strict=True):
        if number in seen:
            row.complain(f"number {number} stands for two questions")
        seen.add(number)
    found = BlindMap(top.text("exam"), top.flag("lay"), items, samples, root.place)
    finish(problems)
    return found


def _mapped_item(branch: Branch) -> MappedItem:
    fields = branch.fields(("number", "item", "fingerprint"))
    number = fields.number("number")
    return MappedItem(number, fields.text("item"), fields.text("fingerprint"), branch.place)


def _mapped_sample(branch: Branch) -> MappedSample:
    fields = branch.fields(("number", "options"))
    return MappedSample(fields.number("number"), letters_of(fields["options"]), branch.place)


def read_short_map(data: bytes, file: str, shown: Mapping[int, ItemRecord], exam: str) -> BlindMap:
    """Read a map of numbers, kinds, ids and keys; what was read of each is in the sheet that was shown."""
    root, problems = open_document(data, file)
    items: list[MappedItem] = []
    samples: list[MappedSample] = []
    for branch in root.rows():
        fields = branch.fields(("n", "kind", "id", "key"))
        number, name, key = fields.number("n"), fields.text("id"), fields.text("key")
        read = shown.get(number)
        if read is None:
            branch.complain(f"number {number} is not in the sheet that was shown")
        elif fields.text("kind") == OWN:
            items.append(MappedItem(number, name, read.fingerprint, branch.place))
        else:
            letters = tuple(option.letter for option in read.options)
            samples.append(MappedSample(number, letters, branch.place, _in_a_word(key)))
    finish(problems)
    return BlindMap(exam, False, tuple(items), tuple(samples), root.place)


def read_shown(data: bytes, file: str) -> dict[int, ItemRecord]:
    """Read the sheet that readers were shown: questions by number, without their keys."""
    root, problems = open_document(data, file)
    rows = [row.fields(("n", "ask", "options"), ("stem",)) for row in root.rows()]
    shown = {fields.number("n"): _item_on_sheet(fields) for fields in rows}
    finish(problems)
    return shown


def _item_on_sheet(fields: Fields) -> ItemRecord:
    options = (
        OptionRecord(letter, option.text(), correct=False, failure=None, why="")
        for letter, option in fields["options"].entries().items()
    )
    stem = fields.text("stem") if fields.has("stem") else ""
    return ItemRecord("", stem, tuple(options), Explanation("", "", ""), (), ask=fields.text("ask"))


def read_mix(data: bytes, file: str) -> tuple[BlindQuestion, ...]:
    """Read samples to be mixed in: id, stem, ask, options by letter. A key may be there and is not kept."""
    root, problems = open_document(data, file)
    found = tuple(_mixed(row) for row in unique(root.rows(), "id", "item"))
    finish(problems)
    return found


def _mixed(branch: Branch) -> BlindQuestion:
    fields = branch.fields(("id", "ask", "options"), ("stem", "key"))
    entries = fields["options"].entries()
    letters = "".join(entries)
    if "options" in fields and (len(letters) < 2 or letters != LETTERS[: len(letters)]):
        fields["options"].complain(f"the options are {letters or 'none'}, not letters from A on")
    fields.text("id")
    return BlindQuestion(
        stem=fields.text("stem") if "stem" in fields else "",
        ask=fields.text("ask"),
        options=tuple((letter, option.text()) for letter, option in entries.items()),
        place=branch.place,
    )
