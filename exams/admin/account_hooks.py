"""What exams add to the admin of accounts: permissions of roles, names of mails, figures at its start."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.admin.panels import Figure, Figures, OwnFigures
from accounts.base import hooks
from accounts.base.errors import Text
from accounts.roles import registry
from accounts.users.models import User
from exams.admin.requests import list_of
from exams.authoring import rights, work_queue
from exams.authoring.models import OPEN, Draft, State
from exams.authoring.work_queue import Asked, Reason
from exams.feedback.models import ProblemReport, ReportState

# When questions were checked, and which names moved on.
CARED_FOR: Final = ("itemcheck", "watchedname")
SEEN: Final = (
    *("certification", "certificationtext", "domain", "domaintext", "taskstatement", "taskstatementtext"),
    *("item", "itemversion", "itemtext", "option", "optiontext"),
    *("examform", "formedition", "formitem", "paper", "draft", "keyruling", "sheetedition", "sheetblock"),
    *CARED_FOR,
)
# What a translator reads beside drafts.
READ: Final = (
    *("certification", "item", "itemversion", "itemtext", "option", "optiontext"),
    *("sheetedition", "sheetblock"),
    *CARED_FOR,
)
# Statistics are of questions: they name no candidate.
MEASURED: Final = ("editionstatistics", "itemstatistics", "itemdecision")


def _view(models: Iterable[str]) -> list[str]:
    return [f"exams.view_{model}" for model in models]


def permissions() -> dict[str, list[str]]:
    """Let authors see all content, answer reports of problems, write.

    Reviewers see the same content, write too, alone approve and publish, and rule on keys; translators write
    texts in other languages than the original. Of candidates all see nothing; support sees attempts, extends
    and voids them within limits, and changes nothing else of them.
    """
    return {
        registry.AUTHORS: [
            *("exams.write_draft", "exams.add_itemdecision"),
            # They answer reports of problems; the admin does not tell them who reported.
            *("exams.view_problemreport", "exams.change_problemreport"),
            *_view((*SEEN, *MEASURED)),
        ],
        registry.REVIEWERS: [
            *("exams.write_draft", "exams.review_draft", "exams.add_keyruling"),
            *("exams.view_problemreport", "exams.view_pendingact"),
            *_view((*SEEN, *MEASURED)),
        ],
        registry.TRANSLATORS: ["exams.view_draft", "exams.translate_draft", *_view(READ)],
        registry.SUPPORT: ["exams.view_attempt", "exams.view_score", "exams.support_attempt"],
    }


MAIL_NAMES: Final[dict[str, Text]] = {
    "exams/email/attempt_extended": _("Exam extended"),
    "exams/email/attempt_voided": _("Exam voided"),
    "exams/email/draft_news": _("News about a draft"),
    "exams/email/question_withdrawn": _("Question withdrawn"),
    "exams/email/report_answered": _("Problem report answered"),
    "exams/email/score_corrected": _("Score corrected"),
    "exams/email/second_person": _("Proposal"),
    "exams/email/study_today": _("Morning with work"),
}
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
    count = work_queue.waiting(Asked(reason=Reason.FLAGGED.value), 0).total
    note = _("Questions whose key is in doubt")
    return [Figure(_("Flagged by statistics"), count, _queue(Reason.FLAGGED), note, is_bad=count > 0)]


hooks.register("role_permissions", permissions)
for kind, name in MAIL_NAMES.items():
    hooks.register("mail_names", name, key=kind)
hooks.register("start_page_figures", OwnFigures(rights.SEE, _drafts, 8))
hooks.register("start_page_figures", Figures("exams.view_problemreport", _reports, 9))
hooks.register("start_page_figures", Figures(rights.REVIEW, _withdrawn, 8))
hooks.register("start_page_figures", Figures("exams.view_itemstatistics", _flagged, 9))
