"""The app's own role in production: it works with rows, but changes no schema and deletes no history."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import errors

from config.devstack import paths
from config.devstack.postgres import DATABASE, PLAIN, USER, PostgresServer

SQL = Path(__file__).resolve().parents[2] / "config" / "sql"
HISTORY = (
    "exams_attempt",
    "exams_answerevent",
    "exams_refusedanswer",
    "exams_score",
    "exams_attemptaudit",
    "exams_paper",
)
TABLES = (*HISTORY, "django_session", "django_migrations")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path_factory.mktemp("roles") / "postgres", durable=False)
    server.start()
    try:
        variables = {"database": DATABASE, "owner_password": "own", "app_password": "app"}
        sets = [part for name, value in variables.items() for part in ("--set", f"{name}={value}")]
        where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", USER, "-d", DATABASE]
        subprocess.run(
            [server.programs.path("psql"), "-q", "-X", *where, "--set", "ON_ERROR_STOP=1", *sets, "-f", "-"],
            input=(SQL / "roles.sql").read_bytes(),
            env={**PLAIN, "PGPASSWORD": server.password},
            check=True,
        )
        for table in TABLES:
            run(server, "passline_owner", f"CREATE TABLE {table} (id serial PRIMARY KEY, a int)")
        run(server, "passline_owner", (SQL / "grants.sql").read_text(encoding="utf-8"))
        yield server
    finally:
        server.stop()
        paths.forget(server.folder)


def run(server: PostgresServer, role: str, sql: str) -> None:
    password = {"passline_owner": "own", "passline_app": "app"}[role]
    link = psycopg2.connect(host="127.0.0.1", port=server.port, dbname=DATABASE, user=role, password=password)
    try:
        with link, link.cursor() as cursor:
            cursor.execute(sql)
    finally:
        link.close()


@pytest.mark.parametrize("table", HISTORY)
def test_the_app_writes_history_and_cannot_delete_it(server: PostgresServer, table: str) -> None:
    run(server, "passline_app", f"INSERT INTO {table} (a) VALUES (1); UPDATE {table} SET a = 2")
    for sql in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(errors.InsufficientPrivilege):
            run(server, "passline_app", sql)


def test_the_app_deletes_what_is_not_history(server: PostgresServer) -> None:
    run(server, "passline_app", "INSERT INTO django_session (a) VALUES (1); DELETE FROM django_session")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE other (a int)",
        "ALTER TABLE exams_score ADD b int",
        "DROP TABLE exams_score",
        "ALTER TABLE exams_score DISABLE TRIGGER ALL",
        "CREATE TEMPORARY TABLE other (a int)",
        "INSERT INTO django_migrations (a) VALUES (1)",
        "DELETE FROM django_migrations",
    ],
)
def test_the_app_cannot_touch_the_schema(server: PostgresServer, sql: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        run(server, "passline_app", sql)


def test_a_new_table_can_be_written_but_not_emptied_until_the_grants_run(server: PostgresServer) -> None:
    run(server, "passline_owner", "CREATE TABLE fresh (id serial PRIMARY KEY, a int)")
    run(server, "passline_app", "INSERT INTO fresh (a) VALUES (1)")
    with pytest.raises(errors.InsufficientPrivilege):
        run(server, "passline_app", "DELETE FROM fresh")
    run(server, "passline_owner", (SQL / "grants.sql").read_text(encoding="utf-8"))
    run(server, "passline_app", "DELETE FROM fresh")
