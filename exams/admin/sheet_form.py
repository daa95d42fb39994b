"""A drafted cheat sheet as a form: names of fields are paths of the content, every block is in it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from exams.admin.draft_pages import Fields
from exams.authoring.kinds import Content

SECTION: Final = re.compile(r"sections\.(\d{1,2})\.title")
BLOCK: Final = re.compile(r"sections\.(\d{1,2})\.blocks\.(\d{1,2})\.title")
PARTED: Final = re.compile(r"[\s,;]+")
EMPTY: Final[Mapping[str, Any]] = {"title": "", "covers": [], "source": ""}


def content_of(post: Fields, stored: Content) -> dict[str, Any]:
    """Return the content that a form holds, what is stored where it holds no sections."""
    if "sections" not in post:
        return {"sections": stored["sections"]}
    sections = sorted({int(found[1]) for name in post if (found := SECTION.fullmatch(name))})
    blocks = sorted({(int(found[1]), int(found[2])) for name in post if (found := BLOCK.fullmatch(name))})
    return {
        "sections": [
            {
                "title": post[f"sections.{number}.title"],
                "blocks": [_block(post, *place) for place in blocks if place[0] == number],
            }
            for number in sections
        ]
    }


def _block(post: Fields, section: int, place: int) -> dict[str, Any]:
    field = f"sections.{section}.blocks.{place}"
    covers = PARTED.split(post.get(f"{field}.covers", ""))
    return {
        "title": post[f"{field}.title"],
        "covers": [one for one in covers if one],
        "source": post.get(f"{field}.source", ""),
    }


def numbers_of(act: str) -> tuple[str, list[int]]:
    """Return the name of an act and its numbers: "up-block.1.2" is up-block, 1 and 2."""
    name, *given = act.split(".")
    known = all(one.isascii() and one.isdigit() and len(one) < 3 for one in given)
    return name, [int(one) for one in given] if known else []


def changed(content: dict[str, Any], act: str) -> dict[str, Any]:
    """Return the content after a button: sections and blocks added, removed or moved.

    A block that moves beyond its section goes to the next one. What is no act changes nothing.
    """
    sections = [{**one, "blocks": list(one["blocks"])} for one in content["sections"]]
    match numbers_of(act):
        case "add-section", []:
            sections.append({"title": "", "blocks": [dict(EMPTY)]})
        case "remove-section", [number] if number < len(sections):
            del sections[number]
        case "up-section", [number] if 0 < number < len(sections):
            sections.insert(number - 1, sections.pop(number))
        case "down-section", [number] if number < len(sections) - 1:
            sections.insert(number + 1, sections.pop(number))
        case name, [number, *rest] if number < len(sections):
            _change_blocks(sections, name, number, rest)
    return {**content, "sections": sections}


def _change_blocks(sections: list[dict[str, Any]], name: str, number: int, rest: list[int]) -> None:
    blocks = sections[number]["blocks"]
    match name, rest:
        case "add-block", []:
            blocks.append(dict(EMPTY))
        case "remove-block", [place] if place < len(blocks):
            del blocks[place]
        case "up-block", [place] if place < len(blocks):
            if place:
                blocks.insert(place - 1, blocks.pop(place))
            elif number:
                sections[number - 1]["blocks"].append(blocks.pop(place))
        case "down-block", [place] if place < len(blocks):
            if place < len(blocks) - 1:
                blocks.insert(place + 1, blocks.pop(place))
            elif number < len(sections) - 1:
                sections[number + 1]["blocks"].insert(0, blocks.pop(place))
