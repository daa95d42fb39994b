"""Addresses by language: the language that an address names, and the same page in another language."""

import re
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language_from_path, get_language_from_request, override

from i18n import languages

ROBOT: Final = re.compile(r"bot\b|crawl|spider|slurp|preview|facebookexternalhit", re.IGNORECASE)


def in_language(url: str, code: str) -> str:
    """Return the same page in another language; what has no translation, such as the admin, stays.

    Unlike Django's `translate_url` it understands the address whatever language is active.
    """
    with override(get_language_from_path(urlsplit(url).path) or languages.DEFAULT):
        return translate_url(url, code)


def chosen_language(request: HttpRequest) -> str:
    """Return the language that this browser has chosen by a language link, or ""."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in languages.CODES else ""


def browser_language(request: HttpRequest) -> str:
    """Return the language that the browser asks for, the default one for robots.

    Most robots send no Accept-Language; the others must find the page under its own address too.
    """
    if ROBOT.search(request.headers.get("User-Agent", "")):
        return languages.DEFAULT
    return get_language_from_request(request)
