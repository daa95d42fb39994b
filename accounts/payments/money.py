"""Amounts as people read them. They are kept in hundredths, of forints too, which are shown whole."""

from typing import Final

from django.utils.formats import number_format
from django.utils.translation import get_language

from accounts.access.models import Currency

# Hungarian groups digits from five on: 9900 Ft, 24 900 Ft.
GROUPED_FROM: Final = {"hu": 10_000}


def shown(amount: int, currency: str) -> str:
    """Return an amount of hundredths with its currency: "29.00 EUR", "9,900 Ft"; "9900 Ft" in Hungarian."""
    if currency == Currency.HUF:
        # Stripe may take a part of a forint as tax or discount; a whole amount is shown whole.
        places = 0 if amount % 100 == 0 else 2
        return f"{_number(amount, places)}\N{NO-BREAK SPACE}Ft"
    return f"{_number(amount, 2)}\N{NO-BREAK SPACE}{currency}"


def _number(amount: int, places: int) -> str:
    whole, part = divmod(amount, 100)
    exact = f"{whole}.{part:02d}" if places else str(whole)
    grouped = whole >= GROUPED_FROM.get(get_language() or "", 1000)
    return number_format(exact, places, use_l10n=grouped or bool(places), force_grouping=grouped)
