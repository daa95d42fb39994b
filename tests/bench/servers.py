"""What is measured: the web server as in production, the bare reference, the worker; and a small browser."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.users.models import User
from exams.attempts.answers import SAVE
from tests.bench import measure
from tests.bench.client import Done, Job
from tests.bench.stock import CODE
from tools.devstack.launch import GRANIAN
from tools.devstack.paths import PROJECT, free_port
from tools.devstack.processes import Child

# The reference needs no more threads than connections of the database.
BARE: Final = "--interface wsgi --workers 2 --blocking-threads 4 --backpressure 64 --no-ws"
QUIET: Final = ("--log-level", "error")
WORKER: Final = "-q -A config.celery worker -c 1 --without-gossip --without-mingle -l WARNING"
READY_SECONDS: Final = 60.0
CSRF: Final = "b" * 32
# The load saves each attempt faster, and starts more drills, than a person: it is counted, and never refused.
UNLIMITED: Final = dict.fromkeys(
    (
        "EXAM_SAVES_PER_SECOND",
        "DRILL_STARTS_PER_DAY",
        "CARD_REVIEWS_PER_DAY",
        "SEARCHES_PER_MINUTE",
        "EXPORTS_PER_HOUR",
        "IMPORTS_PER_HOUR",
    ),
    "100000",
)


class Broken(Exception):
    """Something that is measured does not work, so that a figure would be a lie."""


@dataclass
class Reply:
    """A reply, its body as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Servers:
    """Web, reference and worker with their processor time, and that of PostgreSQL."""

    limits: Mapping[str, str] = UNLIMITED

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.bare_port = free_port(), free_port()
        variables = {**os.environ, "BENCH_SAVE": SAVE}
        self.web = self._child(
            "web", ["granian", *GRANIAN.split(), *QUIET, *_at(self.port), "config.wsgi:application"]
        )
        self.bare = self._child(
            "bare",
            ["granian", *BARE.split(), *QUIET, *_at(self.bare_port), "tests.bench.bare:application"],
            variables,
        )
        self.worker = self._child("worker", ["celery", *WORKER.split()], {**os.environ, "CELERY_WORKER": "1"})
        self.children = [self.web, self.bare, self.worker]

    def _child(self, name: str, command: list[str], variables: Mapping[str, str] | None = None) -> Child:
        return Child(
            name,
            [sys.executable, "-m", *command],
            environment={**(variables or os.environ), **self.limits},
            folder=PROJECT,
            output=self.folder / f"{name}.log",
        )

    def __enter__(self) -> Self:
        for child in self.children:
            child.start()
        try:
            self._wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.postgres = _postmaster()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()

    def _wait(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                if Browser(self.port).get("/health/live").status == http.client.OK:
                    return
            except OSError:
                time.sleep(0.1)
        raise Broken(f"the web server does not answer; see {self.folder}")

    def usage(self) -> measure.Usage:
        """Read the processor time of everything that belongs to the measurement."""
        groups = {child.name: [child.pid] for child in self.children}
        return measure.usage({**groups, "postgres": [self.postgres], "rest": [os.getpid(), *_valkey()]})


def _at(port: int) -> list[str]:
    return ["--host", "127.0.0.1", "--port", str(port)]


def _postmaster() -> int:
    """Return the first process of PostgreSQL, which must run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend: int = cursor.fetchone()[0]
    try:
        if "postgres" in (measure.PROC / str(backend) / "stat").read_text():
            return measure.parent_of(backend)
    except OSError:
        pass
    raise Broken("PostgreSQL must run on this machine, or its processor time cannot be read")


def _valkey() -> list[int]:
    try:
        return [int(redis.Redis.from_url(settings.CELERY_BROKER_URL).info("server")["process_id"])]
    except (redis.RedisError, OSError, KeyError):
        return []


def load(job: Job) -> Done:
    """Send a job's requests from a process of its own. Raises Broken when one is not acknowledged."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )
    if done.returncode:
        raise Broken(f"the client failed:\n{done.stderr}")
    found = Done(**json.loads(done.stdout))
    if found.bad:
        raise Broken(f"{found.bad} saves were not acknowledged, the first one so:\n{found.first_bad}")
    return found


class Browser:
    """One keep-alive connection with the cookies of a person."""

    def __init__(self, port: int, user: User | None = None) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Host": "localhost", "Accept-Encoding": "gzip, deflate, br, zstd"}
        if user:
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
            self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def _send(self, method: str, path: str, body: bytes | None, **headers: str) -> Reply:
        self.link.request(method, path, body, {**self.headers, **headers})
        response = self.link.getresponse()
        content = response.read()
        known = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, known, content)

    def get(self, path: str) -> Reply:
        """Ask for a page. Raises Broken when it is an error of the server."""
        return self._checked(self._send("GET", path, None), path)

    def submit_form(self, path: str, **values: str) -> Reply:
        """Send a form. Raises Broken when it is refused."""
        kind = "application/x-www-form-urlencoded"
        headers = {"X-CSRFToken": CSRF, "Content-Type": kind}
        return self._checked(self._send("POST", path, urlencode(values).encode(), **headers), path)

    def call(self, path: str, content: object) -> dict[str, object]:
        """Send JSON and return the JSON of the reply."""
        body = json.dumps(content).encode()
        headers = {"X-CSRFToken": CSRF, "Content-Type": "application/json", "Accept": "application/json"}
        reply = self._checked(self._send("POST", path, body, **headers), path)
        found: dict[str, object] = json.loads(reply.body)
        return found

    @staticmethod
    def _checked(reply: Reply, path: str) -> Reply:
        if reply.status >= 400:
            raise Broken(f"{path}: {reply.status} {reply.body[:500]!r}")
        return reply

    def start_exam(self) -> UUID:
        """Start the exam by its page; return the attempt."""
        reply = self.submit_form(f"/{CODE}/exams/1/")
        address = reply.headers.get("location", "")
        parts = [part for part in address.split("/") if part]
        if reply.status != 302 or len(parts) != 2:
            raise Broken(f"the exam did not start: {reply.status} {address}")
        return UUID(parts[1])
