"""What every page's frame needs to know: the theme, and the same page in the other languages."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import get_language

from i18n import languages
from i18n.addresses import here_in_language

THEME_COOKIE: Final = "theme"
THEMES: Final = ("light", "dark")
# How long a browser remembers a choice of theme or language.
CHOICE_SECONDS: Final = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """Return the theme that the reader chose, or nothing when they follow their system."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""


def alternates_of(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the address of this page in each language: code, name, href, current."""
    here = get_language()
    return [
        {
            "code": language.code,
            "name": language.name,
            "href": here_in_language(request, language.code),
            "current": language.code == here,
        }
        for language in languages.LANGUAGES
    ]


def _lazily(request: HttpRequest) -> Callable[[], list[dict[str, Any]]]:
    return cache(lambda: alternates_of(request))


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `theme`, `alternates` (worked out only when a template asks), `languages`."""
    return {
        "theme": theme_of(request),
        "alternates": _lazily(request),
        "languages": languages.LANGUAGES,
    }
