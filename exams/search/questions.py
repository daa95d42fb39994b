"""The questions that a person has finished and may read again, at the wording that was taken.

While a timed exam of the person runs, nothing is said of its items, whenever they were answered before (G5).
"""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.users.models import User
from exams.attempts.models import State
from exams.attempts.running_items import RUNNING_ITEMS
from exams.search import sql
from exams.search.providers import Asked, Hit, Page, Provider, snippet

TEXTS: Final = " || ' ' || ".join(f"text.{part}_html" for part in ("stem", "ask", "why", "principle", "tip"))
# An item that was met several times comes once, as in the exam that ended last among those that match.
STATEMENT: Final = sql.statement(
    f"""
taken AS (
  SELECT attempt.id AS attempt_id, attempt.ended_at, form.number AS exam, text_id.position,
         text_id.value::bigint AS text_id
  FROM exams_attempt attempt
  JOIN exams_examform form ON form.id = attempt.form_id
  JOIN exams_certification certification ON certification.id = form.certification_id
  JOIN exams_paper paper ON paper.id = attempt.paper_id
  CROSS JOIN jsonb_array_elements_text(paper.text_ids) WITH ORDINALITY AS text_id (value, position)
  WHERE attempt.user_id = %(user)s AND certification.code = %(code)s
    AND attempt.state = {State.SCORED.value} AND attempt.mode = 'exam'),
matches AS (
  SELECT DISTINCT ON (version.item_id) taken.*, text.language, {sql.rank("text", "text.language")} AS rank
  FROM taken CROSS JOIN query
  JOIN exams_itemtext text ON text.id = taken.text_id
  JOIN exams_itemversion version ON version.id = text.version_id
  WHERE {sql.matches("text", "text.language")} AND version.item_id NOT IN ({RUNNING_ITEMS})
  ORDER BY version.item_id, taken.ended_at DESC)""",  # noqa: S608  (made of constants)
    f"""
  SELECT matches.*, {sql.words_of(TEXTS)} AS words
  FROM matches JOIN exams_itemtext text ON text.id = matches.text_id""",  # noqa: S608  (made of constants)
    "rank DESC, exam, position",
)


def search(asked: Asked) -> Page | None:
    """Return the questions that match, or None for a visitor. One statement."""
    if not isinstance(asked.user, User):
        return None
    total, rows = sql.rows(STATEMENT, asked)
    return Page(total, tuple(_hit(asked, row) for row in rows))


def _hit(asked: Asked, row: dict[str, Any]) -> Hit:
    position = row["position"]
    page = reverse("exams:review", args=[row["attempt_id"]])
    return Hit(
        title=_("Exam %(exam)s, question %(n)s") % {"exam": row["exam"], "n": position},
        snippet=snippet(row["headline"], row["words"], asked.query),
        url=f"{page}?q={position}",
        language=row["language"],
        rank=row["rank"],
    )


QUESTIONS: Final = Provider("questions", gettext_lazy("Your questions"), 3, search)
