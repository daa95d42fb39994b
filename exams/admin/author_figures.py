"""What the start page tells who works on content: what waits for them, for a review, for an answer."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.admin.panels import Figure, Figures, OwnFigures
from accounts.base import hooks
from accounts.users.models import User
from exams.admin.requests import list_of
from exams.authoring import rights, work_queue
from exams.authoring.models import OPEN, Draft, State
from exams.authoring.work_queue import Asked, Reason
from exams.feedback.models import ProblemReport, ReportState

STILL_OPEN: Final = ",".join(OPEN)


def _queue(reason: Reason) -> str:
    return f"{reverse('admin:exams_itemcheck_queue')}?{urlencode({'reason': reason.value})}"


def _drafts(staff: User) -> Sequence[Figure]:
    """One statement."""
    counts = Draft.objects.filter(state__in=OPEN).aggregate(
        mine=Count("pk", filter=Q(assignee=staff)),
        begun=Count("pk", filter=Q(author=staff)),
        review=Count("pk", filter=Q(state=State.REVIEW)),
        approved=Count("pk", filter=Q(state=State.APPROVED)),
    )
    approved = _("Approved, not published: %(count)d") % {"count": counts["approved"]}
    return [
        Figure(_("Assigned to you"), counts["mine"], list_of(Draft, assigned="me", state__in=STILL_OPEN)),
        Figure(_("Your drafts"), counts["begun"], list_of(Draft, assigned="begun", state__in=STILL_OPEN)),
        Figure(
            _("Waiting for review"), counts["review"], list_of(Draft, state__exact=State.REVIEW), approved
        ),
    ]


def _reports() -> Sequence[Figure]:
    """One statement."""
    counts = ProblemReport.objects.filter(state=ReportState.OPEN).aggregate(
        count=Count("pk"), oldest=Min("created_at")
    )
    note = ""
    if counts["oldest"]:
        day = date_format(localtime(counts["oldest"]), "DATE_FORMAT")
        note = _("The oldest is from %(day)s") % {"day": day}
    address = list_of(ProblemReport, state__exact=ReportState.OPEN)
    return [Figure(_("Open problem reports"), counts["count"], address, note)]


def _withdrawn() -> Sequence[Figure]:
    """One statement."""
    count = work_queue.waiting(Asked(reason=Reason.WITHDRAWN.value), 0).total
    return [Figure(_("Withdrawals to confirm"), count, _queue(Reason.WITHDRAWN), is_bad=count > 0)]


def _flagged() -> Sequence[Figure]:
    """One statement."""
    count = work_queue.flagged()
    note = _("Questions whose key is in doubt")
    return [Figure(_("Flagged by statistics"), count, _queue(Reason.FLAGGED), note, is_bad=count > 0)]


def register() -> None:
    """Add the numbers of drafts, reports, withdrawn and flagged questions to the start page."""
    hooks.register("start_page_figures", OwnFigures(rights.SEE, _drafts, 8))
    hooks.register("start_page_figures", Figures("exams.view_problemreport", _reports, 9))
    hooks.register("start_page_figures", Figures(rights.REVIEW, _withdrawn, 8))
    hooks.register("start_page_figures", Figures("exams.view_itemstatistics", _flagged, 9))
