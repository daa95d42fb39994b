"""V01 to V04: a file holds what is planned. B01: what is planned is scored. T01, T02: translations."""

from collections import Counter
from itertools import groupby
from typing import Final

from exams.content.records import BlueprintRecord, ExamRecord, TranslationRecord
from exams.content.rules.findings import Breach, Figure, Finding, percent, share
from exams.content.rules.measured import Sheet

LETTERS: Final = "ABCDEF"
SINGLE_LETTERS: Final = "ABCD"
SHARE_MIN: Final = 20
SHARE_MAX: Final = 30
RUN_MAX: Final = 2


def v01(sheet: Sheet) -> Finding:
    """Items, ids and order are those of the blueprint."""
    planned = [slot.id for slot in sheet.plan.slots]
    found = [item.id for item in sheet.exam.items]
    limit = f"{len(planned)} items in the order of the blueprint"
    breaches = [
        sheet.breach(item, "V01", "is not in the blueprint of this exam", limit)
        for item in sheet.exam.items
        if item.id not in planned
    ]
    missing = [name for name in planned if name not in found]
    if missing:
        breaches.append(sheet.breach(None, "V01", f"missing: {', '.join(missing)}", limit))
    known = [item for item in sheet.exam.items if item.id in planned]
    in_order = [name for name in planned if name in found]
    for item, expected in zip(known, in_order, strict=False):
        if item.id != expected:
            breaches.append(sheet.breach(item, "V01", f"stands where {expected} belongs", limit))
            break
    return Finding.of("V01", "items as planned", f"{len(known)}", f"{len(planned)}", breaches)


def v02(sheet: Sheet) -> Finding:
    """Each item has the options, their letters and the number of keys that its type demands."""
    faults = []
    for pair in sheet.pairs:
        letters = "".join(option.letter for option in pair.item.options)
        if letters != LETTERS[: pair.slot.options]:
            faults.append(
                (pair.item, f"options {letters or 'none'} instead of {LETTERS[: pair.slot.options]}")
            )
        if len(pair.item.keys) != pair.slot.choose:
            faults.append((pair.item, f"{len(pair.item.keys)} keys instead of {pair.slot.choose}"))
    breaches = sheet.each("V02", "4 options / 1 key, 5 / 2, 6 / 3", faults)
    return Finding.of("V02", "options and keys by type", f"{len(faults)} faults", "0", breaches)


def v03(sheet: Sheet) -> Finding:
    """Keys stand where the plan puts them, and single keys are spread over A to D."""
    faults = [
        (pair.item, f"key {'+'.join(pair.item.keys) or 'none'}, planned {'+'.join(pair.slot.key_positions)}")
        for pair in sheet.pairs
        if pair.item.keys != pair.slot.key_positions
    ]
    breaches = sheet.each("V03", "exactly as planned", faults)
    counts = Counter(pair.item.keys[0] for pair in sheet.singles)
    limit = f"{SHARE_MIN}-{SHARE_MAX} %"
    figures = [Figure("V03", "keys off their position", str(len(faults)), "0")]
    for letter in SINGLE_LETTERS:
        value = percent(counts[letter], len(sheet.singles))
        figures.append(Figure("V03", f"single keys at {letter}", value, limit))
        if not SHARE_MIN <= share(counts[letter], len(sheet.singles)) <= SHARE_MAX:
            breaches.append(sheet.breach(None, "V03", f"single keys at {letter}: {value}", limit))
    return Finding(tuple(figures), tuple(breaches))


def v04(sheet: Sheet) -> Finding:
    """The same single key does not come too often in a row (over the single-answer items)."""
    runs = [list(group) for _, group in groupby(sheet.singles, key=lambda pair: pair.item.keys[0])]
    breaches = [
        sheet.breach(
            run[-1].item, "V04", f"key {run[0].item.keys[0]} {len(run)} times in a row", f"{RUN_MAX}"
        )
        for run in runs
        if len(run) > RUN_MAX
    ]
    longest = max((len(run) for run in runs), default=0)
    return Finding.of("V04", "same single key in a row", str(longest), f"at most {RUN_MAX}", breaches)


def b01(blueprint: BlueprintRecord) -> Finding:
    """Each coverage item of the blueprint is tested by at least one scored item."""
    scored = {name for exam in blueprint.exams for slot in exam.slots if slot.scored for name in slot.covers}
    names = [name for name, _ in blueprint.coverage]
    place = blueprint.place
    breaches = [
        Breach(place.file, place.line, "", "B01", f"no scored item tests {name!r}", "each coverage item")
        for name in names
        if name not in scored
    ]
    value = percent(len(names) - len(breaches), len(names))
    return Finding.of("B01", "coverage items with a scored item", value, "all", breaches)


def t01(translation: TranslationRecord, exam: ExamRecord) -> Finding:
    """A translation speaks only of items of its original; those it leaves out are counted, not wrong."""
    known = {item.id for item in exam.items}
    strangers = [text for text in translation.items if text.id not in known]
    breaches = [
        Breach(
            text.place.file,
            text.place.line,
            text.id,
            "T01",
            "is not in the original",
            "items of the original",
        )
        for text in strangers
    ]
    value = f"{len(translation.items) - len(strangers)} of {len(exam.items)}"
    return Finding.of("T01", "items translated", value, "no stranger", breaches)


def t02(translation: TranslationRecord, exam: ExamRecord) -> Finding:
    """A translated item has exactly the options of its original, in their order."""
    originals = {item.id: "".join(option.letter for option in item.options) for item in exam.items}
    breaches = []
    for text in translation.items:
        letters = "".join(option.letter for option in text.options)
        expected = originals.get(text.id, letters)
        if letters != expected:
            place = text.place
            found = f"options {letters or 'none'} instead of {expected}"
            breaches.append(Breach(place.file, place.line, text.id, "T02", found, "options of the original"))
    return Finding.of("T02", "options unlike the original", str(len(breaches)), "0", breaches)
