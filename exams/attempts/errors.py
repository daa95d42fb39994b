"""What an attempt may refuse, with the code that programs read and the sentence that people read."""

from typing import Any

from django.utils.functional import Promise

type Text = str | Promise


class Refused(Exception):
    """A refusal: `code` and `status` as in the API table of ARCHITECTURE.md, `extra` joins the reply."""

    def __init__(self, code: str, status: int, detail: Text, **extra: Any) -> None:  # noqa: ANN401
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail
        self.extra = extra

    def __str__(self) -> str:
        return str(self.detail)
