"""What a person may practice: items of exams that they finished or opened for practice, and how each went.

Also those of a check that they finished, unless another one runs. Never an item of an exam that the person is
taking: `RUNNING_ITEMS` says which those are, for every reader of keys.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from django.db import models

from accounts.base import statements
from accounts.users.models import User
from exams.assembly import solutions
from exams.attempts import score_codec, telling
from exams.attempts.models import CHECK
from exams.attempts.running_items import RUNNING_ITEMS, is_running_exam
from exams.attempts.selectors import TYPES
from exams.bank import rulings
from exams.catalog.models import Certification, TaskStatement
from exams.catalog.selectors import Facts
from exams.scoring.rules import Key

EXAMS = f"""
SELECT f.id AS form_id, f.number,
  (SELECT count(*) FROM exams_formitem i WHERE i.edition_id = f.current_id) AS items,
  EXISTS (SELECT 1 FROM exams_attempt a WHERE a.user_id = %(user)s AND a.form_id = f.id
          AND a.state IN (2, 3, 4)) AS finished,
  EXISTS (SELECT 1 FROM exams_practiceopening o WHERE o.user_id = %(user)s AND o.form_id = f.id) AS opened,
  EXISTS (SELECT 1 FROM exams_attempt a WHERE a.user_id = %(user)s AND a.form_id = f.id
          AND {is_running_exam("a")}) AS taking
FROM exams_examform f JOIN exams_certification c ON c.id = f.certification_id
WHERE c.code = %(code)s
  AND EXISTS (SELECT 1 FROM exams_paper p WHERE p.edition_id = f.current_id)
ORDER BY f.number
"""  # noqa: S608  (made of constants)
PLACES = f"""
WITH own AS (
  SELECT form_id FROM exams_attempt WHERE user_id = %(user)s AND mode = 'exam' AND state IN (2, 3, 4)
  UNION SELECT form_id FROM exams_practiceopening WHERE user_id = %(user)s),
editions AS (
  SELECT current_id AS id FROM exams_examform
  WHERE certification_id = (SELECT id FROM exams_certification WHERE code = %(code)s)
    AND id IN (SELECT form_id FROM own)),
checks AS (
  SELECT a.state, d.version_ids FROM exams_attempt a JOIN exams_drawnpaper d ON d.id = a.drawn_id
  JOIN exams_certification c ON c.id = d.certification_id
  WHERE a.user_id = %(user)s AND c.code = %(code)s AND d.asked ->> 'pool' = '{CHECK}'),
placed AS (
  SELECT i.version_id FROM editions e JOIN exams_formitem i ON i.edition_id = e.id
  UNION SELECT m.current_id FROM checks k JOIN exams_itemversion v ON v.id = ANY(k.version_ids)
  JOIN exams_item m ON m.id = v.item_id
  WHERE k.state IN (2, 4) AND NOT EXISTS (SELECT 1 FROM checks WHERE state IN (1, 3)))
SELECT DISTINCT ON (v.item_id) v.item_id, v.id, d.number, t.code, v.difficulty,
  EXISTS (SELECT 1 FROM exams_bookmark b WHERE b.user_id = %(user)s AND b.item_id = v.item_id)
FROM placed p JOIN exams_itemversion v ON v.id = p.version_id
JOIN exams_item m ON m.id = v.item_id JOIN exams_taskstatement t ON t.id = m.task_id
JOIN exams_domain d ON d.id = t.domain_id
WHERE m.current_id IS NOT NULL AND v.item_id NOT IN ({RUNNING_ITEMS})
ORDER BY v.item_id, v.published_at DESC
"""  # noqa: S608  (made of constants)
# When each item was last shown, and where it last told something of the person.
MEETINGS = f"""
WITH own AS (
  SELECT id, edition_id, drawn_id, state, feedback, started_at, seen_ms FROM exams_attempt
  WHERE user_id = %(user)s AND (state <> 5 OR opened_at IS NOT NULL)),
{telling.GIVEN},
met AS (
  SELECT v.item_id, o.id, i.position, v.id AS version_id, o.started_at, o.state, o.feedback,
    o.seen_ms[i.position] AS seen_ms
  FROM own o JOIN exams_formitem i ON i.edition_id = o.edition_id
  JOIN exams_itemversion v ON v.id = i.version_id WHERE v.item_id = ANY(%(items)s)
  UNION ALL
  SELECT v.item_id, o.id, u.position, v.id, o.started_at, o.state, o.feedback, o.seen_ms[u.position]
  FROM own o JOIN exams_drawnpaper d ON d.id = o.drawn_id
  CROSS JOIN unnest(d.version_ids) WITH ORDINALITY AS u(id, position)
  JOIN exams_itemversion v ON v.id = u.id WHERE v.item_id = ANY(%(items)s)),
told AS (
  SELECT DISTINCT ON (m.item_id) m.item_id, m.version_id, g.selected, g.flagged, g.confidence,
    greatest(m.seen_ms, g.seen_ms) AS seen_ms
  FROM met m {telling.WITH_GIVEN} WHERE {telling.TELLS}
  ORDER BY m.item_id, m.started_at DESC)
SELECT s.item_id, floor(extract(epoch FROM statement_timestamp() - s.at) / 86400)::int AS days_ago,
  t.version_id, t.selected, t.flagged, t.confidence, t.seen_ms, {rulings.LAST} AS last_ruling
FROM (SELECT item_id, max(started_at) AS at FROM met GROUP BY item_id) AS s LEFT JOIN told t USING (item_id)
"""  # noqa: S608  (made of constants)


class Pool(models.TextChoices):
    """Which of the items that a person may practice are drawn from."""

    ALL = "all"
    NEW = "new"
    MISSED = "missed"
    SURE = "sure"
    FLAGGED = "flagged"
    UNSURE = "unsure"
    SLOW = "slow"
    BOOKMARKED = "bookmarked"
    TO_LEARN = "to_learn"


_WITHOUT_MEETINGS: Final = (Pool.ALL, Pool.BOOKMARKED)
"""Pools that do not ask how it went."""
_NEVER_SHOWN: Final = frozenset({Pool.ALL, Pool.NEW, Pool.TO_LEARN})
_NEVER_TOLD: Final = frozenset({Pool.ALL, Pool.TO_LEARN})
_UNSURE: Final = (1, 2)
_SURE: Final = 3


# Each is compared by itself alone: sets of them are asked for their members thousands of times a page.
@dataclass(frozen=True, slots=True, eq=False)
class PoolItem:
    """What an item is about that a person may practice, and the pools that it is in.

    `days_ago` is when it was last shown, in whole days; None where it never was.
    """

    domain: int
    task: str
    difficulty: str
    pools: frozenset[Pool]
    days_ago: int | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; nothing named means everything. A task narrows the domain that it is part of.

    `days`: leave out what was shown in so many last days, 0 for nothing. `within`: in this domain alone.
    """

    pool: Pool = Pool.ALL
    domains: tuple[int, ...] = ()
    tasks: tuple[str, ...] = ()
    difficulties: tuple[str, ...] = ()
    days: int = 0
    within: int | None = None

    def of(
        self, items: Collection[PoolItem], domain_of: Mapping[str, int] = MappingProxyType({})
    ) -> frozenset[PoolItem]:
        """Return those that fit; `domain_of` tells the domain of each task that is named."""
        whole = set(self.domains) - {domain_of.get(task) for task in self.tasks}
        return frozenset(
            item
            for item in items
            if self.pool in item.pools
            and (self.within is None or item.domain == self.within)
            and (item.task in self.tasks or item.domain in whole or not (self.domains or self.tasks))
            and (item.difficulty in self.difficulties or not self.difficulties)
            and (item.days_ago is None or item.days_ago >= self.days)
        )


@dataclass(frozen=True, slots=True)
class PracticeExam:
    """An exam as a source of drills: whether the person finished it, opened it, and is taking it now."""

    form_id: int
    number: int
    items: int
    finished: bool
    opened: bool
    taking: bool

    @property
    def open(self) -> bool:
        """Whether drills may draw from it, once it is not being taken."""
        return self.finished or self.opened


def exams(user: User, code: str) -> list[PracticeExam]:
    """Return the exams of a certification as sources of drills, by number. One statement."""
    return [PracticeExam(**row) for row in statements.dict_rows(EXAMS, {"user": user.pk, "code": code})]


def version_ids(user: User, certification: Certification, filters: Filters) -> list[int]:
    """Return the current version of each item that fits. One statement, or three for a pool.

    One more where both domains and tasks are named: a task of which nothing may be practiced narrows, too.
    """
    is_plain = filters.pool in _WITHOUT_MEETINGS and not filters.days
    found = items(user, certification, with_meetings=not is_plain)
    named = TaskStatement.objects.filter(domain__certification=certification, code__in=filters.tasks)
    named = named.order_by("is_current")
    domain_of = dict(named.values_list("code", "domain__number")) if filters.domains and filters.tasks else {}
    fitting = filters.of(found.values(), domain_of)
    return [version_id for version_id, item in found.items() if item in fitting]


def items(
    user: User, certification: Certification | Facts, *, with_meetings: bool = True
) -> dict[int, PoolItem]:
    """Return all that a person may practice, by current version. Two statements, or one without how it went.

    Keys are read once in a process, by one more.
    """
    values = {"user": user.pk, "code": certification.code}
    places = statements.rows(PLACES, values, TYPES)
    rows: list[dict[str, Any]] = []
    if places and with_meetings:
        asked = {"user": user.pk, "items": [item_id for item_id, *_ in places]}
        rows = statements.dict_rows(MEETINGS, asked, TYPES)
    days_ago = {row["item_id"]: row["days_ago"] for row in rows}
    pools_of = _pools(rows, slow_ms(certification)) if rows else {}
    found = {}
    for item_id, version_id, domain, task, difficulty, is_bookmarked in places:
        days = days_ago.get(item_id)
        pools = pools_of.get(item_id) or (_NEVER_SHOWN if days is None else _NEVER_TOLD)
        if is_bookmarked:
            pools |= {Pool.BOOKMARKED}
        found[version_id] = PoolItem(domain, task, difficulty, pools, days)
    return found


def slow_ms(certification: Certification | Facts) -> int:
    """Return the time for a question at the pace of the real exam, in milliseconds: longer is slow."""
    return certification.duration_minutes * 60_000 // certification.items_total


def _pools(rows: Sequence[dict[str, Any]], slow: int) -> dict[int, frozenset[Pool]]:
    """Return the pools of each item by how it went when its answer was last told."""
    told = [row for row in rows if row["version_id"] is not None]
    in_force = rulings.in_force(next((row["last_ruling"] for row in rows), None))
    keys = solutions.ruled_keys([row["version_id"] for row in told], in_force)
    return {row["item_id"]: _pools_by(row, key, slow) for row, key in zip(told, keys, strict=True)}


# What was chosen nowhere is said by one value, since most answers are alike.
@lru_cache(maxsize=256)
def _together(*pools: Pool | None) -> frozenset[Pool]:
    return frozenset(pool for pool in pools if pool)


def _pools_by(row: dict[str, Any], key: Key, slow: int) -> frozenset[Pool]:
    is_missed = not (key.out or key.accepts(row["selected"] or ()))
    return _together(
        Pool.ALL,
        *((Pool.MISSED, Pool.TO_LEARN) if is_missed else ()),
        Pool.SURE if is_missed and row["confidence"] == _SURE else None,
        Pool.UNSURE if row["confidence"] in _UNSURE else None,
        Pool.FLAGGED if row["flagged"] else None,
        Pool.SLOW if (row["seen_ms"] or 0) > slow else None,
    )


MISSED: Final = f"""
WITH own AS (
  SELECT a.id, a.edition_id, a.drawn_id, a.state, a.feedback, a.started_at, s.result
  FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
  JOIN exams_certification c ON c.id = f.certification_id
  JOIN LATERAL (SELECT result FROM exams_score WHERE attempt_id = a.id
                ORDER BY revision DESC LIMIT 1) AS s ON true
  WHERE a.user_id = %(user)s AND c.code = %(code)s AND a.state = 4),
{telling.GIVEN},
met AS (
  SELECT o.*, i.position, i.version_id FROM own o
  JOIN exams_formitem i ON i.edition_id = o.edition_id AND i.is_scored)
SELECT item.coverage
FROM met m {telling.WITH_GIVEN} JOIN exams_itemversion v ON v.id = m.version_id
JOIN exams_item item ON item.id = v.item_id
WHERE {telling.TELLS} AND v.item_id NOT IN ({RUNNING_ITEMS})
  AND NOT {score_codec.RIGHT_AT.format(result="m.result", position="m.position")}
  AND NOT {score_codec.OUT_AT.format(result="m.result", position="m.position")}
ORDER BY m.started_at, m.position
"""  # noqa: S608  (made of constants)


def missed(user: User, code: str) -> list[frozenset[str]]:
    """Return the coverage ids of each missed item, once for each ended exam in which it was missed.

    By the current score of each; items that do not count are left out, and those of an exam that the person
    is taking (G5). One statement.
    """
    rows = statements.rows(MISSED, {"user": user.pk, "code": code})
    return [frozenset(coverage) for (coverage,) in rows]
