"""What is sold and for how much, as people read it. Amounts are kept in hundredths, of forints too."""

from collections.abc import Sequence
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.access.models import Currency, Kind, ProductVersion
from accounts.access.targets import targets_of
from i18n import languages

SYMBOLS: Final = {Currency.EUR: "€", Currency.USD: "$", Currency.HUF: "Ft"}


def amount_label(amount: int, currency: str) -> str:
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


def product_label(slug: str, kind: str, codes: Sequence[str], months: int) -> str:
    """Return the name of a product in the active language, as page, gateway and receipt call it."""
    if kind == Kind.SUBSCRIPTION:
        return _("Monthly subscription")
    if kind == Kind.BUNDLE:
        return ngettext("All access, %(months)d month", "All access, %(months)d months", months) % {
            "months": months
        }
    labels = [target.label for target in targets_of(codes).values() if target.label]
    name = ", ".join(labels) or slug.upper()
    return ngettext("%(name)s for %(months)d month", "%(name)s for %(months)d months", months) % {
        "name": name,
        "months": months,
    }


def product_title(version: ProductVersion, language: str) -> str:
    """Return the name of what a version sells."""
    product = version.product
    with override(language):
        return product_label(product.slug, product.kind, version.codes, version.months)
