"""A drafted question as candidates see it: on the exam's page and in the review, through their own templates.

A page of its own that only the site may frame, under the policy of candidates' pages, for staff of content.
"""

from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin.draft_views import content_asked, item_draft, staff_view
from exams.assembly.solutions import SolvedOption, SolvedText
from exams.authoring import item_content, rights
from exams.authoring.kinds import Content
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.presentation import item_review

VIEWS: Final = ("taking", "review")
THEMES: Final = ("light", "dark")
POLICY: Final = {**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]}


@csp_override(POLICY)
@xframe_options_sameorigin
@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def preview(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show what is stored, or what is posted and need not be; keys and reasons in the review alone."""
    draft = item_draft(object_id)
    view = _one_of(request.GET.get("view"), VIEWS)
    context: dict[str, Any] = {
        "view": view,
        "theme": _one_of(request.GET.get("theme"), THEMES),
        "messages": [],
    }
    original = draft.certification.original_language
    status = 200
    try:
        content = content_asked(request, draft) if request.method == "POST" else draft.content
        language = _one_of(request.GET.get("language"), (original, *content["texts"]))
        text = solved(content, draft.name, language)
        context |= {"question": _question(text), "language": language}
        if view == "review":
            context["review"] = mark_safe(  # noqa: S308  (rendered by the template of the review)
                item_review.compiled(text, get_language() or "").fill("")
            )
    except (Refused, CannotPublish) as error:
        context["problem"], status = str(error), 422
    return render(request, "admin/exams/preview.html", context, status=status)


def _one_of(asked: str | None, known: tuple[str, ...]) -> str:
    return asked if asked in known else known[0]


def solved(content: Content, code: str, language: str) -> SolvedText:
    """Return the item as the review takes it, in a language that it has. Raises CannotPublish."""
    draft = item_content.text_draft(content, language)
    shown = bank.rendered(draft, f"{code}-preview")
    return SolvedText(
        version_id=0,
        kind=content["kind"],
        choose=content["choose"],
        difficulty=content["difficulty"],
        language=language,
        stem_html=shown.stem,
        ask_html=shown.ask,
        options=tuple(
            SolvedOption(number, letter, text_html, rationale_html, option["key"])
            for number, (letter, option, (text_html, rationale_html)) in enumerate(
                zip(item_content.LETTERS, content["options"], shown.options, strict=False), start=1
            )
        ),
        why_html=shown.why,
        principle_html=shown.principle,
        tip_html=shown.tip,
        references=draft.references,
    )


def _question(text: SolvedText) -> dict[str, object]:
    """Return what the exam's page shows: nothing of keys."""
    return {
        "kind": text.kind,
        "choose": text.choose,
        "stem": text.stem_html,
        "ask": text.ask_html,
        "language": text.language,
        "options": [{"id": one.id, "letter": one.letter, "html": one.text_html} for one in text.options],
    }
