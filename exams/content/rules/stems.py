"""V05 to V10: length, form and wording of the stems."""

import re
from collections import defaultdict
from typing import Final

from exams.content.records import ItemRecord
from exams.content.rules.findings import Figure, Finding, percent, share
from exams.content.rules.measured import Sheet
from exams.content.rules.measures import count_words, question, without_code
from exams.content.rules.wording import ABBREVIATIONS, CONSTRAINTS

WORDS_MIN: Final = 40
WORDS_MAX: Final = 180
MEAN_MIN: Final = 70
MEAN_MAX: Final = 115
CONSTRAINED_MIN: Final = 20
CONSTRAINED_MAX: Final = 40
OPENING_MAX: Final = 10
CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b")


def v05(sheet: Sheet) -> Finding:
    """Stems have 40 to 180 words, 70 to 115 on average over the file."""
    limit = f"{WORDS_MIN}-{WORDS_MAX} words"
    counts = [(item, count_words(item.stem)) for item in sheet.exam.items]
    faults = [(item, f"{n} words") for item, n in counts if not WORDS_MIN <= n <= WORDS_MAX]
    breaches = sheet.each("V05", limit, faults)
    mean = sum(n for _, n in counts) / len(counts) if counts else 0.0
    mean_limit = f"{MEAN_MIN}-{MEAN_MAX}"
    if not MEAN_MIN <= mean <= MEAN_MAX:
        breaches.append(sheet.breach(None, "V05", f"mean stem of {mean:.1f} words", mean_limit))
    spread = f"{min((n for _, n in counts), default=0)}-{max((n for _, n in counts), default=0)}"
    return Finding(
        (
            Figure("V05", "words per stem", spread, f"{WORDS_MIN}-{WORDS_MAX}"),
            Figure("V05", "mean words per stem", f"{mean:.1f}", mean_limit),
        ),
        tuple(breaches),
    )


def v06(sheet: Sheet) -> Finding:
    """A stem ends as the number of its keys demands."""
    endings = sheet.wording.endings
    faults = [
        (pair.item, f"ends with {pair.item.stem[-24:]!r}")
        for pair in sheet.pairs
        if not _ends(pair.item.stem, endings, pair.slot.choose)
    ]
    limit = ", ".join(endings.values())
    breaches = sheet.each("V06", limit, faults)
    return Finding.of("V06", "stems that end otherwise", str(len(faults)), "0", breaches)


def _ends(stem: str, endings: dict[int, str], choose: int) -> bool:
    ending = endings.get(choose, "?")
    if choose == 1:
        return stem.endswith(ending)
    return " ".join(stem.split()).endswith(ending)


def v07(sheet: Sheet) -> Finding:
    """The question sentence is not negative."""
    faults = []
    for item in sheet.exam.items:
        match = sheet.wording.negative.search(question(item.stem)) if sheet.wording.negative else None
        if match:
            faults.append((item, f"{match.group()!r} in the question sentence"))
    breaches = sheet.each("V07", "no NOT, EXCEPT, incorrect, false", faults)
    return Finding.of("V07", "negative questions", str(len(faults)), "0", breaches)


def _capitals(item: ItemRecord) -> list[str]:
    return CAPITALS.findall(without_code(item.stem))


def v08(sheet: Sheet) -> Finding:
    """A fifth to two fifths of the stems have a constraint word in capitals, none has two."""
    found = [(item, [word for word in _capitals(item) if word in CONSTRAINTS]) for item in sheet.exam.items]
    breaches = sheet.each(
        "V08",
        "one constraint word per stem",
        (
            (item, f"{len(words)} constraint words: {', '.join(words)}")
            for item, words in found
            if len(words) > 1
        ),
    )
    with_one = sum(bool(words) for _, words in found)
    value, limit = percent(with_one, len(found)), f"{CONSTRAINED_MIN}-{CONSTRAINED_MAX} %"
    if not CONSTRAINED_MIN <= share(with_one, len(found)) <= CONSTRAINED_MAX:
        breaches.append(sheet.breach(None, "V08", f"stems with a constraint word: {value}", limit))
    return Finding.of("V08", "stems with a constraint word", value, limit, breaches)


def v09(sheet: Sheet) -> Finding:
    """No other word stands in capitals."""
    allowed = CONSTRAINTS | ABBREVIATIONS
    faults = [
        (item, f"{word} in capitals; not a constraint word and not a known abbreviation")
        for item in sheet.exam.items
        for word in _capitals(item)
        if word not in allowed
    ]
    breaches = sheet.each("V09", "0", faults)
    return Finding.of("V09", "other words in capitals", str(len(faults)), "0", breaches)


def v10(sheet: Sheet) -> Finding:
    """No two words open too many stems."""
    openings: dict[str, list[ItemRecord]] = defaultdict(list)
    for item in sheet.exam.items:
        openings[" ".join(item.stem.lower().split()[:2])].append(item)
    total, limit = len(sheet.exam.items), f"at most {OPENING_MAX} %"
    breaches = []
    for opening, items in openings.items():
        if len(items) > 1 and share(len(items), total) > OPENING_MAX:
            found = f"{percent(len(items), total)} begin with {opening!r}: {', '.join(i.id for i in items)}"
            breaches.append(sheet.breach(None, "V10", found, limit))
    most = max((len(items) for items in openings.values()), default=0)
    return Finding.of("V10", "most common opening of a stem", percent(most, total), limit, breaches)
