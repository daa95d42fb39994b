"""A check at start: production takes no test card, and a key of Stripe comes with its webhook's secret."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_gateways(**_options: Any) -> list[CheckMessage]:  # noqa: ANN401
    """Refuse production that would give access for nothing, or would not hear of payments."""
    if not settings.PRODUCTION:
        return []
    messages: list[CheckMessage] = []
    if settings.TEST_CARD:
        messages.append(
            Error(
                "TEST_CARD is set: everybody could pay without money.",
                hint="Take TEST_CARD out of the environment; it is for development.",
                id="accounts.E010",
            )
        )
    if settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRET:
        messages.append(
            Error(
                "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET.",
                hint="Add a webhook in Stripe and set its signing secret: see docs/payments.md.",
                id="accounts.E011",
            )
        )
    if settings.STRIPE_API_BASE:
        messages.append(
            Error(
                "STRIPE_API_BASE is set: payments would be confirmed by another server than Stripe's.",
                hint="Take STRIPE_API_BASE out of the environment; it is for tests.",
                id="accounts.E012",
            )
        )
    return messages
