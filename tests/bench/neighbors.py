"""`python -m tests.bench neighbors`: what 30 people who save once a second notice of busy neighbors.

A table: for each kind of neighbor the times of the saves, and what the neighbor got. Then 40 people behind
one address open four pages each at once, and none of them may be refused.
"""

import json
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command

from accounts.profile.models import Profile
from accounts.users.models import User
from tests.bench import learning, measure, stock
from tests.bench.callers import Call, Tally, Task
from tests.bench.servers import CSRF, Browser, Servers
from tests.bench.stock import CODE, Exam
from tools.devstack.paths import PROJECT

SAVERS: Final = 30
SECONDS: Final = 15.0
WARM_SECONDS: Final = 4.0
GOAL_MS: Final = 150.0
GOAL_TIMES: Final = 3.0
CROWD: Final = 40
JSON_HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-CSRFToken": CSRF,
}
OWN: Final = f"/api/v1/certifications/{CODE}/flashcards/own/"
OPENED: Final = ("/", f"/{CODE}/", f"/{CODE}/flashcards/", f"/{CODE}/cheatsheet/")


@dataclass(frozen=True)
class Row:
    """What came of one neighbor: the saves in ms, how many failed, and what the neighbor got by status."""

    name: str
    p50: float
    p95: float
    most: float
    failed: int
    neighbor: dict[int, int]


class Scene:
    """The people of all parts, and the servers they ask."""

    def __init__(self, servers: Servers, exam: Exam) -> None:
        self.servers, self.exam = servers, exam
        self.attempts = stock.attempts(exam, stock.people(SAVERS, "saver"))
        self.leases = 0

    def person(self, name: str, **fields: bool) -> dict[str, str]:
        """Return the headers of a new person's browser."""
        [user] = stock.people(1, name)
        if fields:
            User.objects.filter(pk=user.pk).update(**fields)
        Profile.objects.create(user=user)
        return Browser(self.servers.port, user).headers

    def savers(self, seconds: float) -> Task:
        """Return what the people in an exam do. Each time they hold a new lease, so that each save is new."""
        self.leases += 1
        calls = []
        for number, (attempt_id, lease) in enumerate(stock.leases_for(self.exam, self.attempts, self.leases)):
            position, _choose, options = self.exam.places[number % len(self.exam.places)]
            change = f'{{"seq":{{seq}},"position":{position},"selected":[{options[0]}],"flagged":false}}'
            body = f'{{"lease":"{lease}","changes":[{change}]}}'
            path = f"/api/v1/attempts/{attempt_id}/answers/"
            calls.append(Call(path, {"Host": "localhost", "Content-Type": "application/json"}, body))
        return Task(self.servers.port, calls, seconds, pause=1.0)

    def neighbor(self, calls: list[Call]) -> Task:
        """Return what a neighbor does the whole time, on each connection ten times a second at most."""
        return Task(self.servers.port, calls, SECONDS, pause=0.1)


def cards(scene: Scene) -> list[Call]:
    """Return 4 imports of 480 cards, changed each time, and 20 creations, all of one account."""
    headers = {**scene.person("importer"), **JSON_HEADERS}
    calls = []
    for number in range(4):
        lines = [f"c{row},Front {row},Back {number} {{seq}} {'x' * 200}" for row in range(480)]
        content = json.dumps({"csv": "\n".join(["id,front,back", *lines])})
        calls.append(Call(OWN + "csv/", headers, content))
    for number in range(20):
        draft = {"front": f"Card {number} {{seq}}", "back": "Back"}
        calls.append(Call(OWN, headers, json.dumps(draft)))
    return calls


def admin_search(scene: Scene) -> list[Call]:
    """Return ten searches for 130 words by one of the staff."""
    headers = scene.person("translator", is_staff=True, is_superuser=True)
    return [Call("/admin/flashcards/card/?q=" + "ab+" * 130, headers)] * 10


def dashboard(scene: Scene) -> list[Call]:
    """Return 16 requests of a person for a dashboard with a long history."""
    headers = Browser(scene.servers.port, learning.veteran()).headers
    return [Call(f"/{CODE}/", headers)] * 16


def visitor(scene: Scene) -> list[Call]:
    """Return 16 requests of somebody without an account for the longest pages."""
    headers = {"Host": "localhost", "Accept-Encoding": "gzip"}
    return [Call(f"/{CODE}/{page}/", headers) for page in ("flashcards", "cheatsheet")] * 8


NEIGHBORS: Final[dict[str, Callable[[Scene], list[Call]]]] = {
    "24 of an account on cards": cards,
    "10 long admin searches": admin_search,
    "16 of a person, dashboard": dashboard,
    "16 of a visitor": visitor,
}


def start(task: Task) -> subprocess.Popen[str]:
    """Begin a task in a process of its own: the callers must not wait for each other's interpreter."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.callers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    assert process.stdin
    process.stdin.write(json.dumps(asdict(task)))
    process.stdin.close()
    return process


def finish(process: subprocess.Popen[str]) -> Tally:
    """Return what came of a task."""
    assert process.stdout
    tally = Tally(**json.loads(process.stdout.read()))
    process.wait()
    return tally


def beside(scene: Scene, name: str, calls: list[Call]) -> Row:
    """Measure the saves beside a neighbor."""
    running = start(scene.neighbor(calls)) if calls else None
    saved = finish(start(scene.savers(SECONDS)))
    got = Counter(finish(running).statuses if running else ())
    times = [micros / 1000 for micros in saved.micros]
    return Row(
        name,
        measure.percentile(times, 0.5),
        measure.percentile(times, 0.95),
        max(times),
        len(saved.statuses) - saved.statuses.count(200),
        dict(got),
    )


def opened_at_once(scene: Scene) -> Tally:
    """Have 40 people behind one address open four pages each at once."""
    people = [scene.person(f"pupil{number}x") for number in range(CROWD)]
    calls = [Call(path, headers) for headers in people for path in OPENED]
    return finish(start(Task(scene.servers.port, calls, SECONDS, times=1)))


def table(rows: list[Row], goal: float) -> list[str]:
    """Return a line for each neighbor."""
    lines = [f"  {'beside':<28}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'failed':>8}  the neighbor got"]
    for row in rows:
        verdict = "met" if is_met(row, goal) else "MISSED"
        got = ", ".join(f"{count} x {status}" for status, count in sorted(row.neighbor.items()))
        times = f"{row.p50:>9.1f}{row.p95:>9.1f}{row.most:>9.1f}{row.failed:>8}"
        lines.append(f"  {row.name:<28}{times}  {verdict:<7} {got}")
    return lines


def is_met(row: Row, goal: float) -> bool:
    """Say whether the saves were fast enough and all of them stored."""
    return row.p95 <= goal and not row.failed


def main() -> int:
    """Measure all neighbors in turn; 1 when a save was too slow or refused, or somebody got a 429."""
    logging.disable(logging.INFO)
    print("making the database and loading the exams", flush=True)
    exam = stock.load_exam()
    call_command("collectstatic", interactive=False, verbosity=0)
    with Servers(Path(settings.STATE_DIR)) as servers:
        scene = Scene(servers, exam)
        calls = {name: make(scene) for name, make in NEIGHBORS.items()}
        stock.analyze()
        finish(start(scene.savers(WARM_SECONDS)))
        rows = []
        for name, asked in [("nobody", []), *calls.items()]:
            rows.append(beside(scene, name, asked))
            load = os.getloadavg()[0]
            print(f"{name}: p95 {rows[-1].p95:.1f} ms, load average {load:.1f}", flush=True)
        crowd = opened_at_once(scene)
    goal = max(GOAL_MS, GOAL_TIMES * rows[0].p95)
    print("", *table(rows, goal), "", sep="\n")
    got = dict(Counter(crowd.statuses))
    slowest = max(crowd.micros) / 1000
    print(f"  goal: p95 <= {goal:.0f} ms, none failed")
    print(f"  {CROWD} people open {len(OPENED)} pages at once: {got}, slowest {slowest:.0f} ms")
    print(json.dumps({"rows": [asdict(row) for row in rows], "crowd": got}), flush=True)
    missed = any(not is_met(row, goal) for row in rows) or 429 in crowd.statuses
    return int(missed)
