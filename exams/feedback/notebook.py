"""The notebook of a course: what a person noted, bookmarked or missed over all ended exams and drills.

Of a drill that tells each answer at once it has what was told, also while that runs, as practice counts it.
Nothing of an item that is in an exam being taken, or in a drill whose answers come at its end (G5).
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from accounts.base import statements
from accounts.users.models import User
from exams.attempts import running_items, score_codec, telling
from exams.attempts.models import Feedback, State
from exams.bank import rulings
from exams.bank.models import ItemText
from exams.catalog.models import Certification
from exams.catalog.selectors import pick

SURE: Final = 3
# All meetings of all items of a course, each with its answer, are one statement: as querysets they are five,
# joined in Python. What is held is read first, as in `running_items`.
_ENTRIES: Final = f"""
WITH held AS MATERIALIZED (
  {running_items.RUNNING_ITEMS}
  UNION ALL
  SELECT v.item_id FROM exams_attempt a JOIN exams_drawnpaper d ON d.id = a.drawn_id
  JOIN exams_itemversion v ON v.id = ANY(d.version_ids)
  WHERE a.user_id = %(user)s AND a.feedback = '{Feedback.AT_END}' AND a.state IN (1, 3)),
own AS (
  SELECT a.id, a.edition_id, a.drawn_id, a.state, a.feedback, a.started_at, s.result, f.number, d.ruling_id
  FROM exams_attempt a LEFT JOIN exams_examform f ON f.id = a.form_id
  LEFT JOIN exams_drawnpaper d ON d.id = a.drawn_id
  LEFT JOIN LATERAL (SELECT result FROM exams_score WHERE attempt_id = a.id
                     ORDER BY revision DESC LIMIT 1) AS s ON true
  WHERE a.user_id = %(user)s AND (a.state = {State.SCORED.value}
      OR a.feedback = '{Feedback.AT_ONCE}' AND a.state <> {State.VOIDED.value})
    AND coalesce(f.certification_id, d.certification_id) = %(certification)s),
{telling.GIVEN},
met AS (
  SELECT o.*, i.position::int AS position, i.version_id
  FROM own o JOIN exams_formitem i ON i.edition_id = o.edition_id
  UNION ALL
  SELECT o.*, u.position::int, u.id FROM own o JOIN exams_drawnpaper d ON d.id = o.drawn_id
  CROSS JOIN unnest(d.version_ids) WITH ORDINALITY AS u(id, position)),
told AS (
  SELECT v.item_id, m.*, {score_codec.RIGHT_AT.format(result="m.result", position="m.position")}
    OR {score_codec.OUT_AT.format(result="m.result", position="m.position")} AS correct,
    coalesce(g.is_answered, false) AS answered, g.selected, g.confidence, {telling.TELLS} AS tells
  FROM met m JOIN exams_itemversion v ON v.id = m.version_id {telling.WITH_GIVEN}
  WHERE v.item_id NOT IN (SELECT item_id FROM held) AND (m.result IS NOT NULL OR {telling.TELLS}))
SELECT t.item_id, d.number AS domain, coalesce(n.text, '') AS note, b.id IS NOT NULL AS bookmarked,
  EXISTS (SELECT 1 FROM held) AS any_held,
  (array_agg(t.version_id ORDER BY t.started_at DESC))[1] AS version_id,
  json_agg(json_build_array(t.id, t.number, t.position, t.started_at,
      CASE WHEN t.result IS NULL THEN json_build_array(t.version_id, t.ruling_id, t.selected,
          ARRAY(SELECT o.id FROM exams_option o WHERE o.version_id = t.version_id AND o.is_key))
        ELSE to_json(t.correct) END, t.answered, t.confidence, t.tells)
           ORDER BY t.started_at DESC) AS meetings
FROM told t JOIN exams_item i ON i.id = t.item_id JOIN exams_taskstatement s ON s.id = i.task_id
JOIN exams_domain d ON d.id = s.domain_id
LEFT JOIN exams_note n ON n.item_id = t.item_id AND n.user_id = %(user)s
LEFT JOIN exams_bookmark b ON b.item_id = t.item_id AND b.user_id = %(user)s
GROUP BY t.item_id, d.number, n.text, b.id HAVING n.text IS NOT NULL OR b.id IS NOT NULL
  OR bool_or(t.tells AND t.correct IS NOT TRUE)
ORDER BY max(t.started_at) DESC, min(t.position), t.item_id
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class Meeting:
    """How an item went in an exam or drill; `form_number` is None for a drill.

    `tells` is whether that says something of the person (`exams.attempts.telling`).
    """

    attempt_id: UUID
    form_number: int | None
    position: int
    at: dt.datetime
    correct: bool
    answered: bool
    confidence: int | None
    tells: bool

    @property
    def sure_but_incorrect(self) -> bool:
        """Whether the person was sure of an answer that is incorrect."""
        return self.answered and not self.correct and self.confidence == SURE


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of the notebook: the number of its domain, meetings, the last one first, its version then.

    `any_held` is whether there is an exam or drill whose items are left out until it ends.
    """

    item_id: int
    domain: int
    version_id: int
    note: str
    bookmarked: bool
    any_held: bool
    meetings: tuple[Meeting, ...]

    @property
    def counted(self) -> tuple[Meeting, ...]:
        """The meetings that say something of the person, the last one first."""
        return tuple(one for one in self.meetings if one.tells)

    @property
    def missed(self) -> bool:
        """Whether it was incorrect the last time, as the pool of practice says it."""
        return any(not one.correct for one in self.counted[:1])

    @property
    def sure_but_incorrect(self) -> bool:
        """Whether the person was sure the last time, and incorrect."""
        return any(one.sure_but_incorrect for one in self.counted[:1])

    @property
    def learned(self) -> bool:
        """Whether it was correct the last time, and incorrect before."""
        return not self.missed and any(not one.correct for one in self.counted)


def entries(user: User, certification: Certification) -> list[Entry]:
    """Return the notebook of a course, what was met last in front. One statement."""
    rows = statements.dict_rows(_ENTRIES, {"user": user.pk, "certification": certification.pk})
    found = [_entry(**row) for row in rows]
    return [one for one in found if one.note or one.bookmarked or one.missed or one.learned]


def _entry(*, meetings: str | list[Any], **same: Any) -> Entry:  # noqa: ANN401
    # Under psycopg2, a raw cursor of Django hands out JSON as text.
    found = json.loads(meetings) if isinstance(meetings, str) else meetings
    return Entry(
        meetings=tuple(
            Meeting(UUID(one), number, position, dt.datetime.fromisoformat(at), _is_correct(told), *how)
            for one, number, position, at, told, *how in found
        ),
        **same,
    )


def _is_correct(told: bool | list[Any]) -> bool:
    """Return what a score says; without one judge the answer as the drill did."""
    if isinstance(told, bool):
        return told
    version_id, ruling, selected, keys = told
    key = rulings.key_of(keys, rulings.in_force(ruling).get(version_id))
    return key.out or key.accepts(selected)


def texts_of(entries: Iterable[Entry], certification: Certification, language: str) -> Mapping[int, ItemText]:
    """Return how the items read in a language, else in the original, by version. One statement."""
    rows = ItemText.objects.filter(version_id__in=[entry.version_id for entry in entries])
    newest = rows.order_by("version_id", "language", "-revision").distinct("version_id", "language")
    texts: dict[int, list[ItemText]] = {}
    for text in newest.only("version_id", "language", "stem_html", "ask_html"):
        texts.setdefault(text.version_id, []).append(text)
    original = certification.original_language
    picked = {version_id: pick(each, language, original) for version_id, each in texts.items()}
    return {version_id: text for version_id, text in picked.items() if text}
