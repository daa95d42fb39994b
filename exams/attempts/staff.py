"""What staff do to attempts: give more time, release, void. Each act is audited, with its reason."""

import datetime as dt
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, grading, lifecycle, tasks
from exams.attempts.lifecycle import Locked
from exams.attempts.models import Attempt, EndReason, State


def extend(*, attempt_id: UUID, minutes: int, actor: User, reason: str) -> None:
    """Give an attempt more minutes, also one that expired and is not scored; audited. Raises Refused."""
    with transaction.atomic():
        row = lifecycle.lock(attempt_id, None)
        if minutes < 1 or row.deadline_at is None or row.state not in (State.RUNNING, State.EXPIRED):
            raise Refused(
                "cannot_extend", 409, _("Only a running or expired attempt without a score can be extended.")
            )
        deadline = row.deadline_at + dt.timedelta(minutes=minutes)
        if deadline <= row.now:
            raise Refused("cannot_extend", 409, _("The new deadline would be in the past."))
        _reopen(attempt_id, deadline)
        _audit(attempt_id, "extend", actor, reason, row, State.RUNNING, deadline)


def _reopen(attempt_id: UUID, deadline: dt.datetime) -> None:
    """Let an attempt run until a new deadline; refused when the person has begun the same form anew."""
    try:
        with transaction.atomic():
            Attempt.objects.filter(pk=attempt_id).update(
                state=State.RUNNING,
                deadline_at=deadline,
                ended_at=None,
                end_reason="",
                answers_sha256="",
                # What failed before says nothing about the end that is to come.
                score_tries=0,
                score_claimed_at=None,
                quarantined_at=None,
            )
    except IntegrityError:
        raise Refused(
            "cannot_extend",
            409,
            _("This person has started the exam again, and two attempts can't run at once."),
        ) from None


def waits(attempt_id: UUID) -> bool:
    """Say whether an attempt waits for its end or its score."""
    overdue = Q(state=State.RUNNING, deadline_at__lt=Now() - answers.GRACE)
    return Attempt.objects.filter(Q(state__in=grading.ENDED) | overdue, pk=attempt_id).exists()


def release(*, attempt_id: UUID, actor: User | None, reason: str) -> None:
    """Let an attempt that waits for its score, or for its end, be tried again at once; audited.

    Raises Refused: not_found, not_waiting.
    """
    with transaction.atomic():
        row = lifecycle.lock(attempt_id, None)
        if not (row.overdue or row.state in grading.ENDED):
            raise Refused(
                "not_waiting", 409, _("Only an attempt that is waiting for its score can be released.")
            )
        Attempt.objects.filter(pk=attempt_id).update(
            score_tries=0, score_claimed_at=None, quarantined_at=None
        )
        _audit(attempt_id, "release", actor, reason, row, State(row.state), row.deadline_at)
        transaction.on_commit(lambda: tasks.enqueue_score(attempt_id))


def void(*, attempt_id: UUID, actor: User | None, reason: str) -> None:
    """Take a running attempt out of the count; audited. Raises Refused."""
    with transaction.atomic():
        row = lifecycle.lock(attempt_id, None)
        if row.state != State.RUNNING:
            raise Refused("attempt_closed", 409, _("The exam has ended."))
        lifecycle.leave_out(attempt_id, row, EndReason.VOIDED)
        _audit(attempt_id, "void", actor, reason, row, State.VOIDED, row.deadline_at)


def _audit(
    attempt_id: UUID,
    action: str,
    actor: User | None,
    reason: str,
    row: Locked,
    state: State,
    deadline: dt.datetime | None,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=Attempt(pk=attempt_id),
        reason=reason,
        before={
            "state": State(row.state).label,
            "deadline_at": _moment(row.deadline_at),
            **({"score_tries": row.tries, "score_error": row.error} if row.tries else {}),
        },
        after={"state": state.label, "deadline_at": _moment(deadline)},
    )


def _moment(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
