"""What people say about questions after an exam: notes, bookmarks, and reports that staff answer once.

Each is about a question of an own ended attempt whose review is open. Notes and bookmarks may be repeated.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base import statements
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User
from exams.assembly import solutions
from exams.assembly.solutions import Place
from exams.attempts import answers, results, running_items
from exams.attempts.models import Feedback, State
from exams.feedback.models import (
    ANSWER_MAX,
    NOTE_MAX,
    REPORT_MAX,
    Bookmark,
    Note,
    ProblemReport,
    Reason,
    ReportState,
)
from i18n import languages

PER_DAY: Final = 20
ANSWERED_MAIL: Final = "exams/email/report_answered"
ANSWER_IS_NEWS: Final = timedelta(days=7)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def _grouped(value: int) -> str:
    return str(number_format(value, force_grouping=True))


number: Final = lazy(_grouped, str)
"""A number with separators, put together in the language of the reader."""


# The place of a question in an exam or a drill by one statement: it is read again before each write.
_PLACE: Final = f"""
SELECT a.state, a.edition_id, -a.drawn_id AS paper_id, v.id AS version_id, v.item_id,
  a.feedback = '{Feedback.AT_ONCE}' AND EXISTS (SELECT 1 FROM exams_answerevent e
    WHERE e.attempt_id = a.id AND e.position = %(position)s AND e.closes) AS closed,
  v.item_id IN ({running_items.RUNNING_ITEMS}) AS held
FROM exams_attempt a LEFT JOIN exams_drawnpaper d ON d.id = a.drawn_id
LEFT JOIN exams_formitem i ON i.edition_id = a.edition_id AND i.position = %(position)s
JOIN exams_itemversion v ON v.id = coalesce(i.version_id, d.version_ids[%(position)s])
WHERE a.id = %(id)s AND a.user_id = %(user)s
"""  # noqa: S608  (made of constants)
POSITIONS_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Target:
    """A question of an exam or a drill that may be spoken of: the version that was taken, and its item.

    An exam has an edition, a drill a drawn paper, by its number.
    """

    attempt_id: UUID
    position: int
    version_id: int
    item_id: int
    edition_id: int | None
    paper_id: int | None

    @property
    def places(self) -> tuple[Place, ...]:
        """All questions of the exam or the drill; no query once a process knows them."""
        if self.paper_id is None:
            return solutions.places_in(self.edition_id)
        return solutions.places_drawn(self.paper_id)


def open_question(user: User, attempt_id: UUID, position: int) -> Target:
    """Return what is at a position of an own exam or drill whose review is open. One statement.

    That of a running drill is open where its answer was shown. Raises Refused: not_found, attempt_closed for
    a canceled one, not_finished, exam_running while the item is in an exam that the person is taking.
    """
    # A larger number would not fit the column, and names no question.
    is_place = 1 <= position <= POSITIONS_MOST
    values = {"id": str(attempt_id), "user": user.pk, "position": position}
    rows = statements.dict_rows(_PLACE, values) if is_place else ()
    if not rows:
        raise answers.not_found()
    row, state = rows[0], rows[0]["state"]
    if state == State.VOIDED:
        raise Refused("attempt_closed", 409, _("This exam was canceled. It has no review."))
    if state == State.RUNNING and not row["closed"]:
        raise Refused("not_finished", 409, _("The exam hasn't ended yet."))
    if state not in (State.RUNNING, State.SCORED):
        raise Refused("not_finished", 409, _("Your answers are safe, but your score isn't ready yet."))
    if row["held"]:
        raise results.exam_running()
    return Target(attempt_id, position, row["version_id"], row["item_id"], row["edition_id"], row["paper_id"])


def plain(text: str, most: int) -> str:
    """Return a text as it is stored: without space around it, lines ended by newlines alone.

    Raises Refused, 422: too_long above `most` characters, invalid_text for what no text can hold.
    """
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    # PostgreSQL stores neither, and would say so as a fault of ours.
    if "\0" in cleaned or _SURROGATES.search(cleaned):
        raise Refused("invalid_text", 422, _("The text has characters that can't be stored."))
    if len(cleaned) > most:
        raise Refused(
            "too_long",
            422,
            _("Use at most %(most)s characters. Your text has %(length)s."),
            values={"most": number(most), "length": number(len(cleaned))},
        )
    return cleaned


# --- Notes and bookmarks


def write_note(*, user: User, attempt_id: UUID, position: int, text: str) -> str:
    """Store a note on the item at a position and return its text; an empty text deletes it.

    Raises Refused: as `open_question`, and too_long, invalid_text.
    """
    target = open_question(user, attempt_id, position)
    note = plain(text, NOTE_MAX)
    if not note:
        Note.objects.filter(user_id=user.pk, item_id=target.item_id).delete()
        return note
    Note.objects.bulk_create(
        [Note(user=user, item_id=target.item_id, text=note, updated_at=Now())],
        update_conflicts=True,
        unique_fields=["user", "item"],
        update_fields=["text", "updated_at"],
    )
    return note


def set_bookmark(*, user: User, attempt_id: UUID, position: int, bookmarked: bool) -> None:
    """Set or remove the bookmark on the item at a position. Raises Refused as `open_question`."""
    target = open_question(user, attempt_id, position)
    if bookmarked:
        Bookmark.objects.bulk_create(
            [Bookmark(user=user, item_id=target.item_id, created_at=Now())], ignore_conflicts=True
        )
    else:
        Bookmark.objects.filter(user_id=user.pk, item_id=target.item_id).delete()


# --- Reports of problems


def report(*, user: User, attempt_id: UUID, position: int, reason: str, text: str) -> tuple[int, bool]:
    """Store a report on the question at a position; return its id, and False when it was there before.

    While a report waits for its answer, the same one again is that report. Raises Refused: as
    `open_question`, unknown_reason, missing_text, too_long, invalid_text, already_reported,
    too_many_reports.
    """
    target = open_question(user, attempt_id, position)
    if reason not in Reason.values:
        raise Refused("unknown_reason", 422, _("Choose what is wrong with the question."))
    text = plain(text, REPORT_MAX)
    if reason == Reason.OTHER and not text:
        raise Refused("missing_text", 422, _("Describe the problem in a few words."))
    with transaction.atomic():
        # Two presses at once wait here for each other, so that the second finds what the first stored.
        person_lock.hold(user.pk)
        waiting = ProblemReport.objects.filter(
            user_id=user.pk, version_id=target.version_id, reason=reason, state=ReportState.OPEN
        ).first()
        if waiting:
            return _the_same(waiting, text), False
        _check_limit(user)
        stored = ProblemReport.objects.create(
            user=user,
            attempt_id=attempt_id,
            position=position,
            version_id=target.version_id,
            reason=reason,
            text=text,
            language=get_language() or languages.DEFAULT,
            created_at=Now(),
        )
    return stored.pk, True


def _the_same(waiting: ProblemReport, text: str) -> int:
    if waiting.text != text:
        raise Refused(
            "already_reported",
            409,
            _("You've already reported this problem. We'll answer that report first."),
        )
    return waiting.pk


def _check_limit(user: User) -> None:
    lately = ProblemReport.objects.filter(user=user, created_at__gt=Now() - timedelta(days=1))
    if lately.count() >= PER_DAY:
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
    answer = plain(answer, ANSWER_MAX)
    if not answer:
        raise Refused("missing_text", 422, _("Write an answer to the person."))
    with transaction.atomic():
        # Of two who answer at once the second waits here, and is told that it was answered.
        rows = ProblemReport.objects.select_for_update(of=("self",))
        rows = rows.select_related("user", "attempt__form", "version__item__certification")
        problem = rows.filter(pk=report_id).first()
        if problem is None:
            raise Refused("not_found", 404, _("Report not found."))
        if problem.state != ReportState.OPEN:
            raise Refused("report_answered", 409, _("This report has been answered already."))
        ProblemReport.objects.filter(pk=problem.pk).update(state=state, answer=answer, answered_at=Now())
        audit.record(
            actor=actor,
            action="answer",
            subject=problem,
            reason=reason,
            before={"state": problem.state},
            after={"state": state, "answer": answer},
        )
        _send_answer(problem, state, answer)


def _send_answer(problem: ProblemReport, state: str, answer: str) -> None:
    user = problem.user
    if not user.is_active:
        return
    profile = profiles.of(user)
    is_held = bool(running_items.among(user, [problem.version_id]))
    outbox.post(
        ANSWERED_MAIL,
        user.email,
        {
            "certification": problem.version.item.certification.code.upper(),
            # A drill has no number.
            "exam": problem.attempt.form.number if problem.attempt.form else None,
            "question": problem.position,
            "is_corrected": state == ReportState.CORRECTED,
            "answer": "" if is_held else answer,
        },
        person=user,
        # Who has never chosen a language gets the one of the page on which they reported.
        language=problem.language if profile._state.adding else profile.ui_language,
        dedupe_key=f"report-answered-{problem.pk}",
        useful_for=ANSWER_IS_NEWS,
    )
