"""The cheat sheet as what can be searched: open to everybody, in the language of the page or the original."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exams.cheatsheet.selectors import anchor_of
from exams.search import sql
from exams.search.providers import Asked, Hit, Page, Provider, snippet

CELLS: Final = (
    "regexp_replace(regexp_replace(block.html, '</?(a|code|em|strong)( [^>]*)?>', '', 'g'),"
    " '</(li|td|th)>', ' · ', 'g')"
)
# The edition published last is current in its language, and without blocks there is none.
STATEMENT: Final = sql.statement(
    f"""
latest AS (
  SELECT DISTINCT ON (edition.language) edition.id, edition.language, certification.original_language
  FROM exams_sheetedition edition
  JOIN exams_certification certification ON certification.id = edition.certification_id
  WHERE certification.code = %(code)s
    AND edition.language IN (%(language)s, certification.original_language)
  ORDER BY edition.language, edition.published_at DESC, edition.number DESC),
sheet AS (
  SELECT id, language FROM latest
  WHERE EXISTS (SELECT FROM exams_sheetblock WHERE edition_id = latest.id)
  ORDER BY language = %(language)s DESC LIMIT 1),
matches AS (
  SELECT block.id, sheet.language, {sql.rank("block", "sheet.language")} AS rank
  FROM sheet CROSS JOIN query JOIN exams_sheetblock block ON block.edition_id = sheet.id
  WHERE {sql.matches("block", "sheet.language")})""",  # noqa: S608  (made of constants)
    f"""
  SELECT matches.*, block.number, block.title, block.position, {sql.words_of(CELLS)} AS words
  FROM matches JOIN exams_sheetblock block ON block.id = matches.id""",  # noqa: S608  (made of constants)
    "rank DESC, position",
)


def search(asked: Asked) -> Page:
    """Return the blocks that match; none where the certification has no sheet. One statement."""
    total, rows = sql.rows(STATEMENT, asked)
    return Page(total, tuple(_hit(asked, row) for row in rows))


def _hit(asked: Asked, row: dict[str, Any]) -> Hit:
    sheet_url = reverse("exams:cheatsheet", args=[asked.code])
    return Hit(
        title=f"{row['number']} {row['title']}",
        snippet=snippet(row["headline"], row["words"], asked.query),
        url=f"{sheet_url}#{anchor_of(row['number'])}",
        language=row["language"],
        rank=row["rank"],
    )


SHEET: Final = Provider("sheet", _("Cheat Sheet"), 1, search)
