"""What every view of the exams' API shares: who calls, in which language, and that nobody keeps the reply."""

from functools import partial
from typing import Any, Final

from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.serializers import CharField, Serializer
from rest_framework.views import APIView

from accounts.api import schema
from accounts.api.authentication import person as person
from accounts.users.models import ApiToken
from i18n import languages

LANGUAGE: Final = OpenApiParameter(
    "language",
    OpenApiTypes.STR,
    description="Language of the texts, such as `hu`. Without it, Accept-Language decides. "
    "What is not translated comes in the original; `language` in the reply tells which it is.",
)
# What any view may answer to a caller it does not know.
WHO: Final[tuple[schema.Codes, ...]] = (
    (401, "not_authenticated", "invalid_token"),
    (403, "mfa_required", "wrong_scope", "device_unconfirmed"),
)
# A wrong token is refused even where none is needed: its owner wants to know.
OPEN: Final[tuple[schema.Codes, ...]] = ((401, "invalid_token"), (403, "mfa_required", "device_unconfirmed"))
ABSENT: Final[schema.Codes] = (404, "not_found")
BUSY: Final[schema.Codes] = (503, "unavailable")
LISTS: Final = (*WHO, BUSY)

endpoint = partial(schema.endpoint, common=(*WHO, ABSENT, BUSY))


class TextField(CharField):
    """A text; unlike its base it takes no number for one."""

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401
        """Return the text. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@method_decorator(cache_control(no_store=True), name="dispatch")
class ExamView(APIView):
    """A view whose reply is about a person: it is never kept."""


def holder(request: Request) -> str:
    """Return the name of the session or token that would write: ending it ends its lease."""
    if isinstance(request.auth, ApiToken):
        return f"token:{request.auth.pk}"
    return f"session:{request.session.session_key}"


def language_of(request: Request) -> str:
    """Return the language that the caller asks for, by parameter or by header, where it is one of ours."""
    asked = request.query_params.get("language") or get_language() or ""
    # A parameter or a header may say anything: what is none of ours is the default.
    return asked if asked in languages.CODES else languages.DEFAULT


def checked(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the body of the request as the serializer allows it. Raises ValidationError, a 422."""
    asked = serializer(data=request.data)
    asked.is_valid(raise_exception=True)
    values: dict[str, Any] = asked.validated_data
    return values
