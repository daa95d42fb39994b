"""A synchronous standby on the same machine: what saves wait for, and cost, when two servers hold them."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg2

from tests.bench.servers import Broken
from tools.devstack import paths
from tools.devstack.postgres import PLAIN, USER, find_programs
from tools.devstack.processes import Child

NAME: Final = "bench_standby"
SECONDS: Final = 60.0


@contextmanager
def synchronous(folder: Path) -> Iterator[Child]:
    """Copy the running server, let the copy follow it, and let each commit wait for it, within the block."""
    url = urlsplit(os.environ["DATABASE_URL"])
    superuser = psycopg2.connect(url._replace(netloc=f"{USER}:{url.password}@127.0.0.1:{url.port}").geturl())
    superuser.autocommit = True
    command = _command(_copied(folder))
    log = paths.data_home(folder) / "log"
    standby = Child(
        "standby",
        command,
        environment=PLAIN,
        folder=Path("/"),
        user=paths.server_account(),
        output=log,
        stop_signal=signal.SIGINT,
    )
    standby.start()
    try:
        with superuser.cursor() as cursor:
            _follow(cursor)
            yield standby
            _wait_for(cursor, "")
    finally:
        superuser.close()
        standby.stop()


def _copied(folder: Path) -> Path:
    url = urlsplit(os.environ["DATABASE_URL"])
    data = paths.data_home(folder) / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if account := paths.server_account():
        os.chown(data, *account)
    source = f"host=127.0.0.1 port={url.port} user={USER} password={url.password} application_name={NAME}"
    program = find_programs().path("pg_basebackup")
    copy = [program, "-D", str(data), "--checkpoint=fast", "--write-recovery-conf", "-d", source]
    user, group = paths.server_account() or (None, None)
    done = subprocess.run(
        copy,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=PLAIN,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
    )
    if done.returncode:
        raise Broken(f"the standby was not copied:\n{done.stderr}")
    return data


def _command(data: Path) -> list[str]:
    options = [f"port={paths.free_port()}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
    more = ["max_connections=200", "shared_preload_libraries="]
    return [
        find_programs().path("postgres"),
        "-D",
        str(data),
        *[part for option in (*options, *more) for part in ("-c", option)],
    ]


def _follow(cursor: psycopg2.extensions.cursor) -> None:
    """Let commits wait for the standby once it follows. Raises Broken when it does not within a minute."""
    _wait_for(cursor, NAME)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        cursor.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
        if cursor.fetchone():
            return
        time.sleep(0.2)
    raise Broken("the standby does not follow")


def _wait_for(cursor: psycopg2.extensions.cursor, name: str) -> None:
    cursor.execute("ALTER SYSTEM SET synchronous_standby_names = %s", [name])
    cursor.execute("SELECT pg_reload_conf()")
