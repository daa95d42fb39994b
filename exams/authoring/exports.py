"""Published questions as a file of any format, made by a job that also tells what the format cannot carry."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.jobs.registry import JobContext, JobResult, MadeFile
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.assembly.models import ExamForm, FormItem
from exams.authoring import rights
from exams.bank.models import ItemVersion
from exams.content.exchange_formats import registry
from exams.content.records import WholeItem
from exams.content_sync.stored import pictures, whole_items
from exams.presentation.exchange_messages import sentence

KIND: Final = "export_items"
MOST_ITEMS: Final = 5_000
MOST_LINES: Final = 500
MOST_IMAGES: Final = 12_000_000
"""So many bytes of images have room in the file of a job, in Base64 too; the rest is told as not carried."""


def of_items(*, format_name: str, item_ids: Sequence[int], owner: User) -> Job:
    """Have the current versions of items written. Raises Refused: not_allowed, unknown_format, no_items."""
    if not 0 < len(item_ids) <= MOST_ITEMS:
        raise Refused(
            "no_items",
            422,
            _("Choose at least one question, and at most %(most)s."),
            values={"most": MOST_ITEMS},
        )
    return _start(format_name, owner, {"items": list(item_ids)})


def of_exam(*, format_name: str, form_id: int, owner: User) -> Job:
    """Have the questions of an exam written, in its order. Raises Refused as `of_items`."""
    return _start(format_name, owner, {"form": form_id})


def _start(format_name: str, owner: User, what: dict[str, Any]) -> Job:
    rights.need(owner, rights.WRITE)
    known = registry.FORMATS.get(format_name)
    if known is None or not known.can_write:
        raise Refused("unknown_format", 422, _("Choose a format."))
    return jobs.start(KIND, owner=owner, parameters={"format": format_name, **what})


def run(context: JobContext) -> JobResult:
    """Write the file: the function of the job. What is published when the job runs is what it holds.

    Raises Refused, not_allowed, where its owner writes no more.
    """
    owner = User.objects.get(pk=context.owner_id or 0)
    rights.need(owner, rights.WRITE)
    parameters = context.parameters
    name = str(parameters["format"])
    items = _chosen(dict(parameters))
    written = registry.write(name, items, pictures(items, MOST_IMAGES))
    with override(profiles.of(owner).ui_language):
        losses = [[one.item, sentence(one)] for one in written.losses[:MOST_LINES]]
    result = {"items": len(items), "losses": losses, "losses_total": len(written.losses)}
    return JobResult(
        result, MadeFile(_file_name(name, parameters), registry.FORMATS[name].media_type, written.data)
    )


def _file_name(format_name: str, parameters: Any) -> str:  # noqa: ANN401
    form = ExamForm.objects.select_related("certification").filter(pk=parameters.get("form")).first()
    stem = f"{form.certification.code}-exam-{form.number}" if form else "questions"
    return f"{stem}{registry.FORMATS[format_name].suffixes[0]}"


def _chosen(parameters: dict[str, Any]) -> list[WholeItem]:
    """Return the versions that an exam has, in its order, or the current ones of items, by code."""
    if "form" not in parameters:
        return by_code(ItemVersion.objects.filter(item__in=parameters["items"]))
    places = FormItem.objects.filter(edition__form=parameters["form"], edition__form__current=F("edition"))
    order = list(places.order_by("position").values_list("version", flat=True))
    by_version = whole_items(ItemVersion.objects.filter(pk__in=order))
    return [by_version[version] for version in order]


def by_code(versions: QuerySet[ItemVersion]) -> list[WholeItem]:
    """Return the current ones of versions as whole items, by code; what is withdrawn is left out."""
    items = whole_items(versions.filter(item__current=F("pk"))).values()
    return sorted(items, key=lambda one: one.record.id)
