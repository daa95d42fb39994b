"""The acts of an attempt: start, take over, submit, expire, cancel. One write for one act.

Isolation is READ COMMITTED throughout. Whoever closes an attempt locks its row first and reads the answers
in a later statement (docs/decisions/0001). Only the database clock decides (G7).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import policy, refusals
from accounts.base import statements
from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.models import ExamForm, FormEdition
from exams.attempts import answers, grading, leases, metrics, sql
from exams.attempts.answers import Answer, Change
from exams.attempts.leases import Lease
from exams.attempts.models import AnswerEvent, Attempt, EndReason, Feedback, State
from exams.attempts.selectors import SEEN, SEEN_POSITIONS, Head
from exams.catalog import selectors as catalog


@dataclass(frozen=True, slots=True)
class Started:
    """The running attempt; `created` is False and `lease` None when it ran already."""

    attempt_id: UUID
    created: bool
    lease: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A new lease and everything that its holder must know to go on."""

    lease: str
    lease_no: int
    next_seq: int
    answers: Sequence[Answer]
    deadline_at: dt.datetime | None
    server_now: dt.datetime

    @property
    def seen_ms(self) -> dict[str, int]:
        """The longest time that was said of each position, in milliseconds; a key of JSON is a text."""
        return {str(answer.position): answer.seen_ms for answer in self.answers if answer.seen_ms is not None}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a person holds in hand after the end; `state` says how it ended, `receipt` hashes the answers."""

    state: str
    receipt: str
    ended_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Locked:
    """What an act reads of an attempt when it locks its row. `paper_id` names the paper as leases do."""

    state: int
    lease_no: int
    paper_id: int
    deadline_at: dt.datetime | None
    ended_at: dt.datetime | None
    end_reason: str
    receipt: str
    now: dt.datetime
    tries: int
    error: str
    feedback: str

    @property
    def overdue(self) -> bool:
        """Whether time and grace are over although nobody has ended it yet; never without a time limit."""
        if self.state != State.RUNNING or self.deadline_at is None:
            return False
        return self.now > self.deadline_at + answers.GRACE


# Starts of one person wait for each other, so that the limit of a day counts those of other requests too;
# both statements are sent at once. The second decides everything else: the deadline by the database clock,
# whether the questions were seen before (a canceled start counts when its paper was opened), the limit of a
# day, that the edition is still the current one (a question may have been withdrawn while this waited for the
# lock), and that no other attempt of this form runs (the partial index; who loses finds the winner's row).
START = f"""
{person_lock.LOCK};
INSERT INTO exams_attempt (id, user_id, form_id, edition_id, paper_id, mode, state, started_at,
  deadline_at, end_reason, minutes_allowed, accommodation, seen_before, seen_positions, opened_at, lease_no,
  lease_holder, answers_sha256, score_tries)
SELECT %(id)s, %(user)s, %(form)s, %(edition)s, paper.id, 'exam', 1, statement_timestamp(),
  statement_timestamp() + make_interval(mins => %(minutes)s), '', %(minutes)s, %(accommodation)s,
  EXISTS ({SEEN}), {SEEN_POSITIONS}, CASE WHEN %(opened)s THEN statement_timestamp() END,
  1, %(holder)s, '', 0
FROM (SELECT id FROM exams_paper WHERE edition_id = %(edition)s AND language IN (%(language)s, %(original)s)
      ORDER BY language = %(language)s DESC, revision DESC LIMIT 1) AS paper
WHERE (SELECT count(*) FROM exams_attempt
       WHERE user_id = %(user)s AND mode = 'exam'
         AND started_at > statement_timestamp() - interval '1 day') < %(limit)s
  AND EXISTS (SELECT 1 FROM exams_examform WHERE id = %(form)s AND current_id = %(edition)s)
ON CONFLICT (user_id, form_id) WHERE mode = 'exam' AND state = 1 DO NOTHING
RETURNING id, paper_id
"""  # noqa: S608  (made of constants)
LOCK = """
SELECT state, lease_no, coalesce(paper_id, -drawn_id), deadline_at, ended_at, end_reason, answers_sha256,
  statement_timestamp(), score_tries, score_error, feedback
FROM exams_attempt WHERE id = %s AND (user_id = %s OR %s) FOR UPDATE
"""
LEASES_MAX = 2_000
"""Leases of one attempt, of which each page load and each answer without script takes one."""
# The number rises under the row lock that every save shares: who gets the new number knows that nothing can
# be stored any more under an older one. The questions count as seen from the first lease on. What gives
# feedback at once takes no leases.
TAKE = f"""
UPDATE exams_attempt SET lease_no = lease_no + 1, lease_holder = %(holder)s,
  opened_at = coalesce(opened_at, statement_timestamp())
WHERE id = %(id)s AND user_id = %(user)s AND state = 1 AND feedback = 'at_end' AND lease_no < %(most)s
  AND (deadline_at IS NULL OR statement_timestamp() <= deadline_at + {sql.GRACE})
RETURNING lease_no, coalesce(paper_id, -drawn_id), deadline_at, statement_timestamp()
"""  # noqa: S608  (made of constants)


def start(*, user: User, form_id: int, language: str, holder: str, opened: bool = False) -> Started:
    """Start a timed attempt of a form's newest edition, or return the one that runs.

    Access is asked for a new attempt only and never again: what was begun may be finished. `opened` says
    that the reply will hold the questions. Raises Refused: not_found, no_access, too_many_starts.
    """
    return start_form(user, form_of(user, pk=form_id), language, holder=holder, opened=opened)


def start_form(user: User, form: ExamForm, language: str, *, holder: str, opened: bool = False) -> Started:
    """Start a form that was read by `form_of`, see `start`."""
    if running := _running(form):
        return Started(running, created=False, lease=None)
    if not catalog.sees(user, form.certification):
        raise no_such_exam()
    if not (access := policy.access_of(user, form.certification.access_code)):
        raise refusals.no_access(user, access)
    if language not in form.certification.languages:
        language = form.certification.original_language
    while form.current is not None:
        if lease := _insert(form.current, user, form, language, holder=holder, opened=opened):
            metrics.STARTS.inc()
            return Started(lease.attempt_id, created=True, lease=leases.issue(lease))
        # Another request started it, a question was withdrawn meanwhile, or there were too many today.
        tried, form = form.current_id, form_of(user, pk=form.pk)
        if running := _running(form):
            return Started(running, created=False, lease=None)
        if form.current_id == tried:
            raise Refused(
                "too_many_starts",
                429,
                _("You've reached today's limit on exam starts. Try again tomorrow."),
                retry_after=3600,
            )
    raise no_such_exam()


def form_of(user: User, **key: object) -> ExamForm:
    """Return a form by its key, as `start_form` needs it. One statement. Raises Refused not_found."""
    own = Attempt.objects.filter(form=OuterRef("pk"), user=user, state=State.RUNNING)
    rows = ExamForm.objects.select_related("certification", "current").annotate(
        running=Subquery(own.values("pk")[:1])
    )
    form = rows.filter(**key).first()
    if form is None:
        raise no_such_exam()
    return form


def _running(form: ExamForm) -> UUID | None:
    """Return the attempt that runs; one that is overdue is ended first, or it would block a new start."""
    attempt_id: UUID | None = getattr(form, "running")  # noqa: B009  (annotated by `form_of`)
    return None if attempt_id and expire(attempt_id) else attempt_id


def _insert(
    edition: FormEdition, user: User, form: ExamForm, language: str, *, holder: str, opened: bool
) -> Lease | None:
    """Store a new attempt of the edition. None when one runs, or when there were too many today."""
    minutes, accommodation = profiles.minutes_allowed(
        user, edition.minutes, form.certification.accommodation_minutes
    )
    values: dict[str, Any] = {
        "id": str(uuid4()),
        "user": user.pk,
        "form": form.pk,
        "edition": edition.pk,
        "language": language,
        "original": form.certification.original_language,
        "minutes": minutes,
        "accommodation": accommodation,
        "holder": leases.holder_hash(holder),
        "opened": opened,
        "limit": settings.EXAM_STARTS_PER_DAY,
    }
    row = statements.first(START, values)
    return Lease(row[0], row[1], 1) if row else None


def no_such_exam() -> Refused:
    """Return the refusal of a form that is not there or was never published."""
    return Refused("not_found", 404, _("Exam not found."))


def mark_opened(head: Head) -> None:
    """Note that the questions of an attempt are sent to its person. Writes once, then never again."""
    if not head.opened:
        Attempt.objects.filter(pk=head.attempt_id, opened_at=None).update(opened_at=Now())


def take_lease(*, user: User, attempt_id: UUID, holder: str) -> Taken:
    """Take over the writing of an attempt: the newest page writes, older ones turn read-only.

    Raises Refused: not_found, attempt_closed, feedback_at_once, too_many_leases.
    """
    values: dict[str, Any] = {
        "id": str(attempt_id),
        "user": user.pk,
        "holder": leases.holder_hash(holder),
        "most": LEASES_MAX,
    }
    row = statements.first(TAKE, values)
    if row is None:
        raise _not_taken(user, attempt_id)
    lease_no, paper_id, deadline_at, now = row
    # After the UPDATE no older lease can write, so this later statement sees all that was acknowledged.
    return Taken(
        lease=leases.issue(Lease(attempt_id, paper_id, lease_no)),
        lease_no=lease_no,
        next_seq=1,
        answers=answers.current(attempt_id, times=True),
        deadline_at=deadline_at,
        server_now=now,
    )


def _not_taken(user: User, attempt_id: UUID) -> Refused:
    row = Attempt.objects.filter(pk=attempt_id, user=user).values_list("feedback", "end_reason").first()
    if row is None:
        return answers.not_found()
    feedback, reason = row
    if feedback == Feedback.AT_ONCE:
        return no_leases()
    if not expire(attempt_id):
        return _too_many()
    return Refused(
        "attempt_closed", 409, _("The exam has ended."), end_reason=reason or EndReason.EXPIRED.value
    )


def no_leases() -> Refused:
    """Return the refusal of what only exams and drills with feedback at the end do."""
    return Refused(
        "feedback_at_once",
        409,
        _("In this practice, answers are checked one at a time."),
    )


def _too_many() -> Refused:
    return Refused(
        "too_many_leases",
        429,
        _("This exam was opened too many times. Your answers are saved; you can still submit it."),
        retry_after=3600,
    )


def lock(attempt_id: UUID, user: User | None) -> Locked:
    """Lock the row, before anything is read. `user` None is for staff and clock."""
    row = statements.first(LOCK, [str(attempt_id), user.pk if user else None, user is None])
    if row is None:
        raise answers.not_found()
    return Locked(*row)


def submit(*, user: User, attempt_id: UUID, lease: str | None, seen_ms: Sequence[int | None] = ()) -> Receipt:
    """End an attempt by its owner's will. A repeat gets the same receipt.

    `lease` is None only for pages that write under the row lock. `seen_ms` says how long each position was
    looked at. Raises Refused: not_found, lease_taken, invalid, attempt_closed (for a cancelled one).
    """
    with transaction.atomic():
        row = lock(attempt_id, user)
        ended = _receipt_of(row)
        if ended:
            return ended
        # Past the deadline and its grace, an attempt expires as a sweep would have expired it.
        if row.overdue:
            closed = _close(attempt_id, row, State.EXPIRED)
        else:
            _check_lease(lease, attempt_id, row)
            _check_times(row, seen_ms)
            closed = _close(attempt_id, row, State.SUBMITTED, seen_ms)
    return closed


def _receipt_of(row: Locked) -> Receipt | None:
    if row.state == State.VOIDED:
        raise Refused("attempt_closed", 409, _("This exam was canceled."), end_reason=row.end_reason)
    if row.state == State.RUNNING or row.ended_at is None:
        return None
    return Receipt(row.end_reason, row.receipt, row.ended_at)


def _check_lease(token: str | None, attempt_id: UUID, row: Locked) -> None:
    if token is None:
        return
    lease = leases.read(token)
    if lease is None or lease.attempt_id != attempt_id:
        raise answers.not_found()
    if lease.number != row.lease_no:
        raise Refused("lease_taken", 409, _("This exam is open in another window. Answers are saved there."))


def _check_times(row: Locked, seen_ms: Sequence[int | None]) -> None:
    if len(seen_ms) > len(papers.order(row.paper_id).places):
        raise Refused(
            "invalid", 422, _("There are more times than questions."), errors={"seen_ms": ["too many"]}
        )


def _close(attempt_id: UUID, row: Locked, state: State, seen_ms: Sequence[int | None] = ()) -> Receipt:
    """Read, hash, then change the state, under the caller's row lock; scoring follows the commit."""
    receipt = answers.receipt(answers.chosen(attempt_id))
    ended_at = row.now
    if row.deadline_at is not None:
        # The grace is for answers on their way: nobody is recorded as having had more time than allowed.
        ended_at = min(row.now, row.deadline_at) if state == State.SUBMITTED else row.deadline_at
    reason = EndReason.SUBMITTED if state == State.SUBMITTED else EndReason.EXPIRED
    Attempt.objects.filter(pk=attempt_id).update(
        state=state,
        ended_at=ended_at,
        end_reason=reason,
        answers_sha256=receipt,
        seen_ms=list(seen_ms),
        # A sweep may have counted tries to end it; those to score it begin anew.
        score_tries=0,
        score_claimed_at=None,
        quarantined_at=None,
    )
    if state == State.SUBMITTED:
        metrics.SUBMITS.inc()
        transaction.on_commit(lambda: grading.score_at_once(attempt_id))
    else:
        # Nobody waits for this score, and whoever has expired may still be given more minutes.
        transaction.on_commit(lambda: grading.enqueue_score(attempt_id))
    return Receipt(reason, receipt, ended_at)


def expire(attempt_id: UUID) -> bool:
    """End an attempt whose time and grace are over, at its deadline. True when this call or another did."""
    with transaction.atomic():
        row = lock(attempt_id, None)
        if row.overdue:
            _close(attempt_id, row, State.EXPIRED)
            return True
    return row.state != State.RUNNING


def settle(*, user: User, attempt_id: UUID) -> None:
    """Bring an own attempt as far as it can be: end it when overdue, score it when ended.

    This is how a result page works with every worker dead. Raises Refused: not_found.
    """
    state = Attempt.objects.filter(pk=attempt_id, user=user).values_list("state", flat=True).first()
    if state is None:
        raise answers.not_found()
    # The end is committed before the score is tried: a scoring that fails must not undo it.
    if state == State.RUNNING and not expire(attempt_id):
        return
    if state in (State.RUNNING, State.SUBMITTED, State.EXPIRED):
        grading.try_to_grade(attempt_id)


def cancel(*, user: User, attempt_id: UUID) -> None:
    """Undo a mistaken start while nothing is answered: it gets no result. Raises Refused.

    It still counts for the starts of a day, and as seen when its questions were opened.
    """
    with transaction.atomic():
        row = lock(attempt_id, user)
        # Pressed twice: the first press has done it.
        if row.state == State.VOIDED:
            return
        if row.state != State.RUNNING or row.overdue:
            raise Refused("attempt_closed", 409, _("The exam has ended."))
        if answers.answered(answers.current(attempt_id)):
            raise Refused(
                "already_answered",
                409,
                _("You've answered a question, so this exam can't be canceled. Submit it when you're done."),
            )
        leave_out(attempt_id, row, EndReason.CANCELLED)


def leave_out(attempt_id: UUID, row: Locked, reason: EndReason) -> None:
    """Take a running attempt out of the count, under the caller's row lock."""
    Attempt.objects.filter(pk=attempt_id).update(state=State.VOIDED, ended_at=row.now, end_reason=reason)


def answer_without_script(
    *,
    user: User,
    attempt_id: UUID,
    position: int,
    selected: tuple[int, ...],
    flagged: bool,
    confidence: int | None = None,
) -> None:
    """Store one answer of the page without script; the server numbers it under the row lock.

    It takes the lease, so an open page with script turns read-only. Raises Refused: not_found,
    invalid_answer, feedback_at_once, too_many_leases, attempt_closed, late; of the last two the answer is
    on record.
    """
    with transaction.atomic():
        row = lock(attempt_id, user)
        if row.feedback == Feedback.AT_ONCE:
            raise no_leases()
        change = Change(seq=1, position=position, selected=tuple(sorted(selected)), flagged=flagged)
        answers.check(row.paper_id, [change])
        if row.state == State.RUNNING and not row.overdue:
            if row.lease_no >= LEASES_MAX:
                raise _too_many()
            Attempt.objects.filter(pk=attempt_id).update(lease_no=row.lease_no + 1, lease_holder="")
            AnswerEvent.objects.create(
                attempt_id=attempt_id,
                lease_no=row.lease_no + 1,
                seq=1,
                position=position,
                selected=list(change.selected),
                flagged=flagged,
                confidence=confidence,
                received_at=row.now,
            )
            metrics.ANSWERS_SAVED.inc()
            return
    # After the transaction: raised within it, the refusal would take back its own record.
    raise answers.refuse_after_the_end(attempt_id, row.lease_no + 1, change, late=row.state == State.RUNNING)


def release_leases(user_id: int, holder: str | None) -> int:
    """End the leases of one session or token, or all of a person (None). Returns how many there were.

    `holder` is the name under which the lease was taken: `session:<key>` or `token:<pk>`. Whoever signs out
    or revokes a token must not find somebody writing on.
    """
    running = Attempt.objects.filter(user_id=user_id, state=State.RUNNING)
    if holder is not None:
        running = running.filter(lease_holder=leases.holder_hash(holder))
    # A higher number refuses every older token, so that nobody has to keep a list of those revoked.
    return running.update(lease_no=F("lease_no") + 1, lease_holder="")
