"""One item of a file, as every file that holds items writes it: to records and back.

The items of an exam leave out what the blueprint plans (`exam_item`). A whole item says all of it itself
(`whole_item`): task, type, choose, difficulty and coverage. The profile of the certification says which parts
of an explanation both need. A draft (`draft_item`) may leave out what is not needed to answer it.
"""

from collections.abc import Collection, Iterable
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
from exams.kinds.profile import Profile

BASIC_KEYS: Final = ("id", "stem", "options")
OTHER_KEYS: Final = ("explanation", "references")
TRAIT_KEYS: Final = ("task", "type", "choose", "difficulty", "coverage")
EXPLANATION_KEYS: Final = ("why_correct", "principle", "exam_tip")
LETTERS: Final = "ABCDEF"
PROFILE_KEYS: Final = {
    "references": "references",
    "principle": "principle",
    "tip": "exam_tip",
    "rationale": "why",
}
"""What files call the parts of which a profile says whether they are required."""
DRAFT: Final[Collection[str]] = ()


def needed_keys(profile: Profile) -> Collection[str]:
    """Return the keys that an item may not leave out, beside those that any item has."""
    asked = {key for part, key in PROFILE_KEYS.items() if part in profile.required}
    return asked | {"explanation", "why_correct"}


def unique(rows: list[Branch], key: str, what: str) -> list[Branch]:
    """Complain about a second row with the same `key`, and name the faults of each row by its item."""
    seen: set[str] = set()
    branches = []
    for row in rows:
        name = _peek(row, key)
        branch = row.within(name) if what == "item" else row
        if name and name in seen:
            branch.complain(f"the {what} {name!r} appears twice")
        seen.add(name)
        branches.append(branch)
    return branches


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


def exam_item(branch: Branch, needed: Collection[str]) -> ItemRecord:
    """Read an item of an exam; what the blueprint plans of it is not there."""
    return _item(branch, _fields(branch, BASIC_KEYS, needed), None, needed)


def whole_item(branch: Branch, needed: Collection[str]) -> ItemRecord:
    """Read an item that stands alone, with its traits; its question is a field of its own.

    Letters and the number of keys must be those of its type, since no blueprint is there to ask.
    """
    fields = _fields(branch, (*BASIC_KEYS, *TRAIT_KEYS, "ask"), needed, ("cognitive_level",))
    item = _item(branch, fields, _traits(fields), needed)
    _check_keys(item, branch, fields)
    return item


def draft_item(branch: Branch, more: Iterable[str]) -> tuple[ItemRecord, Fields]:
    """Read an item that is as whole as its authors got; values of further keys (`more`) are returned."""
    fields = _fields(branch, (*BASIC_KEYS, "type", "choose"), DRAFT, (*TRAIT_KEYS, "cognitive_level", *more))
    item = _item(branch, fields, _traits(fields), DRAFT)
    _check_keys(item, branch, fields)
    return item, fields


def _fields(
    branch: Branch, always: Iterable[str], needed: Collection[str], more: Iterable[str] = ()
) -> Fields:
    required = (*always, *(key for key in OTHER_KEYS if key in needed))
    return branch.fields(required, ("ask", *OTHER_KEYS, *more))


def _item(branch: Branch, fields: Fields, traits: Traits | None, needed: Collection[str]) -> ItemRecord:
    return ItemRecord(
        id=fields.text("id"),
        stem=_blocks(fields, "stem"),
        ask=_ask(fields),
        options=tuple(_option(row, needed) for row in unique(fields.rows("options"), "key", "option")),
        explanation=_explanation(fields["explanation"], needed),
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


def _option(branch: Branch, needed: Collection[str]) -> OptionRecord:
    fields = branch.fields(_option_keys(needed, "key", "text", "correct"), ("failure", "why"))
    return OptionRecord(
        letter=fields.text("key"),
        text=_blocks(fields, "text", markdown.NARROW),
        correct=fields.flag("correct"),
        failure=fields.text("failure") if "failure" in fields else None,
        why=_blocks(fields, "why"),
    )


def _option_keys(needed: Collection[str], *always: str) -> tuple[str, ...]:
    return (*always, "why") if "why" in needed else always


def _explanation(branch: Branch, needed: Collection[str]) -> Explanation:
    fields = branch.fields((key for key in EXPLANATION_KEYS if key in needed), EXPLANATION_KEYS)
    return Explanation(*(_blocks(fields, key) for key in EXPLANATION_KEYS))


def _reference(branch: Branch) -> Reference:
    fields = branch.fields(("title", "url"))
    return Reference(fields.text("title"), fields.text("url"))


def item_text(branch: Branch, needed: Collection[str], draft_of: str = "") -> ItemTextRecord:
    """Read the translated texts of an item; those of a draft have no id of their own."""
    keys = ("stem", "options") if draft_of else BASIC_KEYS
    required = (*keys, "explanation") if "explanation" in needed else keys
    fields = branch.fields(required, ("ask", "explanation", *(("figures",) if draft_of else ())))
    return ItemTextRecord(
        id=draft_of or fields.text("id"),
        stem=_blocks(fields, "stem"),
        ask=_ask(fields),
        options=tuple(_option_text(row, needed) for row in unique(fields.rows("options"), "key", "option")),
        explanation=_explanation(fields["explanation"], needed),
        place=branch.place,
    )


def _option_text(branch: Branch, needed: Collection[str]) -> OptionTextRecord:
    fields = branch.fields(_option_keys(needed, "key", "text"), ("why",))
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
        "options": [{"key": row.letter, "text": row.text, **_why_row(row.why)} for row in item.options],
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
    failure = {"failure": option.failure} if option.failure else {}
    return {
        "key": option.letter,
        "text": option.text,
        "correct": option.correct,
        **failure,
        **_why_row(option.why),
    }


def _why_row(why: str) -> dict[str, str]:
    return {"why": why} if why else {}


def _explanation_row(explanation: Explanation) -> dict[str, str]:
    return {key: text for key, text in zip(EXPLANATION_KEYS, explanation.texts, strict=True) if text}
