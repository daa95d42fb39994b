"""Arithmetic of the figures, and processor time from /proc. Linux only."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

PROC: Final = Path("/proc")


class Process(NamedTuple):
    """One process: its parent, and ticks used by it and by its children that ended."""

    pid: int
    parent: int
    ticks: int


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below or at which `share` (0 to 1) of all values lie (nearest rank)."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    rank = -(-share * len(ordered) // 1)
    return ordered[min(len(ordered), max(1, int(rank))) - 1]


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two in the middle."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def parse_stat(text: str) -> Process:
    """Read a line of /proc/<pid>/stat; the name in it may hold blanks and brackets."""
    pid, _, rest = text.partition(" (")
    fields = rest.rpartition(")")[2].split()
    # man proc_pid_stat: fields 14 to 17 are utime, stime, cutime, cstime; the state is field 3.
    return Process(int(pid), int(fields[1]), sum(int(field) for field in fields[11:15]))


def parse_busy(text: str) -> int:
    """Return the ticks that all processors worked, from the first line of /proc/stat.

    Interrupts are in it, because most kernels book them on the process that was interrupted as well.
    """
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(word) for word in text.split()[1:9])
    return user + nice + system + irq + softirq + steal


def descendants(roots: Iterable[int], processes: Mapping[int, Process]) -> set[int]:
    """Return processes that run and all that descend from them."""
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    waiting, seen = list(roots), set[int]()
    while waiting:
        pid = waiting.pop()
        if pid not in seen and pid in processes:
            seen.add(pid)
            waiting += children.get(pid, [])
    return seen


def ticks_of(roots: Iterable[int], processes: Mapping[int, Process]) -> int:
    """Return the ticks of processes and of all that descend from them, each counted once."""
    return sum(processes[pid].ticks for pid in descendants(roots, processes))


def memory(roots: Iterable[int]) -> tuple[float, float]:
    """Return the memory of processes and of all that descend from them in MB: shared parts divided, and RSS.

    Of what several share each has its part (PSS); the RSS counts it for each.
    """
    pss = rss = 0
    for pid in descendants(roots, all_processes()):
        try:
            text = (PROC / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        lines = dict(line.split()[:2] for line in text.splitlines()[1:])
        pss, rss = pss + int(lines["Pss:"]), rss + int(lines["Rss:"])
    return pss / 1024, rss / 1024


def all_processes() -> dict[int, Process]:
    """Read every process of the machine that can be seen."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                process = parse_stat((entry / "stat").read_text(errors="replace"))
            except OSError:
                continue
            found[process.pid] = process
    return found


def parent_of(pid: int) -> int:
    """Return the parent of a process. Raises OSError when there is no such process."""
    return parse_stat((PROC / str(pid) / "stat").read_text(errors="replace")).parent


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time so far: by group of processes, by all groups together, by the machine."""

    groups: Mapping[str, float]
    ours: float
    machine: float

    def since(self, earlier: "Usage") -> "Usage":
        """Return what was used between two readings."""
        groups = {name: used - earlier.groups.get(name, 0.0) for name, used in self.groups.items()}
        return Usage(groups, self.ours - earlier.ours, self.machine - earlier.machine)

    @property
    def foreign(self) -> float:
        """Seconds that processes used which are not ours."""
        return max(0.0, self.machine - self.ours)


def usage(groups: Mapping[str, Iterable[int]]) -> Usage:
    """Read the processor time of groups of processes; each group is named by its root processes."""
    tick = 1 / os.sysconf("SC_CLK_TCK")
    machine = parse_busy((PROC / "stat").read_text().partition("\n")[0])
    processes = all_processes()
    roots = {pid for group in groups.values() for pid in group}
    return Usage(
        {name: ticks_of(pids, processes) * tick for name, pids in groups.items()},
        ticks_of(roots, processes) * tick,
        machine * tick,
    )
