"""What entitlements to certifications open: names, pages, and what a buyer must know before paying."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access.models import EVERYTHING
from accounts.access.openings import Opening
from exams.assembly import selectors as assembly
from exams.catalogue.models import Certification
from exams.catalogue.selectors import pick
from exams.presentation import formatting
from i18n import languages

PREFIX: Final = "cert:"


def openings_of(codes: Sequence[str]) -> Mapping[str, Opening]:
    """Return what `cert:mls-c01` and `cert:*` open, in two queries; other codes are left out."""
    names = [code.removeprefix(PREFIX) for code in codes if code.startswith(PREFIX)]
    language = get_language() or languages.DEFAULT
    rows = Certification.objects.filter(code__in=names).prefetch_related("texts") if names else []
    found = {row.access_code: _opening(row, language) for row in rows}
    if EVERYTHING in codes:
        found[EVERYTHING] = Opening(_("All certifications"), path=reverse("exams:catalogue"))
    return found


def _opening(row: Certification, language: str) -> Opening:
    text = pick(row.texts.all(), language, row.original_language)
    return Opening(
        name=text.name if text else "",
        label=row.code.upper(),
        path=reverse("exams:landing", args=[row.code]),
        sentences=partial(_sentences, row, language),
    )


def _sentences(row: Certification, language: str) -> list[str]:
    """Say that it was retired, and which language its exams have."""
    sentences = []
    if row.retired_on and row.retired_on < timezone.localdate():
        day = date_format(row.retired_on, "DATE_FORMAT")
        sentences.append(_("This exam was retired on %(day)s.") % {"day": day})
    forms = assembly.forms(row.code)
    common = set.intersection(*(set(form.languages) for form in forms)) if forms else set()
    if foreign := formatting.only_elsewhere(tuple(common), language):
        sentences.append(foreign)
    return sentences
