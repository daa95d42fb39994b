"""All items of a real bank into every format and back: equal, or different exactly as announced."""

from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from exams.content.exchange_formats.registry import FORMATS, read, write
from exams.content.exchange_formats.shape import Loss
from exams.content.formats.blueprint_yaml import read_blueprint
from exams.content.formats.exam_yaml import read_exam, read_sample
from exams.content.formats.figure_svg import read_figure
from exams.content.markdown import figure_names
from exams.content.records import ItemRecord, ItemTextRecord, OptionTextRecord, SlotRecord, Traits, WholeItem
from exams.kinds.profile import Profile

FOLDER: Final = Path(__file__).resolve().parents[4] / "fixtures" / "mls-c01"
WRITTEN: Final = {
    "yaml": (),
    "csv": ("figure",),
    "xlsx": ("figure",),
    "gift": ("figure", "written_partial", "written_shuffle"),
    "moodle": ("written_partial",),
    "qti": (),
}
READ: Final = {
    "yaml": (),
    "csv": ("figure_named",),
    "xlsx": ("figure_named",),
    "gift": ("figure_named", "all_or_nothing"),
    "moodle": ("figure_named", "all_or_nothing"),
    "qti": ("figure_named",),
}
# What is said of each item with figures; the rest once of the whole file.
OF_FIGURES: Final = {"figure", "figure_named"}


def traits_of(slot: SlotRecord) -> Traits:
    """Return what the item of a slot is, apart from its place."""
    return Traits(**{field.name: getattr(slot, field.name) for field in fields(Traits)})


@cache
def bank() -> tuple[WholeItem, ...]:
    """Return the items of all exams and of the sample, whole."""
    slots = {
        slot.id: slot
        for plan in read_blueprint((FOLDER / "blueprint.yaml").read_bytes(), "blueprint.yaml").exams
        for slot in plan.slots
    }
    found = [
        replace(item, traits=traits_of(slots[item.id]))
        for path in sorted(FOLDER.glob("exams/exam-?.yaml"))
        for item in read_exam(path.read_bytes(), path.name, Profile()).items
    ]
    sample = read_sample((FOLDER / "sample.yaml").read_bytes(), "sample.yaml", Profile()).items
    return tuple(WholeItem(_illustrated(item), "en") for item in (*found, *sample))


def _illustrated(item: ItemRecord) -> ItemRecord:
    paths = [FOLDER / "figures" / f"{name}.svg" for name in figure_names(*item.texts)]
    return replace(item, figures=tuple(read_figure(path.read_bytes(), path.name) for path in paths))


def notes(losses: tuple[Loss, ...]) -> list[tuple[str, str]]:
    """Return losses by item and code."""
    return sorted((("", loss.code) if not loss.item else (loss.item, loss.code)) for loss in losses)


def announced(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the losses that stand for these codes: one for each figure of an item, or one for the file."""
    illustrated = [item.record.id for item in bank() for _ in item.record.figures]
    assert len(set(illustrated)) > 20
    return sorted((name, code) for code in codes for name in (illustrated if code in OF_FIGURES else [""]))


@pytest.mark.parametrize("name", list(WRITTEN))
def test_a_whole_bank_comes_back_from_every_format(name: str) -> None:
    written = write(name, bank())
    parsed = read(name, written.data, f"bank{FORMATS[name].suffixes[0]}")
    assert parsed.problems == ()
    assert notes(written.losses) == announced(WRITTEN[name])
    assert notes(parsed.losses) == announced(READ[name])
    bare = [item if name == "yaml" else _without_drawings(item) for item in bank()]
    assert len(bare) == 400
    assert list(parsed.items) == bare


def _without_drawings(item: WholeItem) -> WholeItem:
    return replace(item, record=replace(item.record, figures=()))


@pytest.mark.parametrize("name", ["yaml", "csv", "xlsx"])
def test_translations_of_a_whole_bank_come_back_too(name: str) -> None:
    items = [replace(_without_drawings(item), texts={"hu": _translated(item.record)}) for item in bank()[:65]]
    parsed = read(name, write(name, items).data, "bank")
    assert list(parsed.items) == items


def _translated(item: ItemRecord) -> ItemTextRecord:
    options = tuple(
        OptionTextRecord(option.letter, f"hu {option.text}", option.why) for option in item.options
    )
    return ItemTextRecord(item.id, item.stem, options, item.explanation, item.ask)


def test_writing_a_bank_twice_gives_equal_files() -> None:
    for name in ("yaml", "csv", "gift", "moodle", "qti"):
        assert write(name, bank()[:20]).data == write(name, bank()[:20]).data
