"""The state of a certification in words, with its day, in both languages."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.utils import translation

from exams.presentation.states import in_words

PAST, FUTURE = dt.date(2026, 9, 29), dt.date(2040, 1, 14)


@dataclass(frozen=True)
class Days:
    """The days of a certification, as a test needs them."""

    beta_on: dt.date | None = None
    live_on: dt.date | None = None
    retired_on: dt.date | None = None
    planned_facts: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("days", "english", "hungarian"),
    [
        (Days(), "", ""),
        (Days(live_on=PAST), "Live since September 29, 2026", "2026. szeptember 29. óta éles"),
        (
            Days(PAST, FUTURE, planned_facts=("live_on",)),
            "Beta since September 29, 2026; planned to go live on January 14, 2040",
            "2026. szeptember 29. óta béta; várható éles indulás: 2040. január 14.",
        ),
        (
            Days(PAST, FUTURE),
            "Beta since September 29, 2026; goes live on January 14, 2040",
            "2026. szeptember 29. óta béta; éles indulás: 2040. január 14.",
        ),
        (
            Days(PAST, PAST, planned_facts=("live_on",)),
            "Beta since September 29, 2026; was planned to go live on September 29, 2026, "
            "which is not confirmed",
            "2026. szeptember 29. óta béta; a terv szerint ekkor indult volna élesben: 2026. szeptember 29., "
            "de ezt még nem erősítették meg",
        ),
        (
            Days(PAST),
            "Beta since September 29, 2026; no date for going live yet",
            "2026. szeptember 29. óta béta; még nem tudni, mikor indul élesben",
        ),
        (
            Days(planned_facts=("live_on",)),
            "Announced; no date for going live yet",
            "Bejelentve; még nem tudni, mikor indul élesben",
        ),
        (
            Days(FUTURE, planned_facts=("beta_on", "live_on")),
            "Announced; the beta is planned to begin on January 14, 2040; no date for going live yet",
            "Bejelentve; a béta várható indulása: 2040. január 14.; még nem tudni, mikor indul élesben",
        ),
        (
            Days(PAST, FUTURE, planned_facts=("beta_on",)),
            "Announced; the beta was planned for September 29, 2026, which is not confirmed; "
            "goes live on January 14, 2040",
            "Bejelentve; a béta a terv szerint ekkor indult volna: 2026. szeptember 29., de ezt még nem "
            "erősítették meg; "
            "éles indulás: 2040. január 14.",
        ),
        (Days(retired_on=FUTURE), "Last exam day: January 14, 2040", "Utolsó vizsganap: 2040. január 14."),
        (
            Days(retired_on=FUTURE, planned_facts=("retired_on",)),
            "Last exam day as planned: January 14, 2040",
            "Tervezett utolsó vizsganap: 2040. január 14.",
        ),
        (Days(retired_on=PAST), "Retired on September 29, 2026", "Megszűnt (2026. szeptember 29.)"),
    ],
)
def test_a_state_is_told_with_its_day(days: Days, english: str, hungarian: str) -> None:
    with translation.override("en"):
        assert in_words(days) == english
    with translation.override("hu"):
        assert in_words(days) == hungarian
