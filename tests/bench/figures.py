"""The figures: each function measures one thing and returns it by name."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from exams.attempts import grading, sweeps
from exams.attempts.models import Score
from tests.bench import measure, stock
from tests.bench.client import Done, Job
from tests.bench.servers import Broken, Browser, Servers, load
from tests.bench.stock import Exam

WINDOWS: Final = 5
WINDOW_SECONDS: Final = 7.0
WARM_SECONDS: Final = 3.0
CROWD_WINDOWS: Final = 3
EXAMS: Final = 30
# Each of the eight threads has a connection of its own, which learns at first use.
WARM_EXAMS: Final = 24
PAGES: Final = 300
REVIEWS: Final = 200
WARM_PAGES: Final = 40
GRADES: Final = 200
SWEPT: Final = 10_000
SCORED: Final = 4

Figures = dict[str, float | int | str]
Say = Callable[[str], None]


@dataclass
class Bench:
    """What all parts share: servers, exam, and where progress is told."""

    servers: Servers
    exam: Exam
    say: Say
    windows: int = 0
    saved: int = 0


@dataclass
class Window:
    """One window of load on one server."""

    rps: float
    web_ms: float
    postgres_ms: float
    foreign: float
    micros: list[int]

    @property
    def cpu_ms(self) -> float:
        """Processor time of web and PostgreSQL a request."""
        return self.web_ms + self.postgres_ms


@dataclass
class Series:
    """Windows of one kind."""

    windows: list[Window] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Return the median of a property over the windows."""
        return measure.median([getattr(window, name) for window in self.windows])

    def latency_ms(self, share: float) -> float:
        """Return a percentile of all replies."""
        return measure.percentile([one for window in self.windows for one in window.micros], share) / 1000


def window(
    bench: Bench, ids: list[UUID], *, bare: bool, connections: int, seconds: float = WINDOW_SECONDS
) -> Window:
    """Run one window; every window has a lease of its own, so that each save is new.

    So each attempt is taken over some fifteen times and has some 50 changes by each lease: as of a person,
    and below the numbers from which a save counts the rows of its attempt.
    """
    servers = bench.servers
    bench.windows += 1
    job = Job(
        port=servers.bare_port if bare else servers.port,
        seconds=seconds,
        connections=connections,
        attempts=stock.leases_for(bench.exam, ids, bench.windows),
        choices=[[position, options[0]] for position, _, options in bench.exam.places],
        first_seq=1,
    )
    before = servers.usage()
    done: Done = load(job)
    used = servers.usage().since(before)
    bench.saved += done.good
    return Window(
        rps=done.good / done.seconds,
        web_ms=used.groups["bare" if bare else "web"] * 1000 / done.good,
        postgres_ms=used.groups["postgres"] * 1000 / done.good,
        foreign=used.foreign / done.seconds,
        micros=done.micros,
    )


def saving(bench: Bench) -> Figures:
    """Measure saves against the reference in turns, then saves of a crowd. Raises Broken for a lost one."""
    users = stock.people(512, "saver")
    ids = stock.attempts(bench.exam, users)
    product, bare, crowd = Series(), Series(), Series()
    for is_bare in (False, True):
        window(bench, ids, bare=is_bare, connections=16, seconds=WARM_SECONDS)
    for number in range(1, WINDOWS + 1):
        for series, is_bare, name in ((product, False, "product"), (bare, True, "bare")):
            one = window(bench, ids, bare=is_bare, connections=16)
            series.windows.append(one)
            bench.say(
                f"saves {number}/{WINDOWS} {name:<8}{one.rps:7.0f} a second, {one.web_ms:.2f} + "
                f"{one.postgres_ms:.2f} CPU ms, foreign load {one.foreign:.2f}"
            )
    for number in range(1, CROWD_WINDOWS + 1):
        crowd.windows.append(window(bench, ids, bare=False, connections=64))
        bench.say(f"saves {number}/{CROWD_WINDOWS} of 64     {crowd.windows[-1].rps:7.0f} a second")
    if stock.stored_events(ids) != bench.saved:
        raise Broken(f"{bench.saved} saves were acknowledged, {stock.stored_events(ids)} are stored")
    return _save_figures(product, bare, crowd)


def _save_figures(product: Series, bare: Series, crowd: Series) -> Figures:
    return {
        "save_rps": round(product.median("rps")),
        "save_cpu_ms_total": round(product.median("cpu_ms"), 3),
        "save_cpu_ms_web": round(product.median("web_ms"), 3),
        "save_cpu_ms_postgres": round(product.median("postgres_ms"), 3),
        "reference_rps": round(bare.median("rps")),
        "reference_cpu_ms_total": round(bare.median("cpu_ms"), 3),
        "save_ratio": round(product.median("rps") / bare.median("rps"), 3),
        "save_cpu_ratio": round(bare.median("cpu_ms") / product.median("cpu_ms"), 3),
        "save_p50_ms_16": round(product.latency_ms(0.5), 2),
        "save_p99_ms_16": round(product.latency_ms(0.99), 2),
        "save_p50_ms_64": round(crowd.latency_ms(0.5), 2),
        "save_p99_ms_64": round(crowd.latency_ms(0.99), 2),
        "foreign_load_saves": round(
            statistics.mean(window.foreign for window in product.windows + bare.windows), 2
        ),
    }


@contextmanager
def cpu_of(bench: Bench, into: dict[str, float], name: str, count: int) -> Iterator[None]:
    """Note the processor ms of web, worker and PostgreSQL of what happens inside, for one of `count`."""
    before = bench.servers.usage()
    yield
    used = bench.servers.usage().since(before).groups
    for group in ("web", "worker", "postgres"):
        into[f"{name}_{group}"] = used[group] * 1000 / count
    into[name] = sum(used[group] for group in ("web", "worker", "postgres")) * 1000 / count


class SimulatedAttempt:
    """One person sits the exam as a browser does, step by step."""

    def __init__(self, exam: Exam, browser: Browser) -> None:
        self.exam = exam
        self.browser = browser
        self.attempt_id = UUID(int=0)
        self.lease: object = ""

    def _api(self, name: str) -> str:
        return f"/api/v1/attempts/{self.attempt_id}/{name}/"

    def start(self) -> None:
        """Press the button of the start page."""
        self.attempt_id = self.browser.start_exam()

    def page(self) -> None:
        """Load the paper."""
        self.browser.get(f"/attempts/{self.attempt_id}/")

    def take_lease(self) -> None:
        """Take the lease, as the script of the paper does."""
        self.lease = self.browser.call(self._api("lease"), {})["lease"]

    def saves(self) -> None:
        """Answer every question, a request each."""
        for seq, (position, choose, options) in enumerate(self.exam.places, 1):
            selected = random.sample(options, choose)
            change = {"seq": seq, "position": position, "selected": selected, "flagged": False}
            self.browser.call(self._api("answers"), {"lease": self.lease, "changes": [change]})

    def submit(self) -> None:
        """Submit, and wait until the worker has scored."""
        self.browser.call(self._api("submit"), {"lease": self.lease})
        _wait_for_score(self.attempt_id)

    def result(self) -> None:
        """Look at the result."""
        self.browser.get(f"/attempts/{self.attempt_id}/result/")


STEPS: Final = {
    "start": SimulatedAttempt.start,
    "page": SimulatedAttempt.page,
    "lease": SimulatedAttempt.take_lease,
    "saves": SimulatedAttempt.saves,
    "submit": SimulatedAttempt.submit,
    "result": SimulatedAttempt.result,
}


def _wait_for_score(attempt_id: UUID) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        time.sleep(0.1)
        if stock.state_of(attempt_id) == SCORED:
            return
    raise Broken("the worker did not score an exam within 30 s")


def whole_exams(bench: Bench) -> Figures:
    """Measure whole exams by one person after the other; all do a step before anybody does the next."""
    people = stock.people(EXAMS + WARM_EXAMS, "candidate")
    attempts = [SimulatedAttempt(bench.exam, Browser(bench.servers.port, user)) for user in people]
    for attempt in attempts[:WARM_EXAMS]:
        for step in STEPS.values():
            step(attempt)
    cpu: dict[str, float] = {}
    began = time.monotonic()
    for name, step in STEPS.items():
        with cpu_of(bench, cpu, f"exam_{name}_cpu_ms", EXAMS):
            for attempt in attempts[WARM_EXAMS:]:
                step(attempt)
    found: Figures = {f"exam_{name}_cpu_ms": round(cpu[f"exam_{name}_cpu_ms"], 1) for name in STEPS}
    for group in ("web", "worker", "postgres"):
        found[f"exam_cpu_ms_{group}"] = round(sum(cpu[f"exam_{name}_cpu_ms_{group}"] for name in STEPS), 1)
    total = sum(cpu[f"exam_{name}_cpu_ms"] for name in STEPS)
    found["exam_cpu_ms"] = round(total, 1)
    found["lease_cpu_ms"] = round(cpu["exam_lease_cpu_ms"], 2)
    found["finish_cpu_ms"] = round(cpu["exam_submit_cpu_ms"] + cpu["exam_result_cpu_ms"], 2)
    parts = ", ".join(f"{name} {found[f'exam_{name}_cpu_ms']}" for name in STEPS)
    bench.say(f"{EXAMS} whole exams in {time.monotonic() - began:.1f} s, {total:.0f} CPU ms each: {parts}")
    return found


def paper_page(bench: Bench) -> Figures:
    """Measure the page with the whole paper: its bytes on the wire and what it costs, half answered."""
    people = stock.people(8, "reader")
    browsers = [Browser(bench.servers.port, user) for user in people]
    ids = stock.attempts(bench.exam, people)
    half = Exam(bench.exam.form_id, bench.exam.edition_id, bench.exam.paper_id, bench.exam.places[::2])
    stock.answer_all(half, ids)
    pairs = list(zip(browsers, ids, strict=True))
    warm = [browser.get(f"/attempts/{attempt_id}/") for browser, attempt_id in pairs]
    first = warm[0]
    cpu: dict[str, float] = {}
    times = []
    with cpu_of(bench, cpu, "page_cpu_ms", PAGES):
        for number in range(PAGES):
            browser, attempt_id = pairs[number % len(pairs)]
            began = time.perf_counter()
            browser.get(f"/attempts/{attempt_id}/")
            times.append((time.perf_counter() - began) * 1000)
    bench.say(f"{PAGES} pages with the whole paper, {len(first.body)} bytes, {cpu['page_cpu_ms']:.1f} CPU ms")
    return {
        "page_bytes_compressed": len(first.body),
        "page_encoding": first.headers.get("content-encoding", "none"),
        "page_cpu_ms": round(cpu["page_cpu_ms"], 2),
        "page_p50_ms": round(measure.percentile(times, 0.5), 2),
    }


def after_pages(bench: Bench) -> Figures:
    """Measure the review of all questions and the result page of fully answered, scored attempts, warm."""
    people = stock.people(8, "reviewer")
    browsers = [Browser(bench.servers.port, user) for user in people]
    ids = stock.attempts(bench.exam, people, state=2)
    stock.answer_all(bench.exam, ids)
    for attempt_id in ids:
        if not grading.grade(attempt_id):
            raise Broken("an attempt was not graded")
    pairs = list(zip(browsers, ids, strict=True))
    found: Figures = {}
    for name in ("review", "result"):
        cpu: dict[str, float] = {}
        # Every process of the web server meets the page before it is counted.
        for number in range(WARM_PAGES):
            browser, attempt_id = pairs[number % len(pairs)]
            reply = browser.get(f"/attempts/{attempt_id}/{name}/")
        with cpu_of(bench, cpu, name, REVIEWS):
            for number in range(REVIEWS):
                browser, attempt_id = pairs[number % len(pairs)]
                browser.get(f"/attempts/{attempt_id}/{name}/?show=all")
        found[f"{name}_cpu_ms"] = round(cpu[name], 2)
        found[f"{name}_bytes_compressed"] = len(reply.body)
        parts = ", ".join(f"{group} {cpu[f'{name}_{group}']:.1f}" for group in ("web", "worker", "postgres"))
        bench.say(f"{REVIEWS} pages {name}, {len(reply.body)} bytes, {cpu[name]:.1f} CPU ms: {parts}")
    return found


def own_and_postgres(bench: Bench, before: measure.Usage) -> float:
    """Return the seconds of processor time that this process and PostgreSQL used since a reading."""
    used = bench.servers.usage().since(before).groups
    return used["rest"] - used["web"] - used["bare"] - used["worker"] + used["postgres"]


def grade(bench: Bench) -> Figures:
    """Measure the grading of fully answered attempts, one by one, from reading the answers to the commit."""
    ids = stock.attempts(bench.exam, stock.people(GRADES + 5, "graded"), state=2)
    stock.answer_all(bench.exam, ids)
    stock.analyze()
    times = []
    before = bench.servers.usage()
    for attempt_id in ids:
        began = time.perf_counter()
        if not grading.grade(attempt_id):
            raise Broken("an attempt was not graded")
        times.append((time.perf_counter() - began) * 1000)
    cpu = own_and_postgres(bench, before) * 1000 / len(ids)
    counted = times[5:]
    bench.say(f"{GRADES} attempts graded, {measure.median(counted):.2f} ms each, {cpu:.2f} CPU ms")
    return {"grade_ms": round(measure.median(counted), 2), "grade_cpu_ms": round(cpu, 2)}


def sweep(bench: Bench) -> Figures:
    """Measure one sweep over expired attempts: every one is ended and scored. Raises Broken otherwise."""
    began = time.monotonic()
    ids = stock.attempts(bench.exam, stock.people(SWEPT, "late"), over=True)
    answers = stock.answer_all(bench.exam, ids)
    stock.analyze()
    bench.say(f"{SWEPT} expired attempts with {answers} answers made in {time.monotonic() - began:.1f} s")
    scores = Score.objects.count()
    before, began = bench.servers.usage(), time.monotonic()
    report = sweeps.sweep()
    seconds = time.monotonic() - began
    used = bench.servers.usage().since(before)
    cpu = own_and_postgres(bench, before)
    if (report.expired, report.scored, Score.objects.count() - scores) != (SWEPT, SWEPT, SWEPT):
        raise Broken(f"the sweep did not end and score every attempt: {report}")
    foreign = used.foreign / seconds
    bench.say(f"swept in {seconds:.1f} s, {cpu:.1f} CPU s, foreign load {foreign:.2f}")
    return {
        "sweep_10000_s": round(seconds, 1),
        "sweep_10000_cpu_s": round(cpu, 1),
        "foreign_load_sweep": round(foreign, 2),
    }
