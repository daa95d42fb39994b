"""Exam files, their translations and the free sample: bytes to records and back.

The format is section 9 of the item-writing guide. A translation has the same shape without
`correct`, `failure` and `references`, and names its language. The items of the sample are whole.
"""

from exams.content.formats.item_yaml import (
    exam_item,
    item_row,
    item_text,
    needed_keys,
    text_row,
    unique,
    whole_item,
)
from exams.content.formats.tree import dump, finish, open_document
from exams.content.records import ExamRecord, SampleRecord, TranslationRecord
from exams.kinds.profile import Profile


def read_exam(data: bytes, file: str, profile: Profile) -> ExamRecord:
    """Read an exam file of a certification; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "items"))
    name = top.text("exam")
    needed = needed_keys(profile)
    items = tuple(exam_item(branch, needed) for branch in unique(top.rows("items"), "id", "item"))
    finish(problems)
    return ExamRecord(name, items, root.place)


def read_translation(data: bytes, file: str, profile: Profile) -> TranslationRecord:
    """Read a translation file; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "language", "items"))
    name, language = top.text("exam"), top.text("language")
    needed = needed_keys(profile)
    items = tuple(item_text(branch, needed) for branch in unique(top.rows("items"), "id", "item"))
    finish(problems)
    return TranslationRecord(name, language, items, root.place)


def write_exam(exam: ExamRecord) -> bytes:
    """Write an exam file; reading it again gives an equal record."""
    return dump({"exam": exam.name, "items": [item_row(item) for item in exam.items]})


def write_translation(translation: TranslationRecord) -> bytes:
    """Write a translation file; reading it again gives an equal record."""
    items = [text_row(item) for item in translation.items]
    return dump({"exam": translation.name, "language": translation.language, "items": items})


def read_sample(data: bytes, file: str, profile: Profile) -> SampleRecord:
    """Read the items of the free sample; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    rows = unique(root.fields(("items",)).rows("items"), "id", "item")
    needed = needed_keys(profile)
    items = tuple(whole_item(branch, needed) for branch in rows)
    finish(problems)
    return SampleRecord(items, place=root.place)


def write_sample(sample: SampleRecord) -> bytes:
    """Write the file of the sample; reading it again gives an equal record."""
    return dump({"items": [item_row(item) for item in sample.items]})
