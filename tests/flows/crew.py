"""Threads with connections of their own that set off together: the only honest way to test a lock."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from types import TracebackType
from typing import Any, Self

from django.db import connection, connections, transaction

type Job = Callable[[], Any]


class Crew:
    """A number of threads; each keeps its database connection from round to round."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="crew")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.together([connection_closed] * self.size)
        self._pool.shutdown()

    def together(self, jobs: Sequence[Job]) -> list[Any]:
        """Run a job a thread, all released by one barrier; what a job raises is its outcome."""
        assert len(jobs) == self.size
        barrier = Barrier(self.size)

        def run(job: Job) -> Any:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            try:
                return job()
            except Exception as error:
                return error

        return [future.result(timeout=30) for future in [self._pool.submit(run, job) for job in jobs]]


def connection_closed() -> None:
    """Close the connection of the thread that calls, or the test database could not be dropped."""
    connection.close()


@contextmanager
def waiting_for_locks(seconds: float) -> Iterator[None]:
    """Have connections that threads open within the block wait for a lock no longer than this."""
    options = connections.settings["default"]["OPTIONS"]
    before = options["options"]
    options["options"] = f"{before} -c lock_timeout={int(seconds * 1000)}ms"
    try:
        yield
    finally:
        options["options"] = before


def parallel(count: int, job: Job) -> list[Any]:
    """Run one job in that many threads at once."""
    with Crew(count) as crew:
        return crew.together([job] * count)


def slow_commit(act: Job, pause: Job) -> Any:
    """Do something and pause before its commit, as a disk would make it."""
    with transaction.atomic():
        outcome = act()
        pause()
    return outcome
