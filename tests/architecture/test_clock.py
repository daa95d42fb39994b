"""Only the database clock decides about attempts (G7), and no task waits for a time of its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("tools", "config", "i18n", "accounts", "exams", "flashcards")
ATTEMPTS = sorted((ROOT / "exams/attempts").rglob("*.py"))
CARDS = sorted((ROOT / "flashcards").rglob("*.py"))
ALL = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Names that tell the time of the process, whatever they hang on.
CLOCKS = {"now", "utcnow", "today", "localtime", "gmtime", "time", "time_ns", "localdate"}
OWNERS = {"timezone", "datetime", "date", "dt", "time", "_time"}
WAITING = {"eta", "countdown"}


def clocks(source: str) -> Iterator[str]:
    """Yield every use of a clock of the process, as `line: what`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in {"django.utils.timezone", "time"}:
            names = {alias.name for alias in node.names} & CLOCKS
            yield from (f"{node.lineno}: from {node.module} import {name}" for name in sorted(names))
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            )
            if owner in OWNERS:
                yield f"{node.lineno}: {owner}.{node.attr}"


def waits(source: str) -> Iterator[str]:
    """Yield every call that sets a time for a task, as `line: keyword`."""
    # Most files need not be parsed.
    for node in ast.walk(ast.parse(source)) if any(word in source for word in WAITING) else ():
        if isinstance(node, ast.Call):
            yield from (f"{node.lineno}: {one.arg}" for one in node.keywords if one.arg in WAITING)
        elif isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            yield from (f"{node.lineno}: {key}" for key in keys if key in WAITING)


def test_no_clock_of_a_process_decides_about_an_attempt() -> None:
    assert len(ATTEMPTS) > 8
    assert [f"{path.name}:{one}" for path in ATTEMPTS for one in clocks(path.read_text())] == []


def test_no_clock_of_a_process_decides_about_a_card() -> None:
    assert len(CARDS) > 20
    assert [f"{path.name}:{one}" for path in CARDS for one in clocks(path.read_text())] == []


def test_no_task_is_sent_for_later() -> None:
    assert len(ALL) > 50
    assert [f"{path.relative_to(ROOT)}:{one}" for path in ALL for one in waits(path.read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        "from django.utils import timezone\ntimezone.now()",
        "from django.utils.timezone import now",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from datetime import datetime\nx = datetime.utcnow",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "from time import time_ns",
    ],
)
def test_a_planted_clock_is_found(source: str) -> None:
    assert list(clocks(source))


@pytest.mark.parametrize(
    "source", ["task.apply_async((), eta=1)", "task.apply_async((), countdown=5)", "f(**{'countdown': 3})"]
)
def test_a_planted_delay_is_found(source: str) -> None:
    assert list(waits(source))


def test_the_time_that_a_measurement_takes_is_no_clock() -> None:
    assert not list(clocks("with metrics.GRADE_SECONDS.time():\n    pass"))
