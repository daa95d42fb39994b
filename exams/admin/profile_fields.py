"""The profile in the draft of a certification: what its questions are like, as fields of the form."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.admin.draft_editor import EditorContext, TextField
from exams.authoring import profiles
from exams.authoring.kinds import Content
from exams.kinds.profile import PARTS
from exams.presentation.item_fields import KIND_LABELS, LABELS, RATIONALE
from i18n import languages

NAMES: Final[Mapping[str, Promise]] = {
    "options": gettext_lazy("Options"),
    "endings": gettext_lazy("How questions end"),
    "negative": gettext_lazy("Negative questions (NOT, EXCEPT) are allowed"),
    "blocking": gettext_lazy("What keeps a question from being published"),
    "required": gettext_lazy("What every question needs"),
}
ENDINGS_HINT: Final = gettext_lazy(
    "One line for each number of correct options: the first for one, the second for two. Empty: any ending."
)
OPTIONS_HINT: Final = gettext_lazy(
    "Correct ones of all, such as “1 of 4” or “2 of 5, 3 of 6”. Empty: there are no such questions."
)


def content_of(post: Mapping[str, str], known: Content | None) -> dict[str, Any]:
    """Return the profile that a form holds; one that it does not show stays as it is."""
    usual = profiles.content_of({})
    stored = dict(known or usual)
    if "profile" not in post:
        return stored
    return {
        **{
            name: {key: post.get(f"profile.{name}.{key}", stored[name].get(key, "")) for key in usual[name]}
            for name in ("options", "endings")
        },
        "negative": "profile.negative" in post,
        **{
            name: [one for one in all_of if f"profile.{name}.{one}" in post]
            for name, all_of in (("blocking", profiles.RULES), ("required", PARTS))
        },
    }


def context(editor: EditorContext) -> dict[str, Any]:
    """Return the fields in the order of the page."""
    profile = editor.content.get("profile") or profiles.content_of({})
    parts = {part: RATIONALE if part == "rationale" else LABELS[part] for part in PARTS}
    return {
        "names": NAMES,
        "options": [
            _field(editor, f"profile.options.{kind}", profile["options"].get(kind, ""), OPTIONS_HINT)
            for kind, _label in KIND_LABELS
        ],
        "endings": [
            _field(editor, f"profile.endings.{language}", text, ENDINGS_HINT, language)
            for language, text in profile["endings"].items()
        ],
        "negative": profile["negative"],
        "ticks": [
            (NAMES[name], [(f"profile.{name}.{one}", label, one in profile[name]) for one, label in rows])
            for name, rows in (("blocking", profiles.RULES.items()), ("required", parts.items()))
        ],
    }


def _field(editor: EditorContext, path: str, value: str, hint: Promise, language: str = "") -> TextField:
    # How questions end is data of the certification, no text to translate: who only translates reads it.
    is_open, label = editor.layout.structure_open, label_of(path)
    return replace(
        editor.text_field(path, label, rows=3, hint=hint), value=value, language=language, is_open=is_open
    )


def label_of(path: str) -> str:
    """Return the label of a path where it stands alone."""
    match path.split("."):
        case [_profile, "options", kind]:
            return f"{dict(KIND_LABELS).get(kind, kind)}: {NAMES['options']}"
        case [_profile, "endings", language]:
            return f"{NAMES['endings']} ({languages.name_of(language)})"
        case [_profile, name, *_rest]:
            return str(NAMES.get(name, path))
    return _("What questions are like")
