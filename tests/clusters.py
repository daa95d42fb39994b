"""PostgreSQL clusters that one worker of a run fills and every worker copies: seconds become tenths."""

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tools.devstack import paths
from tools.devstack.postgres import PostgresServer

PARTS: Final = ("data", "password", "roles")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder that `make` has filled: by whichever worker comes first, the others wait for it."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    folder.mkdir(exist_ok=True)
    made = folder / "made"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make(folder)
            made.touch()
    return folder


def keep(server: PostgresServer, folder: Path) -> None:
    """Stop the server and copy its cluster into the folder."""
    server.stop()
    _copy(server.home, folder)


def give(folder: Path, server: PostgresServer) -> None:
    """Copy a cluster that was kept to where a server that has not begun looks for its own."""
    _copy(folder, paths.data_home(server.folder))


def _copy(source: Path, target: Path) -> None:
    # Owners and rights with it: the server refuses data that others can read.
    subprocess.run(["cp", "-a", *(str(source / part) for part in PARTS), str(target)], check=True)
