"""Prices as a page shows them, and the currency that a reader sees first."""

from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal

SYMBOLS: Final = {"EUR": "€", "USD": "$", "HUF": "Ft"}
"""The currencies that can be chosen, each as it is written beside a number."""
USUAL: Final = "EUR"


def currency_of(wanted: str, language: str) -> str:
    """Return the wanted currency where there is such, else the usual one of the language."""
    if wanted.upper() in SYMBOLS:
        return wanted.upper()
    return "HUF" if language == "hu" else USUAL


def price(amount: int, currency: str, language: str) -> str:
    """Return an amount in hundredths as people write it: €29, 29 €, 9,900 Ft, 9 900 Ft."""
    value = Decimal(amount) / 100
    pattern = "#,##0" if amount % 100 == 0 else "#,##0.00"
    digits = format_decimal(value, pattern, locale=language)
    if currency == "HUF" or language != "en":
        return f"{digits}\N{NO-BREAK SPACE}{SYMBOLS[currency]}"
    return f"{SYMBOLS[currency]}{digits}"
