"""Child processes that never outlive their parent, and a file that remembers them where the kernel cannot."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

PR_SET_PDEATHSIG: Final = 1
LINUX: Final = sys.platform.startswith("linux")
LIBC: Final = ctypes.CDLL(None, use_errno=True) if LINUX else None
Line = Callable[[str], None]


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """Ask the kernel to send this process a signal when its parent ends (Linux only; elsewhere nothing)."""
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    # The parent may have ended before the kernel was asked; then no signal will ever come.
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


class Child:
    """One process in a session of its own, so that Ctrl-C reaches only the launcher.

    `output` is a file to append to, or a function that gets each line; without it output is inherited.
    `user` is an account name to run as (only root may). The thread that starts it must live as long as it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: tuple[int, int] | None = None,
        output: Path | Line | None = None,
        stdin: bytes = b"",
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10.0,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = environment
        self.folder = folder
        self.user = user
        self.output = output
        self.stdin = stdin
        self.stop_signal = stop_signal
        self.stop_seconds = stop_seconds
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    def start(self) -> None:
        """Start it. Raises OSError when the program cannot be run."""
        parent, number = os.getpid(), self.stop_signal
        stdout = subprocess.PIPE if callable(self.output) else self._log_file()
        self.process = subprocess.Popen(
            self.command,
            env=None if self.environment is None else dict(self.environment),
            cwd=self.folder,
            stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT if self.output else None,
            # Its own session is also its own process group: `kill` ends what it started, and Ctrl-C in the
            # terminal reaches the launcher alone, which then stops everything in order.
            start_new_session=True,
            user=self.user[0] if self.user else None,
            group=self.user[1] if self.user else None,
            extra_groups=[] if self.user else None,
            preexec_fn=lambda: end_with_parent(parent, number),
        )
        self.started_at = time.monotonic()
        if isinstance(stdout, int) and stdout > 0:
            os.close(stdout)
        if self.process.stdin:
            with self.process.stdin as pipe:
                pipe.write(self.stdin)
        if callable(self.output):
            threading.Thread(target=self._read, args=(self.process, self.output), daemon=True).start()

    def _log_file(self) -> int | None:
        if not isinstance(self.output, Path):
            return None
        return os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @staticmethod
    def _read(process: subprocess.Popen[bytes], line: Line) -> None:
        if process.stdout is None:
            return
        with process.stdout as pipe:
            for raw in pipe:
                line(raw.decode("utf-8", "replace").rstrip())

    @property
    def pid(self) -> int:
        """The process id; 0 before the first start."""
        return self.process.pid if self.process else 0

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs or before it was started."""
        return self.process.poll() if self.process else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, when it still runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def freeze(self) -> None:
        """Stop the process where it stands (SIGSTOP), as a machine does that no longer answers."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self.signal(signal.SIGCONT)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; say whether it came in time."""
        if self.process is None:
            return True
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_stop(self) -> None:
        """Send its stop signal without waiting, waking it first when it is frozen."""
        self.signal(self.stop_signal)
        # A frozen process gets the signal only when it runs again.
        self.thaw()

    def stop(self) -> None:
        """Ask it to stop, wait, and kill what is left of its session."""
        self.ask_to_stop()
        self.wait(self.stop_seconds)
        self.kill()

    def kill(self) -> None:
        """Kill it and its whole process group at once (SIGKILL)."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_time_of(pid: int) -> str:
    """Return a text that only this very process has (its start time), or '' when there is none.

    A process id alone does not do: the system gives it to another process later.
    """
    if LINUX:
        try:
            fields = (
                Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
            )
        except OSError:
            return ""
        state, start = fields.split()[0], fields.split()[19]
        return "" if state in "ZX" else start
    output = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return output.stdout.strip()


def children_of(pid: int) -> list[int]:
    """Return the ids of the direct children of a process (Linux and systems with `ps`)."""
    if LINUX:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
                if int(fields.split()[1]) == pid:
                    found.append(int(entry.name))
        return found
    output = subprocess.run(["ps", "-ax", "-o", "pid=,ppid="], capture_output=True, text=True, check=False)
    pairs = (line.split() for line in output.stdout.splitlines())
    return [int(own) for own, parent in pairs if int(parent) == pid]


class Register:
    """A file of the running children, for a launcher that is killed where the kernel does not help."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, children: Sequence[Child]) -> None:
        """Remember those that run now."""
        rows = [
            {
                "name": child.name,
                "pid": child.pid,
                "started": start_time_of(child.pid),
                "signal": int(child.stop_signal),
            }
            for child in children
            if child.running
        ]
        self.path.write_text(json.dumps(rows), encoding="utf-8")

    def end_leftovers(self, seconds: float = 10.0) -> list[str]:
        """Stop what an earlier launcher left behind; return the names of what was found."""
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        # The file may be one of an earlier version, without this field.
        alive = [row for row in rows if row.get("started") and start_time_of(row["pid"]) == row["started"]]
        for row in alive:
            send(row["pid"], row["signal"])
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(start_time_of(row["pid"]) == row["started"] for row in alive):
            time.sleep(0.1)
        for row in alive:
            if start_time_of(row["pid"]) == row["started"]:
                send(row["pid"], signal.SIGKILL)
        self.path.unlink(missing_ok=True)
        return [row["name"] for row in alive]


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may have gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
