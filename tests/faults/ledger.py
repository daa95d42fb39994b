"""The ledger: what clients clicked, sent and were promised, and the judge that compares it with the database.

The judge reads rows by its own SQL and counts points itself, so that it shares no mistake with the product.
"""

import datetime as dt
import hashlib
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras

RUNNING, SUBMITTED, EXPIRED, SCORED = 1, 2, 3, 4
GRACE = dt.timedelta(seconds=30)
LOCK_WAIT = dt.timedelta(seconds=3)
PAGE_SECONDS = 2.0
SHOWN = 12


class LedgerBroken(AssertionError):
    """A promise was broken; the text names each breach."""

    def __init__(self, breaches: Sequence[str]) -> None:
        more = f"\n... and {len(breaches) - SHOWN} more" if len(breaches) > SHOWN else ""
        super().__init__("\n" + "\n".join(breaches[:SHOWN]) + more)
        self.breaches = list(breaches)


type Key = tuple[UUID, int, int]
type Answer = tuple[int, tuple[int, ...], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One click, with the lease number and seq under which it is sent."""

    attempt_id: UUID
    lease_no: int
    seq: int
    position: int
    selected: tuple[int, ...]
    flagged: bool = False

    @property
    def key(self) -> Key:
        """What names it in the log."""
        return (self.attempt_id, self.lease_no, self.seq)

    @property
    def answer(self) -> Answer:
        """What it says, whatever the order of its choices."""
        return (self.position, tuple(sorted(self.selected)), self.flagged)


@dataclass(frozen=True, slots=True)
class Page:
    """One page or call that a person waited for."""

    name: str
    status: int
    seconds: float


@dataclass
class Ledger:
    """Everything that clients know. Threads write into it."""

    clicks: list[Change] = field(default_factory=list)
    sends: list[Change] = field(default_factory=list)
    acks: list[Change] = field(default_factory=list)
    refusals: list[tuple[Change, str]] = field(default_factory=list)
    receipts: list[tuple[UUID, str]] = field(default_factory=list)
    owners: dict[UUID, str] = field(default_factory=dict)
    adopted: set[UUID] = field(default_factory=set)
    ended: dict[UUID, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    replies: Counter[int] = field(default_factory=Counter)
    without_retry: int = 0
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def attempts(self) -> set[UUID]:
        """Every attempt that it knows."""
        return set(self.owners) | self.adopted

    def clicked(self, change: Change) -> None:
        with self.lock:
            self.clicks.append(change)

    def sent(self, changes: Sequence[Change]) -> None:
        with self.lock:
            self.sends.extend(changes)

    def acknowledged(self, changes: Sequence[Change]) -> None:
        with self.lock:
            self.acks.extend(changes)

    def refused(self, changes: Sequence[Change], code: str) -> None:
        with self.lock:
            self.refusals.extend((change, code) for change in changes)

    def replied(self, status: int, *, retry_after: bool) -> None:
        """Note the status of any reply, and whether a 503 said when to come again."""
        with self.lock:
            self.replies[status] += 1
            self.without_retry += status == 503 and not retry_after

    def reply_lost(self) -> None:
        with self.lock:
            self.lost += 1

    def waited(self, name: str, status: int, seconds: float) -> None:
        with self.lock:
            self.pages.append(Page(name, status, seconds))

    def receipt(self, attempt_id: UUID, receipt: str) -> None:
        with self.lock:
            self.receipts.append((attempt_id, receipt))

    def close(self, database: str) -> None:
        """Remember how every ended attempt looks now: from here on nothing of it may change."""
        facts = read(database, self.attempts)
        for attempt_id, row in facts.attempts.items():
            if row["state"] in (SUBMITTED, EXPIRED, SCORED):
                self.ended[attempt_id] = facts.digest(attempt_id)


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows of the attempts, as the database has them."""

    attempts: Mapping[UUID, Mapping[str, Any]]
    events: Mapping[UUID, Sequence[Change]]
    times: Mapping[Key, dt.datetime]
    refused: frozenset[tuple[Key, Answer, str]]
    scores: Mapping[UUID, Sequence[Mapping[str, Any]]]
    keys: Mapping[int, Sequence[tuple[int, bool, frozenset[int]]]]

    def winners(self, attempt_id: UUID) -> dict[int, Change]:
        """Return the answer that counts at each position: the highest lease, then seq."""
        newest: dict[int, Change] = {}
        for event in self.events.get(attempt_id, ()):
            old = newest.get(event.position)
            if old is None or (event.lease_no, event.seq) > (old.lease_no, old.seq):
                newest[event.position] = event
        return newest

    def receipt(self, attempt_id: UUID) -> str:
        """Hash the answers as the API describes it."""
        content = [
            [position, sorted(change.selected)]
            for position, change in sorted(self.winners(attempt_id).items())
            if change.selected
        ]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()

    def digest(self, attempt_id: UUID) -> str:
        """Return a text of everything that an end freezes."""
        row = self.attempts[attempt_id]
        events = sorted(
            (event.lease_no, event.seq, event.answer) for event in self.events.get(attempt_id, ())
        )
        fixed = [str(row[name]) for name in ("deadline_at", "ended_at", "end_reason", "answers_sha256")]
        return f"{fixed} {events}"


QUERIES = {
    "attempts": "SELECT id, user_id, edition_id, state, started_at, deadline_at, ended_at, end_reason,"
    " answers_sha256, score_tries, quarantined_at, lease_no FROM exams_attempt WHERE id = ANY(%s)",
    "events": "SELECT attempt_id, lease_no, seq, position, selected, flagged, received_at"
    " FROM exams_answerevent WHERE attempt_id = ANY(%s)",
    "refused": "SELECT attempt_id, lease_no, seq, position, selected, flagged, reason"
    " FROM exams_refusedanswer WHERE attempt_id = ANY(%s)",
    "scores": "SELECT attempt_id, revision, raw, scaled, result FROM exams_score"
    " WHERE attempt_id = ANY(%s) ORDER BY revision",
    "keys": "SELECT f.edition_id, f.position, f.is_scored, array(SELECT o.id FROM exams_option o"
    " WHERE o.version_id = f.version_id AND o.is_key) AS keys FROM exams_formitem f"
    " WHERE f.edition_id IN (SELECT edition_id FROM exams_attempt WHERE id = ANY(%s)) ORDER BY 2",
}


def read(database: str, attempts: Collection[UUID]) -> Facts:
    """Read the rows of some attempts over a connection of our own."""
    psycopg2.extras.register_uuid()
    link = psycopg2.connect(database)
    try:
        with link.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            rows = {}
            for name, sql in QUERIES.items():
                cursor.execute(sql, [list(attempts)])
                rows[name] = cursor.fetchall()
    finally:
        link.close()
    events: dict[UUID, list[Change]] = defaultdict(list)
    times: dict[Key, dt.datetime] = {}
    for row in rows["events"]:
        change = _change(row)
        events[change.attempt_id].append(change)
        times[change.key] = row["received_at"]
    scores: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows["scores"]:
        scores[row["attempt_id"]].append(row)
    keys: dict[int, list[tuple[int, bool, frozenset[int]]]] = defaultdict(list)
    for row in rows["keys"]:
        keys[row["edition_id"]].append((row["position"], row["is_scored"], frozenset(row["keys"])))
    refused = frozenset((_change(row).key, _change(row).answer, row["reason"]) for row in rows["refused"])
    return Facts({row["id"]: row for row in rows["attempts"]}, events, times, refused, scores, keys)


def _change(row: Mapping[str, Any]) -> Change:
    return Change(
        row["attempt_id"],
        row["lease_no"],
        row["seq"],
        row["position"],
        tuple(row["selected"]),
        row["flagged"],
    )


def check(
    ledger: Ledger, database: str, *, quarantined: Collection[UUID] = (), ended: bool = True
) -> dict[str, int]:
    """Compare the ledger with the database. Raises LedgerBroken; returns what was compared.

    `quarantined` names attempts that may have no score; `ended=False` allows attempts that still run.
    """
    facts = read(database, ledger.attempts)
    breaches = [
        *_pages(ledger),
        *_acknowledged(ledger, facts),
        *_known(ledger, facts),
        *_counted(ledger, facts),
        *_refusals(ledger, facts),
        *_scores(facts, ledger.attempts, set(quarantined), ended=ended),
        *_unchanged(ledger, facts),
        *_clock(facts),
    ]
    if breaches:
        raise LedgerBroken(breaches)
    return {
        "attempts": len(facts.attempts),
        "clicks": len(ledger.clicks),
        "sends": len(ledger.sends),
        "acknowledged": len({change.key for change in ledger.acks}),
        "stored": len(facts.times),
        "refused": len(ledger.refusals),
        "replies lost": ledger.lost,
        "503": ledger.replies[503],
    }


def _pages(ledger: Ledger) -> Iterator[str]:
    for page in ledger.pages:
        if page.seconds >= PAGE_SECONDS:
            yield f"page: {page.name} took {page.seconds:.2f} s"
        if page.status >= 500:
            yield f"page: {page.name} answered {page.status}"
    for status, count in ledger.replies.items():
        if status >= 500 and status != 503:
            yield f"replies: {count} times {status}"
    if ledger.without_retry:
        yield f"replies: {ledger.without_retry} times 503 without Retry-After"


def _acknowledged(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """G1: what was acknowledged is stored, word for word, and once."""
    stored: dict[Key, list[Answer]] = defaultdict(list)
    for events in facts.events.values():
        for event in events:
            stored[event.key].append(event.answer)
    for key, answers in stored.items():
        if len(answers) > 1:
            yield f"G1: {_name(key)} is stored {len(answers)} times"
    for change in ledger.acks:
        found = stored.get(change.key, [])
        if change.answer not in found:
            yield f"G1: {_name(change.key)} was acknowledged as {change.answer}, stored is {found}"


def _known(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """G1: nothing is stored that nobody sent."""
    sent = {(change.key, change.answer) for change in ledger.sends}
    for attempt_id in ledger.owners:
        for event in facts.events.get(attempt_id, ()):
            if (event.key, event.answer) not in sent:
                yield f"G1: {_name(event.key)} is stored and was never sent"


def _counted(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """G1: the receipt is that of the last acknowledged answers, or of later ones that were sent."""
    last: dict[tuple[UUID, int], Change] = {}
    for change in ledger.acks:
        place = (change.attempt_id, change.position)
        if place not in last or change.key > last[place].key:
            last[place] = change
    for (attempt_id, position), change in last.items():
        winner = facts.winners(attempt_id).get(position)
        if winner is None or winner.key < change.key:
            yield f"G1: question {position} of {attempt_id} counts {winner}, acknowledged was {change}"
    receipts = [(one, row["answers_sha256"]) for one, row in facts.attempts.items() if _has_ended(row)]
    for attempt_id, receipt in [*receipts, *ledger.receipts]:
        if receipt != facts.receipt(attempt_id):
            yield f"G1: the receipt of {attempt_id} is not that of its answers"


def _refusals(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """G2: what was refused is on record, and what was refused is not stored unless it came again in time."""
    acknowledged = {change.key for change in ledger.acks}
    for change, code in ledger.refusals:
        # A number that was used before is no late answer: its first content stands, and the page is told.
        if code == "seq_reused":
            continue
        if (change.key, change.answer, code) not in facts.refused:
            yield f"G2: {_name(change.key)} was refused as {code} and is not on record"
        if change.key in facts.times and change.key not in acknowledged:
            yield f"G2: {_name(change.key)} was refused as {code} and is stored"


def _scores(
    facts: Facts, attempts: Collection[UUID], quarantined: set[UUID], *, ended: bool
) -> Iterator[str]:
    """G3: exactly one current score an ended attempt, and it is that of the answers that count."""
    for attempt_id in attempts:
        row = facts.attempts.get(attempt_id)
        if row is None:
            yield f"G3: {attempt_id} is gone"
        elif attempt_id in quarantined:
            if row["quarantined_at"] is None or facts.scores.get(attempt_id):
                yield f"G3: {attempt_id} should be in quarantine, without a score"
        elif row["state"] == RUNNING:
            if ended:
                yield f"G3: {attempt_id} still runs"
        else:
            yield from _score_of(facts, attempt_id, row)


def _score_of(facts: Facts, attempt_id: UUID, row: Mapping[str, Any]) -> Iterator[str]:
    scores = facts.scores.get(attempt_id, ())
    revisions = [score["revision"] for score in scores]
    if row["state"] != SCORED or not scores or row["quarantined_at"]:
        yield f"G3: {attempt_id} has state {row['state']}, {len(scores)} scores, {row['score_tries']} tries"
        return
    if len(set(revisions)) != len(revisions):
        yield f"G3: {attempt_id} has {len(revisions)} scores of revisions {revisions}"
    chosen = facts.winners(attempt_id)
    right, raw = "", 0
    for position, is_scored, keys in facts.keys[row["edition_id"]]:
        is_right = position in chosen and frozenset(chosen[position].selected) == keys
        right += "1" if is_right else "0"
        raw += is_right and is_scored
    if (scores[-1]["result"]["right"], scores[-1]["raw"]) != (right, raw):
        yield f"G3: {attempt_id} is scored {scores[-1]['raw']}, its answers are worth {raw}"


def _unchanged(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """G4: no row of an attempt changed after its end."""
    for attempt_id, digest in ledger.ended.items():
        if attempt_id in facts.attempts and facts.digest(attempt_id) != digest:
            yield f"G4: {attempt_id} changed after its end"


def _clock(facts: Facts) -> Iterator[str]:
    """G7: an expired attempt ends at its deadline, nothing was accepted after the grace."""
    for attempt_id, row in facts.attempts.items():
        if _has_ended(row) and row["end_reason"] == "expired" and row["ended_at"] != row["deadline_at"]:
            yield f"G7: {attempt_id} expired at {row['ended_at']}, its deadline is {row['deadline_at']}"
        if _has_ended(row) and not row["started_at"] <= row["ended_at"] <= row["deadline_at"]:
            yield f"G7: {attempt_id} ended at {row['ended_at']}, outside of its time"
        limit = row["deadline_at"] + GRACE
        if row["end_reason"] == "submitted":
            limit = min(limit, row["ended_at"] + LOCK_WAIT)
        for event in facts.events.get(attempt_id, ()):
            if facts.times[event.key] > limit:
                yield f"G7: {_name(event.key)} was accepted at {facts.times[event.key]}, limit {limit}"


def _has_ended(row: Mapping[str, Any]) -> bool:
    return row["state"] in (SUBMITTED, EXPIRED, SCORED)


def _name(key: Key) -> str:
    return f"{key[0]} lease {key[1]} seq {key[2]}"
