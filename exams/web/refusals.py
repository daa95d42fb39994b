"""Why something sent without script was refused: kept in the session, shown once, on the page that sent it.

The reply to such a request is a redirect, so that Back and Reload send no form again.
"""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

SESSION_KEY: Final = "refused_answer"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong, in the reader's language; which options were chosen, and how sure the person was."""

    problem: str
    selected: tuple[int, ...] = ()
    confidence: int | None = None


def lead_back(request: HttpRequest, path: str, refusal: Refusal) -> HttpResponse:
    """Lead back to the page at a path, which says why."""
    request.session[SESSION_KEY] = [path, refusal.problem, refusal.selected, refusal.confidence]
    return redirect(path)


def take(request: HttpRequest, path: str) -> Refusal | None:
    """Return, once, what was refused last of the page at a path."""
    kept = request.session.get(SESSION_KEY)
    if kept is None or kept[0] != path:
        return None
    del request.session[SESSION_KEY]
    return Refusal(kept[1], tuple(kept[2]), *kept[3:])
