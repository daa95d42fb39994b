"""Search in a certification: open to everybody, as far as each may read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import replies
from accounts.base.errors import Refused
from accounts.web import limits
from exams.api.base import LANGUAGE, ExamView, language_of
from exams.api.catalogue import OPEN
from exams.catalogue import selectors as catalogue
from exams.search import providers

QUERY = OpenApiParameter(
    "q",
    OpenApiTypes.STR,
    required=True,
    description="1 to 200 characters and at most 32 words. All words must occur; quotes make a phrase, "
    "`or` gives an alternative, `-` excludes a word.",
)
KIND = OpenApiParameter("kind", OpenApiTypes.STR, description="Only hits of this kind, such as `sheet`.")
PAGE = OpenApiParameter(
    "page", OpenApiTypes.INT, description="From 1 to 50, each of 20 hits; only with `kind`."
)


class HitSerializer(serializers.Serializer[providers.Hit]):
    """Something that was found. `snippet` is escaped HTML with `<mark>` around matches, empty if locked."""

    title = serializers.CharField()
    snippet = serializers.CharField(allow_blank=True)
    url = serializers.CharField(help_text="The path of the page that shows it.")
    language = serializers.CharField(allow_blank=True, help_text="The language of the text.")
    rank = serializers.FloatField(help_text="Higher is better; comparable within a group.")
    is_locked = serializers.BooleanField()


class GroupSerializer(serializers.Serializer[providers.Group]):
    """The hits of one kind, best first; `total` counts all of them."""

    kind = serializers.CharField()
    name = serializers.CharField()
    total = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True)
    hits = HitSerializer(many=True)


class FoundSerializer(serializers.Serializer[Any]):
    """What was searched for, without control characters and outer spaces, and what was found."""

    query = serializers.CharField()
    groups = GroupSerializer(many=True)


class Search(ExamView):
    """Search in a certification."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="certifications_search",
        summary="Search everything there is to learn from, and the questions of your finished exams",
        parameters=[QUERY, KIND, PAGE, LANGUAGE],
        responses=replies(
            {200: FoundSerializer},
            *OPEN,
            (404, "not_found"),
            (422, "invalid"),
            (429, "too_many_requests"),
        ),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with a group for each kind that can be searched, also for those without a hit."""
        if not catalogue.exists(code, request.user):
            raise NotFound(_("Certification not found."))
        query = providers.checked(request.query_params.get("q", ""))
        if not query:
            raise Refused("invalid", 422, _("Enter something to search for."))
        kind = request.query_params.get("kind", "")
        if kind and kind not in providers.kinds():
            raise Refused("invalid", 422, _("There are no results of this kind."))
        page = _page(request.query_params.get("page", "1")) if kind else 1
        limits.count(request, limits.SEARCH)
        groups = providers.search(request.user, code, language_of(request), query, kind=kind, page=page)
        return Response(FoundSerializer({"query": query, "groups": groups}).data)


def _page(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= providers.MOST_PAGES:
        return int(text)
    raise Refused(
        "invalid", 422, _("The page is a number from 1 to %(most)s."), values={"most": providers.MOST_PAGES}
    )
