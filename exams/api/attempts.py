"""Exams and drills: start, read, take over, close, submit, cancel, result, review.

A view is one call below it.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.api import attempt_serializers as shapes
from exams.api import result_serializers as result_shapes
from exams.api import save_endpoint
from exams.api.base import LANGUAGE, LISTS, ExamView, checked, endpoint, holder, language_of, person
from exams.assembly import papers
from exams.attempts import drills, lifecycle, pools, results, selectors
from exams.attempts.lifecycle import Started
from exams.attempts.models import Mode, State
from exams.attempts.selectors import Head, Taking
from exams.feedback import selectors as feedback

STARTS: Final = ((403, "no_access"), (409, "nothing_to_draw"), (429, "too_many_starts"))


def _paper_in(attempt: Taking, language: str | None) -> papers.CompiledPaper | None:
    """Return the newest paper in another language, or None when none is asked for or there is none."""
    if not language or language == attempt.paper.language:
        return None
    paper_id = papers.newest(attempt.paper.edition_id).get(language)
    return papers.compiled(paper_id) if paper_id else None


def _drill_taking(user: User, drill_id: UUID, language: str) -> dict[str, Any]:
    attempt = selectors.taking(user, drill_id, Mode.DRILL)
    return shapes.taking(attempt, reviews=results.closed_reviews(attempt, language))


class Attempts(ExamView):
    """One's own attempts."""

    @endpoint("attempts_list", shapes.AttemptRowSerializer(many=True), common=LISTS)
    def get(self, request: Request) -> Response:
        """List your attempts, newest first.

        Answer 200 with up to 200 attempts; canceled ones are left out.
        """
        return Response([_row(row) for row in selectors.own_attempts(person(request))])

    @endpoint(
        "attempts_start",
        dict.fromkeys((201, 200), shapes.StartedSerializer),
        (403, "no_access"),
        (429, "too_many_starts"),
        body=shapes.StartSerializer,
    )
    def post(self, request: Request) -> Response:
        """Start an exam, or get the one in progress.

        Answer 201 with a lease, or 200 without one when the exam runs already.
        """
        asked = checked(shapes.StartSerializer, request)
        user = person(request)
        started = lifecycle.start(
            user=user,
            form_id=asked["form"],
            language=asked.get("language") or language_of(request),
            holder=holder(request),
            opened=True,
        )
        body = {"lease": started.lease, **shapes.taking(_opened(user, started.attempt_id))}
        return Response(body, status.HTTP_201_CREATED if started.created else status.HTTP_200_OK)


def _opened(user: User, attempt_id: UUID) -> Taking:
    """Return an own exam whose questions leave with the reply: from now on they count as seen."""
    attempt = selectors.taking(user, attempt_id)
    if isinstance(attempt.head, Head):
        lifecycle.mark_opened(attempt.head)
    return attempt


def _row(row: selectors.AttemptRow) -> dict[str, Any]:
    head: Mapping[str, Any] = shapes.HeadSerializer(row.head).data
    return {
        **head,
        "answered": row.answered,
        "items": row.total_items,
        "scaled_score": row.scaled_score if row.counts else None,
        "passed": row.passed if row.counts else None,
    }


class Attempt(ExamView):
    """One attempt."""

    @endpoint("attempts_retrieve", shapes.AttemptSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Show an attempt with its paper and the answers so far.

        Answer 200, in the language of the attempt or in the one asked for.
        """
        attempt = _opened(person(request), attempt_id)
        paper = _paper_in(attempt, request.query_params.get("language"))
        return Response(shapes.taking(attempt, paper=paper))


class Clock(ExamView):
    """The time left."""

    @endpoint("attempts_clock", shapes.ClockSerializer)
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Show the state, the lease number and the time of an attempt.

        Answer 200 in a few bytes, for a page that was away.
        """
        return Response(shapes.ClockSerializer(selectors.clock(person(request), attempt_id)).data)


class Answers(ExamView):
    """Answers. The first middleware takes every POST before it comes here; this describes it."""

    # The lease in the body is the whole authority, so that no cookie can be one.
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @endpoint(
        "attempts_answers",
        shapes.SavedSerializer,
        (400, "bad_json"),
        (404, "not_found"),
        (409, "attempt_closed", "late", "lease_taken", "seq_reused"),
        (413, "too_large"),
        (415, "unsupported_media_type"),
        (422, "invalid_answer", "too_many_changes", "unknown_field"),
        (429, "too_many_saves"),
        (503, "unavailable"),
        body=shapes.SaveSerializer,
        common=None,
        auth=[],
        description="The lease alone authorizes it: no session, no token. Changes that were acknowledged "
        "before are acknowledged again. The change with the highest lease number and seq counts.",
    )
    def post(self, request: Request, attempt_id: UUID) -> HttpResponse:
        """Save changes to answers.

        Answer as the save endpoint does.
        """
        return save_endpoint.save_answers(request._request, attempt_id)


class Lease(ExamView):
    """The right to write."""

    @endpoint(
        "attempts_lease",
        shapes.TakenSerializer,
        (409, "attempt_closed", "feedback_at_once"),
        (429, "too_many_leases"),
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Take over a running attempt for writing.

        Answer 200 with a new lease; every older one is refused from now on.
        """
        taken = lifecycle.take_lease(user=person(request), attempt_id=attempt_id, holder=holder(request))
        return Response(shapes.taken(taken))


class Submit(ExamView):
    """The end, by one's own will."""

    @endpoint(
        "attempts_submit",
        shapes.ReceiptSerializer,
        (409, "attempt_closed", "lease_taken"),
        body=shapes.LeaseSerializer,
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Submit an attempt.

        Answer 200 with the receipt; a repeat gets the same.
        """
        asked = checked(shapes.LeaseSerializer, request)
        receipt = lifecycle.submit(
            user=person(request),
            attempt_id=attempt_id,
            lease=asked["lease"],
            seen_ms=asked.get("seen_ms", ()),
        )
        return Response(shapes.receipt(receipt))


class Cancel(ExamView):
    """A mistaken start."""

    @endpoint("attempts_cancel", shapes.CancelledSerializer, (409, "attempt_closed", "already_answered"))
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Cancel an exam while nothing is answered.

        Answer 200; the attempt does not count.
        """
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

    @endpoint(
        "attempts_result",
        result_shapes.ResultSerializer,
        (409, "not_finished", "attempt_closed"),
        parameters=[LANGUAGE],
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Show the score of an attempt that ended.

        Answer 200; scores at once what no worker has scored yet.
        """
        user = person(request)
        result = _settled(user, attempt_id, language_of(request))
        more = {"analysis": results.analysis_of(user, result)}
        return Response(result_shapes.ResultSerializer(result, context=more).data)


class Review(ExamView):
    """What was right, and why."""

    @endpoint(
        "attempts_review",
        result_shapes.TaughtReviewSerializer,
        (409, "not_finished", "attempt_closed", "exam_running"),
        parameters=[LANGUAGE],
    )
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """Show every question with key, own answer and explanation.

        Answer 200 after the end; nothing is told before, nor while another exam has its questions.
        """
        user, language = person(request), language_of(request)
        _settled(user, attempt_id, language)
        annotated = feedback.annotated(user, results.review(user, attempt_id, language), language)
        return Response(result_shapes.TaughtReviewSerializer(annotated).data)


def _started(user: User, started: Started, language: str) -> Response:
    body = {"lease": started.lease, **_drill_taking(user, started.attempt_id, language)}
    return Response(body, status.HTTP_201_CREATED if started.created else status.HTTP_200_OK)


class Practice(ExamView):
    """The exams of a certification as sources of drills."""

    @endpoint("practice_exams", shapes.PracticeExamSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List the exams that drills may draw from.

        Answer 200 with every exam: only finished and opened ones are drawn from.
        """
        user = person(request)
        exams = pools.exams(user, drills.certification(code, user).code)
        return Response(shapes.PracticeExamSerializer(exams, many=True).data)


class PracticeOpening(ExamView):
    """An exam that was not taken yet, opened for drills."""

    @endpoint(
        "practice_open", shapes.PracticeExamSerializer(many=True), (403, "no_access"), (409, "exam_running")
    )
    def post(self, request: Request, code: str, number: int) -> Response:
        """Open an exam for practice; it no longer counts as new.

        Answer 200 with every exam; a repeat changes nothing.
        """
        user = person(request)
        certification = drills.certification(code, user)
        drills.open_for_practice(user=user, certification=certification, number=number)
        exams = pools.exams(user, certification.code)
        return Response(shapes.PracticeExamSerializer(exams, many=True).data)


class Drills(ExamView):
    """One's own drills."""

    @endpoint("drills_list", shapes.DrillSerializer(many=True), common=LISTS)
    def get(self, request: Request) -> Response:
        """List your drills, newest first.

        Answer 200 with up to 200 drills, hidden ones among them.
        """
        own = selectors.own_drills(person(request), hidden=True)
        return Response([shapes.DrillSerializer(one).data for one in own])

    @endpoint("drills_start", {201: shapes.DrillStartedSerializer}, *STARTS, body=shapes.DrawSerializer)
    def post(self, request: Request) -> Response:
        """Create a drill and start it.

        Answer 201 with its questions. Several drills may run at once.
        """
        asked = shapes.DrawSerializer(data=request.data)
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

    @endpoint(
        "practice_again",
        {201: shapes.DrillStartedSerializer},
        *STARTS,
        (409, "not_finished"),
        body=shapes.AgainSerializer,
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Start a drill on questions of an attempt that ended.

        Answer 201 with the questions that may be practiced now.
        """
        asked = shapes.AgainSerializer(data=request.data)
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

    @endpoint(
        "certifications_check",
        dict.fromkeys((201, 200), shapes.DrillStartedSerializer),
        (403, "no_access"),
        (429, "too_many_starts"),
        description="It needs an account with a verified address, and no access. Only the first one of a "
        "certification gives an estimate, and only once every question is answered.",
    )
    def post(self, request: Request, code: str) -> Response:
        """Start a self-check, or get the one in progress.

        Answer 201 with its questions and a lease, or 200 without one when it runs already.
        """
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

    @endpoint("drills_retrieve", shapes.DrillTakingSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, drill_id: UUID) -> Response:
        """Show a drill with its questions, the answers so far and the reviews of closed questions.

        Answer 200. Names of domains are in the language asked for, questions in that of the drill.
        """
        return Response(_drill_taking(person(request), drill_id, language_of(request)))


class Close(ExamView):
    """The answer to one question of a drill with feedback at once."""

    @endpoint(
        "drills_close",
        result_shapes.ReviewItemSerializer,
        (409, "exam_running", "attempt_closed", "late", "not_at_once"),
        (422, "invalid_answer"),
        body=shapes.ClosingSerializer,
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Answer a question of a drill with feedback at once, or show its answer.

        Answer 200 with the review of the question; a repeat gets what was stored first.
        """
        asked = shapes.ClosingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review = drills.close(
            user=person(request),
            attempt_id=drill_id,
            closing=asked.closing(),
            ui_language=language_of(request),
        )
        return Response(result_shapes.ReviewItemSerializer(review).data)


class Finish(ExamView):
    """The end of a drill with feedback at once."""

    @endpoint(
        "drills_finish",
        shapes.ReceiptSerializer,
        (409, "attempt_closed", "not_at_once"),
        description="One with feedback at the end is submitted like an exam, by its lease.",
    )
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Finish a drill with feedback at once.

        Answer 200 with the receipt; a repeat gets the same.
        """
        return Response(shapes.receipt(drills.finish(user=person(request), attempt_id=drill_id)))


class Hide(ExamView):
    """Whether a drill is listed."""

    @endpoint("drills_hide", shapes.DrillSerializer, body=shapes.HideSerializer)
    def post(self, request: Request, drill_id: UUID) -> Response:
        """Hide a drill from your pages, or show it again.

        Answer 200 with its facts; nothing of it is lost.
        """
        asked, user = checked(shapes.HideSerializer, request), person(request)
        drills.hide(user=user, attempt_id=drill_id, hidden=asked["hidden"])
        return Response(shapes.DrillSerializer(selectors.drill(user, drill_id)).data)


class DrillReview(ExamView):
    """What was right in a drill, and why."""

    @endpoint(
        "drills_review",
        shapes.DrillReviewSerializer,
        (409, "exam_running", "not_finished"),
        parameters=[LANGUAGE],
    )
    def get(self, request: Request, drill_id: UUID) -> Response:
        """Show every question of a drill that ended with key, own answer and explanation.

        Answer 200 after the end; scores at once what no worker has scored yet.
        """
        user, language = person(request), language_of(request)
        lifecycle.settle(user=user, attempt_id=drill_id)
        drill, items = results.drill_review(user, drill_id, language)
        body: dict[str, Any] = {"id": drill.head.attempt_id, "items": items}
        return Response(shapes.DrillReviewSerializer(body).data)
