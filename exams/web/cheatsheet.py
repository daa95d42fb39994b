"""The cheat sheet: free for everybody, with a search that needs no script, and as PDF.

`?q=` shows only the blocks that have every word of it; the others stay in the page, hidden, so that a
script can show them again. The PDF is made by a job: until it is there, its address shows how far that is.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import policy
from accounts.jobs.models import State
from accounts.users.models import User
from accounts.users.requests import is_part, or_404
from accounts.web.rendering import attachment, kept_for_visitors
from exams.catalog.selectors import PREFIX
from exams.cheatsheet import documents, files, openings, selectors
from exams.cheatsheet.selectors import Head, Section
from exams.pdf.typesetting import MEDIA_TYPE
from exams.presentation import formatting, highlighting
from exams.web import offers, rendering

VISITOR_SECONDS: Final = 600


def head_of(code: str) -> Head:
    """Return the sheet in the language of the request, or in the original. Raises Http404 for none."""
    return or_404(selectors.current(code, get_language() or ""))


@require_safe
@gzip_page
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Show the sheet, and keep that a person reads it: opens a section, as the script tells, or searches.

    One statement of its own, one more of a person, two more of one who reads, and one more when the process
    has not read it yet.
    """
    head = selectors.current(code, get_language() or "")
    if head is None:
        return rendering.in_preparation(request, code, "sheet")
    query = request.GET.get("q", "")[: highlighting.LONGEST].strip()
    if isinstance(request.user, User) and (query or "read" in request.GET):
        openings.note(request.user, code)
    words = highlighting.words_of(query)
    rendered = _rendered(head, words) if words else _whole(head, get_language() or "")
    context = {
        **frame_context(head),
        "sheet": rendered,
        "query": query if words else "",
        # The text is made once for everybody; who can't practice sees no links to it.
        "is_locked": offers.is_locked(policy.access_of(request.user, f"{PREFIX}{code}")),
    }
    response = render(request, "exams/cheatsheet.html", context)
    return kept_for_visitors(request, response, VISITOR_SECONDS)


@dataclass(frozen=True, slots=True)
class RenderedSheet:
    """The text and the contents of a sheet as HTML; how many sections it has, and of how many blocks how many
    are shown."""

    text: SafeString
    contents: SafeString
    size: int
    matching: int
    total: int


@lru_cache(maxsize=16)
def _whole(head: Head, ui_language: str) -> RenderedSheet:
    """Return the whole sheet for a page in the active language: made once, since an edition never changes."""
    return _rendered(head, ())


def _rendered(head: Head, words: tuple[str, ...]) -> RenderedSheet:
    """Return the sheet with the words marked; what lacks one of them is hidden."""
    sections, texts = selectors.sections(head.edition_id), texts_of(head.edition_id)
    contexts = [section_context(section, texts, words) for section in sections]
    blocks = [block for section in contexts for block in section["blocks"]]
    lang, code = frame_context(head)["lang"], head.code
    context = {"sections": contexts, "lang": lang, "code": code, "is_searched": bool(words)}
    return RenderedSheet(
        text=render_to_string("exams/cheatsheet_text.html", context),
        contents=render_to_string("exams/cheatsheet_contents.html", context),
        size=len(sections),
        matching=sum(not block["is_hidden"] for block in blocks),
        total=len(blocks),
    )


def frame_context(head: Head) -> dict[str, Any]:
    """Return what every page of the sheet says of it."""
    language = get_language() or ""
    return {
        "head": head,
        "code": head.code,
        "label": head.label,
        "vendor": head.vendor,
        "title": documents.title_of(head),
        "lang": "" if head.language == language else head.language,
        "note": formatting.fallback_note(head.language, language),
    }


@lru_cache(maxsize=32)
def texts_of(edition_id: int) -> dict[str, str]:
    """Return the folded words of each block of an edition by number: what a search looks through."""
    return {
        block.number: highlighting.fold(f"{block.number} {block.title} {highlighting.plain(block.html)}")
        for block in selectors.blocks(edition_id)
    }


def section_context(section: Section, texts: dict[str, str], words: tuple[str, ...]) -> dict[str, Any]:
    """Return a section for its template, with the words marked; what lacks one of them is hidden."""
    blocks = [
        {
            "block": block,
            "is_hidden": not (matches := highlighting.holds(texts[block.number], words)),
            "html": highlighting.marked(block.html, words) if matches else block.html,
        }
        for block in section.blocks
    ]
    return {
        "section": section,
        "blocks": blocks,
        "is_hidden": all(block["is_hidden"] for block in blocks),
    }


@require_safe
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    """Send the sheet as PDF; while it is not made, show how far that is, and have it made."""
    head = head_of(code)
    content = None if is_part(request) else files.file(head)
    if content is None:
        state = State.DONE if is_part(request) and files.is_made(head) else _state(head)
        back = reverse("exams:cheatsheet", args=[code])
        title = documents.title_of(head)
        return rendering.pdf_progress(request, state, title=title, code=code, here="sheet", back=back)
    response = attachment(content, MEDIA_TYPE, documents.file_name(head))
    return kept_for_visitors(request, response, VISITOR_SECONDS)


def _state(head: Head) -> str:
    """Return where the job is that makes the file. A file that came just now is there at the next look."""
    state = files.ensure(head).state
    return State.RUNNING if state == State.DONE else state
