"""Questions of other systems as whole items: what all formats of questions share."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from hashlib import sha256
from typing import Final

from exams.content import markdown
from exams.content.exchange_formats import limits
from exams.content.exchange_formats.html_markdown import markdown_parts
from exams.content.exchange_formats.html_parts import is_link
from exams.content.exchange_formats.labels import read_labels
from exams.content.exchange_formats.shape import Context, fault, printable, refusal
from exams.content.formats.item_yaml import LETTERS
from exams.content.formats.text import BIDI
from exams.content.records import (
    Explanation,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    Place,
    Problem,
    Reference,
    Traits,
    WholeItem,
)
from exams.kinds.kinds import has_one_answer, of_keys

UNFIT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
UNFIT_LINE: Final = re.compile(rf"[\t\n]|{UNFIT.pattern}")
MARKUP: Final = tuple("[`~>#-+*_&\\")
NAMES: Final = frozenset(["id", "source", "task", "tags", "covers", "references", "language"])
"""Fields that are one line; all others hold Markdown."""
FULL: Final = Fraction(100)
CLOSE: Final = Fraction(1, 10)
"""Systems round weights to a few digits: three times 33.333 % is the whole."""
DIGITS: Final = 12
WEIGHT_DIGITS: Final = 7
"""As many as those systems write: 33.33333."""
TRUTH: Final = {"en": ("True", "False"), "hu": ("Igaz", "Hamis")}
EMPTY: Final = Explanation("", "", "")


@dataclass(slots=True)
class Choice:
    """An option: Markdown, its weight in percent of the credit, and why it is right or wrong."""

    text: str
    weight: Fraction
    why: str = ""


@dataclass(slots=True)
class Question:
    """A question as other systems have it, its texts already in Markdown.

    It is `is_strict` where the other system, too, gives credit only for all keys and nothing else.
    """

    line: int
    name: str = ""
    source: str = ""
    stem: str = ""
    ask: str = ""
    is_single: bool = True
    is_strict: bool = False
    choices: list[Choice] = field(default_factory=list)
    explanation: Explanation = EMPTY
    references: tuple[Reference, ...] = ()
    labels: list[str] = field(default_factory=list)


def weight_of(option: OptionRecord, item: ItemRecord) -> str:
    """Return the percentage of an option: the keys share 100, and a wrong option takes all of it away."""
    keys = len(item.keys)
    if keys == 1:
        return "100" if option.correct else "0"
    return f"{100 / keys:.{WEIGHT_DIGITS}g}" if option.correct else "-100"


def truth_choices(language: str, *, is_true: bool, right: str, wrong: str) -> list[Choice]:
    """Return true and false as options; `right` and `wrong` are what a person reads who chose so."""
    words = TRUTH.get(language, TRUTH["en"])
    return [
        Choice(word, FULL if here else Fraction(0), right if here else wrong)
        for word, here in zip(words, (is_true, not is_true), strict=True)
    ]


class Builder:
    """Makes items of the questions of one file; ids that are missing are counted."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._sources: set[str] = set()
        self._count = 0

    def item(self, question: Question, context: Context) -> WholeItem | None:
        """Return an item, or None where the question is skipped or faulty, which the context knows."""
        self._count += 1
        if self._count > limits.QUESTIONS:
            raise refusal(context.file, question.line, "questions", most=limits.QUESTIONS)
        label = question.source or question.name or f"{self._count}"
        labels = read_labels(
            question.labels, lambda one: context.lose(question.line, label, "label", label=one)
        )
        name, source = (labels.id, labels.source) if labels.id else self._named(question, context)
        if question.source and question.name not in ("", question.source, labels.id):
            context.lose_setting(question.line, "title")
        if not _has_credit(question, label, context):
            return None
        record = ItemRecord(
            id=name,
            stem=question.stem,
            ask=question.ask,
            options=tuple(_options(question, labels.failures)),
            explanation=question.explanation,
            references=question.references,
            traits=Traits(
                task=labels.task,
                kind=of_keys(1 if question.is_single else 2),
                choose=sum(choice.weight > 0 for choice in question.choices) if not question.is_single else 1,
                difficulty=labels.difficulty,
                covers=tuple(labels.covers),
                cognitive_level=labels.level,
            ),
            place=context.place(question.line),
        )
        is_numbered = not (labels.id or source)
        item = WholeItem(record, context.language, {}, tuple(labels.tags), source, is_numbered)
        return self.checked(item, context)

    def _named(self, question: Question, context: Context) -> tuple[str, str]:
        """Return id and source of a question that is not ours; its title serves where it is the only one."""
        source = question.source or _short(question.name)
        if not question.source and source in self._sources:
            source = ""
        if not source:
            context.lose_setting(question.line, "no_source")
        name, number = source, self._count
        # Ids of other systems may be long or missing; a number that is free is taken then.
        while not name or len(name) > limits.ITEM_ID or (name in self._ids and not question.source):
            name, number = f"Q{number}", number + 1
        return name, source

    def checked(self, item: WholeItem, context: Context) -> WholeItem | None:
        """Return an item that is one, and the first of its id; else the context hears of what is wrong."""
        context.problems += [*item_faults(item), *self._repeated(item)]
        return None if context.is_faulty else item

    def check_texts(self, item: WholeItem, texts: ItemTextRecord, context: Context) -> None:
        """Look at a translation that was read apart from its item; the context hears of what is wrong."""
        # Checked with its item, whose own faults are known and not told twice.
        alone = WholeItem(replace(item.record, place=texts.place), item.language, {"": texts})
        known = set(map(str, context.problems))
        context.problems += [fault for fault in item_faults(alone) if str(fault) not in known]

    def _repeated(self, item: WholeItem) -> Iterator[Problem]:
        for known, name in ((self._ids, item.record.id), (self._sources, item.source)):
            if name and name in known:
                yield fault(item.record.place, item.record.id, "id_twice", name=name)
                return
            known.add(name)


def _short(title: str) -> str:
    """Return a title that is short enough for an id, and still tells long ones apart."""
    if len(title) <= limits.SOURCE:
        return title
    digest = sha256(title.encode("utf-8", "replace")).hexdigest()[:DIGITS]
    return f"{title[: limits.SOURCE - DIGITS - 1]}-{digest}"


def _options(question: Question, failures: dict[str, str]) -> Iterator[OptionRecord]:
    full = max((choice.weight for choice in question.choices), default=FULL)
    for letter, choice in zip(LETTERS, question.choices, strict=False):
        is_key = choice.weight == full if question.is_single else choice.weight > 0
        yield OptionRecord(letter, choice.text, is_key, None if is_key else failures.get(letter), choice.why)


def _has_credit(question: Question, label: str, context: Context) -> bool:
    """Tell whether its weights make keys; how they differ from all or nothing is noted."""
    count, line = len(question.choices), question.line
    weights = [choice.weight for choice in question.choices]
    if count > limits.OPTIONS:
        context.lose(line, label, "skipped_options", count=count, most=limits.OPTIONS)
        return False
    if count < 2:
        context.complain(line, label, "few_options")
        return False
    best = max(weights)
    if best <= 0:
        context.complain(line, label, "no_key")
        return False
    return (
        _single(question, weights, label, context)
        if question.is_single
        else _multiple(question, weights, label, context)
    )


def _single(question: Question, weights: list[Fraction], label: str, context: Context) -> bool:
    best, line = max(weights), question.line
    if best < FULL - CLOSE:
        context.lose(line, label, "skipped_partial", weight=_rounded(best))
        return False
    if weights.count(best) > 1:
        context.lose(line, label, "skipped_alternatives", count=weights.count(best))
        return False
    if partial := [weight for weight in weights if 0 < weight < best]:
        context.lose(line, label, "partial_credit", weights=_list(partial))
    if negative := [weight for weight in weights if weight < 0]:
        context.lose(line, label, "negative_credit", weights=_list(negative))
    return True


def _multiple(question: Question, weights: list[Fraction], label: str, context: Context) -> bool:
    keys = [weight for weight in weights if weight > 0]
    if max(keys) - min(keys) > CLOSE or not (_is_whole(keys) or all(weight == FULL for weight in keys)):
        context.lose(question.line, label, "partial_credit", weights=_list(keys))
    elif len(keys) > 1 and not question.is_strict:
        context.lose_setting(question.line, "all_or_nothing")
    # What takes everything away says the same as we do: a wrong option makes the answer wrong.
    if negative := [weight for weight in weights if -FULL < weight < 0]:
        context.lose(question.line, label, "negative_credit", weights=_list(negative))
    if len(keys) == 1:
        question.is_single = True
    return True


def _is_whole(keys: list[Fraction]) -> bool:
    return abs(sum(keys) - FULL) <= CLOSE * len(keys)


def _rounded(weight: Fraction) -> str:
    return f"{float(weight):.5g}"


def _list(weights: Iterable[Fraction]) -> str:
    return ", ".join(f"{_rounded(weight)} %" for weight in dict.fromkeys(weights))


def item_faults(item: WholeItem) -> Iterator[Problem]:
    """Yield what is wrong with an item of any format, in any of its languages."""
    record = item.record
    place, name = record.place, record.id
    if not name.strip():
        yield fault(place, name, "no_id")
    for one, most in ((name, limits.ITEM_ID), (item.source, limits.SOURCE)):
        if len(one) > most:
            yield fault(place, name, "id_long", most=most)
    for reference in record.references:
        if not reference.title or not is_link(reference.url):
            yield fault(place, name, "reference", value=f"{reference.title} <{reference.url}>")
    yield from _shape_faults(item)
    for field_name, text in named_texts(item):
        yield from _text_faults(place, name, field_name, text)
    yield from _markdown_faults(record, place, name)
    for texts in item.texts.values():
        yield from _markdown_faults(texts, place, name)


def _shape_faults(item: WholeItem) -> Iterator[Problem]:
    record = item.record
    place, name = record.place, record.id
    if _is_blank(record.stem):
        yield fault(place, name, "no_stem")
    for option in record.options:
        if _is_blank(option.text):
            yield fault(place, name, "no_option_text", letter=option.letter)
    count = len(record.options)
    if count < 2:
        yield fault(place, name, "few_options")
    elif not record.keys:
        yield fault(place, name, "no_key")
    elif len(record.keys) == count:
        yield fault(place, name, "all_keys")
    elif has_one_answer(item.traits.kind) and len(record.keys) > 1:
        yield fault(place, name, "two_keys", count=len(record.keys))


def _is_blank(text: str) -> bool:
    """Tell whether a text shows nothing: there is Markdown that does not, such as a heading without words."""
    suspicious = text.startswith(MARKUP) or not any(map(str.isalnum, text))
    return not text or (suspicious and len(text) <= markdown.TEXT_LENGTH and not markdown_parts(text))


def named_texts(item: WholeItem) -> Iterator[tuple[str, str]]:
    """Yield every string of an item with the name of its field."""
    record, traits = item.record, item.traits
    yield from (("id", record.id), ("source", item.source), ("task", traits.task))
    yield from (("tags", tag) for tag in item.tags)
    yield from (("covers", name) for name in traits.covers)
    for reference in record.references:
        yield from (("references", reference.title), ("references", reference.url))
    yield from text_fields(record)
    for language, texts in item.texts.items():
        yield "language", language
        yield from text_fields(texts)


def text_fields(record: ItemRecord | ItemTextRecord) -> Iterator[tuple[str, str]]:
    """Yield the Markdown of an item in one language, with the names of its fields."""
    yield from (("stem", record.stem), ("ask", record.ask))
    for option in record.options:
        yield from (
            (f"option_{option.letter.lower()}", option.text),
            (f"why_{option.letter.lower()}", option.why),
        )
    explanation = record.explanation
    yield "why_correct", explanation.why_correct
    yield from (("principle", explanation.principle), ("exam_tip", explanation.exam_tip))


def _text_faults(place: Place, name: str, field_name: str, text: str) -> Iterator[Problem]:
    if match := (UNFIT_LINE if field_name in NAMES else UNFIT).search(text):
        yield fault(place, name, "control", field=field_name, sign=f"{ord(match[0]):04X}")
    if match := BIDI.search(text):
        yield fault(place, name, "direction", field=field_name, sign=f"{ord(match[0]):04X}")
    if len(text) > markdown.TEXT_LENGTH:
        yield fault(place, name, "too_long", field=field_name, most=markdown.TEXT_LENGTH)


def _markdown_faults(record: ItemRecord | ItemTextRecord, place: Place, name: str) -> Iterator[Problem]:
    for field_name, text in text_fields(record):
        # Too long is a fault already, and parsing it could take the square of its length.
        if len(text) > markdown.TEXT_LENGTH:
            continue
        if field_name == "ask":
            faults = markdown.line_faults(text)
        elif field_name.startswith("option_"):
            faults = markdown.faults(text, columns=markdown.NARROW)
        else:
            faults = markdown.faults(text)
        for message in faults:
            yield Problem(place, printable(name), f"{field_name}: {message}")
