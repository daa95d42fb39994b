"""A drill: its questions, its end and its result.

With feedback at once it is one question a page, closed by a form and explained after a redirect; it works
without script. With feedback at the end it is taken on the page of an exam.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.assembly.papers import PaperItem
from exams.attempts import drill_reads, drills, lifecycle
from exams.attempts.drill_reads import DrillTaking
from exams.attempts.drills import Closing
from exams.attempts.models import CONFIDENCE
from exams.attempts.results import ReviewItem
from exams.presentation import item_review
from exams.presentation.items import LETTERS
from exams.web import frame, seats, taking
from exams.web.practice import closed, no_store, row_context

CONFIDENCES: Final = (
    (3, gettext_lazy("Sure")),
    (2, gettext_lazy("Unsure")),
    (1, gettext_lazy("Guess")),
)
ENDED: Final = ("attempt_closed", "late")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def drill(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Show a running drill: the page of an exam, or a question, answered or not, which POST answers."""
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return no_store(_answer(request, drill_id))
        except Refused as refusal:
            if refusal.status == 404:
                raise
            if refusal.code in ENDED:
                return no_store(redirect("exams:drill-result", drill_id))
            refused = refusal
    found = drill_reads.taking(request.user, drill_id, get_language() or "")
    if not found.drill.head.running:
        return no_store(redirect("exams:drill-result", drill_id))
    if not found.drill.head.at_once:
        return no_store(taking.whole_page(request, seats.seat_of(found)))
    context = _page(found, _position(request, found), refused)
    status = refused.status if refused else 200
    return no_store(frame.render_for(request, frame.profile_of(request), "exams/drill.html", context, status))


def _answer(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Close what the form says, and lead to where it is explained."""
    sent = request.POST
    position = _number(sent.get("position", ""))
    selected = tuple(_number(one) for one in sent.getlist("selected"))
    confidence = _number(sent["confidence"]) if sent.get("confidence") else None
    if confidence is not None and not CONFIDENCE[0] <= confidence <= CONFIDENCE[1]:
        raise _unreadable()
    closing = Closing(position, selected, "show" in sent, "flagged" in sent, confidence)
    drills.close(user=request.user, attempt_id=drill_id, closing=closing, ui_language=get_language() or "")
    return redirect(f"{reverse('exams:drill', args=[drill_id])}?q={position}")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _unreadable()
    return int(text)


def _unreadable() -> Refused:
    return Refused("invalid_answer", 422, _("The answer doesn't have the expected format."))


def _position(request: SignedInRequest, found: DrillTaking) -> int:
    """Return the position that the address or the form names, else the first that is not done."""
    asked = request.POST.get("position") or request.GET.get("q", "")
    shown = [item.position for item in found.items]
    if asked.isdigit() and int(asked) in shown:
        return int(asked)
    return found.next_open or (shown[0] if shown else 0)


def _page(found: DrillTaking, position: int, refused: Refused | None) -> dict[str, Any]:
    item = next((one for one in found.items if one.position == position), None)
    review = found.reviews.get(position)
    head = found.drill.head
    return {
        "head": head,
        "drill": found.drill,
        "label": head.certification_code.upper(),
        "position": position,
        "total": head.total_items,
        "refused": refused,
        "held": len(found.held),
        "cells": _cells(found, position),
        "form": _form(item) if item and review is None else None,
        "review": review,
        "review_html": _review_html(review) if review else "",
        "next": _next(found, position),
        "all_done": found.drill.done >= len(found.items) and not found.held,
        "confidences": CONFIDENCES,
    }


def _cells(found: DrillTaking, position: int) -> list[dict[str, object]]:
    flagged = {one for one, answer in found.answers.items() if answer.flagged}
    return [
        {
            "position": item.position,
            "url": f"?q={item.position}",
            "current": item.position == position,
            "answered": item.position in found.reviews,
            "flagged": item.position in flagged,
        }
        for item in found.items
    ]


def _form(item: PaperItem) -> dict[str, Any]:
    """Return what the form of a question needs: no key and no reason."""
    return {
        "item": item,
        "options": [
            {"id": option_id, "letter": letter, "html": html}
            for letter, (option_id, html) in zip(LETTERS, item.options, strict=False)
        ],
    }


def _next(found: DrillTaking, position: int) -> int | None:
    """Return the next position that is not closed, after this one or from the start; None at the end."""
    waiting = [item.position for item in found.items if item.position not in found.reviews]
    later = [one for one in waiting if one > position] or [one for one in waiting if one != position]
    return later[0] if later else None


def _review_html(review: ReviewItem) -> str:
    compiled = item_review.compiled(review.solution.text, get_language() or "")
    return mark_safe(compiled.fill(review.chosen_letters))  # noqa: S308  (cleaned at publication)


@require_POST
@signed_in
def finish(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """End a drill and lead to its result."""
    drill_reads.drill(request.user, drill_id)
    try:
        lifecycle.submit(user=request.user, attempt_id=drill_id, lease=None)
    except Refused as refused:
        if refused.status == 404:
            raise
        return closed(request, refused)
    return no_store(redirect("exams:drill-result", drill_id))


@require_POST
@signed_in
def hide(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Take a drill off the lists, and lead back to them."""
    code = drill_reads.drill(request.user, drill_id).head.certification_code
    drills.hide(user=request.user, attempt_id=drill_id)
    return no_store(redirect("exams:practice", code))


@require_safe
@signed_in
def result(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Show how a drill went, with every question explained; one that runs leads back to its questions."""
    found = drill_reads.drill(request.user, drill_id)
    lifecycle.settle(user=request.user, attempt_id=drill_id)
    try:
        found, items = drill_reads.review(request.user, drill_id, get_language() or "")
    except Refused as refused:
        if refused.code == "not_finished" and found.head.running:
            return no_store(redirect("exams:drill", drill_id))
        return closed(request, refused)
    missed = ",".join(str(item.solution.position) for item in items if not item.correct)
    context: Mapping[str, Any] = {
        **row_context(found),
        "label": found.head.certification_code.upper(),
        "rows": [{"item": item, "html": _review_html(item)} for item in items],
        "missed": missed,
    }
    return no_store(frame.render_for(request, frame.profile_of(request), "exams/drill_result.html", context))
