"""Slow and idle connections beside a person who takes an exam: they cost nobody a reply."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from uuid import uuid4

import pytest

from config.server import UPLOADS_PER_ADDRESS
from tests.factories import Form
from tests.faults.candidates import Candidate, begin
from tests.faults.conftest import eventually
from tests.faults.ledger import Ledger
from tests.faults.links import Link
from tests.faults.stack import Web

SLOW = 64
FLOOD = 320
IDLE = 500
PATIENCE = 3.0
SAVES = 10
ANSWERS = f"/api/v1/attempts/{uuid4()}/answers/"
LOGIN = "/accounts/login/"
KINDS = {ANSWERS: "application/json", LOGIN: "application/x-www-form-urlencoded"}


def head(path: str, length: int = 1000) -> bytes:
    """Return the head of a POST whose body is still to come."""
    # With the cookie Django looks for the token of the form, and so reads the body.
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Cookie: csrftoken={'a' * 32}"]
    kind = f"Content-Type: {KINDS.get(path, KINDS[ANSWERS])}"
    return "\r\n".join([*lines, kind, f"Content-Length: {length}", "", ""]).encode()


@contextmanager
def open_connections(
    port: int, count: int, first: bytes, source: str = "127.0.0.1"
) -> Iterator[list[socket.socket]]:
    """Open connections that send something and then nothing more."""
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0)))
            link.sendall(first)
            opened.append(link)
        yield opened


@contextmanager
def trickle(links: list[socket.socket]) -> Iterator[None]:
    """Send a byte on every second connection five times a second; the others stay silent."""
    stopping = threading.Event()

    def send() -> None:
        while not stopping.wait(0.2):
            for link in links[::2]:
                with suppress(OSError):
                    link.sendall(b" ")

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def saves_in_time(candidate: Candidate, form: Form, site: Web) -> float:
    """Save ten answers, each with one try that may take three seconds; return the longest time."""
    candidate.road = Link(site.port, timeout=PATIENCE)
    longest = 0.0
    for number in range(SAVES):
        position = sorted(form.keys)[number % len(form.keys)]
        began = time.monotonic()
        assert candidate.send(candidate.click(position, *form.keys[position])) == 200
        longest = max(longest, time.monotonic() - began)
    return longest


@pytest.mark.parametrize("path", [ANSWERS, LOGIN], ids=["answers", "login"])
def test_slow_bodies_from_one_address_do_not_keep_a_person_from_saving(
    site: Web, form: Form, ledger: Ledger, say: Callable[[object], None], path: str
) -> None:
    candidate = begin(ledger, site.link, form)
    with open_connections(site.port, SLOW, head(path)) as links, trickle(links):
        time.sleep(0.5)
        say({"slow bodies": SLOW, "longest save in s": round(saves_in_time(candidate, form, site), 3)})
        assert site.link.request("GET", "/health/live").status == 200


def test_idle_connections_do_not_keep_a_person_from_saving(
    site: Web, form: Form, ledger: Ledger, say: Callable[[object], None]
) -> None:
    candidate = begin(ledger, site.link, form)
    request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with open_connections(site.port, IDLE, request):
        time.sleep(0.5)
        say({"idle connections": IDLE, "longest save in s": round(saves_in_time(candidate, form, site), 3)})


def test_an_address_with_too_many_slow_bodies_is_refused_and_others_are_not(
    site: Web, form: Form, ledger: Ledger, say: Callable[[object], None]
) -> None:
    candidate = begin(ledger, site.link, form)
    with open_connections(site.port, FLOOD, head(ANSWERS), source="127.0.0.2") as links:
        replies: dict[socket.socket, bytes] = {}

        def are_refused() -> bool:
            replies.update({link: reply for link in links if (reply := waiting(link))})
            return len(replies) >= FLOOD - 2 * UPLOADS_PER_ADDRESS

        eventually(are_refused)
        say({"slow bodies": FLOOD, "refused": len(replies), "longest": saves_in_time(candidate, form, site)})
    for reply in replies.values():
        top, _, body = reply.partition(b"\r\n\r\n")
        assert top.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nconnection: close" in top.lower()
        assert b"\r\nretry-after: " in top.lower()
        assert json.loads(body)["code"] == "too_many_uploads"


def waiting(link: socket.socket) -> bytes:
    """Return what has come on a connection so far."""
    link.setblocking(False)
    try:
        return link.recv(65536)
    except BlockingIOError:
        return b""
