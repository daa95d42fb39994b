"""What a score means, in words. Pure but for translation: values in, sentences out."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exams.attempts.selectors import AttemptRow

SAFE: Final = "safe"
UNSAFE: Final = "unsafe"
FAIL: Final = "fail"
STOPPED: Final = "stopped"

_HEADINGS: Final[dict[str, Promise]] = {
    SAFE: gettext_lazy("A safe pass"),
    UNSAFE: gettext_lazy("Pass, but not yet safe"),
    FAIL: gettext_lazy("Below the pass line"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of result (safe, unsafe, fail, stopped), its heading, and the sentences below it."""

    kind: str
    heading: str
    lead: str


def kind(*, scaled: int, mark: int, band_low: int | None) -> str:
    """Return safe when the whole band is at or above the mark, unsafe when only the score is, else fail."""
    if scaled < mark:
        return FAIL
    return SAFE if band_low is not None and band_low >= mark else UNSAFE


def distance(scaled: int, mark: int) -> str:
    """Return how far the score lies from the pass line, as a sentence."""
    points = abs(scaled - mark)
    if points == 0:
        return _("Exactly on the pass line.")
    if scaled > mark:
        return ngettext(
            "%(points)d point above the pass line.", "%(points)d points above the pass line.", points
        ) % {"points": points}
    return ngettext(
        "%(points)d point below the pass line.", "%(points)d points below the pass line.", points
    ) % {"points": points}


def chance(share: float) -> str:
    """Return the chance to pass another exam, as a sentence with whole tenths, or the honest extreme."""
    if share < 0.05:
        return _("Judging by this exam alone, you'd hardly ever pass another one like it.")
    if share >= 0.95:
        return _("Judging by this exam alone, you'd pass another one like it nearly every time.")
    times = max(round(share * 10), 1)
    return ngettext(
        "Judging by this exam alone, you'd pass another one like it about %(times)d time in 10.",
        "Judging by this exam alone, you'd pass another one like it about %(times)d times in 10.",
        times,
    ) % {"times": times}


def _band(verdict: str, *, scaled: int, mark: int, band: tuple[int, int] | None) -> str:
    if band is None:
        return ""
    if verdict == SAFE:
        return _("The whole band is above it.")
    crosses = band[0] < mark <= band[1]
    if verdict == UNSAFE:
        return _("The band still crosses it.") if crosses else ""
    return _("The band reaches across it.") if crosses else _("The whole band is below it.")


def of(*, scaled: int, mark: int, band: tuple[int, int] | None, share: float | None) -> Verdict:
    """Return the verdict on a score; `share` is the chance to pass, from 0 to 1."""
    verdict = kind(scaled=scaled, mark=mark, band_low=band[0] if band else None)
    sentences = [
        distance(scaled, mark),
        _band(verdict, scaled=scaled, mark=mark, band=band),
        "" if share is None else chance(share),
    ]
    return Verdict(verdict, str(_HEADINGS[verdict]), " ".join(filter(None, sentences)))


def of_attempt(row: AttemptRow, *, tells_chance: bool = False) -> Verdict:
    """Return the verdict on an attempt, or that it was stopped early. Raises ValueError without a score."""
    if row.scaled_score is None:
        raise ValueError("there is no score to judge")
    if row.stopped_early:
        sentence = _(
            "You answered %(answered)d of %(total)d questions. "
            "With fewer than half of them answered, a result doesn't count."
        )
        return Verdict(
            STOPPED, _("Stopped early"), sentence % {"answered": row.answered, "total": row.total_items}
        )
    share = row.chance if tells_chance else None
    return of(scaled=row.scaled_score, mark=row.scale.pass_mark, band=row.band, share=share)
