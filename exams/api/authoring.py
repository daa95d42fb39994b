"""Import and export of questions for programs of authors: the acts of the admin, with a token of their scope.

Bodies have at most 1 MB here as everywhere. Larger files go through the admin or `manage.py import_bank`.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import StrictSerializer
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job, State
from accounts.users.models import User
from accounts.web.rendering import attachment
from exams.api.base import ExamView, TextField, checked, endpoint, person
from exams.authoring import exports, imports, rights
from exams.authoring.models import ImportFile
from exams.bank.models import Item
from exams.catalog.models import Certification
from exams.content.exchange_formats import registry

READABLE: Final = [fmt.name for fmt in registry.FORMATS.values() if fmt.can_read]
WRITABLE: Final = [fmt.name for fmt in registry.FORMATS.values() if fmt.can_write]
BARRED: Final = (403, "not_allowed")


class ContentField(serializers.CharField):
    """Bytes in base64."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401
        """Return the bytes."""
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError(_("This is not base64."), code="base64") from None


class ImportingSerializer(StrictSerializer):
    """A file of questions. `content` is the file in base64."""

    certification = TextField(max_length=40)
    format = serializers.ChoiceField(READABLE)
    name = TextField(max_length=200)
    content = ContentField(trim_whitespace=False)


class TakingSerializer(StrictSerializer):
    """Whether the questions that can be drafts become drafts where others cannot."""

    partial = serializers.BooleanField(default=False)  # type: ignore[assignment]  # fields are no attributes


class LineSerializer(serializers.Serializer[Any]):
    """What is lost or wrong: where, in which question, and a sentence."""

    place = serializers.CharField()
    item = serializers.CharField()
    detail = serializers.CharField()


class FateSerializer(serializers.Serializer[Any]):
    """What becomes of a question."""

    code = serializers.CharField()
    fate = serializers.ChoiceField(imports.FATES)
    detail = serializers.CharField()


class ImportReportSerializer(serializers.Serializer[Any]):
    """What a job found. Lists have at most 500 lines; `counts` and the totals count all."""

    counts = serializers.DictField(child=serializers.IntegerField())
    taken = serializers.BooleanField(help_text="whether drafts were made")
    items = FateSerializer(many=True)
    losses = LineSerializer(many=True)
    losses_total = serializers.IntegerField()
    faults = LineSerializer(many=True)
    faults_total = serializers.IntegerField()
    remarks = LineSerializer(
        many=True, help_text="what the rules of writing say; only in the report of a check"
    )
    remarks_total = serializers.IntegerField()


class ImportSerializer(serializers.Serializer[Any]):
    """An import. `taking` is false for its check, true for the drafts; `report` is null until it is done."""

    id = serializers.UUIDField()
    certification = serializers.CharField()
    format = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField(help_text="waiting, running, done or failed")
    taking = serializers.BooleanField()
    report = ImportReportSerializer(allow_null=True)


class ExportingSerializer(StrictSerializer):
    """Which questions: of a certification all, or those with these codes."""

    certification = TextField(max_length=40)
    format = serializers.ChoiceField(WRITABLE)
    codes = serializers.ListField(
        child=TextField(max_length=40), required=False, max_length=exports.MOST_ITEMS
    )


class ExportSerializer(serializers.Serializer[Any]):
    """An export. `items` and `losses` are known once it is done; its file is kept for 7 days."""

    id = serializers.UUIDField()
    state = serializers.CharField(help_text="waiting, running, done or failed")
    items = serializers.IntegerField()
    losses = LineSerializer(many=True)
    losses_total = serializers.IntegerField()


class AuthoringView(ExamView):
    """A view for who writes questions: by the session of the site, or a token of this scope."""

    token_scope = "authoring"  # noqa: S105 (its name)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Ask for the right before anything is looked up. Raises Refused: not_allowed."""
        super().initial(request, *args, **kwargs)
        # A method that does not exist is refused to everybody alike.
        if hasattr(self, (request.method or "").lower()):
            rights.need(person(request), rights.WRITE)


def _certification(code: str) -> Certification:
    certification = Certification.objects.filter(code=code).first()
    if certification is None:
        raise NotFound(_("Certification not found."))
    return certification


def _imported(file: ImportFile) -> dict[str, Any]:
    job, is_take = imports.newest(file)
    done = job is not None and job.state == State.DONE
    return {
        "id": file.pk,
        "certification": file.certification.code,
        "format": file.format,
        "name": file.name,
        "state": job.state if job else State.WAITING,
        "taking": is_take,
        "report": _report(job.result) if job and done else None,
    }


def _report(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "counts": {fate: result[fate] for fate in imports.FATES},
        "taken": result.get("taken", False),
        "items": [{"code": code, "fate": fate, "detail": detail} for code, fate, detail in result["items"]],
        "losses": _lines(result["losses"]),
        "losses_total": result["losses_total"],
        "faults": _lines(result["faults"]),
        "faults_total": result["faults_total"],
        "remarks": _lines(result.get("remarks", [])),
        "remarks_total": result.get("remarks_total", 0),
    }


def _lines(rows: list[list[str]]) -> list[dict[str, str]]:
    return [{"place": place, "item": item, "detail": detail} for place, item, detail in rows]


class Imports(AuthoringView):
    """Files to import."""

    @endpoint(
        "authoring_imports_create",
        {202: ImportSerializer},
        (422, "empty_file"),
        BARRED,
        (429, "too_many_requests"),
        body=ImportingSerializer,
        description="Nothing but the file is stored: read the report, then take it. The body has at most "
        "1 MB; larger files go through the admin or the command import_bank.",
    )
    def post(self, request: Request) -> Response:
        """Upload a file of questions and have it checked.

        Answer 202 with the import; GET tells how far its check is.
        """
        asked = checked(ImportingSerializer, request)
        owner = person(request)
        file = imports.store(
            certification=_certification(asked["certification"]),
            format_name=asked["format"],
            name=asked["name"],
            data=asked["content"],
            owner=owner,
        )
        imports.check(file=file, owner=owner)
        return Response(ImportSerializer(_imported(file)).data, status.HTTP_202_ACCEPTED)


class Import(AuthoringView):
    """One's own import."""

    @endpoint("authoring_imports_retrieve", ImportSerializer, BARRED)
    def get(self, request: Request, import_id: UUID) -> Response:
        """Show how far an import is and what it found.

        Answer 200; 404 for the import of somebody else.
        """
        file = imports.own_file(file_id=import_id, owner=person(request))
        return Response(ImportSerializer(_imported(file)).data)


class ImportTake(AuthoringView):
    """Making drafts of an import."""

    @endpoint(
        "authoring_imports_take",
        {202: ImportSerializer},
        BARRED,
        (409, "not_checked"),
        body=TakingSerializer,
        description="Where some cannot be drafts nothing is stored, unless the body says `partial`.",
    )
    def post(self, request: Request, import_id: UUID) -> Response:
        """Make the questions of a checked file drafts, all or none.

        Answer 202; asked again it does nothing more. 409 before the check is done.
        """
        partial = checked(TakingSerializer, request)["partial"]
        owner = person(request)
        file = imports.own_file(file_id=import_id, owner=owner)
        imports.take_checked(file=file, owner=owner, partial=partial)
        if not imports.newest(file)[1]:
            raise Refused("not_checked", 409, _("Wait until the file has been checked."))
        return Response(ImportSerializer(_imported(file)).data, status.HTTP_202_ACCEPTED)


def _exported(job: Job) -> dict[str, Any]:
    losses = job.result.get("losses", [])
    return {
        "id": job.pk,
        "state": job.state,
        "items": job.result.get("items", 0),
        "losses": [{"place": "", "item": item, "detail": detail} for item, detail in losses],
        "losses_total": job.result.get("losses_total", 0),
    }


class Exports(AuthoringView):
    """Files of questions that are made."""

    @endpoint(
        "authoring_exports_create",
        {202: ExportSerializer},
        (422, "no_items"),
        BARRED,
        body=ExportingSerializer,
    )
    def post(self, request: Request) -> Response:
        """Have published questions written into a file.

        Answer 202 with the export; GET tells how far it is and what the format cannot carry.
        """
        asked = checked(ExportingSerializer, request)
        rows = Item.objects.filter(
            certification=_certification(asked["certification"]), current__isnull=False
        )
        if "codes" in asked:
            rows = rows.filter(code__in=asked["codes"])
        item_ids = list(rows.order_by("code").values_list("pk", flat=True))
        job = exports.of_items(format_name=asked["format"], item_ids=item_ids, owner=person(request))
        return Response(ExportSerializer(_exported(job)).data, status.HTTP_202_ACCEPTED)


def _own_export(export_id: UUID, owner: User) -> Job:
    job = Job.objects.filter(pk=export_id, owner=owner, kind=exports.KIND).first()
    if job is None:
        raise NotFound(_("Export not found."))
    return job


class Export(AuthoringView):
    """One's own export."""

    @endpoint("authoring_exports_retrieve", ExportSerializer, BARRED)
    def get(self, request: Request, export_id: UUID) -> Response:
        """Show how far an export is and what it could not carry.

        Answer 200; 404 for the export of somebody else.
        """
        return Response(ExportSerializer(_exported(_own_export(export_id, person(request)))).data)


class ExportFile(AuthoringView):
    """The file of one's own export."""

    @endpoint("authoring_exports_file", {(200, "application/octet-stream"): OpenApiTypes.BINARY}, BARRED)
    def get(self, request: Request, export_id: UUID) -> HttpResponse:
        """Download the file of an export.

        Answer 200 with the file; 404 until it is made, and once it is no longer kept.
        """
        file = jobs.file_of(job_id=_own_export(export_id, person(request)).pk, owner=person(request))
        return attachment(file.content, "application/octet-stream", file.name)
