"""One item of a file, as every file that holds items writes it: to records and back.

The items of an exam leave out what the blueprint plans (`exam_item`). A whole item says all of it itself
(`whole_item`): task, type, choose, difficulty and coverage. A draft (`draft_item`) may leave out what is not
needed to answer it.
"""

from collections.abc import Iterable
from typing import Any, Final

from exams.content import markdown
from exams.content.formats.blueprint_yaml import DIFFICULTIES, LEVELS
from exams.content.formats.tree import Branch, Fields
from exams.content.records import (
    Explanation,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    Traits,
)
from exams.kinds.kinds import KINDS, NAMES

TEXT_KEYS: Final = ("id", "stem", "options", "explanation")
ITEM_KEYS: Final = (*TEXT_KEYS, "references")
TRAIT_KEYS: Final = ("task", "type", "choose", "difficulty", "coverage")
DRAFT_KEYS: Final = ("id", "type", "choose", "stem", "options")
EXPLANATION_KEYS: Final = ("why_correct", "principle", "exam_tip")
LETTERS: Final = "ABCDEF"


def unique(rows: list[Branch], key: str, what: str) -> list[Branch]:
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


def _blocks(fields: Fields, key: str, columns: int = markdown.TABLE_COLUMNS) -> str:
    """Return a text in Markdown that may hold tables, code and figures; what is wrong with it is a fault."""
    text = fields.text(key)
    for fault in markdown.faults(text, columns=columns):
        fields[key].complain(fault)
    return text


def _ask(fields: Fields) -> str:
    if "ask" not in fields:
        return ""
    text = fields.text("ask")
    for fault in markdown.line_faults(text):
        fields["ask"].complain(fault)
    return text


def exam_item(branch: Branch) -> ItemRecord:
    """Read an item of an exam; what the blueprint plans of it is not there."""
    return _item(branch, branch.fields(ITEM_KEYS, ("ask",)), None)


def whole_item(branch: Branch) -> ItemRecord:
    """Read an item that stands alone, with its traits; its question is a field of its own.

    Letters and the number of keys must be those of its type, since no blueprint is there to ask.
    """
    fields = branch.fields((*ITEM_KEYS, *TRAIT_KEYS, "ask"), ("cognitive_level",))
    item = _item(branch, fields, _traits(fields))
    _check_keys(item, branch, fields)
    return item


def draft_item(branch: Branch, more: Iterable[str]) -> tuple[ItemRecord, Fields]:
    """Read an item that is as whole as its authors got; values of further keys (`more`) are returned."""
    rest = {*ITEM_KEYS, *TRAIT_KEYS, "ask", "cognitive_level", *more}.difference(DRAFT_KEYS)
    fields = branch.fields(DRAFT_KEYS, rest)
    item = _item(branch, fields, _traits(fields), is_draft=True)
    _check_keys(item, branch, fields)
    return item, fields


def _item(branch: Branch, fields: Fields, traits: Traits | None, *, is_draft: bool = False) -> ItemRecord:
    return ItemRecord(
        id=fields.text("id"),
        stem=_blocks(fields, "stem"),
        ask=_ask(fields),
        options=tuple(_option(row, is_draft) for row in unique(fields.rows("options"), "key", "option")),
        explanation=_explanation(fields["explanation"], is_draft),
        references=tuple(_reference(row) for row in fields.rows("references")),
        traits=traits,
        place=branch.place,
    )


def _traits(fields: Fields) -> Traits:
    return Traits(
        task=fields.text("task"),
        kind=fields["type"].one_of(NAMES),
        choose=fields.number("choose"),
        difficulty=fields["difficulty"].one_of(DIFFICULTIES),
        covers=fields["coverage"].texts(),
        cognitive_level=fields["cognitive_level"].one_of(LEVELS) if "cognitive_level" in fields else "",
    )


def _check_keys(item: ItemRecord, branch: Branch, fields: Fields) -> None:
    letters = "".join(option.letter for option in item.options)
    if letters != LETTERS[: len(item.options)]:
        fields["options"].complain(f"the options are {letters or 'none'}, not letters from A on")
    if item.traits is None or "choose" not in fields or "type" not in fields:
        return
    kind = KINDS.get(item.traits.kind)
    if kind and not kind.takes(item.traits.choose):
        fields["choose"].complain(f"of type {item.traits.kind} not {item.traits.choose} can be chosen")
    if len(item.keys) != item.traits.choose or len(item.keys) == len(item.options):
        branch.complain(
            f"{len(item.keys)} of {len(item.options)} options are correct, "
            f"{item.traits.choose} are to be chosen"
        )


def _option(branch: Branch, is_draft: bool) -> OptionRecord:
    needed = ("key", "text", "correct")
    fields = branch.fields(needed if is_draft else (*needed, "why"), ("failure", "why"))
    return OptionRecord(
        letter=fields.text("key"),
        text=_blocks(fields, "text", markdown.NARROW),
        correct=fields.flag("correct"),
        failure=fields.text("failure") if "failure" in fields else None,
        why=_blocks(fields, "why"),
    )


def _explanation(branch: Branch, is_draft: bool = False) -> Explanation:
    fields = branch.fields(() if is_draft else EXPLANATION_KEYS, EXPLANATION_KEYS)
    return Explanation(*(_blocks(fields, key) for key in EXPLANATION_KEYS))


def _reference(branch: Branch) -> Reference:
    fields = branch.fields(("title", "url"))
    return Reference(fields.text("title"), fields.text("url"))


def item_text(branch: Branch, draft_of: str = "") -> ItemTextRecord:
    """Read the translated texts of an item; those of a draft have no id and may leave explanations out."""
    needed = ("stem", "options") if draft_of else TEXT_KEYS
    fields = branch.fields(needed, ("ask", "explanation", *(("figures",) if draft_of else ())))
    is_draft = bool(draft_of)
    return ItemTextRecord(
        id=draft_of or fields.text("id"),
        stem=_blocks(fields, "stem"),
        ask=_ask(fields),
        options=tuple(_option_text(row, is_draft) for row in unique(fields.rows("options"), "key", "option")),
        explanation=_explanation(fields["explanation"], is_draft),
        place=branch.place,
    )


def _option_text(branch: Branch, is_draft: bool) -> OptionTextRecord:
    fields = branch.fields(("key", "text") if is_draft else ("key", "text", "why"), ("why",))
    text, why = _blocks(fields, "text", markdown.NARROW), _blocks(fields, "why")
    return OptionTextRecord(fields.text("key"), text, why)


def item_row(item: ItemRecord) -> dict[str, Any]:
    """Return an item as a file has it; reading it again gives an equal record."""
    return {
        "id": item.id,
        **(_traits_row(item.traits) if item.traits else {}),
        "stem": item.stem,
        **_ask_row(item.ask),
        "options": [_option_row(option) for option in item.options],
        "explanation": _explanation_row(item.explanation),
        "references": [{"title": page.title, "url": page.url} for page in item.references],
    }


def text_row(item: ItemTextRecord) -> dict[str, Any]:
    """Return translated texts as a file has them; reading them again gives an equal record."""
    return {
        "id": item.id,
        "stem": item.stem,
        **_ask_row(item.ask),
        "options": [{"key": row.letter, "text": row.text, "why": row.why} for row in item.options],
        "explanation": _explanation_row(item.explanation),
    }


def _traits_row(traits: Traits) -> dict[str, Any]:
    level = {"cognitive_level": traits.cognitive_level} if traits.cognitive_level else {}
    return {
        "task": traits.task,
        "type": traits.kind,
        "choose": traits.choose,
        "difficulty": traits.difficulty,
        **level,
        "coverage": list(traits.covers),
    }


def _ask_row(ask: str) -> dict[str, str]:
    return {"ask": ask} if ask else {}


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
