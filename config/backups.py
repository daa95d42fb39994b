"""A backup is a folder with PostgreSQL's own archive and a manifest that says what a restore must find again.

The counts of the manifest and the rows of the archive come from one snapshot of the database, so they agree
whatever is written meanwhile. Rights on the database itself (who may connect, who may make temporary
tables) are in no archive of one database; the manifest has them.
"""

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

ARCHIVE: Final = "database.dump"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
EXTENSIONS: Final = ("pg_trgm",)
"""What migrations make beside tables. The owner of a database may make it: PostgreSQL trusts it."""
NAME: Final = re.compile(r"passline-\d{8}T\d{6}Z")
# What is called so was not finished: `complete` passes it over, and `prune` deletes it.
PARTIAL: Final = ".partial"
CHUNK: Final = 1024 * 1024
Say = Callable[[str], None]


class BackupFailed(Exception):
    """A backup or restore cannot be done or went wrong; the text says what a person can do."""


class RestoreRefused(BackupFailed):
    """Nothing was changed, because what was asked would lose or mix data."""


@dataclass(frozen=True)
class Grant:
    """One right of a role on the database itself; `role` is PUBLIC for everybody."""

    role: str
    privilege: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: origin, check sum, rows by table, roles, rights on the database."""

    format: int
    made_at: str
    server: str
    sha256: str
    bytes: int
    rows: dict[str, int]
    migrations: list[str]
    roles: list[str]
    grants: list[Grant]

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read a folder's manifest. Raises BackupFailed when it is missing, broken or of another format."""
        try:
            facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if facts["format"] != FORMAT:
                raise BackupFailed(
                    f"{folder} was made in format {facts['format']}; this version reads {FORMAT}."
                )
            grants = [Grant(**grant) for grant in facts.pop("grants")]
            return cls(**facts, grants=grants)
        except OSError as error:
            raise BackupFailed(f"{folder} is no backup: {error.strerror}: {error.filename}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BackupFailed(f"{folder / MANIFEST} cannot be read: {error}") from error

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True)
        (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs: in PG_BINDIR, else on PATH. Raises BackupFailed."""
    folder = os.environ.get("PG_BINDIR")
    path = shutil.which(name, path=folder) if folder else shutil.which(name)
    if not path:
        where = f"in PG_BINDIR={folder}" if folder else "on PATH (or set PG_BINDIR)"
        raise BackupFailed(f"{name} was not found {where}. It belongs to PostgreSQL's client programs.")
    return path


def variables(database: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment for PostgreSQL's programs: the password stays out of the list of processes."""
    named = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    connection = {variable: str(database[name]) for variable, name in named.items() if database.get(name)}
    return {
        **os.environ,
        **connection,
        # The site's time limits are for requests, not for copying a whole database.
        "PGOPTIONS": "-c statement_timeout=0",
        "PGCONNECT_TIMEOUT": "10",
        "PGTARGETSESSIONATTRS": session(database),
    }


def session(database: Mapping[str, Any]) -> str:
    """Return which of several hosts is meant: all that connect must come to the same one."""
    return str(database.get("OPTIONS", {}).get("target_session_attrs", "any"))


@contextmanager
def connected(database: Mapping[str, Any]) -> Iterator[Connection]:
    """Connect with no time limits. Raises BackupFailed when no server answers."""
    try:
        link = psycopg2.connect(
            host=database["HOST"],
            port=database["PORT"] or None,
            user=database["USER"],
            password=database["PASSWORD"],
            dbname=database["NAME"],
            connect_timeout=10,
            target_session_attrs=session(database),
        )
    except psycopg2.OperationalError as error:
        raise BackupFailed(f"The database cannot be reached: {str(error).strip()}") from error
    with closing(link):
        yield link


# Statements are text here: a backup reads whatever tables there are, by a connection of its own without
# models.
def ask(link: Connection, query: str | sql.Composable, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with link.cursor() as cursor:
        cursor.execute(query, values or None)
        return list(cursor.fetchall())


def tables(link: Connection) -> list[str]:
    """Return the names of the tables of the site's schema."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    return [str(row[0]) for row in ask(link, query)]


def count_rows(link: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    count = sql.SQL("SELECT count(*) FROM public.{}")
    return {name: int(ask(link, count.format(sql.Identifier(name)))[0][0]) for name in tables(link)}


GRANTS_SQL: Final = """
SELECT CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END, acl.privilege_type
FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl
WHERE datname = current_database() AND acl.grantee <> datdba ORDER BY 1, 2
"""
# Roles that own something or were granted something in the site's schema: they must exist before a restore.
ROLES_SQL: Final = """
SELECT DISTINCT acl.grantee::regrole::text FROM pg_class, aclexplode(relacl) AS acl
WHERE relnamespace = 'public'::regnamespace AND acl.grantee <> 0
UNION SELECT DISTINCT relowner::regrole::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace ORDER BY 1
"""


def database_grants(link: Connection) -> list[Grant]:
    """Return who, beside its owner, has which right on the database itself."""
    return [Grant(*row) for row in ask(link, GRANTS_SQL)]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def create(database: Mapping[str, Any], target: Path, say: Say) -> Path:
    """Make a backup in a new folder below `target` and return that folder.

    It is written under another name and renamed when it is whole. Raises BackupFailed; nothing is left then.
    """
    made_at = dt.datetime.now(dt.UTC)
    folder = target / f"passline-{made_at:%Y%m%dT%H%M%SZ}"
    making = folder.with_name(folder.name + PARTIAL)
    try:
        # It holds answers and addresses: nobody else on this machine may read it.
        making.mkdir(mode=0o700)
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}") from error
    try:
        with connected(database) as link:
            _write(database, link, making, made_at, say)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return folder


def _write(
    database: Mapping[str, Any], link: Connection, folder: Path, made_at: dt.datetime, say: Say
) -> None:
    # All statements of this connection see the database of its first one, and pg_dump is given the same.
    link.set_session(isolation_level="REPEATABLE READ", readonly=True)
    snapshot = str(ask(link, "SELECT pg_export_snapshot()")[0][0])
    archive = folder / ARCHIVE
    say("dumping")
    options = ["--format=custom", "--schema=public", f"--snapshot={snapshot}", f"--file={archive}"]
    # A choice of schemas leaves out extensions, and indexes need theirs.
    options += [f"--extension={name}" for name in EXTENSIONS]
    run([program("pg_dump"), *options], database)
    say(f"dumped {archive.stat().st_size:,} bytes; counting rows")
    rows = count_rows(link)
    migrations = ask(link, "SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    Manifest(
        format=FORMAT,
        made_at=made_at.isoformat(timespec="seconds"),
        server=str(ask(link, "SHOW server_version")[0][0]),
        sha256=digest(archive),
        bytes=archive.stat().st_size,
        rows=rows,
        migrations=[str(row[0]) for row in migrations],
        roles=[str(row[0]) for row in ask(link, ROLES_SQL)],
        grants=database_grants(link),
    ).write(folder)
    for path in folder.iterdir():
        path.chmod(0o600)
    say(f"{sum(rows.values()):,} rows in {len(rows)} tables")


def run(command: Sequence[str], database: Mapping[str, Any]) -> None:
    """Run one of PostgreSQL's programs. Raises BackupFailed with what it said."""
    done = subprocess.run(command, env=variables(database), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{Path(command[0]).name} failed:\n{done.stderr.strip()}")


def complete(target: Path) -> list[Path]:
    """Return the whole backups below a folder, oldest first."""
    return sorted(
        path for path in target.iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).exists()
    )


def prune(target: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups, and what broken tries left; return what was deleted."""
    broken = [path for path in target.iterdir() if NAME.fullmatch(path.name.removesuffix(PARTIAL))]
    whole = complete(target)
    gone = [*whole[:-keep], *(path for path in broken if path not in whole)]
    for path in gone:
        shutil.rmtree(path)
    return gone


def verify(folder: Path) -> Manifest:
    """Check a backup's files and return its manifest. Raises BackupFailed when a byte differs."""
    manifest = Manifest.read(folder)
    archive = folder / ARCHIVE
    if not archive.is_file() or archive.stat().st_size != manifest.bytes:
        raise BackupFailed(f"{archive} is missing or not whole: {manifest.bytes:,} bytes are expected.")
    if digest(archive) != manifest.sha256:
        raise BackupFailed(f"{archive} was changed since it was made: its check sum differs.")
    return manifest


def check_target(link: Connection, manifest: Manifest, *, replace: bool) -> None:
    """Refuse a database that has tables (unless they are replaced), lacks roles, or is too old."""
    present = tables(link)
    if present and not replace:
        raise RestoreRefused(
            f"The database has {len(present)} tables already. Restore into an empty one,"
            " or say --replace to delete them and everything in them first."
        )
    needed = {*manifest.roles, *(grant.role for grant in manifest.grants)} - {"PUBLIC"}
    known = {str(row[0]) for row in ask(link, "SELECT rolname FROM pg_roles")}
    if missing := sorted(needed - known):
        raise RestoreRefused(
            f"The server has no role {', '.join(missing)}. Make them first: config/sql/roles.sql does."
        )
    version = int(str(ask(link, "SHOW server_version_num")[0][0])) // 10000
    if version < int(manifest.server.split(".")[0]):
        raise RestoreRefused(
            f"The backup is from PostgreSQL {manifest.server}, newer than this server ({version})."
        )


def restore(database: Mapping[str, Any], folder: Path, say: Say, *, replace: bool) -> Manifest:
    """Restore a backup in one transaction: when anything fails, the database is as it was before.

    Raises BackupFailed, or its subclass RestoreRefused when nothing was tried.
    """
    manifest = verify(folder)
    say(f"check sum is right; backup of {manifest.made_at}, PostgreSQL {manifest.server}")
    with connected(database) as link:
        check_target(link, manifest, replace=replace)
        before, after = _script(link, manifest)
    say("restoring")
    _pipe(database, folder / ARCHIVE, before, after)
    say(f"{sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables are there again")
    return manifest


def _script(link: Connection, manifest: Manifest) -> tuple[str, str]:
    """Return the SQL around the archive: before, an empty schema; after, checks and rights."""
    name = sql.Identifier(link.info.dbname)
    # The archive makes the schema itself when it is not owned by the superuser, as ours is not.
    before = [sql.SQL("DROP SCHEMA IF EXISTS public CASCADE")]
    after: list[sql.Composable] = [
        sql.SQL(
            "DO $check$ BEGIN IF (SELECT count(*) FROM public.{}) <> {} THEN"
            " RAISE EXCEPTION 'table % has another number of rows than the backup says', {};"
            " END IF; END $check$"
        ).format(sql.Identifier(table), sql.Literal(count), sql.Literal(table))
        for table, count in manifest.rows.items()
    ]
    after.append(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for grant in manifest.grants:
        role = sql.SQL("PUBLIC") if grant.role == "PUBLIC" else sql.Identifier(grant.role)
        # The words come from PostgreSQL's own list, but the file could have been edited.
        if grant.privilege not in {"CONNECT", "CREATE", "TEMPORARY"}:
            raise BackupFailed(f"The manifest names the unknown right {grant.privilege!r}.")
        privilege = sql.SQL(grant.privilege)
        after.append(sql.SQL("GRANT {} ON DATABASE {} TO {}").format(privilege, name, role))
    return _joined(link, before), _joined(link, after)


def _joined(link: Connection, statements: Sequence[sql.Composable]) -> str:
    return "".join(f"{statement.as_string(link)};\n" for statement in statements)


def _pipe(database: Mapping[str, Any], archive: Path, before: str, after: str) -> None:
    """Let psql run the archive's SQL between ours, all in one transaction."""
    writer = subprocess.Popen(
        [program("pg_restore"), "--no-owner", "--file=-", str(archive)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    reader = subprocess.Popen(
        [
            program("psql"),
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            "--file=-",
        ],
        env=variables(database),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if writer.stdout is None or writer.stderr is None or reader.stdin is None or reader.stderr is None:
        raise BackupFailed("no pipes")
    try:
        reader.stdin.write(before.encode())
        shutil.copyfileobj(writer.stdout, reader.stdin, CHUNK)
        if writer.wait():
            # Without its end the transaction is not committed.
            reader.kill()
            raise BackupFailed(f"pg_restore failed:\n{writer.stderr.read().decode().strip()}")
        reader.stdin.write(after.encode())
        reader.stdin.close()
    except BrokenPipeError:
        writer.kill()
    error = reader.stderr.read().decode().strip()
    if reader.wait():
        raise BackupFailed(f"psql failed, and nothing was changed:\n{error}")
