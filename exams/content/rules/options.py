"""V11 to V19: lengths, wording and failure codes of the options."""

from collections import Counter
from typing import Final

from exams.content.rules.findings import Breach, Finding, percent, share
from exams.content.rules.measured import Pair, Sheet
from exams.content.rules.measures import length, plain

EXTREME_MAX: Final = 35
RATIO_MIN: Final = 0.90
RATIO_MAX: Final = 1.10
SPREAD_RATIO: Final = 1.6
SPREAD_CHARACTERS: Final = 40
LONGEST_IS_KEY_MAX: Final = 60
CODES: Final = ("W1", "W2", "W3", "W4", "W5", "W6")
W5_MAX: Final = 1
CODE_MAX: Final = 40


def _key_and_rest(pair: Pair) -> tuple[int, list[int]]:
    key = next(length(option.text) for option in pair.item.options if option.correct)
    return key, [length(option.text) for option in pair.item.options if not option.correct]


def _extreme(sheet: Sheet, rule: str, label: str, hits: int) -> Finding:
    value, limit = percent(hits, len(sheet.singles)), f"at most {EXTREME_MAX} %"
    breaches = []
    if share(hits, len(sheet.singles)) > EXTREME_MAX:
        breaches.append(sheet.breach(None, rule, f"{label}: {value}", limit))
    return Finding.of(rule, label, value, limit, breaches)


def v11(sheet: Sheet) -> Finding:
    """The key of a single-answer item is not too often strictly the longest option."""
    hits = sum(key > max(rest) for key, rest in map(_key_and_rest, sheet.singles))
    return _extreme(sheet, "V11", "key strictly longest", hits)


def v12(sheet: Sheet) -> Finding:
    """The key of a single-answer item is not too often strictly the shortest option."""
    hits = sum(key < min(rest) for key, rest in map(_key_and_rest, sheet.singles))
    return _extreme(sheet, "V12", "key strictly shortest", hits)


def v13(sheet: Sheet) -> Finding:
    """Keys are on average as long as distractors, over all items of the file."""
    options = [option for item in sheet.exam.items for option in item.options]
    keys = [length(option.text) for option in options if option.correct]
    others = [length(option.text) for option in options if not option.correct]
    ratio = (sum(keys) / len(keys)) / (sum(others) / len(others)) if keys and sum(others) else 0.0
    limit = f"{RATIO_MIN:.2f}-{RATIO_MAX:.2f}"
    breaches = []
    if not RATIO_MIN <= ratio <= RATIO_MAX:
        breaches.append(sheet.breach(None, "V13", f"mean key / mean distractor length {ratio:.3f}", limit))
    return Finding.of("V13", "mean key / mean distractor length", f"{ratio:.3f}", limit, breaches)


def v14(sheet: Sheet) -> Finding:
    """The options of an item are of similar length."""
    faults = []
    for item in sheet.exam.items:
        lengths = [length(option.text) for option in item.options]
        shortest, longest = min(lengths, default=0), max(lengths, default=0)
        if longest > SPREAD_RATIO * shortest and longest - shortest > SPREAD_CHARACTERS:
            faults.append((item, f"longest option {longest} characters, shortest {shortest}"))
    limit = f"at most {SPREAD_RATIO} times, or {SPREAD_CHARACTERS} characters"
    breaches = sheet.each("V14", limit, faults)
    return Finding.of("V14", "items with options of unlike length", str(len(faults)), "0", breaches)


def v15(sheet: Sheet) -> Finding:
    """The longest option of a multiple-response item is not too often a correct one (a tie counts as one)."""
    hits = 0
    for pair in sheet.multiples:
        longest = max(length(option.text) for option in pair.item.options)
        hits += any(option.correct and length(option.text) == longest for option in pair.item.options)
    value, limit = percent(hits, len(sheet.multiples)), f"at most {LONGEST_IS_KEY_MAX} %"
    breaches = []
    if share(hits, len(sheet.multiples)) > LONGEST_IS_KEY_MAX:
        breaches.append(sheet.breach(None, "V15", f"longest option is a correct one: {value}", limit))
    return Finding.of("V15", "longest option is a correct one", value, limit, breaches)


def v16(sheet: Sheet) -> Finding:
    """Options have no absolute words and do not speak of other options."""
    faults = []
    for item in sheet.exam.items:
        for option in item.options:
            for pattern in (sheet.wording.absolute, sheet.wording.combined):
                match = pattern.search(option.text) if pattern else None
                if match:
                    faults.append((item, f"{match.group()!r} in the option at {option.letter}"))
    breaches = sheet.each("V16", "no such phrase", faults)
    return Finding.of("V16", "forbidden phrases in options", str(len(faults)), "0", breaches)


def v17(sheet: Sheet) -> Finding:
    """No two options of an item read the same, whatever their case and punctuation."""
    faults = []
    for item in sheet.exam.items:
        counts = Counter(plain(option.text) for option in item.options)
        faults += [(item, f"{n} options read {text.strip()!r}") for text, n in counts.items() if n > 1]
    breaches = sheet.each("V17", "no duplicate", faults)
    return Finding.of("V17", "options that read the same", str(len(faults)), "0", breaches)


def v18(sheet: Sheet) -> Finding:
    """Each distractor says how it fails, keys do not, and at most one is impossible."""
    faults = []
    for item in sheet.exam.items:
        for option in item.options:
            if option.correct and option.failure is not None:
                faults.append((item, f"the key at {option.letter} has a failure code"))
            if not option.correct and option.failure not in CODES:
                faults.append(
                    (item, f"failure {option.failure or 'missing'} of the distractor at {option.letter}")
                )
        impossible = sum(option.failure == "W5" for option in item.options)
        if impossible > W5_MAX:
            faults.append((item, f"W5 {impossible} times"))
    breaches = sheet.each("V18", "W1-W6 for each distractor, W5 at most once", faults)
    return Finding.of("V18", "faults in failure codes", str(len(faults)), "0", breaches)


def v19(sheet: Sheet) -> Finding:
    """No failure code stands for too many distractors of the file."""
    codes = Counter(
        option.failure for item in sheet.exam.items for option in item.options if option.failure in CODES
    )
    total, limit = codes.total(), f"at most {CODE_MAX} %"
    breaches: list[Breach] = []
    for code, count in codes.items():
        if share(count, total) > CODE_MAX:
            breaches.append(sheet.breach(None, "V19", f"{code}: {percent(count, total)}", limit))
    code, count = max(codes.items(), key=lambda entry: entry[1], default=("none", 0))
    return Finding.of("V19", f"most common failure code ({code})", percent(count, total), limit, breaches)
