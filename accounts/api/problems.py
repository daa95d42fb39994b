"""Errors of the API: application/problem+json with a stable `code` (RFC 9457)."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from accounts.base.errors import Refused

CONTENT_TYPE: Final = "application/problem+json"


class Problem(exceptions.APIException):
    """An error that a view raises: `raise Problem("mfa_required", _("..."), status=403)`."""

    def __init__(
        self,
        code: str,
        title: str,
        detail: str = "",
        *,
        status: int,
        headers: Mapping[str, str] | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(detail or title, code)
        self.code, self.title, self.status_code = code, title, status
        self.headers, self.extra = dict(headers or {}), extra


def problem_response(
    code: str,
    title: str,
    detail: str,
    status: int,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,  # noqa: ANN401
) -> HttpResponse:
    """Return the reply {type, title, status, detail, code, ...extra}; `code` never changes, the words may."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail or title, "code": code}
    reply = HttpResponse(
        json.dumps({**extra, **body}, cls=DjangoJSONEncoder, ensure_ascii=False),
        status=status,
        content_type=CONTENT_TYPE,
        headers=dict(headers or {}),
    )
    # What is refused now may be granted in a moment.
    reply.setdefault("Cache-Control", "no-store")
    return reply


def _faults(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:  # noqa: ANN401
    """Flatten what a serializer found into {pointer, detail, code}, pointers as in RFC 6901."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            at = pointer if key == "non_field_errors" else f"{pointer}/{_escaped(str(key))}"
            yield from _faults(inner, at)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _faults(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail), "code": getattr(detail, "code", "invalid")}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _invalid(exc: exceptions.ValidationError) -> HttpResponse:
    faults = list(_faults(exc.detail))
    unknown = [fault for fault in faults if fault["code"] == "unknown_field"]
    code, title = ("unknown_field", _("Unknown field")) if unknown else ("invalid", _("Invalid input"))
    first = (unknown or faults)[0] if faults else {"detail": title}
    return problem_response(code, title, first["detail"], HTTPStatus.UNPROCESSABLE_ENTITY, errors=faults)


def _of_rest_framework(exc: exceptions.APIException) -> HttpResponse:
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(exc)
    headers = dict(getattr(exc, "headers", {}))
    challenge = getattr(exc, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    wait = getattr(exc, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait))
    code = getattr(exc, "code", None) or exc.get_codes()
    title = getattr(exc, "title", None) or HTTPStatus(exc.status_code).phrase
    return problem_response(
        str(code), str(title), str(exc.detail), exc.status_code, headers=headers, **getattr(exc, "extra", {})
    )


def handle(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: every foreseen error leaves as a problem; the others reach `handler500`."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(_("Not found."))
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, exceptions.APIException):
        return _of_rest_framework(exc)
    if isinstance(exc, Refused):
        title = HTTPStatus(exc.status).phrase
        wait = exc.extra.get("retry_after")
        headers = {"Retry-After": str(wait)} if wait else {}
        return problem_response(exc.code, title, str(exc), exc.status, headers=headers, **exc.extra)
    return None
