"""The load of many people: requests by a schedule, whatever the server answers, over few connections.

`python -m tests.bench.paced` reads a plan as JSON from standard input. It writes a line when the warm-up is
over, a line when everything is answered, then what happened as JSON. Each reply is timed from the moment when
its request was due, so that nothing that had to wait is left out.
"""

import json
import random
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Final

from tests.bench.client import template, whole

RETRY_AFTER: Final = 2.0
"""Seconds after which a save is sent again, as by a page that missed the reply."""
PATIENCE: Final = 60.0
"""Seconds after the last request in which its reply must come."""
WARM: Final = "warm"
ANSWERED: Final = "answered"


@dataclass(frozen=True)
class Plan:
    """What to send. `savers` are (attempt, lease), `choices` (position, option), `starters` headers.

    `submitters` are (attempt, lease, headers). They and the starters come evenly within `burst` seconds, half
    way through. One of `retry_every` saves is a retry. The first `warm` seconds are not timed.
    """

    port: int
    seconds: float
    warm: float
    per_second: float
    retry_every: int
    connections: int
    savers: list[list[str]]
    choices: list[list[int]]
    start_path: str = ""
    starters: list[str] = field(default_factory=list)
    submitters: list[list[str]] = field(default_factory=list)
    burst: float = 60.0
    seed: int = 1


@dataclass
class Outcome:
    """What happened: us by kind of request, failures by kind, and the acknowledged seqs of each saver."""

    micros: dict[str, list[int]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    first_failure: str = ""
    acknowledged: list[list[int]] = field(default_factory=list)
    retries: int = 0
    connections: int = 0


@dataclass(slots=True)
class Request:
    """A request, when it is due (seconds from the start), and what a good reply to it brings."""

    due: float
    kind: str
    content: bytes
    then: Callable[[bytes], "Request | None"]
    since: float


def saves(plan: Plan, outcome: Outcome) -> Iterator[Request]:
    """Yield saves in order of time: people in a shuffled turn, at random gaps, some sent again later."""
    dice = random.Random(plan.seed)
    turn = list(range(len(plan.savers)))
    dice.shuffle(turn)
    templates = [template(*saver) for saver in plan.savers]
    at, end, sent = 0.0, plan.warm + plan.seconds, deque[tuple[float, int, int]]()
    for number in count():
        at += dice.expovariate(plan.per_second)
        if at >= end:
            return
        if number % plan.retry_every == plan.retry_every - 1 and sent and sent[0][0] < at - RETRY_AFTER:
            _, saver, seq = sent.popleft()
            outcome.retries += 1
        else:
            round_, place = divmod(number, len(turn))
            saver, seq = turn[place], round_ + 1
            sent.append((at, saver, seq))
        while sent and sent[0][0] < at - RETRY_AFTER - 1:
            sent.popleft()
        position, option = plan.choices[(seq + saver) % len(plan.choices)]
        note = outcome.acknowledged[saver].append

        def acknowledged(_: bytes, note: Callable[[int], None] = note, seq: int = seq) -> None:
            note(seq)

        yield Request(at, "save", templates[saver] % (seq, position, option), acknowledged, at)


def bursts(plan: Plan) -> Iterator[Request]:
    """Yield the first requests of all who start or submit."""
    begin = plan.warm + max(0.0, (plan.seconds - plan.burst) / 2)
    # Every process of the web server meets each page before it is timed: the first of them come early.
    for number, headers in enumerate(plan.starters):
        at = _moment(number, len(plan.starters), begin, plan)
        yield start(plan.start_path, headers, at)
    for number, (attempt_id, lease, headers) in enumerate(plan.submitters):
        at = _moment(number, len(plan.submitters), begin, plan)
        body = json.dumps({"lease": lease})
        content = post(f"/api/v1/attempts/{attempt_id}/submit/", headers, body)
        yield Request(at, "submit", content, _nothing, at)


EARLY: Final = 16
"""Of those who start or submit, so many come within the warm-up."""


def _moment(number: int, total: int, begin: float, plan: Plan) -> float:
    if number < EARLY:
        return plan.warm * number / EARLY / 2
    return begin + plan.burst * (number - EARLY) / max(1, total - EARLY)


def start(path: str, headers: str, at: float) -> Request:
    """Return the start of a person: press the button, load the paper, take the lease; timed as one."""

    def started(reply: bytes) -> Request:
        address = location(reply)
        return Request(at, "page", get(address, headers), lambda _: loaded(address), at)

    def loaded(address: str) -> Request:
        content = post(f"/api/v1{address}lease/", headers, "{}")
        return Request(at, "lease", content, _nothing, at)

    form = "application/x-www-form-urlencoded"
    return Request(at, "start", post(path, headers, "", form), started, at)


def _nothing(_: bytes) -> None:
    return None


def location(reply: bytes) -> str:
    """Return the address that a reply leads to. Raises ValueError when it leads nowhere."""
    for line in reply.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"location":
            return value.strip().decode()
    raise ValueError("a reply leads nowhere")


def get(path: str, headers: str) -> bytes:
    """Return a request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n".encode()


def post(path: str, headers: str, body: str, kind: str = "application/json") -> bytes:
    """Return a request with a body."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"
    return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class Connection:
    """One keep-alive socket and the request that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request: Request | None = None
        self.reply = b""

    def send(self, request: Request) -> None:
        """Send a request. Raises OSError when the server has closed the connection."""
        self.request, self.reply = request, b""
        self.socket.sendall(request.content)


class Load:
    """The loop: what is due goes out by the connection that has rested longest."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome(acknowledged=[[] for _ in plan.savers])
        self.saves = saves(plan, self.outcome)
        self.heap: list[tuple[float, int, Request]] = []
        self.numbers = count()
        self.waiting = deque[Request]()
        self.idle = deque[Connection]()
        self.busy = 0
        self.selector = selectors.DefaultSelector()
        self.began = 0.0

    def run(self) -> Outcome:
        """Send everything and wait for the replies."""
        for request in bursts(self.plan):
            self._push(request)
        self._push_save()
        for _ in range(self.plan.connections // 4):
            self.idle.append(self._connect())
        self.began = time.perf_counter()
        is_warm, last = False, self.plan.warm + self.plan.seconds + PATIENCE
        while self.heap or self.waiting or self.busy:
            now = self._now()
            if not is_warm and now >= self.plan.warm:
                is_warm = True
                print(WARM, flush=True)
            if now > last:
                self.outcome.failed["unanswered"] = self.busy + len(self.waiting)
                break
            self._take_due(now)
            self._send()
            pause = self.heap[0][0] - self._now() if self.heap else 1.0
            for key, _ in self.selector.select(max(0.0, min(pause, 1.0))):
                self._receive(key.data)
        print(ANSWERED, flush=True)
        return self.outcome

    def _now(self) -> float:
        return time.perf_counter() - self.began

    def _push(self, request: Request) -> None:
        heappush(self.heap, (request.due, next(self.numbers), request))

    def _push_save(self) -> None:
        if request := next(self.saves, None):
            self._push(request)

    def _take_due(self, now: float) -> None:
        while self.heap and self.heap[0][0] <= now:
            request = heappop(self.heap)[2]
            self.waiting.append(request)
            if request.kind == "save":
                self._push_save()

    def _send(self) -> None:
        while self.waiting:
            if not self.idle:
                if self.outcome.connections >= self.plan.connections:
                    return
                self.idle.append(self._connect())
            connection, request = self.idle.popleft(), self.waiting.popleft()
            try:
                connection.send(request)
            except OSError:
                # It was closed while it rested; nothing of the request was taken.
                connection.request = None
                self._drop(connection)
                self.waiting.appendleft(request)
            else:
                self.busy += 1

    def _connect(self) -> Connection:
        connection = Connection(self.plan.port)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.outcome.connections += 1
        return connection

    def _drop(self, connection: Connection) -> None:
        self.selector.unregister(connection.socket)
        connection.socket.close()
        self.outcome.connections -= 1
        if connection.request:
            self.busy -= 1
            self._fail(connection.request, "no reply")

    def _receive(self, connection: Connection) -> None:
        try:
            part = connection.socket.recv(262144)
        except OSError:
            part = b""
        if not part:
            if not connection.request:
                self.idle.remove(connection)
            self._drop(connection)
            return
        connection.reply += part
        request = connection.request
        if request is None or not whole(connection.reply):
            return
        connection.request = None
        self.busy -= 1
        self.idle.append(connection)
        self._answered(request, connection.reply)

    def _answered(self, request: Request, reply: bytes) -> None:
        if not reply.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 302 ")):
            self._fail(request, reply.decode("utf-8", "replace")[:1000])
            return
        now = self._now()
        if request.since >= self.plan.warm:
            self.outcome.micros.setdefault(request.kind, []).append(int((now - request.since) * 1_000_000))
        if following := request.then(reply):
            following.due = now
            self._push(following)

    def _fail(self, request: Request, reply: str) -> None:
        failed = self.outcome.failed
        failed[request.kind] = failed.get(request.kind, 0) + 1
        self.outcome.first_failure = self.outcome.first_failure or f"{request.kind}: {reply}"


if __name__ == "__main__":
    done = Load(Plan(**json.load(sys.stdin))).run()
    json.dump(asdict(done), sys.stdout)
