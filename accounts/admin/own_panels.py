"""What accounts themselves show of a person: access, purchases, emails, and the record of acts."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest, Least, Now
from django.utils.translation import gettext_lazy as _

from accounts.access.models import Entitlement, EntitlementEnd, State
from accounts.admin import mail_names, purchases
from accounts.admin.panels import Act, Panel, Row, Text
from accounts.admin.person import act_page, page_of
from accounts.audit import services as audit
from accounts.base import hooks
from accounts.jobs.models import Job
from accounts.outbox.models import Mail
from accounts.payments import labels
from accounts.payments.models import Checkout, Purchase, SubscriptionState, went_back
from accounts.users.models import User

STATES: Final = {
    State.RUNNING: _("Active"),
    State.UPCOMING: _("Upcoming"),
    State.ENDED: _("Ended"),
}


def with_real_end(rows: QuerySet[Entitlement]) -> QuerySet[Any]:
    """Add to entitlements when they really end (`real_end`)."""
    ends = EntitlementEnd.objects.filter(entitlement=OuterRef("pk")).order_by().values("entitlement")
    earliest = Subquery(ends.annotate(first=Min("ends_at")).values("first"))
    return rows.annotate(real_end=Least("ends_at", earliest))


def _entitlements(person: User, staff: User, which: slice) -> Sequence[Row]:
    """One statement. What ended before it began never begins."""
    state = Case(
        When(real_end__lte=Greatest("starts_at", Now()), then=Value(State.ENDED.value)),
        When(starts_at__gt=Now(), then=Value(State.UPCOMING.value)),
        default=Value(State.RUNNING.value),
        output_field=CharField(),
    )
    entitlements = with_real_end(Entitlement.objects.filter(user=person)).annotate(state=state)
    rows: list[Any] = list(entitlements.order_by("-created_at", "-pk")[which])
    # Nobody acts on their own access.
    may_add, may_end = (
        person.pk != staff.pk and staff.has_perm(f"accounts.{one}_entitlement") for one in ("add", "change")
    )
    return [
        Row(
            (
                *(row.code, row.get_source_display(), row.created_at),
                *(row.starts_at, row.real_end, STATES[State(row.state)]),
            ),
            page_of("entitlement", row.pk),
            [
                *([Act(_("Extend"), act_page("entitlement", row.pk, "extend"))] if may_add else []),
                *(
                    [Act(_("Revoke"), act_page("entitlement", row.pk, "end_now"))]
                    if may_end and row.state != State.ENDED
                    else []
                ),
            ],
        )
        for row in rows
    ]


def _purchases(person: User, staff: User, which: slice) -> Sequence[Row]:
    """One statement. How a subscription goes on is said at its newest payment."""
    state = SubscriptionState.objects.filter(subscription__checkout=OuterRef("checkout")).order_by("-pk")
    later = Purchase.objects.filter(
        checkout=OuterRef("checkout"), period_ends_at__gt=OuterRef("period_ends_at")
    )
    paid = Purchase.objects.filter(checkout__user=person).annotate(
        returned=went_back(),
        failed=Count("refunds__failure"),
        runs=Case(When(Exists(later), then=None), default=Subquery(state.values("runs")[:1])),
        ends_at=Subquery(state.values("ends_at")[:1]),
    )
    rows: list[Any] = list(
        paid.select_related("checkout__version__product").order_by("-paid_at", "-pk")[which]
    )
    # Nobody acts on their own money.
    may_refund, may_cancel = (
        person.pk != staff.pk and staff.has_perm(permission)
        for permission in ("accounts.change_purchase", purchases.PERMISSION)
    )
    return [
        Row(
            (
                *(row.checkout.number, row.checkout.version, row.paid_at),
                labels.amount_label(row.amount, row.currency),
                _returned(row),
                "" if row.runs is None else purchases.status_label(runs=row.runs, ends_at=row.ends_at),
            ),
            page_of("purchase", row.pk),
            [
                *(
                    [Act(_("Refund"), act_page("purchase", row.pk, "refund"))]
                    if may_refund and (row.returned or 0) < row.amount
                    else []
                ),
                *(
                    [Act(_("Cancel subscription"), act_page("purchase", row.pk, "cancel_subscription"))]
                    if may_cancel and row.runs and not row.ends_at
                    else []
                ),
            ],
        )
        for row in rows
    ]


def _returned(row: Any) -> Text:  # noqa: ANN401
    """Return what went back, and whether some of it did not arrive."""
    if not row.returned and row.failed:
        return _("Failed")
    return labels.amount_label(row.returned, row.currency) if row.returned else ""


def _mails(person: User, staff: User, which: slice) -> Sequence[Row]:
    """One statement. What a mail says is nobody's business: it is sealed, and gone once it was sent."""
    mails = Mail.objects.filter(person=person).defer("sealed").order_by("-created_at", "-pk")
    return [
        Row(
            (
                mail_names.name_of(mail.kind),
                _mail_state(mail),
                mail.created_at,
                mail.sent_at or mail.given_up_at or "",
            ),
            page_of("mail", mail.pk),
        )
        for mail in mails[which]
    ]


def _mail_state(mail: Mail) -> Text:
    if mail.sent_at:
        return _("Sent")
    return _("Failed") if mail.given_up_at else _("Waiting")


def _log(person: User, staff: User, which: slice) -> Sequence[Row]:
    """One statement."""
    return [
        Row(
            (
                *(entry.at, entry.action, f"{entry.subject_type} {entry.subject_id}"),
                *(entry.reason, entry.actor or ""),
            ),
            page_of("auditentry", entry.pk),
        )
        for entry in audit.about(person)[which]
    ]


def _panels() -> list[Panel]:
    opens, granted, begins, ends = (_("Opens"), _("Granted"), _("From"), _("Until"))
    return [
        Panel(
            "access",
            _("Access"),
            "accounts.view_entitlement",
            (opens, _("Source"), granted, begins, ends, _("State")),
            _("No access was granted."),
            _entitlements,
            1,
        ),
        Panel(
            "purchases",
            _("Purchases"),
            "accounts.view_purchase",
            (_("Order number"), _("Product"), _("Paid"), _("Amount"), _("Refunded"), _("Subscription")),
            _("Nothing was bought."),
            _purchases,
            2,
        ),
        Panel(
            "mails",
            _("Emails"),
            "accounts.view_mail",
            (_("Kind"), _("State"), _("Created"), _("Sent or failed")),
            _("No emails."),
            _mails,
            4,
        ),
        Panel(
            "log",
            _("Event log"),
            "accounts.view_auditentry",
            (_("When"), _("Action"), _("What"), _("Reason"), _("Who")),
            _("Nothing was recorded."),
            _log,
            5,
        ),
    ]


def register() -> None:
    """Add the panels, and say whose the things are that acts are recorded of."""
    for panel in _panels():
        hooks.register("person_panels", panel, key=panel.key)
    hooks.register("audited_things", lambda person: Entitlement.objects.filter(user=person))
    hooks.register("audited_things", lambda person: Purchase.objects.filter(checkout__user=person))
    hooks.register("audited_things", lambda person: Checkout.objects.filter(user=person))
    hooks.register("audited_things", lambda person: Mail.objects.filter(person=person))
    hooks.register("audited_things", lambda person: Job.objects.filter(owner=person))
