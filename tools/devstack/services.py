"""The two servers behind the site: those named by the environment, or our own under a state folder."""

import fcntl
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tools.devstack import paths
from tools.devstack.paths import ServiceError
from tools.devstack.postgres import APP, OWNER, PostgresServer
from tools.devstack.processes import Child, Register
from tools.devstack.valkey import ValkeyServer


class StateInUse(ServiceError):
    """Another launcher holds the state folder."""


class Lock:
    """Held by the one launcher that works in a state folder; the kernel lets it go when that process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def take(self) -> None:
        """Take it. Raises StateInUse when another process has it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise StateInUse(
                f"Another Passline already runs in {self.path.parent}. Stop it, or set another STATE_DIR."
            ) from None
        self.file = file

    def release(self) -> None:
        """Let it go."""
        if self.file:
            self.file.close()
            self.file = None


class Services:
    """PostgreSQL and Valkey for one launcher; leaving the `with` block stops what it started.

    `durable=False` is for tests that never crash the database.
    """

    def __init__(self, state: Path, environment: Mapping[str, str], *, durable: bool = True) -> None:
        self.state = state
        self.database_url = environment.get("DATABASE_URL", "")
        self.owner_url = environment.get("DATABASE_OWNER_URL", "")
        self.redis_url = environment.get("REDIS_URL", "")
        self.lock = Lock(state / "lock")
        self.register = Register(state / "processes.json")
        self.postgres = None if self.database_url else PostgresServer(state / "postgres", durable=durable)
        self.valkey = None if self.redis_url else ValkeyServer(state / "valkey")
        self.seconds = 0.0
        self.leftovers: list[str] = []

    def start(self) -> None:
        """Take the state folder and start both. Raises ServiceError."""
        began = time.monotonic()
        self.lock.take()
        self.leftovers = self.register.end_leftovers()
        for server in (self.postgres, self.valkey):
            if server:
                server.start()
        self.remember([])
        self.seconds = time.monotonic() - began

    def remember(self, more: list[Child]) -> None:
        """Write down all children that run, for the next start after a killed launcher."""
        own = [server.child for server in (self.postgres, self.valkey) if server and server.child]
        self.register.write([*own, *more])

    def stop(self) -> None:
        """Stop both, Valkey first."""
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()
        if self.lock.file:
            self.register.path.unlink(missing_ok=True)
            self.lock.release()

    def variables(self) -> dict[str, str]:
        """Return the addresses as environment variables: the site's role, and the owner of the tables.

        A server that the environment names keeps its one role, unless it names an owner too.
        """
        own = self.postgres
        return {
            "DATABASE_URL": own.url(role=APP) if own else self.database_url,
            "DATABASE_OWNER_URL": own.url(role=OWNER) if own else self.owner_url,
            "REDIS_URL": self.valkey.url() if self.valkey else self.redis_url,
            "STATE_DIR": str(self.state),
        }

    def described(self) -> str:
        """Return what runs, in a few words."""
        database = "PostgreSQL by DATABASE_URL"
        if self.postgres:
            database = f"PostgreSQL {self.postgres.programs.version} ({self.postgres.programs.origin})"
        queue = "Redis by REDIS_URL"
        if self.valkey:
            queue = f"Valkey {self.valkey.version} ({self.valkey.origin})"
        return f"{database}, {queue}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def state_folder(default: str, environment: Mapping[str, str] | None = None) -> Path:
    """Return the absolute state folder: STATE_DIR, or a folder of the project."""
    named = (os.environ if environment is None else environment).get("STATE_DIR", "")
    return (Path(named) if named else paths.PROJECT / default).resolve()
