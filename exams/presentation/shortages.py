"""Why no exam could be drawn, in sentences of the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from exams.assembly.drawing import Shortage
from exams.presentation import item_fields

NAMES: Final[Mapping[str, Promise]] = {**dict(item_fields.KIND_LABELS), **item_fields.DIFFICULTIES}


def sentence(shortage: Shortage) -> str:
    """Return a reason as a sentence."""
    return _template(shortage) % {
        "name": NAMES.get(shortage.name, shortage.name),
        "wanted": shortage.wanted,
        "found": shortage.found,
        "more": max(shortage.wanted, shortage.found),
    }


def _template(shortage: Shortage) -> str:
    match shortage.what:
        case "domain":
            return _("Domain %(name)s needs %(wanted)s questions; %(found)s can be used.")
        case "task":
            return _trait(shortage, _("task statement"))
        case "kind":
            return _trait(shortage, _("question type"))
        case "difficulty":
            return _trait(shortage, _("difficulty"))
        case "cover":
            return _("No question that could be scored covers “%(name)s”.")
        case "twins":
            return _("%(more)s questions ask the same (“%(name)s”), and an exam can have only one of them.")
    if shortage.name.isdigit():
        return _("%(wanted)s questions of domain %(name)s have to be included, but it has %(found)s places.")
    return _("%(name)s has to be included, but is not published or is in the free sample.")


def _trait(shortage: Shortage, what: str) -> str:
    if shortage.found > shortage.wanted:
        text = _("With %(what)s “%(name)s”, at most %(wanted)s are allowed; the closest exam has %(found)s.")
    else:
        text = _("With %(what)s “%(name)s”, at least %(wanted)s are needed; there are %(found)s.")
    return text.replace("%(what)s", what)
