"""What only tools measure of a file: items with one key and with several, translations by their originals."""

from dataclasses import replace

from exams.content.records import ExamRecord, ItemRecord, ItemTextRecord, TranslationRecord
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.rule import PERCENT
from exams.kinds.kinds import has_one_answer


def share(part: float, whole: float) -> float:
    """Return a part of a whole in percent; nothing of nothing is 0."""
    return PERCENT * part / whole if whole else 0.0


def percent(part: float, whole: float) -> str:
    """Return a share as a person reads it, with the counts that make it."""
    counted = f"{part:g}" if part == int(part) else f"{part:.1f}"
    return f"{share(part, whole):.1f} % ({counted} of {whole:g})"


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of words: shared words over all words."""
    shared = len(one & other)
    together = len(one) + len(other) - shared
    return shared / together if together else 0.0


def is_revised(exam: MeasuredExam) -> bool:
    """Tell whether the guide says that its questions were revised, so that every rule judges them."""
    return exam.exam.name in exam.guide.revised


def is_single(one: MeasuredItem) -> bool:
    """Tell whether this is a single-answer item that can be measured as one."""
    is_planned = one.slot is not None and has_one_answer(one.slot.kind)
    return is_planned and len(one.item.keys) == 1 and len(one.item.options) > 1


def is_multiple(one: MeasuredItem) -> bool:
    """Tell whether this is a multiple-response item that can be measured as one."""
    is_planned = one.slot is not None and not has_one_answer(one.slot.kind)
    return is_planned and 1 <= len(one.item.keys) < len(one.item.options)


def singles_of(exam: MeasuredExam) -> tuple[MeasuredItem, ...]:
    """Return the single-answer items."""
    return tuple(filter(is_single, exam.items))


def single_key(one: MeasuredItem) -> str:
    """Return the letter of the key of a single-answer item."""
    return one.item.keys[0]


def translated(exam: ExamRecord, translation: TranslationRecord) -> ExamRecord:
    """Lay the texts of a translation over the original; what is right comes from the original alone.

    Items that one of the two does not know are left out, as are options.
    """
    originals = {item.id: item for item in exam.items}
    items = tuple(
        _translated_item(originals[text.id], text) for text in translation.items if text.id in originals
    )
    return ExamRecord(exam.name, items, translation.place)


def _translated_item(item: ItemRecord, text: ItemTextRecord) -> ItemRecord:
    words = {option.letter: option for option in text.options}
    options = tuple(
        replace(option, text=words[option.letter].text, why=words[option.letter].why)
        for option in item.options
        if option.letter in words
    )
    return replace(
        item, stem=text.stem, ask=text.ask, options=options, explanation=text.explanation, place=text.place
    )
