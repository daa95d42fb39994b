"""Notes, bookmarks and reports of problems. A view is one call below it."""

from typing import Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import replies
from exams.api import result_serializers as shapes
from exams.api.base import ACTS, BODY, BUSY, WHO, ExamView, checked, person
from exams.feedback import selectors, services

# A question that isn't there or isn't one's own, and a review that isn't open.
CLOSED: Final = (
    *ACTS,
    (409, "not_finished"),
    (409, "attempt_closed"),
    (409, "exam_running"),
)


class Notes(ExamView):
    """One's own notes."""

    @extend_schema(
        operation_id="notes_list",
        summary="List your notes, newest first",
        responses=replies({200: shapes.NoteRowSerializer(many=True)}, *WHO, BUSY),
    )
    def get(self, request: Request) -> Response:
        """Answer 200; notes on questions of an exam that is being taken are left out."""
        return Response(shapes.NoteRowSerializer(selectors.own_notes(person(request)), many=True).data)


class Bookmarks(ExamView):
    """One's own bookmarks."""

    @extend_schema(
        operation_id="bookmarks_list",
        summary="List your bookmarks, newest first",
        responses=replies({200: shapes.BookmarkRowSerializer(many=True)}, *WHO, BUSY),
    )
    def get(self, request: Request) -> Response:
        """Answer 200; bookmarks of questions of an exam that is being taken are left out."""
        bookmarks = selectors.own_bookmarks(person(request))
        return Response(shapes.BookmarkRowSerializer(bookmarks, many=True).data)


class Reports(ExamView):
    """One's own reports."""

    @extend_schema(
        operation_id="reports_list",
        summary="List your reports with our answers, newest first",
        responses=replies({200: shapes.ReportRowSerializer(many=True)}, *WHO, BUSY),
    )
    def get(self, request: Request) -> Response:
        """Answer 200; texts are empty while the question is in an exam that is being taken."""
        return Response(shapes.ReportRowSerializer(selectors.own_reports(person(request)), many=True).data)


class Note(ExamView):
    """The note on a question of an ended attempt."""

    @extend_schema(
        operation_id="attempts_note_save",
        summary="Save your note on a question",
        request=shapes.NoteSerializer,
        responses=replies(
            {200: shapes.NoteSerializer},
            *BODY,
            (422, "too_long"),
            (422, "invalid_text"),
            *CLOSED,
        ),
    )
    def put(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Answer 200 with the note as it is stored; it stays when the question is reworded."""
        text = checked(shapes.NoteSerializer, request)["text"]
        user = person(request)
        stored = services.write_note(user=user, attempt_id=attempt_id, position=position, text=text)
        return Response({"text": stored})

    @extend_schema(
        operation_id="attempts_note_delete",
        summary="Delete your note on a question",
        responses=replies({204: None}, *CLOSED),
    )
    def delete(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Answer 204, whether there was one or not."""
        services.write_note(user=person(request), attempt_id=attempt_id, position=position, text="")
        return Response(status=status.HTTP_204_NO_CONTENT)


class Bookmark(ExamView):
    """The bookmark on a question of an ended attempt."""

    @extend_schema(
        operation_id="attempts_bookmark_set",
        summary="Bookmark a question",
        request=None,
        responses=replies({204: None}, *CLOSED),
    )
    def put(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Answer 204; a repeat changes nothing."""
        services.set_bookmark(user=person(request), attempt_id=attempt_id, position=position, bookmarked=True)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="attempts_bookmark_remove",
        summary="Remove the bookmark of a question",
        responses=replies({204: None}, *CLOSED),
    )
    def delete(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Answer 204, whether there was one or not."""
        services.set_bookmark(
            user=person(request), attempt_id=attempt_id, position=position, bookmarked=False
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Report(ExamView):
    """A problem with a question of an ended attempt."""

    @extend_schema(
        operation_id="attempts_report",
        summary="Report a problem with a question",
        request=shapes.ReportingSerializer,
        responses=replies(
            {201: shapes.ReportedSerializer, 200: shapes.ReportedSerializer},
            *BODY,
            (422, "missing_text"),
            (422, "too_long"),
            (422, "invalid_text"),
            *CLOSED,
            (409, "already_reported"),
            (429, "too_many_reports"),
        ),
    )
    def post(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Answer 201, or 200 when the same report waits for its answer already."""
        asked = checked(shapes.ReportingSerializer, request)
        report_id, is_new = services.report(
            user=person(request),
            attempt_id=attempt_id,
            position=position,
            reason=asked["reason"],
            text=asked["text"],
        )
        return Response({"id": report_id}, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
