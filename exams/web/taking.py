"""Taking an exam: the page with the whole paper, and one question a request without JavaScript.

A drill with feedback at the end is taken on the same pages: their addresses say which of both it is. It may
have no time limit, and leaves out questions that an exam holds which the person is taking. One with feedback
at once has its own page, to which the addresses of a question and of the end lead.
"""

import functools
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from math import ceil
from typing import Any, Concatenate, Final, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, SignedInView, or_404, signed_in
from accounts.web.rendering import no_store
from exams.assembly import papers
from exams.assembly.papers import PaperItem
from exams.attempts import lifecycle, selectors
from exams.attempts.answers import Change
from exams.attempts.models import EndReason, Mode, State
from exams.attempts.selectors import DrillHead, Head, Taking
from exams.kinds.kinds import FIRST, KINDS, Progress
from exams.presentation import formatting, items
from exams.web import offline, page_cache, rendering
from exams.web.script_messages import script_messages, too_few
from i18n import languages

LOW_SECONDS: Final = 5 * 60
MODULES: Final = tuple(f"js/attempt/{name}.js" for name in ("page", "sender", "looks", "offline"))
ENDED: Final = ("attempt_closed", "late")
LEVELS: Final = ("1", "2", "3")
NOTHING: Final = ((), False, None)
REFUSAL_KEY: Final = "refused_answer"
# The addresses by page. All take the attempt first.
PAGES: Final[Mapping[Mode, Mapping[str, str]]] = {
    Mode.EXAM: {
        name: f"exams:{name}" for name in ("taking", "question", "submit", "result", "cancel", "paper")
    },
    Mode.DRILL: {
        "taking": "exams:drill",
        "question": "exams:drill_question",
        "submit": "exams:drill_submit",
        "result": "exams:drill_result",
    },
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something sent without script was refused, in the reader's language, and what had been chosen."""

    problem: str
    selected: tuple[int, ...] = ()
    confidence: int | None = None


type AttemptView[**P] = Callable[Concatenate[SignedInRequest, Taking, P], HttpResponse]


def own_attempt[**P](view: AttemptView[P]) -> Callable[..., HttpResponse]:
    """Read what a signed-in person is taking, once, for a view; the reply is never kept.

    An address names an exam `attempt_id` and a drill `drill_id`. Answers 404 where there is none. What has
    ended is led to its result, a drill with feedback at once to its page.
    """

    @wraps(view)
    def guarded(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        mode = Mode.DRILL if "drill_id" in kwargs else Mode.EXAM
        attempt_id = cast(UUID, kwargs.pop("drill_id" if mode == Mode.DRILL else "attempt_id"))
        try:
            attempt = selectors.taking(request.user, attempt_id, mode)
            if isinstance(attempt.head, DrillHead) and attempt.head.at_once:
                raise lifecycle.no_leases()
            response = view(request, attempt, *args, **kwargs)
        except Refused as refused:
            if refused.code == "feedback_at_once":
                response = redirect("exams:drill", attempt_id)
            elif refused.code in ENDED:
                response = redirect(PAGES[mode]["result"], attempt_id)
            else:
                raise
        # Whoever sits at this browser next must not find questions and answers in its cache.
        return no_store(response)

    return signed_in(cast("SignedInView[P]", guarded))


def is_drill(attempt: Taking) -> bool:
    """Tell whether a drill is being taken."""
    return isinstance(attempt.head, DrillHead)


def measures(attempt: Taking) -> bool:
    """Tell whether this is the only check of its person that can have an estimate."""
    return isinstance(attempt.head, DrillHead) and attempt.head.measures


def address(attempt: Taking, page: str, *more: int | str) -> str:
    """Return the address of a page of an attempt. Raises KeyError for a page that a drill does not have."""
    pages = PAGES[Mode.DRILL if is_drill(attempt) else Mode.EXAM]
    return reverse(pages[page], args=[attempt.head.attempt_id, *more])


def title(attempt: Taking) -> str:
    """Return the name of what is being taken, in the active language."""
    code = attempt.head.certification_code
    if isinstance(attempt.head, Head):
        return formatting.exam_title(code, attempt.head.form_number)
    name = (
        gettext("%(label)s: Where do you stand?") if attempt.head.is_check else gettext("%(label)s practice")
    )
    return name % {"label": code.upper()}


def _running(attempt: Taking) -> Taking:
    """Return what is being taken. Raises Refused attempt_closed after its end."""
    if attempt.head.running:
        return attempt
    sentence = gettext("The practice has ended.") if is_drill(attempt) else gettext("The exam has ended.")
    raise Refused("attempt_closed", 409, sentence)


def _opened(attempt: Taking) -> Taking:
    """Return what is being taken for a page that shows its questions: from now on they count as seen.

    Those of a drill do so from its start. Raises Refused attempt_closed.
    """
    head = _running(attempt).head
    if isinstance(head, Head):
        lifecycle.mark_opened(head)
    return attempt


def _question(attempt: Taking, item: PaperItem) -> dict[str, Any]:
    """Return what templates need of a question; one that is held keeps its place and says why."""
    if item.position not in attempt.held:
        return items.question_of(item)
    sentence = gettext(
        "This question is in an exam that you're taking. It's back here once that exam has ended."
    )
    return {
        "position": item.position,
        "kind": KINDS[FIRST],
        "choose": 1,
        "stem": "",
        "ask": sentence,
        "language": get_language(),
        "options": [],
    }


def clock_text(seconds: int) -> str:
    """Return seconds as a clock shows them: h:mm:ss."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def other_language(attempt: Taking) -> str | None:
    """Return the language that the key L shows: that of the page first, then in the order of the site.

    A drill has no other.
    """
    others = attempt.languages - {attempt.paper.language}
    here = get_language()
    return here if here in others else next(iter(formatting.site_order(tuple(others))), None)


def _reply(request: SignedInRequest, parts: list[page_cache.Part]) -> HttpResponse:
    """Answer with pieces whose compressed bytes are ready, or plainly to who does not take gzip."""
    if rendering.takes_gzip(request):
        response = HttpResponse(page_cache.gzip_of(parts), headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(b"".join(piece.plain for piece in parts))
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def _frame_context(attempt: Taking) -> dict[str, object]:
    left = attempt.head.seconds_left
    return {
        "title": title(attempt),
        "is_drill": is_drill(attempt),
        "measures": measures(attempt),
        "code": attempt.head.certification_code,
        "total": len(attempt.paper.items),
        "answered": list(attempt.progress.values()).count(Progress.ANSWERED),
        "has_choice": attempt.has_choice,
        "cancel_url": "" if is_drill(attempt) else address(attempt, "cancel"),
        "starts": settings.EXAM_STARTS_PER_DAY,
        "is_timed": left is not None,
        "seconds_left": left,
        "time_left": formatting.duration(left or 0),
        "low": left is not None and left <= LOW_SECONDS,
    }


@functools.lru_cache(maxsize=16)
def _script_words(language: str, *, drill: bool) -> SafeString:
    """Return what the script says in a language, as the value of an attribute: the same on every page."""
    with override(language):
        words = json.dumps(script_messages(drill=drill), ensure_ascii=False, separators=(",", ":"))
    return escape(words)


PARTS: Final = ("review", "foot", "navigator", "submit", "password", "code", "conflict", "templates")


@functools.lru_cache(maxsize=32)
def _parts(
    language: str, *, drill: bool, measures: bool, timed: bool, other: bool
) -> Mapping[str, SafeString]:
    """Return the parts of the page that are the same for everybody, by name.

    A translated word costs about 15 microseconds each time, and these have fifty.
    """
    with override(language):
        context = {
            "is_drill": drill,
            "measures": measures,
            "is_timed": timed,
            "other_language": other,
            "login_url": reverse("account_login"),
            "code_url": reverse("mfa_authenticate"),
        }
        return {name: render_to_string(f"exams/taking_parts.html#{name}", context) for name in PARTS}


def _page_context(request: SignedInRequest, attempt: Taking) -> dict[str, object]:
    other, is_copy = other_language(attempt), offline.is_copy(request)
    answers = [
        [at, [list(a.selected), int(a.flagged), *([a.confidence] if a.confidence else [])]]
        for at, a in attempt.answers.items()
        if not is_copy
    ]
    return {
        **_frame_context(attempt),
        # Messages name the person at times, and a copy must not.
        **({"messages": ()} if is_copy else {}),
        "is_copy": is_copy,
        "attempt_id": attempt.head.attempt_id,
        "slot": page_cache.SLOT,
        "parts": _parts(
            get_language() or languages.DEFAULT,
            drill=is_drill(attempt),
            measures=measures(attempt),
            timed=attempt.head.seconds_left is not None,
            other=other is not None,
        ),
        "modules": MODULES,
        "answers": json.dumps(answers, separators=(",", ":")),
        "words": _script_words(get_language() or languages.DEFAULT, drill=is_drill(attempt)),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "single_keys": profiles.of(request.user).single_keys,
        "clock_text": clock_text(attempt.head.seconds_left or 0),
        "question_url": address(attempt, "question", _place(request, attempt)),
        "result_url": address(attempt, "result"),
        "login_url": reverse("account_login"),
        "other_language": other,
        "other_language_name": languages.name_of(other) if other else "",
        "paper_language": attempt.paper.language,
        "paper_language_name": languages.name_of(attempt.paper.language),
        "texts_url": address(attempt, "paper", other) if other else "",
    }


def _place(request: HttpRequest, attempt: Taking) -> int:
    """Return the question to go on with without script: the last one shown, else the last one changed."""
    place = request.COOKIES.get(settings.PLACE_COOKIE_NAME, "")
    # A cookie is whatever the browser sends, and int() takes digits of other scripts and without end.
    if place.isascii() and place.isdigit() and 1 <= int(place[:4]) <= len(attempt.paper.items):
        return int(place[:4])
    changed = max(attempt.answers.values(), key=lambda answer: (answer.lease_no, answer.seq), default=None)
    return changed.position if changed else 1


@require_safe
@own_attempt
def taking(request: SignedInRequest, attempt: Taking) -> HttpResponse:
    """Show the whole paper at once, without keys. The script takes a lease; the page holds none."""
    return whole_page(request, attempt)


def whole_page(request: SignedInRequest, attempt: Taking) -> HttpResponse:
    """Return the page with every question of what is being taken. Raises Refused attempt_closed."""
    _opened(attempt)
    # The script sends the token of this cookie with its lease, and a drill has no form that would set it.
    get_token(request)
    frame = render_to_string("exams/taking.html", _page_context(request, attempt), request)
    before, _slot, after = frame.partition(page_cache.SLOT)
    language = get_language() or languages.DEFAULT
    if offline.is_copy(request):
        # The browser has the questions already: its script puts them into the slot.
        questions = page_cache.part(page_cache.SLOT)
    elif is_drill(attempt):
        # Drawn for one person: kept, it would drive papers that many take out of memory.
        questions = page_cache.questions_part(
            [_question(attempt, item) for item in attempt.paper.items], language, level=6
        )
    else:
        questions = page_cache.paper_part(attempt.paper.id, language)
    response = _reply(request, [page_cache.part(before), questions, page_cache.part(after)])
    offline.allow(request, response, attempt.head)
    return response


@require_safe
@own_attempt
def paper(request: SignedInRequest, attempt: Taking, language: str) -> HttpResponse:
    """Answer with the texts of the same edition in another language, for the script to swap in."""
    paper_id = or_404(papers.newest(_opened(attempt).paper.edition_id).get(language))
    return _reply(request, [page_cache.texts_part(paper_id)])


def cells(
    questions: Sequence[PaperItem],
    *,
    progress: Mapping[int, Progress],
    flagged: Collection[int],
    to: str,
    current: int | None = None,
) -> list[dict[str, Any]]:
    """Return the numbers that lead to questions; `to` makes the link from the page of a position."""
    # Translated once for all: there are 65 of them on a page.
    words = {
        Progress.ANSWERED: gettext("answered"),
        Progress.INCOMPLETE: gettext("incomplete"),
        Progress.UNANSWERED: gettext("unanswered"),
    }
    flag = ", " + gettext("flagged")
    return [
        {
            "position": item.position,
            "url": to.format(item.position),
            "state": state,
            "flagged": item.position in flagged,
            "words": words[state] + (flag if item.position in flagged else ""),
            "current": item.position == current,
        }
        for item in questions
        for state in (progress.get(item.position, Progress.UNANSWERED),)
    ]


def _cells(attempt: Taking, to: str, current: int | None = None) -> list[dict[str, Any]]:
    return cells(
        attempt.paper.items,
        progress=attempt.progress,
        flagged={position for position, answer in attempt.answers.items() if answer.flagged},
        to=to,
        current=current,
    )


def _opening(attempt: Taking, cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row that leads to a question, with the beginning of its text."""
    question = _question(attempt, attempt.paper.items[cell["position"] - 1])
    opening = formatting.opening(question["stem"] or question["ask"], 80)
    return {**cell, "language": question["language"], "opening": opening}


def _show_question(request: SignedInRequest, attempt: Taking, position: int) -> HttpResponse:
    here = address(attempt, "question", position)
    refusal = _take_refusal(request, here) or Refusal("")
    previous, following = page_cache.neighbors(position, len(attempt.paper.items))
    answer = attempt.answers.get(position)
    stored = tuple(answer.selected) if answer else ()
    context = {
        **_frame_context(attempt),
        "question": _question(attempt, attempt.paper.items[position - 1]),
        "is_held": position in attempt.held,
        "selected": refusal.selected or stored,
        "flagged": bool(answer and answer.flagged),
        "levels": formatting.confidence_choices(),
        "confidence": refusal.confidence if refusal.selected else answer and answer.confidence,
        "problem": refusal.problem,
        "saved": "saved" in request.GET and not refusal.problem,
        "is_incomplete": attempt.progress[position] is Progress.INCOMPLETE and not refusal.problem,
        "nothing": "none" in request.GET and not refusal.problem and not stored,
        "previous": previous,
        "next": following,
        "cells": _cells(attempt, "../{}/", position),
        "here": here,
        "submit_url": address(attempt, "submit"),
    }
    response = render(request, "exams/question.html", context)
    response.set_cookie(
        settings.PLACE_COOKIE_NAME,
        str(position),
        path=address(attempt, "taking"),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _sent(request: SignedInRequest, position: int) -> Change:
    """Return what the form of a question says. Raises ValueError for no numbers."""
    selected = tuple(sorted({int(word[:12]) for word in request.POST.getlist("selected")[:500]}))
    go = request.POST.get("go")
    flagged = go == "flag" or (go != "unflag" and request.POST.get("flagged") == "1")
    level = request.POST.get("confidence", "")
    # How sure somebody was goes with the answer that it was said of.
    confidence = int(level) if selected and level in LEVELS else None
    return Change(1, position, selected, flagged, confidence)


def _onward(
    request: SignedInRequest, attempt: Taking, position: int, *, is_empty: bool
) -> HttpResponseRedirect:
    previous, following = page_cache.neighbors(position, len(attempt.paper.items))
    go = request.POST.get("go")
    if go == "next" and following is None:
        return redirect(address(attempt, "submit"))
    if go == "next" and following:
        return redirect(address(attempt, "question", following))
    if go == "previous" and previous:
        return redirect(address(attempt, "question", previous))
    # A flag was saved, an answer was not: there is none.
    query = "?none" if is_empty and go not in ("flag", "unflag") else "?saved"
    return redirect(address(attempt, "question", position) + query)


@require_http_methods(["GET", "HEAD", "POST"])
@own_attempt
def question(request: SignedInRequest, attempt: Taking, position: int) -> HttpResponse:
    """Show one question; a POST saves its answer and goes where the pressed button says."""
    if request.method != "POST":
        _check_position(_opened(attempt), position)
        return _show_question(request, attempt, position)
    # Asked also after the end, or an answer that comes too late would be neither recorded nor told.
    _check_position(attempt, position)
    if position in attempt.held:
        # Its form has no options: it says nothing about the answer.
        return _onward(request, _running(attempt), position, is_empty=True)
    try:
        sent = _sent(request, position)
        _save(request, attempt, sent)
    except ValueError:
        return _refuse(request, attempt, position, Refusal(gettext("Choose one of the answers shown.")))
    except Refused as refused:
        if refused.code in ENDED:
            messages.error(request, _came_too_late(attempt, position))
        if refused.code in ENDED or refused.status == 404:
            raise
        refusal = Refusal(str(refused), sent.selected, sent.confidence)
        return _refuse(request, attempt, position, refusal)
    if not attempt.head.running:
        return redirect(address(attempt, "result"))
    return _onward(request, attempt, position, is_empty=not sent.selected)


def _check_position(attempt: Taking, position: int) -> None:
    if not 1 <= position <= len(attempt.paper.items):
        raise Http404


def _refuse(request: SignedInRequest, attempt: Taking, position: int, refusal: Refusal) -> HttpResponse:
    """Lead back to the question, which says what is wrong; after the end there is nothing left to mend."""
    if not attempt.head.running:
        return redirect(address(attempt, "result"))
    return _lead_back(request, address(attempt, "question", position), refusal)


def _lead_back(request: HttpRequest, path: str, refusal: Refusal) -> HttpResponse:
    """Lead back to the page at a path, which says why: so Back and Reload send no form again."""
    request.session[REFUSAL_KEY] = [path, refusal.problem, refusal.selected, refusal.confidence]
    return redirect(path)


def _take_refusal(request: HttpRequest, path: str) -> Refusal | None:
    """Return, once, what was refused last of the page at a path."""
    kept = request.session.get(REFUSAL_KEY)
    if kept is None or kept[0] != path:
        return None
    del request.session[REFUSAL_KEY]
    return Refusal(kept[1], tuple(kept[2]), *kept[3:])


def _came_too_late(attempt: Taking, position: int) -> str:
    """Say which answer was not saved, and why it arrived too late."""
    head = attempt.head
    if is_drill(attempt) and head.end_reason:
        text = gettext(
            "Your answer to question %(n)s arrived after the practice had ended and doesn't count."
        )
    elif head.end_reason == EndReason.VOIDED:
        text = gettext("Your answer to question %(n)s wasn't saved: we voided this exam.")
    elif head.effective_state == State.VOIDED:
        text = gettext("Your answer to question %(n)s wasn't saved: this exam was canceled.")
    elif head.end_reason == EndReason.SUBMITTED:
        text = gettext(
            "Your answer to question %(n)s arrived after you submitted the exam and doesn't count."
        )
    else:
        text = gettext("Your answer to question %(n)s arrived after time was up and doesn't count.")
    return text % {"n": position}


def _save(request: SignedInRequest, attempt: Taking, sent: Change) -> None:
    """Save what is new. Paging through takes the exam from no other window."""
    stored = attempt.answers.get(sent.position)
    before = (tuple(sorted(stored.selected)), stored.flagged, stored.confidence) if stored else NOTHING
    if before != (sent.selected, sent.flagged, sent.confidence):
        lifecycle.answer_without_script(
            user=request.user,
            attempt_id=attempt.head.attempt_id,
            position=sent.position,
            selected=sent.selected,
            flagged=sent.flagged,
            confidence=sent.confidence,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@own_attempt
def submit(request: SignedInRequest, attempt: Taking) -> HttpResponse:
    """Show what is open, incomplete and flagged before the end, without JavaScript; a POST ends it."""
    here = address(attempt, "submit")
    if request.method == "POST":
        try:
            lifecycle.submit(user=request.user, attempt_id=attempt.head.attempt_id, lease=None)
        except Refused as refused:
            if refused.code in ENDED or refused.status == 404:
                raise
            return _lead_back(request, here, Refusal(str(refused)))
        return redirect(address(attempt, "result"))
    numbers = _cells(_opened(attempt), "../questions/{}/")
    refusal = _take_refusal(request, here)
    unanswered = [_opening(attempt, cell) for cell in numbers if cell["state"] == Progress.UNANSWERED]
    begun, total = len(numbers) - len(unanswered), len(numbers)
    is_few = not is_drill(attempt) and selectors.is_stopped(begun, total)
    context = {
        **_frame_context(attempt),
        "problem": refusal.problem if refusal else "",
        "cells": numbers,
        "open": unanswered,
        "few": too_few(begun, total, ceil(total / 2)) if is_few else "",
        "incomplete": [_opening(attempt, cell) for cell in numbers if cell["state"] == Progress.INCOMPLETE],
        "flagged": [_opening(attempt, cell) for cell in numbers if cell["flagged"]],
        "submit_url": here,
        "question_url": address(attempt, "question", _place(request, attempt)),
    }
    return render(request, "exams/submit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@offline.takes_back
@own_attempt
def cancel(request: SignedInRequest, attempt: Taking) -> HttpResponse:
    """Cancel an exam that was started by mistake, while nothing is answered; a look leads back to it.

    Whoever pressed the button after their session had ended comes here from the sign-in page.
    """
    head = _running(attempt).head
    if request.method != "POST":
        return redirect(address(attempt, "taking"))
    try:
        lifecycle.cancel(user=request.user, attempt_id=head.attempt_id)
    except Refused as refused:
        if refused.code in ENDED or refused.status == 404:
            raise
        messages.error(request, str(refused))
        return redirect(address(attempt, "taking"))
    messages.success(request, _canceled(seen=head.opened))
    assert isinstance(head, Head)  # noqa: S101  (a drill has no such address)
    return redirect("exams:start", head.certification_code, head.form_number)


def _canceled(*, seen: bool) -> str:
    """Say what a canceled start means; who saw the questions will see that said of the next result."""
    sentence = gettext("Exam canceled. It doesn't count.")
    if seen:
        sentence += " " + gettext("You've seen its questions, so your next result for it will say so.")
    return sentence
