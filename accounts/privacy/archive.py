"""Everything about one person as one archive: JSON and CSV by table, and what each file is."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.base import csv_file, personal_data
from accounts.base.errors import Refused
from accounts.base.personal_data import Line
from accounts.jobs import services as jobs
from accounts.jobs.models import Job, State
from accounts.jobs.registry import JobContext, JobResult, MadeFile, Progress
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User

KIND: Final = "personal_archive"
MAIL: Final = "accounts/email/archive_ready"
MEDIA_TYPE: Final = "application/zip"
FILE_NAME: Final = "passline-my-data.zip"
MOST_A_DAY: Final = 3
DAY: Final = timedelta(days=1)
_UNDER_WAY: Final = (State.WAITING, State.RUNNING)


def request_archive(user: User, language: str) -> Job:
    """Have the archive made and return its job; the one that is under way where there is one.

    Raises Refused: too_many_archives, after three within a day.
    """
    with transaction.atomic():
        # Two clicks at once are one archive, and never the fourth of a day.
        person_lock.hold(user.pk)
        own = Job.objects.filter(owner=user, kind=KIND)
        under_way = own.filter(state__in=_UNDER_WAY).first()
        if under_way:
            return under_way
        if own.filter(created_at__gt=Now() - DAY).count() >= MOST_A_DAY:
            raise Refused(
                "too_many_archives",
                429,
                _("You can download your data %(n)s times a day. Try again tomorrow."),
                values={"n": MOST_A_DAY},
            )
        return jobs.start(KIND, owner=user, parameters={"language": language})


def newest(user: User) -> Job | None:
    """Return the newest job of this person that is under way, failed, or whose file is there."""
    there = ~Q(state=State.DONE) | Q(file__created_at__gt=Now() - jobs.FILE_DAYS)
    return Job.objects.filter(there, owner=user, kind=KIND).order_by("-created_at").first()


def make(context: JobContext) -> JobResult:
    """Make the archive of the job's owner and write the mail that says so: the function of the job."""
    user = User.objects.get(jobs=context.job_id)
    language = str(context.parameters.get("language") or profiles.of(user).ui_language)
    content = archive_of(user, language, context.progress)
    with override(language):
        address = settings.SITE_URL + reverse("accounts:job_file", args=[context.job_id])
    outbox.post(
        MAIL,
        user.email,
        {"download_url": address, "days": jobs.FILE_DAYS.days},
        person=user,
        language=language,
        dedupe_key=f"archive:{context.job_id}",
        useful_for=jobs.FILE_DAYS,
    )
    return JobResult(file=MadeFile(FILE_NAME, MEDIA_TYPE, content))


def archive_of(user: User, language: str, progress: Progress) -> bytes:
    """Return the archive of this person as ZIP. Parts without a row have no file."""
    packed, parts = io.BytesIO(), []
    files = personal_data.files()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, override(language):
        for number, table in enumerate(files):
            progress.at(number, len(files), table.file)
            rows = list(table.lines(user, language))
            if rows:
                archive.writestr(f"{table.file}.json", _json(rows))
                archive.writestr(f"{table.file}.csv", _csv(rows))
                parts.append(Part(table.file, str(table.title), len(rows)))
        archive.writestr("README.txt", _readme(user, parts))
        progress.at(len(files), len(files))
    return packed.getvalue()


class Part(NamedTuple):
    """A part of an archive that has rows."""

    name: str
    title: str
    rows: int


def _readme(user: User, parts: Sequence[Part]) -> str:
    head = (
        gettext("Your data on Passline"),
        user.email,
        "",
        gettext(
            "Each part is there twice: as JSON for programs and as CSV (UTF-8) for spreadsheets. "
            "Times are UTC. In CSV files, an apostrophe keeps spreadsheets from running a text as a formula. "
            "Parts you have nothing in are left out. Passwords, keys, and codes are never in here."
        ),
        gettext(
            "Correct answers of an exam are in here once the exam has ended, "
            "and while you aren't taking another one with the same questions."
        ),
        "",
    )
    files = (f"{part.name}.json, {part.name}.csv ({part.rows})\n  {part.title}" for part in parts)
    return "\ufeff" + "\r\n".join("\n".join((*head, *files)).splitlines()) + "\r\n"


def _json(rows: Sequence[Line]) -> str:
    return json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _csv(rows: Sequence[Line]) -> bytes:
    return csv_file.write([{name: _flat(value) for name, value in row.items()} for row in rows])


def _flat(value: Any) -> Any:  # noqa: ANN401
    """Return what one cell can hold: lists and objects as JSON, times as in the JSON file."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping | Sequence):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
