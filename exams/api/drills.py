"""Drills: what they may draw from, start, take, close, finish, hide, result. A view is one call below it."""

from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import replies
from accounts.users.models import User
from exams.api import attempt_serializers, drill_serializers, result_serializers
from exams.api.attempts import ABSENT, BUSY
from exams.api.base import BODY, LANGUAGE, WHO, WRITES, ExamView, holder, language_of, person
from exams.attempts import drill_reads, drills, lifecycle, pools
from exams.attempts.lifecycle import Started

HELD: Final = (409, "exam_running")
STARTS: Final = (
    *BODY,
    *WRITES,
    (403, "no_access"),
    ABSENT,
    (409, "nothing_to_draw"),
    (429, "too_many_starts"),
    BUSY,
)


def _started(user: User, started: Started, language: str) -> Response:
    found = drill_reads.taking(user, started.attempt_id, language)
    body = {"lease": started.lease, **drill_serializers.taking(found)}
    return Response(body, status.HTTP_201_CREATED)


class Practice(ExamView):
    """The exams of a certification as sources of drills."""

    @extend_schema(
        operation_id="practice_exams",
        summary="List the exams that drills may draw from",
        responses=replies({200: drill_serializers.PracticeExamSerializer(many=True)}, *WHO, ABSENT, BUSY),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with every exam: only finished and opened ones are drawn from."""
        user = person(request)
        found = pools.exams(user, drills.certification(code, user).code)
        return Response(drill_serializers.PracticeExamSerializer(found, many=True).data)


class PracticeOpening(ExamView):
    """An exam that was not taken yet, opened for drills."""

    @extend_schema(
        operation_id="practice_open",
        summary="Open an exam for practice; it no longer counts as new",
        request=None,
        responses=replies(
            {200: drill_serializers.PracticeExamSerializer(many=True)},
            *WRITES,
            (403, "no_access"),
            ABSENT,
            HELD,
            BUSY,
        ),
    )
    def post(self, request: Request, code: str, number: int) -> Response:
        """Answer 200 with every exam; a repeat changes nothing."""
        user = person(request)
        certification = drills.certification(code, user)
        drills.open_for_practice(user=user, certification=certification, number=number)
        found = pools.exams(user, certification.code)
        return Response(drill_serializers.PracticeExamSerializer(found, many=True).data)


class Drills(ExamView):
    """One's own drills."""

    @extend_schema(
        operation_id="drills_list",
        summary="List your drills, newest first",
        responses=replies({200: drill_serializers.DrillSerializer(many=True)}, *WHO, BUSY),
    )
    def get(self, request: Request) -> Response:
        """Answer 200 with up to 200 drills, hidden ones among them."""
        found = drill_reads.own_drills(person(request), hidden=True)
        return Response([drill_serializers.DrillSerializer(one).data for one in found])

    @extend_schema(
        operation_id="drills_start",
        summary="Create a drill and start it",
        request=drill_serializers.DrawSerializer,
        responses=replies({201: drill_serializers.DrillStartedSerializer}, *STARTS),
    )
    def post(self, request: Request) -> Response:
        """Answer 201 with its questions. Several drills may run at once."""
        asked = drill_serializers.DrawSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = person(request)
        started = drills.start(
            user=user,
            certification=drills.certification(asked.validated_data["certification"], user),
            options=asked.options(),
            language=asked.validated_data.get("language") or language_of(request),
            holder=holder(request),
        )
        return _started(user, started, language_of(request))


class Again(ExamView):
    """Questions of an exam or a drill, once more."""

    @extend_schema(
        operation_id="practice_again",
        summary="Start a drill on questions of an attempt that ended",
        request=drill_serializers.AgainSerializer,
        responses=replies({201: drill_serializers.DrillStartedSerializer}, *STARTS, (409, "not_finished")),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Answer 201 with the questions that may be practiced now."""
        asked = drill_serializers.AgainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = person(request)
        started = drills.again(
            user=user,
            attempt_id=attempt_id,
            positions=asked.validated_data.get("positions"),
            options=asked.options(),
            language=asked.validated_data.get("language") or language_of(request),
            holder=holder(request),
        )
        return _started(user, started, language_of(request))


class Drill(ExamView):
    """One drill."""

    @extend_schema(
        operation_id="drills_retrieve",
        summary="Show a drill with its questions, the answers so far and the reviews of closed questions",
        parameters=[LANGUAGE],
        responses=replies({200: drill_serializers.DrillTakingSerializer}, *WHO, ABSENT, BUSY),
    )
    def get(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200. Names of domains are in the language asked for, questions in that of the drill."""
        found = drill_reads.taking(person(request), drill_id, language_of(request))
        return Response(drill_serializers.taking(found))


class Close(ExamView):
    """The answer to one question of a drill with feedback at once."""

    @extend_schema(
        operation_id="drills_close",
        summary="Answer a question of a drill with feedback at once, or show its answer",
        request=drill_serializers.ClosingSerializer,
        responses=replies(
            {200: result_serializers.ReviewItemSerializer},
            *BODY,
            *WRITES,
            ABSENT,
            HELD,
            (409, "attempt_closed"),
            (409, "late"),
            (409, "not_at_once"),
            (422, "invalid_answer"),
            BUSY,
        ),
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 with the review of the question; a repeat gets what was stored first."""
        asked = drill_serializers.ClosingSerializer(data=request.data)
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
            {200: attempt_serializers.ReceiptSerializer},
            *WRITES,
            ABSENT,
            (409, "attempt_closed"),
            (409, "not_at_once"),
            BUSY,
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
        request=drill_serializers.HideSerializer,
        responses=replies({200: drill_serializers.DrillSerializer}, *BODY, *WRITES, ABSENT, BUSY),
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 with its facts; nothing of it is lost."""
        asked = drill_serializers.HideSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = person(request)
        drills.hide(user=user, attempt_id=drill_id, hidden=asked.validated_data["hidden"])
        return Response(drill_serializers.DrillSerializer(drill_reads.drill(user, drill_id)).data)


class DrillReview(ExamView):
    """What was right in a drill, and why."""

    @extend_schema(
        operation_id="drills_review",
        summary="Show every question of a drill that ended with key, own answer and explanation",
        parameters=[LANGUAGE],
        responses=replies(
            {200: drill_serializers.DrillReviewSerializer}, *WHO, ABSENT, HELD, (409, "not_finished"), BUSY
        ),
    )
    def get(self, request: Request, drill_id: UUID) -> Response:
        """Answer 200 after the end; scores at once what no worker has scored yet."""
        user, language = person(request), language_of(request)
        lifecycle.settle(user=user, attempt_id=drill_id)
        drill, items = drill_reads.review(user, drill_id, language)
        body: dict[str, Any] = {"id": drill.head.attempt_id, "items": items}
        return Response(drill_serializers.DrillReviewSerializer(body).data)
