"""Addresses of the pages on exams. `/<code>/` comes last here, and these come last of the site's pages."""

from django.urls import URLPattern, URLResolver, include, path

from exams.web import (
    attempts,
    catalogue,
    cheatsheet,
    dashboard,
    own_cheatsheet,
    results,
    review,
    sample,
    score,
    search,
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
    path("dashboard/", dashboard.mine, name="my_dashboard"),
    path("<slug:code>/", catalogue.landing, name="landing"),
    path("<slug:code>/dashboard/", dashboard.dashboard, name="dashboard"),
    path("<slug:code>/cut.css", catalogue.cut_css, name="cut"),
    path("<slug:code>/sample/", sample.sample, name="sample"),
    path("<slug:code>/search/", search.search, name="search"),
    path("<slug:code>/cheatsheet/", cheatsheet.sheet, name="cheatsheet"),
    path("<slug:code>/cheatsheet/pdf/", cheatsheet.pdf, name="cheatsheet_pdf"),
    path("<slug:code>/cheatsheet/mine/", own_cheatsheet.own, name="own_cheatsheet"),
    path("<slug:code>/cheatsheet/mine/pdf/", own_cheatsheet.pdf, name="own_cheatsheet_pdf"),
    path("<slug:code>/exams/<int:number>/", start.start, name="start"),
]
