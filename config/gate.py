"""Which of many requests goes on: a bounded number at once, and nobody takes all places.

First come, first in, but for two rules. The requests of one client (a session or token) take at most two
places; more of them wait for these, and are refused when that takes too long. One address never takes the
last place while another one waits; it is not refused for that. Who waits holds a thread, and no database
connection: when too many wait, whoever has the most waiting is refused.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

PER_CLIENT: Final = 2
"""Requests of one client that go on at once."""
WAITING_PER_CLIENT: Final = 16
"""Requests of one client that may wait: the files of a page come at once, those of an attack without end."""
WAITING: Final = 128
"""Requests that may wait in all, each on a thread. Beyond, who has the most waiting loses one."""
PATIENCE: Final = 5.0
"""Seconds that a request waits for others of its own client."""
TOO_MANY_AT_ONCE: Final = "too_many_at_once"
BUSY: Final = "busy"
ENTERED: Final = ""


@dataclass(eq=False, slots=True)
class Caller:
    """A request at the gate: the digests of its session and token, none for a visitor, and its address."""

    clients: tuple[bytes, ...]
    address: str
    outcome: SimpleQueue[str] = field(default_factory=SimpleQueue)
    # Since when nothing but requests of the same client keep it out.
    blocked_since: float | None = None


class Gate:
    """Lets requests in, at most so many at once."""

    def __init__(self, places: int, *, patience: float = PATIENCE, waiting: int = WAITING) -> None:
        self.places, self.patience, self.most_waiting = places, patience, waiting
        self.lock = threading.Lock()
        self.inside: list[Caller] = []
        self.waiting: list[Caller] = []

    def enter(self, caller: Caller) -> str:
        """Wait for a place. Return ENTERED, after which `leave` must follow, or why the caller is refused."""
        with self.lock:
            self.waiting.append(caller)
            self._let_in()
            if caller in self.waiting and self._has_too_many_waiting(caller):
                self.waiting.remove(caller)
                return TOO_MANY_AT_ONCE
            if len(self.waiting) > self.most_waiting:
                self._turn_away()
        return self._wait(caller)

    def leave(self, caller: Caller) -> None:
        """Give the place to the next one."""
        with self.lock:
            self.inside.remove(caller)
            self._let_in()

    def _wait(self, caller: Caller) -> str:
        left = self.patience
        while True:
            try:
                return caller.outcome.get(timeout=left)
            except Empty:
                with self.lock:
                    # Else it has got its place just now, and the next look finds it.
                    if caller in self.waiting:
                        left = self._patience_left(caller)
                        if left <= 0:
                            self.waiting.remove(caller)
                            return TOO_MANY_AT_ONCE

    def _patience_left(self, caller: Caller) -> float:
        if caller.blocked_since is None:
            return self.patience
        return caller.blocked_since + self.patience - time.monotonic()

    def _let_in(self) -> None:
        while len(self.inside) < self.places and (caller := self._next()):
            self.waiting.remove(caller)
            self.inside.append(caller)
            caller.outcome.put(ENTERED)
        now = time.monotonic()
        for caller in self.waiting:
            if not self._is_blocked(caller):
                caller.blocked_since = None
            elif caller.blocked_since is None:
                caller.blocked_since = now

    def _next(self) -> Caller | None:
        """Return who has waited longest of those that may enter."""
        able = [caller for caller in self.waiting if not self._is_blocked(caller)]
        is_shared = len({caller.address for caller in able}) > 1
        inside = Counter(caller.address for caller in self.inside)
        most = max(1, self.places - 1) if is_shared else self.places
        return next((caller for caller in able if inside[caller.address] < most), None)

    def _is_blocked(self, caller: Caller) -> bool:
        """Say whether its own client has all the places that it may have."""
        return any(_count(client, self.inside) >= PER_CLIENT for client in caller.clients)

    def _has_too_many_waiting(self, caller: Caller) -> bool:
        return any(_count(client, self.waiting) > WAITING_PER_CLIENT for client in caller.clients)

    def _turn_away(self) -> None:
        """Refuse the last request of who has the most waiting, by address and then by client."""
        addresses = Counter(caller.address for caller in self.waiting)
        clients = Counter(caller.clients for caller in self.waiting)
        caller = max(reversed(self.waiting), key=lambda one: (addresses[one.address], clients[one.clients]))
        self.waiting.remove(caller)
        caller.outcome.put(BUSY)


def _count(client: bytes, callers: list[Caller]) -> int:
    return sum(client in caller.clients for caller in callers)
