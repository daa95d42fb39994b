"""Reading sheets: who answered which item without its key, and how."""

from exams.exchange.formats.tree import Branch, finish, open_document
from exams.exchange.records import Reading, ReadingSheet


def read_readings(data: bytes, file: str) -> ReadingSheet:
    """Read a reading sheet; raises FormatError with every fault and its line."""
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
    return ReadingSheet(name, readings, root.place)


def _reading(branch: Branch) -> Reading:
    fields = branch.fields(("item", "round", "reader", "answer", "second_option"), ("note",))
    second, note = fields["second_option"], fields["note"]
    number = fields.number("round")
    if "round" in fields and number < 1:
        fields["round"].complain("rounds are counted from 1")
    return Reading(
        item=fields.text("item"),
        round=number,
        reader=fields.text("reader"),
        answer=fields["answer"].texts(),
        second_option=None if second.is_null() or "second_option" not in fields else second.text(),
        note="" if "note" not in fields or note.is_blank() else note.text(),
        place=branch.place,
    )
