"""Servers for the fault tests, and the test process connected to them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import F
from pytest_django.plugin import DjangoDbBlocker

from accounts.jobs.models import Job
from config import backups, grants
from config.celery import app
from exams.attempts import grading
from tests import clusters, factories, template
from tests.faults.ledger import Ledger
from tests.faults.links import Inside, Road
from tests.faults.stack import CONTROL, PRISTINE, Stack, Web
from tools.devstack import paths
from tools.devstack.postgres import OWNER, PostgresServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if "tests/faults/" in str(item.path):
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.filterwarnings("ignore:No directory at"))


def point_at(url: str) -> dict[str, Any]:
    """Connect this process to another database; return where it was connected before."""
    parts, settings = urlsplit(url), connections.settings["default"]
    before = {name: settings[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")}
    connections.close_all()
    settings["OPTIONS"].pop("assume_role", None)
    settings.update(
        HOST=parts.hostname,
        PORT=str(parts.port),
        USER=parts.username,
        PASSWORD=parts.password,
        NAME=parts.path.strip("/"),
    )
    return before


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Connect this process to another database within the block."""
    before = point_at(url)
    try:
        yield
    finally:
        connections.close_all()
        connections.settings["default"].update(before)


def copy_tables(server: PostgresServer) -> None:
    """Copy the migrated tables of the other tests, unless the programs at hand cannot read their server."""
    source = {**connections.settings["default"], **settings.DATABASE_OWNER}
    source["NAME"] = template.filled("copied", lambda: None)
    with connected_to(server.url(role=OWNER)):
        target = dict(connections.settings["default"])
    extensions = [f"--extension={name}" for name in backups.EXTENSIONS]
    dump = [server.programs.path("pg_dump"), "--no-owner", "--no-acl", "--no-comments", *extensions]
    dumped = subprocess.run(dump, capture_output=True, check=False, env=backups.variables(source))
    if b"server version mismatch" in dumped.stderr:
        return
    assert not dumped.returncode, dumped.stderr
    psql = [server.programs.path("psql"), "-qX1", "-v", "ON_ERROR_STOP=1"]
    environment = backups.variables(target)
    subprocess.run(psql, input=dumped.stdout, stdout=subprocess.DEVNULL, check=True, env=environment)


def migrate(folder: Path) -> None:
    """Fill the folder with a cluster that has tables. The server may be fast: nothing crashes meanwhile."""
    server = PostgresServer(folder / "postgres", durable=False)
    try:
        server.start()
        copy_tables(server)
        with connected_to(server.url(role=OWNER)):
            call_command("migrate", verbosity=0)
            call_command("createcachetable")
            grants.apply()
        clusters.keep(server, folder)
    finally:
        server.stop()
        paths.remove_data(server.folder)


@pytest.fixture(scope="package")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """A cluster with tables, made once for all workers."""
    with django_db_blocker.unblock():
        return clusters.made_once(tmp_path_factory, "faults-migrated", migrate)


@pytest.fixture(scope="package")
def content() -> dict[str, factories.Form]:
    """The form that everybody sits; filled when the database is made."""
    return {}


def publish_to(broker: str) -> None:
    """Have hints of this process go to a broker, whichever one tests before it have published to."""
    app.conf.update(broker_url=broker)
    # Celery keeps a pool of connections to the first broker that it published to.
    vars(app)["_pool"] = None
    vars(app.amqp)["_producer_pool"] = None


@pytest.fixture(scope="package")
def stack(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
    migrated: Path,
    content: dict[str, factories.Form],
) -> Iterator[Stack]:
    """Durable servers with tables and one form; an untouched copy of the database serves the controls."""
    running = Stack(tmp_path_factory.mktemp("faults"))
    broker = app.conf.broker_url
    with django_db_blocker.unblock():
        before: dict[str, Any] = {}
        try:
            clusters.give(migrated, running.postgres)
            running.start()
            before = point_at(running.postgres.url(role=OWNER))
            publish_to(running.valkey.url())
            content["form"] = factories.make_form()
            connections.close_all()
            running.sql(f"CREATE DATABASE {PRISTINE} TEMPLATE passline OWNER {OWNER}", "postgres")
            yield running
        finally:
            connections.close_all()
            connections.settings["default"].update(before)
            publish_to(broker)
            running.stop()


@pytest.fixture(scope="package")
def site(stack: Stack) -> Web:
    """The web server that all tests share; its workers may be killed, it starts them again."""
    return stack.web()


@pytest.fixture
def form(stack: Stack, content: dict[str, factories.Form]) -> factories.Form:
    """Eight questions in four domains."""
    return content["form"]


@pytest.fixture
def database(stack: Stack) -> str:
    """The address of the database, for its owner."""
    return stack.postgres.url(role=OWNER)


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger."""
    return Ledger()


@pytest.fixture(autouse=True)
def _tidy(stack: Stack) -> Iterator[None]:
    """Leave no process behind but the shared ones, and no connection."""
    kept = list(stack.children)
    yield
    stack.end(*(child for child in stack.children if child not in kept and not child.name.startswith("web-")))
    connections.close_all()


@pytest.fixture
def control(stack: Stack) -> Iterator[str]:
    """A fresh database for a test that takes a protection away; this process is connected to it."""
    stack.sql(f"DROP DATABASE IF EXISTS {CONTROL} WITH (FORCE)", "postgres")
    stack.sql(f"CREATE DATABASE {CONTROL} TEMPLATE {PRISTINE} OWNER {OWNER}", "postgres")
    with connected_to(stack.postgres.url(CONTROL, OWNER)):
        yield stack.postgres.url(CONTROL, OWNER)


def eventually(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def scalar(sql: str, *values: str | int) -> Any:
    """Return one value of the database that this process is connected to."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def lease_ends(job_id: UUID) -> None:
    """Let the lease of a job whose process is dead end: rows are moved, clocks never are."""
    Job.objects.filter(pk=job_id).update(not_before=F("not_before") - timedelta(minutes=2))


@pytest.fixture
def unscored(monkeypatch: pytest.MonkeyPatch) -> Road:
    """A road to a site that closes attempts and leaves each score to a worker."""
    monkeypatch.setattr(grading, "score_at_once", grading.enqueue_score)
    return Inside()


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Iterator[Callable[[object], None]]:
    """Print figures where they are seen, also of a test that passes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def show(figures: object) -> None:
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n   {request.node.name}: {figures}\n")

    yield show
