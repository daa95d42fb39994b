"""The content of a drafted item: its one shape, and what the bank takes of it. Queries nothing.

```
{"task": "1.2", "kind": "single", "choose": 1, "difficulty": "medium", "level": "apply", "covers": ["s3"],
 "options": [{"key": true, "failure": ""}, ...],
 "references": [{"title": "...", "url": "https://..."}],
 "texts": {"en": {"stem": "...", "ask": "...", "why": "...", "principle": "...", "tip": "...",
                  "options": [{"text": "...", "why": "..."}], "figures": [{"name": "...", "svg": "..."}]}}}
```
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from exams.authoring.kinds import Content, ContentError
from exams.bank.drafts import ItemDraft, TextDraft
from exams.content.records import Explanation, FigureRecord, ItemRecord, OptionRecord, Reference, Traits
from i18n import languages

LONGEST: Final = 20_000
MOST_OPTIONS: Final = 6
MOST_LISTED: Final = 40
KINDS: Final = ("single", "multiple")
DIFFICULTIES: Final = ("easy", "medium", "hard")
WORDS: Final = ("stem", "ask", "why", "principle", "tip")
LETTERS: Final = "ABCDEF"
FIELDS: Final = (
    *("task", "kind", "choose", "difficulty", "level", "covers"),
    *("options", "references", "texts"),
)


def empty(language: str) -> dict[str, Any]:
    """Return a new item: four options, nothing said yet."""
    return {
        "task": "",
        "kind": "single",
        "choose": 1,
        "difficulty": "medium",
        "level": "",
        "covers": [],
        "options": [{"key": False, "failure": ""} for _ in range(4)],
        "references": [],
        "texts": {language: _no_text(4)},
    }


def _no_text(options: int) -> dict[str, Any]:
    return {
        **dict.fromkeys(WORDS, ""),
        "options": [{"text": "", "why": ""} for _ in range(options)],
        "figures": [],
    }


def clean(content: Content) -> dict[str, Any]:
    """Return the content in its one shape, each text with as many options as the item has.

    Raises ContentError where something has another type, is unknown, or is too long or too much.
    """
    whole = _mapping(content, "", FIELDS)
    options = [_option(one, f"options.{n}") for n, one in enumerate(_list(whole, "options", MOST_OPTIONS))]
    if len(options) < 2:
        raise ContentError("options", "an item has two options or more")
    references = _list(whole, "references", MOST_LISTED)
    return {
        "task": _line(whole, "task"),
        "kind": _one_of(whole, "kind", KINDS),
        "choose": _number(whole, "choose"),
        "difficulty": _one_of(whole, "difficulty", DIFFICULTIES),
        "level": _line(whole, "level"),
        "covers": [
            _text(one, f"covers.{n}", 60) for n, one in enumerate(_list(whole, "covers", MOST_LISTED))
        ],
        "options": options,
        "references": [_reference(one, f"references.{n}") for n, one in enumerate(references)],
        "texts": _texts(whole.get("texts"), len(options)),
    }


def _mapping(value: object, path: str, fields: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ContentError(path, "is not an object")
    unknown = [name for name in value if name not in fields]
    if unknown:
        raise ContentError(f"{path}.{unknown[0]}".lstrip("."), "is not a field")
    return value


def _list(whole: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = whole.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise ContentError(name, f"is not a list of at most {most}")
    return found


def _text(value: object, path: str, longest: int = LONGEST) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ContentError(path, f"is not a text of at most {longest} characters")
    return value.replace("\0", "").replace("\r\n", "\n")


def _line(whole: Mapping[str, Any], name: str) -> str:
    return _text(whole.get(name, ""), name, 60).strip()


def _one_of(whole: Mapping[str, Any], name: str, known: Sequence[str]) -> str:
    found = whole.get(name, known[0])
    if found not in known:
        raise ContentError(name, f"is not one of {', '.join(known)}")
    return str(found)


def _number(whole: Mapping[str, Any], name: str) -> int:
    found = whole.get(name, 1)
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= MOST_OPTIONS:
        raise ContentError(name, f"is not a number from 1 to {MOST_OPTIONS}")
    return found


def _option(value: object, path: str) -> dict[str, Any]:
    option = _mapping(value, path, ("key", "failure"))
    key = option.get("key", False)
    if not isinstance(key, bool):
        raise ContentError(f"{path}.key", "is neither true nor false")
    return {"key": key, "failure": "" if key else _text(option.get("failure", ""), f"{path}.failure", 4)}


def _reference(value: object, path: str) -> dict[str, str]:
    reference = _mapping(value, path, ("title", "url"))
    return {name: _text(reference.get(name, ""), f"{path}.{name}", 500).strip() for name in ("title", "url")}


def _texts(value: object, options: int) -> dict[str, Any]:
    texts = _mapping(value, "texts", languages.CODES)
    return {
        language: _one_text(texts[language], f"texts.{language}", options)
        for language in languages.CODES
        if language in texts
    }


def _one_text(value: object, path: str, options: int) -> dict[str, Any]:
    text = _mapping(value, path, (*WORDS, "options", "figures"))
    found = _list(text, "options", MOST_OPTIONS)
    laid = [*found, *({} for _ in range(options - len(found)))][:options]
    figures = _list(text, "figures", MOST_LISTED)
    return {
        **{name: _text(text.get(name, ""), f"{path}.{name}") for name in WORDS},
        "options": [_option_text(one, f"{path}.options.{n}") for n, one in enumerate(laid)],
        "figures": [_figure(one, f"{path}.figures.{n}") for n, one in enumerate(figures)],
    }


def _option_text(value: object, path: str) -> dict[str, str]:
    option = _mapping(value, path, ("text", "why"))
    return {name: _text(option.get(name, ""), f"{path}.{name}") for name in ("text", "why")}


def _figure(value: object, path: str) -> dict[str, str]:
    figure = _mapping(value, path, ("name", "svg"))
    return {
        "name": _text(figure.get("name", ""), f"{path}.name", 80),
        "svg": _text(figure.get("svg", ""), f"{path}.svg", 200_000),
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
        failures=tuple(option["failure"] for option in content["options"]),
        text=text_draft(content, language),
    )


def text_draft(content: Content, language: str) -> TextDraft:
    """Return what the bank stores as a text in one language."""
    text = content["texts"][language]
    return TextDraft(
        language=language,
        stem=text["stem"],
        why=text["why"],
        principle=text["principle"],
        tip=text["tip"],
        references=tuple((one["title"], one["url"]) for one in content["references"]),
        options=tuple((one["text"], one["why"]) for one in text["options"]),
        ask=text["ask"],
        figures=tuple((one["name"], one["svg"]) for one in text["figures"]),
    )


def written(text: Mapping[str, Any]) -> bool:
    """Tell whether anything is written in a text: an empty translation is none."""
    options = (words for option in text["options"] for words in option.values())
    return any(words.strip() for words in (*(text[name] for name in WORDS), *options))


def item_record(content: Content, code: str, language: str) -> ItemRecord:
    """Return the item as rules and formats take it, with its texts in one language."""
    text = content["texts"][language]
    pairs = zip(LETTERS, content["options"], text["options"], strict=False)
    return ItemRecord(
        id=code,
        stem=text["stem"],
        ask=text["ask"],
        options=tuple(
            OptionRecord(letter, words["text"], option["key"], option["failure"] or None, words["why"])
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
