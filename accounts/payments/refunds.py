"""Our refund promise: what it covers, asking for the money by one press, and declining with a reason."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.access import entitlements, refusals
from accounts.access.models import EVERYTHING, Source
from accounts.access.policy import Access
from accounts.audit import services as audit
from accounts.base import hooks
from accounts.base.errors import Refused, Text
from accounts.outbox import services as outbox
from accounts.payments import labels
from accounts.payments.models import Checkout, Purchase, RefundDecline, RefundRequest, went_back
from accounts.payments.settlement import USEFUL, is_refunded
from accounts.users import person_lock
from accounts.users.models import User

WITHIN: Final = timedelta(days=14)
ASKED: Final = "payments/email/refund_asked"
DECLINED: Final = "payments/email/refund_declined"

type BegunOf = Callable[[User, Collection[str], datetime], Sequence[Text]]


def begun(purchase: Purchase) -> list[Text]:
    """Return what the buyer has begun since the payment of what it opened, nothing where nothing was."""
    checkout = purchase.checkout
    if (buyer := checkout.user) is None:
        return []
    answers: tuple[BegunOf, ...] = hooks.registered("begun_since")
    return [text for answer in answers for text in answer(buyer, checkout.version.codes, purchase.paid_at)]


def obstacle(purchase: Purchase, *, is_begun: bool) -> Text:
    """Return why the promise does not cover a payment, "" where it does. Staff may refund it all the same."""
    if is_begun:
        return _("something was started")
    if entitlements.now() > purchase.paid_at + WITHIN:
        return _("paid more than 14 days ago")
    if purchase.period_ends_at and _earlier(purchase.checkout, purchase.paid_at).exists():
        return _("not the first payment of the subscription")
    return ""


def _earlier(checkout: Any, paid_at: Any) -> QuerySet[Purchase]:  # noqa: ANN401  (or expressions)
    return Purchase.objects.filter(checkout=checkout, paid_at__lt=paid_at)


def askable(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """Return the payments whose money may still be asked for, if nothing was begun and none went back."""
    new = purchases.filter(amount__gt=0, paid_at__gt=Now() - WITHIN, refund_request=None)
    return new.exclude(Exists(_earlier(OuterRef("checkout"), OuterRef("paid_at"))))


def waiting(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """Return the payments whose money was asked for, and finance has neither refunded nor declined it."""
    asked = Purchase.objects.filter(refund_request__isnull=False, refund_request__decline=None)
    return purchases.filter(pk__in=_not_given_back(asked))


def would_be_lost(user: User, access: Access, code: str) -> bool:
    """Say whether starting what `code` names ends the promise for money asked for. Buyers: one query."""
    return _covers(user, access, code, waiting)


def would_end(user: User, access: Access, code: str) -> bool:
    """Say whether starting it ends the promise for money not asked for yet. Buyers: one query."""
    return _covers(user, access, code, lambda own: askable(own).filter(pk__in=_not_given_back(own)))


def _covers(
    user: User, access: Access, code: str, chosen: Callable[[QuerySet[Purchase]], QuerySet[Purchase]]
) -> bool:
    """Say whether nothing was begun since one of the chosen payments for what `code` names."""
    if access.source not in {Source.PURCHASE, Source.SUBSCRIPTION}:
        return False
    own = Purchase.objects.filter(checkout__user=user, checkout__version__codes__overlap=[code, EVERYTHING])
    return any(not begun(purchase) for purchase in chosen(own).select_related("checkout__version"))


def owed(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """Return the payments of which a refund failed, as long as nothing else has given all of them back."""
    failed = Purchase.objects.filter(refunds__failure__isnull=False)
    return purchases.filter(pk__in=_not_given_back(Purchase.objects.filter(pk__in=failed.values("pk"))))


def _not_given_back(purchases: QuerySet[Purchase]) -> QuerySet[Purchase, int]:
    with_back = purchases.annotate(back=Coalesce(went_back(), 0))
    return with_back.filter(back__lt=F("amount")).values_list("pk", flat=True)


def others_refunded(purchase: Purchase) -> int:
    """Count the other payments of the buyer of which money went back."""
    refunded = Purchase.objects.filter(refunds__isnull=False, refunds__failure=None)
    own = refunded.filter(checkout__user=purchase.checkout.user).exclude(pk=purchase.pk)
    return own.distinct().count()


def ask(checkout: Checkout, user: User) -> None:
    """Ask for the money of an own order. A repeat is the same request.

    Raises Refused when nothing was paid or is left to give back, it was declined, or the promise does not
    cover it.
    """
    with transaction.atomic():
        # Two presses at once would both find no request.
        person_lock.hold(user.pk)
        purchase = Purchase.objects.filter(checkout=checkout).order_by("paid_at", "pk").first()
        if purchase is None or is_refunded(purchase) or not purchase.amount:
            raise Refused("nothing_to_refund", 409, _("There's nothing left to refund."))
        if RefundDecline.objects.filter(request__purchase=purchase).exists():
            raise Refused("refund_declined", 409, _("Your refund request was declined."))
        if RefundRequest.objects.filter(purchase=purchase).exists():
            return
        if why := obstacle(purchase, is_begun=bool(begun(purchase))):
            detail = _("Our refund promise doesn't cover this payment: %(why)s.")
            raise Refused("not_covered", 409, detail, values={"why": why})
        RefundRequest.objects.create(purchase=purchase)
        audit.record(actor=user, action="purchase.refund_asked", subject=purchase)
        _post(ASKED, purchase)


def decline(purchase: Purchase, *, actor: User, reason: str) -> None:
    """Decline a request; the buyer reads the reason. Raises Refused when none waits, or it is one's own."""
    refusals.not_for_oneself(actor, purchase.checkout.user)
    with transaction.atomic():
        if purchase.checkout.user:
            person_lock.hold(purchase.checkout.user.pk)
        if not waiting(Purchase.objects.filter(pk=purchase.pk)).exists():
            raise Refused("nothing_to_decline", 409, _("No refund request is waiting for this payment."))
        RefundDecline.objects.create(request_id=purchase.pk, reason=reason)
        audit.record(actor=actor, action="purchase.refund_declined", subject=purchase, reason=reason)
        _post(DECLINED, purchase, reason=reason)


def _post(kind: str, purchase: Purchase, **more: str) -> None:
    checkout = purchase.checkout
    if checkout.user is None:
        return
    with override(checkout.language):
        amount = labels.amount_label(purchase.amount, purchase.currency)
    title = labels.product_title(checkout.version, checkout.language)
    outbox.post(
        kind,
        checkout.user.email,
        {"title": title, "amount": amount, "number": checkout.number, **more},
        person=checkout.user,
        language=checkout.language,
        useful_for=USEFUL,
    )
