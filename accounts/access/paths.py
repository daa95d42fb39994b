"""Paths of pages that packages above this one show, for mails and pages that lead there."""

from typing import Final

from django.utils.translation import get_language

from i18n import languages

PRICING: Final = "/pricing/"
RESULTS: Final = "/attempts/"
PRIVACY: Final = "/accounts/privacy/"


def here(path: str) -> str:
    """Return a path of the site in the active language."""
    language = get_language() or languages.DEFAULT
    return path if language == languages.DEFAULT else f"/{language}{path}"
