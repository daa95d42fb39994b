"""The shape of content: each function returns a value of one type, or raises ContentError with its field."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from exams.authoring.kinds import ContentError

LONGEST: Final = 20_000


def mapping(value: object, field: str, known: Sequence[str]) -> Mapping[str, Any]:
    """Return an object that has no other fields than the known ones."""
    if not isinstance(value, Mapping):
        raise ContentError(field, "is not an object")
    for name in value:
        if name not in known:
            raise ContentError(f"{field}.{name}" if field else str(name), "is not a field")
    return value


def rows(value: object, field: str, most: int) -> list[Any]:
    """Return a list of at most `most`."""
    if not isinstance(value, list) or len(value) > most:
        raise ContentError(field, f"is not a list of at most {most}")
    return value


def text(value: object, field: str, longest: int = LONGEST) -> str:
    """Return a text without NUL, with the line ends of files."""
    if not isinstance(value, str) or len(value) > longest:
        raise ContentError(field, f"is not a text of at most {longest} characters")
    return value.replace("\0", "").replace("\r\n", "\n")


def line(value: object, field: str, longest: int = 200) -> str:
    """Return a text of one line without white space at its ends."""
    return " ".join(text(value, field, longest).split())


def number(value: object, field: str, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ContentError(field, f"is not a number from {least} to {most}")
    return value


def flag(value: object, field: str) -> bool:
    """Return what is true or false."""
    if not isinstance(value, bool):
        raise ContentError(field, "is neither true nor false")
    return value


def lines(value: object, field: str, most: int, longest: int = 80) -> list[str]:
    """Return a list of lines, none of them empty or twice."""
    found = [line(one, f"{field}.{n}", longest) for n, one in enumerate(rows(value, field, most))]
    return list(dict.fromkeys(one for one in found if one))
