"""Addresses of the pages on exams. `/<code>/` comes last here, and these come last of the site's pages."""

from django.urls import URLPattern, URLResolver, include, path

from exams.web import attempts, catalogue, downloads, results, review, sample, score, start

app_name = "exams"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", catalogue.catalogue, name="catalogue"),
    path("score/", score.score, name="score"),
    path("attempts/", attempts.attempts, name="attempts"),
    path("", include("exams.web.taking_urls")),
    path("attempts/<uuid:attempt_id>/result/", results.result, name="result"),
    path("attempts/<uuid:attempt_id>/review/", review.review, name="review"),
    path("attempts/<uuid:attempt_id>/answers.csv", downloads.answers, {"kind": "csv"}, name="answers_csv"),
    path("attempts/<uuid:attempt_id>/answers.json", downloads.answers, {"kind": "json"}, name="answers_json"),
    path("<slug:code>/", catalogue.landing, name="landing"),
    path("<slug:code>/cut.css", catalogue.cut_css, name="cut"),
    path("<slug:code>/sample/", sample.sample, name="sample"),
    path("<slug:code>/exams/<int:number>/", start.start, name="start"),
]
