"""Exams and drills: start, read, take over, close, submit, cancel, result, review.

A view is one call below it.
"""

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
from exams.api import attempt_serializers, result_serializers, save_endpoint
from exams.api.base import (
    ABSENT,
    ACTS,
    BODY,
    BUSY,
    LANGUAGE,
    READS,
    WHO,
    ExamView,
    checked,
    holder,
    language_of,
    person,
)
from exams.assembly import papers
from exams.attempts import drills, lifecycle, pools, results, selectors
from exams.attempts.lifecycle import Started
from exams.attempts.models import Mode, State
from exams.attempts.selectors import Head, Taking
from exams.feedback import selectors as feedback

HELD: Final = (409, "exam_running")
STARTS: Final = (
    *BODY,
    *ACTS,
    (403, "no_access"),
    (409, "nothing_to_draw"),
    (429, "too_many_starts"),
)


def _paper_in(attempt: Taking, language: str | None) -> papers.CompiledPaper | None:
    """Return the newest paper in another language, or None when none is asked for or there is none."""
    if not language or language == attempt.paper.language:
        return None
    paper_id = papers.newest(attempt.paper.edition_id).get(language)
    return papers.compiled(paper_id) if paper_id else None


def _drill_taking(user: User, drill_id: UUID, language: str) -> dict[str, Any]:
    attempt = selectors.taking(user, drill_id, Mode.DRILL)
    return attempt_serializers.taking(attempt, reviews=results.closed_reviews(attempt, language))


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
            *ACTS,
            (403, "no_access"),
            (429, "too_many_starts"),
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
        body = {"lease": started.lease, **attempt_serializers.taking(_opened(user, started.attempt_id))}
        return Response(body, status.HTTP_201_CREATED if started.created else status.HTTP_200_OK)


def _opened(user: User, attempt_id: UUID) -> Taking:
    """Return an own exam whose questions leave with the reply: from now on they count as seen."""
    attempt = selectors.taking(user, attempt_id)
    if isinstance(attempt.head, Head):
        lifecycle.mark_opened(attempt.head)
    return attempt


def _row(row: selectors.AttemptRow) -> dict[str, Any]:
    head: Mapping[str, Any] = attempt_serializers.HeadSerializer(row.head).data
    return {
        **head,
        "answered": row.answered,
        "items": row.total_items,
        "scaled_score": row.scaled_score if row.counts else None,
        "passed": row.passed if row.counts else None,
    }


class Attempt(ExamView):
    """One attempt."""

    @extend_schema(
        operation_id="attempts_retrieve",
        summary="Show an attempt with its paper and the answers so far",
        parameters=[LANGUAGE],
        responses=replies({200: attempt_serializers.AttemptSerializer}, *READS),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200, in the language of the attempt or in the one asked for."""
        attempt = _opened(person(request), attempt_id)
        paper = _paper_in(attempt, request.query_params.get("language"))
        return Response(attempt_serializers.taking(attempt, paper=paper))


class Clock(ExamView):
    """The time left."""

    @extend_schema(
        operation_id="attempts_clock",
        summary="Show the state, the lease number and the time of an attempt",
        responses=replies({200: attempt_serializers.ClockSerializer}, *READS),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200 in a few bytes, for a page that was away."""
        return Response(
            attempt_serializers.ClockSerializer(selectors.clock(person(request), attempt_id)).data
        )


class Answers(ExamView):
    """Answers. The first middleware takes every POST before it comes here; this describes it."""

    # The lease in the body is the whole authority, so that no cookie can be one.
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
            *ACTS,
            (409, "attempt_closed"),
            (409, "feedback_at_once"),
            (429, "too_many_leases"),
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
            *ACTS,
            (409, "attempt_closed"),
            (409, "lease_taken"),
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
            *ACTS,
            (409, "attempt_closed"),
            (409, "already_answered"),
        ),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200; the attempt does not count."""
        lifecycle.cancel(user=person(request), attempt_id=attempt_id)
        return Response({"state": State.VOIDED.label})


def _settled(user: User, attempt_id: UUID, language: str) -> results.Result:
    """Return the result of an own attempt, scored now if need be. Raises Refused while there is no score."""
    lifecycle.settle(user=user, attempt_id=attempt_id)
    result = results.result(user, attempt_id, language)
    if result.score is None:
        raise _unscored(result.head)
    return result


def _unscored(head: Head) -> Refused:
    if head.state == State.VOIDED:
        return Refused("attempt_closed", 409, _("This exam was canceled. It has no result."))
    return results.not_finished(head)


class Result(ExamView):
    """The score."""

    @extend_schema(
        operation_id="attempts_result",
        summary="Show the score of an attempt that ended",
        parameters=[LANGUAGE],
        responses=replies(
            {200: result_serializers.ResultSerializer}, *READS, (409, "not_finished"), (409, "attempt_closed")
        ),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200; scores at once what no worker has scored yet."""
        user = person(request)
        result = _settled(user, attempt_id, language_of(request))
        more = {"analysis": results.analysis_of(user, result)}
        return Response(result_serializers.ResultSerializer(result, context=more).data)


class Review(ExamView):
    """What was right, and why."""

    @extend_schema(
        operation_id="attempts_review",
        summary="Show every question with key, own answer and explanation",
        parameters=[LANGUAGE],
        responses=replies(
            {200: result_serializers.TaughtReviewSerializer},
            *READS,
            (409, "not_finished"),
            (409, "attempt_closed"),
            (409, "exam_running"),
        ),
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 200 after the end; nothing is told before, nor while another exam has its questions."""
        user, language = person(request), language_of(request)
        _settled(user, attempt_id, language)
        annotated = feedback.annotated(user, results.review(user, attempt_id, language), language)
        return Response(result_serializers.TaughtReviewSerializer(annotated).data)


def _started(user: User, started: Started, language: str) -> Response:
    body = {"lease": started.lease, **_drill_taking(user, started.attempt_id, language)}
    return Response(body, status.HTTP_201_CREATED if started.created else status.HTTP_200_OK)


class Practice(ExamView):
    """The exams of a certification as sources of drills."""

    @extend_schema(
        operation_id="practice_exams",
        summary="List the exams that drills may draw from",
        responses=replies({200: attempt_serializers.PracticeExamSerializer(many=True)}, *READS),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with every exam: only finished and opened ones are drawn from."""
        user = person(request)
        exams = pools.exams(user, drills.certification(code, user).code)
        return Response(attempt_serializers.PracticeExamSerializer(exams, many=True).data)


class PracticeOpening(ExamView):
    """An exam that was not taken yet, opened for drills."""

    @extend_schema(
        operation_id="practice_open",
        summary="Open an exam for practice; it no longer counts as new",
        request=None,
        responses=replies(
            {200: attempt_serializers.PracticeExamSerializer(many=True)}, *ACTS, (403, "no_access"), HELD
        ),
    )
    def post(self, request: Request, code: str, number: int) -> Response:
        """Answer 200 with every exam; a repeat changes nothing."""
        user = person(request)
        certification = drills.certification(code, user)
        drills.open_for_practice(user=user, certification=certification, number=number)
        exams = pools.exams(user, certification.code)
        return Response(attempt_serializers.PracticeExamSerializer(exams, many=True).data)


class Drills(ExamView):
    """One's own drills."""

    @extend_schema(
        operation_id="drills_list",
        summary="List your drills, newest first",
        responses=replies({200: attempt_serializers.DrillSerializer(many=True)}, *WHO, BUSY),
    )
    def get(self, request: Request) -> Response:
        """Answer 200 with up to 200 drills, hidden ones among them."""
        own = selectors.own_drills(person(request), hidden=True)
        return Response([attempt_serializers.DrillSerializer(one).data for one in own])

    @extend_schema(
        operation_id="drills_start",
        summary="Create a drill and start it",
        request=attempt_serializers.DrawSerializer,
        responses=replies({201: attempt_serializers.DrillStartedSerializer}, *STARTS),
    )
    def post(self, request: Request) -> Response:
        """Answer 201 with its questions. Several drills may run at once."""
        asked = attempt_serializers.DrawSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = person(request)
        started = drills.start(
            user=user,
            certification=drills.certification(asked.validated_data["certification"], user),
            drill_settings=asked.drill_settings(),
            language=asked.validated_data.get("language") or language_of(request),
            holder=holder(request),
        )
        return _started(user, started, language_of(request))


class Again(ExamView):
    """Questions of an exam or a drill, once more."""

    @extend_schema(
        operation_id="practice_again",
        summary="Start a drill on questions of an attempt that ended",
        request=attempt_serializers.AgainSerializer,
        responses=replies({201: attempt_serializers.DrillStartedSerializer}, *STARTS, (409, "not_finished")),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 201 with the questions that may be practiced now."""
        asked = attempt_serializers.AgainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = person(request)
        started = drills.again(
            user=user,
            attempt_id=attempt_id,
            positions=asked.validated_data.get("positions"),
            drill_settings=asked.drill_settings(),
            language=asked.validated_data.get("language") or language_of(request),
            holder=holder(request),
        )
        return _started(user, started, language_of(request))


class Check(ExamView):
    """The free sample as a timed drill, by which somebody learns where they stand."""

    @extend_schema(
        operation_id="certifications_check",
        summary="Start a self-check, or get the one in progress",
        description="It needs an account with a verified address, and no access. Only the first one of a "
        "certification gives an estimate, and only once every question is answered.",
        request=None,
        responses=replies(
            {
                201: attempt_serializers.DrillStartedSerializer,
                200: attempt_serializers.DrillStartedSerializer,
            },
            *ACTS,
            (403, "no_access"),
            (429, "too_many_starts"),
        ),
    )
    def post(self, request: Request, code: str) -> Response:
        """Answer 201 with its questions and a lease, or 200 without one when it runs already."""
        user, language = person(request), language_of(request)
        started = drills.check_yourself(
            user=user,
            certification=drills.certification(code, user),
            language=language,
            holder=holder(request),
        )
        return _started(user, started, language)


class Drill(ExamView):
    """One drill."""

    @extend_schema(
        operation_id="drills_retrieve",
        summary="Show a drill with its questions, the answers so far and the reviews of closed questions",
        parameters=[LANGUAGE],
        responses=replies({200: attempt_serializers.DrillTakingSerializer}, *READS),
    )
    def get(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200. Names of domains are in the language asked for, questions in that of the drill."""
        return Response(_drill_taking(person(request), drill_id, language_of(request)))


class Close(ExamView):
    """The answer to one question of a drill with feedback at once."""

    @extend_schema(
        operation_id="drills_close",
        summary="Answer a question of a drill with feedback at once, or show its answer",
        request=attempt_serializers.ClosingSerializer,
        responses=replies(
            {200: result_serializers.ReviewItemSerializer},
            *BODY,
            *ACTS,
            HELD,
            (409, "attempt_closed"),
            (409, "late"),
            (409, "not_at_once"),
            (422, "invalid_answer"),
        ),
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 with the review of the question; a repeat gets what was stored first."""
        asked = attempt_serializers.ClosingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review = drills.close(
            user=person(request),
            attempt_id=drill_id,
            closing=asked.closing(),
            ui_language=language_of(request),
        )
        return Response(result_serializers.ReviewItemSerializer(review).data)


class Finish(ExamView):
    """The end of a drill with feedback at once."""

    @extend_schema(
        operation_id="drills_finish",
        summary="Finish a drill with feedback at once",
        description="One with feedback at the end is submitted like an exam, by its lease.",
        request=None,
        responses=replies(
            {200: attempt_serializers.ReceiptSerializer}, *ACTS, (409, "attempt_closed"), (409, "not_at_once")
        ),
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 with the receipt; a repeat gets the same."""
        return Response(attempt_serializers.receipt(drills.finish(user=person(request), attempt_id=drill_id)))


class Hide(ExamView):
    """Whether a drill is listed."""

    @extend_schema(
        operation_id="drills_hide",
        summary="Hide a drill from your pages, or show it again",
        request=attempt_serializers.HideSerializer,
        responses=replies({200: attempt_serializers.DrillSerializer}, *BODY, *ACTS),
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 with its facts; nothing of it is lost."""
        user, asked = person(request), checked(attempt_serializers.HideSerializer, request)
        drills.hide(user=user, attempt_id=drill_id, hidden=asked["hidden"])
        return Response(attempt_serializers.DrillSerializer(selectors.drill(user, drill_id)).data)


class DrillReview(ExamView):
    """What was right in a drill, and why."""

    @extend_schema(
        operation_id="drills_review",
        summary="Show every question of a drill that ended with key, own answer and explanation",
        parameters=[LANGUAGE],
        responses=replies(
            {200: attempt_serializers.DrillReviewSerializer}, *READS, HELD, (409, "not_finished")
        ),
    )
    def get(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 after the end; scores at once what no worker has scored yet."""
        user, language = person(request), language_of(request)
        lifecycle.settle(user=user, attempt_id=drill_id)
        drill, items = results.drill_review(user, drill_id, language)
        body: dict[str, Any] = {"id": drill.head.attempt_id, "items": items}
        return Response(attempt_serializers.DrillReviewSerializer(body).data)
