"""The public pages: the list of certifications, the page of each, and where its pass line lies."""

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import policy, products
from accounts.access.policy import Access, Reason
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.attempts import selectors as attempts
from exams.attempts.selectors import AttemptRow
from exams.catalog import selectors
from exams.cheatsheet import selectors as cheatsheets
from exams.content.states import State
from exams.insights.dashboard import NEWEST, Dashboard, Here
from exams.presentation import charts, formatting, sections, states
from exams.presentation.before_paying import common_languages
from exams.scoring.error_band import error_band, least_passing
from exams.scoring.rules import Scale, scaled
from exams.web import next_step, offers, progress, rendering, welcome
from exams.web.sample import check_of, demo_context

# A result to show before there is one: of so many questions one more is correct than passes.
SAMPLE_ITEMS: Final = 50
USUAL: Final = Scale(100, 1000, 750)


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """List the certifications; a visitor meets a question of the sample, a person their courses."""
    language = get_language() or ""
    forms = assembly.forms_by_code()
    summaries = selectors.certifications(language)
    rows = [_row(summary, forms.get(summary.facts.code, [])) for summary in summaries]
    if isinstance(request.user, User):
        profile = profiles.of(request.user)
        courses = _courses(request.user, rows, rendering.here_of(profile))
        others = _without(rows, {one["facts"].code for one in courses})
        return rendering.render_for(
            request, profile, "exams/courses.html", {"courses": courses, "others": others}
        )
    front = next((row for row in rows if row["forms"]), None)
    context: dict[str, Any] = {"front": None, "others": rows, "chart": sample_chart(USUAL)}
    if front:
        facts = front["facts"]
        sample = samples.get(facts.code, language)
        context = {
            "front": front,
            "others": _without(rows, {facts.code}),
            "bars": weights(selectors.domains(facts, language)),
            "sample": sample,
            "check": check_of(sample.size) if sample else None,
            "demo": demo_context(sample) if sample else None,
            "chart": sample_chart(facts.scale),
            "price": offers.price_now(products.code_offers(facts.access_code).offers),
        }
    return render(request, "exams/catalog.html", context)


def _without(rows: Sequence[dict[str, Any]], codes: Collection[str]) -> list[dict[str, Any]]:
    return [row for row in rows if row["facts"].code not in codes]


def _courses(user: User, rows: Sequence[dict[str, Any]], here: Here) -> list[dict[str, Any]]:
    """Return the courses of a person with the next step of each: what they began or bought, else the first.

    What was begun last comes first.
    """
    own = attempts.own_attempts(user, NEWEST)
    access = policy.access_of_many(user, [row["facts"].access_code for row in rows])
    begun = list(dict.fromkeys(attempt.head.certification_code for attempt in own))
    mine = [
        row
        for row in rows
        if row["facts"].code in begun
        or access[row["facts"].access_code].reason in (Reason.ENTITLED, Reason.ENDED)
    ] or [row for row in rows if row["forms"]][:1]
    mine.sort(key=lambda row: begun.index(row["facts"].code) if row["facts"].code in begun else len(begun))
    return [_course(user, row, own, access[row["facts"].access_code], here) for row in mine]


def _course(
    user: User, row: dict[str, Any], own: Sequence[AttemptRow], access: Access, here: Here
) -> dict[str, Any]:
    facts = row["facts"]
    dashboard = Dashboard(user, facts.code, here)
    dashboard.facts, dashboard.forms, dashboard.access = facts, row["forms"], access
    if len(own) < NEWEST:
        dashboard.newest_attempts = [one for one in own if one.head.certification_code == facts.code]
    last = dashboard.results[0] if dashboard.results else None
    free = welcome.next_step(dashboard) if welcome.fits(dashboard) else None
    return {
        **row,
        "free": free,
        "step": None if free else next_step.panel(dashboard),
        "last": progress.attempt_context(last) if last else None,
    }


def sample_chart(scale: Scale) -> charts.Scale:
    """Return the result of nobody on a scale: just above its pass line."""
    share = Fraction(min(least_passing(SAMPLE_ITEMS, scale) + 1, SAMPLE_ITEMS), SAMPLE_ITEMS)
    band = error_band(SAMPLE_ITEMS, share, scale)
    return charts.scale(scale, scaled(share, scale), (band.low, band.high))


def _row(summary: selectors.CertificationSummary, forms: Sequence[assembly.FormFacts]) -> dict[str, Any]:
    return {
        "has_sheet": summary.facts.code in cheatsheets.known_codes(),
        "facts": summary.facts,
        "state": states.in_words(summary.facts),
        "texts": summary.texts,
        "forms": forms,
        "questions": sum(form.items for form in forms),
        "languages": formatting.languages_named(common_languages(forms) or summary.facts.languages),
    }


def weights(domains: Sequence[selectors.DomainFacts]) -> list[tuple[selectors.DomainFacts, str]]:
    """Return the domains with the width of a bar for the weight of each."""
    return [(domain, charts.weight(domain.weight_percent)) for domain in domains]


@require_safe
@gzip_page
def about(request: HttpRequest, code: str) -> HttpResponse:
    """Show the brochure of a certification, whoever asks."""
    return brochure(request, code)


def brochure(request: HttpRequest, code: str) -> HttpResponse:
    """Return what a certification is: the same for everybody, but for what is locked."""
    page = rendering.page_of(request, code)
    forms = assembly.forms(code)
    languages = common_languages(forms) or page.facts.languages
    language = get_language() or ""
    added = sections.sections(code, language)
    standing, sample = offers.standing(request, page.facts.access_code), samples.size(code)
    has_sheet = page.facts.is_listed and code in cheatsheets.known_codes()
    context = {
        "locked": standing.locked,
        "unlock": offers.panel(standing, forms, [one.amount for one in added]) if standing.locked else None,
        "page": page,
        "facts": page.facts,
        "texts": page.texts,
        # No line begins with the dash of a name.
        "name": page.texts.name.replace(" - ", "\N{NO-BREAK SPACE}- "),
        "forms": forms,
        "questions": sum(form.items for form in forms),
        "sample_size": sample.open,
        "check": check_of(sample),
        "is_shorter": any(form.items < page.facts.items_total for form in forms),
        "missing": max(page.facts.planned_forms - len(forms), 0),
        "bars": weights(page.domains),
        **_content(page, language, formatting.languages_named(languages) if forms else ""),
        "foreign": formatting.only_elsewhere(languages, language) if forms else "",
        "note": formatting.fallback_note(page.texts.language, language),
        "cut": charts.cut_unless_usual(page.facts.scale),
        "state": states.in_words(page.facts),
        "is_coming": page.facts.state in states.COMING,
        "successor": _successor(page.facts, language),
        "has_sheet": has_sheet,
        "sections": added,
        "planned": {
            part: count
            for part, count in page.facts.planned.items()
            if part not in {section.part for section in added} and not (part == "cheatsheet" and has_sheet)
        },
    }
    return rendering.render_to(request, "exams/landing.html", context)


def _successor(facts: selectors.Facts, language: str) -> selectors.CertificationSummary | None:
    """Return the successor of a retired certification where the site has it."""
    if not facts.retired_on or not facts.successor_code:
        return None
    return selectors.listed(facts.successor_code.lower(), language)


def _content(page: selectors.CertificationPage, ui_language: str, languages: str) -> dict[str, SafeString]:
    """Return the parts that are the same for everybody; `languages` of the questions, "" before there are."""
    is_over = page.facts.state is State.RETIRED
    return {
        "topics": _piece(ui_language, "topics", page),
        "details": _piece(ui_language, "details", page, is_over=is_over, languages=languages),
    }


@lru_cache(maxsize=64)
def _piece(
    ui_language: str,
    name: str,
    page: selectors.CertificationPage,
    *,
    is_over: bool = False,
    languages: str = "",
) -> SafeString:
    """Return a part as HTML, kept by what it says: whatever is published is seen at once."""
    context = {
        "page": page,
        "is_over": is_over,
        "languages": languages,
    }
    with override(ui_language):
        return render_to_string(f"exams/landing_content.html#{name}", context)


@require_safe
@cache_control(max_age=3600, public=True)
def pass_mark_css(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the place of the pass line of a certification; a style attribute is not allowed to say it."""
    facts = rendering.facts_of(request, code)
    css = f":root {{ --cut: {charts.cut(facts.scale)}; }}\n"
    return HttpResponse(css, content_type="text/css")
