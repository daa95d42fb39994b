"""V20 to V26: explanations, references, and what no text of an item may say."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from exams.content.records import ItemRecord, Reference
from exams.content.rules.findings import Finding
from exams.content.rules.measured import Sheet
from exams.content.rules.measures import count_words
from exams.content.rules.wording import OLD_NAMES

OPTION_WORDS: Final = (12, 50)
WHY_WORDS: Final = (40, 100)
PRINCIPLE_WORDS: Final = (10, 50)
TIP_WORDS: Final = (8, 35)
REFERENCES: Final = (1, 2)
HOST: Final = "docs.aws.amazon.com"


def _words(sheet: Sheet, rule: str, label: str, texts: Iterator[tuple[ItemRecord, str, str]]) -> Finding:
    """Return a finding on texts given as (item, name of the text, text)."""
    low, high = {"V20": OPTION_WORDS, "V21": WHY_WORDS, "V22": PRINCIPLE_WORDS, "V23": TIP_WORDS}[rule]
    counts = [(item, name, count_words(text)) for item, name, text in texts]
    faults = [(item, f"{name} has {n} words") for item, name, n in counts if not low <= n <= high]
    spread = f"{min((n for *_, n in counts), default=0)}-{max((n for *_, n in counts), default=0)}"
    limit = f"{low}-{high}"
    return Finding.of(rule, label, spread, limit, sheet.each(rule, f"{limit} words", faults))


def v20(sheet: Sheet) -> Finding:
    """Each option has a rationale of 12 to 50 words."""
    texts = ((item, f"why of {o.letter}", o.why) for item in sheet.exam.items for o in item.options)
    return _words(sheet, "V20", "words per rationale of an option", texts)


def v21(sheet: Sheet) -> Finding:
    """The explanation of the key has 40 to 100 words."""
    texts = ((item, "why_correct", item.explanation.why_correct) for item in sheet.exam.items)
    return _words(sheet, "V21", "words on why the key is right", texts)


def v22(sheet: Sheet) -> Finding:
    """The principle has 10 to 50 words."""
    texts = ((item, "principle", item.explanation.principle) for item in sheet.exam.items)
    return _words(sheet, "V22", "words of the principle", texts)


def v23(sheet: Sheet) -> Finding:
    """The exam tip has 8 to 35 words."""
    texts = ((item, "exam_tip", item.explanation.exam_tip) for item in sheet.exam.items)
    return _words(sheet, "V23", "words of the exam tip", texts)


def v24(sheet: Sheet) -> Finding:
    """An item has one or two references to pages of the vendor's documentation."""
    low, high = REFERENCES
    faults = []
    for item in sheet.exam.items:
        if not low <= len(item.references) <= high:
            faults.append((item, f"{len(item.references)} references"))
        faults += [(item, fault) for page in item.references for fault in _page_faults(page)]
    breaches = sheet.each("V24", f"{low}-{high}, https on {HOST}, no anchor", faults)
    return Finding.of("V24", "faults in references", str(len(faults)), "0", breaches)


def v24_across(sheets: list[Sheet]) -> Finding:
    """A page has the same title wherever it is named."""
    named = [(sheet, item, page) for sheet in sheets for item in sheet.exam.items for page in item.references]
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    for _, _, page in named:
        titles[page.url][page.title] += 1
    usual = {url: counted.most_common(1)[0][0] for url, counted in titles.items()}
    breaches = [
        sheet.breach(item, "V24", f"{page.title!r} is {usual[page.url]!r} elsewhere", "one title a page")
        for sheet, item, page in named
        if page.title != usual[page.url]
    ]
    return Finding.of("V24", "pages with several titles", str(len(breaches)), "0", breaches)


def _page_faults(page: Reference) -> Iterator[str]:
    try:
        parts = urlsplit(page.url)
    except ValueError:
        yield f"{page.url!r} is no address"
        return
    if (parts.scheme, parts.netloc) != ("https", HOST):
        yield f"{page.url!r} is not on https://{HOST}"
    if parts.fragment:
        yield f"{page.url!r} has an anchor"
    if not page.title.strip():
        yield f"{page.url!r} has no title"


def _texts(item: ItemRecord) -> Iterator[tuple[str, str]]:
    yield "stem", item.stem
    for option in item.options:
        yield f"option at {option.letter}", option.text
        yield f"why of {option.letter}", option.why
    yield "why_correct", item.explanation.why_correct
    yield "principle", item.explanation.principle
    yield "exam_tip", item.explanation.exam_tip


def v25(sheet: Sheet) -> Finding:
    """No text refers to an option by its letter."""
    faults = []
    for item in sheet.exam.items:
        for name, text in _texts(item):
            match = sheet.wording.letter.search(text)
            if match:
                faults.append((item, f"{match.group()!r} in {name}"))
    return Finding.of("V25", "letters as references", str(len(faults)), "0", sheet.each("V25", "0", faults))


def v26(sheet: Sheet) -> Finding:
    """Old names of services do not stand without their current name."""
    faults = []
    for item in sheet.exam.items:
        everything = "\n".join(text for _, text in _texts(item))
        for old in OLD_NAMES:
            if old.pattern.search(everything) and not (old.cure and old.cure.search(everything)):
                faults.append((item, f"{old.name!r}: {old.advice}"))
    return Finding.of("V26", "old names alone", str(len(faults)), "0", sheet.each("V26", "0", faults))
