"""The page of a drafted question: texts by language side by side, options, references, its preview."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import F, Func, OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exams.admin import draft_fields, draft_form, draft_rulings, item_preview
from exams.admin.draft_pages import Desk, DraftPage, Fields
from exams.authoring import kinds
from exams.authoring.item_content import MOST_OPTIONS
from exams.authoring.items import NAME
from exams.authoring.kinds import Content
from exams.authoring.models import Draft
from exams.bank.models import Item
from exams.catalogue.models import Certification, TaskStatement, TaskStatementText
from exams.kinds.profile import Profile
from exams.presentation import item_fields

VIEWS: Final = (("taking", pgettext_lazy("preview", "Exam")), ("review", pgettext_lazy("preview", "Review")))


class ItemPage(DraftPage):
    """The editor of a question."""

    template = "admin/exams/draft.html"
    published = _("Published. If an exam has this question, it has a new edition now.")
    whole = _("the whole question")
    preview_template = "admin/exams/item_preview.html"

    def context(self, desk: Desk) -> Mapping[str, Any]:
        """Return texts, options, references, and what can be chosen."""
        content, layout = desk.content, desk.layout
        profile = Profile.of(desk.draft.certification.profile)
        return {
            "image": _image(desk),
            "ruling": draft_rulings.notice_of(desk),
            "stem": draft_fields.words_of(content, layout, ("stem", "ask")),
            "explanation": draft_fields.words_of(content, layout, ("why", "principle", "tip")),
            "options": draft_fields.option_rows(content, layout),
            "references": list(enumerate(content["references"])),
            "most_options": MOST_OPTIONS,
            "covers": " ".join(content["covers"]),
            "tags": ", ".join(content["tags"]),
            "known_coverage": coverage_of(desk.draft.certification),
            "tasks": tasks_of(desk.draft.certification),
            "labels": item_fields.LABELS,
            "kinds": [one for one in item_fields.KINDS if one[0] in (*profile.options, content["kind"])],
            "difficulties": draft_fields.DIFFICULTIES,
            "levels": draft_fields.LEVELS,
            "failures": draft_fields.failures(),
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that the form holds."""
        return draft_form.content_of(post, stored)

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Add, move or remove options and references."""
        return draft_form.changed(content, post.get("do", ""))

    def typed(self, content: Content, stored: Content) -> Content:
        """Keep the texts where only the number is something else than a number, else show what is stored."""
        # Of what a form holds, only a number can be something else than its type.
        choose = content["choose"] if isinstance(content["choose"], int) else stored["choose"]
        try:
            return kinds.kind_of(NAME).clean({**content, "choose": choose})
        except kinds.ContentError:
            return stored

    def label_of(self, path: str) -> str:
        """Return the label of a path: "Option B: Text (English)"."""
        return item_fields.label_of(path)

    def places(self, desk: Desk) -> Sequence[tuple[str, str]]:
        """Return every text, and the references."""
        words = draft_fields.words_of(desk.content, desk.layout, ("stem", "ask"))
        after = draft_fields.words_of(desk.content, desk.layout, ("why", "principle", "tip"))
        options = draft_fields.option_rows(desk.content, desk.layout)
        rows = [*words, *(row for option in options for row in option.texts), *after]
        fields = [(field.name, field.full) for row in rows for field in row]
        return [*fields, ("references", str(item_fields.LABELS["references"]))]

    def views(self, content: Content) -> Sequence[tuple[str, str | Promise]]:
        """Return the page of the exam, and the review."""
        return VIEWS

    def preview(self, draft: Draft, content: Content, view: str, language: str) -> Mapping[str, Any]:
        """Return the question, keys and reasons in the review alone."""
        return item_preview.context(draft, content, view, language)


def tasks_of(certification: Certification) -> list[tuple[str, str]]:
    """Return the task statements that the blueprint has, with their titles. One statement."""
    titles = TaskStatementText.objects.filter(task=OuterRef("pk"), language=certification.original_language)
    rows = TaskStatement.objects.filter(domain__certification=certification, is_current=True)
    tasks = rows.order_by("code").annotate(title=Subquery(titles.values("title")[:1]))
    return [(code, f"{code} {title or ''}") for code, title in tasks.values_list("code", "title")]


def coverage_of(certification: Certification) -> list[str]:
    """Return what questions of the certification cover, as suggestions. One statement."""
    each = Func(F("coverage"), function="unnest")
    rows = Item.objects.filter(certification=certification).annotate(one=each)
    return list(rows.order_by("one").values_list("one", flat=True).distinct())


def _image(desk: Desk) -> Mapping[str, Any]:
    """Return the fields of an image that may be added, and what was refused of one."""
    refused = desk.refused
    field = str(refused.extra.get("field", "")) if refused else ""
    return {
        "places": draft_fields.image_places(desk.content, desk.layout),
        "place": desk.sent.get("image.field", ""),
        "told": desk.sent.get("image.told", ""),
        "said": str(refused) if field.startswith("image.") else "",
    }
