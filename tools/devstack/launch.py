"""`make run`: servers, preparation, then web, worker and beat, watched until Ctrl-C."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from tools.devstack import paths, stamps
from tools.devstack.paths import ServiceError
from tools.devstack.processes import Child, end_with_parent
from tools.devstack.services import Services, state_folder

READY_SECONDS: Final = 45.0
ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BACK_OFF_SECONDS: Final = 1.0
FAILURES: Final = 4
WINDOW_SECONDS: Final = 60.0
STAMPS: Final = "stamps.json"
SECRET_KEY: Final = "secret_key"
ROLE_WIDTH: Final = 24
HEADLINES: Final = {
    "messages": "compiling translations",
    "database": "migrating the database",
    "static": "collecting static files",
    "content": "loading exams",
    "demo": "making demo accounts",
}
CODE: Final = tuple(f"{package}/**/*.py" for package in ("accounts", "exams", "flashcards", "i18n"))
# Whole packages, because what a step reads of them is not known here: a step too many costs seconds.
INPUTS: Final = {
    "messages": ("i18n/locale/**/*.po", "tools/messages.py"),
    "database": (
        "*/migrations/*.py",
        "*/migrations/*.sql",
        "*/*/models.py",
        "accounts/base/tables.py",
        "accounts/roles/*.py",
        "exams/admin/account_hooks.py",
        "config/grants.py",
        "requirements.txt",
    ),
    "static": ("static/**/*", "requirements.txt", "config/settings.py", "config/static.py"),
    "content": ("fixtures/**/*", *CODE, "config/settings.py", "requirements.txt"),
    "demo": ("fixtures/demo.yaml", "fixtures/products.yaml", *CODE),
}
# As in the Dockerfile. Threads are many because each waits for the body of its request, see config.server.
# Backpressure counts open connections: each process takes that many and closes idle ones after 30 s.
GRANIAN: Final = (
    "--interface wsgi --workers 2 --blocking-threads 448 --backpressure 800 "
    "--http1-header-read-timeout 30000 --no-ws"
)
LOCK: Final = threading.Lock()


class Stopped(BaseException):
    """Somebody asked the launcher to end."""


@dataclass(frozen=True)
class Options:
    """What the environment asks for: where to listen, where to keep things."""

    host: str
    port: int
    state: Path

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return f"http://localhost:{self.port}"


def read_options(environment: Mapping[str, str]) -> Options:
    """Read HOST, PORT, STATE_DIR and PASSLINE_PROFILE. Raises ServiceError on a bad value."""
    profile = environment.get("PASSLINE_PROFILE") or "development"
    if profile != "development":
        raise ServiceError(
            f"`make run` is for the development profile, not {profile!r}: see README for production."
        )
    raw = environment.get("PORT") or "8000"
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise ServiceError(f"PORT must be a number from 1 to 65535, not {raw!r}.")
    return Options(environment.get("HOST") or "127.0.0.1", int(raw), state_folder(".run", environment))


def check_port(options: Options) -> None:
    """Raise ServiceError when somebody already listens at the port."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise ServiceError(
                f"Port {options.port} of {options.host} cannot be used ({error.strerror}). Set another PORT."
            ) from None


def say(text: str = "", end: str = "\n") -> None:
    """Print at once, whole lines never mixed; a reader who has gone away changes nothing."""
    with LOCK, contextlib.suppress(OSError, ValueError):
        print(text, end=end, flush=True)


def wanted_digests(options: Options, cluster: str) -> dict[str, str]:
    """Return for each step of the preparation the digest of what it is made from."""
    root = paths.PROJECT
    extra = {"database": cluster, "content": cluster, "demo": f"{cluster} {options.url}"}
    return {
        name: stamps.digest(root, patterns, str(options.state), extra.get(name, ""))
        for name, patterns in INPUTS.items()
    }


def missing_results(options: Options) -> list[str]:
    """Return the steps whose result was removed by hand."""
    missing = [] if (options.state / "collected" / "staticfiles.json").exists() else ["static"]
    if not (options.state / "demo.json").exists():
        missing.append("demo")
    catalogs = (paths.PROJECT / "i18n" / "locale").glob("*/LC_MESSAGES/*.po")
    if not all(path.with_suffix(".mo").exists() for path in catalogs):
        missing.append("messages")
    return missing


@dataclass
class Watched:
    """A child with its recent failures."""

    child: Child
    failures: deque[float] = field(default_factory=deque)

    def failed(self, now: float) -> bool:
        """Note a failure; say whether there were too many within a minute."""
        self.failures.append(now)
        while self.failures and now - self.failures[0] > WINDOW_SECONDS:
            self.failures.popleft()
        return len(self.failures) >= FAILURES


class Site:
    """The whole site while it runs."""

    def __init__(self, options: Options, services: Services, environment: Mapping[str, str]) -> None:
        self.options = options
        self.services = services
        self.base = dict(environment)
        self.watched: list[Watched] = []

    def environment(self) -> dict[str, str]:
        """Return the variables that every process of the site gets."""
        metrics = self.options.state / "metrics"
        return {
            **self.base,
            **self.services.variables(),
            "PASSLINE_PROFILE": "development",
            "SECRET_KEY": self.base.get("SECRET_KEY") or secret_key(self.options.state),
            "PORT": str(self.options.port),
            "HOST": self.options.host,
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }

    def prepare(self) -> None:
        """Do the steps whose inputs changed, all in one process. Raises ServiceError when one fails."""
        own = self.services.postgres
        done = stamps.Stamps(self.options.state / STAMPS)
        wanted = wanted_digests(self.options, own.password if own else "")
        redo = {"database", "content", "demo"} if own is None else set()
        pending = done.pending(wanted)
        names = [n for n in INPUTS if n in pending or n in redo or n in missing_results(self.options)]
        if not names:
            return
        command = [sys.executable, "-m", "tools.devstack.prepare", *names]
        parent = os.getpid()
        process = subprocess.Popen(
            command,
            cwd=paths.PROJECT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(parent, signal.SIGTERM),
        )
        try:
            self._follow(process, done, wanted)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode:
            raise ServiceError("\nThe preparation failed: the lines above say why.")

    @staticmethod
    def _follow(process: subprocess.Popen[str], done: stamps.Stamps, wanted: dict[str, str]) -> None:
        for line in process.stdout or ():
            kind, _, rest = line.strip().partition(" ")
            if kind == ">":
                say(f"  {HEADLINES[rest]:<28}", end="")
            elif kind == "=":
                name, seconds = rest.split()
                done.set(name, wanted[name])
                say(f"{seconds:>6} s")
        process.wait()

    def _child(self, name: str, command: list[str], seconds: float, **variables: str) -> Child:
        return Child(
            name,
            [sys.executable, "-m", *command],
            environment={**self.environment(), **variables},
            folder=paths.PROJECT,
            output=lambda line: say(f"{name:<6} | {line}"),
            stop_seconds=seconds,
        )

    def web(self) -> Child:
        """The web server, with the options of production."""
        restart = "--respawn-failed-workers --workers-kill-timeout 5s --log-level error"
        where = ["--host", self.options.host, "--port", str(self.options.port)]
        command = ["granian", *GRANIAN.split(), *restart.split(), *where, "config.wsgi:application"]
        return self._child("web", command, 8.0)

    def worker(self, queues: str = "score,mail", name: str = "worker") -> Child:
        """A worker of some queues: quick work, or `slow` work, behind which nobody waits for a score."""
        options = "-q -A config.celery worker -c 1 --without-gossip --without-mingle -l WARNING"
        command = ["celery", *options.split(), "-Q", queues, "-n", f"{name}@%h"]
        return self._child(name, command, 10.0, CELERY_WORKER="1")

    def beat(self) -> Child:
        """The clock, which sends the sweep."""
        schedule = str(self.options.state / "beat")
        options = ["-q", "-A", "config.celery", "beat", "-l", "WARNING", "--pidfile=", "--schedule", schedule]
        return self._child("beat", ["celery", *options], 5.0)

    def start(self, child: Child) -> None:
        """Start a child and watch it from now on."""
        self.watched.append(Watched(child))
        child.start()
        self.remember()

    def remember(self) -> None:
        """Write down what runs."""
        self.services.remember([watched.child for watched in self.watched])

    def wait_until_ready(self) -> None:
        """Wait for the first good answer of the web server. Raises ServiceError when none comes."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            self.supervise()
            if is_answering(self.options):
                return
            time.sleep(0.05)
        raise ServiceError(f"The web server gives no good answer at {self.options.url}/health/live.")

    def supervise(self) -> None:
        """Start again what ended by itself. Raises ServiceError when something fails again and again."""
        for watched in self.watched:
            if not watched.child.running:
                self._restart(watched)
        for server in (self.services.postgres, self.services.valkey):
            if server and server.child and not server.child.running:
                say(f"{server.child.name} ended (code {server.child.code}); starting it again")
                server.start()
                self.remember()

    def _restart(self, watched: Watched) -> None:
        child = watched.child
        # Its own children may still live, and hold its port.
        child.kill()
        if watched.failed(time.monotonic()):
            raise ServiceError(f"{child.name} ended {FAILURES} times within a minute: giving up.")
        say(f"{child.name} ended (code {child.code}); starting it again")
        time.sleep(BACK_OFF_SECONDS)
        child.start()
        self.remember()

    def stop(self) -> None:
        """Ask all children at once, then wait for each."""
        for watched in self.watched:
            watched.child.ask_to_stop()
        for watched in self.watched:
            watched.child.stop()


def secret_key(state: Path) -> str:
    """Return the key that signs leases and sessions, made once for a state folder.

    The one in the settings is public, and with it anybody could write into a running exam.
    """
    file = state / SECRET_KEY
    if not file.exists():
        paths.write_private(file, secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii")


def is_answering(options: Options) -> bool:
    """Say whether the web server gives an answer that is not an error of its own."""
    host = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host
    link = http.client.HTTPConnection(host, options.port, timeout=10)
    try:
        link.request("GET", "/health/live", headers={"Host": f"localhost:{options.port}"})
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def show_accounts(options: Options) -> None:
    """Print the demo accounts."""
    facts = json.loads((options.state / "demo.json").read_text(encoding="utf-8"))
    say("\n  Demo accounts (also in demo.json of the state folder):")
    for account in facts["accounts"]:
        secret = account.get("totp_secret", "")
        code = f"  authenticator secret: {secret}" if secret else ""
        say(f"    {account['role']:<{ROLE_WIDTH}} {account['email']:<32} {account['password']}{code}")
    if codes := facts.get("vouchers"):
        say("\n  Voucher codes, each of which gives access once:")
        for code in codes:
            say(f"    {code}")


def on_signal(number: int, frame: FrameType | None) -> None:
    """Turn the first request to end into an exception."""
    ignore_signals()
    raise Stopped


def ignore_signals() -> None:
    """Stopping takes a bounded time, so further requests to end change nothing."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def listen_to_signals() -> None:
    """Make Ctrl-C, SIGTERM and a closed terminal end the launcher in order."""
    for number in ENDING:
        signal.signal(number, on_signal)


def serve(options: Options) -> int:
    """Run the site until somebody stops it; return the exit code."""
    check_port(options)
    say(f"Passline, development; state in {options.state}")
    services = Services(options.state, os.environ)
    site = Site(options, services, os.environ)
    code = 0
    try:
        bring_up(options, services, site)
        while True:
            site.supervise()
            time.sleep(0.2)
    except Stopped:
        say("\nStopping …")
    except ServiceError as error:
        say(f"\n{error}")
        code = 1
    finally:
        # A second Ctrl-C must not leave half of the processes behind.
        ignore_signals()
        ended = time.monotonic()
        site.stop()
        services.stop()
        say(f"Stopped after {time.monotonic() - ended:.1f} s.")
    return code


def bring_up(options: Options, services: Services, site: Site) -> None:
    """Start everything in order, saying how far it is; the address comes last. Raises ServiceError."""
    began = time.monotonic()
    say(f"  {'starting servers':<28}", end="")
    services.start()
    say(f"{services.seconds:6.1f} s  {services.described()}")
    for name in services.leftovers:
        say(f"  stopped a left-over {name} of an earlier run")
    site.prepare()
    empty_metrics(options.state / "metrics")
    say(f"  {'starting the web server':<28}", end="")
    started = time.monotonic()
    site.start(site.web())
    site.wait_until_ready()
    site.start(site.worker())
    site.start(site.worker("slow", "slow"))
    site.start(site.beat())
    say(f"{time.monotonic() - started:6.1f} s")
    show_accounts(options)
    say(f"\n  Ready after {time.monotonic() - began:.1f} s. Ctrl-C stops everything.\n\n{options.url}")


def empty_metrics(folder: Path) -> None:
    """Make the folder of the metrics, without the files of processes that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        path.unlink()
