"""The whole site as a person meets it: granian, a database with a certification's content, mails as files."""

import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg2
from django.conf import settings as DJANGO
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import BrowserContext, Page

from config import grants
from tests import roles, template
from tests.template import connected_to
from tools.devstack import paths
from tools.devstack.launch import Options, Site
from tools.devstack.processes import Child
from tools.devstack.services import Services

CONTENT = paths.PROJECT / "fixtures" / "mls-c01"
# What the browser, and htmx after it, say about requests that do not get through, as some are meant to.
EXPECTED = (
    "Failed to load resource",
    "net::ERR",
    "htmx:sendError",
    "htmx:afterRequest",
    "Response Status Error Code",
    "An unknown error occurred when fetching the script.",
)
MAIL_SECONDS = 40
LINK = re.compile(r"http://\S+/accounts/\S+")
CODE = re.compile(r"^\d{6}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class House:
    """A running site and the folder of its state."""

    url: str
    folder: Path
    database: str

    def mail_to(self, address: str) -> str:
        """Return the text of the newest mail to an address. Fails when none comes within some seconds."""
        until = time.monotonic() + MAIL_SECONDS
        while not (found := self._newest_to(address)):
            assert time.monotonic() < until, f"no mail to {address}"
            time.sleep(0.1)
        return found

    def _newest_to(self, address: str) -> str:
        for path in sorted((self.folder / "mail").glob("*"), key=os.path.getmtime, reverse=True):
            mail = message_from_bytes(path.read_bytes().split(b"\n-----")[0], policy=policy.default)
            if address in str(mail["To"]):
                text = mail.get_body(("plain",))
                return str(text.get_content()) if text else ""
        return ""

    def link_to(self, address: str) -> str:
        """Return the link in the newest mail to an address."""
        found = LINK.search(self.mail_to(address))
        assert found, "a mail without a link"
        return found.group()

    def code_to(self, address: str) -> str:
        """Return the code in the newest mail to an address."""
        found = CODE.search(self.mail_to(address))
        assert found, "a mail without a code"
        return found.group()


@dataclass
class Person:
    """A person with a browser, who reads the site in one language. `problems` collects what must not be."""

    house: House
    context: BrowserContext
    language: str
    email: str = ""
    problems: list[str] = field(default_factory=list)

    def address(self, path: str) -> str:
        """Return the address of a page in the language of this person."""
        return f"{self.house.url}{'' if self.language == 'en' else f'/{self.language}'}{path}"

    def window(self) -> Page:
        """Open a window that reports script errors, breaches of the CSP and requests to other hosts."""
        page = self.context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(EXPECTED):
            self.problems.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.house.url, "data:", "blob:")):
            self.problems.append(f"foreign request: {url}")


def _sql(settings: dict[str, Any], *statements: str) -> None:
    link = psycopg2.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname="postgres",
    )
    link.autocommit = True
    with link.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    link.close()


def _variables(name: str, folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"HOST", "DEBUG", "SITE_URL"}}
    return {
        **kept,
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "PASSLINE_PROFILE": "development",
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "STATE_DIR": str(folder),
        "PYTHONWARNINGS": "ignore",
        # All people of these tests have one address.
        "SEARCHES_PER_MINUTE": "1000",
    }


def _wait(url: str, log: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), urlopen(f"{url}/health/live", timeout=2) as reply:
            if reply.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(paths.last_lines(log, 40))


def _load_bank(content: Path) -> None:
    """Load a certification, as the site's role does."""
    with roles.logged_in_as_owner():
        call_command("createcachetable")
        grants.apply()
    call_command("load_bank", dir=content, stdout=StringIO())


def _collect(shared: Path, variables: dict[str, str]) -> Path:
    """Return the folder of the static files as they are served: made once for all workers of a run."""
    made, making = shared / "served", shared / "collecting"
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    # Workers that start at once ask for it at once.
    with (shared / "collecting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            environment = {**variables, "STATE_DIR": str(making)}
            subprocess.run(command, cwd=paths.PROJECT, env=environment, check=True, timeout=120)
            (making / "collected").rename(made)
    return made


@contextmanager
def opened(folder: Path, shared: Path, content: Path) -> Iterator[House]:
    """Fill a database with a certification and serve it as `make run` does; throw both away afterwards."""
    settings, port = {**connections.settings["default"], **DJANGO.DATABASE_OWNER}, paths.free_port()
    # Each worker has its own, also in a run that needs no test database, whose name would tell them apart.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    kind = content.name.replace("-", "_")
    name, log = f"{settings['NAME']}_{kind}_{worker}", folder / "web.log"
    variables = _variables(name, folder, port)

    def child(part: str, *command: str) -> Child:
        made = Child(part, command, environment=variables, folder=paths.PROJECT, output=log)
        made.start()
        return made

    (folder / "collected").symlink_to(_collect(shared, variables))
    made = template.filled(kind, partial(_load_bank, content))
    _sql(
        settings,
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f'CREATE DATABASE {name} TEMPLATE "{made}"',
    )
    web = sweep = None
    try:
        with connected_to(name), roles.logged_in_as_owner():
            grants.apply()
        site = Site(Options("127.0.0.1", port, folder), Services(folder, variables), {})
        # One process: what two may do to each other is shown by the fault tests.
        web = child("web", *site.web().command, "--workers", "1")
        sweep = child("sweep", sys.executable, "manage.py", "sweep", "--loop", "--every", "1")
        _wait(f"http://127.0.0.1:{port}", log)
        yield House(f"http://127.0.0.1:{port}", folder, name)
    finally:
        for running in (web, sweep):
            if running:
                running.stop()
        _sql(settings, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
