"""Taking an exam: the page with the whole paper, and one question a request without JavaScript.

A drill with feedback at the end is taken on the same pages, by the addresses in `drill_taking`.
"""

import json
from collections.abc import Mapping
from functools import wraps
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, SignedInView, View, signed_in
from exams.assembly import papers
from exams.assembly.papers import CompiledPaper
from exams.attempts import lifecycle, selectors
from exams.attempts.answers import Change
from exams.attempts.models import EndReason, State
from exams.presentation import formatting
from exams.web import offline, page_cache, refusals, rendering, seats
from exams.web.refusals import Refusal
from exams.web.script_messages import script_messages
from exams.web.seats import Seat
from i18n import languages

LOW_SECONDS = 5 * 60
MODULES = tuple(f"js/attempt/{name}.js" for name in ("page", "sender", "looks", "offline"))
ENDED = ("attempt_closed", "late")
LEVELS = ("1", "2", "3")
NOTHING = ((), False, None)


def own_attempt[**P](view: SignedInView[P]) -> View[P]:
    """Ask for sign-in, forbid keeping, answer 404 for no such attempt and lead an ended one to its result."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Refused as refused:
            if refused.code not in ENDED:
                raise
            response = redirect(_result(kwargs))
        response["Cache-Control"] = "no-store, private"
        return response

    return signed_in(cast("SignedInView[P]", guarded))


def _result(ids: Mapping[str, object]) -> str:
    """Return the address of the result of what an address names, an exam or a drill."""
    if "drill_id" in ids:
        return reverse("exams:drill-result", args=[ids["drill_id"]])
    return reverse("exams:result", args=[ids["attempt_id"]])


def _opened(seat: Seat) -> Seat:
    """Return what is being taken for a page that shows its questions: from now on they count as seen.

    Raises Refused attempt_closed.
    """
    seats.running(seat).mark_opened()
    return seat


def clock_text(seconds: int) -> str:
    """Return seconds as a clock shows them: h:mm:ss."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def other_language(paper: CompiledPaper) -> str | None:
    """Return the language that the key L shows: that of the page first, then in the order of the site.

    A drawn paper has no other.
    """
    if paper.edition_id is None:
        return None
    others = papers.newest(paper.edition_id).keys() - {paper.language}
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


def _frame_context(seat: Seat) -> dict[str, object]:
    left = seat.head.seconds_left
    return {
        "title": seat.title,
        "is_drill": seat.is_drill,
        "code": seat.head.certification_code,
        "total": len(seat.paper.items),
        "answered": seat.answered,
        "cancel_url": "" if seat.is_drill else seat.address("cancel"),
        "starts": settings.EXAM_STARTS_PER_DAY,
        "is_timed": left is not None,
        "seconds_left": left,
        "time_left": formatting.duration(left or 0),
        "low": left is not None and left <= LOW_SECONDS,
    }


def _page_context(request: SignedInRequest, seat: Seat) -> dict[str, object]:
    other, is_copy = other_language(seat.paper), offline.is_copy(request)
    answers = [
        [at, [list(a.selected), int(a.flagged), *([a.confidence] if a.confidence else [])]]
        for at, a in seat.answers.items()
        if not is_copy
    ]
    return {
        **_frame_context(seat),
        # Messages name the person at times, and a copy must not.
        **({"messages": ()} if is_copy else {}),
        "is_copy": is_copy,
        "attempt_id": seat.head.attempt_id,
        "slot": page_cache.SLOT,
        "modules": MODULES,
        "answers": json.dumps(answers, separators=(",", ":")),
        "words": json.dumps(script_messages(drill=seat.is_drill), ensure_ascii=False, separators=(",", ":")),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "single_keys": profiles.of(request.user).single_keys,
        "clock_text": clock_text(seat.head.seconds_left or 0),
        "question_url": seat.address("question", _place(request, seat)),
        "result_url": seat.address("result"),
        "login_url": reverse("account_login"),
        "code_url": reverse("mfa_authenticate"),
        "other_language": other,
        "other_language_name": languages.name_of(other) if other else "",
        "paper_language": seat.paper.language,
        "paper_language_name": languages.name_of(seat.paper.language),
        "texts_url": seat.address("paper", other) if other else "",
    }


def _place(request: HttpRequest, seat: Seat) -> int:
    """Return the question to go on with without script: the last one shown, else the last one changed."""
    shown = request.COOKIES.get(settings.PLACE_COOKIE_NAME, "")
    if shown.isascii() and shown.isdigit() and 1 <= int(shown[:4]) <= len(seat.paper.items):
        return int(shown[:4])
    changed = max(seat.answers.values(), key=lambda answer: (answer.lease_no, answer.seq), default=None)
    return changed.position if changed else 1


@require_safe
@own_attempt
def taking(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the whole paper at once, without keys. The script takes a lease; the page holds none."""
    return whole_page(request, seats.of_exam(request.user, attempt_id))


def whole_page(request: SignedInRequest, seat: Seat) -> HttpResponse:
    """Return the page with every question of what is being taken. Raises Refused attempt_closed."""
    _opened(seat)
    # The script sends the token of this cookie with its lease, and a drill has no form that would set it.
    get_token(request)
    frame = render_to_string("exams/taking.html", _page_context(request, seat), request)
    before, _slot, after = frame.partition(page_cache.SLOT)
    language = get_language() or languages.DEFAULT
    if offline.is_copy(request):
        # The browser has the questions already: its script puts them into the slot.
        questions = page_cache.part(page_cache.SLOT)
    elif seat.is_drill:
        # Drawn for one person: kept, it would drive papers that many take out of memory.
        questions = page_cache.questions_part(seat.questions(), language, level=6)
    else:
        questions = page_cache.paper_part(seat.paper.id, language)
    response = _reply(request, [page_cache.part(before), questions, page_cache.part(after)])
    offline.allow(request, response, seat)
    return response


@require_safe
@own_attempt
def paper(request: SignedInRequest, attempt_id: UUID, language: str) -> HttpResponse:
    """Answer with the texts of the same edition in another language, for the script to swap in."""
    seat = _opened(seats.of_exam(request.user, attempt_id))
    paper_id = papers.newest(seat.paper.edition_id).get(language)
    if paper_id is None:
        raise Http404
    return _reply(request, [page_cache.texts_part(paper_id)])


def _cells(seat: Seat, current: int | None = None) -> list[dict[str, object]]:
    cells: list[dict[str, object]] = []
    for question in seat.questions():
        position = question["position"]
        answer = seat.answers.get(position)
        cells.append(
            {
                "position": position,
                "url": seat.address("question", position),
                "answered": bool(answer and answer.selected),
                "flagged": bool(answer and answer.flagged),
                "current": position == current,
                "language": question["language"],
                "opening": formatting.opening(question["stem"] or question["ask"], 80),
            }
        )
    return cells


def _show_question(request: SignedInRequest, seat: Seat, position: int) -> HttpResponse:
    here = seat.address("question", position)
    refusal = refusals.take(request, here) or Refusal("")
    previous, following = page_cache.neighbors(position, len(seat.paper.items))
    answer = seat.answers.get(position)
    stored = tuple(answer.selected) if answer else ()
    context = {
        **_frame_context(seat),
        "question": seat.questions()[position - 1],
        "is_held": position in seat.held,
        "selected": refusal.selected or stored,
        "flagged": bool(answer and answer.flagged),
        "levels": formatting.confidence_choices(),
        "confidence": refusal.confidence if refusal.selected else answer and answer.confidence,
        "problem": refusal.problem,
        "saved": "saved" in request.GET and not refusal.problem,
        "nothing": "none" in request.GET and not refusal.problem and not stored,
        "previous": previous,
        "next": following,
        "cells": _cells(seat, position),
        "here": here,
        "submit_url": seat.address("submit"),
    }
    response = render(request, "exams/question.html", context)
    response.set_cookie(
        settings.PLACE_COOKIE_NAME,
        str(position),
        path=seat.address("taking"),
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


def _onward(request: SignedInRequest, seat: Seat, position: int, *, is_empty: bool) -> HttpResponseRedirect:
    previous, following = page_cache.neighbors(position, len(seat.paper.items))
    go = request.POST.get("go")
    if go == "next" and following is None:
        return redirect(seat.address("submit"))
    if go == "next" and following:
        return redirect(seat.address("question", following))
    if go == "previous" and previous:
        return redirect(seat.address("question", previous))
    # A flag was saved, an answer was not: there is none.
    query = "?none" if is_empty and go not in ("flag", "unflag") else "?saved"
    return redirect(seat.address("question", position) + query)


@require_http_methods(["GET", "HEAD", "POST"])
@own_attempt
def question(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Show one question; a POST saves its answer and goes where the pressed button says."""
    return question_page(request, seats.of_exam(request.user, attempt_id), position)


def question_page(request: SignedInRequest, seat: Seat, position: int) -> HttpResponse:
    """Return the page of one question, or save its answer and lead on. Raises Refused after the end."""
    if request.method != "POST":
        _check_position(_opened(seat), position)
        return _show_question(request, seat, position)
    # Asked also after the end, or an answer that comes too late would be neither recorded nor told.
    _check_position(seat, position)
    if position in seat.held:
        # Its form has no options: it says nothing about the answer.
        return _onward(request, seats.running(seat), position, is_empty=True)
    try:
        sent = _sent(request, position)
        _save(request, seat, sent)
    except ValueError:
        return _refuse(request, seat, position, Refusal(gettext("Choose one of the answers shown.")))
    except Refused as refused:
        if refused.code in ENDED:
            messages.error(request, _came_too_late(seat, position))
        if refused.code in ENDED or refused.status == 404:
            raise
        refusal = Refusal(str(refused), sent.selected, sent.confidence)
        return _refuse(request, seat, position, refusal)
    if not seat.head.running:
        return redirect(seat.address("result"))
    return _onward(request, seat, position, is_empty=not sent.selected)


def _check_position(seat: Seat, position: int) -> None:
    if not 1 <= position <= len(seat.paper.items):
        raise Http404


def _refuse(request: SignedInRequest, seat: Seat, position: int, refusal: Refusal) -> HttpResponse:
    """Lead back to the question, which says what is wrong; after the end there is nothing left to mend."""
    if not seat.head.running:
        return redirect(seat.address("result"))
    return refusals.lead_back(request, seat.address("question", position), refusal)


def _came_too_late(seat: Seat, position: int) -> str:
    """Say which answer was not saved, and why it arrived too late."""
    head = seat.head
    if seat.is_drill and head.end_reason:
        text = gettext("Your answer to question %(n)s arrived after the drill had ended and doesn't count.")
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


def _save(request: SignedInRequest, seat: Seat, sent: Change) -> None:
    """Save what is new. Paging through takes the exam from no other window."""
    stored = seat.answers.get(sent.position)
    before = (tuple(sorted(stored.selected)), stored.flagged, stored.confidence) if stored else NOTHING
    if before != (sent.selected, sent.flagged, sent.confidence):
        lifecycle.answer_without_script(
            user=request.user,
            attempt_id=seat.head.attempt_id,
            position=sent.position,
            selected=sent.selected,
            flagged=sent.flagged,
            confidence=sent.confidence,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@own_attempt
def submit(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show what is open and flagged before the end, without JavaScript; a POST ends the exam."""
    return submit_page(request, seats.of_exam(request.user, attempt_id))


def submit_page(request: SignedInRequest, seat: Seat) -> HttpResponse:
    """Return what is open before the end, or end what is being taken and lead to its result.

    Raises Refused after the end.
    """
    here = seat.address("submit")
    if request.method == "POST":
        try:
            lifecycle.submit(user=request.user, attempt_id=seat.head.attempt_id, lease=None)
        except Refused as refused:
            if refused.code in ENDED or refused.status == 404:
                raise
            return refusals.lead_back(request, here, Refusal(str(refused)))
        return redirect(seat.address("result"))
    cells = _cells(_opened(seat))
    refusal = refusals.take(request, here)
    context = {
        **_frame_context(seat),
        "problem": refusal.problem if refusal else "",
        "cells": cells,
        "open": [cell for cell in cells if not cell["answered"]],
        "flagged": [cell for cell in cells if cell["flagged"]],
        "submit_url": here,
        "question_url": seat.address("question", _place(request, seat)),
    }
    return render(request, "exams/submit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@offline.takes_back
@own_attempt
def cancel(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Cancel an exam that was started by mistake, while nothing is answered; a look leads back to it.

    Whoever pressed the button after their session had ended comes here from the sign-in page.
    """
    head = selectors.head(request.user, attempt_id)
    if not head.running:
        raise Refused("attempt_closed", 409, _("The exam has ended."))
    if request.method != "POST":
        return redirect("exams:taking", attempt_id)
    try:
        lifecycle.cancel(user=request.user, attempt_id=attempt_id)
    except Refused as refused:
        if refused.code in ENDED or refused.status == 404:
            raise
        messages.error(request, str(refused))
        return redirect("exams:taking", attempt_id)
    messages.success(request, _canceled(seen=head.opened))
    return redirect("exams:start", head.certification_code, head.form_number)


def _canceled(*, seen: bool) -> str:
    """Say what a canceled start means; who saw the questions will see that said of the next result."""
    sentence = gettext("Exam canceled. It doesn't count.")
    if seen:
        sentence += " " + gettext("You've seen its questions, so your next result for it will say so.")
    return sentence
