"""Describing views for the OpenAPI schema: their errors are problems, with their codes."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiResponse

from accounts.api.problems import CONTENT_TYPE
from accounts.api.serializers import ProblemSerializer, StrictSerializer


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


def problems(*listed: tuple[int, str]) -> dict[Any, Any]:
    """Describe errors as {(status, media type): response}; several codes of one status are joined.

    `problems((401, "not_authenticated"), (403, "mfa_required"), (403, "csrf"))`
    """
    codes: dict[int, list[str]] = {}
    for status, code in listed:
        codes.setdefault(status, []).append(f"`{code}`")
    return {
        (status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description=", ".join(names))
        for status, names in codes.items()
    }


def replies(good: Mapping[int, Any], *listed: tuple[int, str]) -> dict[Any, Any]:
    """Return the `responses=` of `extend_schema`: the good ones and the problems."""
    return {**good, **problems(*listed)}
