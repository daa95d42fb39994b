"""Notes, bookmarks and reports of problems. A view is one call below it."""

from typing import Final
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from exams.api import result_serializers as shapes
from exams.api.base import LISTS, ExamView, checked, endpoint, person
from exams.feedback import selectors, services

# A review that isn't open.
CLOSED: Final = (409, "not_finished", "attempt_closed", "exam_running")


class Notes(ExamView):
    """One's own notes."""

    @endpoint("notes_list", shapes.NoteRowSerializer(many=True), common=LISTS)
    def get(self, request: Request) -> Response:
        """List your notes, newest first.

        Answer 200; notes on questions of an exam that is being taken are left out.
        """
        return Response(shapes.NoteRowSerializer(selectors.own_notes(person(request)), many=True).data)


class Bookmarks(ExamView):
    """One's own bookmarks."""

    @endpoint("bookmarks_list", shapes.BookmarkRowSerializer(many=True), common=LISTS)
    def get(self, request: Request) -> Response:
        """List your bookmarks, newest first.

        Answer 200; bookmarks of questions of an exam that is being taken are left out.
        """
        bookmarks = selectors.own_bookmarks(person(request))
        return Response(shapes.BookmarkRowSerializer(bookmarks, many=True).data)


class Reports(ExamView):
    """One's own reports."""

    @endpoint("reports_list", shapes.ReportRowSerializer(many=True), common=LISTS)
    def get(self, request: Request) -> Response:
        """List your reports with our answers, newest first.

        Answer 200; texts are empty while the question is in an exam that is being taken.
        """
        return Response(shapes.ReportRowSerializer(selectors.own_reports(person(request)), many=True).data)


class Note(ExamView):
    """The note on a question of an ended attempt."""

    @endpoint(
        "attempts_note_save",
        shapes.NoteSerializer,
        (422, "too_long", "invalid_text"),
        CLOSED,
        body=shapes.NoteSerializer,
    )
    def put(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Save your note on a question.

        Answer 200 with the note as it is stored; it stays when the question is reworded.
        """
        text = checked(shapes.NoteSerializer, request)["text"]
        user = person(request)
        stored = services.write_note(user=user, attempt_id=attempt_id, position=position, text=text)
        return Response({"text": stored})

    @endpoint("attempts_note_delete", None, CLOSED)
    def delete(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Delete your note on a question.

        Answer 204, whether there was one or not.
        """
        services.write_note(user=person(request), attempt_id=attempt_id, position=position, text="")
        return Response(status=status.HTTP_204_NO_CONTENT)


class Bookmark(ExamView):
    """The bookmark on a question of an ended attempt."""

    @endpoint("attempts_bookmark_set", None, CLOSED)
    def put(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Bookmark a question.

        Answer 204; a repeat changes nothing.
        """
        services.set_bookmark(user=person(request), attempt_id=attempt_id, position=position, bookmarked=True)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @endpoint("attempts_bookmark_remove", None, CLOSED)
    def delete(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Remove the bookmark of a question.

        Answer 204, whether there was one or not.
        """
        services.set_bookmark(
            user=person(request), attempt_id=attempt_id, position=position, bookmarked=False
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Report(ExamView):
    """A problem with a question of an ended attempt."""

    @endpoint(
        "attempts_report",
        dict.fromkeys((201, 200), shapes.ReportedSerializer),
        (422, "missing_text", "too_long", "invalid_text"),
        (*CLOSED, "already_reported"),
        (429, "too_many_reports"),
        body=shapes.ReportingSerializer,
    )
    def post(self, request: Request, attempt_id: UUID, position: int) -> Response:
        """Report a problem with a question.

        Answer 201, or 200 when the same report waits for its answer already.
        """
        asked = checked(shapes.ReportingSerializer, request)
        report_id, is_new = services.report(
            user=person(request),
            attempt_id=attempt_id,
            position=position,
            reason=asked["reason"],
            text=asked["text"],
        )
        return Response({"id": report_id}, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
