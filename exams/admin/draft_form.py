"""A drafted question as a form: names of fields are paths of the content, so a browser can send either.

What a form leaves out stays as it is stored: fields that the reader may not change are not sent.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from exams.authoring.item_content import WORDS, written
from exams.authoring.kinds import Content
from i18n import languages

ROW: Final = re.compile(r"options\.(\d{1,2})\.row")
PAGE: Final = re.compile(r"references\.(\d{1,2})\.url")
# Ids have no spaces in them, tags may.
PARTED: Final = {"covers": re.compile(r"[\s,;]+"), "tags": re.compile(r"[,;\n]+")}
LINES: Final = ("task", "kind", "difficulty", "level")


def content_of(post: Mapping[str, str], stored: Content) -> dict[str, Any]:
    """Return the content that a form holds, over what is stored. Types are those of the content."""
    rows = _numbers(ROW, post)
    return {
        **stored,
        **{name: post.get(name, stored[name]) for name in LINES},
        "choose": _count(post.get("choose"), stored["choose"]),
        **{name: _listed(post, name, stored[name]) for name in ("covers", "tags")},
        "options": [_option(post, number, stored["options"]) for number in rows] or stored["options"],
        "references": _references(post, stored),
        "texts": {**stored["texts"], **dict(_texts(post, rows, stored["texts"]))},
    }


def revision_of(post: Mapping[str, str]) -> int:
    """Return the revision that a form was made from; 0, which no draft has, where it says none."""
    given = post.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _texts(
    post: Mapping[str, str], rows: Sequence[int], stored: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the texts that a form holds; a translation of which nothing is written yet is none."""
    for language in languages.CODES:
        if any(name.startswith(f"texts.{language}.") for name in post):
            text = _text(post, language, rows, stored.get(language, {}))
            if language in stored or written(text):
                yield language, text


def _numbers(pattern: re.Pattern[str], post: Mapping[str, str]) -> list[int]:
    return sorted({int(found[1]) for name in post if (found := pattern.fullmatch(name))})


def _count(given: str | None, stored: int) -> object:
    if given is None:
        return stored
    return int(given) if given.isascii() and given.isdigit() and len(given) < 4 else given


def _listed(post: Mapping[str, str], name: str, stored: list[str]) -> list[str]:
    given = post.get(name)
    if given is None:
        return stored
    parts = (" ".join(part.split()) for part in PARTED[name].split(given))
    return list(dict.fromkeys(part for part in parts if part))


def _at(rows: Sequence[Any], number: int) -> Mapping[str, Any]:
    return rows[number] if number < len(rows) else {}


def _option(post: Mapping[str, str], number: int, stored: Sequence[Any]) -> dict[str, Any]:
    known = _at(stored, number)
    if post[f"options.{number}.row"] != "open":
        return {"key": known.get("key", False), "failure": known.get("failure", "")}
    return {
        "key": f"options.{number}.key" in post,
        "failure": post.get(f"options.{number}.failure", known.get("failure", "")),
    }


def _references(post: Mapping[str, str], stored: Content) -> list[dict[str, str]]:
    if "references" not in post:
        return list(stored["references"])
    return [
        {name: post.get(f"references.{number}.{name}", "") for name in ("title", "url")}
        for number in _numbers(PAGE, post)
    ]


def _text(
    post: Mapping[str, str], language: str, rows: Sequence[int], stored: Mapping[str, Any]
) -> dict[str, Any]:
    place = f"texts.{language}"
    options = stored.get("options", [])
    return {
        **{name: post.get(f"{place}.{name}", stored.get(name, "")) for name in WORDS},
        "options": [
            {
                name: post.get(f"{place}.options.{number}.{name}", _at(options, number).get(name, ""))
                for name in ("text", "why")
            }
            for number in rows
        ],
        "figures": stored.get("figures", []),
    }


def changed(content: dict[str, Any], act: str) -> dict[str, Any]:
    """Return the content after a button: add, remove or move an option, add or remove a reference.

    What is no act changes nothing.
    """
    name, _, number = act.partition(".")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else -1
    if name == "add-reference":
        return {**content, "references": [*content["references"], {"title": "", "url": ""}]}
    if name == "remove-reference":
        return {**content, "references": _without(content["references"], place)}
    moves: dict[str, Callable[[Sequence[Any], Any], list[Any]]] = {
        "add-option": lambda rows, empty: [*rows, empty],
        "remove-option": lambda rows, empty: _without(rows, place),
        "up": lambda rows, empty: _swapped(rows, place - 1),
        "down": lambda rows, empty: _swapped(rows, place),
    }
    return _everywhere(content, moves[name]) if name in moves else content


def _without(rows: Sequence[Any], place: int) -> list[Any]:
    return [row for number, row in enumerate(rows) if number != place]


def _swapped(rows: Sequence[Any], place: int) -> list[Any]:
    found = list(rows)
    if 0 <= place < len(found) - 1:
        found[place], found[place + 1] = found[place + 1], found[place]
    return found


def _everywhere(content: dict[str, Any], move: Callable[[Sequence[Any], Any], list[Any]]) -> dict[str, Any]:
    """Do the same to the options and to their texts in every language."""
    return {
        **content,
        "options": move(content["options"], {"key": False, "failure": ""}),
        "texts": {
            language: {**text, "options": move(text["options"], {"text": "", "why": ""})}
            for language, text in content["texts"].items()
        },
    }
