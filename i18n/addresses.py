"""Addresses by language: the language that an address names, and the same page in another language."""

import re
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, reverse, translate_url
from django.utils.translation import get_language_from_path, get_supported_language_variant, override
from django.utils.translation.trans_real import parse_accept_lang_header

from i18n import languages

ROBOT: Final = re.compile(r"bot\b|crawl|spider|slurp|preview|facebookexternalhit", re.IGNORECASE)


def in_language(url: str, code: str) -> str:
    """Return the same page in another language; what has no translation, such as the admin, stays.

    Unlike Django's `translate_url` it understands the address whatever language is active.
    """
    with override(get_language_from_path(urlsplit(url).path) or languages.DEFAULT):
        return translate_url(url, code)


def here_in_language(request: HttpRequest, code: str) -> str:
    """Return the address of the page asked for in another language, without looking the page up again."""
    match = request.resolver_match
    if match is None or not match.url_name:
        return in_language(request.get_full_path(), code)
    with override(code):
        address = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def match_of(path: str) -> ResolverMatch | None:
    """Return the page at a path, whatever language it is in, or None where there is none."""
    address = path.partition("?")[0]
    with override(get_language_from_path(address) or languages.DEFAULT):
        try:
            return resolve(address)
        except Resolver404:
            return None


def chosen_language(request: HttpRequest) -> str:
    """Return the language that this browser has chosen by a language link, or ""."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in languages.CODES else ""


def requested_language(request: HttpRequest) -> str:
    """Return the language that was chosen in this browser, else the one that Accept-Language prefers.

    As Django's `get_language_from_request`, which would take a language of quality zero: that one is refused.
    """
    return chosen_language(request) or _preferred(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def _preferred(header: str) -> str:
    asked = parse_accept_lang_header(header)
    refused = {name for name, quality in asked if not quality}
    for name, quality in asked:
        codes = languages.CODES if name == "*" else _supported(name)
        if quality and (code := next((code for code in codes if code not in refused), "")):
            return code
    return languages.DEFAULT


def _supported(name: str) -> tuple[str, ...]:
    """Return our language for a name such as `hu-HU`, if there is one."""
    try:
        return (get_supported_language_variant(name),)
    except LookupError:
        return ()


def browser_language(request: HttpRequest) -> str:
    """Return the language that the browser asks for, the default one for robots.

    Most robots send no Accept-Language; the others must find the page under its own address too.
    """
    if ROBOT.search(request.headers.get("User-Agent", "")):
        return languages.DEFAULT
    return requested_language(request)
