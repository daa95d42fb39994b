"""Folders and small facts that both servers need: where root may keep data, free ports, who runs a server."""

import hashlib
import os
import pwd
import secrets
import shutil
import socket
from pathlib import Path
from typing import Final

APP: Final = "passline"
PROJECT: Final = Path(__file__).resolve().parents[2]
SHARED: Final = Path("/var/tmp")
KEY_FILE: Final = "key"


class ServiceError(Exception):
    """A server cannot be found or started; the text says what a person can do."""


def is_root() -> bool:
    """Say whether this process is root, which PostgreSQL refuses to run as."""
    return os.geteuid() == 0


def server_account() -> tuple[int, int] | None:
    """Return user and group ids for PostgreSQL when we are root: `postgres`, else `nobody`; else None."""
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise ServiceError("PostgreSQL does not run as root, and there is no account `postgres` or `nobody`.")


def shared_folder(subject: Path, name: str = "") -> Path:
    """Return (made) a folder in /var/tmp that belongs to this path, which other accounts can enter.

    Raises ServiceError when somebody else made it first.
    """
    digest = hashlib.sha256(f"{subject.resolve()}{name}".encode()).hexdigest()[:12]
    folder = SHARED / f"{APP}-{digest}"
    folder.mkdir(mode=0o755, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.geteuid():
        raise ServiceError(f"{folder} belongs to somebody else; remove it, or set another STATE_DIR.")
    folder.chmod(0o755)
    return folder


def data_home(folder: Path) -> Path:
    """Return (made) the place for a server's data: the folder itself, or for root one in /var/tmp.

    A key in the folder ties the two together: a folder that was removed leaves no data behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not is_root():
        return folder
    home = shared_folder(folder)
    key = folder / KEY_FILE
    if not key.exists():
        write_private(key, secrets.token_hex(16))
    tied = home / KEY_FILE
    if not tied.exists() or tied.read_bytes() != key.read_bytes():
        shutil.rmtree(home)
        home = shared_folder(folder)
        write_private(tied, key.read_text(encoding="ascii"))
    return home


def remove_data(folder: Path) -> None:
    """Remove a server's folder, and for root its data in /var/tmp."""
    if is_root() and (folder / KEY_FILE).exists():
        shutil.rmtree(shared_folder(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def last_lines(log: Path, count: int = 8) -> str:
    """Return the end of a log file, for an error message."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""
