"""How a score is calculated, for everybody to read: the rules in words, and an example worked out by them."""

from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.web.rendering import cached_for_visitors
from exams.catalog import selectors
from exams.presentation import charts, example, prediction_table, readiness, verdicts
from exams.scoring.error_band import LOWER, UPPER
from exams.scoring.prediction import LEAST_ANSWERS
from exams.scoring.rules import DomainOutcome


@require_safe
@cached_for_visitors
def how_scoring_works(request: HttpRequest) -> HttpResponse:
    """Explain the score, with the figures of the first certification; without one there is no example."""
    page = _first_with_domains()
    context: dict[str, Any] = {
        "band_percent": round((UPPER - LOWER) * 100),
        "table": prediction_table.read(),
        "least": LEAST_ANSWERS,
    }
    return render(request, "exams/how_scoring_works.html", {**context, **(_example(page) if page else {})})


def _first_with_domains() -> selectors.CertificationPage | None:
    language = get_language() or ""
    for summary in selectors.certifications(language):
        page = selectors.certification(summary.facts.code, language)
        if page and any(domain.scored_items for domain in page.domains):
            return page
    return None


def _example(page: selectors.CertificationPage) -> dict[str, Any]:
    facts = page.facts
    domains = [domain for domain in page.domains if domain.scored_items]
    plans = [
        example.DomainPlan(domain.number, domain.weight_percent, domain.scored_items) for domain in domains
    ]
    worked = example.of(plans, facts.scale)
    outcome, error_band = worked.outcome, worked.error_band
    total_weight = sum(plan.weight for plan in plans)
    return {
        "facts": facts,
        "outcome": outcome,
        "error_band": error_band,
        "rows": [
            _row(domain, one, total_weight) for domain, one in zip(domains, outcome.domains, strict=True)
        ],
        "total_weight": total_weight,
        "share_percent": number_format(float(outcome.share * 100), 1),
        "share": number_format(float(outcome.share), 4),
        "points": facts.scale_max - facts.scale_min,
        "unscored": facts.items_total - facts.items_scored,
        "distance": verdicts.distance(outcome.scaled, facts.pass_mark),
        "chance": readiness.percent(worked.prediction) if worked.prediction else "",
        "chart": charts.scale(facts.scale, outcome.scaled, (error_band.low, error_band.high)),
        "cut": charts.cut_unless_usual(facts.scale),
        "cut_percent": number_format(float(charts.pass_line(facts.scale) * 100), 1),
        "least_passing": worked.least_passing,
    }


def _row(domain: selectors.DomainFacts, outcome: DomainOutcome, total_weight: int) -> dict[str, Any]:
    """Return a line of the table: the domain, its answers, and what they add to the weighted share."""
    adds = Fraction(outcome.weight, total_weight) * outcome.share
    return {
        "domain": domain,
        "outcome": outcome,
        "adds_percent": number_format(float(adds * 100), 1),
    }
