"""Addresses that pages had before: each leads on for good to the one of today, in its language."""

from typing import Final

from django.urls import URLPattern, path
from django.views.generic import RedirectView

MOVED: Final = {
    "score/": "exams:how_scoring_works",
    "attempts/reports/": "exams:problem_reports",
    "attempts/<uuid:attempt_id>/report/": "exams:score_report",
    "<slug:code>/changes/": "exams:corrections",
    "<slug:code>/cut.css": "exams:pass_mark_css",
}

app_name = "old_addresses"
urlpatterns: list[URLPattern] = [
    path(
        old,
        RedirectView.as_view(
            pattern_name=name, permanent=True, query_string=True, http_method_names=["get", "head"]
        ),
        name=name.partition(":")[2],
    )
    for old, name in MOVED.items()
]
