"""What exams store about a person: the declaration of each table, and what is closed while an exam runs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.base.personal_data import Expiry, Line, Table
from accounts.users.models import User
from exams.assembly.models import DrawnPaper
from exams.attempts import results, running_items
from exams.attempts.models import AnswerEvent, Attempt, Mode, PracticeOpening, RefusedAnswer, Score, State
from exams.attempts.results import ReviewItem
from exams.cheatsheet.models import SheetOpening
from exams.feedback import response_distribution
from exams.feedback.models import Bookmark, Note, ProblemReport
from exams.insights.models import ExamDate
from exams.presentation import exports, formatting

INNER: Final = "says how the attempt is worked on, nothing about the person"
PAPER: Final = "the questions, which reviews name once they may be seen"


def _attempts(user: User) -> QuerySet[Attempt]:
    """Every exam and drill, running ones too."""
    words = (When(state=state, then=Value(str(state.label))) for state in State)
    return Attempt.objects.filter(user=user).annotate(state_label=Case(*words, output_field=TextField()))


def _scores(user: User) -> QuerySet[Score]:
    """Every score, also those that a later one replaced.

    A drill's is left out while an exam that the person is taking has a question of it, as on its page.
    """
    return Score.objects.filter(attempt__user=user).exclude(attempt_id__in=_closed(user))


def _closed(user: User) -> list[Any]:
    """Return the attempts of which nothing may be told that names correct answers by question."""
    taken = Attempt.objects.filter(user=user, state=State.SCORED).values_list(
        "pk", "edition_id", "drawn__version_ids"
    )
    return [
        pk
        for pk, edition_id, versions in taken
        if (
            running_items.any_in_edition(user, edition_id)
            if edition_id
            else running_items.among(user, versions or ())
        )
    ]


def _reviews(user: User, language: str) -> Iterator[Line]:
    """Yield each question of each scored attempt as its review tells it. What is closed now is left out.

    What a review explains comes with the first meeting only: over months a question is met many times.
    """
    explained: set[int] = set()
    scored = Attempt.objects.filter(user=user, state=State.SCORED).order_by("started_at")
    for attempt_id, mode in scored.values_list("pk", "mode"):
        try:
            for item in _review_items(user, attempt_id, mode, language):
                text = item.solution.text
                texts = {
                    "explanation": text.why_html,
                    "principle": text.principle_html,
                    "tip": text.tip_html,
                }
                # A number in place of the texts themselves, which would all stay in memory.
                digest = hash(tuple(texts.values()))
                shown = dict.fromkeys(texts, "") if digest in explained else texts
                explained.add(digest)
                yield {"attempt": attempt_id, **exports.row(item), **shown}
        except Refused:
            continue


def _review_items(user: User, attempt_id: Any, mode: str, language: str) -> tuple[ReviewItem, ...]:  # noqa: ANN401
    if mode == Mode.EXAM:
        return results.review(user, attempt_id, language).items
    return results.drill_review(user, attempt_id, language)[1]


def _acts_on_attempts(user: User) -> QuerySet[AuditEntry]:
    own = [str(pk) for pk in Attempt.objects.filter(user=user).values_list("pk", flat=True)]
    return AuditEntry.objects.filter(subject_type=Attempt._meta.label_lower, subject_id__in=own)


def _reports(user: User) -> QuerySet[ProblemReport]:
    """An answer about a question of an exam being taken comes after that."""
    rows = ProblemReport.objects.filter(user=user)
    closed = running_items.among(user, rows.values_list("version_id", flat=True))
    answer = Case(When(version_id__in=closed, then=Value("")), default=F("answer"), output_field=TextField())
    return rows.annotate(open_answer=answer)


def _notes(user: User) -> QuerySet[Note]:
    """Those about questions of an exam being taken come after that."""
    return Note.objects.filter(user=user).exclude(item__in=running_items.of(user))


def _old_refused() -> QuerySet[RefusedAnswer]:
    oldest = Now() - timedelta(days=settings.REFUSED_ANSWER_DAYS)
    return RefusedAnswer.objects.filter(received_at__lt=oldest)


def before_closing(user: User) -> Iterator[str]:
    """Yield which exams the person is taking, in the active language."""
    rows = Attempt.objects.filter(user=user, mode=Mode.EXAM, state=State.RUNNING).order_by("started_at")
    for code, number in rows.values_list("form__certification__code", "form__number"):
        yield gettext(
            "You're taking %(exam)s right now. You won't be able to continue it, and its clock keeps running."
        ) % {"exam": formatting.exam_title(code, number)}


def before_erasure(user: User) -> None:
    """Count how their exams were answered while it is known whose they are: or the counts would lack them."""
    response_distribution.count()


TABLES: Final = (
    Table(
        Attempt,
        "attempts",
        _("Your exams and practice."),
        (
            "id as attempt, mode as kind, form__certification__code as certification, "
            "form__number as exam, drawn__certification__code as drill_of, state_label as state, "
            "feedback, started_at, deadline_at, ended_at, end_reason, minutes_allowed, "
            "accommodation as extra_time, seen_before, seen_positions, seen_ms, hidden_at, opened_at, "
            "answers_sha256 as check_code"
        ),
        {
            PAPER: "edition, paper",
            INNER: "lease_no, lease_holder, score_tries, score_claimed_at, score_error, quarantined_at",
        },
        rows=_attempts,
        order=("started_at",),
        kept=True,
        kept_because=_("Your answers and scores, without your name: they show how hard questions are."),
    ),
    Table(
        DrawnPaper,
        "drills",
        _("How each practice set was put together."),
        (
            "attempt__id as attempt, certification__code as certification, language, asked as filters, "
            "created_at as drawn_at"
        ),
        {PAPER: "version_ids, text_ids, ruling"},
        person="owner",
        kept=True,
    ),
    Table(
        AnswerEvent,
        "answers",
        _("Every answer you gave and changed, with how sure you were and how long you looked."),
        (
            "attempt_id as attempt, lease_no as lease, seq as change, position as question, "
            "selected as options, flagged, confidence, seen_ms as looked_at_ms, closes, received_at"
        ),
        person="attempt__user",
        order=("attempt_id", "lease_no", "seq"),
        kept=True,
    ),
    Table(
        RefusedAnswer,
        "refused_answers",
        _("Answers that didn't count, and why."),
        (
            "attempt_id as attempt, lease_no as lease, seq as change, position as question, "
            "selected as options, flagged, reason, received_at"
        ),
        person="attempt__user",
        order=("attempt_id", "lease_no", "seq"),
        kept=True,
        expires=Expiry("refused answers", _old_refused),
    ),
    Table(
        Score,
        "scores",
        _("Your scores."),
        (
            "attempt_id as attempt, revision, scoring_revision as rules, raw as correct, "
            "scaled as scaled_score, passed, result, reason, created_at as scored_at"
        ),
        {
            "an act of staff on what belongs to others; it is among own acts": "actor",
            "the corrections of keys are public": "ruling",
        },
        person="attempt__user",
        rows=_scores,
        order=("attempt_id", "revision"),
        kept=True,
    ),
    Table(
        Attempt,
        "reviews",
        _(
            "Each question of your ended exams and practice: your answer, the correct one, and why. "
            "The explanation is with the first time you met the question."
        ),
        read=_reviews,
        kept=True,
    ),
    Table(
        PracticeOpening,
        "opened_for_practice",
        _("Exams you opened for practice."),
        "form__certification__code as certification, form__number as exam, at as opened_at",
        order=("at",),
        kept=True,
    ),
    Table(
        AuditEntry,
        "acts_on_attempts",
        _("What our staff did with your exams, and why."),
        "at, subject_id as attempt, action, reason, before, after",
        rows=_acts_on_attempts,
        person="actor",
        kept=True,
    ),
    Table(
        Note,
        "notes",
        _("Your notes."),
        "item__certification__code as certification, item__code as question, text, updated_at",
        rows=_notes,
    ),
    Table(
        Bookmark,
        "bookmarks",
        _("Your bookmarks."),
        "item__certification__code as certification, item__code as question, created_at",
    ),
    Table(
        ProblemReport,
        "reports",
        _("Problems you reported, and our answers."),
        (
            "attempt_id as attempt, position, version__item__code as question, reason, text, language, "
            "created_at as reported_at, state, open_answer as answer, answered_at"
        ),
        rows=_reports,
    ),
    Table(
        ExamDate,
        "exam_dates",
        _("Your exam dates."),
        "certification__code as certification, day, updated_at",
    ),
    Table(
        SheetOpening,
        "opened_sheets",
        _("Cheat sheets you opened."),
        "certification__code as certification, opened_at",
    ),
)
