"""The page of a drafted exam: a plain form for its numbers and questions, with what the rules say.

Every button sends the whole form, so nothing that was typed is lost by moving or looking for a question.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from exams.admin import form_fields, form_rows
from exams.admin.draft_fields import Difference
from exams.admin.draft_pages import Desk, DraftPage, Fields
from exams.authoring.kinds import Content
from exams.authoring.models import Draft
from exams.catalogue.models import Domain


class FormPage(DraftPage):
    """Minutes, scores, weights, and questions in their order."""

    template = "admin/exams/form_draft.html"
    published = _("Published. Whoever takes this exam now keeps the edition they began.")
    whole = _("the whole exam")
    has_texts = False

    def context(self, desk: Desk) -> Mapping[str, Any]:
        """Return numbers, weights and rows, each with what is said about it, and what a search found."""
        certification, items = desk.draft.certification, desk.content["items"]
        term = desk.query.get("q", "")
        codes = [one["code"] for one in items]
        return {
            "numbers": list(_numbers(desk)),
            "weights": list(_weights(desk)),
            "rows": form_rows.rows(certification, items, desk.remarks),
            "scored": sum(one["scored"] for one in items),
            "q": term,
            "found": form_rows.search(certification, term, codes) if desk.layout.is_open else [],
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that the form holds."""
        return form_fields.content_of(post, stored)

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Add, move or remove questions. Whichever button was pressed, codes that were typed are not lost."""
        codes = post.get("codes", "")
        done = form_fields.changed(content, post.get("do", "save"), codes)
        return form_fields.changed(done, "add", codes) if codes else done

    def next_place(self, post: Fields) -> str:
        """Lead to what was found, or to the questions that were moved."""
        act, query = post.get("do", "save"), post.get("q", "").strip()
        found = f"?{urlencode({'q': query})}" if query else ""
        if act == "save":
            return found
        is_looking = bool(query) and act.partition(".")[0] in {"search", "add"}
        return f"{found}#{'found' if is_looking else 'items'}"

    def label_of(self, path: str) -> str:
        """Return the label of a path: "Question 3"."""
        return form_fields.label_of(path)

    def differences(self, one: Content, other: Content) -> list[Difference]:
        """Return what differs, all questions in one row."""
        return form_fields.differences(one, other)


def _numbers(desk: Desk) -> Iterator[dict[str, Any]]:
    for name in form_fields.NUMBERS:
        label = form_fields.LABELS[name]
        yield {"name": name, "label": label, "value": desk.content[name], "said": desk.said(name)}


def _weights(desk: Desk) -> Iterator[dict[str, Any]]:
    """Yield the weight of each domain that the blueprint or the exam has. One statement."""
    weights = desk.content["weights"]
    current = Domain.objects.filter(certification=desk.draft.certification, is_current=True)
    numbers = {str(number) for number in current.values_list("number", flat=True)} | set(weights)
    for number in sorted(numbers, key=int):
        name = f"weights.{number}"
        yield {
            "name": name,
            "label": form_fields.label_of(name),
            "value": weights.get(number, ""),
            "said": desk.said(name),
        }
