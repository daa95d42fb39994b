"""The shape of content, said once for each kind: what is in it, of which type, how long, and its default."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from exams.authoring.kinds import ContentError

LONGEST: Final = 20_000
HALF: Final = re.compile("[\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Shape:
    """A value of content. `clean(value, field)` returns it in its one form, or raises ContentError there.

    `default` is what it is where content leaves it out.
    """

    clean: Callable[[object, str], Any]
    default: object = None


def mapping(value: object, field: str, known: Collection[str]) -> Mapping[str, Any]:
    """Return an object that has no other fields than the known ones. Raises ContentError."""
    if not isinstance(value, Mapping):
        raise ContentError(field, _("This has to be an object with named fields."))
    for name in value:
        if name not in known:
            path = f"{field}.{name}" if field else str(name)
            raise ContentError(path, _("There is no field “%(name)s” here."), name=name)
    return value


def fields(**shapes: Shape) -> Shape:
    """Return the shape of an object with these fields."""

    def clean(value: object, field: str) -> dict[str, Any]:
        cleaned = mapping(value, field, shapes)
        return {
            name: shape.clean(cleaned.get(name, shape.default), f"{field}.{name}" if field else name)
            for name, shape in shapes.items()
        }

    return Shape(clean)


def by_key(known: Collection[str], shape: Shape) -> Shape:
    """Return the shape of an object with some of the known keys, all of one shape."""

    def clean(value: object, field: str) -> dict[str, Any]:
        cleaned = mapping(value, field, known)
        return {key: shape.clean(cleaned[key], f"{field}.{key}") for key in known if key in cleaned}

    return Shape(clean, {})


def rows(most: int, shape: Shape) -> Shape:
    """Return the shape of a list of at most `most`, all of one shape."""

    def clean(value: object, field: str) -> list[Any]:
        if not isinstance(value, list) or len(value) > most:
            raise ContentError(field, _("At most %(most)s of these."), most=most)
        return [shape.clean(row, f"{field}.{number}") for number, row in enumerate(value)]

    return Shape(clean, [])


def text(longest: int = LONGEST, *, stripped: bool = False) -> Shape:
    """Return the shape of a text, without NUL and with the line ends of files."""

    def clean(value: object, field: str) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ContentError(field, _("At most %(most)s characters."), most=longest)
        # No row can hold half a character.
        if HALF.search(value):
            raise ContentError(field, _("This has half a character in it."))
        cleaned = value.replace("\0", "").replace("\r\n", "\n")
        return cleaned.strip() if stripped else cleaned

    return Shape(clean, "")


def line(longest: int = 200) -> Shape:
    """Return the shape of a text of one line without white space at its ends."""
    words = text(longest)
    return Shape(lambda value, field: " ".join(words.clean(value, field).split()), "")


def lines(most: int, longest: int) -> Shape:
    """Return the shape of a list of lines, none of them empty or twice."""
    listed = rows(most, line(longest))
    return Shape(lambda value, field: list(dict.fromkeys(filter(None, listed.clean(value, field)))), [])


def number(least: int, most: int, default: int | None = None) -> Shape:
    """Return the shape of a whole number within bounds."""

    def clean(value: object, field: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            sentence = _("Enter a whole number from %(least)s to %(most)s.")
            raise ContentError(field, sentence, least=least, most=most)
        return value

    return Shape(clean, default)


def choice(known: Collection[str], default: str | None = None) -> Shape:
    """Return the shape of one of the known values."""

    def clean(value: object, field: str) -> str:
        if value not in known:
            raise ContentError(field, _("This has to be one of: %(known)s."), known=", ".join(known))
        return str(value)

    return Shape(clean, default)


def some_of(known: Collection[str]) -> Shape:
    """Return the shape of a list of known values, in their own order."""

    def clean(value: object, field: str) -> list[str]:
        chosen = rows(len(known), Shape(lambda one, _path: choice(known).clean(one, field)))
        cleaned = chosen.clean(value, field)
        return [one for one in known if one in cleaned]

    return Shape(clean)


def flag(*, default: bool | None = None) -> Shape:
    """Return the shape of what is true or false."""

    def clean(value: object, field: str) -> bool:
        if not isinstance(value, bool):
            raise ContentError(field, _("This has to be true or false."))
        return value

    return Shape(clean, default)
