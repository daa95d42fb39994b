"""Addresses of the exams below /api/v1/."""

from django.urls import path

from exams.api import attempts, catalogue, cheatsheet, dashboard, search

app_name = "api"

urlpatterns = [
    path("certifications/", catalogue.Certifications.as_view(), name="certifications"),
    path("certifications/<slug:code>/", catalogue.Certification.as_view(), name="certification"),
    path("certifications/<slug:code>/forms/", catalogue.Forms.as_view(), name="forms"),
    path("certifications/<slug:code>/dashboard/", dashboard.Dashboard.as_view(), name="dashboard"),
    path("certifications/<slug:code>/exam-date/", dashboard.ExamDate.as_view(), name="exam_date"),
    path("certifications/<slug:code>/cheatsheet/", cheatsheet.CheatSheet.as_view(), name="cheatsheet"),
    path("certifications/<slug:code>/search/", search.Search.as_view(), name="search"),
    path("attempts/", attempts.Attempts.as_view(), name="attempts"),
    path("attempts/<uuid:attempt_id>/", attempts.Attempt.as_view(), name="attempt"),
    path("attempts/<uuid:attempt_id>/clock/", attempts.Clock.as_view(), name="clock"),
    path("attempts/<uuid:attempt_id>/answers/", attempts.Answers.as_view(), name="answers"),
    path("attempts/<uuid:attempt_id>/lease/", attempts.Lease.as_view(), name="lease"),
    path("attempts/<uuid:attempt_id>/submit/", attempts.Submit.as_view(), name="submit"),
    path("attempts/<uuid:attempt_id>/cancel/", attempts.Cancel.as_view(), name="cancel"),
    path("attempts/<uuid:attempt_id>/result/", attempts.Result.as_view(), name="result"),
    path("attempts/<uuid:attempt_id>/review/", attempts.Review.as_view(), name="review"),
]
