"""Addresses of the pages on exams. `/<code>/` comes last here, and these come last of the site's pages."""

from django.urls import URLPattern, URLResolver, include, path

from exams.web import (
    attempts,
    catalogue,
    downloads,
    drilling,
    practice,
    reports,
    results,
    review,
    sample,
    score,
    start,
)

app_name = "exams"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", catalogue.catalogue, name="catalogue"),
    path("score/", score.score, name="score"),
    path("attempts/", attempts.attempts, name="attempts"),
    path("", include("exams.web.taking_urls")),
    path("attempts/<uuid:attempt_id>/result/", results.result, name="result"),
    path("attempts/<uuid:attempt_id>/review/", review.review, name="review"),
    path("attempts/<uuid:attempt_id>/report/", reports.report, name="report"),
    path("attempts/<uuid:attempt_id>/answers.csv", downloads.answers, {"kind": "csv"}, name="answers_csv"),
    path("attempts/<uuid:attempt_id>/answers.json", downloads.answers, {"kind": "json"}, name="answers_json"),
    path("attempts/<uuid:attempt_id>/practice/", practice.again, name="practice-again"),
    path("drills/<uuid:drill_id>/", drilling.drill, name="drill"),
    path("drills/<uuid:drill_id>/finish/", drilling.finish, name="drill-finish"),
    path("drills/<uuid:drill_id>/hide/", drilling.hide, name="drill-hide"),
    path("drills/<uuid:drill_id>/result/", drilling.result, name="drill-result"),
    path("<slug:code>/", catalogue.landing, name="landing"),
    path("<slug:code>/cut.css", catalogue.cut_css, name="cut"),
    path("<slug:code>/sample/", sample.sample, name="sample"),
    path("<slug:code>/practice/", practice.practice, name="practice"),
    path("<slug:code>/exams/<int:number>/", start.start, name="start"),
]
