"""Reading JSON strictly: one meaning, a bounded size, and no text that the database cannot hold."""

import json
from collections.abc import Mapping
from typing import IO, Any, Final, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import BaseParser

from accounts.api.problems import Problem

# The check below calls itself for each level.
MAX_DEPTH: Final = 32


class StrictJSONParser(BaseParser):
    """Refuses with 400: bad UTF-8, bad JSON, double keys, NaN, NUL, half characters; with 413: too much."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Return the parsed body."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        # One byte more than may be sent tells that there was more; the rest is not read.
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise Problem("too_large", _("Too much data"), status=413)
        try:
            data = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=without_doubles,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(
                _("The body is not valid JSON: %(reason)s") % {"reason": error}
            ) from None
        _check_texts(data, 0)
        return data


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of an object of JSON. Raises ValueError where a key occurs twice."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key occurs twice")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return number


def _check_texts(value: Any, depth: int) -> None:  # noqa: ANN401
    if depth > MAX_DEPTH:
        raise exceptions.ParseError(_("The body is nested too deeply."))
    if isinstance(value, str):
        if "\0" in value or not _is_text(value):
            raise exceptions.ParseError(_("The body contains a character that isn't allowed."))
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner, depth + 1)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_texts(key, depth + 1)
            _check_texts(inner, depth + 1)


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
