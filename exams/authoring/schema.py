"""The shape of content: each function returns a value of one type, or raises ContentError with its field."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from exams.authoring.kinds import ContentError

LONGEST: Final = 20_000
HALF: Final = re.compile("[\\ud800-\\udfff]")


def mapping(value: object, field: str, known: Sequence[str]) -> Mapping[str, Any]:
    """Return an object that has no other fields than the known ones."""
    if not isinstance(value, Mapping):
        raise ContentError(field, _("This has to be an object with named fields."))
    for name in value:
        if name not in known:
            path = f"{field}.{name}" if field else str(name)
            raise ContentError(path, _("There is no field “%(name)s” here."), name=name)
    return value


def rows(value: object, field: str, most: int) -> list[Any]:
    """Return a list of at most `most`."""
    if not isinstance(value, list) or len(value) > most:
        raise ContentError(field, _("At most %(most)s of these."), most=most)
    return value


def text(value: object, field: str, longest: int = LONGEST) -> str:
    """Return a text without NUL, with the line ends of files; no row can hold half a character."""
    if not isinstance(value, str) or len(value) > longest:
        raise ContentError(field, _("At most %(most)s characters."), most=longest)
    if HALF.search(value):
        raise ContentError(field, _("This has half a character in it."))
    return value.replace("\0", "").replace("\r\n", "\n")


def line(value: object, field: str, longest: int = 200) -> str:
    """Return a text of one line without white space at its ends."""
    return " ".join(text(value, field, longest).split())


def number(value: object, field: str, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        said = _("Enter a whole number from %(least)s to %(most)s.")
        raise ContentError(field, said, least=least, most=most)
    return value


def one_of(value: object, field: str, known: Sequence[str]) -> str:
    """Return one of the known values."""
    if value not in known:
        raise ContentError(field, _("This has to be one of: %(known)s."), known=", ".join(known))
    return str(value)


def flag(value: object, field: str) -> bool:
    """Return what is true or false."""
    if not isinstance(value, bool):
        raise ContentError(field, _("This has to be true or false."))
    return value


def lines(value: object, field: str, most: int, longest: int = 80) -> list[str]:
    """Return a list of lines, none of them empty or twice."""
    found = [line(one, f"{field}.{n}", longest) for n, one in enumerate(rows(value, field, most))]
    return list(dict.fromkeys(one for one in found if one))
