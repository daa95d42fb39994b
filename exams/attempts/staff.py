"""What staff do to attempts: give more time, release, void. Each act is audited, with its reason.

Administrators do it without limits. Support does it for candidates alone, and gives an hour at most.
"""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.access import support
from accounts.audit import services as audit
from accounts.base import moments
from accounts.base.errors import OUTDATED, Refused, Text
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User
from exams.attempts import answers, grading, lifecycle
from exams.attempts.lifecycle import Locked
from exams.attempts.models import Attempt, EndReason, State

WITHOUT_LIMITS: Final = "exams.change_attempt"
WITHIN_LIMITS: Final = "exams.support_attempt"
MINUTES_MOST: Final = 60
"""Extra minutes of an attempt that support may bring it to, whoever gave the first of them."""
EXTENDED_MAIL: Final = "exams/email/attempt_extended"
VOIDED_MAIL: Final = "exams/email/attempt_voided"
IS_NEWS: Final = dt.timedelta(days=7)
CANNOT_EXTEND: Final = _("Only a running or expired attempt without a score can be extended.")
DEADLINE_CHANGED: Final = _(
    "The end of this attempt has changed since the page was opened, so no time was added. "
    "Extend it again only if the new end is still too early."
)
ENDED: Final = _("The exam has ended.")


def may_act(person: User) -> bool:
    """Tell whether somebody extends and voids attempts, within limits or without."""
    return person.has_perm(WITHOUT_LIMITS) or person.has_perm(WITHIN_LIMITS)


def obstacle(actor: User, person: User | None) -> Text:
    """Return why somebody does nothing with attempts of a person, "" where they may."""
    try:
        if helper := _helper(actor):
            support.check(helper, person)
    except Refused as refused:
        return refused.detail
    return ""


def _helper(actor: User | None) -> User | None:
    """Return the actor where the limits of support apply to them. Raises Refused: not_allowed."""
    if actor is None or actor.has_perm(WITHOUT_LIMITS):
        return None
    if not may_act(actor):
        raise Refused("not_allowed", 403, _("Your role does not allow this."))
    return actor


def _hold(attempt_id: UUID, helper: User | None) -> None:
    """Lock who acts and whose attempt it is, before the attempt itself: whoever erases a person begins there.

    Raises Refused. Two of the staff who act on each other's attempts are refused before they lock anything.
    """
    person = User.objects.filter(attempts=attempt_id).first()
    if helper:
        support.check(helper, person)
        support.hold_day(helper)
    if person:
        person_lock.hold(person.pk)


def extra_minutes(attempt: Attempt) -> int:
    """Return how many minutes staff have given an attempt; 0 without a time limit."""
    if attempt.deadline_at is None:
        return 0
    extra = attempt.deadline_at - attempt.started_at - dt.timedelta(minutes=attempt.minutes_allowed)
    return max(0, -(-int(extra.total_seconds()) // 60))


def extend(
    *,
    attempt_id: UUID,
    minutes: int,
    actor: User | None,
    reason: str,
    expected_deadline: dt.datetime | None = None,
) -> None:
    """Give an attempt more minutes, also one that expired and is not scored; audited, the person is told.

    With another deadline than the expected one nothing is done, so that a repeat adds no time.
    Raises Refused: not_found, not_allowed, cannot_extend, outdated, and for support own_account,
    staff_account, too_many_minutes, too_many_acts.
    """
    helper = _helper(actor)
    with transaction.atomic():
        _hold(attempt_id, helper)
        row = lifecycle.lock(attempt_id, None)
        if minutes < 1 or row.deadline_at is None or row.state not in (State.RUNNING, State.EXPIRED):
            raise Refused("cannot_extend", 409, CANNOT_EXTEND)
        if expected_deadline not in (None, row.deadline_at):
            raise Refused(OUTDATED, 409, DEADLINE_CHANGED)
        attempt = _attempt(attempt_id)
        if helper:
            _check_minutes(attempt, minutes)
        deadline = row.deadline_at + dt.timedelta(minutes=minutes)
        if deadline <= row.now:
            raise Refused("cannot_extend", 409, _("The new deadline would be in the past."))
        _reopen(attempt_id, deadline)
        _audit(attempt_id, "extend", actor, reason, row, State.RUNNING, deadline)
        _tell(attempt, EXTENDED_MAIL, reason, deadline - row.now, minutes=minutes, until=deadline)


def _attempt(attempt_id: UUID) -> Attempt:
    people = ("user", "form__certification", "drawn__certification")
    return Attempt.objects.select_related(*people).get(pk=attempt_id)


def _check_minutes(attempt: Attempt, minutes: int) -> None:
    left = max(0, MINUTES_MOST - extra_minutes(attempt))
    if minutes > left:
        raise Refused(
            "too_many_minutes",
            409,
            _("Support can give an attempt %(most)s extra minutes in all; %(left)s are left."),
            values={"most": MINUTES_MOST, "left": left},
        )


def _reopen(attempt_id: UUID, deadline: dt.datetime) -> None:
    """Let an attempt run until a new deadline; refused when the person has begun the same form anew."""
    # A savepoint: where the unique index refuses the row, the transaction must still be able to say so.
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
        # A worker that is quicker than the commit would find nothing to score.
        transaction.on_commit(lambda: grading.enqueue_score(attempt_id))


def void(*, attempt_id: UUID, actor: User | None, reason: str) -> None:
    """Take a running attempt out of the count; audited, and the person is told.

    Raises Refused: not_found, not_allowed, attempt_closed, and for support own_account, staff_account,
    too_many_acts.
    """
    helper = _helper(actor)
    with transaction.atomic():
        _hold(attempt_id, helper)
        row = lifecycle.lock(attempt_id, None)
        if row.state != State.RUNNING:
            raise Refused("attempt_closed", 409, ENDED)
        attempt = _attempt(attempt_id)
        lifecycle.leave_out(attempt_id, row, EndReason.VOIDED)
        _audit(attempt_id, "void", actor, reason, row, State.VOIDED, row.deadline_at)
        _tell(attempt, VOIDED_MAIL, reason, IS_NEWS)


def _tell(
    attempt: Attempt,
    kind: str,
    reason: str,
    useful_for: dt.timedelta,
    *,
    minutes: int = 0,
    until: dt.datetime | None = None,
) -> None:
    """Write to whoever takes the attempt what was done with it, and why."""
    person, taken = attempt.user, attempt.form or attempt.drawn
    if person is None or not person.is_active or taken is None:
        return
    profile = profiles.of(person)
    with override(profile.ui_language):
        ends = moments.in_full(until.astimezone(profile.zone)) if until else ""
    outbox.post(
        kind,
        person.email,
        {
            "certification": taken.certification.code.upper(),
            "exam": attempt.form.number if attempt.form else 0,
            "attempt": str(attempt.pk),
            "minutes": minutes,
            "until": ends,
            "text": reason,
        },
        person=person,
        language=profile.ui_language,
        useful_for=useful_for,
    )


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
