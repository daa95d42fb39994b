"""Certifications, their forms, cheat sheet and search: open to everybody, like the pages that show them."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import policy
from accounts.api import schema
from accounts.base.errors import Refused
from accounts.users.requests import whole_number
from accounts.web import limits
from exams.api.base import ABSENT, LANGUAGE, OPEN, ExamView, language_of
from exams.assembly import selectors as assembly
from exams.catalog import selectors as catalog
from exams.cheatsheet import selectors as cheatsheets
from exams.content.states import STATES, State
from exams.search import providers

endpoint = partial(schema.endpoint, common=(*OPEN, ABSENT))


class CertificationSerializer(serializers.Serializer[Any]):
    """The facts of a certification. Durations in minutes, the scale in points, the fee in US dollars."""

    code = serializers.CharField(source="facts.code")
    name = serializers.CharField(source="texts.name")
    summary = serializers.CharField(source="texts.summary")
    language = serializers.CharField(source="texts.language", help_text="The language of these texts.")
    languages = serializers.ListField(child=serializers.CharField(), source="facts.languages")
    vendor = serializers.CharField(source="facts.vendor")
    level = serializers.CharField(source="facts.level")
    status = serializers.SerializerMethodField(help_text="As `state`, with `active` for both beta and live.")
    state = serializers.ChoiceField(
        choices=STATES,
        source="facts.state",
        help_text="Where it stands today, by its confirmed days.",
    )
    beta_on = serializers.DateField(source="facts.beta_on", allow_null=True)
    live_on = serializers.DateField(source="facts.live_on", allow_null=True)
    planned = serializers.SerializerMethodField(
        help_text="Names of fields here that the vendor has not confirmed yet."
    )
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

    def get_status(self, row: catalog.CertificationSummary) -> str:
        """Return the state in the words of before there were betas."""
        state = row.facts.state
        return "active" if state in (State.BETA, State.LIVE) else state.value

    def get_planned(self, row: catalog.CertificationSummary) -> list[str]:
        """Return which facts are planned, by their names here."""
        names = {"items_total": "items", "items_scored": "scored_items"}
        return [names.get(name, name) for name in row.facts.planned_facts]


class TaskSerializer(serializers.Serializer[catalog.Task]):
    """A task statement of the exam guide."""

    code = serializers.CharField()
    title = serializers.CharField()
    covers = serializers.CharField(allow_blank=True)


class DomainSerializer(serializers.Serializer[catalog.DomainFacts]):
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


def _page_of(request: Request, code: str) -> catalog.CertificationPage:
    page = catalog.certification(code, language_of(request), request.user)
    if page is None:
        raise NotFound(_("Certification not found."))
    return page


class Certifications(ExamView):
    """All certifications."""

    permission_classes = (AllowAny,)

    @endpoint("certifications_list", CertificationSerializer(many=True), common=OPEN, parameters=[LANGUAGE])
    def get(self, request: Request) -> Response:
        """List the certifications.

        Answer 200 with the facts of each.
        """
        return Response(CertificationSerializer(catalog.certifications(language_of(request)), many=True).data)


class Certification(ExamView):
    """One certification."""

    permission_classes = (AllowAny,)

    @endpoint("certifications_retrieve", CertificationDetailSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, code: str) -> Response:
        """Show a certification with domains, weights and task statements.

        Answer 200 with facts, texts and domains.
        """
        return Response(CertificationDetailSerializer(_page_of(request, code)).data)


class Forms(ExamView):
    """The forms of a certification."""

    permission_classes = (AllowAny,)

    @endpoint("certifications_forms_list", FormSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List the exams of a certification that can be taken.

        Answer 200 with what can be sat now.
        """
        page = _page_of(request, code)
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


class BlockSerializer(serializers.Serializer[cheatsheets.Block]):
    """A block: its HTML is cleaned, and safe to show. `covers` are ids of the exam's topics."""

    number = serializers.CharField()
    title = serializers.CharField()
    html = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())


class SectionSerializer(serializers.Serializer[cheatsheets.Section]):
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

    @endpoint("certifications_cheatsheet_retrieve", CheatSheetSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, code: str) -> Response:
        """Show the cheat sheet of a certification.

        Answer 200 with sections and blocks.
        """
        head = cheatsheets.current(code, language_of(request))
        if head is None:
            raise NotFound(_("Cheat sheet not found."))
        sheet = {
            "code": head.code,
            "language": head.language,
            "digest": head.digest,
            "published_at": head.published_at,
            "sections": cheatsheets.sections(head.edition_id),
        }
        return Response(CheatSheetSerializer(sheet).data)


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

    @endpoint(
        "certifications_search",
        FoundSerializer,
        (422, "invalid"),
        (429, "too_many_requests"),
        parameters=[QUERY, KIND, PAGE, LANGUAGE],
    )
    def get(self, request: Request, code: str) -> Response:
        """Search everything there is to learn from, and the questions of your finished exams.

        Answer 200 with a group for each kind that can be searched, also for those without a hit.
        """
        if not catalog.exists(code, request.user):
            raise NotFound(_("Certification not found."))
        query = providers.checked(request.query_params.get("q", ""))
        if not query:
            raise Refused("invalid", 422, _("Enter something to search for."))
        kind = request.query_params.get("kind", "")
        if kind and kind not in providers.kinds():
            raise Refused("invalid", 422, _("There are no results of this kind."))
        page = _page(request.query_params.get("page", "1")) if kind else 1
        limits.count_or_refuse(request, limits.SEARCH)
        groups = providers.search(request.user, code, language_of(request), query, kind=kind, page=page)
        return Response(FoundSerializer({"query": query, "groups": groups}).data)


def _page(text: str) -> int:
    if 1 <= (page := whole_number(text, 2, 0)) <= providers.MOST_PAGES:
        return page
    raise Refused(
        "invalid", 422, _("The page is a number from 1 to %(most)s."), values={"most": providers.MOST_PAGES}
    )
