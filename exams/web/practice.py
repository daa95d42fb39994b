"""Practice: choose what to drill, open an exam for it, and find the drills that run and those that ended."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import policy
from accounts.access.refusals import NoAccess
from accounts.base.errors import Refused
from accounts.payments import refunds
from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in, whole_number
from accounts.web.rendering import no_store
from exams.assembly import sample as samples
from exams.attempts import drills, pools, selectors
from exams.attempts.drills import DrillSettings
from exams.attempts.models import Feedback
from exams.attempts.pools import Pool
from exams.attempts.selectors import Drill
from exams.catalog import selectors as catalog
from exams.catalog.models import Certification
from exams.catalog.selectors import Facts
from exams.insights.dashboard import Dashboard
from exams.presentation import formatting
from exams.web import practice_choice, progress, rendering
from exams.web.practice_choice import GROUPS, Choice
from exams.web.sample import check_of

ON_A_PAGE: Final = 20
PAST: Final = 5


@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest, code: str) -> HttpResponse:
    """Show the choice, to everybody; POST opens an exam for practice, or draws a drill and leads to it."""
    if request.method == "POST":
        return _act(request, code)
    return no_store(_show(request, code, Choice.of(request.GET, is_link=True)))


@signed_in
def _act(request: SignedInRequest, code: str) -> HttpResponse:
    choice = Choice()
    try:
        if "open" in request.POST:
            return no_store(_open(request, code))
        choice = Choice.of(request.POST)
        # Without script this button counts what fits; it starts nothing.
        if "count" in request.POST:
            return no_store(_show(request, code, choice))
        started = drills.start(
            user=request.user,
            certification=drills.certification(code, request.user),
            drill_settings=choice.drill_settings,
            language=request.POST.get("language") or get_language() or "",
            holder=holder(request),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        return no_store(_show(request, code, choice, refused))
    return no_store(redirect("exams:drill", started.attempt_id))


def _open(request: SignedInRequest, code: str) -> HttpResponse:
    certification, number = drills.certification(code, request.user), _whole(request.POST["open"])
    drills.open_for_practice(user=request.user, certification=certification, number=number)
    opened = _("Exam %(number)s is open for practice. Practice uses its questions now.")
    messages.success(request, opened % {"number": number})
    return redirect("exams:practice", code)


def holder(request: HttpRequest) -> str:
    """Return the name of the session that would write."""
    if request.session.session_key is None:
        request.session.create()
    return f"session:{request.session.session_key}"


def _whole(text: str) -> int:
    number = whole_number(text, 6, None)
    if number is None:
        raise practice_choice.unreadable()
    return number


def _show(request: HttpRequest, code: str, choice: Choice, refused: Refused | None = None) -> HttpResponse:
    facts = rendering.facts_of(request, code)
    access = policy.access_of(request.user, facts.access_code)
    context: dict[str, Any] = {
        "facts": facts,
        "code": code,
        "label": facts.label,
        "access": access,
        "refused": refused,
    }
    profile = None
    if isinstance(request.user, User):
        profile = profiles.of(request.user)
        context |= _own_drills(request.user, code)
        if access:
            dashboard = Dashboard(request.user, code, rendering.here_of(profile))
            context |= _choosing(request, facts, dashboard, choice)
            context |= {
                "refund_asked": refunds.would_be_lost(request.user, access, facts.access_code),
                "ends_promise": refunds.would_end(request.user, access, facts.access_code),
            }
    if not access or context["nothing_open"]:
        sample = samples.size(code)
        own = context.get("own_check")
        # One that runs is among the drills already.
        is_listed = own and own["head"].running and not own["head"].hidden
        context |= {"sample_size": sample.open, "check": None if is_listed else check_of(sample)}
    if not access:
        context["locked_groups"] = GROUPS.values()
    status = refused.status if refused else 200
    return rendering.render_for(request, profile, "exams/practice.html", context, status)


def _own_drills(user: User, code: str) -> dict[str, Any]:
    """Return the drills that run, the newest of those that ended, and the check."""
    own = selectors.own_drills(user, code, hidden=True)
    running = [one for one in own if one.head.running and not one.head.hidden]
    past = [one for one in own if not (one.head.running or one.head.hidden)]
    return {
        "running_drills": [row_context(one) for one in running[:ON_A_PAGE]],
        "past_drills": [row_context(one) for one in past[:PAST]],
        "has_more": len(own) > min(len(running), ON_A_PAGE) + min(len(past), PAST),
        "own_check": progress.check_context(own),
    }


def _choosing(request: HttpRequest, facts: Facts, dashboard: Dashboard, choice: Choice) -> dict[str, Any]:
    """Return what may be chosen, each with its count, and the exams that it comes from."""
    language = get_language() or ""
    items = pools.items(dashboard.user, facts).values()
    exams = pools.exams(dashboard.user, facts.code)
    dashboard.facts, dashboard.domains = facts, catalog.domains(facts, language)
    tasks = catalog.task_titles(facts, language)
    shown = practice_choice.context(
        choice, items, dashboard.domains, tasks, dashboard.costliest if items else None
    )
    if len(facts.languages) > 1:
        names = [(code, name, "") for code, name in formatting.language_names(facts.languages)]
        chosen = request.POST.get("language") or language
        shown["chips"]["languages"] = practice_choice.radios("language", names, chosen)
    return {
        **shown,
        "pace": pools.slow_ms(facts),
        "exams": exams,
        # Until the first exam nothing but a check is there.
        "waiting": 0 if any(one.open for one in exams) else sum(one.items for one in exams),
        # A finished check is enough.
        "nothing_open": not items and not any(one.open for one in exams),
        "to_take": None if any(one.taking for one in exams) else next(iter(exams), None),
        # The last one is the farthest from being taken.
        "to_open": next((one for one in reversed(exams) if not (one.open or one.taking)), None),
    }


def drill_lists(request: SignedInRequest, own: Sequence[Drill]) -> dict[str, Any]:
    """Return a page of the drills that aren't hidden, those that run first; hidden ones are counted."""
    # The sort is stable, so both parts keep the newest in front.
    listed = sorted((one for one in own if not one.head.hidden), key=lambda one: not one.head.running)
    page = Paginator(listed, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [row_context(one) for one in page]
    return {
        "running_drills": [row for row in rows if row["head"].running],
        "past_drills": [row for row in rows if not row["head"].running],
        "hidden": len(own) - len(listed),
        "drill_page": page,
    }


def row_context(drill: Drill) -> dict[str, Any]:
    """Return a drill as lists show it: what it was drawn from, and how it went."""
    asked, total = drill.head.asked, drill.head.total_items
    pool = (
        gettext("Where do you stand?")
        if drill.head.is_check
        else practice_choice.pool_name(asked.get("pool", ""))
    )
    return {
        "drill": drill,
        "head": drill.head,
        "label": drill.head.certification_code.upper(),
        "address": reverse(
            "exams:drill" if drill.head.running else "exams:drill_result", args=[drill.head.attempt_id]
        ),
        "pool": pool,
        "title": _title(pool, asked),
        "answered": gettext("%(done)s of %(total)s answered") % {"done": drill.done, "total": total},
        "percent": None if drill.raw is None else round(100 * drill.raw / (counted(drill) or 1)),
    }


def _title(pool: str | Promise, asked: Mapping[str, Any]) -> str:
    """Return the name of a drill; that of the domain with most to gain is called as when it was chosen."""
    topics = [*_topics(asked)]
    if asked.get("pool") == Pool.TO_LEARN and topics:
        return practice_choice.most_to_gain(", ".join(topics))
    return ", ".join(str(part) for part in (pool, *topics) if part)


def counted(drill: Drill) -> int:
    """Return how many questions count: with feedback at once those that were answered."""
    return drill.done if drill.head.at_once else drill.head.total_items


def _topics(asked: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of the guide that a drill was limited to."""
    domains = asked.get("domains") or [asked.get("domain")]
    for number in filter(None, domains):
        yield gettext("domain %(number)s") % {"number": number}
    for code in filter(None, asked.get("tasks") or [asked.get("task")]):
        yield gettext("task %(code)s") % {"code": code}


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
            drill_settings=DrillSettings(feedback=Feedback.AT_ONCE),
            language=get_language() or "",
            holder=holder(request),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        return closed(request, refused)
    return redirect("exams:drill", started.attempt_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def check(request: SignedInRequest, code: str) -> HttpResponse:
    """Say what the check is before its clock starts; POST starts it, or goes on with the one that runs."""
    certification = drills.certification(code, request.user)
    if request.method != "POST":
        return _before_check(request, certification)
    try:
        started = drills.check_yourself(
            user=request.user,
            certification=certification,
            language=get_language() or "",
            holder=holder(request),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        return closed(request, refused, is_free=True)
    return no_store(redirect("exams:drill", started.attempt_id))


def _before_check(request: SignedInRequest, certification: Certification) -> HttpResponse:
    """Show the start page of the check. Raises Http404 where the sample is too short for one."""
    check = check_of(samples.size(certification.code))
    if not check:
        raise Http404
    own = progress.own_check(request.user, certification.code)
    if own and own["head"].running:
        return no_store(redirect("exams:drill", own["head"].attempt_id))
    context = {
        "code": certification.code,
        "label": certification.code.upper(),
        "vendor": certification.vendor,
        "check": {**check, "minutes": drills.check_minutes(request.user, certification)},
        "is_first": own is None,
    }
    return no_store(rendering.render_to(request, "exams/check_start.html", context))


def closed(request: SignedInRequest, refused: Refused, *, is_free: bool = False) -> HttpResponse:
    """Say on a page of its own why something is not shown or done; what is free needs no offer."""
    context = {"refused": refused, "locked": isinstance(refused, NoAccess) and not is_free}
    return no_store(rendering.render_to(request, "exams/closed.html", context, refused.status))
