"""The content of a drafted item: its one shape, and what the bank takes of it. Queries nothing.

```
{"task": "1.2", "kind": "single", "choose": 1, "difficulty": "medium", "level": "apply", "covers": ["s3"],
 "tags": ["lambda"], "twins": "", "source": "",
 "options": [{"key": true, "failure": ""}, ...],
 "references": [{"title": "...", "url": "https://..."}],
 "texts": {"en": {"stem": "...", "ask": "...", "why": "...", "principle": "...", "tip": "...",
                  "options": [{"text": "...", "why": "..."}], "figures": [{"name": "...", "svg": "..."}]}}}
```
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from exams.authoring import schema
from exams.authoring.kinds import Content, ContentError
from exams.bank.drafts import Filing, ItemDraft, TextDraft
from exams.content.markdown import figure_names
from exams.content.records import (
    Explanation,
    FigureRecord,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    Reference,
    Traits,
    WholeItem,
)
from exams.kinds import kinds
from i18n import languages

LEAST_OPTIONS: Final = 2
MOST_OPTIONS: Final = 6
# A draft may hold a number that no question has; a remark says so, and only publishing needs a right one.
MOST_CHOSEN: Final = 99
MOST_LISTED: Final = 40
DIFFICULTIES: Final = ("easy", "medium", "hard")
WORDS: Final = ("stem", "ask", "why", "principle", "tip")
LETTERS: Final = "ABCDEF"

# What is posted, imported or stored is brought into this shape; the rules come after it.
SHAPE: Final = schema.fields(
    task=schema.line(60),
    kind=schema.choice(kinds.NAMES, kinds.FIRST),
    choose=schema.number(0, MOST_CHOSEN, 1),
    difficulty=schema.choice(DIFFICULTIES, DIFFICULTIES[0]),
    level=schema.line(60),
    covers=schema.lines(MOST_LISTED, 60),
    tags=schema.lines(MOST_LISTED, 60),
    twins=schema.line(40),
    source=schema.line(200),
    options=schema.rows(MOST_OPTIONS, schema.fields(key=schema.flag(default=False), failure=schema.text(4))),
    references=schema.rows(
        MOST_LISTED, schema.fields(title=schema.text(500, stripped=True), url=schema.text(500, stripped=True))
    ),
    texts=schema.by_key(
        languages.CODES,
        schema.fields(
            **dict.fromkeys(WORDS, schema.text()),
            options=schema.rows(MOST_OPTIONS, schema.fields(text=schema.text(), why=schema.text())),
            figures=schema.rows(MOST_LISTED, schema.fields(name=schema.text(80), svg=schema.text(200_000))),
        ),
    ),
)


def empty(language: str) -> dict[str, Any]:
    """Return a new item: four options, nothing said yet."""
    return {
        "task": "",
        "kind": kinds.FIRST,
        "choose": 1,
        "difficulty": "medium",
        "level": "",
        "covers": [],
        "tags": [],
        "twins": "",
        "source": "",
        "options": [{"key": False, "failure": ""} for _ in range(4)],
        "references": [],
        "texts": {language: no_text(4)},
    }


def no_text(options: int) -> dict[str, Any]:
    """Return the texts of an item in a language in which nothing is written yet."""
    return {
        **dict.fromkeys(WORDS, ""),
        "options": [{"text": "", "why": ""} for _ in range(options)],
        "figures": [],
    }


def clean(content: Content) -> dict[str, Any]:
    """Return the content in its one shape, each text with as many options as the item has.

    Raises ContentError where something has another type, is unknown, or is too long or too much.
    """
    whole: dict[str, Any] = SHAPE.clean(content, "")
    count = len(whole["options"])
    if count < LEAST_OPTIONS:
        raise ContentError("options", _("A question has two options or more."))
    for words in whole["texts"].values():
        options = words["options"]
        words["options"] = (options + no_text(count - len(options))["options"])[:count]
    return whole


def from_whole(item: WholeItem, *, twins: str = "") -> dict[str, Any]:
    """Return a whole item as content: read again by `item_draft`, it is the same item."""
    record, traits = item.record, item.record.traits
    texts = {item.language: _words(record)} | {
        language: _words(text) for language, text in item.texts.items()
    }
    return clean(
        {
            "task": traits.task if traits else "",
            "kind": traits.kind if traits else kinds.of_keys(len(record.keys)),
            "choose": max(traits.choose if traits else len(record.keys), 1),
            "difficulty": (traits.difficulty if traits else "") or "medium",
            "level": traits.cognitive_level if traits else "",
            "covers": list(traits.covers) if traits else [],
            "tags": list(item.tags),
            "twins": twins,
            "source": item.source,
            "options": [{"key": one.correct, "failure": one.failure or ""} for one in record.options],
            "references": [{"title": page.title, "url": page.url} for page in record.references],
            "texts": texts,
        }
    )


def _words(text: ItemRecord | ItemTextRecord) -> dict[str, Any]:
    return {
        "stem": text.stem,
        "ask": text.ask,
        "why": text.explanation.why_correct,
        "principle": text.explanation.principle,
        "tip": text.explanation.exam_tip,
        "options": [{"text": one.text, "why": one.why} for one in text.options],
        "figures": [{"name": one.name, "svg": one.svg} for one in text.figures],
    }


def item_draft(content: Content, code: str, language: str) -> ItemDraft:
    """Return what the bank stores as a version, with the text in the original language."""
    return ItemDraft(
        code=code,
        task_code=content["task"],
        coverage=tuple(content["covers"]),
        kind=content["kind"],
        choose=content["choose"],
        difficulty=content["difficulty"],
        cognitive_level=content["level"],
        keys=tuple(option["key"] for option in content["options"]),
        failures=tuple(_failure(option) for option in content["options"]),
        text=text_draft(content, language),
        filing=Filing(tuple(content["tags"]), content["twins"], content["source"]),
    )


def _failure(option: Mapping[str, Any]) -> str:
    """Return why an option fails; of one marked as correct, a draft keeps it for when the mark is undone."""
    return "" if option["key"] else str(option["failure"])


def text_draft(content: Content, language: str) -> TextDraft:
    """Return what the bank stores as a text in one language, with the drawings that it shows.

    A draft keeps those that it no longer shows: a paragraph may be on its way to another place.
    """
    words = content["texts"][language]
    drawn = {one["name"]: one["svg"] for one in words["figures"]}
    shown = figure_names(*texts_of(words).values())
    return TextDraft(
        language=language,
        stem=words["stem"],
        why=words["why"],
        principle=words["principle"],
        tip=words["tip"],
        references=tuple((one["title"], one["url"]) for one in content["references"]),
        options=tuple((one["text"], one["why"]) for one in words["options"]),
        ask=words["ask"],
        figures=tuple((name, drawn[name]) for name in shown if name in drawn),
    )


def texts_of(text: Mapping[str, Any]) -> dict[str, str]:
    """Return every text in one language by its path."""
    options = (
        (f"options.{number}.{name}", option[name])
        for number, option in enumerate(text["options"])
        for name in ("text", "why")
    )
    return {**{name: text[name] for name in WORDS}, **dict(options)}


def written(text: Mapping[str, Any]) -> bool:
    """Tell whether anything is written in a text: an empty translation is none."""
    return any(words.strip() for words in texts_of(text).values())


def item_record(content: Content, code: str, language: str) -> ItemRecord:
    """Return the item as rules and formats take it, with its texts in one language."""
    text = content["texts"][language]
    pairs = zip(LETTERS, content["options"], text["options"], strict=False)
    return ItemRecord(
        id=code,
        stem=text["stem"],
        ask=text["ask"],
        options=tuple(
            OptionRecord(letter, words["text"], option["key"], _failure(option) or None, words["why"])
            for letter, option, words in pairs
        ),
        explanation=Explanation(text["why"], text["principle"], text["tip"]),
        references=tuple(Reference(one["title"], one["url"]) for one in content["references"]),
        traits=Traits(
            task=content["task"],
            kind=content["kind"],
            choose=content["choose"],
            difficulty=content["difficulty"],
            covers=tuple(content["covers"]),
            cognitive_level=content["level"],
        ),
        figures=tuple(FigureRecord(one["name"], one["svg"], "", "") for one in text["figures"]),
    )
