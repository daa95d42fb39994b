"""The fields of a drafted exam: what its form sends, and how two contents differ."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exams.admin.draft_fields import Difference
from exams.authoring.forms import FIELDS, MOST_ITEMS
from exams.authoring.kinds import Content

NUMBERS: Final = FIELDS[:4]
LABELS: Final[Mapping[str, Promise]] = {
    "minutes": gettext_lazy("Minutes"),
    "pass_mark": gettext_lazy("Passing score"),
    "scale_min": gettext_lazy("Lowest score"),
    "scale_max": gettext_lazy("Highest score"),
    "weights": gettext_lazy("Weights"),
    "items": gettext_lazy("Questions"),
}
SCORED: Final = pgettext_lazy("of a question", "scored")
UNSCORED: Final = pgettext_lazy("of a question", "unscored")
ROW: Final = re.compile(r"items\.(\d{1,3})\.code")
WEIGHT: Final = re.compile(r"weights\.(\d{1,2})")
CODE: Final = re.compile(r"[\s,;]+")


def content_of(post: Mapping[str, str], stored: Content) -> dict[str, Any]:
    """Return the content that a form holds, in the order that its places ask for.

    What a form leaves out stays as it is stored; what is no number stays as it was typed.
    """
    weights = {found[1]: post[name] for name in post if (found := WEIGHT.fullmatch(name))}
    return {
        **{name: _number(post[name]) if name in post else stored[name] for name in NUMBERS},
        "weights": {str(int(number)): _number(given) for number, given in weights.items() if given.strip()}
        if weights
        else stored["weights"],
        "items": _ordered(post) if "items" in post else stored["items"],
    }


def _number(given: str) -> object:
    given = given.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else given


def _ordered(post: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows; one whose place was changed goes there, the others keep their order."""
    numbers = sorted(int(found[1]) for name in post if (found := ROW.fullmatch(name)))
    rows = [
        {"code": post[f"items.{number}.code"], "scored": f"items.{number}.scored" in post}
        for number in numbers
    ]
    kept, moved = [], []
    for index, (number, row) in enumerate(zip(numbers, rows, strict=True)):
        place = _number(post.get(f"items.{number}.place", ""))
        if isinstance(place, int) and place != number + 1:
            moved.append((place, index, row))
        else:
            kept.append(row)
    for place, _index, row in sorted(moved, key=lambda one: one[:2]):
        kept.insert(max(place - 1, 0), row)
    return kept


def changed(content: dict[str, Any], act: str, codes: str = "") -> dict[str, Any]:
    """Return the content after a button: move or remove a question, add those of some codes."""
    name, _point, rest = act.partition(".")
    items = list(content["items"])
    if name == "add":
        return {**content, "items": [*items, *_added(items, rest or codes)]}
    place = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 4 else -1
    if not 0 <= place < len(items):
        return content
    if name == "remove":
        del items[place]
    elif name in {"up", "down"}:
        row = items.pop(place)
        items.insert(max(place - 1, 0) if name == "up" else place + 1, row)
    return {**content, "items": items}


def _added(items: Sequence[Mapping[str, Any]], codes: str) -> Iterator[dict[str, Any]]:
    """Yield new rows, those that are there already left out."""
    known = {one["code"] for one in items}
    for code in CODE.split(codes.strip()):
        if code and code not in known and len(known) < MOST_ITEMS:
            known.add(code)
            yield {"code": code, "scored": True}


def label_of(field: str) -> str:
    """Return what people call a field by its path."""
    name, _point, rest = field.partition(".")
    if name == "items" and rest:
        return _("Question %(number)s") % {"number": int(rest.partition(".")[0]) + 1}
    if name == "weights" and rest:
        return _("Domain %(number)s") % {"number": rest}
    return str(LABELS.get(name, name))


def differences(one: Content, other: Content) -> list[Difference]:
    """Return the fields in which two contents differ, as texts."""
    pairs = ((name, LABELS[name], _said(one, name), _said(other, name)) for name in FIELDS)
    return [Difference(name, str(label), a, b) for name, label, a, b in pairs if a != b]


def _said(content: Content, name: str) -> str:
    if name == "items":
        return "\n".join(f"{one['code']} {SCORED if one['scored'] else UNSCORED}" for one in content["items"])
    if name == "weights":
        return "\n".join(f"{number}: {weight} %" for number, weight in sorted(content["weights"].items()))
    return str(content[name])
