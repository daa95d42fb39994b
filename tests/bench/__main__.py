"""`python -m tests.bench`: an empty database on the server that DATABASE_URL names, then the run.

Instead of that `python -m tests.bench large` measures the statistics of a large edition, `neighbors` the
saves beside busy neighbors, `herd` how many people a machine holds, `growth` what years of answers cost.

Where the environment names an owner of the tables (DATABASE_OWNER_URL), the owner makes the database and the
site works as the owner: the site's own role may not make any.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg2
from django.utils.module_loading import import_string

NAME = "passline_bench"
DROP_SECONDS = 30
ALONE = ("large", "neighbors", "herd", "growth")


@contextmanager
def empty_database(url: str) -> Iterator[str]:
    """Make an empty database beside the named one, yield its address, and drop it in the end."""
    server = psycopg2.connect(url)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            _drop(cursor)
            cursor.execute(f"CREATE DATABASE {NAME}")
        yield urlsplit(url)._replace(path=f"/{NAME}").geturl()
        with server.cursor() as cursor:
            _drop(cursor)
    finally:
        server.close()


def _drop(cursor: psycopg2.extensions.cursor) -> None:
    """Drop the database. A worker of autovacuum, which the owner may not end, is waited for."""
    until = time.monotonic() + DROP_SECONDS
    while True:
        try:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        except psycopg2.errors.InsufficientPrivilege:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
        else:
            return


def main() -> int:
    """Prepare the environment: settings as of a running site, a folder of its own, then measure."""
    folder = Path(os.environ.get("STATE_DIR", ".test")).resolve() / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "metrics").mkdir(parents=True)
    owner = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    with empty_database(owner) as url:
        os.environ.update(
            DATABASE_URL=url,
            STATE_DIR=str(folder),
            PASSLINE_PROFILE="development",
            DEBUG="0",
            DJANGO_SETTINGS_MODULE="config.settings",
            PROMETHEUS_MULTIPROC_DIR=str(folder / "metrics"),
        )
        django.setup()
        run = sys.argv[1] if sys.argv[1:] in [[name] for name in ALONE] else "run"
        code: int = import_string(f"tests.bench.{run}.main")()
    return code


if __name__ == "__main__":
    sys.exit(main())
