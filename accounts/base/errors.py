"""Why an act is refused: a code for programs, a sentence for people."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise

type Text = str | Promise
OUTDATED: Final = "outdated"
"""Code of the refusal of an act whose page no longer showed how things are."""


class Refused(Exception):
    """A refusal: `code` and `status` as the API documents them; `extra` joins the fields of the reply.

    `detail` may name placeholders such as `%(position)s`, which `values` fill. The sentence is put together
    only when it is shown, so that it is in the language of the reader and not in that of whoever raised it.
    """

    def __init__(
        self,
        code: str,
        status: int,
        detail: Text,
        *,
        values: Mapping[str, object] | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail
        self.values = dict(values or {})
        self.extra = extra

    def __str__(self) -> str:
        text = str(self.detail)
        return text % self.values if self.values else text


def describe(error: Exception) -> str:
    """Return class and first line of an error, at most 200 characters, to keep in a row and show to staff.

    What PostgreSQL adds in further lines may hold a whole row, with answers or addresses.
    """
    # PostgreSQL takes every character of a text but NUL.
    lines = str(error).replace("\0", "?").strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:200] if lines else type(error).__name__
