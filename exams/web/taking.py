"""Taking an exam: the page with the whole paper, and one question a request without JavaScript."""

import json
from functools import wraps
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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
from exams.presentation import formatting, items
from exams.web import compression, page_cache, refusals
from exams.web.refusals import Refusal
from exams.web.script_messages import script_messages
from i18n import languages

LOW_SECONDS = 5 * 60
MODULES = tuple(f"js/attempt/{name}.js" for name in ("page", "sender", "looks"))
ENDED = ("attempt_closed", "late")
LEVELS = ("1", "2", "3")
NOTHING = ((), False, None)


def _own_attempt[**P](view: SignedInView[P]) -> View[P]:
    """Ask for sign-in, forbid keeping, answer 404 for no such attempt and lead an ended one to its result."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Refused as refused:
            if refused.code not in ENDED:
                raise
            response = redirect("exams:result", kwargs["attempt_id"])
        response["Cache-Control"] = "no-store, private"
        return response

    return signed_in(cast("SignedInView[P]", guarded))


def _running(request: SignedInRequest, attempt_id: UUID) -> selectors.Taking:
    """Return the running attempt of who asks. Raises Refused: not_found, attempt_closed."""
    found = selectors.taking(request.user, attempt_id)
    if not found.head.running:
        raise Refused("attempt_closed", 409, _("The exam has ended."))
    return found


def _opened(request: SignedInRequest, attempt_id: UUID) -> selectors.Taking:
    """Return the running attempt for a page that shows its questions: from now on they count as seen."""
    found = _running(request, attempt_id)
    lifecycle.mark_opened(found.head)
    return found


def _address(name: str, attempt_id: UUID, **more: int | str) -> str:
    return reverse(f"exams:{name}", kwargs={"attempt_id": attempt_id, **more})


def clock_text(seconds: int) -> str:
    """Return seconds as a clock shows them: h:mm:ss."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def other_language(paper: CompiledPaper) -> str | None:
    """Return the language that the key L shows: that of the page first, then in the order of the site."""
    others = papers.newest(paper.edition_id).keys() - {paper.language}
    here = get_language()
    return here if here in others else next(iter(formatting.site_order(tuple(others))), None)


def _reply(request: SignedInRequest, parts: list[page_cache.Part]) -> HttpResponse:
    """Answer with pieces whose compressed bytes are ready, or plainly to who does not take gzip."""
    if compression.takes_gzip(request):
        response = HttpResponse(page_cache.gzip_of(parts), headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(b"".join(piece.plain for piece in parts))
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def _frame_context(found: selectors.Taking) -> dict[str, object]:
    head = found.head
    return {
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "total": len(found.paper.items),
        "answered": found.answered,
        "seconds_left": head.seconds_left,
        "time_left": formatting.duration(head.seconds_left),
        "low": head.seconds_left <= LOW_SECONDS,
    }


def _page_context(request: SignedInRequest, found: selectors.Taking) -> dict[str, object]:
    attempt_id, other = found.head.attempt_id, other_language(found.paper)
    answers = [
        [at, [list(a.selected), int(a.flagged), *([a.confidence] if a.confidence else [])]]
        for at, a in found.answers.items()
    ]
    return {
        **_frame_context(found),
        "attempt_id": attempt_id,
        "slot": page_cache.SLOT,
        "modules": MODULES,
        "answers": json.dumps(answers, separators=(",", ":")),
        "words": json.dumps(script_messages(), ensure_ascii=False, separators=(",", ":")),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "single_keys": profiles.of(request.user).single_keys,
        "clock_text": clock_text(found.head.seconds_left),
        "question_url": _address("question", attempt_id, position=_place(request, found)),
        "result_url": _address("result", attempt_id),
        "cancel_url": _address("cancel", attempt_id),
        "login_url": reverse("account_login"),
        "other_language": other,
        "other_language_name": languages.name_of(other) if other else "",
        "paper_language": found.paper.language,
        "paper_language_name": languages.name_of(found.paper.language),
        "texts_url": _address("paper", attempt_id, language=other) if other else "",
    }


def _place(request: HttpRequest, found: selectors.Taking) -> int:
    """Return the question to go on with without script: the last one shown, else the last one changed."""
    shown = request.COOKIES.get(settings.PLACE_COOKIE_NAME, "")
    if shown.isascii() and shown.isdigit() and 1 <= int(shown[:4]) <= len(found.paper.items):
        return int(shown[:4])
    changed = max(found.answers.values(), key=lambda answer: (answer.lease_no, answer.seq), default=None)
    return changed.position if changed else 1


@require_safe
@_own_attempt
def taking(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the whole paper at once, without keys. The script takes a lease; the page holds none."""
    found = _opened(request, attempt_id)
    frame = render_to_string("exams/taking.html", _page_context(request, found), request)
    before, _slot, after = frame.partition(page_cache.SLOT)
    paper = page_cache.paper_part(found.paper.id, get_language() or languages.DEFAULT)
    return _reply(request, [page_cache.part(before), paper, page_cache.part(after)])


@require_safe
@_own_attempt
def paper(request: SignedInRequest, attempt_id: UUID, language: str) -> HttpResponse:
    """Answer with the texts of the same edition in another language, for the script to swap in."""
    found = _opened(request, attempt_id)
    paper_id = papers.newest(found.paper.edition_id).get(language)
    if paper_id is None:
        raise Http404
    return _reply(request, [page_cache.texts_part(paper_id)])


def _cells(found: selectors.Taking, current: int | None = None) -> list[dict[str, object]]:
    cells: list[dict[str, object]] = []
    for item in found.paper.items:
        answer = found.answers.get(item.position)
        cells.append(
            {
                "position": item.position,
                "url": _address("question", found.head.attempt_id, position=item.position),
                "answered": bool(answer and answer.selected),
                "flagged": bool(answer and answer.flagged),
                "current": item.position == current,
                "language": item.language,
                "opening": formatting.opening(item.stem or item.ask, 80),
            }
        )
    return cells


def _show_question(request: SignedInRequest, found: selectors.Taking, position: int) -> HttpResponse:
    here = _address("question", found.head.attempt_id, position=position)
    refusal = refusals.take(request, here) or Refusal("")
    previous, following = page_cache.neighbours(position, len(found.paper.items))
    answer = found.answers.get(position)
    stored = tuple(answer.selected) if answer else ()
    context = {
        **_frame_context(found),
        "question": items.questions_of(found.paper)[position - 1],
        "selected": refusal.selected or stored,
        "flagged": bool(answer and answer.flagged),
        "levels": formatting.confidence_choices(),
        "confidence": refusal.confidence if refusal.selected else answer and answer.confidence,
        "problem": refusal.problem,
        "saved": "saved" in request.GET and not refusal.problem,
        "nothing": "none" in request.GET and not refusal.problem and not stored,
        "previous": previous,
        "next": following,
        "cells": _cells(found, position),
        "here": here,
        "submit_url": _address("submit", found.head.attempt_id),
        "cancel_url": _address("cancel", found.head.attempt_id),
    }
    response = render(request, "exams/question.html", context)
    path = _address("taking", found.head.attempt_id)
    response.set_cookie(
        settings.PLACE_COOKIE_NAME,
        str(position),
        path=path,
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
    said = request.POST.get("confidence", "")
    confidence = int(said) if said in LEVELS else None
    return Change(1, position, selected, flagged, confidence)


def _onward(
    request: SignedInRequest, found: selectors.Taking, position: int, *, is_empty: bool
) -> HttpResponseRedirect:
    previous, following = page_cache.neighbours(position, len(found.paper.items))
    go = request.POST.get("go")
    if go == "next" and following is None:
        return redirect("exams:submit", found.head.attempt_id)
    if go == "next" or (go == "previous" and previous):
        target = following if go == "next" else previous
        return redirect("exams:question", found.head.attempt_id, target)
    # A flag was saved, an answer was not: there is none.
    told = "?none" if is_empty and go not in ("flag", "unflag") else "?saved"
    return redirect(_address("question", found.head.attempt_id, position=position) + told)


@require_http_methods(["GET", "HEAD", "POST"])
@_own_attempt
def question(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Show one question; a POST saves its answer and goes where the pressed button says."""
    if request.method != "POST":
        found = _opened(request, attempt_id)
        _check_position(found, position)
        return _show_question(request, found, position)
    # Asked also after the end, or an answer that comes too late would be neither recorded nor told.
    found = selectors.taking(request.user, attempt_id)
    _check_position(found, position)
    try:
        sent = _sent(request, position)
        _save(request, found, sent)
    except ValueError:
        return _refuse(request, found, position, Refusal(gettext("Choose one of the answers shown.")))
    except Refused as refused:
        if refused.code in ENDED:
            messages.error(request, _came_too_late(found.head, position))
        if refused.code in ENDED or refused.status == 404:
            raise
        refusal = Refusal(str(refused), sent.selected, sent.confidence)
        return _refuse(request, found, position, refusal)
    if not found.head.running:
        return redirect("exams:result", attempt_id)
    return _onward(request, found, position, is_empty=not sent.selected)


def _check_position(found: selectors.Taking, position: int) -> None:
    if not 1 <= position <= len(found.paper.items):
        raise Http404


def _refuse(
    request: SignedInRequest, found: selectors.Taking, position: int, refusal: Refusal
) -> HttpResponse:
    """Lead back to the question, which says what is wrong; after the end there is nothing left to mend."""
    attempt_id = found.head.attempt_id
    if not found.head.running:
        return redirect("exams:result", attempt_id)
    return refusals.lead_back(request, _address("question", attempt_id, position=position), refusal)


def _came_too_late(head: selectors.Head, position: int) -> str:
    """Say which answer was not saved, and why it arrived too late."""
    if head.end_reason == EndReason.VOIDED:
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


def _save(request: SignedInRequest, found: selectors.Taking, sent: Change) -> None:
    """Save what is new. Paging through takes the exam from no other window."""
    stored = found.answers.get(sent.position)
    before = (tuple(sorted(stored.selected)), stored.flagged, stored.confidence) if stored else NOTHING
    if before != (sent.selected, sent.flagged, sent.confidence):
        lifecycle.answer_without_script(
            user=request.user,
            attempt_id=found.head.attempt_id,
            position=sent.position,
            selected=sent.selected,
            flagged=sent.flagged,
            confidence=sent.confidence,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@_own_attempt
def submit(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show what is open and flagged before the end, without JavaScript; a POST ends the exam."""
    here = _address("submit", attempt_id)
    if request.method == "POST":
        try:
            lifecycle.submit(user=request.user, attempt_id=attempt_id, lease=None)
        except Refused as refused:
            if refused.code in ENDED or refused.status == 404:
                raise
            return refusals.lead_back(request, here, Refusal(str(refused)))
        return redirect("exams:result", attempt_id)
    found = _opened(request, attempt_id)
    cells = _cells(found)
    refusal = refusals.take(request, here)
    context = {
        **_frame_context(found),
        "problem": refusal.problem if refusal else "",
        "cells": cells,
        "open": [cell for cell in cells if not cell["answered"]],
        "flagged": [cell for cell in cells if cell["flagged"]],
        "submit_url": here,
        "question_url": _address("question", attempt_id, position=_place(request, found)),
    }
    return render(request, "exams/submit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@_own_attempt
def cancel(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Cancel an exam that was started by mistake, while nothing is answered; a look leads back to it.

    Whoever pressed the button after their session had ended comes here from the sign-in page.
    """
    found = _running(request, attempt_id)
    if request.method != "POST":
        return redirect("exams:taking", attempt_id)
    try:
        lifecycle.cancel(user=request.user, attempt_id=attempt_id)
    except Refused as refused:
        if refused.code in ENDED or refused.status == 404:
            raise
        messages.error(request, str(refused))
        return redirect("exams:taking", attempt_id)
    messages.success(request, _canceled(seen=found.head.opened))
    return redirect("exams:start", found.head.certification_code, found.head.form_number)


def _canceled(*, seen: bool) -> str:
    """Say what a canceled start means; who saw the questions will see that said of the next result."""
    said = gettext("Exam canceled. It doesn't count.")
    if seen:
        said += " " + gettext("You've seen its questions, so your next result for it will say so.")
    return said
