"""Reports of problems: made after an exam, answered once by staff, the answer sent to the person."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User
from exams.assembly.models import ExamForm
from exams.attempts import running_items
from exams.feedback import checks
from exams.feedback.models import ANSWER_MAX, REPORT_MAX, ProblemReport, Reason, ReportState
from i18n import languages

PER_DAY: Final = 20
ANSWERED_MAIL: Final = "exams/email/report_answered"
ANSWER_IS_NEWS: Final = timedelta(days=7)
_TODAY: Final = """
SELECT count(*) FROM exams_problemreport
WHERE user_id = %s AND created_at > statement_timestamp() - interval '1 day'
"""


def report(*, user: User, attempt_id: UUID, position: int, reason: str, text: str) -> tuple[int, bool]:
    """Store a report on the question at a position; return its id, and False when it was there before.

    While a report waits for its answer, the same one again is that report. Raises Refused: as
    `checks.target`, unknown_reason, missing_text, too_long, invalid_text, already_reported,
    too_many_reports.
    """
    target = checks.target(user, attempt_id, position)
    if reason not in Reason.values:
        raise Refused("unknown_reason", 422, _("Choose what is wrong with the question."))
    said = checks.plain(text, REPORT_MAX)
    if reason == Reason.OTHER and not said:
        raise Refused("missing_text", 422, _("Describe the problem in a few words."))
    with transaction.atomic():
        # Two presses at once wait here for each other, so that the second finds what the first stored.
        person_lock.hold(user.pk)
        waiting = ProblemReport.objects.filter(
            user_id=user.pk, version_id=target.version_id, reason=reason, state=ReportState.OPEN
        ).first()
        if waiting:
            return _the_same(waiting, said), False
        _check_limit(user)
        stored = ProblemReport.objects.create(
            user=user,
            attempt_id=attempt_id,
            position=position,
            version_id=target.version_id,
            reason=reason,
            text=said,
            language=get_language() or languages.DEFAULT,
            created_at=Now(),
        )
    return stored.pk, True


def _the_same(waiting: ProblemReport, said: str) -> int:
    if waiting.text != said:
        raise Refused(
            "already_reported",
            409,
            _("You've already reported this problem. We'll answer that report first."),
        )
    return waiting.pk


def _check_limit(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, [user.pk])
        made = cursor.fetchone()[0]
    if made >= PER_DAY:
        raise Refused(
            "too_many_reports",
            429,
            _("You've sent %(most)s reports within a day. Try again tomorrow."),
            values={"most": PER_DAY},
        )


def answer(*, report_id: int, actor: User | None, state: str, answer: str, reason: str) -> None:
    """Answer a report once, by staff; the act is audited with its `reason`, the person gets a mail.

    The mail has the answer itself only where no exam that the person is taking has the question. Raises
    Refused: not_found, report_answered, unknown_state, missing_text, too_long, invalid_text.
    """
    if state not in (ReportState.CORRECTED, ReportState.UNCHANGED):
        raise Refused("unknown_state", 422, _("Choose an outcome."))
    said = checks.plain(answer, ANSWER_MAX)
    if not said:
        raise Refused("missing_text", 422, _("Write an answer to the person."))
    with transaction.atomic():
        rows = ProblemReport.objects.select_for_update(of=("self",)).select_related("user")
        found = rows.filter(pk=report_id).first()
        if found is None:
            raise Refused("not_found", 404, _("Report not found."))
        if found.state != ReportState.OPEN:
            raise Refused("report_answered", 409, _("This report has been answered already."))
        ProblemReport.objects.filter(pk=found.pk).update(state=state, answer=said, answered_at=Now())
        audit.record(
            actor=actor,
            action="answer",
            subject=found,
            reason=reason,
            before={"state": found.state},
            after={"state": state, "answer": said},
        )
        _tell(found, state, said)


def _tell(found: ProblemReport, state: str, said: str) -> None:
    user = found.user
    if not user.is_active:
        return
    profile = profiles.of(user)
    form = ExamForm.objects.select_related("certification").get(attempts=found.attempt_id)
    is_held = bool(running_items.among(user, [found.version_id]))
    outbox.post(
        ANSWERED_MAIL,
        user.email,
        {
            "certification": form.certification.code.upper(),
            "exam": form.number,
            "question": found.position,
            "is_corrected": state == ReportState.CORRECTED,
            "answer": "" if is_held else said,
        },
        person=user,
        language=found.language if profile._state.adding else profile.ui_language,
        dedupe_key=f"report-answered-{found.pk}",
        useful_for=ANSWER_IS_NEWS,
    )
