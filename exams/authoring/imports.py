"""Items of other systems as drafts: read by a job, told before anything is stored, taken all or nothing, or
the good ones where that is asked for.

An imported item is a draft like any other: it is reviewed and published by the people who do that. A file
that is read again updates the drafts and items that it made, which it knows by the id of its source.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.audit import services as audit
from accounts.base import rates
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job, State
from accounts.jobs.registry import JobContext, JobResult
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.authoring import item_content, kinds, services
from exams.authoring.items import NAME as ITEM
from exams.authoring.kinds import Content, ContentError
from exams.authoring.models import OPEN, Draft, ImportFile
from exams.authoring.models import State as DraftState
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.bank.services import current_versions
from exams.catalog.models import Certification
from exams.content.digest import digest_of
from exams.content.exchange_formats import limits, registry
from exams.content.exchange_formats.pictures import name_of
from exams.content.exchange_formats.shape import Parsed, Picture
from exams.content.markdown import figure_names
from exams.content.records import NOWHERE, Place, WholeItem
from exams.content_sync.stored import whole_items
from exams.presentation.exchange_messages import sentence
from exams.presentation.item_fields import label_of

CHECK: Final = "import_check"
TAKE: Final = "import_take"
MOST_LINES: Final = 500
MOST_A_DAY: Final = 300
"""So many files somebody may upload in a day: each is kept for a week."""
DAY: Final = 24 * 3600
NEW, CHANGED, SAME, HELD, FAULTY = FATES = ("new", "changed", "same", "held", "faulty")
STEP: Final = "import_items"
ACT: Final = "import"
"""The act on a draft that an import stored, with the digest of what it stored."""
IMAGE_NAMED: Final = re.compile(r"figure:(image-[0-9a-f]{16})(?![0-9a-f])")


def own_names(parsed: Parsed) -> Parsed:
    """Return what was read, each image called by what is stored of it.

    An image that comes back to the bank it came from keeps its name. One of another bank has a name that was
    made of other bytes where it was written anew with a loss: the texts are told its name here.
    """
    renamed = {
        picture.name: name_of(picture.data)
        for picture in parsed.pictures
        if picture.name != name_of(picture.data)
    }
    for name in bank.rasters(renamed.keys()):
        del renamed[name]
    if not renamed:
        return parsed

    def change(text: str) -> str:
        return IMAGE_NAMED.sub(lambda match: f"figure:{renamed.get(match[1], match[1])}", text)

    return replace(
        parsed,
        items=tuple(item.rewritten(change) for item in parsed.items),
        pictures=tuple(
            replace(picture, name=renamed.get(picture.name, picture.name)) for picture in parsed.pictures
        ),
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one item: a new draft, a changed one, or nothing.

    An item that somebody is writing in is held, one that cannot be a draft is faulty: its `fault` tells why.
    `revision` is that of the open draft, or of one that is yet to be begun.
    """

    code: str
    fate: str
    content: Content
    place: Place = NOWHERE
    fault: ContentError | None = None
    revision: int = 1

    @property
    def fault_text(self) -> str:
        """Return what is wrong and where in the file, in the language of the reader; "" where nothing is."""
        if self.fault is None:
            return ""
        return ": ".join(filter(None, (str(self.place), str(self.fault))))


def store(
    *, certification: Certification, format_name: str, name: str, data: bytes, owner: User
) -> ImportFile:
    """Keep an uploaded file for a job; no web process looks into it.

    Raises Refused: unknown_format, too_large, empty_file, too_many_requests.
    """
    fmt = registry.FORMATS.get(format_name)
    if fmt is None or not fmt.can_read:
        raise Refused("unknown_format", 422, _("Choose a format."))
    if not data:
        raise Refused("empty_file", 422, _("This file is empty."))
    if len(data) > limits.FILE_SIZE:
        most = limits.FILE_SIZE // limits.MEGABYTE
        raise Refused("too_large", 413, _("A file may have at most %(most)s MB."), values={"most": most})
    detail = _("Too many files for one day. Try again tomorrow.")
    rates.count_or_refuse("imports", owner.pk, most=MOST_A_DAY, seconds=DAY, detail=detail)
    return ImportFile.objects.create(
        certification=certification, format=format_name, name=name[:200], content=data, owner=owner
    )


def check(*, file: ImportFile, owner: User) -> Job:
    """Have a file read and its fate told; nothing is stored."""
    return _start(CHECK, file, owner)


def take(*, file: ImportFile, owner: User, partial: bool = False) -> Job:
    """Have a file made into drafts, all or nothing; if `partial`, those of its questions that can be.

    Once done, asking again does nothing more.
    """
    return _start(TAKE, file, owner, {"partial": True} if partial else {})


def own_file(*, file_id: UUID, owner: User) -> ImportFile:
    """Return a file of this person, without its content. Raises Refused: not_found."""
    rows = ImportFile.objects.select_related("certification").defer("content")
    file = rows.filter(pk=file_id, owner=owner).first()
    if file is None:
        raise Refused("not_found", 404, _("File not found. Files are kept for 7 days."))
    return file


def newest(file: ImportFile) -> tuple[Job | None, bool]:
    """Return the job that tells about a file, and whether it is the one that makes drafts."""
    jobs = {
        job.kind: job
        for job in Job.objects.filter(
            kind__in=(CHECK, TAKE), owner=file.owner_id, parameters__file=str(file.pk)
        ).order_by("created_at")
    }
    return (jobs[TAKE], True) if TAKE in jobs else (jobs.get(CHECK), False)


def take_checked(*, file: ImportFile, owner: User, partial: bool = False) -> Job | None:
    """Have a file taken once its check is done; nobody takes what they have not read about.

    What is taken already is not taken again, unless that failed. Returns the job that tells about the file.
    """
    job, is_take = newest(file)
    if job is not None and job.state == (State.FAILED if is_take else State.DONE):
        return take(file=file, owner=owner, partial=partial)
    return job


def _start(kind: str, file: ImportFile, owner: User, more: Mapping[str, object] | None = None) -> Job:
    if file.owner_id != owner.pk:
        raise Refused("not_found", 404, _("File not found. Files are kept for 7 days."))
    return jobs.start_own(kind, owner=owner, parameters={"file": str(file.pk), **(more or {})})


def run_check(context: JobContext) -> JobResult:
    """Read a file and tell what would become of it: the function of the job."""
    file, owner, parsed = _read(context)
    with _in_language_of(owner):
        planned = plan(file.certification, parsed.items)
        return JobResult(_report(parsed, planned) | _remarks(file.certification, planned, context))


def run_take(context: JobContext) -> JobResult:
    """Read a file and make its items drafts; one that cannot be one keeps all others from being made, unless
    part of a file was asked for.
    """
    file, owner, parsed = _read(context)
    with _in_language_of(owner):
        planned = plan(file.certification, parsed.items)
        is_taken = bool(context.parameters.get("partial")) or not left_out(parsed, planned)
        if is_taken:
            apply(file.certification, planned, owner, context, parsed.pictures)
        return JobResult(_report(parsed, planned) | {"taken": is_taken})


def left_out(parsed: Parsed, planned: Iterable[Planned]) -> int:
    """Return how much of a file cannot be taken: its faults, and the questions that are held or faulty."""
    return len(parsed.problems) + sum(item.fate in (HELD, FAULTY) for item in planned)


def _read(context: JobContext) -> tuple[ImportFile, User, Parsed]:
    file = ImportFile.objects.select_related("certification").get(pk=UUID(str(context.parameters["file"])))
    owner = User.objects.get(pk=context.owner_id or 0)
    parsed = registry.read(
        file.format, bytes(file.content), file.name, language=file.certification.original_language
    )
    return file, owner, own_names(parsed)


def _in_language_of(owner: User) -> override:
    """Say what a report says in the language of who reads it."""
    return override(profiles.of(owner).ui_language)


def _report(parsed: Parsed, planned: Sequence[Planned]) -> dict[str, Any]:
    """Return what a page shows, in the language that is active: at most MOST_LINES lines of each."""
    items = [[item.code, item.fate, item.fault_text] for item in planned[:MOST_LINES]]
    losses = [_line(loss.place, loss.item, sentence(loss)) for loss in parsed.losses[:MOST_LINES]]
    faults = [
        _line(problem.place, problem.item, sentence(problem)) for problem in parsed.problems[:MOST_LINES]
    ]
    counts = {fate: sum(item.fate == fate for item in planned) for fate in FATES}
    return {
        **counts,
        "taken": False,
        "items": items,
        "losses": losses,
        "losses_total": len(parsed.losses),
        "faults": faults,
        "faults_total": len(parsed.problems),
    }


def _remarks(certification: Certification, planned: Sequence[Planned], context: JobContext) -> dict[str, Any]:
    """Return what the rules of writing say about what would be drafts, first what blocks."""
    wanted = [item for item in planned if item.fate in (NEW, CHANGED)]
    lines = []
    for number, item in enumerate(wanted):
        context.progress.at(number, len(wanted), STEP)
        remarks = kinds.kind_of(ITEM).remarks(certification, item.code, item.content)
        for remark in sorted(remarks, key=lambda remark: not remark.blocks):
            lines.append(_line(label_of(remark.field), item.code, str(remark.sentence)))
    return {"remarks": lines[:MOST_LINES], "remarks_total": len(lines)}


def _line(place: object, item: str, sentence: str) -> list[str]:
    return [str(place), item, sentence]


def plan(certification: Certification, items: Sequence[WholeItem]) -> list[Planned]:
    """Compare items with what is published and what is written. Seven statements, however many items."""
    known = _by_source(certification)
    taken = set(Item.objects.filter(certification=certification).values_list("code", flat=True))
    published = _published(certification)
    open_ = {
        draft.name: draft
        for draft in Draft.objects.filter(certification=certification, kind=ITEM, state__in=OPEN)
    }
    untouched = _untouched(open_.values())
    return list(_planned(items, known, taken | open_.keys(), published, open_, untouched))


def _planned(
    items: Iterable[WholeItem],
    known: Mapping[str, str],
    taken: set[str],
    published: Mapping[str, Content],
    open_: Mapping[str, Draft],
    untouched: Collection[int],
) -> Iterator[Planned]:
    seen: set[str] = set()
    for item in items:
        code = known.get(item.source) if item.source else None
        if code is None:
            # An id of ours names our item; an id that another system gave, or that only counts the questions
            # of a file, names one of ours by chance only.
            is_ours = not (item.source or item.is_numbered)
            code = item.record.id if is_ours else _free(item.record.id, taken | seen)
        seen.add(code)
        try:
            content = item_content.from_whole(item)
        except ContentError as error:
            yield Planned(code, FAULTY, {}, item.record.place, error)
            continue
        draft = open_.get(code)
        current = draft.content if draft else published.get(code)
        if current is not None:
            content = _with_what_stays(content, current)
        if draft is not None and draft.digest != digest_of(content):
            is_imported = item.source and draft.content.get("source") == item.source
            fate = CHANGED if is_imported and draft.pk in untouched else HELD
            yield Planned(code, fate, content, revision=draft.revision)
        elif current is None:
            yield Planned(code, NEW, content)
        else:
            yield Planned(code, SAME if digest_of(current) == digest_of(content) else CHANGED, content)


def _with_what_stays(content: Content, current: Content) -> dict[str, Any]:
    """Return content of a file with what few files carry, as it is here: drawings, translations, twins."""
    known, texts = current["texts"], dict(current["texts"])
    for language, text in content["texts"].items():
        shown = figure_names(*item_content.texts_of(text).values())
        drawn = {figure["name"] for figure in text["figures"]}
        kept = [
            figure
            for figure in known.get(language, {}).get("figures", ())
            if figure["name"] in shown and figure["name"] not in drawn
        ]
        texts[language] = {**text, "figures": [*text["figures"], *kept]}
    return {**content, "twins": current["twins"], "texts": texts}


def _untouched(drafts: Iterable[Draft]) -> set[int]:
    """Return the drafts that are as an import left them and not in review: no other is changed. One query."""
    digests = {draft.pk: draft.digest for draft in drafts if draft.state == DraftState.DRAFT}
    acts = audit.of_all(Draft, Draft.objects.filter(pk__in=list(digests))).filter(action=ACT)
    stored = acts.values_list("subject_id", "after__digest")
    return {int(key) for key, digest in stored if digests[int(key)] == digest}


def _by_source(certification: Certification) -> dict[str, str]:
    """Return the codes of items and open drafts by the id of their source."""
    rows = Item.objects.filter(certification=certification).exclude(source_id="")
    codes = dict(rows.values_list("source_id", "code"))
    drafts = Draft.objects.filter(certification=certification, kind=ITEM, state__in=OPEN)
    for name, source in drafts.values_list("name", "content__source"):
        if source:
            codes.setdefault(source, name)
    return codes


def _published(certification: Certification) -> dict[str, Content]:
    """Return every published item as content, by code."""
    versions = current_versions(certification.code)
    twins = dict(ItemVersion.objects.filter(pk__in=versions).values_list("pk", "item__twins"))
    return {
        whole.record.id: item_content.from_whole(whole, twins=twins[version_id])
        for version_id, whole in whole_items(versions).items()
    }


def _free(code: str, taken: set[str]) -> str:
    if code not in taken:
        return code
    number = 2
    while f"{code}-{number}" in taken:
        number += 1
    return f"{code}-{number}"


@transaction.atomic
def apply(
    certification: Certification,
    planned: Sequence[Planned],
    owner: User,
    context: JobContext,
    pictures: Collection[Picture] = (),
) -> None:
    """Make what is new or changed a draft of its owner, and keep the images that the drafts show.

    Raises Refused where one may not be, or where somebody wrote in it since the plan was made.
    """
    known = bank.rasters([picture.name for picture in pictures])
    bank.store_images(picture for picture in pictures if picture.name not in known)
    wanted = [item for item in planned if item.fate in (NEW, CHANGED)]
    for number, item in enumerate(wanted):
        context.progress.at(number, len(wanted), STEP)
        draft = services.open_draft(kind=ITEM, certification=certification, name=item.code, actor=owner)
        saved = services.save(draft_id=draft.pk, revision=item.revision, content=item.content, actor=owner)
        after = {"revision": saved.revision, "digest": saved.digest}
        audit.record(actor=owner, action=ACT, subject=saved, after=after)
