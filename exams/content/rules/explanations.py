"""Explanations, references, and what no text of an item may say."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from exams.content.markdown import prose
from exams.content.records import ItemRecord, Reference
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import long_words
from exams.content.rules.rule import PERCENT, Texts, Violation, item_rule, whole_band, word_range
from exams.content.rules.spelling import british

REFERENCES: Final = (1, 2)
REPEATED_MAX: Final = 0.5
LISTED_MAX: Final = 3


@word_range("V20", "words per rationale of an option", 12, 50)
def rationale_length(item: ItemRecord) -> Texts:
    """Each option has a rationale of 12 to 50 words."""
    for number, option in enumerate(item.options):
        yield f"options.{number}.why", f"why of {option.letter}", option.why


@word_range("V21", "words on why the key is right", 40, 100)
def why_correct_length(item: ItemRecord) -> Texts:
    """The explanation of the key has 40 to 100 words."""
    yield "why", "why_correct", item.explanation.why_correct


@word_range("V22", "words of the principle", 10, 50)
def principle_length(item: ItemRecord) -> Texts:
    """The principle has 10 to 50 words."""
    yield "principle", "principle", item.explanation.principle


@word_range("V23", "words of the exam tip", 8, 35)
def exam_tip_length(item: ItemRecord) -> Texts:
    """The exam tip has 8 to 35 words."""
    yield "tip", "exam_tip", item.explanation.exam_tip


def _reference_limit(exam: MeasuredExam) -> str:
    hosts = " or ".join(sorted(exam.guide.reference_hosts)) or "any host"
    low, high = whole_band(exam.guide, "references", REFERENCES)
    return f"{low}-{high}, https on {hosts}, no anchor"


@item_rule("V24", "faults in references", _reference_limit)
def references(measured: MeasuredItem) -> Iterator[str]:
    """An item has one or two references to documentation of the vendor, or as many as the guide says."""
    # References that are given are judged, also where the profile asks for none.
    if not measured.item.references and "references" not in measured.profile.required:
        return
    low, high = whole_band(measured.guide, "references", REFERENCES)
    if not low <= len(measured.item.references) <= high:
        said = f"{len(measured.item.references)} references"
        yield Violation.at("references", said, fault="count", low=low, high=high)
    for number, page in enumerate(measured.item.references):
        for field, fault, said in _page_faults(page, measured.guide.reference_hosts):
            hosts = ", ".join(sorted(measured.guide.reference_hosts))
            yield Violation.at(f"references.{number}.{field}", said, fault=fault, hosts=hosts)


def _page_faults(page: Reference, hosts: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a page: the field, the name of the fault, its words."""
    try:
        parts = urlsplit(page.url)
    except ValueError:
        yield "url", "address", f"{page.url!r} is no address"
        return
    if parts.scheme != "https" or not parts.netloc:
        yield "url", "address", f"{page.url!r} is not on https"
    elif hosts and parts.netloc not in hosts:
        yield "url", "host", f"{page.url!r} is not on https://{' or '.join(sorted(hosts))}"
    if parts.fragment:
        yield "url", "anchor", f"{page.url!r} has an anchor"
    if not page.title.strip():
        yield "title", "title", f"{page.url!r} has no title"


def texts_of(item: ItemRecord) -> Texts:
    """Return every text of an item, the question with its situation."""
    yield "stem", "stem", item.wording
    for number, option in enumerate(item.options):
        yield f"options.{number}.text", f"option at {option.letter}", option.text
        yield f"options.{number}.why", f"why of {option.letter}", option.why
    yield "why", "why_correct", item.explanation.why_correct
    yield "principle", "principle", item.explanation.principle
    yield "tip", "exam_tip", item.explanation.exam_tip


@item_rule("V25", "letters as references", "options are named by what they say")
def option_letters(measured: MeasuredItem) -> Iterator[str]:
    """No text refers to an option by its letter."""
    for field, name, text in texts_of(measured.item):
        match = measured.wording.letter.search(text)
        if match:
            yield Violation.at(field, f"{match.group()!r} in {name}", word=match.group())


@item_rule("V26", "old names alone", "the current name beside it")
def old_names(measured: MeasuredItem) -> Iterator[str]:
    """Old names of services do not appear without their current name."""
    texts = list(texts_of(measured.item))
    everything = "\n".join(text for _, _, text in texts)
    for old in measured.guide.old_names:
        if old.pattern.search(everything) and not (old.cure and old.cure.search(everything)):
            field = next((field for field, _, text in texts if old.pattern.search(text)), "stem")
            yield Violation.at(field, f"{old.name!r}: {old.advice}", name=old.name, advice=old.advice)


@item_rule("V32", "British words", "American spelling")
def british_spelling(measured: MeasuredItem) -> Iterator[str]:
    """Texts are in American English, those of figures too."""
    for field, name, text in texts_of(measured.item):
        yield from _british(field, name, text)
    for figure in measured.item.figures:
        yield from _british("stem", f"the figure {figure.name}", f"{figure.title} {figure.description}")


def _british(field: str, name: str, text: str) -> Iterator[Violation]:
    words = sorted(set(british(text)))
    if words:
        listed = ", ".join(words[:LISTED_MAX])
        yield Violation.at(field, f"{listed} in {name}", listed=listed)


@item_rule("V34", "rationales of keys told twice", f"at most {REPEATED_MAX:.0%} of their long words")
def repeated_rationale(measured: MeasuredItem) -> Iterator[str]:
    """The explanation does not repeat what the rationale of a key says: both are read one after the other."""
    told = long_words(prose(measured.item.explanation.why_correct))
    for option in measured.item.options:
        words = long_words(prose(option.why)) if option.correct else frozenset()
        repeated = len(words & told) / len(words) if words else 0.0
        if repeated > REPEATED_MAX:
            count = round(PERCENT * repeated)
            said = f"why_correct holds {count} % of the long words of why of {option.letter}"
            yield Violation.at("why", said, percent=count)


# Steps of an address that name no page: versions, languages, guides as a whole, and files that begin one.
_VERSION: Final = r"v?\d{1,2}(?:\.\d{1,3}){0,3}|latest|stable|current|main|master|en|en[-_]us|hu"
_GUIDE: Final = r"docs?|documentation|blogs?|dg|ug|gsg|dev|api|webapi|user|ref|\w*guides?|\w*reference"
_BEGINNING: Final = r"(?:index|welcome|default|home)(?:\.html?)?"
NO_PAGE: Final = re.compile(rf"{_VERSION}|{_GUIDE}|{_BEGINNING}", re.IGNORECASE)
DOCUMENT: Final = re.compile(r"\.(?:html?|pdf|md|txt)$", re.IGNORECASE)


def is_start_page(url: str) -> bool:
    """Tell whether an address leads to the beginning of a site, of a service or of a guide.

    Such an address names a product and perhaps a guide, a version and a language, and nothing behind them.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    steps = [step for step in parts.path.split("/") if step and not NO_PAGE.fullmatch(step)]
    if parts.query or len(steps) > 1:
        return False
    return not (steps and DOCUMENT.search(steps[0]))


@item_rule("V33", "references to start pages", "the page that decides")
def start_pages(measured: MeasuredItem) -> Iterator[str]:
    """References lead to the page that decides, not to where a documentation begins."""
    for number, page in enumerate(measured.item.references):
        if page.url.strip() and is_start_page(page.url):
            yield Violation.at(f"references.{number}.url", f"{page.url!r} is a start page")
