"""What waits for authors, and the acts that keep questions true."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import statements
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import rights, withdrawal
from exams.authoring.items import NAME
from exams.authoring.missing_translations import PAGE, Queue
from exams.authoring.models import OPEN
from exams.bank.models import Item, ItemText
from exams.content.records import WatchedNameRecord
from exams.freshness import services
from exams.freshness.models import ItemCheck, WatchedName
from exams.scoring.item_flags import DOUBTFUL, Flag
from exams.scoring.item_statistics import LEAST_ATTEMPTS


def check(*, item_id: int, seen: str, page: str, note: str, actor: User) -> ItemCheck:
    """Remember that somebody checked the facts of a question by a page, or why it needs none.

    Raises Refused: not_allowed, and as `exams.freshness.services.check`.
    """
    rights.need(actor, rights.WRITE)
    return services.check(item_id=item_id, seen=seen, page=page, note=note, actor=actor)


def compare(*, item_id: int, language: str, seen: str, actor: User) -> ItemCheck:
    """Remember that a translation still says what the original says now.

    Raises Refused: not_allowed, no_translation, and as `exams.freshness.services.check`.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE)
    current = Item.objects.filter(pk=item_id).values("current")
    texts = ItemText.objects.filter(version__in=current, language=language)
    if not texts.exclude(version__item__certification__original_language=language).exists():
        raise Refused("no_translation", 404, _("Translation not found."))
    return services.check(item_id=item_id, seen=seen, page="", note="", actor=actor, language=language)


def assign(*, item_ids: Sequence[int], person: User | None, actor: User) -> int:
    """Say who looks after questions, None for nobody. Raises Refused: not_allowed."""
    rights.need(actor, rights.WRITE)
    return services.assign(item_ids=item_ids, person=person, actor=actor)


def watch(*, certification_id: int, facts: WatchedNameRecord, actor: User) -> WatchedName:
    """Watch a name. Raises Refused: not_allowed, and as `exams.freshness.services.watch`."""
    rights.need(actor, rights.WRITE)
    return services.watch(certification_id=certification_id, facts=facts, actor=actor)


def change(
    *, watched_id: int, revision: int, facts: WatchedNameRecord, is_watched: bool, actor: User
) -> WatchedName:
    """Change a watched name or let it go. Raises Refused: not_allowed, and as its service."""
    rights.need(actor, rights.WRITE)
    return services.change(
        watched_id=watched_id, revision=revision, facts=facts, is_watched=is_watched, actor=actor
    )


REST_DAYS: Final = 30
"""So long a check lets a question rest that statistics flag."""
_READ: Final = 900
"""So much HTML holds the words that are shown, whatever marks stand in it."""


class Reason(TextChoices):
    """Why a question waits."""

    WITHDRAWN = "withdrawn", pgettext_lazy("why a question waits", "withdrawal to confirm")
    RULED = "ruled", pgettext_lazy("why a question waits", "ruling on its key")
    REPORTED = "reported", pgettext_lazy("why a question waits", "problem reports")
    FLAGGED = "flagged", pgettext_lazy("why a question waits", "flagged by statistics")
    NAMED = "named", pgettext_lazy("why a question waits", "mentions a watched service")
    UNCHECKED = "unchecked", pgettext_lazy("why a question waits", "never checked")
    OLD = "old", pgettext_lazy("why a question waits", "check is old")


# The current version of a question whose figures cast doubt on its key, until it is ruled on. Who checked it
# when there were enough figures to see lets it rest for a while.
_FLAGGED: Final = """
SELECT v.item_id, s.flags, s.computed_at
FROM exams_itemstatistics s JOIN exams_itemversion v ON v.id = s.version_id
JOIN exams_item i ON i.current_id = v.id
WHERE s.flags && %(doubtful)s::varchar[]
  AND NOT EXISTS (SELECT 1 FROM exams_keyruling r WHERE r.version_id = v.id)
  AND NOT EXISTS (
    SELECT 1 FROM exams_itemcheck k WHERE k.item_id = v.item_id AND k.language = ''
      AND k.at > s.computed_at - make_interval(days => %(rest)s)
      AND k.at > coalesce((
        SELECT min(e.computed_at) FROM exams_editionstatistics e
        JOIN exams_formitem f ON f.edition_id = e.edition_id AND f.version_id = v.id
        WHERE e.n >= %(enough)s), s.computed_at))
"""
# A ruling waits until the version that is read is no longer scored by one. One on another version, made after
# this one was published, waits until somebody has looked whether this one has the same fault.
# What an open draft or a report is of is found by the item, so that a new version keeps neither waiting. A
# question out of use waits for nothing but a second reviewer, until one acts on it.
# Text: one statement for a page of seven kinds of rows that each need their newest by DISTINCT ON.
_DAYS: Final = "coalesce(floor(extract(epoch FROM statement_timestamp() - {}) / 86400), 0)::int"
_WAITING: Final = f"""
WITH checked AS (
  SELECT DISTINCT ON (k.item_id) k.item_id, k.checked_on FROM exams_itemcheck k
  WHERE k.language = '' ORDER BY k.item_id, k.checked_on DESC, k.id DESC),
named AS (
  SELECT t.item_id, min(t.opened_at) AS opened_at,
    json_agg(json_build_array(w.name, w.successor) ORDER BY w.name) AS names
  FROM exams_reviewtask t JOIN exams_watchedname w ON w.id = t.watched_id
  WHERE t.closed_at IS NULL GROUP BY t.item_id),
reported AS (
  SELECT v.item_id, count(*) AS reports, min(r.created_at) AS created_at
  FROM exams_problemreport r JOIN exams_itemversion v ON v.id = r.version_id
  WHERE r.state = 'open' GROUP BY v.item_id),
ruling AS (
  SELECT DISTINCT ON (r.version_id) v.item_id, r.id, r.version_id, r.log_id, v.number, l.at,
    r.kind = 'replace' AND r.option_ids @> k.ids AND k.ids @> r.option_ids AS sets_back
  FROM exams_keyruling r JOIN exams_itemversion v ON v.id = r.version_id
  JOIN exams_publishlog l ON l.id = r.log_id
  CROSS JOIN LATERAL (
    SELECT array_agg(o.id) AS ids FROM exams_option o WHERE o.version_id = v.id AND o.is_key) k
  ORDER BY r.version_id, r.id DESC),
ruled AS (
  SELECT DISTINCT ON (g.item_id) g.item_id, g.number, g.at
  FROM ruling g JOIN exams_item i ON i.id = g.item_id JOIN exams_itemversion v ON v.id = i.current_id
  WHERE NOT g.sets_back AND (g.version_id = v.id OR g.log_id > v.log_id AND NOT EXISTS (
    SELECT 1 FROM exams_itemcheck k WHERE k.item_id = g.item_id AND k.language = '' AND k.at > g.at))
  ORDER BY g.item_id, g.version_id = v.id DESC, g.id DESC),
flagged AS ({_FLAGGED}),
waiting AS (
  SELECT i.id, i.code, c.id AS certification_id, c.code AS certification, c.original_language,
    coalesce(i.current_id, (SELECT v.id FROM exams_itemversion v WHERE v.item_id = i.id
      AND v.published_at IS NOT NULL ORDER BY v.number DESC LIMIT 1)) AS version_id,
    i.current_id IS NULL AS withdrawn, s.at AS withdrawn_at, k.checked_on,
    (statement_timestamp() AT TIME ZONE %(zone)s)::date - k.checked_on AS days,
    n.names, n.opened_at, coalesce(r.reports, 0) AS reports, r.created_at, a.person_id,
    g.number AS ruled_number, g.at AS ruled_at, f.flags, f.computed_at
  FROM exams_item i JOIN exams_certification c ON c.id = i.certification_id
  LEFT JOIN checked k ON k.item_id = i.id
  LEFT JOIN named n ON n.item_id = i.id
  LEFT JOIN reported r ON r.item_id = i.id
  LEFT JOIN ruled g ON g.item_id = i.id
  LEFT JOIN flagged f ON f.item_id = i.id
  LEFT JOIN exams_itemassignment a ON a.item_id = i.id
  LEFT JOIN LATERAL (
    SELECT e.action, e.at FROM accounts_auditentry e
    WHERE i.current_id IS NULL AND e.subject_type = 'exams.item' AND e.subject_id = i.id::text
      AND e.action = ANY(%(acts)s) ORDER BY e.at DESC, e.id DESC LIMIT 1) AS s ON true
  WHERE i.current_id IS NOT NULL OR s.action = %(withdraw)s)
SELECT count(*) OVER () AS total, w.id AS item_id, w.code, w.version_id, w.certification, w.checked_on,
  w.days AS checked_days, coalesce(w.names, '[]') AS names, {_DAYS.format("w.opened_at")} AS named_days,
  w.reports, {_DAYS.format("w.created_at")} AS reported_days,
  w.ruled_number, {_DAYS.format("w.ruled_at")} AS ruled_days,
  coalesce(u.email, '') AS assignee, d.id AS draft_id,
  w.withdrawn AS is_withdrawn, {_DAYS.format("w.withdrawn_at")} AS withdrawn_days,
  coalesce(w.flags, '{{}}') AS flags, {_DAYS.format("w.computed_at")} AS flagged_days,
  coalesce((SELECT left(t.stem_html, %(read)s) FROM exams_itemtext t
    WHERE t.version_id = w.version_id AND t.language = w.original_language
    ORDER BY t.revision DESC LIMIT 1), '') AS html
FROM waiting w LEFT JOIN accounts_user u ON u.id = w.person_id
LEFT JOIN exams_draft d ON d.kind = %(kind)s AND d.certification_id = w.certification_id AND d.name = w.code
  AND d.state = ANY(%(open)s)
WHERE (%(certification)s = '' OR w.certification = %(certification)s)
  AND (NOT w.withdrawn OR %(reason)s IN ('', 'withdrawn'))
  AND CASE %(reason)s WHEN 'withdrawn' THEN w.withdrawn WHEN 'ruled' THEN w.ruled_at IS NOT NULL
    WHEN 'reported' THEN w.reports > 0 WHEN 'flagged' THEN w.flags IS NOT NULL
    WHEN 'named' THEN w.names IS NOT NULL
    WHEN 'unchecked' THEN w.checked_on IS NULL WHEN 'old' THEN w.days > %(limit)s
    ELSE w.withdrawn OR w.ruled_at IS NOT NULL OR w.reports > 0 OR w.flags IS NOT NULL
      OR w.names IS NOT NULL OR w.checked_on IS NULL OR w.days > %(limit)s END
  AND CASE %(assigned)s WHEN 'me' THEN w.person_id = %(person)s WHEN 'nobody' THEN w.person_id IS NULL
    ELSE true END
ORDER BY w.withdrawn DESC, w.ruled_at IS NOT NULL DESC, w.reports > 0 DESC, w.flags IS NOT NULL DESC,
  w.names IS NOT NULL DESC, w.checked_on NULLS FIRST, w.certification, w.code
LIMIT %(most)s OFFSET %(from)s
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is wanted; empty texts want all of it. Pages count from 1."""

    certification: str = ""
    reason: str = ""
    assigned: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits, and since when in days. `names` are pairs of an old name and its new one.

    `ruled_number` is the version that was ruled on, None where no ruling waits; `flags` doubt the key,
    by figures of `flagged_days` ago.
    """

    item_id: int
    code: str
    version_id: int
    certification: str
    checked_on: dt.date | None
    checked_days: int | None
    names: tuple[tuple[str, str], ...]
    named_days: int
    reports: int
    reported_days: int
    ruled_number: int | None
    ruled_days: int
    assignee: str
    draft_id: int | None
    is_withdrawn: bool
    withdrawn_days: int
    flags: tuple[Flag, ...]
    flagged_days: int
    html: str

    @property
    def is_old(self) -> bool:
        """Tell whether the last check is longer ago than the setting allows."""
        return self.checked_days is not None and self.checked_days > settings.CHECK_DAYS

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return why it waits."""
        if self.is_withdrawn:
            return (Reason.WITHDRAWN,)
        by_reason = {
            Reason.RULED: self.ruled_number is not None,
            Reason.REPORTED: self.reports > 0,
            Reason.FLAGGED: bool(self.flags),
            Reason.NAMED: bool(self.names),
            Reason.UNCHECKED: self.checked_on is None,
            Reason.OLD: self.is_old,
        }
        return tuple(reason for reason, holds in by_reason.items() if holds)


def waiting(asked: Asked, person_id: int) -> Queue[Waiting]:
    """Return what waits: withdrawn, ruled on, reported, flagged, with an old name, then the oldest checks.

    One statement.
    """
    values: dict[str, Any] = {
        "zone": settings.SITE_ZONE,
        "read": _READ,
        "kind": NAME,
        "open": [str(state) for state in OPEN],
        "acts": list(withdrawal.ACTS),
        "withdraw": withdrawal.WITHDRAW,
        "certification": asked.certification,
        "reason": asked.reason,
        "assigned": asked.assigned,
        "person": person_id,
        "limit": settings.CHECK_DAYS,
        "most": PAGE,
        "from": (asked.page - 1) * PAGE,
        "doubtful": [str(flag) for flag in DOUBTFUL],
        "rest": REST_DAYS,
        "enough": LEAST_ATTEMPTS,
    }
    rows = statements.dict_rows(_WAITING, values)
    totals = [row.pop("total") for row in rows]
    return Queue([_row(row) for row in rows], totals[0] if totals else 0, asked.page)


def _row(row: Mapping[str, Any]) -> Waiting:
    names = tuple((name, successor) for name, successor in row["names"])
    return Waiting(**{**row, "names": names, "flags": tuple(map(Flag, row["flags"]))})
