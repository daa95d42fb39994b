"""What entitlements to certifications open: names, pages, and what a buyer must know before paying."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access.models import EVERYTHING
from accounts.access.openings import Opening
from exams.catalogue.models import Certification
from exams.catalogue.selectors import pick
from exams.presentation import before_paying
from i18n import languages

PREFIX: Final = "cert:"


def openings_of(codes: Sequence[str]) -> Mapping[str, Opening]:
    """Return what `cert:mls-c01` and `cert:*` open, in two queries; other codes are left out."""
    names = [code.removeprefix(PREFIX) for code in codes if code.startswith(PREFIX)]
    language = get_language() or languages.DEFAULT
    rows = Certification.objects.filter(code__in=names).prefetch_related("texts") if names else []
    openings = {row.access_code: _opening(row, language) for row in rows}
    if EVERYTHING in codes:
        openings[EVERYTHING] = Opening(
            _("All certifications"),
            path=reverse("exams:catalogue"),
            details=partial(before_paying.details_of, EVERYTHING, language),
        )
    return openings


def codes() -> Sequence[str]:
    """Return every code that opens something, in one query."""
    rows = Certification.objects.order_by("code")
    return [EVERYTHING, *(row.access_code for row in rows)]


def _opening(row: Certification, language: str) -> Opening:
    text = pick(row.texts.all(), language, row.original_language)
    return Opening(
        name=text.name if text else "",
        label=row.code.upper(),
        path=reverse("exams:landing", args=[row.code]),
        details=partial(before_paying.details_of, row.access_code, language),
    )
