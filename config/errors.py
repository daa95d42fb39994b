"""What a person or a program sees when nothing else answers: pages, or problem+json below /api/."""

import sys
from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views import defaults

from accounts.api import problems
from config.middleware import request_id


def _for_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def problem(status: int, code: str, detail: str) -> HttpResponse:
    """Return a problem+json reply in the words of the API, its title the phrase of the status."""
    return problems.problem(code, HTTPStatus(status).phrase, detail, status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that could not be read."""
    if _for_program(request):
        return problem(400, "bad_request", _("This request could not be read."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not allowed."""
    if _for_program(request):
        return problem(403, "forbidden", _("You may not do this."))
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for an address that does not exist."""
    if _for_program(request):
        return problem(404, "not_found", _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure of ours with the id under which the log has it."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return _unavailable(request)
    key = request_id(request)
    if _for_program(request):
        title = HTTPStatus.INTERNAL_SERVER_ERROR.phrase
        detail = _("Something failed on our side. The failure has been recorded.")
        return problems.problem("server_error", title, detail, 500, error_id=key)
    return HttpResponse(loader.get_template("500.html").render({"error_id": key}), status=500)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """Answer when the database is down or too busy: nothing is lost, the next try may do."""
    if _for_program(request):
        reply = problem(503, "unavailable", _("The site cannot answer now. Try again in a moment."))
    else:
        reply = HttpResponse(loader.get_template("503.html").render(), status=503)
    reply.headers["Retry-After"] = "5"
    return reply
