"""The page of a drafted card: its texts by language side by side, its facts, and the card as learned."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exams.admin.draft_editor import (
    DraftPage,
    EditorContext,
    Fields,
    TextField,
    listed,
    typed_number,
)
from exams.admin.item_editor import coverage_of, tasks_of
from exams.authoring.kinds import Content
from exams.authoring.models import Draft
from exams.bank import markdown
from exams.catalog.models import Certification, DomainText
from flashcards.services import cards
from flashcards.services.drafts import WORDS, newest
from flashcards.services.operations import CardDraft
from flashcards.study.session import CardFace, topics_of
from i18n import languages

LABELS: Final[Mapping[str, Promise]] = {
    "front": pgettext_lazy("of a card", "Front"),
    "back": pgettext_lazy("of a card", "Back"),
    "trap": _("Trap"),
    "domain": _("Domain"),
    "task": _("Task statement"),
    "tags": _("Tags"),
    "covers": _("Covers"),
    "free_preview": _("In the free preview"),
    "position": _("Place in the deck"),
}
HINTS: Final[Mapping[str, Promise]] = {
    "front": _("One question of 5 to 25 words that can be answered alone."),
    "back": _("One or two sentences, at most 60 words with the trap."),
    "trap": _("At most 15 words: what people confuse it with. May stay empty."),
}
HEIGHTS: Final = {"front": 3, "back": 5, "trap": 2}
PREVIEW_SIDES: Final = (
    ("front", pgettext_lazy("of a card", "Front")),
    ("back", pgettext_lazy("of a card", "Back")),
)


class CardPage(DraftPage):
    """The editor of a card."""

    template = "admin/flashcards/card_draft.html"
    published = _("Published. Learners see the new text, on the same days as before.")
    whole = _("the whole card")
    preview_template = "admin/flashcards/card_preview.html"

    def context(self, editor: EditorContext) -> Mapping[str, Any]:
        """Return texts side by side, facts, and which translations are missing or older."""
        content, draft = editor.content, editor.draft
        return {
            "texts": [_text_fields(editor, part) for part in WORDS],
            "facts": [editor.text_field(name, LABELS[name]) for name in ("tags", "covers", "position")],
            "domain": editor.text_field("domain", LABELS["domain"]),
            "task": editor.text_field("task", LABELS["task"]),
            "preview_label": LABELS["free_preview"],
            "domains": domains_of(draft.certification),
            "tasks": tasks_of(draft.certification),
            "known_coverage": coverage_of(draft.certification),
            "behind": _behind(draft, content),
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return what a form holds, over what is stored. What is no number stays as it was typed."""
        numbers = {
            name: typed_number(post[name]) if name in post else stored[name]
            for name in ("domain", "position")
        }
        return {
            **stored,
            **numbers,
            "task": post.get("task", stored["task"]),
            **{name: listed(post, name, stored[name]) for name in ("tags", "covers")},
            "free_preview": "free_preview" in post if "facts" in post else stored["free_preview"],
            "texts": {**stored["texts"], **dict(_texts(post, stored["texts"]))},
        }

    def label_of(self, path: str) -> str:
        """Return the label of a path: "Front (English)"."""
        steps = path.split(".")
        if steps[0] == "texts" and len(steps) > 1:
            language = languages.name_of(steps[1])
            return f"{LABELS.get(steps[2], steps[2])} ({language})" if len(steps) > 2 else language
        return str(LABELS.get(steps[0], path))

    def places(self, editor: EditorContext) -> Sequence[tuple[str, str]]:
        """Return every text."""
        paths = [f"texts.{language}.{part}" for part in WORDS for language in editor.layout.languages]
        return [(path, self.label_of(path)) for path in paths]

    def views(self, content: Content) -> Sequence[tuple[str, str | Promise]]:
        """Return both sides."""
        return PREVIEW_SIDES

    def preview(self, draft: Draft, content: Content, view: str, language: str) -> Mapping[str, Any]:
        """Return the card as a learner sees it. Raises CannotPublish."""
        text = {**dict.fromkeys(WORDS, ""), **content["texts"].get(language, {})}
        card = cards.rendered(
            CardDraft(language, **text), markdown.Setting({}, f"card-{draft.pk}-preview", language)
        )
        return {
            "face": CardFace(language, card.front, card.back, card.trap, topics_of(content["tags"])),
            "name": dict(domains_of(draft.certification)).get(content["domain"], ""),
            "is_turned": view == "back",
        }


def _text_fields(editor: EditorContext, part: str) -> tuple[TextField, ...]:
    hint, rows = HINTS[part], HEIGHTS[part]
    return editor.in_languages(
        lambda language: f"texts.{language}.{part}", LABELS[part], rows=rows, hint=hint
    )


def domains_of(certification: Certification) -> list[tuple[int, str]]:
    """Return the domains that the blueprint has, with their names in the original. One statement."""
    rows = DomainText.objects.filter(
        domain__certification=certification,
        domain__is_current=True,
        language=certification.original_language,
    )
    domains = rows.order_by("domain__number").values_list("domain__number", "name")
    return [(number, f"{number} {name}") for number, name in domains]


def _behind(draft: Draft, content: Content) -> list[tuple[str, str]]:
    """Return the languages whose text is missing, or older than the original. Two statements."""
    original = draft.certification.original_language
    card = cards.of_deck(draft.certification.code).filter(code=draft.name).first()
    stored = newest(card) if card else {}
    behind = []
    for language in languages.CODES:
        text = content["texts"].get(language, {})
        name = languages.name_of(language)
        if language == original:
            continue
        if not any(text.values()):
            behind.append((name, "missing"))
        elif (
            language in stored and original in stored and _is_older(text, stored[language], stored[original])
        ):
            behind.append((name, "older"))
    return behind


def _is_older(text: Mapping[str, str], translation: Any, original: Any) -> bool:  # noqa: ANN401
    """Tell whether a translation is as it was published before the original was."""
    # Whoever has changed it since has read the original anew.
    is_untouched = all(getattr(translation, part) == text[part] for part in WORDS)
    return is_untouched and bool(translation.published_at < original.published_at)


def _texts(post: Fields, stored: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts that a form holds; a translation of which nothing is written yet is none."""
    for language in languages.CODES:
        known = stored.get(language, {})
        sent = {part: post.get(f"texts.{language}.{part}") for part in WORDS}
        if all(value is None for value in sent.values()):
            continue
        text = {part: known.get(part, "") if value is None else value for part, value in sent.items()}
        if language in stored or any(value.strip() for value in text.values()):
            yield language, text
