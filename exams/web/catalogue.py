"""The public pages: the list of certifications, the page of each, and where its pass line lies."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.users.models import User
from exams.assembly import selectors as assembly
from exams.attempts import selectors as attempts
from exams.catalogue import selectors
from exams.presentation import charts, formatting

# What 38 of 50 on 100-1000 would be, to show a result before there is one.
SAMPLE: Final[dict[str, Any]] = {"score": 784, "mark": 750, "low": 100, "high": 1000, "band": (676, 874)}


def page_of(code: str) -> selectors.CertificationPage:
    """Return the certification in the language of the request. Raises Http404 when there is none."""
    page = selectors.certification(code, get_language() or "")
    if page is None:
        raise Http404
    return page


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """List the certifications with what there is for each."""
    counts: dict[str, int] = {}
    for form in assembly.forms():
        counts[form.certification_code] = counts.get(form.certification_code, 0) + 1
    rows = [_row(summary, counts) for summary in selectors.certifications(get_language() or "")]
    context = {"rows": rows, "chart": charts.scale(**SAMPLE), "today": timezone.localdate()}
    return render(request, "exams/catalogue.html", context)


def _row(summary: selectors.CertificationSummary, counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "facts": summary.facts,
        "texts": summary.texts,
        "forms": counts.get(summary.facts.code, 0),
        "languages": formatting.language_names(summary.facts.languages),
    }


@require_safe
@gzip_page
def landing(request: HttpRequest, code: str) -> HttpResponse:
    """Show one certification: its exams, topics, weights and facts."""
    page = page_of(code)
    forms = assembly.forms(code)
    rows = _form_rows(request, page, forms)
    context = {
        "page": page,
        "facts": page.facts,
        "texts": page.texts,
        "rows": rows,
        "running": next((row for row in rows if row["running"]), None),
        "missing": max(page.facts.planned_forms - len(forms), 0),
        "domains": _domain_rows(page),
        "languages": formatting.language_names(page.facts.languages),
        "note": formatting.fallback_note(page.texts.language, get_language() or ""),
        "cut": charts.cut_unless_usual(page.facts.pass_mark, page.facts.scale_min, page.facts.scale_max),
        "today": timezone.localdate(),
        "here": page.facts.label,
    }
    return render(request, "exams/landing.html", context)


def _form_rows(
    request: HttpRequest, page: selectors.CertificationPage, forms: list[assembly.FormFacts]
) -> list[dict[str, Any]]:
    own = attempts.own_attempts(request.user) if isinstance(request.user, User) else []
    sat: dict[int, list[attempts.AttemptRow]] = {}
    for row in own:
        if row.head.certification_code == page.facts.code:
            sat.setdefault(row.head.form_number, []).append(row)
    return [
        {
            "form": form,
            "title": formatting.exam_title(form.certification_code, form.number),
            "running": next((row.head for row in sat.get(form.number, []) if row.head.running), None),
            "best": _best(sat.get(form.number, [])),
        }
        for form in forms
    ]


def _best(rows: list[attempts.AttemptRow]) -> int | None:
    """Return the highest score, None where nothing is scored yet: a scale may begin at 0."""
    return max((row.scaled_score for row in rows if row.scaled_score is not None), default=None)


def _domain_rows(page: selectors.CertificationPage) -> list[dict[str, Any]]:
    if not page.domains:
        return []
    parts = charts.parts([domain.weight_percent for domain in page.domains])
    return [{"domain": domain, "part": part} for domain, part in zip(page.domains, parts, strict=True)]


@require_safe
@cache_control(max_age=3600, public=True)
def cut_css(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the place of the pass line of a certification; a style attribute is not allowed to say it."""
    facts = page_of(code).facts
    cut = charts.cut(facts.pass_mark, facts.scale_min, facts.scale_max)
    return HttpResponse(f":root {{ --cut: {cut}; }}\n", content_type="text/css")
