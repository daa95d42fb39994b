"""The pricing page: what is sold, what is inside, what it costs, and what to know before paying."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import policy, products
from accounts.access.models import EVERYTHING, Kind
from accounts.access.policy import Access, Reason
from accounts.payments import gateways
from accounts.payments import services as payments
from accounts.users.models import User
from exams.assembly import selectors as assembly
from exams.catalog import selectors as catalog
from exams.content.records import SAMPLE_CHECK
from exams.content.states import State
from exams.presentation import before_paying, formatting, sections, states
from exams.web import offers, rendering


@dataclass(frozen=True, slots=True)
class Inside:
    """A certification as a product holds it: its name, how much there is, what to know before paying."""

    code: str
    label: str
    name: str
    lang: str
    access_code: str
    parts: tuple[str, ...]
    languages: str
    known: tuple[str, ...]
    state: State
    standing: str
    access: Access

    @property
    def ended(self) -> bool:
        """Whether who asks had access once."""
        return self.access.reason is Reason.ENDED


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Show what is sold in a currency that the reader chooses.

    At most five statements for visitors, seven for others, and four more for who has a subscription.
    """
    language = get_language() or ""
    currency = before_paying.currency_of(request.GET.get("currency", ""), language)
    known = _certifications(request, language)
    sold, bought = products.on_sale(), gateways.available()
    ways = {offer.slug: _way_to_pay(request, offer.slug, currency) for offer in sold} if bought else {}
    has_one = isinstance(request.user, User) and payments.is_subscribed(request.user)
    shown = [
        _offer(offer, known, currency, language)
        | {"address": ways.get(offer.slug, ""), "is_owned": has_one and offer.kind == Kind.SUBSCRIPTION}
        for offer in sold
    ]
    shown = [offer for offer in shown if offer["inside"] and (offer["price"] or not bought)]
    # What only opens exams that were retired stands below the rest; the others keep the places of the admin.
    shown.sort(key=lambda offer: bool(offer["is_retired"]))
    for offer in shown:
        is_first = offer["is_retired"] == shown[0]["is_retired"]
        offer["is_archived"] = not is_first
        offer["accent"] = is_first and offer["kind"] == Kind.CERTIFICATION
    context = {
        "offers": shown,
        "may_move": any(one.state in states.COMING for one in known),
        "bought": bought,
        "check": SAMPLE_CHECK,
        "free": not sold and not products.anything_closed(),
        "currency": currency,
        "currencies": list(before_paying.SYMBOLS),
        "own": [
            certification
            for certification in known
            if certification.access.reason in (Reason.ENTITLED, Reason.ENDED)
        ],
        "certifications": known,
        "before": list(
            dict.fromkeys(sentence for certification in known for sentence in certification.known)
        ),
        "devices": settings.DEVICES_PER_ACCOUNT,
    }
    return rendering.render_to(request, "exams/pricing.html", context)


def _way_to_pay(request: HttpRequest, slug: str, currency: str) -> str:
    """Return where a product is ordered; visitors come there by way of the sign-up."""
    address = f"{reverse('payments:buy', args=[slug])}?{urlencode({'currency': currency})}"
    if request.user.is_authenticated:
        return address
    return f"{reverse('account_signup')}?{urlencode({'next': address})}"


def _certifications(request: HttpRequest, language: str) -> list[Inside]:
    """Return every certification that has exams, with the access of who asks."""
    forms = assembly.forms_by_code()
    rows = [row for row in catalog.certifications(language) if row.facts.code in forms]
    access = policy.access_of_many(request.user, [row.facts.access_code for row in rows])
    counted = sections.contents([row.facts.code for row in rows])
    return [
        _inside(row, forms[row.facts.code], counted, access[row.facts.access_code], language) for row in rows
    ]


def _inside(
    row: catalog.CertificationSummary,
    forms: Sequence[assembly.FormFacts],
    counted: Mapping[str, Sequence[str]],
    access: Access,
    language: str,
) -> Inside:
    facts = row.facts
    common = before_paying.common_languages(forms)
    return Inside(
        code=facts.code,
        label=facts.label,
        name=row.texts.name,
        lang=row.texts.language,
        access_code=facts.access_code,
        parts=(before_paying.exams_named(forms), *counted.get(facts.code, ())),
        languages=formatting.languages_named(common),
        known=tuple(before_paying.known(row, forms, language)),
        state=facts.state,
        standing=states.in_words(facts),
        access=access,
    )


def _offer(offer: products.Offer, known: Sequence[Inside], currency: str, language: str) -> dict[str, Any]:
    inside = [row for row in known if offer.opens(row.access_code)]
    amount = offer.prices.get(currency)
    return {
        "slug": offer.slug,
        "kind": offer.kind,
        "title": offers.kind_named(offer.kind, inside[0].label if len(inside) == 1 else ""),
        "inside": inside,
        "everything": EVERYTHING in offer.codes,
        "months": offer.months,
        "price": before_paying.price(amount, currency, language) if amount else "",
        "is_retired": all(row.state is State.RETIRED for row in inside),
        "is_open": bool(inside) and all(row.access for row in inside),
    }
