"""A drafted question as candidates see it: on the exam's page or in the review, by their own templates."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from exams.assembly.solutions import SolvedOption, SolvedText
from exams.authoring import item_content
from exams.authoring.kinds import Content
from exams.authoring.models import Draft
from exams.bank import services as bank
from exams.kinds.kinds import KINDS
from exams.presentation import item_review


def context(draft: Draft, content: Content, view: str, language: str) -> Mapping[str, Any]:
    """Return what the template of the preview needs; keys and reasons in the review alone."""
    text = solved(content, draft.name, language)
    found: dict[str, Any] = {"question": _question(text)}
    if view == "review":
        found["review"] = item_review.html(text, get_language() or "")
    return found


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
        "kind": KINDS[text.kind],
        "choose": text.choose,
        "stem": text.stem_html,
        "ask": text.ask_html,
        "language": text.language,
        "options": [{"id": one.id, "letter": one.letter, "html": one.text_html} for one in text.options],
    }
