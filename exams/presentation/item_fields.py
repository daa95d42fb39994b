"""What the fields of a drafted question are called, by their paths."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exams.kinds import kinds
from exams.presentation.items import LETTERS
from i18n import languages

LABELS: Final[Mapping[str, Promise]] = {
    "task": gettext_lazy("Task statement"),
    "kind": gettext_lazy("Question type"),
    "choose": gettext_lazy("Options to choose"),
    "difficulty": gettext_lazy("Difficulty"),
    "level": gettext_lazy("Cognitive level"),
    "covers": gettext_lazy("Covers"),
    "tags": gettext_lazy("Tags"),
    "twins": gettext_lazy("Twin group"),
    "source": gettext_lazy("Id in another system"),
    "options": gettext_lazy("Options"),
    "references": gettext_lazy("References"),
    "key": pgettext_lazy("of an option", "Correct"),
    "failure": gettext_lazy("Why it fails"),
    "text": pgettext_lazy("of an option", "Text"),
    "why": gettext_lazy("Why it is correct"),
    "stem": gettext_lazy("Situation"),
    "ask": gettext_lazy("Question"),
    "principle": gettext_lazy("Principle"),
    "tip": gettext_lazy("Exam tip"),
    "title": pgettext_lazy("of a reference", "Title"),
    "url": pgettext_lazy("of a reference", "Address"),
    "figures": gettext_lazy("Figures"),
}
KIND_LABELS: Final = tuple(
    (kind.name, pgettext_lazy(kinds.CONTEXT, kind.label)) for kind in kinds.KINDS.values()
)
DIFFICULTIES: Final[Mapping[str, Promise]] = {
    "easy": pgettext_lazy("difficulty", "easy"),
    "medium": pgettext_lazy("difficulty", "medium"),
    "hard": pgettext_lazy("difficulty", "hard"),
}
RATIONALE: Final = gettext_lazy("Explanation")


def label_of(path: str) -> str:
    """Return the label of a path where it stands alone: "Option B: Text (English)".

    What is no path of a drafted question is returned as it is: some paths come from outside.
    """
    match path.split("."):
        case ["texts", language]:
            return languages.name_of(language)
        case ["texts", language, *rest]:
            return f"{label_of('.'.join(rest))} ({languages.name_of(language)})"
        case ["options", index] if _is_number(index):
            return option_name(int(index))
        case ["options", index, name, *_rest] if _is_number(index):
            return f"{option_name(int(index))}: {RATIONALE if name == 'why' else LABELS.get(name, name)}"
        case ["references", index, name, *_rest] if _is_number(index):
            return f"{LABELS['references']} {int(index) + 1}: {LABELS.get(name, name)}"
        case [name, *_rest]:
            return str(LABELS.get(name, path))
    return path


def _is_number(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 4


def option_name(index: int) -> str:
    """Return what an option is called: Option B for index 1."""
    return _("Option %(letter)s") % {"letter": LETTERS[index] if index < len(LETTERS) else index + 1}
