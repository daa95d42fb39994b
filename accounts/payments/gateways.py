"""What a gateway can do, what it says of a checkout, and which one takes payments here.

Stripe, when it has a key; else the test card, which production never has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.access.periods import Period
from accounts.base.errors import Refused

STRIPE: Final = "stripe"
TEST_CARD: Final = "test_card"
# By their path: the library of Stripe is large, and a process that never takes a payment does without it.
PATHS: Final = {
    STRIPE: "accounts.payments.stripe_gateway.StripeGateway",
    TEST_CARD: "accounts.payments.test_card.TestCard",
}


class Forged(Exception):
    """Not a fresh message of our account with the gateway in the mode of our key."""


class GatewayDown(Exception):
    """The gateway did not answer, or said that something is wrong at its side. Trying again may help."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a gateway needs to take a payment. `months` is given for a subscription, to repeat it."""

    checkout_id: UUID
    title: str
    amount: int
    currency: str
    months: int | None
    email: str
    language: str
    return_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class GatewaySession:
    """A payment can be made at `url`; the gateway knows it as `session_id`."""

    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """A refund that went through, or a dispute that was lost: then the bank took it, and nobody gave it."""

    refund_id: str
    amount: int
    at: datetime
    is_refund: bool = True


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that arrived; `period` is what it pays for in a subscription.

    `failed_refunds` are those that did not arrive in the end.
    """

    payment_id: str
    amount: int
    currency: str
    paid_at: datetime
    period: Period | None = None
    money_back: Sequence[MoneyBack] = ()
    failed_refunds: Sequence[MoneyBack] = ()


@dataclass(frozen=True, slots=True)
class GatewaySubscription:
    """A subscription as the gateway has it, also one that has ended: `ends_at` is set once it is canceled."""

    subscription_id: str
    runs: bool
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class GatewayCheckout:
    """All that the gateway knows of a checkout now. `is_open`: it may still be paid."""

    is_open: bool
    payments: Sequence[Payment] = ()
    subscription: GatewaySubscription | None = None


class Gateway(Protocol):
    """Takes payments. Every method may raise GatewayDown."""

    name: str

    def open(self, order: Order) -> GatewaySession:
        """Prepare a payment. A repeat with the same checkout gives the same one."""

    def fetch(self, session_id: str) -> GatewayCheckout:
        """Return what became of a checkout."""

    def close(self, session_id: str) -> None:
        """Let a checkout be paid no more. One that is paid stays so, and a repeat changes nothing."""

    def paid_back(self, since: datetime) -> Iterable[str]:
        """Return the ids of payments of which money went back, as far as refunds or disputes are that new."""

    def refunds_failed(self, since: datetime) -> Iterable[str]:
        """Return the ids of refunds that are that new and failed in the end."""

    def cancel(self, subscription_id: str, *, at_once: bool = False) -> None:
        """Let a subscription end with the period that is paid, or end it now. A repeat changes nothing."""

    def resume(self, subscription_id: str) -> None:
        """Take back that a subscription ends with the period that is paid. A repeat changes nothing."""

    def portal(self, session_id: str, *, language: str, return_url: str) -> str:
        """Return the address where invoices and card are managed, "" without one."""

    def refund(self, payment_id: str) -> None:
        """Give back all of a payment. A repeat changes nothing."""


def has_test_card() -> bool:
    """Say whether the test card takes payments here."""
    return bool(settings.TEST_CARD) and not settings.PRODUCTION


def available() -> bool:
    """Say whether anything can be paid here. Until then access comes by voucher, and no price is shown."""
    return bool(settings.STRIPE_SECRET_KEY) or has_test_card()


def current() -> Gateway:
    """Return the gateway of new checkouts. Raises Refused without one."""
    return named(STRIPE if settings.STRIPE_SECRET_KEY else TEST_CARD)


def is_set_up(name: str) -> bool:
    """Say whether the gateway of this name can be asked here."""
    return bool(settings.STRIPE_SECRET_KEY) if name == STRIPE else name == TEST_CARD and has_test_card()


def named(name: str) -> Gateway:
    """Return the gateway of this name. Raises Refused when it is not set up here."""
    if not is_set_up(name):
        raise Refused("not_on_sale", 409, _("Nothing can be bought here at the moment."))
    gateway: Gateway = import_string(PATHS[name])()
    return gateway


def all_set_up() -> list[Gateway]:
    """Return every gateway that can be asked here."""
    return [named(name) for name in PATHS if is_set_up(name)]
