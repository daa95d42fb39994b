"""Who waits at the gate, who goes first, and who is refused."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from config.gate import (
    BUSY,
    ENTERED,
    PER_CLIENT,
    TOO_MANY_AT_ONCE,
    WAITING_PER_CLIENT,
    Caller,
    Gate,
)

PLACES = 4
PATIENCE = 0.2
SOON = 2.0


class Door:
    """A gate, and threads that come to it."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.threads = ThreadPoolExecutor(40)

    def come(self, client: str, address: str = "a") -> tuple[Caller, Future[str]]:
        """Bring a request to the gate; return once it waits or has its outcome."""
        caller = Caller((client.encode(),) if client else (), address)
        coming = self.threads.submit(self.gate.enter, caller)
        until = time.monotonic() + SOON
        while not (coming.done() or caller in self.gate.waiting) and time.monotonic() < until:
            time.sleep(0.001)
        return caller, coming

    def enter(self, client: str, address: str = "a") -> Caller:
        """Bring a request that goes in at once."""
        caller, coming = self.come(client, address)
        assert coming.result(SOON) == ENTERED
        return caller


@contextmanager
def opened(*, patience: float = SOON, waiting: int = 128) -> Iterator[Door]:
    door = Door(Gate(PLACES, patience=patience, waiting=waiting))
    try:
        yield door
    finally:
        for caller in list(door.gate.waiting):
            caller.outcome.put(BUSY)
        door.threads.shutdown()


def test_the_third_request_of_a_session_waits_for_its_own_while_others_go_in() -> None:
    with opened() as door:
        first, _ = door.enter("anna"), door.enter("anna")
        _, third = door.come("anna")
        door.enter("bela")
        assert not third.done()
        door.gate.leave(first)
        assert third.result(SOON) == ENTERED


def test_who_waits_long_for_requests_of_the_same_session_is_refused() -> None:
    with opened(patience=PATIENCE) as door:
        for _ in range(PER_CLIENT):
            door.enter("anna")
        began = time.monotonic()
        _, third = door.come("anna")
        assert third.result(SOON) == TOO_MANY_AT_ONCE
        assert PATIENCE <= time.monotonic() - began < 3 * PATIENCE
        assert not door.gate.waiting


def test_who_waits_because_of_others_is_not_refused() -> None:
    with opened(patience=PATIENCE) as door:
        inside = [door.enter("", address) for address in "aabb"]
        _, waits = door.come("anna", "c")
        _, visitor = door.come("", "a")
        time.sleep(3 * PATIENCE)
        assert not waits.done()
        assert not visitor.done()
        for caller in inside[:2]:
            door.gate.leave(caller)
        assert (waits.result(SOON), visitor.result(SOON)) == (ENTERED, ENTERED)


def test_a_request_with_session_and_token_counts_for_both() -> None:
    with opened(patience=PATIENCE) as door:
        for cookie in (b"1", b"2"):
            assert door.gate.enter(Caller((cookie, b"token"), "a")) == ENTERED
        assert door.gate.enter(Caller((b"3", b"token"), "a")) == TOO_MANY_AT_ONCE


def test_an_address_takes_all_places_only_while_nobody_else_waits() -> None:
    with opened() as door:
        crowd = [door.enter("", "a") for _ in range(PLACES)]
        _, more = door.come("", "a")
        other, entering = door.come("", "b")
        door.gate.leave(crowd[0])
        # It came later, and goes first.
        assert entering.result(SOON) == ENTERED
        assert not more.done()
        door.gate.leave(other)
        assert more.result(SOON) == ENTERED


def test_a_session_has_only_so_many_requests_waiting() -> None:
    with opened() as door:
        for _ in range(PER_CLIENT):
            door.enter("anna")
        for _ in range(WAITING_PER_CLIENT):
            door.come("anna")
        assert door.come("anna")[1].result(SOON) == TOO_MANY_AT_ONCE
        door.enter("bela")


def test_when_too_many_wait_in_all_the_address_with_most_of_them_loses_its_last() -> None:
    with opened(waiting=3) as door:
        for address in "abcd":
            door.enter("", address)
        _, first = door.come("", "crowd")
        _, last = door.come("", "crowd")
        door.come("", "e")
        door.come("", "f")
        assert last.result(SOON) == BUSY
        assert not first.done()


@pytest.mark.parametrize("address", ["a", "b"])
def test_who_came_first_goes_first(address: str) -> None:
    with opened() as door:
        inside = [door.enter("", name) for name in "abcd"]
        waiting = [door.come("", address)[1] for _ in range(3)]
        door.gate.leave(inside[0])
        assert [coming.done() for coming in waiting[1:]] == [False, False]
        assert waiting[0].result(SOON) == ENTERED
