"""The public pages: the list of certifications, the page of each, and where its pass line lies."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.attempts import selectors as attempts
from exams.attempts.selectors import AttemptRow
from exams.catalog import selectors
from exams.cheatsheet import selectors as cheatsheets
from exams.content.states import State
from exams.insights.dashboard import NEWEST, Dashboard
from exams.presentation import charts, formatting, sections, states
from exams.presentation.before_paying import common_languages
from exams.scoring.error_band import error_band, least_passing
from exams.scoring.rules import Scale, scaled
from exams.web import next_step, offers, progress, rendering
from exams.web.sample import CHECK, question_context

# A result to show before there is one: of so many questions one more is correct than passes.
SAMPLE_ITEMS: Final = 50
USUAL: Final = Scale(100, 1000, 750)


def facts_of(request: HttpRequest, code: str) -> selectors.Facts:
    """Return the facts of a certification. Raises Http404 when who asks finds none."""
    facts = selectors.facts(code, request.user)
    if facts is None:
        raise Http404
    return facts


def page_of(request: HttpRequest, code: str) -> selectors.CertificationPage:
    """Return the certification in the language of the request.

    Raises Http404 when there is none, or none that who asks finds.
    """
    page = selectors.certification(code, get_language() or "", request.user)
    if page is None:
        raise Http404
    return page


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """List the certifications; a visitor meets a question of the sample, a person their next step."""
    language = get_language() or ""
    forms = assembly.forms_by_code()
    summaries = selectors.certifications(language)
    taught = cheatsheets.known_codes()
    own = attempts.latest_attempts(request.user, NEWEST) if isinstance(request.user, User) else []
    chosen = own[0].head.certification_code if own else _first(summaries, forms)
    sample = samples.get(chosen, language) if chosen and not request.user.is_authenticated else None
    context = {
        "rows": [
            _row(summary, forms.get(summary.facts.code, []), has_sheet=summary.facts.code in taught)
            for summary in summaries
        ],
        "chart": sample_chart(
            next((_scale(one.facts) for one in summaries if one.facts.code == chosen), USUAL)
        ),
        "sample": question_context(sample, ()) if sample else None,
        "code": chosen,
    }
    if not isinstance(request.user, User):
        return render(request, "exams/catalog.html", context)
    # `/` has chosen its language by the profile already.
    profile = getattr(request, "profile", None) or profiles.of(request.user)
    dashboard = Dashboard(request.user, chosen, rendering.here_of(profile))
    dashboard.rows = own
    if facts := next((one.facts for one in summaries if one.facts.code == chosen), None):
        dashboard.facts, dashboard.forms = facts, forms.get(chosen, [])
    return rendering.render_for(request, profile, "exams/catalog.html", {**context, **_own(dashboard)})


def _scale(facts: selectors.Facts) -> Scale:
    return Scale(facts.scale_min, facts.scale_max, facts.pass_mark)


def sample_chart(scale: Scale) -> charts.Scale:
    """Return the result of nobody on a scale: just above its pass line."""
    share = Fraction(min(least_passing(SAMPLE_ITEMS, scale) + 1, SAMPLE_ITEMS), SAMPLE_ITEMS)
    band = error_band(SAMPLE_ITEMS, share, scale)
    return charts.scale(
        score=scaled(share, scale),
        mark=scale.pass_mark,
        low=scale.low,
        high=scale.high,
        band=(band.low, band.high),
    )


def _own(dashboard: Dashboard) -> dict[str, Any]:
    """Return what a public page shows to a person: their next step and their last result."""
    if not dashboard.facts:
        return {}
    last = dashboard.results[0] if dashboard.results else None
    return {
        "act": dashboard.step.act,
        "step": next_step.panel(dashboard),
        "last": progress.attempt_context(last) if last else None,
        "last_chart": progress.scale_of(last) if last else None,
    }


def _first(
    summaries: Sequence[selectors.CertificationSummary], forms: Mapping[str, Sequence[assembly.FormFacts]]
) -> str:
    """Return the code of the first certification with an exam, "" where there is none."""
    return next((summary.facts.code for summary in summaries if summary.facts.code in forms), "")


def _row(
    summary: selectors.CertificationSummary, forms: Sequence[assembly.FormFacts], *, has_sheet: bool
) -> dict[str, Any]:
    return {
        "has_sheet": has_sheet,
        "facts": summary.facts,
        "state": states.in_words(summary.facts),
        "texts": summary.texts,
        "forms": len(forms),
        "languages": formatting.languages_named(common_languages(forms) or summary.facts.languages),
    }


@require_safe
@gzip_page
def about(request: HttpRequest, code: str) -> HttpResponse:
    """Show the brochure of a certification, whoever asks."""
    return brochure(request, code)


def brochure(request: HttpRequest, code: str) -> HttpResponse:
    """Return one certification: its exams, topics, weights and facts; to a person, how far they are."""
    page = page_of(request, code)
    forms = assembly.forms(code)
    own = attempts.own_attempts(request.user, code=code) if isinstance(request.user, User) else []
    languages = common_languages(forms) or page.facts.languages
    language = get_language() or ""
    added = sections.sections(code, language)
    standing, sample = offers.standing(request, page.facts.access_code), samples.size(code)
    context = {
        "locked": standing.locked,
        "unlock": _unlock(standing, page, forms) if standing.locked else None,
        "page": page,
        "facts": page.facts,
        "texts": page.texts,
        # No line begins with the dash of a name.
        "name": page.texts.name.replace(" - ", "\N{NO-BREAK SPACE}- "),
        "rows": _form_rows(own, forms),
        "first": forms[0] if forms else None,
        "is_new": not own,
        "sample_size": sample.open,
        "check": CHECK if sample.has_check else None,
        "own_check": progress.own_check(request.user, code) if sample.has_check else None,
        "is_shorter": any(form.items < page.facts.items_total for form in forms),
        "missing": max(page.facts.planned_forms - len(forms), 0),
        "languages": formatting.languages_named(languages),
        **_content(page, language, formatting.languages_named(languages) if forms else ""),
        "foreign": formatting.only_elsewhere(languages, language) if forms else "",
        "note": formatting.fallback_note(page.texts.language, language),
        "cut": charts.cut_unless_usual(page.facts.pass_mark, page.facts.scale_min, page.facts.scale_max),
        "state": states.in_words(page.facts),
        "is_coming": page.facts.state in states.COMING,
        "successor": _successor(page.facts, language),
        "here": page.facts.label,
        "sheet": _sheet(code, language),
        "sections": added,
        "planned": {
            part: count
            for part, count in page.facts.planned.items()
            if part not in {section.part for section in added}
        },
    }
    if not isinstance(request.user, User):
        return render(request, "exams/landing.html", context)
    profile = profiles.of(request.user)
    dashboard = Dashboard(request.user, code, rendering.here_of(profile))
    dashboard.facts, dashboard.domains, dashboard.access = page.facts, page.domains, standing.access
    dashboard.forms, dashboard.rows, dashboard.sample_size = forms, own, sample.open
    return rendering.render_for(request, profile, "exams/landing.html", {**context, **_own(dashboard)})


def _successor(facts: selectors.Facts, language: str) -> selectors.CertificationSummary | None:
    """Return the successor of a retired certification where the site has it."""
    if not facts.retired_on or not facts.successor_code:
        return None
    return selectors.listed(facts.successor_code.lower(), language)


def _content(page: selectors.CertificationPage, ui_language: str, languages: str) -> dict[str, SafeString]:
    """Return the parts that are the same for everybody; `languages` of the questions, "" before there are."""
    is_over = page.facts.state is State.RETIRED
    return {
        "weights": _piece(ui_language, "weights", page),
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
        "bars": [(domain, charts.weight(domain.weight_percent)) for domain in page.domains],
        "is_over": is_over,
        "languages": languages,
    }
    with override(ui_language):
        return render_to_string(f"exams/landing_content.html#{name}", context)


def _unlock(
    standing: offers.Standing, page: selectors.CertificationPage, forms: Sequence[assembly.FormFacts]
) -> dict[str, Any]:
    code = page.facts.code
    return offers.panel(standing, len(forms), sections.contents([code]).get(code, []))


def _sheet(code: str, language: str) -> dict[str, Any] | None:
    """Return what the page says of the cheat sheet, or None where there is none."""
    head = cheatsheets.current(code, language)
    if head is None:
        return None
    lang = "" if head.language == language else head.language
    return {"lang": lang, "sections": cheatsheets.sections(head.edition_id)}


def _form_rows(own: Sequence[AttemptRow], forms: Sequence[assembly.FormFacts]) -> list[dict[str, Any]]:
    taken: dict[int, list[AttemptRow]] = {}
    for row in own:
        taken.setdefault(row.head.form_id, []).append(row)
    return [
        {
            "form": form,
            "title": formatting.exam_name(form.number),
            "running": any(row.head.running for row in taken.get(form.id, [])),
            "best": progress.best(taken.get(form.id, [])),
            "stopped": any(row.stopped_early for row in taken.get(form.id, [])),
        }
        for form in forms
    ]


@require_safe
@cache_control(max_age=3600, public=True)
def pass_mark_css(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the place of the pass line of a certification; a style attribute is not allowed to say it."""
    facts = facts_of(request, code)
    cut = charts.cut(facts.pass_mark, facts.scale_min, facts.scale_max)
    return HttpResponse(f":root {{ --cut: {cut}; }}\n", content_type="text/css")
