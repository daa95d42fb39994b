"""The cheat sheet: open to everybody, like its page."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import replies
from exams.api.base import LANGUAGE, ExamView, language_of
from exams.api.catalogue import OPEN
from exams.cheatsheet import selectors


class BlockSerializer(serializers.Serializer[selectors.Block]):
    """A block: its HTML is cleaned, and safe to show. `covers` are ids of the exam's topics."""

    number = serializers.CharField()
    title = serializers.CharField()
    html = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())


class SectionSerializer(serializers.Serializer[selectors.Section]):
    """A section with its blocks in their order."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    blocks = BlockSerializer(many=True)


class CheatSheetSerializer(serializers.Serializer[Any]):
    """The whole sheet. `digest` changes when any text of it does."""

    code = serializers.CharField()
    language = serializers.CharField(help_text="The language of these texts.")
    digest = serializers.CharField()
    published_at = serializers.DateTimeField()
    sections = SectionSerializer(many=True)


class CheatSheet(ExamView):
    """The cheat sheet of a certification."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="certifications_cheatsheet_retrieve",
        summary="Show the cheat sheet of a certification",
        parameters=[LANGUAGE],
        responses=replies({200: CheatSheetSerializer}, *OPEN, (404, "not_found")),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with sections and blocks."""
        head = selectors.current(code, language_of(request))
        if head is None:
            raise NotFound(_("Cheat sheet not found."))
        sheet = {
            "code": head.code,
            "language": head.language,
            "digest": head.digest,
            "published_at": head.published_at,
            "sections": selectors.sections(head.edition_id),
        }
        return Response(CheatSheetSerializer(sheet).data)
