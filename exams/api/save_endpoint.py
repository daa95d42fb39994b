"""The save endpoint: one path, answered by a middleware before sessions, cookies and languages are looked at.

No session, no cookie, no CSRF token: the lease in the body is the whole authority, and it can only append
answers to one attempt. JSON only, no CORS, so that no foreign page can use it. One SQL statement a save.
Request id, log line and metrics come from the middleware before it.
"""

import json
import logging
import re
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import ResolverMatch, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.api.parsers import without_doubles
from accounts.api.problems import problem_response
from accounts.base.errors import Refused
from exams.attempts import answers, leases, metrics
from exams.attempts.answers import Change, Saved
from exams.attempts.models import CONFIDENCE, SEEN_MS_MAX
from i18n.addresses import requested_language

MAX_BODY = 64 * 1024
PATH = re.compile(
    r"^/api/v1/attempts/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/answers/$"
)
SAVE_FIELDS = frozenset({"lease", "changes"})
CHANGE_FIELDS = frozenset({"seq", "position", "selected", "flagged"})
# Pages of before do not send them, and a page whose site does not know them sends again without.
OPTIONAL_FIELDS = frozenset({"confidence", "seen_ms"})
WHOLE = 2**31 - 1
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}
JSON = "application/json"


# Waiting for a lock or for the statement's time limit: the next try may do.
BUSY = {"55P03", "57014", "40P01"}

logger = logging.getLogger(__name__)


class SaveEndpoint:
    """A middleware that takes saves and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Save, or hand on. Raises DisallowedHost, a 400, for a foreign name of this site."""
        if request.method == "POST" and (match := PATH.match(request.path_info)):
            host = request.get_host()
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return HttpResponsePermanentRedirect(f"https://{host}{request.get_full_path()}")
            # Log line and metrics name the route; looking it up costs more than the rest of this method.
            request.resolver_match = _route()
            return save_answers(request, UUID(match[1]))
        return self.get_response(request)


@cache
def _route() -> ResolverMatch:
    return resolve(reverse("api:answers", args=[UUID(int=0)]))


def save_answers(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Answer one save: 200 with what is acknowledged, or a problem that says why not."""
    try:
        token, changes = read_body(request)
        lease = leases.read(token)
        if lease is None or lease.attempt_id != attempt_id:
            raise answers.not_found()
        saved = _save(lease, changes)
    except Refused as refusal:
        metrics.ANSWERS_REFUSED.labels(reason=refusal.code).inc()
        return _problem(request, refusal)
    metrics.ANSWERS_SAVED.inc(len(changes))
    return _reply(saved)


def _save(lease: leases.Lease, changes: list[Change]) -> Saved:
    """Save, once more on a fresh connection when the old one was dead or read-only.

    Saves may be repeated freely.
    """
    try:
        return answers.save(lease, changes)
    except (OperationalError, InterfaceError, InternalError) as error:
        if _sqlstate(error) in BUSY or connection.in_atomic_block:
            raise unavailable() from error
    connection.close()
    try:
        return answers.save(lease, changes)
    except DatabaseError as error:
        logger.warning("save failed", extra={"error": type(error).__name__, "sqlstate": _sqlstate(error)})
        connection.close()
        raise unavailable() from error


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "pgcode", None) or ""


def unavailable() -> Refused:
    """Return the refusal when the database cannot be reached: nothing is lost, the client tries again."""
    return Refused(
        "unavailable",
        503,
        _("We couldn't store the answer right now. It's kept in your browser."),
        retry_after=2,
    )


def read_body(request: HttpRequest) -> tuple[str, list[Change]]:
    """Return lease and changes of a request. Raises Refused for whatever does not fit, naming the place."""
    if request.content_type != JSON:
        raise Refused("unsupported_media_type", 415, _("Send JSON."))
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise Refused("too_large", 413, _("You can send at most 64 KB at once."))
    try:
        content = DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise Refused("bad_json", 400, _("This is not valid JSON.")) from None
    content = _fields(content, SAVE_FIELDS, "")
    token, changes = content["lease"], content["changes"]
    if not isinstance(token, str):
        raise _malformed("lease")
    if not isinstance(changes, list) or not 1 <= len(changes) <= answers.BATCH:
        raise Refused(
            "invalid_answer",
            422,
            _("Send 1 to %(most)s changes."),
            values={"most": answers.BATCH},
            pointer="changes",
        )
    return token, [_change(one, index) for index, one in enumerate(changes)]


# Of a key that stands twice readers of JSON take the one or the other: nobody knows what was meant.
DECODER = json.JSONDecoder(object_pairs_hook=without_doubles)


def _fields(
    value: object, names: frozenset[str], place: str, optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _malformed(place)
    if value.keys() == names:
        return value
    for name in value:
        if name not in names and name not in optional:
            raise Refused(
                "unknown_field", 422, _("The request has an unknown field."), pointer=f"{place}/{name[:40]}"
            )
    for name in sorted(names - value.keys()):
        raise _malformed(f"{place}/{name}")
    return value


def _change(value: object, index: int) -> Change:
    fields = _fields(value, CHANGE_FIELDS, f"changes/{index}", OPTIONAL_FIELDS)
    selected, flagged = fields["selected"], fields["flagged"]
    if not isinstance(selected, list) or not isinstance(flagged, bool):
        name = "selected" if isinstance(flagged, bool) else "flagged"
        raise _malformed(f"changes/{index}/{name}")
    return Change(
        seq=_whole(fields["seq"], 1, answers.SEQ_MAX, index, "seq"),
        position=_whole(fields["position"], -(2**31), WHOLE, index, "position"),
        selected=tuple([_whole(one, 1, WHOLE, index, "selected") for one in selected]),
        flagged=flagged,
        confidence=_optional(fields, *CONFIDENCE, index, "confidence"),
        seen_ms=_optional(fields, 0, SEEN_MS_MAX, index, "seen_ms"),
    )


def _optional(fields: dict[str, Any], least: int, most: int, index: int, name: str) -> int | None:
    return _whole(fields[name], least, most, index, name) if name in fields else None


def _whole(value: object, least: int, most: int, index: int, name: str) -> int:
    # True is an int to Python, and would pass for 1.
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _malformed(f"changes/{index}/{name}")
    return value


def _malformed(place: str) -> Refused:
    return Refused(
        "invalid_answer",
        422,
        _("The answer doesn't have the expected format."),
        pointer=place.strip("/") or "/",
    )


def _problem(request: HttpRequest, refusal: Refused) -> HttpResponse:
    with translation.override(requested_language(request)):
        detail = str(refusal)
    response = problem_response(
        refusal.code, detail, detail, refusal.status, headers=HEADERS, **refusal.extra
    )
    if "retry_after" in refusal.extra:
        response.headers["Retry-After"] = str(refusal.extra["retry_after"])
    return response


def _reply(saved: Saved) -> HttpResponse:
    content = {
        "saved_seq": saved.saved_seq,
        # As text here: Django's encoder would cut times to milliseconds.
        "deadline_at": saved.deadline_at.isoformat() if saved.deadline_at else None,
        "server_now": saved.server_now.isoformat(),
    }
    return JsonResponse(content, headers=HEADERS)
