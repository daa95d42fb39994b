"""One migrated database, made once, that the test databases are copies of: each copy takes 0.1 s, not 8.

Its name tells what it was made from, so another migration means another one.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2.extensions import cursor

from tests import caches, roles
from tools.devstack import paths

PREFIX = "passline_migrated_"
# Workers that start at once ask for it at once.
LOCK = 740_011


def digest() -> str:
    """Return what the migrations and packages of this checkout come to."""
    folders = {paths.PROJECT / "config" / "sql"}
    folders |= {Path(app.path) / "migrations" for app in apps.get_app_configs()}
    # The tables' triggers are made by code that the migrations call.
    named = {paths.PROJECT / "accounts" / "base" / "tables.py"}
    files = sorted(named | {file for folder in folders for file in folder.glob("*.*") if file.is_file()})
    content = hashlib.sha256((paths.PROJECT / "requirements-dev.txt").read_bytes())
    for file in files:
        content.update(file.name.encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:16]


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Connect this process to another database of the same server, whose numbers mean other content."""
    default = connections.settings["default"]
    before = default["NAME"]
    connections.close_all()
    default["NAME"] = name
    caches.forget_content()
    try:
        yield
    finally:
        connections.close_all()
        default["NAME"] = before
        caches.forget_content()


def filled(kind: str, fill: Callable[[], None]) -> str:
    """Return the name of a migrated database in which `fill` has worked: once for all workers of a run."""
    name = f"{PREFIX}{kind}_{os.environ.get('PYTEST_XDIST_TESTRUNUID') or os.getpid()}"
    migrated = ready()
    with _administered() as owner:
        there = _made(owner)
        if name not in there:
            for old in (one for one in there if one.startswith(PREFIX + kind)):
                owner.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            making = f"{PREFIX}{kind}_making"
            owner.execute(f'CREATE DATABASE "{making}" TEMPLATE "{migrated}"')
            with connected_to(making):
                fill()
            owner.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
    return name


@contextmanager
def _administered() -> Iterator[cursor]:
    """Give a cursor of the owner that holds the lock: whoever else wants to make one waits."""
    default = {**connections.settings["default"], **settings.DATABASE_OWNER}
    named = {key: default[key.upper()] for key in ("host", "port", "user", "password")}
    with closing(psycopg2.connect(dbname="postgres", **named)) as link, link.cursor() as owner:
        link.autocommit = True
        owner.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield owner


def _made(owner: cursor) -> set[str]:
    owner.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return {row[0] for row in owner.fetchall()}


def ready() -> str:
    """Return the name of the migrated database, making it where there is none. Nobody may work in it."""
    name = PREFIX + digest()
    with _administered() as owner:
        there = _made(owner)
        if name not in there:
            # Under another name until it is whole.
            making = f"{PREFIX}making"
            for old in there:
                owner.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            owner.execute(f'CREATE DATABASE "{making}"')
            with connected_to(making), roles.logged_in_as_owner():
                call_command("migrate", verbosity=0)
            owner.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
    return name
