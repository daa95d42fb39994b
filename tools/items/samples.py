"""The vendor's own sample questions in figures: their texts are read once and never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exams.content.formats.item_yaml import unique
from exams.content.formats.tree import Branch, dump, finish, open_document
from exams.content.records import (
    ALL_SAMPLES,
    Explanation,
    Guide,
    ItemRecord,
    OptionRecord,
    SlotRecord,
)
from exams.content.rules.measured import MeasuredItem
from exams.content.rules.wording import wording_of
from exams.kinds.profile import Profile
from tools.items.bands import Measure
from tools.items.exam_rules import constraint_share, longest_key, shortest_key
from tools.items.voice import MEASURES

LANGUAGE: Final = "en"
HEAD: Final = """\
# Figures of the vendor's own sample questions, of all and by exam (as their ids begin); never their texts.
# Written by `python -m tools.items samples`. A band that does not hold the figure of all is advice.
"""
SAMPLED: Final[tuple[Measure[MeasuredItem], ...]] = (*MEASURES, constraint_share, longest_key, shortest_key)
DIGITS: Final = 1


@dataclass(frozen=True, slots=True)
class VendorItem:
    """A sample question and the exam that it is of."""

    exam: str
    item: ItemRecord


def read_vendor(data: bytes, file: str) -> tuple[VendorItem, ...]:
    """Read sample questions: id (EXAM-number), stem, ask, options, answer. Raises FormatError."""
    root, problems = open_document(data, file)
    rows = root.fields(("items",)).rows("items")
    found = tuple(_vendor_item(row) for row in unique(rows, "id", "item"))
    finish(problems)
    return found


def _vendor_item(branch: Branch) -> VendorItem:
    fields = branch.fields(("id", "stem", "ask", "options", "answer"), open_ended=True)
    name, keys = fields.text("id"), fields["answer"].texts()
    rows = [row.fields(("key", "text")) for row in fields.rows("options")]
    options = tuple(
        OptionRecord(letter := row.text("key"), row.text("text"), letter in keys, None, "") for row in rows
    )
    item = ItemRecord(name, fields.text("stem"), options, Explanation("", "", ""), (), ask=fields.text("ask"))
    return VendorItem(name.split("-")[0], item)


def figures_of(samples: Sequence[VendorItem], guide: Guide) -> bytes:
    """Return the table of figures, each of all samples and by exam."""
    sets = {ALL_SAMPLES: [one.item for one in samples]}
    for one in samples:
        sets.setdefault(one.exam, []).append(one.item)
    measured = {name: [_measured(item, guide) for item in items] for name, items in sets.items()}
    table = {
        measure.name: {
            name: round(figure, DIGITS)
            for name, items in measured.items()
            if (figure := measure.figure(items)) is not None
        }
        for measure in SAMPLED
    }
    counts = {name: len(items) for name, items in sets.items()}
    return HEAD.encode() + dump(
        {"items": counts, "figures": {name: row for name, row in table.items() if row}}
    )


def _measured(item: ItemRecord, guide: Guide) -> MeasuredItem:
    kind = "single" if len(item.keys) == 1 else "multiple"
    slot = SlotRecord(
        task="",
        kind=kind,
        choose=len(item.keys),
        difficulty="",
        id=item.id,
        number=0,
        domain=0,
        scored=False,
        options=len(item.options),
        key_positions=item.keys,
    )
    return MeasuredItem(item, slot, wording_of(LANGUAGE, Profile()), guide)
