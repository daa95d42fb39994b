"""Which questions, sheets and certifications lack a translation, or have one of an older original."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.translation import ngettext

from exams.authoring import catalogue, items, sheets
from exams.authoring.translations import Gap, Lack
from exams.catalogue import services as facts
from exams.catalogue.models import Certification
from exams.catalogue.rows import Rows
from exams.cheatsheet.models import SheetBlock, SheetEdition
from exams.content.formats.certification_yaml import REQUIRED

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


def of_items(certification: Certification, wanted: Sequence[str]) -> list[Gap]:
    """Return the gaps of questions that are in use. One statement."""
    values: dict[str, Any] = {
        "certification": certification.pk,
        "original": certification.original_language,
        "languages": list(wanted),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, values)
        rows = cursor.fetchall()
    return [
        Gap(
            kind=items.NAME,
            name=code,
            certification=certification.code,
            language=language,
            lack=Lack.MISSING if is_missing else Lack.OLDER,
            since=since,
            item_id=item_id,
            version_id=version_id,
            before=before,
            now=now,
        )
        for item_id, code, version_id, language, is_missing, since, before, now in rows
    ]


def of_sheets(certification: Certification, wanted: Sequence[str]) -> list[Gap]:
    """Return the languages without a sheet, or with one that was published before its original.

    One statement. An edition without blocks took the sheet down.
    """
    rows = SheetEdition.objects.filter(certification=certification).order_by("language", "-number")
    blocks = SheetBlock.objects.filter(edition=OuterRef("pk"))
    found = rows.distinct("language").annotate(is_shown=Exists(blocks))
    newest: dict[str, tuple[int, dt.datetime]] = {
        language: (log_id, at)
        for language, log_id, at, is_shown in found.values_list(
            "language", "log_id", "published_at", "is_shown"
        )
        if is_shown
    }
    original = newest.get(certification.original_language)
    if original is None:
        return []
    return [
        Gap(
            kind=sheets.NAME,
            name=f"{sheets.NAME}/{language}",
            certification=certification.code,
            language=language,
            lack=Lack.OLDER if language in newest else Lack.MISSING,
            since=original[1],
        )
        for language in wanted
        if language not in newest or newest[language][0] < original[0]
    ]


def of_catalogue(certification: Certification, wanted: Sequence[str]) -> list[Gap]:
    """Return the languages in which pages of a certification, or names of its topics, say nothing.

    When a text of them was written is not known, so none counts as older. Six statements.
    """
    rows = facts.stored(certification.code)
    found = []
    for language in wanted:
        missing = sum(1 for _path in _silent(rows, certification.original_language, language))
        if missing:
            words = ngettext("%(count)s text", "%(count)s texts", missing) % {"count": missing}
            found.append(
                Gap(catalogue.NAME, catalogue.NAME, certification.code, language, Lack.MISSING, None, words)
            )
    return found


def _silent(rows: Rows, original: str, language: str) -> Iterator[object]:
    """Yield each text that the original has and a language has not."""
    for path, row in rows.items():
        if path[-1] != original or path[0] not in ("text", "domain text", "task text"):
            continue
        theirs = rows.get((*path[:-1], language), {})
        names = REQUIRED if path[0] == "text" else tuple(row)
        yield from ((path, name) for name in names if row[name] and not theirs.get(name))


# In the order in which the queue lists them.
BY_KIND: Final = {items.NAME: of_items, sheets.NAME: of_sheets, catalogue.NAME: of_catalogue}
