"""`make bench-herd`: as many people as the machine holds, on the site as it runs in production.

PEOPLE have an attempt that runs and save as people do, 16 times a second for each 1,000, one of twenty twice.
STARTS others start an exam and SUBMITS others submit theirs within one minute meanwhile, for SECONDS in all.
With STANDBY=1 each commit waits for a second server, on this machine too.
"""

import json
import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from exams.attempts import leases
from exams.attempts.leases import Lease
from tests.bench import access, crowd, large, measure, paced, standby, stock
from tests.bench.paced import Outcome, Plan
from tests.bench.run import Progress, durable
from tests.bench.servers import CSRF, Broken, Browser, Servers
from tests.bench.stock import Exam
from tools.devstack.paths import PROJECT

PEOPLE: Final = int(os.environ.get("PEOPLE", "30000"))
STARTS: Final = int(os.environ.get("STARTS", str(PEOPLE // 50)))
SUBMITS: Final = int(os.environ.get("SUBMITS", str(PEOPLE // 50)))
SECONDS: Final = float(os.environ.get("SECONDS", "300"))
STANDBY: Final = os.environ.get("STANDBY", "") == "1"
"""Whether each commit waits for a second server on this machine."""
WARM_SECONDS: Final = 15.0
BURST_SECONDS: Final = 60.0
PER_PERSON: Final = 0.016
"""Saves a second: a question a minute, and what is changed or marked."""
RETRY_EVERY: Final = 20
CONNECTIONS: Final = 256
LEASE: Final = 2
"""The number under which people save; what they answered before has the one before."""
GOAL_SAVE_MS: Final = 100
GOAL_START_MS: Final = 1000
GOAL_SCORE_S: Final = 60
WORKER: Final = "-q -A config.celery worker -Q score,mail -c 2 --without-gossip --without-mingle -l INFO"
GROUPS: Final = ("web", "postgres", "worker", "sweep", "driver", "standby")
SECTOR_TICKS: Final = 9
"""Place of the ms that a disk was busy in /sys/dev/block/*/stat."""

Figures = dict[str, float | int | str]


class Production(Servers):
    """Web, worker and sweep by the commands and within the limits of production."""

    limits: dict[str, str] = {}

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.worker = self._child("worker", ["celery", *WORKER.split()], {**os.environ, "CELERY_WORKER": "1"})
        sweep = [str(PROJECT / "manage.py"), "sweep", "--loop"]
        self.sweep = self._child("sweep", sweep)
        self.sweep.command.remove("-m")
        self.children = [self.web, self.worker, self.sweep]


@dataclass(frozen=True)
class Reading:
    """What the machine has used so far: processors, bytes of WAL, commits, ms of the disk."""

    at: float
    usage: measure.Usage
    wal: int
    commits: int
    disk_ms: int


class Herd:
    """The people of a run and what becomes of their answers."""

    def __init__(self, exam: Exam) -> None:
        self.exam = exam
        self.savers = running(exam, large.people(PEOPLE), share=0.5)
        self.starters = stock.people(STARTS, "starter")
        self.submitters = stock.people(SUBMITS, "submitter")
        stock.give_profiles([*self.starters, *self.submitters])
        self.submitted = running(exam, [user.pk for user in self.submitters], share=1.0)
        access.sell_to([*self.starters, *self.submitters])
        stock.analyze()

    def plan(self, port: int) -> Plan:
        """Return what the driver is to send."""
        browsers = [Browser(port, user) for user in (*self.starters, *self.submitters)]
        headers = [_headers(browser) for browser in browsers]
        return Plan(
            port=port,
            seconds=SECONDS,
            warm=WARM_SECONDS,
            per_second=PEOPLE * PER_PERSON,
            retry_every=RETRY_EVERY,
            connections=CONNECTIONS,
            savers=[self._lease(one) for one in self.savers],
            choices=[[position, options[0]] for position, _, options in self.exam.places],
            start_path=f"/{stock.CODE}/exams/1/",
            starters=headers[: len(self.starters)],
            submitters=[
                [*self._lease(one), line]
                for one, line in zip(self.submitted, headers[len(self.starters) :], strict=True)
            ],
            burst=min(BURST_SECONDS, SECONDS),
        )

    def _lease(self, attempt_id: UUID) -> list[str]:
        return [str(attempt_id), leases.issue(Lease(attempt_id, self.exam.paper_id, LEASE))]

    def lost(self, outcome: Outcome) -> int:
        """Return how many acknowledged saves the log does not hold."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT attempt_id, seq FROM exams_answerevent WHERE lease_no = %s", [LEASE])
            stored = set(cursor.fetchall())
        pairs = zip(self.savers, outcome.acknowledged, strict=True)
        return sum((saver, seq) not in stored for saver, seqs in pairs for seq in {*seqs})

    def score_seconds(self) -> tuple[int, float]:
        """Return how many of those who submitted have no score, and the longest that one waited for it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) - count(s.id),"
                " coalesce(max(extract(epoch FROM s.created_at - a.ended_at)), 0)"
                " FROM exams_attempt a LEFT JOIN exams_score s ON s.attempt_id = a.id"
                " WHERE a.id = ANY(%s::uuid[])",
                [[str(one) for one in self.submitted]],
            )
            missing, longest = cursor.fetchone()
        return missing, float(longest)


def running(exam: Exam, user_ids: Sequence[int], *, share: float) -> list[UUID]:
    """Write a running attempt for each person by COPY, with a share of its questions answered."""
    ids = [uuid4() for _ in user_ids]
    start = stock.now()
    deadline = (start + stock.HOURS * crowd.HOUR).isoformat()
    form = f"{exam.form_id}\t{exam.edition_id}\t{exam.paper_id}"
    rest = f"exam\t1\t{start.isoformat()}\t{deadline}\t\\N\t\t180\tnone\tf\t{LEASE}\t\t\t0"
    lines = (f"{one}\t{user}\t{form}\t{rest}" for one, user in zip(ids, user_ids, strict=True))
    with crowd.without_keys("exams_answerevent"):
        crowd.copy("exams_attempt", crowd.ATTEMPT_COLUMNS, lines)
        crowd.copy("exams_answerevent", crowd.ANSWER_COLUMNS, _answers(exam, ids, share, start.isoformat()))
    return ids


def _answers(exam: Exam, ids: Sequence[UUID], share: float, at: str) -> Iterator[str]:
    dice = random.Random(1)
    # Question by question: people answer at the same time, so that rows of one are not together.
    for position, choose, options in exam.places[: round(len(exam.places) * share)]:
        for one in ids:
            chosen = ",".join(map(str, dice.sample(options, choose)))
            yield f"{one}\t1\t{position}\t{position}\t{{{chosen}}}\tf\t{at}\t2\t40000"


def _headers(browser: Browser) -> str:
    more = {"X-CSRFToken": CSRF, "Accept": "application/json, text/html"}
    known = {name: value for name, value in browser.headers.items() if name != "Host"}
    return "\r\n".join(f"{name}: {value}" for name, value in {**known, **more}.items())


class Run:
    """One run of the driver against the servers, with what the machine used meanwhile."""

    def __init__(self, servers: Production, plan: Plan) -> None:
        self.servers = servers
        self.driver = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.paced"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )
        assert self.driver.stdin
        assert self.driver.stdout
        self.driver.stdin.write(json.dumps(asdict(plan)))
        self.driver.stdin.close()
        self._await(paced.WARM)
        self.before = self._reading()
        self._await(paced.ANSWERED)
        self.after = self._reading()
        self.outcome = Outcome(**json.loads(self.driver.stdout.read()))
        self.driver.wait()

    def _await(self, word: str) -> None:
        assert self.driver.stdout
        if self.driver.stdout.readline().strip() != word:
            raise Broken("the driver failed")

    def _reading(self) -> Reading:
        groups = {child.name: [child.pid] for child in self.servers.children}
        groups |= {"postgres": [self.servers.postgres], "driver": [self.driver.pid], "rest": [os.getpid()]}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            wal = int(cursor.fetchone()[0])
            cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
            commits = cursor.fetchone()[0]
        return Reading(time.monotonic(), measure.usage(groups), wal, commits, disk_ms())

    @cached_property
    def seconds(self) -> float:
        """Seconds of the window."""
        return self.after.at - self.before.at

    def milliseconds(self, kind: str, share: float) -> float:
        """Return a percentile of the replies to one kind of request in ms; 0 when there was none."""
        micros = self.outcome.micros.get(kind, [])
        return round(measure.percentile(micros, share) / 1000, 2) if micros else 0.0

    def figures(self) -> Figures:
        """Return what was used: processor ms a save, bytes of WAL, and how busy cores and disk were."""
        used = self.after.usage.since(self.before.usage)
        saves = max(1, len(self.outcome.micros.get("save", [])))
        cores = os.cpu_count() or 1
        groups = [name for name in GROUPS if name in used.groups]
        found: Figures = {f"cpu_ms_{name}": round(used.groups[name] * 1000 / saves, 3) for name in groups}
        return {
            **found,
            "saves": saves,
            "saves_per_second": round(saves / self.seconds, 1),
            "retries": self.outcome.retries,
            "wal_bytes_per_save": round((self.after.wal - self.before.wal) / saves),
            "commits_per_save": round((self.after.commits - self.before.commits) / saves, 2),
            "cores_busy": round(used.machine / self.seconds / cores, 3),
            "disk_busy": round((self.after.disk_ms - self.before.disk_ms) / 1000 / self.seconds, 3),
            "foreign_load": round(used.foreign / self.seconds, 2),
            "cores": cores,
        }


def disk_ms() -> int:
    """Return for how many ms the disk of the state folder has been busy; 0 where the kernel does not say."""
    device = Path(settings.STATE_DIR).stat().st_dev
    stat = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    return int(stat.read_text().split()[SECTOR_TICKS]) if stat.exists() else 0


@contextmanager
def _standby(servers: Production, folder: Path) -> Iterator[None]:
    if not STANDBY:
        yield
        return
    with standby.synchronous(folder) as child:
        servers.children.append(child)
        yield
        servers.children.remove(child)


def _memory(servers: Production) -> Figures:
    found: Figures = {}
    for name, pid in (
        ("web", servers.web.pid),
        ("worker", servers.worker.pid),
        ("sweep", servers.sweep.pid),
        ("postgres", servers.postgres),
    ):
        pss, rss = measure.memory([pid])
        found |= {f"{name}_pss_mb": round(pss), f"{name}_rss_mb": round(rss)}
    return found


def _wait_for_scores(herd: Herd) -> tuple[int, float]:
    until = time.monotonic() + GOAL_SCORE_S
    while herd.score_seconds()[0] and time.monotonic() < until:
        time.sleep(1)
    return herd.score_seconds()


def _judge(herd: Herd, run: Run) -> Figures:
    outcome = run.outcome
    missing, longest = _wait_for_scores(herd)
    return {
        "people": PEOPLE,
        "starts": STARTS,
        "submits": SUBMITS,
        "seconds": SECONDS,
        "acknowledged": sum(len({*seqs}) for seqs in outcome.acknowledged),
        "lost": herd.lost(outcome),
        "failed": sum(outcome.failed.values()),
        "save_p50_ms": run.milliseconds("save", 0.5),
        "save_p99_ms": run.milliseconds("save", 0.99),
        "save_max_ms": run.milliseconds("save", 1),
        "start_p95_ms": run.milliseconds("lease", 0.95),
        "submit_p95_ms": run.milliseconds("submit", 0.95),
        "unscored": missing,
        "score_s": round(longest, 2),
    }


LIMITS: Final = {
    "lost": 0,
    "failed": 0,
    "save_p99_ms": GOAL_SAVE_MS,
    "start_p95_ms": GOAL_START_MS,
    "unscored": 0,
    "score_s": GOAL_SCORE_S,
}


def table(found: Figures) -> list[str]:
    """Return the figures, a line each, beside the limits."""
    lines = []
    for name, value in found.items():
        limit = f"at most {LIMITS[name]:<6}" if name in LIMITS else ""
        verdict = ("met" if is_met(found, name) else "MISSED") if limit else ""
        lines.append(f"  {name:<20}{value:>12}  {limit}{verdict}".rstrip())
    return lines


def is_met(found: Figures, name: str) -> bool:
    """Say whether a figure is within its limit."""
    return float(found[name]) <= LIMITS[name]


def main() -> int:
    """Make the people, let them work, print figures and one JSON object; 1 when a limit is missed."""
    logging.disable(logging.INFO)
    say = Progress()
    say("making the database and loading the exam")
    exam = stock.load_exam()
    call_command("collectstatic", interactive=False, verbosity=0)
    if not durable():
        say("WARNING: the database is not durable, so the figures flatter")
    say(f"writing {PEOPLE} running attempts by COPY")
    herd = Herd(exam)
    folder = Path(settings.STATE_DIR)
    with Production(folder) as servers, _standby(servers, folder / "standby"):
        plan = herd.plan(servers.port)
        say(f"{PEOPLE} people save, {STARTS} start and {SUBMITS} submit, for {SECONDS:.0f} s")
        run = Run(servers, plan)
        say("all answered; comparing")
        found = {**_judge(herd, run), **run.figures(), **_memory(servers)}
    if run.outcome.first_failure:
        say(f"the first failure: {run.outcome.first_failure}")
    print("", *table(found), "", sep="\n")
    print(json.dumps(found), flush=True)
    return 0 if all(is_met(found, name) for name in LIMITS) else 1
