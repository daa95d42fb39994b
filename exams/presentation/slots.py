"""Templates that are rendered once and filled many times: what varies is left open as named slots.

PostgreSQL stores no NUL in a text, so no content can be mistaken for the border of a slot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from django.utils.safestring import SafeString, mark_safe

BORDER: Final = "\0"


def slot(name: str) -> SafeString:
    """Return what a template prints where a slot is to stay open."""
    return mark_safe(f"{BORDER}{name}{BORDER}")  # noqa: S308  (names are constants of the code)


class Slots:
    """Gives a template an open slot for whatever name it asks."""

    def __getitem__(self, name: str) -> SafeString:
        return slot(name)


@dataclass(frozen=True, slots=True)
class Slotted:
    """HTML with open slots: `parts` are fixed, with a slot after each but the last."""

    parts: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, html: str) -> Self:
        """Take rendered HTML apart at its slots."""
        pieces = html.split(BORDER)
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the HTML with a value in each slot. Raises KeyError for a slot without one."""
        pieces = [""] * (len(self.parts) + len(self.names))
        pieces[::2] = self.parts
        pieces[1::2] = [values[name] for name in self.names]
        return "".join(pieces)
