"""The roles of production: the site's role works with rows, and only with those that it was given."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import errors

from tools.devstack import paths
from tools.devstack.postgres import APP, DATABASE, OWNER, PLAIN, USER, PostgresServer

SQL = Path(__file__).resolve().parents[2] / "config" / "sql"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server whose roles were made twice, the second time with other passwords."""
    server = PostgresServer(tmp_path_factory.mktemp("roles") / "postgres", durable=False)
    server.start()
    try:
        make_roles(server, "old", "old")
        make_roles(server, "own", "app")
        run(server, OWNER, "CREATE TABLE fresh (id serial PRIMARY KEY, a int)")
        yield server
    finally:
        server.stop()
        paths.remove_data(server.folder)


def make_roles(server: PostgresServer, owner_password: str, app_password: str) -> None:
    """Run the script as `docker compose` does."""
    variables = {"database": DATABASE, "owner_password": owner_password, "app_password": app_password}
    sets = [part for name, value in variables.items() for part in ("--set", f"{name}={value}")]
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", USER, "-d", DATABASE]
    subprocess.run(
        [server.programs.path("psql"), "-q", "-X", *where, "--set", "ON_ERROR_STOP=1", *sets, "-f", "-"],
        input=(SQL / "roles.sql").read_bytes(),
        env={**PLAIN, "PGPASSWORD": server.password},
        check=True,
    )


def run(server: PostgresServer, role: str, sql: str) -> None:
    password = {OWNER: "own", APP: "app"}[role]
    link = psycopg2.connect(host="127.0.0.1", port=server.port, dbname=DATABASE, user=role, password=password)
    try:
        with link, link.cursor() as cursor:
            cursor.execute(sql)
    finally:
        link.close()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE other (a int)",
        "CREATE TEMPORARY TABLE other (a int)",
        "CREATE SCHEMA other",
        "ALTER TABLE fresh ADD b int",
        "DROP TABLE fresh",
        "ALTER TABLE fresh DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE passline_owner",
        "SELECT * FROM fresh",
        "INSERT INTO fresh (a) VALUES (1)",
        "UPDATE fresh SET a = 2",
        "DELETE FROM fresh",
        "TRUNCATE fresh",
    ],
)
def test_the_site_cannot_touch_the_schema_nor_a_table_that_nobody_gave_it(
    server: PostgresServer, sql: str
) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedTable)):
        run(server, APP, sql)


def test_a_repeated_script_sets_the_passwords(server: PostgresServer) -> None:
    run(server, APP, "SELECT 1")
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host="127.0.0.1", port=server.port, dbname=DATABASE, user=APP, password="old")
