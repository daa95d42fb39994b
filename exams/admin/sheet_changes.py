"""What differs between two states of a cheat sheet: a block that was moved is compared with itself."""

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final

from django.utils.translation import gettext as _

from exams.admin.draft_fields import Difference
from exams.authoring.kinds import Content

WORDS: Final = ("title", "covers", "source")
# Names that no field of the form has: what they say cannot be taken over field by field.
ORDER: Final = "order"
REMOVED: Final = "removed"

type Blocks = Mapping[str, Mapping[str, Any]]


def differences(one: Content, other: Content, label_of: Callable[[str], str]) -> list[Difference]:
    """Return the fields in which two contents differ, under their paths in the second."""
    return list(_differences(one, other, label_of))


def _differences(one: Content, other: Content, label_of: Callable[[str], str]) -> Iterator[Difference]:
    before, after = _blocks(one), _blocks(other)
    known = _matched(before, after)
    if [*known.values()] != [*before] or [*known] != [*before]:
        yield Difference(ORDER, _("Order"), _outline(one), _outline(other))
    sections = zip_longest(one["sections"], other["sections"], fillvalue={"title": ""})
    for number, (mine, theirs) in enumerate(sections):
        if mine["title"] != theirs["title"]:
            field = f"sections.{number}.title"
            yield Difference(field, label_of(field), mine["title"], theirs["title"])
    for field, block in after.items():
        was = before.get(known[field], {})
        for name in WORDS:
            if was.get(name, "") != block[name]:
                path = f"{field}.{name}"
                yield Difference(path, label_of(path), _shown(was.get(name, "")), _shown(block[name]))
    kept = set(known.values())
    for field, block in before.items():
        if field not in kept:
            yield Difference(f"{REMOVED}.{field}", label_of(field), block["source"], "")


def _blocks(content: Content) -> Blocks:
    return {
        f"sections.{number}.blocks.{place}": block
        for number, section in enumerate(content["sections"])
        for place, block in enumerate(section["blocks"])
    }


def _matched(before: Blocks, after: Blocks) -> dict[str, str]:
    """Return where each block was: the one with its heading, else the one at its place; "" for a new one."""
    left = dict.fromkeys(before)
    found: dict[str, str] = {}
    for field, block in after.items():
        same = [one for one in left if before[one]["title"] == block["title"]]
        if same:
            found[field] = field if field in same else same[0]
            del left[found[field]]
    for field in after:
        if field not in found:
            found[field] = field if field in left else ""
            left.pop(field, None)
    return {field: found[field] for field in after}


def _outline(content: Content) -> str:
    return "\n".join(
        f"{number}.{place} {block['title']}"
        for number, section in enumerate(content["sections"], start=1)
        for place, block in enumerate(section["blocks"], start=1)
    )


def _shown(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)
