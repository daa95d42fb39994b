"""`make bench-growth`: what years of answers make dearer.

The same steps are measured in a nearly empty database, and again when COPY has written ANSWERS answers of
attempts with scores, and reviews of cards. A step that costs more than 1.2 times as much is a miss.
"""

import json
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.users.models import User
from exams.attempts import sweeps
from exams.attempts.models import Score
from exams.statistics import services as statistics
from tests.bench import crowd, figures, large, learning, stock
from tests.bench.figures import Bench, SimulatedAttempt
from tests.bench.run import Progress, durable
from tests.bench.servers import Broken, Browser, Servers
from tests.bench.stock import Exam

ANSWERS: Final = int(os.environ.get("ANSWERS", "100000000"))
FEW_ANSWERS: Final = 256_000
AN_ATTEMPT: Final = 100
"""Answers of an attempt: one to each question, and changes."""
CHANGED: Final = 0.55
A_PERSON: Final = 10
"""Attempts of a person."""
BLOCK: Final = 128
"""People who take an exam at the same time, so that their rows are interleaved."""
SITTINGS: Final = 400
"""Different sittings of each exam, of which all others are copies."""
SAT: Final = (1, 2, 3, 4, 5)
RARE: Final = 6
"""The exam whose statistics are computed: as many people take it however large the database is."""
RARE_ATTEMPTS: Final = 1_000
REVIEWS: Final = 240
YEARS: Final = 3
ROUNDS: Final = 3
EACH: Final = 24
WARM: Final = 16
PAGES: Final = 96
SAVERS: Final = 512
SWEPT: Final = 500
IDLE: Final = 200
"""Processor time is counted in steps of 10 ms, so what takes 1 ms is done so often."""
GOAL: Final = 1.2

MAKE_SITTINGS: Final = """
CREATE TABLE bench_sitting AS
SELECT (row_number() OVER (ORDER BY a.id) - 1)::int AS n, a.id AS attempt_id, a.form_id, a.edition_id,
  a.paper_id, a.answers_sha256, s.scoring_revision, s.raw, s.scaled, s.passed, s.result
FROM exams_attempt a JOIN exams_score s ON s.attempt_id = a.id WHERE a.edition_id = ANY(%(editions)s);
CREATE TABLE bench_answer AS
SELECT t.n, e.seq, e.position, e.selected, e.flagged, e.confidence, e.seen_ms
FROM bench_sitting t JOIN exams_answerevent e USING (attempt_id);
CREATE TABLE bench_review AS
SELECT card_id, rating, reviewed_at, retention, rules, elapsed FROM flashcards_review
WHERE user_id = %(user)s;
CREATE TABLE bench_state AS SELECT * FROM flashcards_cardstate WHERE user_id = %(user)s;
ANALYZE bench_sitting, bench_answer, bench_review, bench_state
"""
# Of attempt number n: whose it is, when it began, and which sitting it copies, another one each time.
ID: Final = "md5(%(name)s || {n})::uuid"
USER: Final = "(%(first)s + {n} %% %(people)s)::bigint"
BEGIN: Final = "%(since)s::timestamptz + {n} * %(gap)s::interval"
SITTING: Final = "({n} + {n} / %(people)s * 617) %% %(sittings)s"
ATTEMPTS: Final = f"""
SELECT {ID}, {USER}, t.form_id, t.edition_id, t.paper_id, 'exam', 4::smallint, {BEGIN},
  {BEGIN} + interval '3 h', {BEGIN} + interval '2 h 50 min', 'submitted', 180::smallint, 'none',
  {{n}} >= %(people)s, 1, '', t.answers_sha256, 0::smallint
FROM generate_series(0, %(attempts)s - 1) AS n JOIN bench_sitting t ON t.n = {SITTING}
""".format(n="n.n")
SCORES: Final = f"""
SELECT {ID}, 1, t.scoring_revision, t.raw, t.scaled, t.passed, t.result, '', {BEGIN} + interval '2 h 50 min'
FROM generate_series(0, %(attempts)s - 1) AS n(n) JOIN bench_sitting t ON t.n = {SITTING}
""".format(n="n.n")
ANSWER_ROWS: Final = f"""
SELECT {ID}, 1, t.seq, t.position, t.selected, t.flagged, {BEGIN} + t.seq * interval '100 s', t.confidence,
  t.seen_ms
FROM generate_series(0, %(attempts)s / %(block)s - 1) AS b(n)
CROSS JOIN LATERAL generate_series(1 + 0 * b.n, %(most)s) AS s(n)
CROSS JOIN LATERAL generate_series(0 * s.n, %(block)s - 1) AS k(n)
JOIN bench_answer t ON t.n = {SITTING} AND t.seq = s.n
""".format(n="(b.n * %(block)s + k.n)")
# Every second person studies cards.
STUDENTS: Final = """
FROM generate_series(0, %(people)s / %(block)s - 1) AS b(n) CROSS JOIN {table} t
CROSS JOIN LATERAL generate_series(0 * b.n * t.card_id, %(block)s - 1, 2) AS k(n)
"""
STUDENT: Final = "(%(first)s + b.n * %(block)s + k.n)::bigint"
AGO: Final = "b.n %% 1000 * interval '1 day'"
REVIEW_ROWS: Final = f"""
SELECT {STUDENT}, t.card_id, t.rating, t.reviewed_at - {AGO}, t.retention, t.rules, t.elapsed
{STUDENTS.format(table="bench_review")}
"""
STATE_ROWS: Final = f"""
SELECT {STUDENT}, t.card_id, t.due - {AGO}, t.stability, t.difficulty, t.phase, t.step, t.reps, t.lapses,
  t.introduced_at - {AGO}, t.last_review - {AGO}
{STUDENTS.format(table="bench_state")}
"""
REVIEW_COLUMNS: Final = "user_id, card_id, rating, reviewed_at, retention, rules, elapsed"
STATE_COLUMNS: Final = (
    "user_id, card_id, due, stability, difficulty, phase, step, reps, lapses, introduced_at, last_review"
)
FILLED: Final = (
    ("exams_attempt", crowd.ATTEMPT_COLUMNS, ATTEMPTS),
    ("exams_score", crowd.SCORE_COLUMNS, SCORES),
    ("flashcards_review", REVIEW_COLUMNS, REVIEW_ROWS),
    ("flashcards_cardstate", STATE_COLUMNS, STATE_ROWS),
    ("exams_answerevent", crowd.ANSWER_COLUMNS, ANSWER_ROWS),
)

Costs = dict[str, float]


@dataclass(frozen=True)
class Crowd:
    """People with a history, by their ids, and an attempt of each; those of even number study cards."""

    name: str
    first: int
    people: int

    def sample(self, count: int, dice: random.Random) -> list[User]:
        """Return people who study cards, from all over the crowd, signed up in full."""
        ids = [self.first + 2 * number for number in dice.sample(range(self.people // 2), count)]
        users = list(User.objects.filter(pk__in=ids))
        stock.verify(users)
        stock.give_profiles(users)
        return users


def prepare(exam: Exam) -> None:
    """Write what the mass is copied from: sittings of all exams but one, and a person who studies."""
    editions = []
    for number in SAT:
        exam = stock.exam(number)
        editions.append(exam.edition_id)
        crowd.fill(exam, large.people(SITTINGS, f"sitter{number}x"), seed=number, changed=CHANGED)
    crowd.fill(stock.exam(RARE), large.people(RARE_ATTEMPTS, "rare"), seed=RARE, changed=CHANGED)
    [user] = stock.people(1, "student")
    learning.review_cards(user, REVIEWS)
    with connection.cursor() as cursor:
        cursor.execute(MAKE_SITTINGS, {"editions": editions, "user": user.pk})


def fill(name: str, answers: int, say: Progress) -> Crowd:
    """Write so many answers with attempts, scores, reviews and people. All of it by COPY, keys afterward."""
    step = BLOCK * A_PERSON
    attempts = max(1, answers // AN_ATTEMPT // step) * step
    people = large.people(attempts // A_PERSON, name)
    values = {
        "name": name,
        "first": people[0],
        "people": len(people),
        "attempts": attempts,
        "since": stock.now().replace(year=stock.now().year - YEARS),
        "gap": f"{YEARS * 364 * 86400 / attempts:.6f} s",
        "sittings": SITTINGS * len(SAT),
        "most": large.number("SELECT max(seq) FROM bench_answer"),
        "block": BLOCK,
    }
    for table, columns, query in FILLED:
        began = time.monotonic()
        with crowd.without_keys(table):
            pipe(table, columns, query, values)
            copied = time.monotonic() - began
        say(f"{name}: {table} in {copied:.0f} s, its keys in {time.monotonic() - began - copied:.0f} s")
    _as_owner("VACUUM (ANALYZE)")
    size = large.number("SELECT pg_database_size(current_database())")
    say(f"{name}: vacuumed and analyzed; {size >> 20} MB")
    return Crowd(name, people[0], len(people))


def pipe(table: str, columns: str, query: str, values: dict[str, Any]) -> None:
    """Write the rows of a query by COPY. Another session works the query out meanwhile."""
    reading, writing = os.pipe()
    source = psycopg2.connect(os.environ["DATABASE_URL"], options="-c statement_timeout=0")
    with source.cursor() as cursor:
        # As written: attempts in the order of time, and those of a block in turn. A hash keeps that order.
        cursor.execute("SET join_collapse_limit = 1; SET enable_mergejoin = off; SET work_mem = '512MB'")
        text = cursor.mogrify(query, values).decode()

    def produce() -> None:
        with source.cursor() as cursor, os.fdopen(writing, "wb", 1 << 20) as end:
            cursor.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", end)

    producer = threading.Thread(target=produce)
    producer.start()
    with connection.cursor() as cursor, os.fdopen(reading, "rb", 1 << 20) as begin:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)", begin, 1 << 18)
    producer.join()
    source.close()


def _as_owner(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(sql)
        cursor.execute("RESET statement_timeout")


class Measure:
    """One pass over all steps with the people of one crowd: CPU ms each, the least of some rounds."""

    def __init__(self, bench: Bench, people: Crowd) -> None:
        self.bench, self.people = bench, people
        self.dice = random.Random(people.name)
        self.costs: Costs = {}

    def all(self) -> Costs:
        """Measure every step."""
        sample = self.people.sample(WARM + ROUNDS * EACH, self.dice)
        sitting = [SimulatedAttempt(self.bench.exam, self._browser(user)) for user in sample]
        self._sit(sitting[:WARM], is_warm=True)
        for number in range(ROUNDS):
            self._sit(sitting[WARM + number * EACH :][:EACH])
        self._pages(sample[:EACH])
        self._saves()
        self._statistics()
        self._sweeps()
        return {name: round(cost, 3) for name, cost in self.costs.items()}

    def _browser(self, user: User) -> Browser:
        return Browser(self.bench.servers.port, user)

    def _note(self, name: str, cost: float) -> None:
        self.costs[name] = min(cost, self.costs.get(name, cost))

    @contextmanager
    def _web(self, name: str, count: int) -> Iterator[None]:
        cpu: Costs = {}
        with figures.cpu_of(self.bench, cpu, name, count):
            yield
        self._note(name, cpu[name])
        self._note(f"{name} (PostgreSQL)", cpu[f"{name}_postgres"])

    @contextmanager
    def _own(self, name: str, count: int) -> Iterator[None]:
        before = self.bench.servers.usage()
        yield
        self._note(name, figures.own_and_postgres(self.bench, before) * 1000 / count)

    def _sit(self, attempts: Sequence[SimulatedAttempt], *, is_warm: bool = False) -> None:
        for name, step in figures.STEPS.items():
            if is_warm:
                self._each(attempts, step)
            else:
                with self._web(name, len(attempts)):
                    self._each(attempts, step)

    @staticmethod
    def _each(attempts: Sequence[SimulatedAttempt], step: Callable[[SimulatedAttempt], None]) -> None:
        for attempt in attempts:
            step(attempt)

    def _pages(self, users: Sequence[User]) -> None:
        browsers = [self._browser(user) for user in users]
        for name, path in (("my exams", "/attempts/"), ("home of the course", f"/{stock.CODE}/")):
            for browser in browsers:
                browser.get(path)
            for _ in range(ROUNDS):
                with self._web(name, PAGES):
                    for number in range(PAGES):
                        browsers[number % len(browsers)].get(path)

    def _saves(self) -> None:
        ids = stock.attempts(self.bench.exam, stock.people(SAVERS, f"{self.people.name}-saver"))
        for number in range(ROUNDS + 1):
            found = figures.window(self.bench, ids, bare=False, connections=16)
            if number:
                self._note("save, 16 at once", found.cpu_ms)
                self._note("save, 16 at once (PostgreSQL)", found.postgres_ms)

    def _statistics(self) -> None:
        edition = stock.exam(RARE).edition_id
        newest = Score.objects.latest("pk").pk
        for _ in range(ROUNDS):
            with self._own("statistics of an edition", 1):
                statistics.compute(edition)
            with self._own("statistics: what is due", 1):
                statistics.due(newest - RARE_ATTEMPTS)

    def _sweeps(self) -> None:
        for number in range(ROUNDS):
            users = stock.people(SWEPT, f"{self.people.name}-late{number}x")
            ids = stock.attempts(self.bench.exam, users, over=True)
            stock.answer_all(self.bench.exam, ids)
            with self._own("sweep, an attempt", SWEPT):
                report = sweeps.sweep()
            if report.scored != SWEPT:
                raise Broken(f"the sweep did not score every attempt: {report}")
            with self._own("sweep, nothing to do", IDLE):
                for _ in range(IDLE):
                    sweeps.sweep()


def table(few: Costs, many: Costs) -> list[str]:
    """Return a line for each step: CPU ms before and after, and the ratio."""
    lines = [f"  {'step':<40}{'few':>10}{'many':>10}{'ratio':>8}"]
    for name, cost in few.items():
        ratio = many[name] / cost if cost else 1.0
        verdict = "  MISSED" if ratio > GOAL and "(" not in name else ""
        lines.append(f"  {name:<40}{cost:>10.2f}{many[name]:>10.2f}{ratio:>8.2f}{verdict}")
    return lines


def main() -> int:
    """Measure, fill, measure again; print both and one JSON object; 1 when a step is dearer by a fifth."""
    logging.disable(logging.INFO)
    say = Progress()
    say("making the database and loading the exams")
    exam = stock.load_exam()
    call_command("collectstatic", interactive=False, verbosity=0)
    if not durable():
        say("WARNING: the database is not durable, so the figures flatter")
    prepare(exam)
    costs = []
    for name, answers in (("few", FEW_ANSWERS), ("many", ANSWERS)):
        people = fill(name, answers, say)
        say(f"{name}: measuring")
        with Servers(Path(settings.STATE_DIR)) as servers:
            costs.append(Measure(Bench(servers, exam, say), people).all())
    few, many = costs
    lines = table(few, many)
    print("", *lines, "", sep="\n")
    stored = large.number("SELECT count(*) FROM exams_answerevent")
    print(json.dumps({"answers": stored, "few": few, "many": many}), flush=True)
    return int(any("MISSED" in line for line in lines))
