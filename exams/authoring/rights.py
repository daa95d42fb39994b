"""What a role lets somebody do with drafts. Every act asks here, whoever calls it: page, API or job."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from i18n import languages

SEE: Final = "exams.view_draft"
WRITE: Final = "exams.write_draft"
TRANSLATE: Final = "exams.translate_draft"
REVIEW: Final = "exams.review_draft"


def may(person: User, *permissions: str) -> bool:
    """Tell whether somebody has one of these permissions."""
    return any(person.has_perm(permission) for permission in permissions)


def need(person: User, *permissions: str) -> None:
    """Raise Refused (not_allowed, 403) for somebody who has none of these permissions."""
    if not may(person, *permissions):
        raise Refused("not_allowed", 403, _("Your role does not allow this."))


def only_translates(person: User) -> bool:
    """Tell whether somebody writes other languages than the original, and nothing else."""
    return may(person, TRANSLATE) and not may(person, WRITE)


def beyond_translations(before: Mapping[str, Any], after: Mapping[str, Any], original: str) -> str | None:
    """Return the field in which two contents differ beside their texts in other languages; None for none."""
    for name in sorted({*before, *after}, key=lambda name: (name == "texts", name)):
        stored, wanted = (_without_translations(one.get(name), original) for one in (before, after))
        if stored != wanted:
            return f"texts.{original}" if name == "texts" else name
    return None


def _without_translations(value: object, original: str) -> object:
    """Return a value without its texts in other languages: what is kept by language is that alone."""
    if isinstance(value, Mapping):
        by_language = all(name in languages.CODES for name in value)
        return {
            name: _without_translations(inner, original)
            for name, inner in value.items()
            if not by_language or name == original
        }
    return [_without_translations(one, original) for one in value] if isinstance(value, list) else value
