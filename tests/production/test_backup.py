"""A backup comes back whole, with triggers, grants and the rights on the database, or not at all."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors

from tests.production.image import SECRETS, Compose

COPY, RESTORED = "copy", "restored"
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
"""
RIGHTS = """
SELECT relname, acl.grantee::regrole::text, acl.privilege_type FROM pg_class, aclexplode(relacl) AS acl
WHERE relnamespace = 'public'::regnamespace
UNION SELECT relname || '.' || attname, acl.grantee::regrole::text, acl.privilege_type
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl) AS acl
WHERE relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3
"""


class Server:
    """The databases of the running services, and the commands as the backup service runs them."""

    def __init__(self, compose: Compose) -> None:
        self.compose = compose

    def run(self, database: str, *words: str, others: str = "") -> subprocess.CompletedProcess[str]:
        return self.call(database, "manage.py", *words, others=others)

    def call(self, database: str, *words: str, others: str = "") -> subprocess.CompletedProcess[str]:
        """Run Python as the backup service does, against a database; `others` are hosts to ask before."""
        hosts = f"{others}127.0.0.1:{self.compose.postgres.port}"
        where = f"postgres://passline_owner:owner@{hosts}/{database}"
        environment = {
            **self.compose.environment("backup"),
            "DATABASE_URL": where,
            "PG_BINDIR": str(self.compose.postgres.programs.folder),
        }
        return subprocess.run(
            ["env", "python3", *words],
            cwd=self.compose.image.site,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ask(self, query: str, database: str = "passline", role: str = "") -> list[tuple[Any, ...]]:
        url = self.compose.postgres.url(database)
        if role:
            password = SECRETS["OWNER_DB_PASSWORD" if role == "passline_owner" else "APP_DB_PASSWORD"]
            url = f"postgres://{role}:{password}@127.0.0.1:{self.compose.postgres.port}/{database}"
        link = psycopg2.connect(url)
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall() if cursor.description else []
        finally:
            link.close()

    def empty(self, database: str) -> None:
        """Make an empty database as a new machine has it after its roles were made."""
        self.ask(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.ask(f"CREATE DATABASE {database} OWNER passline_owner")
        self.ask("ALTER SCHEMA public OWNER TO passline_owner", database)

    def rows(self, database: str) -> dict[str, int]:
        names = self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database)
        return {name: self.ask(f"SELECT count(*) FROM {name}", database)[0][0] for (name,) in names}


@pytest.fixture(scope="module")
def server(compose: Compose) -> Server:
    """The services, with some rows and a full set of tables."""
    server = Server(compose)
    server.ask("INSERT INTO django_session VALUES ('árvíztűrő', 'x', now()), ('b', 'y', now())")
    return server


@pytest.fixture(scope="module")
def backup(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One backup."""
    done = server.run("passline", "backup", str(tmp_path_factory.mktemp("backups")))
    assert done.returncode == 0, done.stderr
    assert "dumping" in done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def restored(server: Server, backup: Path) -> str:
    """The name of a database into which the backup was restored."""
    server.empty(RESTORED)
    done = server.run(RESTORED, "restore", str(backup))
    assert done.returncode == 0, done.stderr
    return RESTORED


@pytest.fixture
def changed(backup: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the backup that a test may break."""
    yield Path(shutil.copytree(backup, tmp_path / backup.name))


def test_a_backup_comes_back_with_rows_triggers_rights_and_rights_on_the_database(
    server: Server, backup: Path, restored: str
) -> None:
    assert (
        server.rows(restored)
        == server.rows("passline")
        == json.loads((backup / "manifest.json").read_text())["rows"]
    )
    assert sum(server.rows(restored).values()) > 100
    assert server.ask(TRIGGERS, restored) == server.ask(TRIGGERS)
    assert len(server.ask(TRIGGERS, restored)) >= 13
    assert server.ask(RIGHTS, restored) == server.ask(RIGHTS)
    assert server.ask("SELECT session_key FROM django_session ORDER BY 1", restored, "passline_app")
    for forbidden in ("CREATE TEMP TABLE t (a int)", "CREATE TABLE t (a int)", "DELETE FROM exams_score"):
        with pytest.raises(errors.InsufficientPrivilege):
            server.ask(forbidden, restored, "passline_app")
    owners = server.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", restored)
    assert owners == [("passline_owner",)]
    assert server.run(restored, "migrate", "--check").returncode == 0


def test_a_new_table_of_a_restored_database_gives_the_site_nothing(server: Server, restored: str) -> None:
    server.ask("CREATE TABLE fresh (a int)", restored, "passline_owner")
    try:
        with pytest.raises(errors.InsufficientPrivilege):
            server.ask("SELECT * FROM fresh", restored, "passline_app")
    finally:
        server.ask("DROP TABLE fresh", restored, "passline_owner")


def test_the_grants_of_a_restored_database_need_no_change(server: Server, restored: str) -> None:
    before = server.ask(RIGHTS, restored)
    assert any("." in name for name, _, _ in before)
    assert server.call(restored, "-m", "config.grants").returncode == 0
    assert server.ask(RIGHTS, restored) == before


def test_a_backup_from_before_the_classes_of_tables_gets_their_grants(server: Server, restored: str) -> None:
    """As the job `migrate` does after a restore: what that version gave too much is taken away."""
    right = server.ask(RIGHTS, restored)
    for statement in (
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO passline_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO passline_app",
    ):
        server.ask(statement, restored, "passline_owner")
    assert server.ask(RIGHTS, restored) != right
    assert server.call(restored, "-m", "config.grants").returncode == 0
    assert server.ask(RIGHTS, restored) == right
    assert server.ask("SELECT count(*) FROM pg_default_acl", restored) == [(0,)]


def test_the_owner_who_makes_the_backup_can_read_every_table(server: Server) -> None:
    tables = server.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert len(tables) > 30
    for (name,) in tables:
        server.ask(f'SELECT 1 FROM "{name}" LIMIT 1', role="passline_owner")


def test_a_database_with_tables_is_refused_and_left_alone(server: Server, backup: Path) -> None:
    server.empty(COPY)
    server.ask("CREATE TABLE mine (a int)", COPY, "passline_owner")
    done = server.run(COPY, "restore", str(backup))
    assert done.returncode == 3
    assert "has 1 tables already" in done.stderr
    assert server.rows(COPY) == {"mine": 0}


def test_with_replace_the_old_tables_are_gone(server: Server, backup: Path) -> None:
    server.empty(COPY)
    server.ask("CREATE TABLE mine (a int)", COPY, "passline_owner")
    assert server.run(COPY, "restore", str(backup), "--replace").returncode == 0
    assert "mine" not in server.rows(COPY)
    assert server.rows(COPY) == server.rows("passline")


def test_a_changed_archive_is_refused_before_anything_is_done(server: Server, changed: Path) -> None:
    archive = changed / "database.dump"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    server.empty(COPY)
    done = server.run(COPY, "restore", str(changed))
    assert done.returncode == 1
    assert "its check sum differs" in done.stderr
    assert server.rows(COPY) == {}


def test_a_backup_that_lost_a_row_is_rolled_back_whole(server: Server, changed: Path) -> None:
    manifest = json.loads((changed / "manifest.json").read_text())
    manifest["rows"]["django_session"] += 1
    (changed / "manifest.json").write_text(json.dumps(manifest))
    server.empty(COPY)
    server.ask("CREATE TABLE mine (a int)", COPY, "passline_owner")
    done = server.run(COPY, "restore", str(changed), "--replace")
    assert done.returncode == 1
    assert "table django_session has another number of rows" in done.stderr
    assert server.rows(COPY) == {"mine": 0}


def test_a_server_without_the_roles_is_refused_by_name(server: Server, changed: Path) -> None:
    manifest = json.loads((changed / "manifest.json").read_text())
    manifest["grants"].append({"role": "somebody_else", "privilege": "CONNECT"})
    (changed / "manifest.json").write_text(json.dumps(manifest))
    server.empty(COPY)
    done = server.run(COPY, "restore", str(changed))
    assert done.returncode == 3
    assert "no role somebody_else" in done.stderr


def test_dry_runs_change_nothing(server: Server, backup: Path, tmp_path: Path) -> None:
    server.empty(COPY)
    done = server.run(COPY, "restore", str(backup), "--dry-run")
    assert (done.returncode, server.rows(COPY)) == (0, {})
    assert "would restore" in done.stdout
    done = server.run("passline", "backup", str(tmp_path), "--dry-run")
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])
    assert "would copy" in done.stdout


def test_only_the_newest_are_kept_and_broken_ones_go(server: Server, tmp_path: Path, backup: Path) -> None:
    for day in (1, 2, 3):
        shutil.copytree(backup, tmp_path / f"passline-2026110{day}T023000Z")
    (tmp_path / "passline-20261104T023000Z.partial").mkdir()
    (tmp_path / "notes").mkdir()
    done = server.run("passline", "backup", str(tmp_path), "--keep", "2")
    assert done.returncode == 0, done.stderr
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == sorted(["notes", "passline-20261103T023000Z", Path(done.stdout.strip()).name])


def test_a_failed_backup_leaves_nothing_and_says_why(server: Server, tmp_path: Path) -> None:
    done = server.run("nowhere", "backup", str(tmp_path))
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "cannot be reached" in done.stderr


def test_with_several_hosts_a_backup_and_its_restore_find_the_primary(server: Server, tmp_path: Path) -> None:
    dead = "127.0.0.1:9,"
    done = server.run("passline", "backup", str(tmp_path), others=dead)
    assert done.returncode == 0, done.stderr
    server.empty(COPY)
    done = server.run(COPY, "restore", done.stdout.strip(), others=dead)
    assert done.returncode == 0, done.stderr
    assert server.rows(COPY) == server.rows("passline")


def test_nobody_else_can_read_a_backup(backup: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in (backup, *backup.iterdir())} == {0}


@pytest.mark.parametrize("words", [("backup", "/nowhere"), ("backup", "/", "--keep", "0"), ("restore",)])
def test_wrong_usage_has_a_code_of_its_own(server: Server, words: tuple[str, ...]) -> None:
    assert server.run("passline", *words).returncode == 2


def test_rows_written_during_a_backup_do_not_make_it_wrong(server: Server, tmp_path: Path) -> None:
    """The counts and the archive come from one snapshot: a writer who never rests changes neither."""
    writer = subprocess.Popen(
        [
            server.compose.postgres.programs.path("psql"),
            "-qX",
            server.compose.postgres.url(),
            "-c",
            "DO $$ BEGIN FOR i IN 1..1000000 LOOP"
            " INSERT INTO django_session VALUES (gen_random_uuid()::text, 'z', now() + interval '1 day');"
            " COMMIT; PERFORM pg_sleep(0.001); END LOOP; END $$",
        ],
        # The server asks whether anybody still waits for the end of it.
        env={**os.environ, "PGOPTIONS": "-c client_connection_check_interval=100ms"},
    )
    try:
        done = server.run("passline", "backup", str(tmp_path))
        assert writer.poll() is None
    finally:
        writer.terminate()
        writer.wait()
    server.empty(COPY)
    assert server.run(COPY, "restore", done.stdout.strip()).returncode == 0, done.stderr
