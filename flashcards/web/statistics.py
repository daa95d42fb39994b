"""The statistics of one's study: forecast, retention and leeches, drawn and in tables."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, signed_in
from exams.web import rendering
from flashcards.study import charts
from flashcards.study import statistics as study
from flashcards.study.statistics import WEEKS, Statistics


@signed_in
@require_safe
def statistics(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what is coming, how much was remembered, and which cards won't stay."""
    profile = profiles.of(request.user)
    figures = study.statistics(request.user, code, get_language() or "", profile.zone)
    return rendering.render_for(request, profile, "flashcards/statistics.html", _context(code, figures))


def _context(code: str, figures: Statistics) -> dict[str, Any]:
    today, target = figures.day.day.today, figures.day.settings.retention
    days = [today + timedelta(days=number) for number in range(len(figures.forecast))]
    shares = [(week.place, week.share) for week in figures.weeks]
    columns = charts.columns(figures.forecast)
    curve = charts.curve(shares, WEEKS, target)
    return {
        "code": code,
        "label": code.upper(),
        "found": figures,
        "cards": len(figures.day.entries),
        "total": sum(figures.forecast),
        "columns": columns,
        "named": [(column, days[column.index]) for column in columns.columns if column.is_named],
        "busy": [(day, count) for day, count in zip(days, figures.forecast, strict=True) if count],
        "curve": curve if shares else None,
        "weeks": [(week, round(week.share * 100)) for week in figures.weeks],
        "low": round(curve.low * 100),
        "wanted": round(target * 100),
        "recall": round(figures.recalled / figures.asked * 100) if figures.asked else None,
    }
