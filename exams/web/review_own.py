"""A reader's own part of a row of a review: bookmark, note and reports, with their forms.

A review has as many of these as questions, so each part is rendered once for a language and filled by slots.
Where the reader has said nothing yet, the page has a link alone: with a script it is replaced by the forms
once it comes into view, without one it leads to the row with its forms. What is taught where comes with them:
for 65 rows both weigh 10 KB.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from exams.feedback.models import NOTE_MAX, REPORT_MAX, Reason
from exams.feedback.selectors import NOTHING, Own, Report
from exams.presentation.slots import Slotted, slot

_TEMPLATE: Final = "exams/review_own.html"
_WORDS: Final = (
    *("bookmark", "unbookmark", "delete", "is_bookmarked", "has_note"),
    *("wanted", "wanted_learn"),
)
_SLOTS: Final = (
    *("position", "base", "query", "token", "done", "reports", "bookmark"),
    *("note", "note_open", "note_fault", "note_error", "note_delete"),
    *("report", "report_open", "report_fault", "report_error", "reasons"),
    *("address", "wanted"),
)
DONE: Final[Mapping[str, Promise]] = {
    "bookmark": _("Bookmark added."),
    "unbookmark": _("Bookmark removed."),
    "note": _("Note saved."),
    "unnote": _("Note deleted."),
    "report": _("Report sent. We'll answer here and by email."),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What all rows share: where forms are sent (up to the act), query and token, the reader's time zone."""

    base: str
    query: str
    token: str
    zone: dt.tzinfo


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with a form ("note" or "report") and what had been entered, to be mended."""

    form: str
    problem: str
    text: str
    reason: str = ""


@lru_cache(maxsize=32)
def _compiled(part: str, ui_language: str) -> Slotted:
    with override(ui_language):
        values = {"s": {name: slot(name) for name in _SLOTS}, "note_max": NOTE_MAX, "report_max": REPORT_MAX}
        return Slotted.of(render_to_string(f"{_TEMPLATE}#{part}", values))


@lru_cache(maxsize=16)
def _words(ui_language: str) -> Mapping[str, str]:
    with override(ui_language):
        return {"": "", **{name: render_to_string(f"{_TEMPLATE}#{name}") for name in _WORDS}}


@lru_cache(maxsize=64)
def _reasons(ui_language: str, chosen: str) -> str:
    with override(ui_language):
        return render_to_string(f"{_TEMPLATE}#reasons", {"reasons": Reason.choices, "chosen": chosen})


def marks(own: Own | None, ui_language: str) -> str:
    """Return the words in the head of a row: whether it is bookmarked, and whether it has a note."""
    if own is None:
        return ""
    words = _words(ui_language)
    return words["is_bookmarked" if own.bookmarked else ""] + words["has_note" if own.note else ""]


def html(
    position: int,
    own: Own | None,
    page: Page,
    ui_language: str,
    *,
    done: str = "",
    fault: Fault | None = None,
) -> SafeString:
    """Return the part for one row; `done` names what was just done, `fault` what was wrong with a form."""
    said, words = own or NOTHING, _words(ui_language)
    values = {
        "position": str(position),
        "base": f"{page.base}{position}/",
        "query": page.query,
        "token": page.token,
        "done": _done(done) if done in DONE else "",
        "reports": _reported(said.reports, page.zone) if said.reports else "",
        "bookmark": words["unbookmark" if said.bookmarked else "bookmark"],
        "note": escape(said.note) if said.note else "",
        "note_open": " open" if said.note else "",
        "note_delete": words["delete" if said.note else ""],
        "report": "",
        "report_open": "",
        "reasons": _reasons(ui_language, ""),
        **_NO_FAULT,
    }
    if fault:
        values |= _faulty(position, fault, ui_language)
    return mark_safe(_compiled("own", ui_language).fill(values))  # noqa: S308  (templates escaped it)


def later(position: int, page: Page, ui_language: str, *, is_taught: bool) -> SafeString:
    """Return what stands in for the part of a row until it is wanted; `is_taught`: with links to learn by."""
    values = {
        "position": str(position),
        "address": f"{page.base}{position}/own/{page.query}",
        "wanted": _words(ui_language)["wanted_learn" if is_taught else "wanted"],
    }
    return mark_safe(_compiled("later", ui_language).fill(values))  # noqa: S308  (templates escaped it)


_NO_FAULT: Final = {"note_fault": "", "note_error": "", "report_fault": "", "report_error": ""}


def _faulty(position: int, fault: Fault, ui_language: str) -> dict[str, str]:
    if fault.form == "bookmark":
        return {"done": render_to_string(f"{_TEMPLATE}#wrong", {"text": fault.problem})}
    values = {"position": position, "of": fault.form, "text": fault.problem}
    found = {
        fault.form: escape(fault.text),
        f"{fault.form}_open": " open",
        f"{fault.form}_fault": f' aria-invalid="true" aria-describedby="q{position}-{fault.form}"',
        f"{fault.form}_error": render_to_string(f"{_TEMPLATE}#error", values),
    }
    if fault.form == "report":
        found["reasons"] = _reasons(ui_language, fault.reason)
    return found


def _done(name: str) -> str:
    return render_to_string(f"{_TEMPLATE}#done", {"text": DONE[name]})


def _reported(reports: Sequence[Report], zone: dt.tzinfo) -> str:
    # Rows are filled before the page is rendered, which is when a view chooses the zone of everything else.
    with timezone.override(zone):
        return render_to_string(f"{_TEMPLATE}#reported", {"reports": reports})
