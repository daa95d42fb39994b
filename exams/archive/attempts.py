"""Attempts in a person's archive: exams and drills with answers, scores, and what the reviews said."""

from collections.abc import Iterator
from typing import Any

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.privacy.holdings import lines
from accounts.users.models import User
from exams.assembly.models import DrawnPaper
from exams.attempts import results, running_items
from exams.attempts.models import AnswerEvent, Attempt, Mode, PracticeOpening, RefusedAnswer, Score, State
from exams.attempts.results import ReviewItem
from exams.presentation import exports


def attempts(user: User, language: str) -> list[dict[str, Any]]:
    """Return every exam and drill, running ones too."""
    found = lines(
        Attempt.objects.filter(user=user).order_by("started_at"),
        attempt="id",
        kind="mode",
        certification="form__certification__code",
        exam="form__number",
        drill_of="drawn__certification__code",
        state="state",
        feedback="feedback",
        started_at="started_at",
        deadline_at="deadline_at",
        ended_at="ended_at",
        end_reason="end_reason",
        minutes_allowed="minutes_allowed",
        extra_time="accommodation",
        seen_before="seen_before",
        seen_positions="seen_positions",
        seen_ms="seen_ms",
        hidden_at="hidden_at",
        opened_at="opened_at",
        check_code="answers_sha256",
    )
    return [{**one, "state": State(one["state"]).label} for one in found]


def drawn(user: User, language: str) -> list[dict[str, Any]]:
    """Return what drills were drawn by."""
    return lines(
        DrawnPaper.objects.filter(owner=user).order_by("pk"),
        attempt="attempt__id",
        certification="certification__code",
        language="language",
        filters="asked",
        drawn_at="created_at",
    )


def answers(user: User, language: str) -> list[dict[str, Any]]:
    """Return every change of an answer that arrived in time. Options are named as they are stored."""
    return lines(
        AnswerEvent.objects.filter(attempt__user=user).order_by("attempt_id", "lease_no", "seq"),
        attempt="attempt_id",
        lease="lease_no",
        change="seq",
        question="position",
        options="selected",
        flagged="flagged",
        confidence="confidence",
        looked_at_ms="seen_ms",
        closes="closes",
        received_at="received_at",
    )


def refused(user: User, language: str) -> list[dict[str, Any]]:
    """Return changes that did not count, and why."""
    return lines(
        RefusedAnswer.objects.filter(attempt__user=user).order_by("attempt_id", "lease_no", "seq"),
        attempt="attempt_id",
        lease="lease_no",
        change="seq",
        question="position",
        options="selected",
        flagged="flagged",
        reason="reason",
        received_at="received_at",
    )


def scores(user: User, language: str) -> list[dict[str, Any]]:
    """Return every score, also those that a later one replaced.

    A drill's is left out while an exam that the person is taking has a question of it, as on its page.
    """
    rows = Score.objects.filter(attempt__user=user).order_by("attempt_id", "revision")
    found = lines(
        rows,
        attempt="attempt_id",
        revision="revision",
        rules="scoring_revision",
        correct="raw",
        scaled_score="scaled",
        passed="passed",
        result="result",
        reason="reason",
        scored_at="created_at",
    )
    closed = _closed(user)
    return [one for one in found if one["attempt"] not in closed]


def _closed(user: User) -> set[object]:
    """Return the attempts of which nothing may be told that names correct answers by question."""
    taken = Attempt.objects.filter(user=user, state=State.SCORED).values_list(
        "pk", "edition_id", "drawn__version_ids"
    )
    return {
        pk
        for pk, edition_id, versions in taken
        if (
            running_items.any_in_edition(user, edition_id)
            if edition_id
            else running_items.among(user, versions or ())
        )
    }


def reviews(user: User, language: str) -> Iterator[dict[str, Any]]:
    """Yield each question of each scored attempt as its review tells it. What is closed now is left out.

    What a review explains comes with the first meeting only: over months a question is met many times.
    """
    told: set[int] = set()
    scored = Attempt.objects.filter(user=user, state=State.SCORED).order_by("started_at")
    for attempt_id, mode in scored.values_list("pk", "mode"):
        try:
            for item in _items(user, attempt_id, mode, language):
                said = _said(item)
                # A number in place of the texts themselves, which would all stay in memory.
                known = hash(tuple(said.values())) in told
                told.add(hash(tuple(said.values())))
                yield {
                    "attempt": attempt_id,
                    **exports.row(item),
                    **(dict.fromkeys(said, "") if known else said),
                }
        except Refused:
            continue


def _items(user: User, attempt_id: Any, mode: str, language: str) -> tuple[ReviewItem, ...]:  # noqa: ANN401
    if mode == Mode.EXAM:
        return results.review(user, attempt_id, language).items
    return results.drill_review(user, attempt_id, language)[1]


def _said(item: ReviewItem) -> dict[str, str]:
    """Return what the review says, as HTML."""
    text = item.solution.text
    return {"explanation": text.why_html, "principle": text.principle_html, "tip": text.tip_html}


def openings(user: User, language: str) -> list[dict[str, Any]]:
    """Return exams that were opened for practice."""
    return lines(
        PracticeOpening.objects.filter(user=user).order_by("at"),
        certification="form__certification__code",
        exam="form__number",
        opened_at="at",
    )


def acts(user: User, language: str) -> list[dict[str, Any]]:
    """Return what staff did to the attempts of a person."""
    own = [str(pk) for pk in Attempt.objects.filter(user=user).values_list("pk", flat=True)]
    return lines(
        AuditEntry.objects.filter(subject_type=Attempt._meta.label_lower, subject_id__in=own).order_by("pk"),
        at="at",
        attempt="subject_id",
        action="action",
        reason="reason",
        before="before",
        after="after",
    )
