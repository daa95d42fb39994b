"""What a role lets somebody do with drafts. Every act asks here, whoever calls it: page, API or job."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User

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
    for name in sorted({*before, *after} - {"texts"}):
        if before.get(name) != after.get(name):
            return name
    texts = (content.get("texts") or {} for content in (before, after))
    stored, wanted = (one.get(original) for one in texts)
    return None if stored == wanted else f"texts.{original}"
