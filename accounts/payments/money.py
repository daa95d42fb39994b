"""Amounts as people read them. They are kept in hundredths, of forints too, which are shown whole."""

from typing import Final

from django.utils.formats import number_format
from django.utils.translation import get_language

from accounts.access.models import Currency
from i18n import languages

SYMBOLS: Final = {Currency.EUR: "€", Currency.USD: "$", Currency.HUF: "Ft"}


def shown(amount: int, currency: str) -> str:
    """Return an amount of hundredths with its currency, to the cent, as the pricing page writes it.

    "€29.00" and "9,900 Ft" in English, "29,00 €" and "9 900 Ft" in Hungarian.
    """
    symbol = SYMBOLS[Currency(currency)]
    # Stripe may take a part of a forint as tax or discount; a whole amount is shown whole.
    number = _number(amount, 0 if currency == Currency.HUF and amount % 100 == 0 else 2)
    if currency != Currency.HUF and (get_language() or languages.DEFAULT) == "en":
        return f"{symbol}{number}"
    return f"{number}\N{NO-BREAK SPACE}{symbol}"


def _number(amount: int, places: int) -> str:
    whole, part = divmod(amount, 100)
    exact = f"{whole}.{part:02d}" if places else str(whole)
    return number_format(exact, places, use_l10n=True, force_grouping=True)
