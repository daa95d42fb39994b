"""What is not translated, or older than its original: of questions, and of whatever other kinds tell.

Each kind tells its own gaps by a function that is registered at start, as kinds themselves are.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from accounts.base import hooks
from exams.authoring.models import OPEN, Draft
from exams.catalogue.models import Certification
from i18n import languages

PAGE: Final = 50


class Lack(TextChoices):
    """What a translation lacks."""

    MISSING = "missing", pgettext_lazy("a translation", "missing")
    OLDER = "older", pgettext_lazy("a translation", "older than the original")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that has no translation into a language, or one that is older than its original.

    `kind` and `name` are those of a draft of it, `since` when the original was published, None where nobody
    knows. `words` say what it is about; `version_id` is the version of a question, which has its words.
    `before` and `now` are the numbers of the versions that were translated and that are read now.
    """

    kind: str
    name: str
    certification: str
    language: str
    lack: Lack
    since: dt.datetime | None
    words: str = ""
    item_id: int = 0
    version_id: int = 0
    before: int = 0
    now: int = 0


type GapsOf = Callable[[Certification, Sequence[str]], Sequence[Gap]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is wanted; empty texts want all of it. Pages count from 1."""

    certification: str = ""
    language: str = ""
    kind: str = ""
    lack: str = ""
    is_mine: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A gap with the open draft that may fill it, and for how many days the original has been there."""

    gap: Gap
    draft: Draft | None
    days: int | None

    @property
    def person(self) -> str:
        """Return the address of who works on it, "" for nobody."""
        at_work = (self.draft.assignee or self.draft.author) if self.draft else None
        return at_work.email if at_work else ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of gaps, how many there are in all, and how many of each kind before a kind was chosen."""

    rows: Sequence[Row]
    total: int
    page: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return max(1, -(-self.total // PAGE))


def queue(asked: Asked, person_id: int) -> Queue:
    """Return what lacks a translation: what is older first, since it is wrong where it is read.

    As many statements as certifications times kinds, and three.
    """
    found = [gap for gap in _gaps(asked) if not asked.lack or gap.lack == asked.lack]
    drafts = _open_drafts()
    now = _now()
    rows = [
        Row(
            gap,
            drafts.get((gap.certification, gap.kind, gap.name)),
            (now - gap.since).days if gap.since else None,
        )
        for gap in found
    ]
    if asked.is_mine:
        rows = [
            row for row in rows if row.draft and person_id in (row.draft.assignee_id, row.draft.author_id)
        ]
    counts = {kind: sum(row.gap.kind == kind for row in rows) for kind in hooks.by_key("translation_gaps")}
    chosen = [row for row in rows if not asked.kind or row.gap.kind == asked.kind]
    chosen.sort(key=lambda row: (row.gap.lack != Lack.OLDER, row.gap.certification, _place(row.gap)))
    begin = (asked.page - 1) * PAGE
    return Queue(chosen[begin : begin + PAGE], len(chosen), asked.page, counts)


def _place(gap: Gap) -> tuple[int, str, str]:
    return list(hooks.by_key("translation_gaps")).index(gap.kind), gap.name, gap.language


def _gaps(asked: Asked) -> list[Gap]:
    found: list[Gap] = []
    certifications = Certification.objects.order_by("code")
    if asked.certification:
        certifications = certifications.filter(code=asked.certification)
    for certification in certifications:
        wanted = [
            code
            for code in languages.CODES
            if code != certification.original_language and asked.language in ("", code)
        ]
        answers: tuple[GapsOf, ...] = hooks.registered("translation_gaps") if wanted else ()
        for answer in answers:
            found += answer(certification, wanted)
    return found


def _now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def _open_drafts() -> dict[tuple[str, str, str], Draft]:
    """Return the open drafts by certification, kind and name, without their content. One statement."""
    rows = Draft.objects.filter(state__in=OPEN).defer("content")
    return {
        (draft.certification.code, draft.kind, draft.name): draft
        for draft in rows.select_related("certification", "author", "assignee")
    }
