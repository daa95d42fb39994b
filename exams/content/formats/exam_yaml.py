"""Exam files and their translations: bytes to records and back.

The format is section 9 of the item-writing guide. A translation has the same shape without
`correct`, `failure` and `references`, and names its language.
"""

from typing import Any, Final

from exams.content.formats.dump import dump
from exams.content.formats.tree import Branch, finish, open_document
from exams.content.records import (
    ExamRecord,
    Explanation,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    TranslationRecord,
)

ITEM_KEYS: Final = ("id", "stem", "options", "explanation", "references")
TEXT_KEYS: Final = ("id", "stem", "options", "explanation")
EXPLANATION_KEYS: Final = ("why_correct", "principle", "exam_tip")


def read_exam(data: bytes, file: str) -> ExamRecord:
    """Read an exam file; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "items"))
    name = top.text("exam")
    items = tuple(_item(branch) for branch in _unique(top.rows("items"), "id", "item"))
    finish(problems)
    return ExamRecord(name, items, root.place)


def read_translation(data: bytes, file: str) -> TranslationRecord:
    """Read a translation file; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("exam", "language", "items"))
    name, language = top.text("exam"), top.text("language")
    items = tuple(_item_text(branch) for branch in _unique(top.rows("items"), "id", "item"))
    finish(problems)
    return TranslationRecord(name, language, items, root.place)


def _unique(rows: list[Branch], key: str, what: str) -> list[Branch]:
    """Complain about a second row with the same `key`, and name the faults of each row by its item."""
    seen: set[str] = set()
    found = []
    for row in rows:
        name = _peek(row, key)
        branch = row.within(name) if what == "item" else row
        if name and name in seen:
            branch.complain(f"the {what} {name!r} appears twice")
        seen.add(name)
        found.append(branch)
    return found


def _peek(row: Branch, key: str) -> str:
    """Return the text under `key` without complaining, or an empty text."""
    return row.silent().fields((), open_ended=True).text(key)


def _item(branch: Branch) -> ItemRecord:
    fields = branch.fields(ITEM_KEYS)
    return ItemRecord(
        id=fields.text("id"),
        stem=fields.text("stem"),
        options=tuple(_option(row) for row in _unique(fields.rows("options"), "key", "option")),
        explanation=_explanation(fields["explanation"]),
        references=tuple(_reference(row) for row in fields.rows("references")),
        place=branch.place,
    )


def _option(branch: Branch) -> OptionRecord:
    fields = branch.fields(("key", "text", "correct", "why"), ("failure",))
    return OptionRecord(
        letter=fields.text("key"),
        text=fields.text("text"),
        correct=fields.flag("correct"),
        failure=fields.text("failure") if "failure" in fields else None,
        why=fields.text("why"),
    )


def _explanation(branch: Branch) -> Explanation:
    fields = branch.fields(EXPLANATION_KEYS)
    return Explanation(*(fields.text(key) for key in EXPLANATION_KEYS))


def _reference(branch: Branch) -> Reference:
    fields = branch.fields(("title", "url"))
    return Reference(fields.text("title"), fields.text("url"))


def _item_text(branch: Branch) -> ItemTextRecord:
    fields = branch.fields(TEXT_KEYS)
    return ItemTextRecord(
        id=fields.text("id"),
        stem=fields.text("stem"),
        options=tuple(_option_text(row) for row in _unique(fields.rows("options"), "key", "option")),
        explanation=_explanation(fields["explanation"]),
        place=branch.place,
    )


def _option_text(branch: Branch) -> OptionTextRecord:
    fields = branch.fields(("key", "text", "why"))
    return OptionTextRecord(fields.text("key"), fields.text("text"), fields.text("why"))


def write_exam(exam: ExamRecord) -> bytes:
    """Write an exam file; reading it again gives an equal record."""
    items = [
        {
            "id": item.id,
            "stem": item.stem,
            "options": [_option_row(option) for option in item.options],
            "explanation": _explanation_row(item.explanation),
            "references": [{"title": page.title, "url": page.url} for page in item.references],
        }
        for item in exam.items
    ]
    return dump({"exam": exam.name, "items": items})


def write_translation(translation: TranslationRecord) -> bytes:
    """Write a translation file; reading it again gives an equal record."""
    items = [
        {
            "id": item.id,
            "stem": item.stem,
            "options": [{"key": row.letter, "text": row.text, "why": row.why} for row in item.options],
            "explanation": _explanation_row(item.explanation),
        }
        for item in translation.items
    ]
    return dump({"exam": translation.name, "language": translation.language, "items": items})


def _option_row(option: OptionRecord) -> dict[str, Any]:
    failure = {} if option.failure is None else {"failure": option.failure}
    return {
        "key": option.letter,
        "text": option.text,
        "correct": option.correct,
        **failure,
        "why": option.why,
    }


def _explanation_row(explanation: Explanation) -> dict[str, str]:
    return {key: getattr(explanation, key) for key in EXPLANATION_KEYS}
