"""Keep-alive connections that ask the same thing again and again, a thread each.

`python -m tests.bench.callers` reads a job as JSON from standard input and writes what happened as JSON.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

TIMEOUT = 60.0


@dataclass(frozen=True)
class Call:
    """A request. In its body `{seq}` stands for how often it was sent, from 1."""

    path: str
    headers: dict[str, str]
    body: str = ""


@dataclass(frozen=True)
class Task:
    """What to send: a connection for each call, with a pause between; `times` 0 means until the end."""

    port: int
    calls: list[Call]
    seconds: float
    pause: float = 0.0
    times: int = 0


@dataclass
class Tally:
    """Status (0: no reply) and time in us of each reply."""

    statuses: list[int] = field(default_factory=list)
    micros: list[int] = field(default_factory=list)


def run(task: Task) -> Tally:
    """Send everything; what is under way at the end is waited for."""
    tally, begin = Tally(), threading.Barrier(len(task.calls))
    threads = [
        threading.Thread(target=_repeat, args=(task, call, number, begin, tally))
        for number, call in enumerate(task.calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def _repeat(task: Task, call: Call, number: int, begin: threading.Barrier, tally: Tally) -> None:
    link = http.client.HTTPConnection("127.0.0.1", task.port, timeout=TIMEOUT)
    begin.wait()
    until = time.monotonic() + task.seconds
    # People do not all click at the same moment.
    time.sleep(task.pause * number / len(task.calls))
    seq = 0
    while time.monotonic() < until and not (task.times and seq >= task.times):
        seq += 1
        began = time.perf_counter()
        status = _ask(link, call, seq)
        seconds = time.perf_counter() - began
        # Both are one step of the interpreter.
        tally.micros.append(int(seconds * 1_000_000))
        tally.statuses.append(status)
        time.sleep(max(0.0, task.pause - seconds))
    link.close()


def _ask(link: http.client.HTTPConnection, call: Call, seq: int) -> int:
    body = call.body.replace("{seq}", str(seq)).encode() if call.body else None
    try:
        link.request("POST" if body else "GET", call.path, body, call.headers)
        reply = link.getresponse()
        reply.read()
    except (OSError, http.client.HTTPException):
        link.close()
        return 0
    return reply.status


def read(content: dict[str, Any]) -> Task:
    """Return the task that JSON describes."""
    calls: Sequence[dict[str, Any]] = content.pop("calls")
    return Task(calls=[Call(**call) for call in calls], **content)


if __name__ == "__main__":
    json.dump(asdict(run(read(json.load(sys.stdin)))), sys.stdout)
