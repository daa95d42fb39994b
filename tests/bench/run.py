"""The run: all figures in order, a table with the goals, and one JSON object as the last line."""

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.bench import access, cards, figures, learning, stock
from tests.bench.figures import Bench, Figures
from tests.bench.servers import Broken, Servers

# name, unit, goal, whether more is better
TABLE: Final = (
    ("save_rps", "a second", None, True),
    ("reference_rps", "a second", None, True),
    ("save_ratio", "", 0.6, True),
    ("save_cpu_ms_total", "ms", 0.65, False),
    ("save_p50_ms_16", "ms", None, False),
    ("save_p99_ms_16", "ms", None, False),
    ("save_p50_ms_64", "ms", None, False),
    ("save_p99_ms_64", "ms", None, False),
    ("exam_cpu_ms", "ms", 100, False),
    ("lease_cpu_ms", "ms", None, False),
    ("finish_cpu_ms", "ms", None, False),
    ("page_bytes_compressed", "bytes", 92160, False),
    ("page_cpu_ms", "ms", 20, False),
    ("review_cpu_ms", "ms", 20, False),
    ("review_bytes_compressed", "bytes", 85 * 1024, False),
    ("result_cpu_ms", "ms", 5, False),
    ("study_cpu_ms", "ms", 8, False),
    ("study_bytes", "bytes", None, False),
    ("rate_cpu_ms", "ms", None, False),
    ("dashboard_cpu_ms", "ms", 40, False),
    ("dashboard_bytes", "bytes", None, False),
    ("sheet_cpu_ms", "ms", None, False),
    ("sheet_bytes", "bytes", None, False),
    ("drill_start_cpu_ms", "ms", 15, False),
    ("drill_start_missed_cpu_ms", "ms", 15, False),
    ("access_cpu_ms", "ms", 0.3, False),
    ("signup_cpu_ms", "ms", 60, False),
    ("redeem_cpu_ms", "ms", 60, False),
    ("argon2", "", None, False),
    ("grade_ms", "ms", 5, False),
    ("sweep_10000_s", "s", 20, False),
    ("foreign_load", "cores", None, False),
)


# The order leaves a small database to the saves.
PARTS: Final = {
    "exams": figures.whole_exams,
    "page": figures.paper_page,
    "saves": figures.saving,
    "after": figures.after_pages,
    "cards": cards.study,
    "dashboard": learning.dashboard,
    "sheet": learning.sheet,
    "drills": learning.drills,
    "grade": figures.grade,
    "sweep": figures.sweep,
    # Last: what it puts on sale is closed from then on to everybody else.
    "access": access.access,
}


class Progress:
    """Lines with the time since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def __call__(self, text: str) -> None:
        print(f"{self.seconds:6.1f} s  {text}", flush=True)


def durable() -> bool:
    """Say whether the database keeps what it acknowledged through a power cut."""
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] != "on":
                return False
    return True


def table(found: Figures) -> list[str]:
    """Return the figures beside their goals, a line each."""
    lines = []
    for name, unit, goal, more_is_better in TABLE:
        if name not in found:
            continue
        value = found[name]
        text = f"  {name:<24}{value:>10} {unit:<9}"
        if goal is not None:
            met = float(value) >= goal if more_is_better else float(value) <= goal
            text += f"goal {'>=' if more_is_better else '<='} {goal:<7} {'met' if met else 'MISSED'}"
        lines.append(text.rstrip())
    return lines


def measure_all(bench: Bench, names: list[str]) -> Figures:
    """Measure the named parts in order."""
    found: Figures = {}
    before, began = bench.servers.usage(), time.monotonic()
    for name in names:
        found |= PARTS[name](bench)
    used, seconds = bench.servers.usage().since(before), time.monotonic() - began
    found["foreign_load"] = round(used.foreign / seconds, 2)
    found["cores"] = os.cpu_count() or 1
    found["durable"] = int(durable())
    found["postgres"] = connection.pg_version  # type: ignore[attr-defined]
    return found


def main() -> int:
    """Run it all, or the parts named on the command line; 1 when something that is measured does not work."""
    logging.disable(logging.INFO)
    names = sys.argv[1:] or list(PARTS)
    say = Progress()
    folder = Path(settings.STATE_DIR)
    say("making the database and loading the exam")
    exam = stock.load_exam()
    call_command("collectstatic", interactive=False, verbosity=0)
    if not durable():
        say("WARNING: the database is not durable, so the figures flatter")
    say("starting the servers")
    try:
        with Servers(folder) as servers:
            found = measure_all(Bench(servers, exam, say), names)
    except Broken as error:
        print(f"\nNothing can be measured: {error}")
        return 1
    found["seconds"] = round(say.seconds)
    print("", *table(found), "", sep="\n")
    print(json.dumps(found), flush=True)
    return 0
