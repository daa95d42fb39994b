"""Explanations, references, and what no text of an item may say."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from exams.content.records import ItemRecord, Reference
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.rule import Fault, Outcome, Texts, item_rule, set_rule, word_range

REFERENCES_MIN: Final = 1
REFERENCES_MAX: Final = 2


@word_range("V20", "words per rationale of an option", 12, 50)
def rationale_length(item: ItemRecord) -> Texts:
    """Each option has a rationale of 12 to 50 words."""
    for option in item.options:
        yield f"why of {option.letter}", option.why


@word_range("V21", "words on why the key is right", 40, 100)
def why_correct_length(item: ItemRecord) -> Texts:
    """The explanation of the key has 40 to 100 words."""
    yield "why_correct", item.explanation.why_correct


@word_range("V22", "words of the principle", 10, 50)
def principle_length(item: ItemRecord) -> Texts:
    """The principle has 10 to 50 words."""
    yield "principle", item.explanation.principle


@word_range("V23", "words of the exam tip", 8, 35)
def exam_tip_length(item: ItemRecord) -> Texts:
    """The exam tip has 8 to 35 words."""
    yield "exam_tip", item.explanation.exam_tip


def _reference_limit(exam: MeasuredExam) -> str:
    hosts = " or ".join(sorted(exam.guide.reference_hosts)) or "any host"
    return f"{REFERENCES_MIN}-{REFERENCES_MAX}, https on {hosts}, no anchor"


@item_rule("V24", "faults in references", _reference_limit)
def references(one: MeasuredItem) -> Iterator[str]:
    """An item has one or two references to pages of the vendor's documentation."""
    if not REFERENCES_MIN <= len(one.item.references) <= REFERENCES_MAX:
        yield f"{len(one.item.references)} references"
    for page in one.item.references:
        yield from _page_faults(page, one.guide.reference_hosts)


def _page_faults(page: Reference, hosts: frozenset[str]) -> Iterator[str]:
    try:
        parts = urlsplit(page.url)
    except ValueError:
        yield f"{page.url!r} is no address"
        return
    if parts.scheme != "https" or not parts.netloc:
        yield f"{page.url!r} is not on https"
    elif hosts and parts.netloc not in hosts:
        yield f"{page.url!r} is not on https://{' or '.join(sorted(hosts))}"
    if parts.fragment:
        yield f"{page.url!r} has an anchor"
    if not page.title.strip():
        yield f"{page.url!r} has no title"


@set_rule("V24", least=0)
def one_title_per_page(exams: Sequence[MeasuredExam]) -> Outcome:
    """A page has the same title wherever it is named."""
    named = [(one.item, page) for exam in exams for one in exam.items for page in one.item.references]
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    for _, page in named:
        titles[page.url][page.title] += 1
    usual = {url: counted.most_common(1)[0][0] for url, counted in titles.items()}
    faults = [
        Fault(item.place, item.id, f"{page.title!r} is {usual[page.url]!r} elsewhere", "one title a page")
        for item, page in named
        if page.title != usual[page.url]
    ]
    return Outcome.of("pages with several titles", str(len(faults)), "0", faults)


def _texts(item: ItemRecord) -> Texts:
    yield "stem", item.wording
    for option in item.options:
        yield f"option at {option.letter}", option.text
        yield f"why of {option.letter}", option.why
    yield "why_correct", item.explanation.why_correct
    yield "principle", item.explanation.principle
    yield "exam_tip", item.explanation.exam_tip


@item_rule("V25", "letters as references", "options are named by what they say")
def option_letters(one: MeasuredItem) -> Iterator[str]:
    """No text refers to an option by its letter."""
    for name, text in _texts(one.item):
        match = one.wording.letter.search(text)
        if match:
            yield f"{match.group()!r} in {name}"


@item_rule("V26", "old names alone", "the current name beside it")
def old_names(one: MeasuredItem) -> Iterator[str]:
    """Old names of services do not appear without their current name."""
    everything = "\n".join(text for _, text in _texts(one.item))
    for old in one.guide.old_names:
        if old.pattern.search(everything) and not (old.cure and old.cure.search(everything)):
            yield f"{old.name!r}: {old.advice}"
