"""A full disk: readiness says so, as saves do, and ends saying so when there is space again."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from config import health
from tests.faults.conftest import eventually, point_at, scalar
from tools.devstack import paths
from tools.devstack.postgres import PostgresServer

SIZE = "220m"
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk"),
    pytest.mark.thorough,
]


@pytest.fixture
def small(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[PostgresServer]:
    """A server whose data folder is a small disk of its own, and this process connected to it."""
    folder = tmp_path / "postgres"
    home = paths.data_home(folder)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(home)], check=True)
    server = PostgresServer(folder, durable=True)
    try:
        paths.write_private(home / paths.KEY_FILE, (folder / paths.KEY_FILE).read_text("ascii"))
        server.start()
        with django_db_blocker.unblock():
            before = point_at(server.url())
            try:
                yield server
            finally:
                connection.close()
                connection.settings_dict.update(before)
    finally:
        server.stop()
        subprocess.run(["umount", str(home)], check=True)
        paths.remove_data(folder)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    block = b"x" * 65536
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            pass
        try:
            while True:
                file.write(b"x")
        except OSError:
            pass


def save(server: PostgresServer) -> None:
    """Append rows as saves do, enough for a new page of the table."""
    link = psycopg2.connect(server.url())
    try:
        with link, link.cursor() as cursor:
            cursor.execute("INSERT INTO answers SELECT repeat('x', 1000) FROM generate_series(1, 2000)")
    finally:
        link.close()


def look(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ask for the reasons as if the last look were long ago."""
    monkeypatch.setattr(health, "_space_seen_at", -health.SPACE_SECONDS)
    return health._reasons()


def test_a_full_disk_makes_it_unready_until_there_is_space(
    small: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE answers (a text)")
        cursor.execute("CHECKPOINT")
    assert look(monkeypatch) == []
    filler = small.home / "filler"
    fill(filler)
    assert look(monkeypatch) == ["the disk of the database is full"]
    with pytest.raises(psycopg2.Error, match="No space left on device"):
        save(small)
    assert look(monkeypatch) == ["the disk of the database is full"]
    filler.unlink()
    assert look(monkeypatch) == []
    save(small)


def test_a_look_for_space_writes_a_temporary_file_and_leaves_nothing(
    small: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health._has_space()
    monkeypatch.setattr(health, "_space_seen_at", -health.SPACE_SECONDS)
    assert health._has_space()
    # Statistics of a session are whole when it has ended.
    connection.close()
    spilled = "SELECT temp_files >= 2 AND temp_bytes >= 2000000 FROM pg_stat_database"
    eventually(lambda: scalar(f"{spilled} WHERE datname = current_database()"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_ls_tmpdir()")
        assert cursor.fetchone() == (0,)


def test_a_look_is_not_repeated_for_some_seconds(
    small: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(monkeypatch) in ([], ["migrations are waiting"])
    fill(small.home / "filler")
    assert health._has_space()
