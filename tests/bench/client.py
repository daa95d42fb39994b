"""The load: keep-alive connections of one thread, each with one request on its way and its own attempts.

`python -m tests.bench.client` reads a job as JSON from standard input and writes what happened as JSON.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

END = b"\r\n\r\n"
LENGTH = b"content-length:"
CHUNKED = b"transfer-encoding: chunked"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Job:
    """What to send: saves of these attempts (id, lease) and these choices (position, option ids)."""

    port: int
    seconds: float
    connections: int
    attempts: list[list[str]]
    choices: list[list[int]]
    first_seq: int


@dataclass
class Done:
    """What happened: replies that acknowledged, others, seconds of the window, each reply's time in us."""

    good: int = 0
    bad: int = 0
    seconds: float = 0.0
    micros: list[int] = field(default_factory=list)
    first_bad: str = ""


def template(attempt_id: str, lease: str) -> bytes:
    """Return a request with places for seq, position and option, always of the same length."""
    body = (
        f'{{"lease":"{lease}","changes":[{{"seq":%5d,"position":%3d,"selected":[%9d],"flagged":false}}]}}'
    ).encode()
    size = len(body % (0, 0, 0))
    head = (
        f"POST /api/v1/attempts/{attempt_id}/answers/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    ).encode()
    return head + body


def requests(attempts: Sequence[Sequence[str]], job: Job) -> Iterator[bytes]:
    """Yield requests without end: the attempts in turn, each time with its next seq and another choice."""
    templates = [template(attempt_id, lease) for attempt_id, lease in attempts]
    seq = job.first_seq
    while True:
        position, option = job.choices[seq % len(job.choices)]
        for one in templates:
            yield one % (seq, position, option)
        seq += 1


def whole(reply: bytes) -> bool:
    """Say whether a reply has come in full, by the length that its head names or by its last chunk."""
    head, end, body = reply.partition(END)
    if not end:
        return False
    head = head.lower()
    _, found, rest = head.partition(LENGTH)
    if found:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    return CHUNKED in head and body.endswith(LAST_CHUNK)


class Connection:
    """One socket, and what it still waits for."""

    def __init__(self, port: int, supply: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.supply = supply
        self.reply = b""
        self.sent = 0.0

    def send(self) -> None:
        """Send the next request."""
        self.reply = b""
        request = next(self.supply)
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has come; say whether the reply is whole. Raises ConnectionError at an early end."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed a connection")
        self.reply += part
        return whole(self.reply)


def run(job: Job) -> Done:
    """Send for the given time; what is on its way at the end is waited for and counted."""
    done = Done()
    supplies = [requests(job.attempts[n :: job.connections], job) for n in range(job.connections)]
    connections = [Connection(job.port, supply) for supply in supplies]
    began = time.perf_counter()
    until = began + job.seconds
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        open_ones = len(connections)
        while open_ones:
            for key, _ in selector.select(timeout=30):
                connection = key.data
                if not connection.receive():
                    continue
                now = time.perf_counter()
                _note(done, connection.reply, now - connection.sent)
                if now < until:
                    connection.send()
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    open_ones -= 1
    done.seconds = time.perf_counter() - began
    return done


def _note(done: Done, reply: bytes, seconds: float) -> None:
    done.micros.append(int(seconds * 1_000_000))
    if reply.startswith(b"HTTP/1.1 200 "):
        done.good += 1
    else:
        done.bad += 1
        done.first_bad = done.first_bad or reply.decode("utf-8", "replace")[:1000]


if __name__ == "__main__":
    json.dump(asdict(run(Job(**json.load(sys.stdin)))), sys.stdout)
