"""What exams register with privacy, at start."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.privacy import cleanup, registry
from accounts.privacy.cleanup import Table
from accounts.privacy.holdings import Part, holds, leaves_out
from accounts.users.models import User
from exams.archive import attempts, own
from exams.attempts.models import Attempt, Mode, RefusedAnswer, State
from exams.feedback import response_distribution
from exams.presentation import formatting


def register() -> None:
    """Register parts of the archive, what an erasure needs, and how long refusals are kept."""
    for part in (
        Part("attempts", _("Your exams and drills."), attempts.attempts, ("exams_attempt.user_id",)),
        Part("drills", _("How each drill was put together."), attempts.drawn, ("exams_drawnpaper.owner_id",)),
        Part(
            "answers",
            _("Every answer you gave and changed, with how sure you were and how long you looked."),
            attempts.answers,
        ),
        Part("refused_answers", _("Answers that didn't count, and why."), attempts.refused),
        Part("scores", _("Your scores."), attempts.scores),
        Part(
            "reviews",
            _(
                "Each question of your ended exams and drills: your answer, the correct one, and why. "
                "The explanation is with the first time you met the question."
            ),
            attempts.reviews,
        ),
        Part(
            "opened_for_practice",
            _("Exams you opened for practice."),
            attempts.openings,
            ("exams_practiceopening.user_id",),
        ),
        Part("acts_on_attempts", _("What our staff did with your exams, and why."), attempts.acts),
        Part("notes", _("Your notes."), own.notes, ("exams_note.user_id",)),
        Part("bookmarks", _("Your bookmarks."), own.bookmarks, ("exams_bookmark.user_id",)),
        Part(
            "reports",
            _("Problems you reported, and our answers."),
            own.reports,
            ("exams_problemreport.user_id",),
        ),
        Part("exam_dates", _("Your exam dates."), own.dates, ("exams_examdate.user_id",)),
    ):
        holds(part)
    leaves_out("exams_score.actor_id", "an act of staff on what belongs to others; it is among own acts")
    leaves_out("exams_itemdecision.actor_id", "an act of staff on a question; it is among own acts")
    registry.tells_before_closing(_running)
    registry.on_erasure(_count)
    registry.stays(_("Your answers and scores, without your name: they show how hard questions are."))
    cleanup.cleans("refused answers", _refused)


def _running(user: User) -> Iterator[str]:
    rows = Attempt.objects.filter(user=user, mode=Mode.EXAM, state=State.RUNNING).order_by("started_at")
    for code, number in rows.values_list("form__certification__code", "form__number"):
        yield gettext(
            "You're taking %(exam)s right now. You won't be able to continue it, and its clock keeps running."
        ) % {"exam": formatting.exam_title(code, number)}


def _count(user: User) -> None:
    """Count how their exams were answered while it is known whose they are: or the counts would lack them."""
    response_distribution.count()


def _refused() -> Table:
    days = int(settings.REFUSED_ANSWER_DAYS)
    return Table(RefusedAnswer._meta.db_table, "ctid", f"received_at + interval '{days} days'")
