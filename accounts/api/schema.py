"""Describing views for the OpenAPI schema: their errors are problems, with their codes."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse

from accounts.api.problems import CONTENT_TYPE
from accounts.api.serializers import ProblemSerializer


def problems(*listed: tuple[int, str]) -> dict[Any, Any]:
    """Describe errors as {(status, media type): response}; several codes of one status are joined.

    `problems((401, "not_authenticated"), (403, "mfa_required"), (403, "csrf"))`
    """
    codes: dict[int, list[str]] = {}
    for status, code in listed:
        codes.setdefault(status, []).append(f"`{code}`")
    return {
        (status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description=", ".join(named))
        for status, named in codes.items()
    }


def replies(good: Mapping[int, Any], *listed: tuple[int, str]) -> dict[Any, Any]:
    """Return the `responses=` of `extend_schema`: the good ones and the problems."""
    return {**good, **problems(*listed)}
