"""What a person or a program sees when nothing else answers: pages, or problem+json below /api/."""

import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views import defaults

from accounts.api import problems
from accounts.base import searches, site_operator
from config import gate, metrics, server
from config.middleware import request_id
from exams.content.exchange_formats import limits
from i18n.addresses import requested_language

SEARCH_TOO_LONG: Final = "search_too_long"
# Where lists of the admin, its command palette and its fields that complete what is typed take their words.
ADMIN_SEARCHES: Final = ("q", "s", "term")
# Why a request is refused before anything looks at it: status, headline, explanation.
REFUSALS: Final = {
    server.TOO_LARGE: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        gettext_noop("That's too large to send"),
        gettext_noop("You can send at most %(most)s MB at once. Nothing was changed."),
    ),
    server.TOO_MANY: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        gettext_noop("Too many uploads at once"),
        gettext_noop("Too many uploads are in progress. Nothing was changed. Try again in a few seconds."),
    ),
    server.LARGE_BUSY: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        gettext_noop("Another large file is on its way"),
        gettext_noop(
            "The site takes one large file at a time, and somebody is uploading one right now. "
            "Nothing was changed. Try again in a few seconds."
        ),
    ),
    server.NOT_STAFF: (
        HTTPStatus.FORBIDDEN,
        gettext_noop("You can't upload this"),
        gettext_noop(
            "Only signed-in staff can upload files this large. Nothing was changed. "
            "Sign in, then choose the file again."
        ),
    ),
    server.INCOMPLETE: (
        HTTPStatus.BAD_REQUEST,
        gettext_noop("Only part of your request arrived"),
        gettext_noop("The connection was interrupted. Nothing was changed. Try again."),
    ),
    SEARCH_TOO_LONG: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        gettext_noop("That's too much to search for"),
        gettext_noop("Search for at most %(most)s characters and %(words)s words."),
    ),
    gate.TOO_MANY_AT_ONCE: (
        HTTPStatus.TOO_MANY_REQUESTS,
        gettext_noop("Too many requests at once"),
        gettext_noop(
            "You have several requests in progress that take long. Nothing was changed. "
            "Try again in a few seconds."
        ),
    ),
    gate.BUSY: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        gettext_noop("Very many requests right now"),
        gettext_noop(
            "The site has more requests than it can take. Nothing was changed. Try again in a few seconds."
        ),
    ),
}
# The next try may do.
RETRY: Final = {server.TOO_MANY, server.LARGE_BUSY, gate.TOO_MANY_AT_ONCE, gate.BUSY}
RETRY_SECONDS: Final = 5
# PostgreSQL's error read_only_sql_transaction.
READ_ONLY: Final = "25006"
# htmx puts the reply below what is there and scrolls to it.
HTMX_BELOW: Final = {"HX-Reswap": "beforeend show:bottom", "HX-Push-Url": "false"}


def _for_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def status_problem(code: str, detail: str, status: int) -> HttpResponse:
    """Return a problem+json reply in the words of the API, its title the phrase of the status."""
    return problems.problem_response(code, HTTPStatus(status).phrase, detail, status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that could not be read."""
    if _for_program(request):
        return status_problem("bad_request", _("We couldn't read this request."), 400)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not allowed."""
    if _for_program(request):
        return status_problem("forbidden", _("You can't do this."), 403)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for an address that does not exist."""
    if _for_program(request):
        return status_problem("not_found", _("There's nothing at this address."), 404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure of ours with the id under which the log has it."""
    if _is_database_away(sys.exc_info()[1]):
        return _unavailable(request)
    key = request_id(request)
    if _for_program(request):
        title = HTTPStatus.INTERNAL_SERVER_ERROR.phrase
        detail = _("Something went wrong on our side. The error has been recorded.")
        return problems.problem_response("server_error", title, detail, 500, error_id=key)
    context = {"error_id": key, "contact_email": site_operator.contact_email()}
    return HttpResponse(loader.get_template("500.html").render(context), status=500)


def _is_database_away(error: BaseException | None) -> bool:
    """Say whether the database is down, too busy, or a standby that takes no writes."""
    is_read_only = getattr(getattr(error, "__cause__", None), "pgcode", None) == READ_ONLY
    return is_read_only or isinstance(error, OperationalError)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """Answer when the database is down or too busy: nothing is lost, the next try may do."""
    if _for_program(request):
        detail = _("The site can't respond right now. Try again in a moment.")
        reply = status_problem("unavailable", detail, 503)
    else:
        reply = HttpResponse(loader.get_template("503.html").render(), status=503)
    reply.headers["Retry-After"] = "5"
    return reply


class RefusedRequests:
    """A middleware that answers requests that the server refused, without a statement to the database."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = request.META.get(server.REFUSED)
        if not code:
            return self.answer(request)
        metrics.REQUESTS_REFUSED.labels(reason=code).inc()
        return _refused(request, code)


class AdminSearches:
    """A middleware that refuses searches of the admin that are too long, whichever list they are for."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/") and any(
            searches.is_too_long(query) for name in ADMIN_SEARCHES for query in request.GET.getlist(name)
        ):
            return _refused(request, SEARCH_TOO_LONG)
        return self.answer(request)


def _language_of(request: HttpRequest) -> str:
    """Return the language of the address, else the one that is asked for: the middleware has not run."""
    return translation.get_language_from_path(request.path_info) or requested_language(request)


def _refused(request: HttpRequest, code: str) -> HttpResponse:
    status, title, detail = REFUSALS[code]
    with translation.override(_language_of(request)):
        words = {"title": _(title), "detail": _(detail) % _values(request, code)}
        if _for_program(request):
            reply = status_problem(code, words["detail"], status)
        elif "HX-Request" in request.headers:
            reply = _refused_part(words, status)
        else:
            reply = HttpResponse(loader.get_template("refused.html").render(words), status=status)
    if code in RETRY:
        reply.headers["Retry-After"] = str(RETRY_SECONDS)
    if code != SEARCH_TOO_LONG:
        # What may be left of the body must not be taken for the next request.
        reply.headers["Connection"] = "close"
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _values(request: HttpRequest, code: str) -> Mapping[str, int]:
    if code == SEARCH_TOO_LONG:
        return {"most": searches.LONGEST, "words": searches.MOST_WORDS}
    most = limits.FILE_SIZE if request.path == server.LARGE_PATH else limits.MEGABYTE
    return {"most": most // limits.MEGABYTE}


def _refused_part(words: dict[str, str], status: int) -> HttpResponse:
    """Answer htmx with a line below what is there, which stays with all that was typed into it."""
    part = loader.get_template("refused.html#part").render(words)
    return HttpResponse(part, status=status, headers=HTMX_BELOW)
