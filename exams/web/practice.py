"""Practice: choose what to drill, open an exam for it, and find the drills that run and those that ended."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import policy
from accounts.access.refusals import NoAccess
from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import drill_reads, drills, pools
from exams.attempts.drill_reads import Drill
from exams.attempts.drills import Options, StartedDrill
from exams.attempts.models import Feedback
from exams.catalogue import selectors as catalogue
from exams.presentation import formatting
from exams.web import rendering
from exams.web.drill_form import POOLS, DrillForm

CHOSEN: Final = ("pool", "domain", "task", "difficulty")
"""What a link to the page may choose; what the lists do not have chooses nothing."""


def no_store(response: HttpResponse) -> HttpResponse:
    """Forbid keeping what is about a person."""
    response["Cache-Control"] = "no-store, private"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def practice(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the choice; POST opens an exam for practice, or draws a drill and leads to it."""
    is_drill = request.method == "POST" and "open" not in request.POST
    form = DrillForm(request.POST.dict() if is_drill else None, _wanted(request))
    refused: Refused | None = None
    if request.method == "POST" and (not is_drill or form.is_valid()):
        try:
            return no_store(_act(request, code, form.options() if is_drill else None))
        except Refused as refusal:
            if refusal.status == 404:
                raise
            refused = refusal
    return no_store(_show(request, code, form, refused))


def _act(request: SignedInRequest, code: str, options: Options | None) -> HttpResponse:
    certification, sent = drills.certification(code, request.user), request.POST
    if options is None:
        number = _whole(sent["open"])
        drills.open_for_practice(user=request.user, certification=certification, number=number)
        opened = _("Exam %(number)s is open for practice. Drills use its questions now.")
        messages.success(request, opened % {"number": number})
        return redirect("exams:practice", code)
    started = drills.start(
        user=request.user,
        certification=certification,
        options=options,
        language=sent.get("language") or get_language() or "",
        holder=holder(request),
    )
    _tell_if_small(request, started, options)
    return redirect("exams:drill", started.attempt_id)


def _tell_if_small(request: SignedInRequest, started: StartedDrill, asked: Options) -> None:
    """Say that fewer questions matched than were asked for. The page of an exam has no place for it."""
    total = started.drawn
    if total < asked.number and asked.feedback == Feedback.AT_ONCE:
        said = ngettext(
            "Only %(count)d question matches, so the drill is shorter than you asked for.",
            "Only %(count)d questions match, so the drill is shorter than you asked for.",
            total,
        )
        messages.info(request, said % {"count": total})


def holder(request: SignedInRequest) -> str:
    """Return the name of the session that would write."""
    if request.session.session_key is None:
        request.session.create()
    return f"session:{request.session.session_key}"


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise _unreadable()
    return int(text)


def _unreadable() -> Refused:
    return Refused("invalid", 422, _("Enter whole numbers, and choose from the lists."))


def _show(request: SignedInRequest, code: str, form: DrillForm, refused: Refused | None) -> HttpResponse:
    page = catalogue.certification(code, get_language() or "", request.user)
    if page is None:
        raise Http404
    form.offer(page)
    own = drill_reads.own_drills(request.user, code, hidden=True)
    shown = [row_context(one) for one in own if not one.head.hidden]
    exams = pools.exams(request.user, code)
    refusal = refused if isinstance(refused, NoAccess) else None
    access = refusal.access if refusal else policy.access_of(request.user, page.facts.access_code)
    context = {
        "facts": page.facts,
        "label": page.facts.label,
        "access": access,
        "form": form,
        "exams": exams,
        "nothing_open": not any(one.open for one in exams),
        "languages": formatting.language_names(page.facts.languages),
        "language": request.POST.get("language") or get_language(),
        "refused": refused,
        "running": [row for row in shown if row["head"].running],
        "past": [row for row in shown if not row["head"].running],
        "hidden": len(own) - len(shown),
    }
    status = refused.status if refused else 422 if form.errors else 200
    return rendering.render_for(
        request, rendering.profile_of(request), "exams/practice.html", context, status
    )


def _wanted(request: SignedInRequest) -> dict[str, str]:
    """Return what a link to this page has chosen already. It starts nothing."""
    return {name: request.GET[name] for name in CHOSEN if name in request.GET}


def row_context(one: Drill) -> dict[str, Any]:
    """Return a drill as lists show it: what it was drawn from, and how it went."""
    asked = one.head.asked
    pool = POOLS.get(asked.get("pool", ""), "")
    return {
        "drill": one,
        "head": one.head,
        "label": one.head.certification_code.upper(),
        "pool": pool,
        "title": ", ".join(str(part) for part in (pool, _topic(asked)) if part),
        "percent": round(100 * one.share) if one.share is not None else None,
    }


def _topic(asked: Mapping[str, Any]) -> str:
    """Return the part of the guide that a drill was limited to, or nothing."""
    if asked.get("task"):
        return gettext("task statement %(code)s") % {"code": asked["task"]}
    if asked.get("domain"):
        return gettext("domain %(number)s") % {"number": asked["domain"]}
    return ""


@require_POST
@signed_in
def again(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Start a drill of the questions of an attempt that ended, of all or of those sent; lead to it."""
    try:
        sent = request.POST.get("positions", "")
        positions = [_whole(one) for one in sent.split(",")] if sent else []
        started = drills.again(
            user=request.user,
            attempt_id=attempt_id,
            positions=positions or None,
            options=Options(feedback=Feedback.AT_ONCE),
            language=get_language() or "",
            holder=holder(request),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        return closed(request, refused)
    return redirect("exams:drill", started.attempt_id)


def closed(request: SignedInRequest, refused: Refused) -> HttpResponse:
    """Say on a page of its own why something is not shown or done."""
    context = {"refused": refused, "locked": isinstance(refused, NoAccess)}
    profile = rendering.profile_of(request)
    return no_store(rendering.render_for(request, profile, "exams/closed.html", context, refused.status))
