"""What accounts themselves tell on the start page: today's sales, failed jobs, emails that wait or failed."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin.panels import Figure, Figures
from accounts.base import hooks, statements
from accounts.jobs import services as jobs
from accounts.jobs.models import State
from accounts.outbox import services as outbox
from accounts.payments import labels, selectors

# A day of the site's own zone, found by the index of when it was paid. As text: the day is told also where
# nothing was sold, in the same statement.
SALES: Final = """
SELECT day.at, p.currency, sum(p.amount), count(p.id)
FROM (SELECT date_trunc('day', statement_timestamp(), %(zone)s) AS at) AS day
LEFT JOIN accounts_purchase p ON p.paid_at >= day.at
GROUP BY day.at, p.currency ORDER BY p.currency
"""


def _sales() -> Sequence[Figure]:
    """One statement."""
    rows = statements.rows(SALES, {"zone": settings.SITE_ZONE})
    day, *_first_sum = rows[0]
    query = urlencode({"paid_at__gte": day.isoformat()})
    url = f"{reverse('admin:accounts_purchase_changelist')}?{query}"
    sums = [(currency, amount, count) for _day, currency, amount, count in rows if currency]
    return [
        Figure(
            _("Sales today, %(currency)s") % {"currency": currency},
            labels.amount_label(int(amount), currency),
            url,
            _("Payments: %(count)d") % {"count": count},
        )
        for currency, amount, count in sums
    ] or [Figure(_("Sales today"), 0, url)]


def _jobs() -> Sequence[Figure]:
    """One statement."""
    failed = jobs.count_failed()
    query = urlencode({"state__exact": State.FAILED})
    url = f"{reverse('admin:accounts_job_changelist')}?{query}"
    return [Figure(_("Failed jobs"), failed, url, _("In the last 24 hours"), is_bad=failed > 0)]


def _mails() -> Sequence[Figure]:
    """One statement."""
    backlog = outbox.backlog()
    page = reverse("admin:accounts_mail_changelist")
    waiting = urlencode({"sent_at__isempty": 1, "given_up_at__isempty": 1})
    failed = urlencode({"given_up_at__isempty": 0})
    return [
        Figure(_("Emails waiting"), backlog.waiting, f"{page}?{waiting}", _("Due, not sent yet")),
        Figure(
            _("Failed emails"),
            backlog.given_up,
            f"{page}?{failed}",
            _("In the last 24 hours"),
            is_bad=backlog.given_up > 0,
        ),
    ]


def _refunds() -> Sequence[Figure]:
    """Two statements. What was asked for waits for a decision, what failed until it is refunded again."""
    asked, owed = selectors.count_asked(), selectors.count_owed()
    page = f"{reverse('admin:accounts_purchase_changelist')}?refund="
    return [
        Figure(_("Refunds asked for"), asked, f"{page}asked", _("Not decided yet"), is_bad=asked > 0),
        Figure(_("Failed refunds"), owed, f"{page}failed", _("Not refunded since"), is_bad=owed > 0),
    ]


def register() -> None:
    """Add the numbers."""
    hooks.register("start_page_figures", Figures("accounts.view_purchase", _sales, 4))
    hooks.register("start_page_figures", Figures("accounts.change_purchase", _refunds, 5))
    hooks.register("start_page_figures", Figures("accounts.view_job", _jobs, 6))
    hooks.register("start_page_figures", Figures("accounts.view_mail", _mails, 7))
