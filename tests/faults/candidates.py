"""Clients that behave like the taking page: numbered clicks, one request in flight, tries until told."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connections

from accounts.users import tokens
from accounts.users.models import User
from tests import factories
from tests.faults.ledger import Change, Ledger
from tests.faults.links import Reply, Road

FINAL = {409, 422, 404}
PATIENCE = 25.0


@dataclass
class Candidate:
    """A person with a token and an attempt; everything that happens is in the ledger."""

    ledger: Ledger
    road: Road
    token: str
    attempt_id: UUID
    lease: str
    lease_no: int = 1
    seq: int = 0
    back_off: float = 0.05
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def click(self, position: int, *selected: int, flagged: bool = False) -> Change:
        """Choose an answer: it gets the next number."""
        self.seq += 1
        change = Change(self.attempt_id, self.lease_no, self.seq, position, selected, flagged)
        self.ledger.clicked(change)
        return change

    def send(self, *changes: Change) -> int:
        """Send changes once; return the status, 0 when no reply came."""
        self.ledger.sent(changes)
        body = {
            "lease": self.lease,
            "changes": [
                {
                    "seq": change.seq,
                    "position": change.position,
                    "selected": list(change.selected),
                    "flagged": change.flagged,
                }
                for change in changes
            ],
        }
        reply = self._ask("answers", body)
        if reply is None:
            return 0
        if reply.status == 200:
            self.ledger.acknowledged(changes)
        elif reply.status == 409:
            self.ledger.refused(changes, str(reply.json().get("code")))
        return reply.status

    def save(self, *changes: Change) -> int:
        """Send until there is an answer that counts, as the page does; return its status."""
        until = time.monotonic() + PATIENCE
        status = 0
        while time.monotonic() < until:
            status = self.send(*changes)
            if status == 200 or status in FINAL:
                return status
            time.sleep(self.back_off * (1 + self.dice.random()))
        return status

    def submit(self) -> Reply | None:
        """Hand in, again and again until there is a receipt."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            reply = self.submit_once()
            if reply is not None and reply.status in {200, *FINAL}:
                return reply
            time.sleep(self.back_off)
        return None

    def submit_once(self) -> Reply | None:
        """Hand in once; the receipt is noted."""
        reply = self._ask("submit", {"lease": self.lease})
        if reply is not None and reply.status == 200:
            self.ledger.receipt(self.attempt_id, reply.json()["receipt"])
        return reply

    def take_over(self) -> None:
        """Get a new lease, as a page does that loads anew."""
        reply = self._ask("lease", {})
        assert reply is not None
        assert reply.status == 200, reply.body
        grant = reply.json()
        self.lease, self.lease_no, self.seq = grant["lease"], grant["lease_no"], grant["next_seq"] - 1

    def result(self) -> Reply | None:
        """Open the result."""
        return self._ask("result", None)

    def _ask(self, what: str, body: Mapping[str, object] | None) -> Reply | None:
        headers = {"Content-Type": "application/json"}
        if what != "answers":
            headers["Authorization"] = f"Token {self.token}"
        method, sent = ("GET", b"") if body is None else ("POST", json.dumps(body).encode())
        try:
            reply = self.road.request(method, f"/api/v1/attempts/{self.attempt_id}/{what}/", sent, headers)
        except OSError:
            self.ledger.reply_lost()
            return None
        self.ledger.replied(reply.status, retry_after="retry-after" in reply.headers)
        return reply


def begin(ledger: Ledger, road: Road, form: factories.Form, user: User | None = None) -> Candidate:
    """Start an attempt by the API. A person is made when none is given."""
    person = user or factories.make_user()
    token = tokens.issue(person)
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    body = json.dumps({"form": form.form.pk, "mode": "exam", "language": "en"}).encode()
    reply = road.request("POST", "/api/v1/attempts/", body, headers)
    assert reply.status == 201, (reply.status, reply.body)
    started = reply.json()
    attempt_id = UUID(started["id"])
    ledger.owners[attempt_id] = person.email
    return Candidate(ledger, road, token, attempt_id, started["lease"])


def choices(form: factories.Form, dice: random.Random) -> tuple[int, tuple[int, ...]]:
    """Return a question and an answer to it that the paper allows."""
    position = dice.choice(sorted(form.keys))
    options = form.keys[position] + form.others[position]
    return position, tuple(dice.sample(options, dice.randint(0, len(form.keys[position]))))


def at_once(acts: Iterable[Callable[[], object]]) -> None:
    """Run acts in threads of their own, wait for all, and raise what the first of them raised."""
    acts = list(acts)
    with ThreadPoolExecutor(len(acts)) as pool:
        for future in [pool.submit(_alone, act) for act in acts]:
            future.result()


def _alone(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connections.close_all()


class Crowd:
    """Candidates who answer until told to stop, each in a thread."""

    def __init__(self, candidates: Sequence[Candidate], form: factories.Form, pause: float = 0.0) -> None:
        self.candidates = candidates
        self.form = form
        self.pause = pause
        self.stopping = threading.Event()
        self.failures: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._answer, args=(candidate, number))
            for number, candidate in enumerate(candidates)
        ]

    def _answer(self, candidate: Candidate, number: int) -> None:
        dice = random.Random(number)
        try:
            while not self.stopping.is_set():
                position, selected = choices(self.form, dice)
                status = candidate.save(candidate.click(position, *selected, flagged=dice.random() < 0.2))
                assert status == 200, f"a save ended with {status}"
                time.sleep(self.pause)
        except BaseException as error:
            self.failures.append(error)

    def __enter__(self) -> "Crowd":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        with suppress(IndexError):
            raise self.failures[0]

    def acknowledged(self) -> int:
        """How many changes were acknowledged so far."""
        return len(self.candidates[0].ledger.acks)

    def wait_for(self, more: int, meanwhile: Callable[[], object] = int, seconds: float = 20.0) -> None:
        """Wait until so many more changes were acknowledged: the site works (again)."""
        goal, until = self.acknowledged() + more, time.monotonic() + seconds
        while self.acknowledged() < goal:
            assert time.monotonic() < until, "the site does not take answers"
            assert not self.failures, self.failures[0]
            meanwhile()
            time.sleep(0.02)
