"""A drill: its questions, its end and its result.

With feedback at once it is one question a page: its form closes it, and it is explained after a redirect or,
with htmx, in its place. With feedback at the end it is taken on the page of an exam.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, is_part, signed_in, whole_number
from accounts.web.rendering import no_store
from exams.assembly import sample as samples
from exams.attempts import drills, lifecycle, results, selectors
from exams.attempts.drills import Closing
from exams.attempts.models import CONFIDENCE, Mode, State
from exams.attempts.results import ReviewItem
from exams.attempts.score_codec import StoredEstimate
from exams.attempts.selectors import Drill, Taking
from exams.bank import rulings
from exams.catalog.selectors import PREFIX
from exams.insights.dashboard import Dashboard
from exams.kinds.kinds import Progress
from exams.presentation import charts, formatting, item_review, items, verdicts
from exams.web import next_step, offers, offline, question_notes, rendering, review, taking, welcome
from exams.web.practice import closed, row_context
from exams.web.review import SHOW, ReviewFilter
from exams.web.script_messages import question_messages

ENDED: Final = ("attempt_closed", "late")
# The lists of all own drills that lead here, by how their forms name them, with what their addresses ask for.
LISTS: Final = {"attempts": "", "hidden": "?drills=hidden"}
LEVELS: Final = range(CONFIDENCE[0], CONFIDENCE[1] + 1)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def drill(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Show a running drill: the page of an exam, or a question, answered or not, which POST answers."""
    refused: Refused | None = None
    if request.method == "POST":
        try:
            position = _answer(request, drill_id)
        except Refused as refusal:
            if refusal.status == 404:
                raise
            if refusal.code in ENDED:
                return _lead(request, reverse("exams:drill_result", args=[drill_id]))
            refused = refusal
        else:
            if not is_part(request):
                return _lead(request, f"{request.path}?q={position}")
    attempt = selectors.taking(request.user, drill_id, Mode.DRILL)
    drill = _drill_of(attempt)
    if not drill.head.running:
        return _lead(request, reverse("exams:drill_result", args=[drill_id]))
    if not drill.head.at_once:
        return no_store(taking.whole_page(request, attempt))
    return _show(request, attempt, refused)


def _drill_of(attempt: Taking) -> Drill:
    assert attempt.drill  # noqa: S101  (it was read as a drill)
    return attempt.drill


def _lead(request: SignedInRequest, address: str) -> HttpResponse:
    """Lead to a page, also who asked for a part of this one."""
    if is_part(request):
        return no_store(HttpResponse(status=204, headers={"HX-Redirect": address}))
    return no_store(redirect(address))


def _show(request: SignedInRequest, attempt: Taking, refused: Refused | None) -> HttpResponse:
    """Return the page of a question, or the part of it that changes."""
    reviews = results.closed_reviews(attempt, get_language() or "")
    position, profile = _position(request, attempt), profiles.of(request.user)
    context = {
        **_page(attempt, reviews, position, refused, request.POST),
        **(review.tools(request, attempt, position) if position in reviews else {}),
        "is_part": is_part(request),
        "single_keys": profile.single_keys,
    }
    template = "exams/drill.html#question" if is_part(request) else "exams/drill.html"
    response = rendering.render_for(request, profile, template, context, refused.status if refused else 200)
    if is_part(request) and request.method == "POST":
        # Reload and Back lead to the question that was answered, not to the next one.
        response["HX-Replace-Url"] = f"{request.path}?q={position}"
    return no_store(response)


def _answer(request: SignedInRequest, drill_id: UUID) -> int:
    """Close what the form says; return its position."""
    sent = request.POST
    position = _number(sent.get("position", ""))
    selected = tuple(_number(option) for option in sent.getlist("selected"))
    confidence = _number(sent["confidence"]) if sent.get("confidence") else None
    if confidence is not None and confidence not in LEVELS:
        raise _unreadable()
    closing = Closing(position, selected, "show" in sent, "flagged" in sent, confidence)
    drills.close(user=request.user, attempt_id=drill_id, closing=closing, ui_language=get_language() or "")
    return position


def _number(text: str) -> int:
    number = whole_number(text, 9, None)
    if number is None:
        raise _unreadable()
    return number


def _unreadable() -> Refused:
    return Refused("invalid_answer", 422, _("The answer doesn't have the expected format."))


def _position(request: SignedInRequest, attempt: Taking) -> int:
    """Return the position that the address or the form names, else the first that is not done."""
    asked = request.POST.get("position") or request.GET.get("q", "")
    open_positions = [item.position for item in attempt.items]
    if asked in map(str, open_positions):
        return int(asked)
    return _next(attempt, 0) or (open_positions[0] if open_positions else 0)


def _page(
    attempt: Taking,
    reviews: Mapping[int, ReviewItem],
    position: int,
    refused: Refused | None,
    sent: QueryDict,
) -> dict[str, Any]:
    item = next((item for item in attempt.items if item.position == position), None)
    review, drill = reviews.get(position), _drill_of(attempt)
    head = drill.head
    return {
        "head": head,
        "drill": drill,
        "title": taking.title(attempt),
        "label": head.certification_code.upper(),
        # What the frame of an exam needs.
        "code": head.certification_code,
        "is_drill": True,
        "is_timed": head.deadline_at is not None,
        "answered": drill.done,
        "total": head.total_items,
        "left": head.total_items - drill.done,
        "here": f"{reverse('exams:drill', args=[head.attempt_id])}?q={position}",
        "position": position,
        "refused": refused,
        "held": len(attempt.held),
        "cells": taking.cells(
            attempt.items,
            # Closed is done, however much of it was chosen: nothing here can be completed any more.
            progress=dict.fromkeys(attempt.answers, Progress.ANSWERED),
            flagged={number for number, answer in attempt.answers.items() if answer.flagged},
            to="?q={}",
            current=position,
        ),
        # What was refused is chosen again.
        "question": items.question_of(item) if item and review is None else None,
        "selected": [
            int(option) for option in sent.getlist("selected") if option.isdecimal() and len(option) < 12
        ],
        "flagged": "flagged" in sent,
        "confidence": sent.get("confidence", ""),
        "levels": [(str(level), formatting.confidence(level)) for level in LEVELS],
        "review": review,
        "review_html": _review_html(review, head.last_ruling) if review else "",
        "previous": max((one.position for one in attempt.items if one.position < position), default=None),
        "next": _next(attempt, position),
        "all_done": drill.done >= len(attempt.items) and not attempt.held,
        "words": json.dumps(question_messages(), ensure_ascii=False),
    }


def _next(attempt: Taking, position: int) -> int | None:
    """Return the next position that is not closed, after this one or from the start; None at the end."""
    waiting = [item.position for item in attempt.items if item.position not in attempt.answers]
    later = [number for number in waiting if number > position] or [
        number for number in waiting if number != position
    ]
    return later[0] if later else None


def _review_html(review: ReviewItem, last_ruling: int | None) -> str:
    text = review.solution.text
    ruling = rulings.corrections(last_ruling).of_version.get(text.version_id)
    correction = question_notes.correction(ruling, text, in_drill=True)
    notes = correction + question_notes.moved_names(text.version_id)
    return notes + item_review.html(text, get_language() or "", review.chosen_letters)


@require_POST
@signed_in
def finish(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """End a drill and lead to its result."""
    selectors.drill(request.user, drill_id)
    try:
        lifecycle.submit(user=request.user, attempt_id=drill_id, lease=None)
    except Refused as refused:
        if refused.status == 404:
            raise
        return closed(request, refused)
    return no_store(redirect("exams:drill_result", drill_id))


@require_POST
@signed_in
def hide(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Take a drill off the lists, or put it back, and lead to the list whose button was pressed."""
    code = selectors.drill(request.user, drill_id).head.certification_code
    hidden = request.POST.get("hidden") != "0"
    drills.hide(user=request.user, attempt_id=drill_id, hidden=hidden)
    if hidden:
        messages.success(request, _("Practice hidden. You can show it again in My exams."))
    else:
        messages.success(request, _("The practice is back in your lists."))
    own = LISTS.get(request.POST.get("back", ""))
    return no_store(
        redirect("exams:practice", code) if own is None else redirect(reverse("exams:attempts") + own)
    )


@require_safe
@offline.takes_back
@signed_in
def result(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Show how a drill went, with every question explained; one that runs leads back to its questions."""
    drill = selectors.drill(request.user, drill_id)
    if drill.head.state == State.VOIDED:
        messages.info(request, _("This practice was canceled."))
        return no_store(redirect("exams:practice", drill.head.certification_code))
    # With every worker dead this page is what scores it.
    lifecycle.settle(user=request.user, attempt_id=drill_id)
    try:
        drill, items = results.drill_review(request.user, drill_id, get_language() or "")
    except Refused as refused:
        if refused.code == "not_finished" and drill.head.running:
            return no_store(redirect(reverse("exams:drill", args=[drill_id], query=request.GET)))
        return closed(request, refused)
    skipped = [item for item in items if drill.head.at_once and item.skipped]
    missed = _positions([item for item in items if not item.correct and item not in skipped])
    context: Mapping[str, Any] = {
        **row_context(drill),
        **review.context_of(review.of_drill(request, drill, items), ReviewFilter.from_query(request.GET)),
        "code": drill.head.certification_code,
        "label": drill.head.certification_code.upper(),
        "back": reverse("exams:practice", args=[drill.head.certification_code]),
        "missed": missed,
        "skipped": _positions(skipped),
        "skipped_count": len(skipped),
        "correct": sum(item.correct for item in items if item not in skipped),
        "counted": len(items) - len(skipped),
        **(
            _check(request, drill, items)
            if drill.head.is_check
            else _practiced(request, drill, items, skipped)
        ),
    }
    template = review.template_of(request, "exams/drill_result.html")
    return no_store(rendering.render_to(request, template, context))


def _practiced(
    request: SignedInRequest, drill: Drill, items: Sequence[ReviewItem], skipped: Sequence[ReviewItem]
) -> dict[str, Any]:
    """Return the next step, and what was correct in each domain where there are several.

    `look` is the filter of the review with what was missed and how much that is, None where all is correct.
    """
    counted = [item for item in items if item not in skipped]
    missed = {show: sum(map(SHOW[show][1], counted)) for show in ("incorrect", "unanswered")}
    here = rendering.here_of(profiles.of(request.user))
    return {
        "look": next(((show, count) for show, count in missed.items() if count), None),
        "step": next_step.panel(Dashboard(request.user, drill.head.certification_code, here)),
        "domains": _by_domain(counted),
    }


def _by_domain(items: Sequence[ReviewItem]) -> list[tuple[str, str]]:
    """Return each domain with how many of its questions are correct; nothing where there is one alone."""
    total = Counter(item.domain_name for item in items)
    right = Counter(item.domain_name for item in items if item.correct)
    if len(total) < 2:
        return []
    return [(name, verdicts.part_of(right[name], count)) for name, count in total.items()]


def _positions(items: Sequence[ReviewItem]) -> str:
    return ",".join(str(item.solution.position) for item in items)


def _side(estimate: StoredEstimate) -> str:
    """Return the side of the pass line that the whole band is on, "" where it reaches across."""
    if estimate.band_high < estimate.pass_mark:
        return "below"
    return "above" if estimate.band_low >= estimate.pass_mark else ""


def _check(request: SignedInRequest, drill: Drill, items: Sequence[ReviewItem]) -> dict[str, Any]:
    """Return what the result of a check says beside that of a drill: the estimate, or why there is none.

    `to_review` is the filter of the review with what was missed, "" where all is correct.
    """
    of_domain = Counter(item.solution.domain_number for item in items).values()
    found = drill.estimate
    return {
        "chart": found and charts.scale(found.scale, found.scaled, (found.band_low, found.band_high)),
        "side": found and _side(found),
        "is_first": drill.head.measures,
        "domains": _by_domain(sorted(items, key=lambda item: item.solution.domain_number)),
        "least": min(of_domain),
        "most": max(of_domain),
        "shared": samples.size(drill.head.certification_code).shared,
        "to_review": next(
            (show for show in ("incorrect", "unanswered") if any(map(SHOW[show][1], items))), ""
        ),
        **_offer(request, drill.head.certification_code),
    }


def _offer(request: SignedInRequest, code: str) -> dict[str, Any]:
    """Return what a person without access has next: a free step, and what the rest costs."""
    standing = offers.standing(request, f"{PREFIX}{code}")
    if not standing.locked:
        return {}
    dashboard = Dashboard(request.user, code, rendering.here_of(profiles.of(request.user)))
    return {
        "locked": True,
        "price": offers.price_now(standing.offers),
        "free_step": welcome.next_step(dashboard),
    }
