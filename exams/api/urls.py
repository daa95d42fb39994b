"""Addresses of the exams below /api/v1/."""

from typing import Final

from django.urls import path

from exams.api import attempts, authoring, catalog, dashboard, feedback

app_name = "api"
QUESTION: Final = "attempts/<uuid:attempt_id>/review/<int:position>/"

urlpatterns = [
    path("certifications/", catalog.Certifications.as_view(), name="certifications"),
    path("certifications/<slug:code>/", catalog.Certification.as_view(), name="certification"),
    path("certifications/<slug:code>/forms/", catalog.Forms.as_view(), name="forms"),
    path("certifications/<slug:code>/dashboard/", dashboard.Dashboard.as_view(), name="dashboard"),
    path("certifications/<slug:code>/exam-date/", dashboard.ExamDate.as_view(), name="exam_date"),
    path("certifications/<slug:code>/cheatsheet/", catalog.CheatSheet.as_view(), name="cheatsheet"),
    path("certifications/<slug:code>/practice/", attempts.Practice.as_view(), name="practice"),
    path(
        "certifications/<slug:code>/practice/<int:number>/",
        attempts.PracticeOpening.as_view(),
        name="practice_open",
    ),
    path("certifications/<slug:code>/check/", attempts.Check.as_view(), name="check"),
    path("drills/", attempts.Drills.as_view(), name="drills"),
    path("drills/<uuid:drill_id>/", attempts.Drill.as_view(), name="drill"),
    path("drills/<uuid:drill_id>/close/", attempts.Close.as_view(), name="drill_close"),
    path("drills/<uuid:drill_id>/finish/", attempts.Finish.as_view(), name="drill_finish"),
    path("drills/<uuid:drill_id>/hide/", attempts.Hide.as_view(), name="drill_hide"),
    path("drills/<uuid:drill_id>/review/", attempts.DrillReview.as_view(), name="drill_review"),
    path("attempts/<uuid:attempt_id>/practice/", attempts.Again.as_view(), name="practice_again"),
    path("certifications/<slug:code>/search/", catalog.Search.as_view(), name="search"),
    path("attempts/", attempts.Attempts.as_view(), name="attempts"),
    path("attempts/<uuid:attempt_id>/", attempts.Attempt.as_view(), name="attempt"),
    path("attempts/<uuid:attempt_id>/clock/", attempts.Clock.as_view(), name="clock"),
    path("attempts/<uuid:attempt_id>/answers/", attempts.Answers.as_view(), name="answers"),
    path("attempts/<uuid:attempt_id>/lease/", attempts.Lease.as_view(), name="lease"),
    path("attempts/<uuid:attempt_id>/submit/", attempts.Submit.as_view(), name="submit"),
    path("attempts/<uuid:attempt_id>/cancel/", attempts.Cancel.as_view(), name="cancel"),
    path("attempts/<uuid:attempt_id>/result/", attempts.Result.as_view(), name="result"),
    path("attempts/<uuid:attempt_id>/review/", attempts.Review.as_view(), name="review"),
    path(f"{QUESTION}note/", feedback.Note.as_view(), name="note"),
    path(f"{QUESTION}bookmark/", feedback.Bookmark.as_view(), name="bookmark"),
    path(f"{QUESTION}reports/", feedback.Report.as_view(), name="report"),
    path("notes/", feedback.Notes.as_view(), name="notes"),
    path("bookmarks/", feedback.Bookmarks.as_view(), name="bookmarks"),
    path("reports/", feedback.Reports.as_view(), name="reports"),
    path("authoring/imports/", authoring.Imports.as_view(), name="imports"),
    path("authoring/imports/<uuid:import_id>/", authoring.Import.as_view(), name="import"),
    path("authoring/imports/<uuid:import_id>/take/", authoring.ImportTake.as_view(), name="import_take"),
    path("authoring/exports/", authoring.Exports.as_view(), name="exports"),
    path("authoring/exports/<uuid:export_id>/", authoring.Export.as_view(), name="export"),
    path("authoring/exports/<uuid:export_id>/file/", authoring.ExportFile.as_view(), name="export_file"),
]
