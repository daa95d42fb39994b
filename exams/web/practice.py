"""Practice: choose what to drill, open an exam for it, and find the drills that run and those that ended."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import policy
from accounts.access.refusals import NoAccess
from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import drills, pools, selectors
from exams.attempts.drills import DAYS_MAX, MINUTES, NUMBER, Options, StartedDrill
from exams.attempts.models import Feedback
from exams.attempts.pools import Filters, Pool
from exams.attempts.selectors import Drill
from exams.catalog import selectors as catalog
from exams.catalog.selectors import DomainFacts
from exams.presentation import formatting
from exams.web import rendering
from exams.web.review import DIFFICULTIES

POOLS: Final[Mapping[str, Promise]] = {
    Pool.ALL: gettext_lazy("All questions"),
    Pool.NEW: gettext_lazy("New to me"),
    Pool.MISSED: gettext_lazy("Missed last time"),
    Pool.FLAGGED: gettext_lazy("Flagged"),
    Pool.UNSURE: gettext_lazy("Unsure or guessed"),
    Pool.SLOW: gettext_lazy("Slower than the pace of the exam"),
}
FEEDBACKS: Final[Mapping[str, Promise]] = {
    Feedback.AT_ONCE: gettext_lazy("After each question"),
    Feedback.AT_END: gettext_lazy("At the end"),
}
NOTHING_YET: Final = {"number": "10", "minutes": "0", "days": "0", "feedback": Feedback.AT_ONCE.value}
NOT_SENT: Final = {"pool": Pool.ALL.value, **NOTHING_YET}
SELECTED: Final = mark_safe(" selected")
DOMAIN_MOST: Final = 999_999

_CHOOSE: Final = gettext_lazy("Choose one from the list.")
_WHOLE: Final = gettext_lazy("Enter a whole number.")
_FAULTS_OF_CHOICE: Final = (
    *("required", "invalid", "invalid_choice", "min_value", "max_value"),
    "null_characters_not_allowed",
)
_NO_CHOICE: Final = dict.fromkeys(_FAULTS_OF_CHOICE, _CHOOSE)
_NO_NUMBER: Final = {"required": _WHOLE, "invalid": _WHOLE}
_NUMBER_SHAPE: Final = re.compile(r"-?[0-9]+")


# Both are rendered by one function each: Django renders a template for each field and each of 40 options.
class NumberInput(forms.NumberInput):
    """A field for a number that also shows a refused entry that is none."""

    def render(
        self,
        name: str,
        value: Any,  # noqa: ANN401
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Render a text field around what is no number: browsers leave such a number field empty."""
        shape = {"type": "number", **self.attrs}
        if not (value is None or _NUMBER_SHAPE.fullmatch(str(value))):
            shape = {key: one for key, one in self.attrs.items() if key not in ("min", "max")}
            shape |= {"type": "text", "inputmode": "numeric"}
        stated = {} if value in (None, "") else {"value": str(value)}
        return format_html("<input{}>", flatatt({"name": name, **shape, **stated, **(attrs or {})}))


class Select(forms.Select):
    """A list to choose from."""

    def render(
        self,
        name: str,
        value: Any,  # noqa: ANN401
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Render the list with what is chosen."""
        chosen = frozenset(str(one) for one in self.format_value(value))
        options = _options(tuple((str(key), str(label)) for key, label in self.choices), chosen)
        attributes = flatatt({"name": name, **self.attrs, **(attrs or {})})
        return format_html("<select{}>{}</select>", attributes, options)


# Domains and task statements are forty lines, the same for everybody.
@lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, str], ...], chosen: frozenset[str]) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, SELECTED if key in chosen else "", label) for key, label in choices),
    )


class DrillForm(forms.Form):
    """What a person asks for. What is not sent is as on a fresh page; domain and task may be unknown ones."""

    pool = forms.ChoiceField(
        label=gettext_lazy("Questions"),
        choices=tuple(POOLS.items()),
        widget=Select,
        error_messages=_NO_CHOICE,
    )
    domain = forms.IntegerField(
        label=gettext_lazy("Domain"),
        widget=Select,
        required=False,
        min_value=0,
        max_value=DOMAIN_MOST,
        error_messages=_NO_CHOICE,
    )
    task = forms.CharField(
        label=gettext_lazy("Task statement"), widget=Select, required=False, error_messages=_NO_CHOICE
    )
    difficulty = forms.ChoiceField(
        label=gettext_lazy("Difficulty"), widget=Select, required=False, error_messages=_NO_CHOICE
    )
    number = forms.IntegerField(
        widget=NumberInput({"min": NUMBER[0], "max": NUMBER[1]}), error_messages=_NO_NUMBER
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Time limit in minutes (0 for none)"),
        widget=NumberInput({"min": 0, "max": MINUTES[1]}),
        error_messages=_NO_NUMBER,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Leave out questions seen within this many days (0 for none)"),
        widget=NumberInput({"min": 0, "max": DAYS_MAX}),
        error_messages=_NO_NUMBER,
    )
    feedback = forms.ChoiceField(
        label=gettext_lazy("Show answers"),
        choices=tuple(FEEDBACKS.items()),
        widget=forms.RadioSelect,
        error_messages=_NO_CHOICE,
    )

    def __init__(self, sent: Mapping[str, str] | None, chosen: Mapping[str, str]) -> None:
        data = None if sent is None else {**NOT_SENT, **sent}
        super().__init__(data, initial={**NOTHING_YET, **chosen}, auto_id="%s")
        difficulty = cast(forms.ChoiceField, self.fields["difficulty"])
        difficulty.choices = [("", gettext("All difficulties")), *DIFFICULTIES.items()]
        self.fields["number"].label = gettext("Number of questions (%(least)s to %(most)s)") % {
            "least": NUMBER[0],
            "most": NUMBER[1],
        }

    def offer(self, domains: Iterable[DomainFacts], tasks: Iterable[tuple[str, str]]) -> None:
        """Let domains and tasks of a certification be chosen. Only a form that is shown needs them."""
        named = [(str(domain.number), f"{domain.number}. {domain.name}") for domain in domains]
        self._choose_from("domain", gettext("All domains"), named)
        titled = [(code, f"{code} {title}") for code, title in tasks]
        self._choose_from("task", gettext("All task statements"), titled)

    def _choose_from(self, name: str, everything: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.Select, self.fields[name].widget).choices = [("", everything), *choices]

    def clean(self) -> dict[str, Any]:
        """Say at each field whose number cannot be which ones can; lead to the first that was refused."""
        for refused in drills.faults(self.options()):
            if (name := refused.extra["field"]) not in self.errors:
                self.add_error(name, str(refused))
        if first := next((name for name in self.fields if name in self.errors), None):
            self.fields[first].widget.attrs["autofocus"] = True
        return self.cleaned_data

    def options(self) -> Options:
        """Return what was asked for; what is no answer to its field is as on a fresh page."""
        asked = {**NOT_SENT, **self.cleaned_data}
        filters = Filters(
            pool=Pool(asked["pool"]),
            domain=asked.get("domain"),
            task=asked.get("task") or None,
            difficulty=asked.get("difficulty") or None,
            days=int(asked["days"]),
        )
        return Options(filters, int(asked["number"]), int(asked["minutes"]), Feedback(asked["feedback"]))


ON_A_PAGE: Final = 20
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
        text = ngettext(
            "Only %(count)d question matches, so the drill is shorter than you asked for.",
            "Only %(count)d questions match, so the drill is shorter than you asked for.",
            total,
        )
        messages.info(request, text % {"count": total})


def holder(request: HttpRequest) -> str:
    """Return the name of the session that would write."""
    if request.session.session_key is None:
        request.session.create()
    return f"session:{request.session.session_key}"


def _whole(text: str) -> int:
    # Bounded before int(), which takes digits of other scripts and without end.
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise _unreadable()
    return int(text)


def _unreadable() -> Refused:
    return Refused("invalid", 422, _("Enter whole numbers, and choose from the lists."))


def _show(request: SignedInRequest, code: str, form: DrillForm, refused: Refused | None) -> HttpResponse:
    facts, language = catalog.facts(code, request.user), get_language() or ""
    if facts is None:
        raise Http404
    form.offer(catalog.domains(facts, language), catalog.task_titles(facts, language))
    own = selectors.own_drills(request.user, code, hidden=True)
    exams = pools.exams(request.user, code)
    refusal = refused if isinstance(refused, NoAccess) else None
    access = refusal.access if refusal else policy.access_of(request.user, facts.access_code)
    context = {
        "facts": facts,
        "label": facts.label,
        "access": access,
        "form": form,
        "exams": exams,
        "nothing_open": not any(one.open for one in exams),
        "languages": formatting.language_names(facts.languages),
        "language": request.POST.get("language") or get_language(),
        "refused": refused,
        **drill_lists(request, own),
    }
    status = refused.status if refused else 422 if form.errors else 200
    return rendering.render_to(request, "exams/practice.html", context, status)


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


def _wanted(request: SignedInRequest) -> dict[str, str]:
    """Return what a link to this page has chosen already. It starts nothing."""
    return {name: request.GET[name] for name in CHOSEN if name in request.GET}


def row_context(drill: Drill) -> dict[str, Any]:
    """Return a drill as lists show it: what it was drawn from, and how it went."""
    asked = drill.head.asked
    pool = gettext("Check yourself") if drill.head.is_check else POOLS.get(asked.get("pool", ""), "")
    return {
        "drill": drill,
        "head": drill.head,
        "label": drill.head.certification_code.upper(),
        "address": reverse(
            "exams:drill" if drill.head.running else "exams:drill_result", args=[drill.head.attempt_id]
        ),
        "pool": pool,
        "title": ", ".join(str(part) for part in (pool, _topic(asked)) if part),
        "answered": gettext("%(done)s of %(total)s answered")
        % {"done": drill.done, "total": drill.head.total_items},
        "percent": round(100 * drill.share) if drill.share is not None else None,
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


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def check(request: SignedInRequest, code: str) -> HttpResponse:
    """Start a check of the free sample, or go on with the one that runs; a look leads to the certification.

    Whoever pressed the button after their session had ended comes here from the sign-in page.
    """
    if request.method != "POST":
        return redirect("exams:landing", code)
    try:
        started = drills.check_yourself(
            user=request.user,
            certification=drills.certification(code, request.user),
            language=get_language() or "",
            holder=holder(request),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        return closed(request, refused, is_free=True)
    return no_store(redirect("exams:drill", started.attempt_id))


def closed(request: SignedInRequest, refused: Refused, *, is_free: bool = False) -> HttpResponse:
    """Say on a page of its own why something is not shown or done; what is free needs no offer."""
    context = {"refused": refused, "locked": isinstance(refused, NoAccess) and not is_free}
    return no_store(rendering.render_to(request, "exams/closed.html", context, refused.status))
