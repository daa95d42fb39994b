"""What is sold, as pages show it: what is inside, how much, what is free; and what is locked for a reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from accounts.access import policy, products
from accounts.access.models import Kind
from accounts.access.policy import Access, Reason
from accounts.payments import gateways
from exams.assembly.selectors import FormFacts
from exams.presentation import before_paying

# These are locked until somebody does something about it: confirming an address is another page.
LOCKED = (Reason.NOT_ENTITLED, Reason.ENDED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, before a certification: their access, and whether the page must name it as locked.

    `offers` is what opens it now; it is only read where something is locked.
    """

    access: Access
    locked: bool
    offers: tuple[products.Offer, ...] = ()

    @property
    def included(self) -> tuple[bool, bool]:
        """Whether the monthly subscription and whether all access opens it too."""
        kinds = {one.kind for one in self.offers}
        return Kind.SUBSCRIPTION in kinds, Kind.BUNDLE in kinds


def standing(request: HttpRequest, access_code: str) -> Standing:
    """Return how who asks stands with what a code names. One statement with access, two without.

    A visitor's access is known without a statement.
    """
    access = policy.access_of(request.user, access_code)
    if access:
        return Standing(access, locked=False)
    found = products.code_offers(access_code)
    return Standing(access, found.closed, found.offers)


def is_locked(access: Access) -> bool:
    """Say whether a person needs an entitlement that they do not have."""
    return access.reason in LOCKED


def price_of(offers: Sequence[products.Offer], currency: str) -> str:
    """Return the price of the certification alone, or nothing where it is not sold by itself."""
    amounts = (one.prices.get(currency) for one in offers if one.kind == Kind.CERTIFICATION)
    amount = next((one for one in amounts if one), None)
    return before_paying.price(amount, currency, get_language() or "") if amount else ""


def price_now(offers: Sequence[products.Offer]) -> str:
    """Return what `price_of` does in the usual currency of the language; nothing without a way to pay."""
    language = get_language() or ""
    return price_of(offers, before_paying.currency_of("", language)) if gateways.available() else ""


def panel(standing: Standing, forms: Sequence[FormFacts], parts: Sequence[str]) -> dict[str, object]:
    """Return the offer of a certification: what is inside, the price once there is a way to pay."""
    alone = next((one for one in standing.offers if one.kind == Kind.CERTIFICATION), None)
    monthly, bundle = standing.included
    return {
        "access": standing.access,
        "inside": [before_paying.exams_named(forms), *parts],
        "price": price_now(standing.offers),
        "months": alone.months if alone else 0,
        "monthly": monthly,
        "bundle": bundle,
        "sold": gateways.available(),
    }


def kind_named(kind: Kind, label: str) -> str:
    """Return what a product is called; one of a certification by that."""
    names = {
        Kind.CERTIFICATION: label or gettext("One certification"),
        Kind.SUBSCRIPTION: gettext("Monthly subscription"),
        Kind.BUNDLE: gettext("All access"),
    }
    return names[kind]
