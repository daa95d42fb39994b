"""The page before an exam: what it will be like, and the button that starts the clock."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.access import policy, products
from accounts.access.refusals import NoAccess
from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.attempts import lifecycle
from exams.attempts import selectors as attempts
from exams.catalogue.selectors import CertificationPage
from exams.presentation import charts, formatting
from exams.web import offers, rendering
from exams.web.catalogue import page_of


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show what the exam will be like; POST starts it, or goes on with the one that runs."""
    form = assembly.form(code, number)
    if form is None:
        raise Http404
    if request.method == "POST" and isinstance(request.user, User):
        return _begin(request, request.user, form)
    page = page_of(request, code)
    if not isinstance(request.user, User):
        context = {
            **_facts(page, form),
            "entry": "sign-in",
            "minutes": form.minutes,
            "closed": products.shelf(page.facts.access_code).closed,
        }
        return render(request, "exams/start.html", context, status=401 if request.method == "POST" else 200)
    return _show(request, request.user, page, form)


def _begin(request: HttpRequest, user: User, form: assembly.FormFacts) -> HttpResponse:
    if request.session.session_key is None:
        request.session.create()
    try:
        started = lifecycle.start(
            user=user,
            form_id=form.id,
            language=_language(request.POST.get("language", ""), form),
            holder=f"session:{request.session.session_key}",
        )
    except Refused as refused:
        return _show(request, user, page_of(request, form.certification_code), form, refused)
    return redirect("exams:taking", started.attempt_id)


def _show(
    request: HttpRequest,
    user: User,
    page: CertificationPage,
    form: assembly.FormFacts,
    refused: Refused | None = None,
) -> HttpResponse:
    profile = profiles.of(user)
    minutes = profiles.extended(form.minutes, page.facts.accommodation_minutes, profile.accommodation)
    own = attempts.of_form(user, form.id)
    refusal = refused if isinstance(refused, NoAccess) else None
    access = refusal.access if refusal else policy.access_of(user, page.facts.access_code)
    context = {
        **_facts(page, form),
        "entry": "open" if access else "offer" if offers.is_locked(access) else "verify",
        "access": access,
        "minutes": minutes,
        "extra": minutes - form.minutes,
        "pace": formatting.pace(minutes * 60 // form.items),
        "language": _language(profile.content_language or get_language() or "", form),
        "running": own.running,
        "elsewhere": [_elsewhere(head) for head in attempts.running_elsewhere(user, form.id)],
        "own": own,
        "seen": own.seen,
        "refused": refused,
    }
    return rendering.render_for(
        request, profile, "exams/start.html", context, refused.status if refused else 200
    )


def _elsewhere(head: attempts.Head) -> dict[str, Any]:
    return {"head": head, "title": formatting.exam_title(head.certification_code, head.form_number)}


def _facts(page: CertificationPage, form: assembly.FormFacts) -> dict[str, Any]:
    facts = page.facts
    return {
        "facts": facts,
        "form": form,
        "title": formatting.exam_title(facts.code, form.number),
        "pace": formatting.pace(form.minutes * 60 // form.items),
        "name": formatting.exam_name(form.number),
        "languages": formatting.language_names(form.languages),
        "foreign": formatting.only_elsewhere(form.languages, get_language() or ""),
        "sample_size": samples.size(facts.code),
        "cut": charts.cut_unless_usual(facts.pass_mark, facts.scale_min, facts.scale_max),
    }


def _language(wanted: str, form: assembly.FormFacts) -> str:
    """Return the wanted language where the form has it, else that of its first paper in site order."""
    if wanted in form.languages:
        return wanted
    return next((code for code in formatting.site_order(form.languages)), wanted)
