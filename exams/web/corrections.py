"""The public log of corrections: what was ruled on questions of a certification, and why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web.rendering import cached_for_visitors
from exams.corrections import changelog, services
from exams.presentation import corrections, formatting
from exams.web import rendering


@require_safe
@cached_for_visitors
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """List the corrections of a certification, the newest first."""
    facts = rendering.facts_of(request, code)
    rows = [
        {
            "correction": correction,
            "day": corrections.day(correction.at),
            "places": [formatting.question_title(place.exam, place.question) for place in correction.places],
        }
        for correction in changelog.corrections(code)
    ]
    context = {
        "facts": facts,
        "rows": rows,
        "here": facts.label,
        "most_alone": services.MOST_ALONE,
    }
    return render(request, "exams/corrections.html", context)
