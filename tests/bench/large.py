"""`make bench-large`: the statistics of an edition that a hundred thousand people have taken.

Judged are seconds and memory: that of this process and of the database's, shared buffers aside.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import connection

from accounts.jobs import runner
from accounts.jobs import services as jobs
from exams.statistics import jobs as statistics
from exams.statistics import services
from exams.statistics.models import ItemStatistics
from tests.bench import crowd, measure, stock
from tests.bench.servers import Broken

ATTEMPTS: Final = int(os.environ.get("ATTEMPTS", "100000"))
GOAL_SECONDS: Final = 30
GOAL_MB: Final = 500
# Looking at every process of the machine costs time of its own.
EVERY: Final = 0.5
PEOPLE: Final = """
INSERT INTO accounts_user (email, password, is_active, is_staff, is_superuser, date_joined)
SELECT %s || n || '@example.org', '!', true, false, false, statement_timestamp()
FROM generate_series(1, %s) AS n RETURNING id
"""


@dataclass
class Peak:
    """Most memory seen: of this process and of the database's, in MB."""

    own: float = 0.0
    database: float = 0.0


def _memory(pid: int, name: str) -> float:
    """Return a line of /proc/<pid>/status in MB."""
    text = (measure.PROC / str(pid) / "status").read_text()
    line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def _database_memory(postmaster: int) -> float:
    """Return what the processes of this database have of their own, parallel workers included."""
    total = 0.0
    for process in measure.all_processes().values():
        if process.parent == postmaster:
            try:
                command = (measure.PROC / str(process.pid) / "cmdline").read_text()
                total += _memory(process.pid, "RssAnon") if "passline_bench" in command else 0
            except (OSError, StopIteration):
                continue
    return total


@contextmanager
def watched(backend: int) -> Iterator[Peak]:
    """Watch memory within the block."""
    peak, ended = Peak(), threading.Event()
    postmaster = measure.parent_of(backend)

    def watch() -> None:
        while not ended.wait(EVERY):
            peak.own = max(peak.own, _memory(os.getpid(), "VmRSS"))
            peak.database = max(peak.database, _database_memory(postmaster))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def number(sql: str) -> int:
    """Return the single number that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def people(count: int, name: str = "sitter") -> list[int]:
    """Make people who only sit; return their ids."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10min'")
        cursor.execute(PEOPLE, [name, count])
        return [row[0] for row in cursor.fetchall()]


def main() -> int:
    """Fill an edition, compute it, print figures and one JSON object; 1 when a goal is missed."""
    logging.disable(logging.INFO)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    say("making the database and loading the exam")
    exam = stock.load_exam()
    say(f"writing {ATTEMPTS} attempts by COPY")
    answers = crowd.fill(exam, people(ATTEMPTS))
    stock.analyze()
    megabytes = number("SELECT pg_database_size(current_database())") // 2**20
    say(f"{answers} answers, a database of {megabytes} MB; computing")
    backend = number("SELECT pg_backend_pid()")
    before, start = measure.usage({"database": [backend], "own": [os.getpid()]}), time.monotonic()
    with watched(backend) as peak:
        jobs.start(statistics.KIND, owner=None, parameters={"edition": exam.edition_id})
        runner.run_due()
    seconds = time.monotonic() - start
    used = measure.usage({"database": [backend], "own": [os.getpid()]}).since(before)
    row = services.newest(exam.edition_id)
    if row is None or row.n != ATTEMPTS or ItemStatistics.objects.count() != len(exam.places):
        raise Broken("not every attempt was counted")
    found = {
        "attempts": ATTEMPTS,
        "answers": answers,
        "statistics_s": round(seconds, 1),
        "database_cpu_s": round(used.groups["database"], 1),
        "python_cpu_s": round(used.groups["own"], 1),
        "foreign_load": round(used.foreign / seconds, 2),
        "python_mb": round(peak.own),
        "postgres_mb": round(peak.database),
        "reliability": row.figures["reliability"],
        "cores": os.cpu_count() or 1,
    }
    is_met = seconds < GOAL_SECONDS and peak.own + peak.database < GOAL_MB
    cpu = f"{used.groups['database']:.1f} of the database and {used.groups['own']:.1f} here"
    say(f"computed in {seconds:.1f} s, goal < {GOAL_SECONDS}; CPU seconds: {cpu}")
    say(f"memory: {peak.own:.0f} MB here, {peak.database:.0f} MB in the database, goal < {GOAL_MB} together")
    say("goals met" if is_met else "a goal was MISSED")
    print(json.dumps(found), flush=True)
    return 0 if is_met else 1
