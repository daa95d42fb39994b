"""What certifications are called where their access is spoken of, in mails and on the profile."""

from typing import Final

from django.utils.translation import get_language

from exams.catalogue.models import Certification
from exams.catalogue.selectors import pick
from i18n import languages

ACCESS_PREFIX: Final = "cert:"


def titles_of(codes: list[str]) -> dict[str, str]:
    """Return "AWS Certified Machine Learning - Specialty (MLS-C01)" for `cert:mls-c01`. Two queries.

    A code without a certification is left out.
    """
    language = get_language() or languages.DEFAULT
    names = [code.removeprefix(ACCESS_PREFIX) for code in codes]
    rows = Certification.objects.filter(code__in=names).prefetch_related("texts")
    return {row.access_code: _title(row, language) for row in rows}


def _title(row: Certification, language: str) -> str:
    text = pick(row.texts.all(), language, row.original_language)
    label = row.code.upper()
    return f"{text.name} ({label})" if text else label
