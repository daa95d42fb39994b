"""The page before an exam: what it will be like, and the button that starts the clock."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import ResolverMatch
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from accounts.access import policy, products
from accounts.access.refusals import NoAccess
from accounts.base.errors import Refused
from accounts.payments import refunds
from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.users.requests import or_404
from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.attempts import lifecycle
from exams.attempts import selectors as attempts
from exams.catalog import selectors as catalog
from exams.content.records import SAMPLE_CHECK
from exams.presentation import charts, formatting, states
from exams.web import offers, progress, rendering
from exams.web.practice import holder


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show what the exam will be like; POST starts it, or goes on with the one that runs."""
    if request.method == "POST" and isinstance(request.user, User):
        return _begin(request, request.user, code, number)
    return _show(request, code, number)


def _begin(request: HttpRequest, user: User, code: str, number: int) -> HttpResponse:
    try:
        started = lifecycle.start_form(
            user,
            lifecycle.form_of(user, certification__code=code, number=number),
            request.POST.get("language", ""),
            holder=holder(request),
        )
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            raise Http404 from refused
        return _show(request, code, number, refused)
    return redirect("exams:taking", started.attempt_id)


def _show(request: HttpRequest, code: str, number: int, refused: Refused | None = None) -> HttpResponse:
    form, facts = or_404(assembly.form(code, number)), rendering.facts_of(request, code)
    if isinstance(request.user, User):
        return _show_to(request, request.user, facts, form, refused)
    context = {
        **_facts(facts, form),
        "entry": "sign-in",
        "minutes": form.minutes,
        "is_locked": products.code_offers(facts.access_code).closed,
        "sample_size": samples.size(code).open,
    }
    # A visitor who sends the form had a session when the page was made: it says how to go on.
    return render(request, "exams/start.html", context, status=401 if request.method == "POST" else 200)


def _show_to(
    request: HttpRequest,
    user: User,
    facts: catalog.Facts,
    form: assembly.FormFacts,
    refused: Refused | None,
) -> HttpResponse:
    profile = profiles.of(user)
    minutes = profiles.extended(form.minutes, facts.accommodation_minutes, profile.accommodation)
    own = attempts.of_form(user, form.id)
    refusal = refused if isinstance(refused, NoAccess) else None
    access = refusal.access if refusal else policy.access_of(user, facts.access_code)
    check = progress.own_check(user, facts.code) if offers.is_locked(access) else None
    # Only who is new here is led to the sample.
    is_known = bool(access or check or own.running or own.seen or own.has_result)
    context = {
        **_facts(facts, form),
        "entry": "open" if access else "offer" if offers.is_locked(access) else "verify",
        "access": access,
        "refund_asked": refunds.would_be_lost(user, access, facts.access_code),
        "ends_promise": refunds.would_end(user, access, facts.access_code),
        "minutes": minutes,
        "extra": minutes - form.minutes,
        "pace": formatting.pace(minutes * 60 // form.items),
        "language": _language(profile.content_language or get_language() or "", form),
        "running": own.running,
        "elsewhere": [_elsewhere(head) for head in own.elsewhere],
        "own": own,
        "seen": own.seen,
        "refused": refused,
        "own_check": check,
        "sample_size": 0 if is_known else samples.size(facts.code).open,
    }
    return rendering.render_for(
        request, profile, "exams/start.html", context, refused.status if refused else 200
    )


def _elsewhere(head: attempts.Head) -> dict[str, Any]:
    return {"head": head, "title": formatting.exam_title(head.certification_code, head.form_number)}


def _facts(facts: catalog.Facts, form: assembly.FormFacts) -> dict[str, Any]:
    return {
        "facts": facts,
        "state": states.in_a_sentence(facts),
        "planned": states.planned_amounts(facts, without="exam_fee_usd"),
        "form": form,
        "title": formatting.exam_title(facts.code, form.number),
        "pace": formatting.pace(form.minutes * 60 // form.items),
        "name": formatting.exam_name(form.number),
        "languages": formatting.language_names(form.languages),
        "foreign": formatting.only_elsewhere(form.languages, get_language() or ""),
        "cut": charts.cut_unless_usual(facts.scale),
    }


def _language(language: str, form: assembly.FormFacts) -> str:
    """Return the wanted language where the form has it, else that of its first paper in site order."""
    if language in form.languages:
        return language
    return next((code for code in formatting.site_order(form.languages)), language)


def name_of(match: ResolverMatch) -> str:
    """Return the name of the exam or the check whose page it is, or "" when it is neither."""
    if match.view_name == "exams:check" and samples.size(match.kwargs["code"]).has_check:
        return gettext("%(total)d free questions") % {"total": SAMPLE_CHECK}
    if match.view_name != "exams:start":
        return ""
    form = assembly.form(match.kwargs["code"], match.kwargs["number"])
    return formatting.exam_title(form.certification_code, form.number) if form else ""
