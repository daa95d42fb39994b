"""Attempts: start, read, take over, submit, cancel, result, review. A view is one call below it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import replies
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.api import attempt_serializers, feedback_serializers, result_serializers, save_endpoint
from exams.api.base import BODY, LANGUAGE, WHO, WRITES, ExamView, checked, holder, language_of, person
from exams.assembly import papers
from exams.attempts import analysis, lifecycle, results, selectors
from exams.attempts.models import State
from exams.feedback import annotations

ABSENT: Final = (404, "not_found")
BUSY: Final = (503, "unavailable")


def _attempt(found: selectors.Taking, paper: papers.CompiledPaper | None = None) -> dict[str, Any]:
    """Return what is told of an attempt while it runs: only fields of the serializer leave (G5)."""
    shown = paper or found.paper
    head: Mapping[str, Any] = attempt_serializers.HeadSerializer(found.head).data
    return {
        **head,
        "language": shown.language,
        "items": attempt_serializers.ItemSerializer(shown.items, many=True).data,
        "answers": attempt_serializers.AnswerSerializer(found.answers.values(), many=True).data,
    }


def _paper_in(found: selectors.Taking, language: str | None) -> papers.CompiledPaper | None:
    """Return the newest paper in another language, or None when none is asked for or there is none."""
    if not language or language == found.paper.language:
        return None
    paper_id = papers.newest(found.head.edition_id).get(language)
    return papers.get(paper_id) if paper_id else None


class Attempts(ExamView):
    """One's own attempts."""

    @extend_schema(
        operation_id="attempts_list",
        summary="List your attempts, newest first",
        responses=replies({200: attempt_serializers.AttemptRowSerializer(many=True)}, *WHO, BUSY),
    )
    def get(self, request: Request) -> Response:
        """Answer 200 with up to 200 attempts; canceled ones are left out."""
        return Response([_row(row) for row in selectors.own_attempts(person(request))])

    @extend_schema(
        operation_id="attempts_start",
        summary="Start an exam, or get the one in progress",
        request=attempt_serializers.StartSerializer,
        responses=replies(
            {201: attempt_serializers.StartedSerializer, 200: attempt_serializers.StartedSerializer},
            *BODY,
            *WRITES,
            (403, "no_access"),
            ABSENT,
            (429, "too_many_starts"),
            BUSY,
        ),
    )
    def post(self, request: Request) -> Response:
        """Answer 201 with a lease, or 200 without one when the exam runs already."""
        asked = checked(attempt_serializers.StartSerializer, request)
        user = person(request)
        started = lifecycle.start(
            user=user,
            form_id=asked["form"],
            language=asked.get("language") or language_of(request),
            holder=holder(request),
            opened=True,
        )
        found = selectors.taking(user, started.attempt_id)
        lifecycle.mark_opened(found.head)
        body = {"lease": started.lease, **_attempt(found)}
        return Response(body, status.HTTP_201_CREATED if started.created else status.HTTP_200_OK)


def _row(row: selectors.AttemptRow) -> dict[str, Any]:
    head: Mapping[str, Any] = attempt_serializers.HeadSerializer(row.head).data
    return {
        **head,
        "answered": row.answered,
        "items": row.total_items,
        "scaled_score": row.scaled_score,
        "passed": row.passed,
    }


class Attempt(ExamView):
    """One attempt."""

    @extend_schema(
        operation_id="attempts_retrieve",
        summary="Show an attempt with its paper and the answers so far",
        parameters=[LANGUAGE],
        responses=replies({200: attempt_serializers.AttemptSerializer}, *WHO, ABSENT, BUSY),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200, in the language of the sitting or in the one asked for."""
        found = selectors.taking(person(request), attempt_id)
        lifecycle.mark_opened(found.head)
        return Response(_attempt(found, _paper_in(found, request.query_params.get("language"))))


class Clock(ExamView):
    """The time left."""

    @extend_schema(
        operation_id="attempts_clock",
        summary="Show the state, the lease number and the time of an attempt",
        responses=replies({200: attempt_serializers.ClockSerializer}, *WHO, ABSENT, BUSY),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200 in a few bytes, for a page that was away."""
        return Response(
            attempt_serializers.ClockSerializer(selectors.clock(person(request), attempt_id)).data
        )


class Answers(ExamView):
    """Answers. The first middleware takes every POST before it comes here; this describes it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="attempts_answers",
        summary="Save changes to answers",
        description="The lease alone authorizes it: no session, no token. Changes that were acknowledged "
        "before are acknowledged again. The change with the highest lease number and seq counts.",
        auth=[],
        request=attempt_serializers.SaveSerializer,
        responses=replies(
            {200: attempt_serializers.SavedSerializer},
            (400, "bad_json"),
            ABSENT,
            (409, "attempt_closed"),
            (409, "late"),
            (409, "lease_taken"),
            (409, "seq_reused"),
            (413, "too_large"),
            (415, "unsupported_media_type"),
            (422, "invalid_answer"),
            (422, "too_many_changes"),
            (422, "unknown_field"),
            (429, "too_many_saves"),
            BUSY,
        ),
    )
    def post(self, request: Request, attempt_id: UUID) -> HttpResponse:
        """Answer as the save endpoint does."""
        return save_endpoint.save_answers(request._request, attempt_id)


class Lease(ExamView):
    """The right to write."""

    @extend_schema(
        operation_id="attempts_lease",
        summary="Take over a running attempt for writing",
        request=None,
        responses=replies(
            {200: attempt_serializers.TakenSerializer},
            *WRITES,
            ABSENT,
            (409, "attempt_closed"),
            (409, "feedback_at_once"),
            (429, "too_many_leases"),
            BUSY,
        ),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200 with a new lease; every older one is refused from now on."""
        taken = lifecycle.take_lease(user=person(request), attempt_id=attempt_id, holder=holder(request))
        return Response(attempt_serializers.taken(taken))


class Submit(ExamView):
    """The end, by one's own will."""

    @extend_schema(
        operation_id="attempts_submit",
        summary="Submit an attempt",
        request=attempt_serializers.LeaseSerializer,
        responses=replies(
            {200: attempt_serializers.ReceiptSerializer},
            *BODY,
            *WRITES,
            ABSENT,
            (409, "attempt_closed"),
            (409, "lease_taken"),
            BUSY,
        ),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200 with the receipt; a repeat gets the same."""
        asked = checked(attempt_serializers.LeaseSerializer, request)
        receipt = lifecycle.submit(
            user=person(request),
            attempt_id=attempt_id,
            lease=asked["lease"],
            seen_ms=asked.get("seen_ms", ()),
        )
        return Response(attempt_serializers.receipt(receipt))


class Cancel(ExamView):
    """A mistaken start."""

    @extend_schema(
        operation_id="attempts_cancel",
        summary="Cancel an exam while nothing is answered",
        request=None,
        responses=replies(
            {200: attempt_serializers.CancelledSerializer},
            *WRITES,
            ABSENT,
            (409, "attempt_closed"),
            (409, "already_answered"),
            BUSY,
        ),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200; the attempt does not count."""
        lifecycle.cancel(user=person(request), attempt_id=attempt_id)
        return Response({"state": State.VOIDED.label})


def _settled(user: User, attempt_id: UUID, language: str) -> results.Result:
    """Return the result of an own attempt, scored now if need be. Raises Refused while there is no score."""
    lifecycle.settle(user=user, attempt_id=attempt_id)
    found = results.result(user, attempt_id, language)
    if found.score is None:
        raise _unscored(found.head)
    return found


def _unscored(head: selectors.Head) -> Refused:
    if head.state == State.VOIDED:
        return Refused("attempt_closed", 409, _("This exam was canceled. It has no result."))
    if head.running:
        return results.not_finished(head)
    return Refused(
        "not_finished",
        409,
        _("Your answers are safe, but your score isn't ready yet."),
        closes_at=head.closes_at,
        state=head.effective_state.label,
    )


class Result(ExamView):
    """The score."""

    @extend_schema(
        operation_id="attempts_result",
        summary="Show the score of an attempt that ended",
        parameters=[LANGUAGE],
        responses=replies(
            {200: result_serializers.ResultSerializer},
            *WHO,
            ABSENT,
            (409, "not_finished"),
            (409, "attempt_closed"),
            BUSY,
        ),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200; scores at once what no worker has scored yet."""
        user = person(request)
        found = _settled(user, attempt_id, language_of(request))
        more = {"analysis": analysis.of(user, found)}
        return Response(result_serializers.ResultSerializer(found, context=more).data)


class Review(ExamView):
    """What was right, and why."""

    @extend_schema(
        operation_id="attempts_review",
        summary="Show every question with key, own answer and explanation",
        parameters=[LANGUAGE],
        responses=replies(
            {200: feedback_serializers.TaughtReviewSerializer},
            *WHO,
            ABSENT,
            (409, "not_finished"),
            (409, "attempt_closed"),
            (409, "exam_running"),
            BUSY,
        ),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200 after the end; nothing is told before, nor while another exam has its questions."""
        user, language = person(request), language_of(request)
        _settled(user, attempt_id, language)
        annotated = annotations.of_review(user, results.review(user, attempt_id, language), language)
        return Response(feedback_serializers.TaughtReviewSerializer(annotated).data)
