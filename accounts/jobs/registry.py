"""Kinds of jobs, which packages above register with the hook `job_kinds`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from accounts.base import hooks


@dataclass(slots=True)
class Progress:
    """How far a job is. The function sets it as often as it likes; it is written about once a second.

    It goes over a connection of its own, so that others see it while the job's transaction is still open.
    """

    done: int = 0
    total: int = 0
    step: str = ""
    # The thread of heartbeats reads: `done` of one step must not stand beside `total` of another.
    _lock: Lock = field(default_factory=Lock, repr=False)

    def at(self, done: int, total: int, step: str = "") -> None:
        """Say that `done` of `total` are finished; `step` is the key of the text for what it does now."""
        with self._lock:
            self.done, self.total, self.step = done, total, step or self.step

    def read(self) -> tuple[int, int, str]:
        """Return done, total and step as they belong together."""
        with self._lock:
            return self.done, self.total, self.step


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that a job made."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job's function gets."""

    job_id: UUID
    owner_id: int | None
    parameters: Mapping[str, object]
    progress: Progress


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job's function returns: values for JSON, and perhaps a file."""

    result: Mapping[str, object] = field(default_factory=dict)
    file: MadeFile | None = None


type Function = Callable[[JobContext], JobResult]


@dataclass(frozen=True, slots=True)
class JobKind:
    """How jobs of a kind are done.

    An atomic one is one transaction with the mark that it is done: what it writes happens exactly once. One
    that is not atomic commits by itself, as anything must that talks to another server, and has to bear a
    repeat. No statement of it may take longer than `statement_seconds`, and no pause between two of them.
    What a kind with a `permission` makes is for staff, and closed to an owner who does not have it any more.
    """

    name: str
    function: Function
    atomic: bool = True
    statement_seconds: int = 300
    permission: str = ""


def _kinds() -> Mapping[str, JobKind]:
    return hooks.by_key("job_kinds")


def kind_of(name: str) -> JobKind:
    """Return a kind. Raises KeyError when nobody registered it."""
    return _kinds()[name]


def permission_of(name: str) -> str:
    """Return what the owner of a job of this kind needs for its file, "" for nothing."""
    kind = _kinds().get(name)
    return kind.permission if kind else ""


def names() -> list[str]:
    """Return the kinds that this process can do."""
    return sorted(_kinds())
