"""`make test` and `make test-all`: what is checked, in order, up to the first failure."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import IO, Final

from tools.devstack import browser, paths
from tools.devstack.processes import end_with_parent
from tools.devstack.services import Services, StateInUse, state_folder

WIDTH: Final = 78
COUNTED: Final = ("passed", "failed", "skipped", "error")
PRODUCTION: Final = {
    "PASSLINE_PROFILE": "production",
    "SECRET_KEY": "a-stand-in-of-more-than-fifty-characters-with-many-different-ones-0123456789",
    "SITE_URL": "https://passline.example",
    "ALLOWED_HOSTS": "passline.example",
    "DEFAULT_FROM_EMAIL": "Passline <passline@passline.example>",
    "MAIL_HOST": "mail.passline.example",
    "OPERATOR_NAME": "Passline",
    "OPERATOR_ADDRESS": "1 Example Street",
    "CONTACT_EMAIL": "hello@passline.example",
    "HOSTING_PROVIDER": "Example Hosting",
    "MAIL_PROVIDER": "Example Mail",
    "DEBUG": "0",
}
# Each process has a database of its own; the tests of one file stay together. The slow files begin (see
# tests/conftest.py). Those that wait for servers and browsers leave room for more than there are cores.
AT_ONCE: Final = ("--dist", "loadfile", "--no-loadscope-reorder", "-n")
ALL_TESTS: Final = "tests"
ASYNC: Final = {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
ALL_LOOKS: Final = "ALL_LOOKS"
"""The variable that has pages looked at in every theme and width, and not in one of them each."""


class Level(IntEnum):
    """How much is checked: while one works, before each change, before an issue is called resolved."""

    FAST = 1
    TEST = 2
    ALL = 3


@dataclass(frozen=True)
class Step:
    """One part of the gate: commands (the first word is a module, or `manage`), and what they need."""

    name: str
    headline: str
    commands: tuple[tuple[str, ...], ...]
    services: bool = False
    level: Level = Level.FAST
    # Runs at the same time as the step before it, whose waiting leaves it room; its output comes after that.
    beside: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


def pytest_of(marks: str, workers: int = 2) -> tuple[str, ...]:
    """Return the pytest command for a choice of marks; failed and skipped tests are listed at its end."""
    # One alone is the process that collects: another one would load the whole product again.
    at_once = (*AT_ONCE, str(workers)) if workers > 1 else ()
    return ("pytest", "-m", marks, "-rfEs", *at_once, ALL_TESTS)


STEPS: Final = (
    # First, so that a machine without one and without the right to install it says so at once.
    Step("chromium", "A browser for the tests", (("tools.devstack.browser",),), level=Level.TEST),
    Step(
        "lint",
        "Style of code, spelling",
        (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("codespell",)),
    ),
    Step("templates", "Style of templates", (("djade",),)),
    Step("layers", "Who may import whom", (("importlinter",),)),
    Step("messages", "Translations compiled", (("tools.messages", "compile"),)),
    Step("types", "Types", (("mypy", "-n", "2", "."),)),
    Step("content", "Exams against the guide", (("tools.items", "check"),), services=True, beside=True),
    Step(
        "deploy",
        "Production settings",
        (("manage", "check", "--deploy", "--fail-level", "WARNING"),),
        services=True,
        beside=True,
        variables=PRODUCTION,
    ),
    Step(
        "migrations",
        "Migrations are up to date",
        (("manage", "makemigrations", "--check", "--dry-run"),),
        services=True,
        beside=True,
    ),
    Step(
        "unit",
        "Unit and flow tests",
        (pytest_of("not faults and not browser and not controls and not production and not thorough"),),
        services=True,
    ),
    Step(
        "controls",
        "Protections taken away",
        (pytest_of("controls and not faults and not browser", workers=1),),
        services=True,
        level=Level.ALL,
        beside=True,
    ),
    Step(
        "thorough",
        "Memory, tools of developers",
        (pytest_of("thorough and not faults and not browser", workers=1),),
        services=True,
        level=Level.ALL,
        beside=True,
    ),
    Step(
        "production",
        "Image's roles and files",
        (pytest_of("production", workers=1),),
        level=Level.ALL,
        beside=True,
    ),
    Step(
        "faults",
        "Faults around saves and scores",
        (pytest_of("faults and not browser and not controls and not thorough", workers=3),),
        services=True,
        level=Level.TEST,
    ),
    Step(
        "other-faults",
        "Faults of other work, and without what holds",
        (pytest_of("faults and not browser and (controls or thorough)", workers=3),),
        services=True,
        level=Level.ALL,
    ),
    Step(
        "browser",
        "Browser tests",
        (pytest_of("browser and not controls and not thorough", workers=4),),
        services=True,
        level=Level.TEST,
        variables=ASYNC,
    ),
    Step(
        "other-browser",
        "What the browser tests stand on",
        (pytest_of("browser and (controls or thorough)", workers=2),),
        services=True,
        level=Level.ALL,
        variables=ASYNC,
    ),
)
# `make lint` means code and templates.
TOGETHER: Final = {"lint": ("lint", "templates")}


def chosen(only: Sequence[str], level: Level) -> list[Step]:
    """Return the steps of a level, or those that were named. Raises ValueError on an unknown name."""
    names = [part for name in only for part in TOGETHER.get(name, (name,))]
    unknown = set(names) - {step.name for step in STEPS}
    if unknown:
        raise ValueError(f"no such step: {', '.join(sorted(unknown))}")
    return [step for step in STEPS if (step.name in names if names else step.level <= level)]


def command_line(command: tuple[str, ...]) -> list[str]:
    """Return the full command: modules by this Python, programs of the environment by their path."""
    first, *rest = command
    if first == "manage":
        return [sys.executable, "manage.py", *rest]
    tools = Path(sys.executable).parent
    if first == "importlinter":
        return [str(tools / "lint-imports")]
    if first == "djade":
        files = sorted(str(path) for path in (paths.PROJECT / "templates").rglob("*.html"))
        return [str(tools / "djade"), "--check", "--target-version", "6.1", *files]
    if first in {"ruff", "codespell"}:
        return [str(tools / first), *rest]
    if first == "pytest" and rest[-1] == ALL_TESTS:
        return [sys.executable, "-m", first, *rest[:-1], *files_of(rest[1])]
    return [sys.executable, "-m", first, *rest]


def files_of(marks: str) -> list[str]:
    """Return where the first of `marks` stands: other files need not be imported to be left out.

    Files name it themselves, or a folder's conftest.py does it for all of them.
    """
    mark = marks.split()[0]
    if mark == "not":
        return [ALL_TESTS]
    files = set()
    for path in (paths.PROJECT / "tests").rglob("*.py"):
        if path.name.startswith(("test_", "conftest")) and f"mark.{mark}" in path.read_text("utf-8"):
            files.add(path.parent if path.name == "conftest.py" else path)
    return sorted(str(path.relative_to(paths.PROJECT)) for path in files)


@dataclass(frozen=True)
class Done:
    """How a step ended: whether it is good, after how many seconds, and how many tests it ran."""

    good: bool
    seconds: float
    counts: Counter[str]


@dataclass
class Gate:
    """One run of the gate: what was counted, and how long each step took."""

    environment: dict[str, str]
    counts: Counter[str] = field(default_factory=Counter)
    times: list[tuple[str, float]] = field(default_factory=list)

    def run(self, steps: Sequence[Step]) -> int:
        """Run the steps; return the exit code. The last line says how it ended."""
        began = time.monotonic()
        numbers = {step.name: f"{number}/{len(steps)}" for number, step in enumerate(steps, 1)}
        for group in groups_of(steps):
            failed = [step for step, done in self._group(group, numbers) if not done.good]
            if failed:
                names = ", ".join(f"{step.headline} (step `{step.name}`)" for step in failed)
                self._end(f"STOPPED at: {names}", time.monotonic() - began)
                return 1
        self._end("All good.", time.monotonic() - began)
        return 0

    def _group(self, group: Sequence[Step], numbers: Mapping[str, str]) -> Iterator[tuple[Step, Done]]:
        """Run the steps of a group at once; each is told as one piece, in order."""
        first, *others = group
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(group)) as threads:
            output = {step.name: Path(folder) / step.name for step in others}
            running = {step.name: threads.submit(self._step, step, output[step.name]) for step in others}
            for step in group:
                headline = f"{numbers[step.name]} {step.headline} "
                print(f"\n── {headline}{'─' * (WIDTH - len(headline))}", flush=True)
                if step is first:
                    done = self._step(step)
                else:
                    done = running[step.name].result()
                    print(output[step.name].read_text("utf-8", "replace"), end="", flush=True)
                print(f"   {'good' if done.good else 'FAILED'} after {done.seconds:.1f} s", flush=True)
                self.times.append((step.headline, done.seconds))
                self.counts.update(done.counts)
                yield step, done

    def _step(self, step: Step, output: Path | None = None) -> Done:
        """Run the commands of a step up to the first that fails; they print into a file if one is named."""
        started = time.monotonic()
        variables = {**self.environment, "GATE_STEP": step.name, **step.variables}
        if "browser" in step.name:
            variables["CHROMIUM"] = browser.find()
        counts: Counter[str] = Counter()
        with output.open("wb") if output else contextlib.nullcontext() as file:
            good = all(_command(command_line(one), variables, file, counts) for one in step.commands)
        return Done(good, time.monotonic() - started, counts)

    def _end(self, verdict: str, seconds: float) -> None:
        print()
        for headline, took in self.times:
            print(f"   {headline:<30} {took:7.1f} s")
        if self.counts["skipped"]:
            print(f"   {self.counts['skipped']} skipped tests are listed above with their reasons")
        print(f"{verdict} {seconds:.0f} s in all.", flush=True)
        if self.counts:
            kinds = [kind for kind in COUNTED if kind in {"passed", "failed"} or self.counts[kind]]
            print(", ".join(f"{self.counts[kind]} {kind}" for kind in kinds), flush=True)


def groups_of(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the steps in their order, those that run at the same time together."""
    groups: list[list[Step]] = []
    for step in steps:
        if step.beside and groups:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _command(
    command: list[str], variables: dict[str, str], output: IO[bytes] | None, counts: Counter[str]
) -> bool:
    if "pytest" not in command:
        return _run(command, variables, output)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        # A run that was broken off may end well, and has no report.
        good = _run([*command, f"--junitxml={report}"], variables, output) and report.exists()
        counts.update(counts_in(report))
    return good


def _run(command: list[str], variables: dict[str, str], output: IO[bytes] | None) -> bool:
    parent = os.getpid()
    process = subprocess.Popen(
        command,
        cwd=paths.PROJECT,
        env=variables,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        # The thread that starts it waits for its end: the kernel takes a thread for the parent.
        preexec_fn=lambda: end_with_parent(parent, signal.SIGTERM),
    )
    # Ctrl-C reaches the command as well; its end is waited for, so that no server is left behind.
    with contextlib.suppress(KeyboardInterrupt):
        return process.wait() == 0
    process.wait()
    return False


def counts_in(report: Path) -> Counter[str]:
    """Return how many tests passed, failed, were skipped or broke, by pytest's JUnit report."""
    try:
        suites = ET.parse(report).getroot().iter("testsuite")
    except (OSError, ET.ParseError):
        return Counter()
    counts: Counter[str] = Counter()
    for suite in suites:
        failures = {
            kind: int(suite.get(name, "0"))
            for kind, name in (("failed", "failures"), ("error", "errors"), ("skipped", "skipped"))
        }
        counts.update(failures)
        counts["passed"] += int(suite.get("tests", "0")) - sum(failures.values())
    return +counts


def test_variables(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a test run: the test profile, nothing of a running site.

    Bytecode is kept even where the surroundings say otherwise: a run starts hundreds of processes, and each
    would compile the same files anew.
    """
    unwanted = {"PORT", "HOST", "DEBUG", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {
        **kept,
        **more,
        "PASSLINE_PROFILE": "test",
        "PYTHONUNBUFFERED": "1",
    }


def free_state(*, durable: bool = False) -> Services:
    """Return services, not yet started, in STATE_DIR or `.test/`; beside it when another run holds that."""
    folder = state_folder(".test")
    services = Services(folder, os.environ, durable=durable)
    try:
        services.lock.take()
    except StateInUse:
        return Services(folder.with_name(f"{folder.name}-{os.getpid()}"), os.environ, durable=durable)
    services.lock.release()
    return services


def end(services: Services) -> None:
    """Stop the services, and delete a folder that was made for this run alone."""
    services.stop()
    if services.state.name.endswith(f"-{os.getpid()}"):
        for part in ("postgres", "valkey"):
            paths.remove_data(services.state / part)
        paths.remove_data(services.state)


def run_gate(steps: Sequence[Step], level: Level) -> int:
    """Run steps, with servers when one of them needs these."""
    looks = {ALL_LOOKS: "1"} if level is Level.ALL else {}
    if not any(step.services for step in steps):
        return Gate(test_variables(looks)).run(steps)
    services = free_state()
    try:
        services.start()
        (services.state / "collected").mkdir(exist_ok=True)
        print(f"{services.described()}, ready after {services.seconds:.1f} s", flush=True)
        return Gate(test_variables({**services.variables(), **looks})).run(steps)
    finally:
        end(services)


def run_with_services(command: Sequence[str], *, durable: bool, as_owner: bool = False) -> int:
    """Run one command with servers of its own, as the site's role or the owner; return its exit code."""
    services = free_state(durable=durable)
    try:
        services.start()
        parent = os.getpid()
        variables = services.variables()
        if as_owner and variables["DATABASE_OWNER_URL"]:
            variables["DATABASE_URL"] = variables["DATABASE_OWNER_URL"]
        process = subprocess.Popen(
            list(command),
            cwd=paths.PROJECT,
            env=test_variables(variables),
            preexec_fn=lambda: end_with_parent(parent, signal.SIGTERM),
        )
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    finally:
        end(services)
