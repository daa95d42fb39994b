"""The notebook of a course: notes, bookmarks and missed questions of all exams and drills, on one page."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, signed_in
from accounts.web.rendering import no_store
from exams.attempts import drills
from exams.bank.models import ItemText
from exams.catalog import selectors as catalog
from exams.catalog.models import Certification
from exams.feedback import notebook
from exams.feedback.notebook import Entry, Meeting
from exams.presentation import formatting
from exams.web import rendering

ON_A_PAGE: Final = 20
OPENING_LENGTH: Final = 180
SHOW: Final[Mapping[str, tuple[Promise, Callable[[Entry], bool]]]] = {
    "all": (gettext_lazy("All"), lambda entry: True),
    "noted": (gettext_lazy("With a note"), lambda entry: bool(entry.note)),
    "bookmarked": (gettext_lazy("Bookmarked"), lambda entry: entry.bookmarked),
    "missed": (gettext_lazy("Missed"), lambda entry: entry.missed),
    "sure": (gettext_lazy("Sure but incorrect"), lambda entry: entry.sure_but_incorrect),
    "learned": (gettext_lazy("Correct since"), lambda entry: entry.learned),
}
"""What may be shown; "missed" and what follows go by the last time, as the pools of practice do."""
PRACTICED: Final = ("missed", "sure", "bookmarked")
"""Filters that are groups of practice by the same name."""


@require_safe
@signed_in
def notebook_page(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the notebook, filtered and searched."""
    certification = drills.certification(code, request.user)
    profile = profiles.of(request.user)
    words, show = request.GET.get("words", "").strip(), request.GET.get("show", "")
    show = show if show in SHOW else "all"
    found = notebook.entries(request.user, certification)
    language = profile.content_language or get_language() or ""
    # Nothing of what is held is among them, so a search tells nothing of it.
    texts = notebook.texts_of(found, certification, language) if words else {}
    searched = [entry for entry in found if not texts or words.casefold() in _read(entry, texts)]
    page = Paginator([entry for entry in searched if SHOW[show][1](entry)], ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "code": code,
        "label": code.upper(),
        "shows": [
            (name, label, sum(map(fits, searched)), name == show) for name, (label, fits) in SHOW.items()
        ],
        "words": words,
        "is_empty": not found,
        "any_held": any(entry.any_held for entry in found),
        "is_all": show == "all",
        "pool": show if show in PRACTICED else _missed_of_all(show, found),
        "page": page,
        "query": urlencode({"show": show, "words": words}),
        "rows": _rows(list(page), certification, texts or notebook.texts_of(page, certification, language)),
    }
    return no_store(rendering.render_for(request, profile, "exams/notebook.html", context))


def _missed_of_all(show: str, found: Sequence[Entry]) -> str:
    """Return the group of practice that is offered beside all questions, "" where none is missed."""
    return "missed" if show == "all" and any(entry.missed for entry in found) else ""


def _read(entry: Entry, texts: Mapping[int, ItemText]) -> str:
    """Return what a search looks through: the question and the note."""
    text = texts[entry.version_id]
    return f"{html.unescape(strip_tags(f'{text.stem_html} {text.ask_html}'))} {entry.note}".casefold()


def _rows(
    entries: Sequence[Entry], certification: Certification, texts: Mapping[int, ItemText]
) -> list[dict[str, Any]]:
    domains = catalog.domains(certification, get_language() or "") if entries else ()
    names = {one.number: one.name for one in domains}
    return [
        {
            "entry": entry,
            "domain": names.get(entry.domain, ""),
            "opening": formatting.opening(text.stem_html or text.ask_html, OPENING_LENGTH),
            "language": text.language,
            "address": _address(entry.meetings[0]),
            "meetings": [(one, _address(one), _where(one), _sure(one)) for one in entry.meetings],
        }
        for entry in entries
        for text in (texts[entry.version_id],)
    ]


def _address(meeting: Meeting) -> str:
    page = "exams:review" if meeting.form_number else "exams:drill_result"
    return f"{reverse(page, args=[meeting.attempt_id])}?q={meeting.position}"


def _where(meeting: Meeting) -> str | Promise:
    return formatting.exam_name(meeting.form_number) if meeting.form_number else gettext_lazy("Practice")


def _sure(meeting: Meeting) -> str:
    """Return how sure the person was of an answer, "" where they did not say."""
    return formatting.confidence(meeting.confidence) if meeting.answered and meeting.confidence else ""
