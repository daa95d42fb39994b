"""The product in real processes that tests may kill: durable PostgreSQL, Valkey, web, workers, beats."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg2

from tests.faults.links import Link
from tools.devstack import paths
from tools.devstack.launch import Options, Site
from tools.devstack.postgres import APP, PostgresServer
from tools.devstack.processes import Child, children_of
from tools.devstack.services import Services
from tools.devstack.valkey import ValkeyServer

WEB = "config.wsgi:application"
CELERY = "config.celery"
CONTROL = "control"
PRISTINE = "pristine"
READY_SECONDS = 40.0


class Web:
    """Granian with the options of `make run`: two workers of four threads."""

    def __init__(self, child: Child, port: int) -> None:
        self.child = child
        self.port = port
        self.restarts = 0

    @property
    def link(self) -> Link:
        """The way to it."""
        return Link(self.port)

    def workers(self) -> list[int]:
        """Return the processes that answer requests."""
        return children_of(self.child.pid)

    def kill_a_worker(self, number: int) -> None:
        """Kill one of its processes as the kernel does when memory is short."""
        workers = sorted(self.workers())
        if workers:
            with suppress(ProcessLookupError):
                os.kill(workers[number % len(workers)], signal.SIGKILL)

    def supervise(self) -> None:
        """Start it again when it gave up, as the launcher does: granian ends when a worker dies twice in 5 s.

        Only for the main thread: a process ends with the thread that started it.
        """
        if not self.child.running:
            self.child.kill()
            self.child.start()
            self.restarts += 1


class Stack:
    """Servers that live for all fault tests, and the processes that a test starts and ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = PostgresServer(folder / "postgres", durable=True)
        self.valkey = ValkeyServer(folder / "valkey")
        self.children: list[Child] = []

    def start(self) -> None:
        """Start both servers."""
        self.postgres.start()
        self.valkey.start()

    def stop(self) -> None:
        """End everything and throw the data away."""
        self.end(*self.children)
        self.valkey.kill()
        self.postgres.kill()
        paths.remove_data(self.folder / "postgres")
        paths.remove_data(self.folder / "valkey")

    def sql(self, statement: str, database: str = "passline") -> None:
        """Run a statement outside of a transaction."""
        link = psycopg2.connect(self.postgres.url(database))
        try:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(statement)
        finally:
            link.close()

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a process of the site."""
        kept = {name: value for name, value in os.environ.items() if name not in {"PORT", "HOST", "DEBUG"}}
        return {
            **kept,
            "DATABASE_URL": self.postgres.url(role=APP),
            "REDIS_URL": self.valkey.url(),
            "STATE_DIR": str(self.folder),
            "PASSLINE_PROFILE": "test",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            # Crowds of candidates save faster than people; the flood sets what production has.
            "EXAM_SAVES_PER_SECOND": "1000",
            **more,
        }

    def run(self, name: str, command: Sequence[str], **more: str) -> Child:
        """Start a process of the site; its output goes to a file of its name."""
        child = Child(
            name,
            command,
            environment=self.environment(more),
            folder=paths.PROJECT,
            output=self.folder / f"{name}.log",
        )
        child.start()
        self.children.append(child)
        return child

    def end(self, *children: Child) -> None:
        """Kill processes that this stack started, with all their children."""
        for child in children:
            below = children_of(child.pid) if child.running else []
            child.kill()
            for pid in below:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.children = [child for child in self.children if child not in children]

    def _site(self, port: int = 8000) -> Site:
        urls = {"DATABASE_URL": self.postgres.url(), "REDIS_URL": self.valkey.url()}
        return Site(Options("127.0.0.1", port, self.folder), Services(self.folder, urls), {})

    def web(self, application: str = WEB, **more: str) -> Web:
        """Start a web server and wait until it answers."""
        port = paths.free_port()
        command = [application if part == WEB else part for part in self._site(port).web().command]
        web = Web(self.run(f"web-{port}", command, **more), port)
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with suppress(OSError):
                if web.link.request("GET", "/health/live").status == 200:
                    # The other worker may still be loading, and the first page that it serves would wait.
                    for _ in range(8):
                        web.link.request("GET", "/health/live")
                    return web
            time.sleep(0.05)
        raise AssertionError(paths.last_lines(self.folder / f"web-{port}.log", 40))

    def worker(
        self,
        name: str = "worker",
        application: str = CELERY,
        options: str = "",
        queues: str = "score,mail",
        **more: str,
    ) -> Child:
        """Start a Celery worker; it needs a moment until it takes work."""
        command = [
            application if part == CELERY else part for part in self._site().worker(queues, name).command
        ]
        return self.run(name, [*command, *options.split()], CELERY_WORKER="1", **more)

    def beat(self, number: int = 1, application: str = CELERY, **more: str) -> Child:
        """Start a clock."""
        command = [application if part == CELERY else part for part in self._site().beat().command]
        command[command.index("--schedule") + 1] += f"-{number}"
        return self.run(f"beat-{number}", command, **more)

    def sweeper(self, *options: str, name: str = "sweep", module: str = "", **more: str) -> Child:
        """Start `manage.py sweep`, or a module of the tests that wraps it."""
        start = ["-m", module] if module else ["manage.py", "sweep"]
        return self.run(name, [sys.executable, *start, *options], **more)

    def log(self, name: str) -> str:
        """Return what a process said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
