"""What the color of a score means: where its whole range lies, seen from the pass line."""

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


class Tone(StrEnum):
    """A meaning that pages show as a color, always with its word and icon. Values are names in the styles."""

    ABOVE = "right"
    CLOSE = "warn"
    BELOW = "wrong"

    @property
    def word(self) -> str:
        """The word beside the color."""
        if self is Tone.CLOSE:
            return pgettext("to the pass line", "Close")
        return _("Above") if self is Tone.ABOVE else _("Below")

    @property
    def icon(self) -> str:
        """The symbol beside the word, by its name in `parts/icons.html`."""
        return {Tone.ABOVE: "check", Tone.CLOSE: "near", Tone.BELOW: "down"}[self]


def tone(low: float, high: float, mark: float) -> Tone:
    """Return where a range lies: whole at or above the mark, across it, or whole below it."""
    if low >= mark:
        return Tone.ABOVE
    return Tone.BELOW if high < mark else Tone.CLOSE
