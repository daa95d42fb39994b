"""Hosts: network namespaces at one switch, which lose power or are cut off from each other."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.devstack import paths
from tools.devstack.processes import Child, send

NETWORK: Final = "10.77.0.0/24"
SWITCH: Final = "10.77.0.1"
# Whoever sends to this address sends to nobody, and hears nothing of it.
NOBODY: Final = "02:00:00:00:00:00"


def ip(*words: str, check: bool = True) -> None:
    """Run `ip`, in the namespace of the switch."""
    subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)


def make_switch() -> None:
    """Make the switch, at which this process is a host, too."""
    ip("link", "set", "lo", "up")
    ip("link", "add", "switch", "type", "bridge")
    ip("address", "add", f"{SWITCH}/24", "dev", "switch")
    ip("link", "set", "switch", "up")


def namespace_of(pid: int) -> str:
    """Return which network a process is in, '' when it is gone."""
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    return ""


class Host:
    """One host: an address, a folder, and what runs there by its name."""

    def __init__(self, name: str, number: int, folder: Path) -> None:
        self.name, self.number, self.folder = name, number, folder / name
        self.address = f"10.77.0.{number}"
        self.children: dict[str, Child] = {}
        self.folder.mkdir(mode=0o755)

    def power_on(self) -> None:
        """Give it a network; nothing else runs yet."""
        holder = Child("host", ["unshare", "--net", "sleep", "infinity"])
        holder.start()
        while namespace_of(holder.pid) in {"", namespace_of(os.getpid())}:
            time.sleep(0.01)
        self.children = {"host": holder}
        ip("link", "add", self.name, "type", "veth", "peer", "eth0", "netns", str(holder.pid))
        ip("link", "set", self.name, "master", "switch", "up")
        self._ip("link", "set", "lo", "up")
        self._ip("address", "add", f"{self.address}/24", "dev", "eth0")
        self._ip("link", "set", "eth0", "up")

    def _ip(self, *words: str) -> None:
        subprocess.run([*self._inside(), "ip", *words], check=True)

    def _inside(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.children['host'].pid}/ns/net", "--"]

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        user: tuple[int, int] | None = None,
        stop_seconds: float = 30.0,
    ) -> None:
        """Start a program there; what it prints is in a file of its name."""
        self.children[name] = Child(
            name,
            # The account may not enter namespaces: it is changed to inside.
            [*self._inside(), *(_as(user) if user else []), *command],
            environment=environment,
            folder=paths.PROJECT,
            output=self.folder / f"{name}.log",
            stop_seconds=stop_seconds,
        )
        self.children[name].start()

    def power_off(self) -> None:
        """Take the power away: first the network, so that no connection ends in order, then all processes."""
        if "host" not in self.children:
            return
        ip("link", "delete", self.name, check=False)
        network = namespace_of(self.children["host"].pid)
        while pids := [pid for pid in _processes() if namespace_of(pid) == network and network]:
            for pid in pids:
                send(pid, signal.SIGKILL)
            time.sleep(0.01)
        for child in self.children.values():
            child.kill()
        self.children = {}

    def cut_off(self, others: Iterable["Host"]) -> None:
        """Let no packet pass between it and the others, in either direction and without a word."""
        for other in others:
            self._misdirect(other)
            other._misdirect(self)

    def rejoin(self, others: Iterable["Host"]) -> None:
        """Let packets pass again."""
        for other in others:
            self._ip("neigh", "del", other.address, "dev", "eth0")
            other._ip("neigh", "del", self.address, "dev", "eth0")

    def _misdirect(self, other: "Host") -> None:
        self._ip("neigh", "replace", other.address, "lladdr", NOBODY, "nud", "permanent", "dev", "eth0")


def _as(user: tuple[int, int]) -> list[str]:
    return ["setpriv", f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups", "--"]


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
