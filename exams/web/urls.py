"""Addresses of the pages on exams. `/<code>/` comes last here, and these come last of the site's pages."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from exams.web import (
    attempts,
    catalog,
    cheatsheet,
    corrections,
    downloads,
    drilling,
    feedback,
    home,
    how_scoring_works,
    notebook,
    own_cheatsheet,
    practice,
    pricing,
    results,
    review,
    sample,
    search,
    start,
    taking,
)

app_name = "exams"
COURSE: Final = RedirectView.as_view(pattern_name="exams:landing", http_method_names=["get", "head"])
# What was called otherwise before leads on for good.
MOVED: Final = {"permanent": True, "query_string": True, "http_method_names": ["get", "head"]}
QUESTION: Final = "attempts/<uuid:attempt_id>/review/<int:position>/"

urlpatterns: list[URLPattern] = [
    path("", catalog.catalog, name="catalog"),
    path("how-scoring-works/", how_scoring_works.how_scoring_works, name="how_scoring_works"),
    path("pricing/", pricing.pricing, name="pricing"),
    path("attempts/", attempts.attempts, name="attempts"),
    path("attempts/<uuid:attempt_id>/", taking.taking, name="taking"),
    path("attempts/<uuid:attempt_id>/paper/<slug:language>/", taking.paper, name="paper"),
    path("attempts/<uuid:attempt_id>/questions/<int:position>/", taking.question, name="question"),
    path("attempts/<uuid:attempt_id>/submit/", taking.submit, name="submit"),
    path("attempts/<uuid:attempt_id>/cancel/", taking.cancel, name="cancel"),
    path("attempts/<uuid:attempt_id>/result/", results.result, name="result"),
    path("attempts/<uuid:attempt_id>/review/", review.review, name="review"),
    path("dashboard/", home.my_course, name="my_course"),
    path(f"{QUESTION}bookmark/", feedback.bookmark, name="bookmark"),
    path(f"{QUESTION}note/", feedback.note, name="note"),
    path(f"{QUESTION}report/", feedback.report, name="report"),
    path("problem-reports/", feedback.reports, name="problem_reports"),
    path("attempts/<uuid:attempt_id>/score.pdf", results.score_report, name="score_report"),
    path("attempts/<uuid:attempt_id>/answers.csv", downloads.answers, {"kind": "csv"}, name="answers_csv"),
    path("attempts/<uuid:attempt_id>/answers.json", downloads.answers, {"kind": "json"}, name="answers_json"),
    path("attempts/<uuid:attempt_id>/practice/", practice.again, name="practice_again"),
    path("drills/<uuid:drill_id>/", drilling.drill, name="drill"),
    path("drills/<uuid:drill_id>/questions/<int:position>/", taking.question, name="drill_question"),
    path("drills/<uuid:drill_id>/submit/", taking.submit, name="drill_submit"),
    path("drills/<uuid:drill_id>/finish/", drilling.finish, name="drill_finish"),
    path("drills/<uuid:drill_id>/hide/", drilling.hide, name="drill_hide"),
    path("drills/<uuid:drill_id>/result/", drilling.result, name="drill_result"),
    path("<slug:code>/", home.course, name="landing"),
    path("<slug:code>/about/", catalog.about, name="about"),
    path("<slug:code>/exams/", attempts.course_exams, name="exams"),
    path("<slug:code>/exam-date/", home.exam_date, name="exam_date"),
    path(
        "<slug:code>/dashboard/",
        RedirectView.as_view(pattern_name="exams:landing", **MOVED),
        name="dashboard",
    ),
    # From the email of a morning: whoever isn't signed in signs in first, and meets no brochure.
    path("<slug:code>/today/", login_required(COURSE), name="today"),
    path("<slug:code>/corrections/", corrections.listed, name="corrections"),
    path("<slug:code>/pass-mark.css", catalog.pass_mark_css, name="pass_mark_css"),
    path("<slug:code>/sample/", sample.sample, name="sample"),
    path("<slug:code>/notebook/", notebook.notebook_page, name="notebook"),
    path("<slug:code>/search/", search.search, name="search"),
    path("<slug:code>/cheatsheet/", cheatsheet.sheet, name="cheatsheet"),
    path("<slug:code>/cheatsheet/pdf/", cheatsheet.pdf, name="cheatsheet_pdf"),
    path("<slug:code>/cheatsheet/mine/", own_cheatsheet.own, name="own_cheatsheet"),
    path("<slug:code>/cheatsheet/mine/pdf/", own_cheatsheet.pdf, name="own_cheatsheet_pdf"),
    path("<slug:code>/practice/", practice.practice, name="practice"),
    path("<slug:code>/check/", practice.check, name="check"),
    path("<slug:code>/exams/<int:number>/", start.start, name="start"),
]
