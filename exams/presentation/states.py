"""Where a certification stands, in words with its day, and which of its facts are only planned."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from exams.catalog.selectors import Facts
from exams.content.states import HasDays, State, state_on

NAMES: Final[Mapping[State, Promise]] = {
    State.ANNOUNCED: pgettext_lazy("state of a certification", "Announced"),
    State.BETA: pgettext_lazy("state of a certification", "Beta"),
    State.LIVE: pgettext_lazy("state of a certification", "Live"),
    State.RETIRED: pgettext_lazy("state of a certification", "Retired"),
}
COMING: Final = (State.ANNOUNCED, State.BETA)
"""The states of an exam that is not live yet."""
AMOUNTS: Final = {
    "duration_minutes": ngettext_lazy("%(n)d minute", "%(n)d minutes", "n"),
    "items_total": ngettext_lazy("%(n)d question", "%(n)d questions", "n"),
    "items_scored": ngettext_lazy("%(n)d scored question", "%(n)d scored questions", "n"),
    "pass_mark": gettext_lazy("a passing score of %(n)d"),
    "exam_fee_usd": gettext_lazy("an exam fee of %(n)d USD"),
    "validity_years": ngettext_lazy("a validity of %(n)d year", "a validity of %(n)d years", "n"),
    "retake_wait_days": ngettext_lazy("%(n)d day until a retake", "%(n)d days until a retake", "n"),
    "accommodation_minutes": ngettext_lazy(
        "%(n)d extra minute in a foreign language", "%(n)d extra minutes in a foreign language", "n"
    ),
}
"""Numbers that can be planned, in words."""


def in_words(facts: HasDays) -> str:
    """Return the state of today with its day; "" of a live exam of which no day is known."""
    today = timezone.localdate()
    match state_on(facts, today):
        case State.RETIRED:
            return _("Retired on %(day)s") % {"day": _day(facts.retired_on)}
        case State.LIVE if facts.retired_on:
            is_planned = "retired_on" in facts.planned_facts
            sentence = _("Last exam day as planned: %(day)s") if is_planned else _("Last exam day: %(day)s")
            return sentence % {"day": _day(facts.retired_on)}
        case State.LIVE if facts.live_on:
            return _("Live since %(day)s") % {"day": _day(facts.live_on)}
        case State.LIVE:
            return ""
        case State.BETA:
            return f"{_('Beta since %(day)s') % {'day': _day(facts.beta_on)}}; {_coming(facts, today)}"
    parts = [_beginning(facts, today)] if facts.beta_on else []
    return "; ".join([str(NAMES[State.ANNOUNCED]), *parts, _coming(facts, today)])


def in_a_sentence(facts: Facts) -> str:
    """Return the state with the name of the exam, "" where there is nothing to say."""
    words = in_words(facts)
    # Some languages end a date with a period.
    return f"{facts.label}: {words.removesuffix('.')}." if words else ""


def _beginning(facts: HasDays, today: date) -> str:
    """Return when the beta begins, of an exam that has none yet."""
    if "beta_on" not in facts.planned_facts:
        sentence = _("the beta begins on %(day)s")
    elif facts.beta_on and facts.beta_on < today:
        sentence = _("the beta was planned for %(day)s, which is not confirmed")
    else:
        sentence = _("the beta is planned to begin on %(day)s")
    return sentence % {"day": _day(facts.beta_on)}


def _coming(facts: HasDays, today: date) -> str:
    """Return when an exam goes live, of one that is not live yet."""
    if facts.live_on is None:
        return _("no date for going live yet")
    if "live_on" not in facts.planned_facts:
        sentence = _("goes live on %(day)s")
    elif facts.live_on < today:
        sentence = _("was planned to go live on %(day)s, which is not confirmed")
    else:
        sentence = _("planned to go live on %(day)s")
    return sentence % {"day": _day(facts.live_on)}


def planned_amounts(facts: Facts, without: str = "") -> str:
    """Return the sentence on numbers that the vendor has not confirmed, but for one; "" for none."""
    amounts = [
        str(AMOUNTS[name] % {"n": getattr(facts, name)})
        for name in AMOUNTS
        if name in facts.planned_facts and name != without
    ]
    if not amounts:
        return ""
    values = {"label": facts.label, "vendor": facts.vendor, "amounts": ", ".join(amounts)}
    return _("Planned for %(label)s and not confirmed by %(vendor)s yet: %(amounts)s.") % values


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""
