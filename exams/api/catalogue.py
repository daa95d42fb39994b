"""Certifications and their forms: open to everybody, like the pages that show them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import policy
from accounts.api.schema import replies
from exams.api.base import LANGUAGE, ExamView, language_of
from exams.assembly import selectors as assembly
from exams.catalogue import selectors as catalogue

# A wrong token is refused even where none is needed: its owner wants to know.
OPEN = ((401, "invalid_token"), (403, "mfa_required"), (403, "device_unconfirmed"))


class CertificationSerializer(serializers.Serializer[Any]):
    """The facts of a certification. Durations in minutes, the scale in points, the fee in US dollars."""

    code = serializers.CharField(source="facts.code")
    name = serializers.CharField(source="texts.name")
    summary = serializers.CharField(source="texts.summary")
    language = serializers.CharField(source="texts.language", help_text="The language of these texts.")
    languages = serializers.ListField(child=serializers.CharField(), source="facts.languages")
    vendor = serializers.CharField(source="facts.vendor")
    level = serializers.CharField(source="facts.level")
    status = serializers.CharField(source="facts.status")
    duration_minutes = serializers.IntegerField(source="facts.duration_minutes")
    items = serializers.IntegerField(source="facts.items_total")
    scored_items = serializers.IntegerField(source="facts.items_scored")
    pass_mark = serializers.IntegerField(source="facts.pass_mark")
    scale_min = serializers.IntegerField(source="facts.scale_min")
    scale_max = serializers.IntegerField(source="facts.scale_max")
    exam_fee_usd = serializers.IntegerField(source="facts.exam_fee_usd")
    validity_years = serializers.IntegerField(source="facts.validity_years")
    retake_wait_days = serializers.IntegerField(source="facts.retake_wait_days")
    accommodation_minutes = serializers.IntegerField(source="facts.accommodation_minutes")
    retired_on = serializers.DateField(source="facts.retired_on", allow_null=True)
    successor_code = serializers.CharField(source="facts.successor_code", allow_blank=True)


class TaskSerializer(serializers.Serializer[catalogue.Task]):
    """A task statement of the exam guide."""

    code = serializers.CharField()
    title = serializers.CharField()
    covers = serializers.CharField(allow_blank=True)


class DomainSerializer(serializers.Serializer[catalogue.DomainFacts]):
    """A domain with its weight in percent of the scored items."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    weight = serializers.IntegerField(source="weight_percent")
    scored_items = serializers.IntegerField()
    tasks = TaskSerializer(many=True)


class CertificationDetailSerializer(CertificationSerializer):
    """A certification with its domains, and what is said about it."""

    description = serializers.CharField(source="texts.description")
    recommended_experience = serializers.CharField(source="texts.recommended_experience", allow_blank=True)
    question_types = serializers.CharField(source="texts.question_types", allow_blank=True)
    delivery = serializers.CharField(source="texts.delivery", allow_blank=True)
    retake = serializers.CharField(source="texts.retake", allow_blank=True)
    results_note = serializers.CharField(source="texts.results_note", allow_blank=True)
    accommodation = serializers.CharField(source="texts.accommodation", allow_blank=True)
    retirement_note = serializers.CharField(source="texts.retirement_note", allow_blank=True)
    successor_name = serializers.CharField(source="texts.successor_name", allow_blank=True)
    successor_note = serializers.CharField(source="texts.successor_note", allow_blank=True)
    domains = DomainSerializer(many=True)


class FormSerializer(serializers.Serializer[Any]):
    """A form that can be sat. `minutes` is without extra time; `locked` means that you have no access."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    items = serializers.IntegerField()
    scored_items = serializers.IntegerField()
    minutes = serializers.IntegerField()
    languages = serializers.ListField(child=serializers.CharField())
    locked = serializers.BooleanField()


def _found(request: Request, code: str) -> catalogue.CertificationPage:
    page = catalogue.certification(code, language_of(request), request.user)
    if page is None:
        raise NotFound(_("Certification not found."))
    return page


class Certifications(ExamView):
    """All certifications."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="certifications_list",
        summary="List the certifications",
        parameters=[LANGUAGE],
        responses=replies({200: CertificationSerializer(many=True)}, *OPEN),
    )
    def get(self, request: Request) -> Response:
        """Answer 200 with the facts of each."""
        return Response(
            CertificationSerializer(catalogue.certifications(language_of(request)), many=True).data
        )


class Certification(ExamView):
    """One certification."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="certifications_retrieve",
        summary="Show a certification with domains, weights and task statements",
        parameters=[LANGUAGE],
        responses=replies({200: CertificationDetailSerializer}, *OPEN, (404, "not_found")),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with facts, texts and domains."""
        return Response(CertificationDetailSerializer(_found(request, code)).data)


class Forms(ExamView):
    """The forms of a certification."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="certifications_forms_list",
        summary="List the exams of a certification that can be taken",
        responses=replies({200: FormSerializer(many=True)}, *OPEN, (404, "not_found")),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with what can be sat now."""
        page = _found(request, code)
        locked = not policy.has_access(request.user, page.facts.access_code)
        return Response([_form(facts, locked=locked) for facts in assembly.forms(code)])


def _form(facts: assembly.FormFacts, *, locked: bool) -> dict[str, Any]:
    return {
        "id": facts.id,
        "number": facts.number,
        "title": str(_("Exam %(number)s")) % {"number": facts.number},
        "items": facts.items,
        "scored_items": facts.scored_items,
        "minutes": facts.minutes,
        "languages": facts.languages,
        "locked": locked,
    }
