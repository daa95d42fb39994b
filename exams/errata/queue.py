"""What waits for a decision: versions of questions by what was reported, the most reported in front."""

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from accounts.base import hooks
from accounts.base.errors import Text

LIMIT: Final = 200
_REPORTED: Final = """
SELECT r.version_id, c.code, i.code, v.number, count(*), count(*) FILTER (WHERE r.state = 'open'),
  max(r.created_at),
  (SELECT json_object_agg(n.reason, n.count) FROM (
    SELECT reason, count(*) FROM exams_problemreport WHERE version_id = r.version_id
    GROUP BY reason ORDER BY count(*) DESC, reason) AS n)::text,
  (SELECT max(id) FROM exams_keyruling WHERE version_id = r.version_id)
FROM exams_problemreport r JOIN exams_itemversion v ON v.id = r.version_id
JOIN exams_item i ON i.id = v.item_id JOIN exams_certification c ON c.id = i.certification_id
GROUP BY r.version_id, c.code, i.code, v.number
ORDER BY count(*) FILTER (WHERE r.state = 'open') DESC, count(*) DESC, r.version_id
LIMIT %s
"""

type Figures = Sequence[tuple[Text, object]]
type FiguresOf = Callable[[Collection[int]], Mapping[int, Figures]]


@dataclass(frozen=True, slots=True)
class Reported:
    """A version and what was reported of it: how often, how often unanswered, by reason, and when last."""

    version_id: int
    certification: str
    item: str
    number: int
    reports: int
    open: int
    newest_at: dt.datetime
    reasons: Mapping[str, int]
    ruling_id: int | None
    figures: Figures = ()


def reported() -> list[Reported]:
    """Return the versions with reports. One statement, and those of whoever tells figures."""
    with connection.cursor() as cursor:
        cursor.execute(_REPORTED, [LIMIT])
        rows = cursor.fetchall()
    known = figures_of([row[0] for row in rows])
    return [
        Reported(
            version_id=row[0],
            certification=row[1],
            item=row[2],
            number=row[3],
            reports=row[4],
            open=row[5],
            newest_at=row[6],
            reasons=json.loads(row[7]),
            ruling_id=row[8],
            figures=known.get(row[0], ()),
        )
        for row in rows
    ]


def figures_of(version_ids: Collection[int]) -> Mapping[int, Figures]:
    """Return what is measured of versions, as far as anybody tells."""
    found: dict[int, list[tuple[Text, object]]] = {}
    answers: tuple[FiguresOf, ...] = hooks.registered("version_figures")
    for answer in answers:
        for version_id, figures in answer(version_ids).items():
            found.setdefault(version_id, []).extend(figures)
    return found
