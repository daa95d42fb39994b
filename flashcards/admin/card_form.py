"""A drafted card as a form: names of fields are paths of the content."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from exams.admin.draft_editor import Fields
from exams.admin.requests import whole_number
from exams.authoring.kinds import Content
from flashcards.services.drafts import WORDS
from i18n import languages

PARTED: Final = re.compile(r"[\s,;]+")


def content_of(post: Fields, stored: Content) -> dict[str, Any]:
    """Return the content that a form holds, over what is stored. What is no number stays as it was typed."""
    facts = {name: _number(post[name]) if name in post else stored[name] for name in ("domain", "position")}
    return {
        **stored,
        **facts,
        "task": post.get("task", stored["task"]),
        **{name: _listed(post, name, stored[name]) for name in ("tags", "covers")},
        "free_preview": "free_preview" in post if "facts" in post else stored["free_preview"],
        "texts": {**stored["texts"], **dict(_texts(post, stored["texts"]))},
    }


def _number(given: str) -> object:
    given = given.strip()
    return whole_number(given, 6, given)


def _listed(post: Fields, name: str, stored: list[str]) -> list[str]:
    given = post.get(name)
    return stored if given is None else [one for one in PARTED.split(given) if one]


def _texts(post: Fields, stored: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts that a form holds; a translation of which nothing is written yet is none."""
    for language in languages.CODES:
        known = stored.get(language, {})
        found = {word: post.get(f"texts.{language}.{word}") for word in WORDS}
        if all(value is None for value in found.values()):
            continue
        text = {word: known.get(word, "") if value is None else value for word, value in found.items()}
        if language in stored or any(value.strip() for value in text.values()):
            yield language, text
