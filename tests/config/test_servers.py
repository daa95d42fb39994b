"""Both servers for real: started, broken, started again, stopped, and gone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tools.devstack import paths, processes
from tools.devstack.postgres import PostgresServer
from tools.devstack.valkey import ValkeyServer


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path_factory.mktemp("servers") / "postgres")
    yield server
    server.stop()
    paths.remove_data(server.folder)


@pytest.fixture
def database(cluster: PostgresServer) -> PostgresServer:
    if cluster.child is None or not cluster.child.running:
        cluster.start()
    return cluster


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(tmp_path / "valkey")
    server.start()
    yield server
    server.thaw()
    server.stop()


def ask(server: PostgresServer, sql: str) -> list[tuple[object, ...]]:
    link = psycopg2.connect(server.url())
    try:
        with link, link.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        link.close()


def test_the_database_keeps_every_safety(database: PostgresServer) -> None:
    rows = ask(database, "SELECT name, setting FROM pg_settings")
    settings = {str(name): setting for name, setting in rows}
    assert {settings[name] for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}
    assert settings["jit"] == "off"
    assert settings["listen_addresses"] == "127.0.0.1"


def test_letters_beyond_ascii_have_an_upper_case(database: PostgresServer) -> None:
    assert ask(database, "SELECT upper('árvíztűrő')") == [("ÁRVÍZTŰRŐ",)]


def test_a_committed_row_survives_a_crash_and_the_address_stays(database: PostgresServer) -> None:
    ask(database, "CREATE TABLE kept (a int)")
    ask(database, "INSERT INTO kept VALUES (7)")
    before = database.url()
    database.kill()
    with pytest.raises(psycopg2.OperationalError):
        ask(database, "SELECT 1")
    database.start()
    assert database.url() == before
    assert ask(database, "SELECT a FROM kept") == [(7,)]


def test_a_wrong_password_does_not_get_in(database: PostgresServer) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(database.url().replace(database.password, "guess"))


def test_nobody_else_can_read_the_password(database: PostgresServer) -> None:
    assert (database.home / "password").stat().st_mode & 0o077 == 0
    assert database.data.stat().st_mode & 0o077 == 0


def test_stopping_leaves_no_process(database: PostgresServer, queue: ValkeyServer) -> None:
    assert database.child is not None
    assert queue.child is not None
    pids = [database.child.pid, queue.child.pid, *processes.children_of(database.child.pid)]
    assert all(processes.start_time_of(pid) for pid in pids)
    database.stop()
    queue.stop()
    assert [pid for pid in pids if processes.start_time_of(pid)] == []


def test_a_state_folder_that_was_thrown_away_takes_the_data_with_it(database: PostgresServer) -> None:
    ask(database, "CREATE TABLE gone (a int)")
    database.stop()
    shutil.rmtree(database.folder)
    database.start()
    assert ask(database, "SELECT to_regclass('gone')") == [(None,)]


def test_a_fast_server_for_tests_still_commits_synchronously(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "fast", durable=False)
    server.start()
    try:
        asked = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        assert ask(server, asked) == [("off", "on")]
    finally:
        server.stop()
        paths.remove_data(tmp_path / "fast")


def test_the_queue_keeps_its_data_over_a_restart_and_loses_it_when_flushed(queue: ValkeyServer) -> None:
    redis.Redis.from_url(queue.url()).set("a", "1")
    queue.restart()
    assert redis.Redis.from_url(queue.url()).get("a") == b"1"
    queue.flush()
    assert redis.Redis.from_url(queue.url()).get("a") is None


def test_a_frozen_queue_answers_nobody_until_it_is_thawed(queue: ValkeyServer) -> None:
    client = redis.Redis.from_url(queue.url(), socket_timeout=0.3)
    client.ping()
    queue.freeze()
    with pytest.raises(redis.exceptions.TimeoutError):
        client.ping()
    queue.thaw()
    assert queue.command("PING") == "+PONG"


def test_the_queue_asks_for_its_password(queue: ValkeyServer) -> None:
    # It would ask again and again, with pauses of seconds.
    asking = redis.Redis(port=queue.port, retry=Retry(NoBackoff(), 0))
    with pytest.raises(redis.exceptions.AuthenticationError):
        asking.ping()
