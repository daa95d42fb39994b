"""Statistics in words: flags, proposals, difficulty, and figures with as many places as they deserve."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exams.presentation.formatting import listed
from exams.scoring.item_flags import Difficulty, Flag, Proposal, Raised

type Text = str | Promise

NOT_ENOUGH: Final = gettext_lazy("Not enough data")
NONE: Final = "\N{EN DASH}"

FLAGS: Final[Mapping[Flag, Text]] = {
    Flag.KEY_NOT_BEST: gettext_lazy("Key not best for the top quarter"),
    Flag.NEGATIVE: gettext_lazy("Negative discrimination"),
    Flag.UNPICKED: gettext_lazy("Option that nobody picks"),
    Flag.TOO_EASY: gettext_lazy("Too easy"),
    Flag.TOO_HARD: gettext_lazy("Too hard"),
}
"""What each flag is called in lists."""

SENTENCES: Final[Mapping[Flag, Text]] = {
    **FLAGS,
    Flag.KEY_NOT_BEST: gettext_lazy("The top quarter picks this more often than the key: %(options)s"),
    Flag.UNPICKED: gettext_lazy("Almost nobody picks: %(options)s"),
    Flag.NEGATIVE: gettext_lazy("Better candidates answer it correctly less often"),
}
"""What each flag says of one question."""

PROPOSALS: Final[Mapping[Proposal, Text]] = {
    Proposal.PROMOTE: pgettext_lazy("proposal for a question", "Promote"),
    Proposal.RETIRE: pgettext_lazy("proposal for a question", "Retire"),
    Proposal.WAIT: pgettext_lazy("proposal for a question", "Wait"),
}
DIFFICULTIES: Final[Mapping[Difficulty, Text]] = {
    Difficulty.EASY: pgettext_lazy("difficulty of a question", "Easy"),
    Difficulty.MEDIUM: pgettext_lazy("difficulty of a question", "Medium"),
    Difficulty.HARD: pgettext_lazy("difficulty of a question", "Hard"),
}


def percent(share: float) -> str:
    """Return a share of 0 to 1 in whole percent."""
    return _("%(percent)s%%") % {"percent": round(100 * share)}


def number(value: float | None, places: int = 2) -> str:
    """Return a figure with so many places as the reader's language writes it; a dash for none."""
    if value is None:
        return NONE
    # Never "-0.00".
    return number_format(round(value, places) + 0.0, places)


def seconds(value: float | None) -> str:
    """Return a time of some seconds or minutes; a dash for none."""
    if value is None:
        return NONE
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}:{rest:02d}"


def flag(raised: Raised, letters: Mapping[int, str]) -> str:
    """Return a flag as a sentence that names the options which raised it."""
    sentence = str(SENTENCES[raised.flag])
    if not raised.options:
        return sentence
    return sentence % {"options": listed([letters.get(option, "?") for option in raised.options])}


def why(proposal: Proposal, flags: Sequence[str], *, is_enough: bool, correlation: float | None) -> str:
    """Return the reason of a proposal."""
    if not is_enough:
        return str(NOT_ENOUGH)
    if proposal == Proposal.PROMOTE:
        return _("No flags, and a correlation of %(value)s with the score") % {"value": number(correlation)}
    if flags:
        return "; ".join(flags)
    return _("A correlation of %(value)s with the score is weak") % {"value": number(correlation)}
