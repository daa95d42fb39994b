"""Middleware of the project: the id, the log line and the count of a request; the admin's own policy."""

import logging
import os
import re
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.urls import resolve, reverse
from django.utils.csp import CSP
from django.utils.functional import SimpleLazyObject

from config import metrics
from config.logging import current_request, write_fields

HTMX_MARK: Final = "Passline"
"""Header of every reply to htmx: `static/js/parts.js` puts nothing into a page that comes without it."""
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
DIGITS: Final = re.compile(r"[0-9]{1,4}")
DATE_PARTS: Final = {"year": 9999, "month": 12, "day": 31}
# Asked every few seconds by machines, a file of ours, or a save: a hundred of them in each exam, of which the
# log of answers knows more than a line could say. All are counted and timed, and a refused one has its line.
QUIET: Final = {"health_live", "health_ready", "metrics", "none", "api:answers"}
PROBES: Final = {"/health/live", "/health/ready", "/metrics"}
PROBE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# The admin's components evaluate expressions and set styles; candidates' pages stay strict.
ADMIN_POLICY: Final[dict[str, Any]] = {
    **settings.SECURE_CSP,
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "frame-src": [CSP.SELF],  # an editor shows what it edits as candidates see it
}

logger = logging.getLogger("passline.request")

type Answer = Callable[[HttpRequest], HttpResponse]


def request_id(request: HttpRequest) -> str:
    """Return the id that this request has in logs, replies and error pages; made at the first call."""
    known: str | None = getattr(request, "_passline_id", None)
    if known is None:
        # Not by `headers`, which parses every header of the request.
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        known = sent if REQUEST_ID.fullmatch(sent) else os.urandom(16).hex()
        setattr(request, "_passline_id", known)  # noqa: B010
    return known


def route_of(request: HttpRequest) -> str:
    """Return the name of the route, never the address: addresses hold ids and have no end of variants."""
    match = request.resolver_match
    return (match.view_name or "unnamed") if match else "none"


class Observe:
    """Gives each request an id, counts and times it, and writes one line about it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        key = request_id(request)
        token = current_request.set(key)
        try:
            response = self.answer(request)
        finally:
            current_request.reset(token)
        response.headers["X-Request-ID"] = key
        if "HTTP_HX_REQUEST" in request.META:
            response.headers[HTMX_MARK] = "1"
        seconds = time.perf_counter() - began
        route, status = route_of(request), response.status_code
        metrics.observe(request.method, route, status, seconds)
        level = _level(route, status)
        if logger.isEnabledFor(level):
            fields = {
                "request_id": key,
                "method": request.method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "user_id": _user_id(request),
            }
            write_fields(logger, level, "request", fields)
        return response


def _level(route: str, status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.DEBUG if route in QUIET and status < 400 else logging.INFO


def _user_id(request: HttpRequest) -> int | None:
    """Return who asked, when that is already known: a log line must not cost a query."""
    user = request.__dict__.get("user")
    if user is None or type(user) is SimpleLazyObject:
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)


class Probes:
    """Answers what machines ask (health, metrics) before the host name is checked.

    Orchestrators and Prometheus reach a container by its address, which no list of allowed hosts can name.
    These pages neither use the host name nor show anything that depends on it.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PROBES:
            return self.answer(request)
        request.resolver_match = match = resolve(request.path_info)
        reply: HttpResponse = match.func(request)
        for name, value in PROBE_HEADERS.items():
            reply.headers.setdefault(name, value)
        return reply


class AdminPolicy:
    """Gives the admin a policy of its own, unless a page of it has one; other pages keep the strict one."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.answer(request)
        check_dates(request.GET)
        response = self.answer(request)
        if not hasattr(response, "_csp_config"):
            setattr(response, "_csp_config", ADMIN_POLICY)  # noqa: B010
        return response


def check_dates(query: QueryDict) -> None:
    """Raise BadRequest for a part of a date that cannot be: the admin's lists would fail with a 500."""
    for name, value in query.items():
        most = DATE_PARTS.get(name.rpartition("__")[2])
        if most and not (DIGITS.fullmatch(str(value)) and 1 <= int(str(value)) <= most):
            raise BadRequest(f"{name} is not a part of a date")


# Pages whose address has the code of a certification.
CODED: Final = frozenset({"exams", "flashcards"})


class LowerCaseCodes:
    """Leads readers of `/MLS-C01/`, as the code is written everywhere, to the page at `/mls-c01/`."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        return _in_lower_case(request) or response


def _in_lower_case(request: HttpRequest) -> HttpResponse | None:
    """Return the way to the same page with its code in lower case; None where that changes nothing."""
    match = request.resolver_match
    named = match is not None and not CODED.isdisjoint(match.namespaces)
    code = str(match.kwargs.get("code", "")) if match and named else ""
    if not match or code == code.lower():
        return None
    path = reverse(match.view_name, kwargs={**match.kwargs, "code": code.lower()})
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
