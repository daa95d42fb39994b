"""Which questions, sheets and certifications lack a translation, or have one of an older original."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Exists, OuterRef, TextChoices
from django.db.models.functions import Now
from django.utils.translation import ngettext, pgettext_lazy

from accounts.base import hooks, statements
from exams.authoring import catalog, items, sheets
from exams.authoring.models import OPEN, Draft
from exams.catalog import services as facts
from exams.catalog.models import Certification
from exams.catalog.rows import Rows
from exams.cheatsheet.models import SheetBlock, SheetEdition
from exams.content.formats.certification_yaml import REQUIRED
from i18n import languages

PAGE: Final = 50


class Reason(TextChoices):
    """What a translation lacks."""

    MISSING = "missing", pgettext_lazy("a translation", "missing")
    OLDER = "older", pgettext_lazy("a translation", "older than the original")


@dataclass(frozen=True, slots=True)
class MissingTranslation:
    """Something that has no translation into a language, or one that is older than its original.

    `kind` and `name` are those of a draft of it, `since` when the original was published, None where nobody
    knows. `words` say what it is about; `version_id` is the version of a question, which has its words.
    `before` and `now` are the numbers of the versions that were translated and that are read now.
    """

    kind: str
    name: str
    certification: str
    language: str
    lack: Reason
    since: dt.datetime | None
    words: str = ""
    item_id: int = 0
    version_id: int = 0
    before: int = 0
    now: int = 0


type MissingIn = Callable[[Certification, Sequence[str]], Sequence[MissingTranslation]]


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

    gap: MissingTranslation
    draft: Draft | None
    days: int | None

    @property
    def person(self) -> str:
        """Return the address of who works on it, "" for nobody."""
        at_work = (self.draft.assignee or self.draft.author) if self.draft else None
        return at_work.email if at_work else ""


@dataclass(frozen=True, slots=True)
class Queue[Row]:
    """A page of a queue, how much there is in all, and how much of each kind before a kind was chosen."""

    rows: Sequence[Row]
    total: int
    page: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return max(1, -(-self.total // PAGE))


def queue(asked: Asked, person_id: int) -> Queue[Row]:
    """Return what lacks a translation: what is older first, since it is wrong where it is read.

    As many statements as certifications times kinds, and two.
    """
    drafts = _open_drafts()
    rows = [
        Row(gap, drafts.get((gap.certification, gap.kind, gap.name)), days)
        for gap, days in _gaps(asked)
        if not asked.lack or gap.lack == asked.lack
    ]
    if asked.is_mine:
        rows = [
            row for row in rows if row.draft and person_id in (row.draft.assignee_id, row.draft.author_id)
        ]
    counts = {kind: sum(row.gap.kind == kind for row in rows) for kind in hooks.by_key("translation_gaps")}
    chosen = [row for row in rows if not asked.kind or row.gap.kind == asked.kind]
    chosen.sort(key=lambda row: (row.gap.lack != Reason.OLDER, row.gap.certification, _place(row.gap)))
    begin = (asked.page - 1) * PAGE
    return Queue(chosen[begin : begin + PAGE], len(chosen), asked.page, counts)


def _place(gap: MissingTranslation) -> tuple[int, str, str]:
    return list(hooks.by_key("translation_gaps")).index(gap.kind), gap.name, gap.language


def _gaps(asked: Asked) -> Iterator[tuple[MissingTranslation, int | None]]:
    """Yield what is missing, and for how many days its original has been there."""
    certifications = Certification.objects.order_by("code").annotate(now=Now())
    if asked.certification:
        certifications = certifications.filter(code=asked.certification)
    answers: tuple[MissingIn, ...] = hooks.registered("translation_gaps")
    for certification in certifications:
        wanted = [
            code
            for code in languages.CODES
            if code != certification.original_language and asked.language in ("", code)
        ]
        for gap in (gap for answer in answers if wanted for gap in answer(certification, wanted)):
            yield gap, (certification.now - gap.since).days if gap.since else None


def _open_drafts() -> dict[tuple[str, str, str], Draft]:
    """Return the open drafts by certification, kind and name, without their content. One statement."""
    rows = Draft.objects.filter(state__in=OPEN).defer("content")
    return {
        (draft.certification.code, draft.kind, draft.name): draft
        for draft in rows.select_related("certification", "author", "assignee")
    }


# Text, since windows over texts that join themselves by their words are no query set that anybody could read.
# `since` is when the words that are read now were first published, whatever versions and revisions said them
# again after that. A translation is older when its own words were published before, and nobody has said
# since then that they still fit.
_ITEMS: Final = """
WITH texts AS MATERIALIZED (
  SELECT i.id AS item_id, i.code, i.current_id, v.id AS version_id, v.number, cv.number AS now, t.language,
    t.revision, l.id AS log_id, l.at,
    md5(concat_ws(chr(31), t.stem, t.ask, t.why, t.principle, t.tip, (
      SELECT string_agg(concat_ws(chr(30), o.text, o.rationale), chr(31) ORDER BY p."order")
      FROM exams_optiontext o JOIN exams_option p ON p.id = o.option_id
      WHERE o.item_text_id = t.id))) AS words
  FROM exams_item i JOIN exams_itemversion cv ON cv.id = i.current_id
  JOIN exams_itemversion v ON v.item_id = i.id AND v.number <= cv.number AND v.published_at IS NOT NULL
  JOIN exams_itemtext t ON t.version_id = v.id
  JOIN exams_publishlog l ON l.id = t.log_id
  WHERE i.certification_id = %(certification)s),
newest AS MATERIALIZED (
  SELECT DISTINCT ON (item_id, language) * FROM texts WHERE version_id = current_id
  ORDER BY item_id, language, revision DESC),
since AS (
  SELECT n.item_id, n.code, n.current_id, n.now, n.language,
    min(t.log_id) AS log_id, min(t.at) AS at, min(t.number) AS number
  FROM newest n JOIN texts t ON t.item_id = n.item_id AND t.language = n.language AND t.words = n.words
  WHERE NOT EXISTS (
    SELECT 1 FROM texts d WHERE d.item_id = n.item_id AND d.language = n.language AND d.words <> n.words
      AND (d.number, d.revision) > (t.number, t.revision))
  GROUP BY n.item_id, n.code, n.current_id, n.now, n.language)
SELECT o.item_id, o.code, o.current_id, wanted.language, t.item_id IS NULL, o.at,
  coalesce(t.number, 0), o.now
FROM since o CROSS JOIN unnest(%(languages)s::text[]) AS wanted (language)
LEFT JOIN since t ON t.item_id = o.item_id AND t.language = wanted.language
WHERE o.language = %(original)s AND (t.item_id IS NULL OR (t.log_id < o.log_id AND NOT EXISTS (
  SELECT 1 FROM exams_itemcheck k
  WHERE k.item_id = o.item_id AND k.language = wanted.language AND k.at >= o.at)))
ORDER BY o.code, wanted.language
"""


def of_items(certification: Certification, wanted: Sequence[str]) -> list[MissingTranslation]:
    """Return the gaps of questions that are in use. One statement."""
    values: dict[str, Any] = {
        "certification": certification.pk,
        "original": certification.original_language,
        "languages": list(wanted),
    }
    rows = statements.rows(_ITEMS, values)
    return [
        MissingTranslation(
            kind=items.NAME,
            name=code,
            certification=certification.code,
            language=language,
            lack=Reason.MISSING if is_missing else Reason.OLDER,
            since=since,
            item_id=item_id,
            version_id=version_id,
            before=before,
            now=now,
        )
        for item_id, code, version_id, language, is_missing, since, before, now in rows
    ]


def of_sheets(certification: Certification, wanted: Sequence[str]) -> list[MissingTranslation]:
    """Return the languages without a sheet, or with one that was published before its original.

    One statement. An edition without blocks took the sheet down.
    """
    rows = SheetEdition.objects.filter(certification=certification).order_by("language", "-number")
    blocks = SheetBlock.objects.filter(edition=OuterRef("pk"))
    newest_logs = rows.distinct("language").annotate(is_shown=Exists(blocks))
    newest: dict[str, tuple[int, dt.datetime]] = {
        language: (log_id, at)
        for language, log_id, at, is_shown in newest_logs.values_list(
            "language", "log_id", "published_at", "is_shown"
        )
        if is_shown
    }
    original = newest.get(certification.original_language)
    if original is None:
        return []
    return [
        MissingTranslation(
            kind=sheets.NAME,
            name=f"{sheets.NAME}/{language}",
            certification=certification.code,
            language=language,
            lack=Reason.OLDER if language in newest else Reason.MISSING,
            since=original[1],
        )
        for language in wanted
        if language not in newest or newest[language][0] < original[0]
    ]


def of_catalog(certification: Certification, wanted: Sequence[str]) -> list[MissingTranslation]:
    """Return the languages in which pages of a certification, or names of its topics, say nothing.

    When a text of them was written is not known, so none counts as older. Six statements.
    """
    rows = facts.stored(certification.code)
    gaps = []
    for language in wanted:
        missing = sum(1 for _path in _silent(rows, certification.original_language, language))
        if missing:
            words = ngettext("%(count)s text", "%(count)s texts", missing) % {"count": missing}
            gaps.append(
                MissingTranslation(
                    catalog.NAME, catalog.NAME, certification.code, language, Reason.MISSING, None, words
                )
            )
    return gaps


def _silent(rows: Rows, original: str, language: str) -> Iterator[object]:
    """Yield each text that the original has and a language has not."""
    for path, row in rows.items():
        if path[-1] != original or path[0] not in ("text", "domain text", "task text"):
            continue
        theirs = rows.get((*path[:-1], language), {})
        names = REQUIRED if path[0] == "text" else tuple(row)
        yield from ((path, name) for name in names if row[name] and not theirs.get(name))


# In the order in which the queue lists them.
BY_KIND: Final = {items.NAME: of_items, sheets.NAME: of_sheets, catalog.NAME: of_catalog}
