"""Describing views for the OpenAPI schema: their errors are problems, with their codes."""

from collections.abc import Callable, Mapping, Sequence
from inspect import cleandoc
from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiResponse, extend_schema
from rest_framework.serializers import BaseSerializer

from accounts.api.problems import CONTENT_TYPE
from accounts.api.serializers import ProblemSerializer, StrictSerializer

# A status with the codes that come with it.
type Codes = tuple[int, *tuple[str, ...]]
type Reply = type[BaseSerializer[Any]] | BaseSerializer[Any] | None

BODY: Final[tuple[Codes, ...]] = (
    (400, "parse_error"),
    (413, "too_large"),
    (415, "unsupported_media_type"),
    (422, "invalid", "unknown_field"),
)
CSRF: Final[Codes] = (403, "csrf")


class StrictExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Says of bodies with unknown fields that they are refused."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema of a serializer; what is sent may have no other fields."""
        schema: dict[str, Any] = auto_schema._map_serializer(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        return {**schema, "additionalProperties": False} if direction == "request" else schema


def problems(*listed: Codes) -> dict[Any, Any]:
    """Describe errors as {(status, media type): response}; several codes of one status are joined.

    `problems((401, "not_authenticated"), (403, "mfa_required", "csrf"))`
    """
    codes: dict[int, list[str]] = {}
    for status, *names in listed:
        codes.setdefault(status, []).extend(f"`{name}`" for name in names)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description=", ".join(names))
        for status, names in codes.items()
    }


def endpoint[Method: Callable[..., Any]](
    operation_id: str,
    reply: Reply | Mapping[Any, Any],
    *codes: Codes,
    common: Sequence[Codes] | None,
    body: type[BaseSerializer[Any]] | None = None,
    **more: Any,  # noqa: ANN401
) -> Callable[[Method], Method]:
    """Describe a method of a view: what is sent, what comes back, and by which codes it refuses.

    The first line of the method's docstring is the summary, the rest the description.
    `reply` comes with 200, None with 204; others are a mapping of statuses. To `codes`, which are its own,
    are added those of a body, those that views have in `common`, and that of CSRF; with `common=None` its own
    are all. `more` is passed to `extend_schema`.
    """
    good = reply if isinstance(reply, Mapping) else {204 if reply is None else 200: reply}

    def described(method: Method) -> Method:
        listed = codes
        if common is not None:
            csrf = () if method.__name__ == "get" else (CSRF,)
            listed = (*(BODY if body else ()), *common, *csrf, *codes)
        summary, _, description = (method.__doc__ or "").partition("\n\n")
        texts = {"summary": summary.removesuffix("."), "description": cleandoc(description)}
        responses = {**good, **problems(*listed)}
        return extend_schema(operation_id, request=body, responses=responses, **texts | more)(method)

    return described
