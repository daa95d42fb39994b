"""Candidates behind the balancer: each saves one change after the other until it is acknowledged."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from tools.rehearse.engine import RehearsalFailed

# As the page's sender has it (static/js/attempt/sender.js).
PATIENCE: Final = 8.0
BETWEEN_SAVES: Final = 2.0
BETWEEN_TRIES: Final = 1.0
STARTING: Final = 16
STATUS: Final = re.compile(r"HTTP/1.1 (\d+)")
LENGTH: Final = re.compile(r"content-length: (\d+)", re.IGNORECASE)
type Change = tuple[int, int]


@dataclass
class Window:
    """What happened to saves in a while: replies by status (0: none), and the longest wait in s."""

    replies: Counter[int] = field(default_factory=Counter)
    acknowledged: int = 0
    gap: float = 0.0


class Link:
    """One connection to the balancer, opened anew when it has ended."""

    def __init__(self, address: str, host: str) -> None:
        self.address, self.host = address, host
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """Send one request; return the status, 0 when no whole reply came in time, and the JSON."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(method, path, body, token)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            self.close()
            return 0, {}

    def close(self) -> None:
        """Drop the connection."""
        if self.streams:
            self.streams[1].close()
        self.streams = None

    async def _ask(self, method: str, path: str, body: object, token: str) -> tuple[int, Any]:
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.address, 80)
        reader, writer = self.streams
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(content)}"]
        lines += ["Content-Type: application/json", *([f"Authorization: Token {token}"] if token else [])]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, length = STATUS.match(head), LENGTH.search(head)
        if not status or not length:
            raise ValueError(f"no whole reply: {head}")
        content = await reader.readexactly(int(length[1]))
        if "connection: close" in head.lower():
            self.close()
        return int(status[1]), json.loads(content) if "json" in head else {}


@dataclass
class Candidate:
    """One person with a running attempt."""

    crowd: "Crowd"
    token: str
    link: Link
    attempt: str = ""
    lease: str = ""
    choices: list[Change] = field(default_factory=list)
    acknowledged: dict[int, Change] = field(default_factory=dict)
    saved_at: float = 0.0
    is_over: bool = False
    receipt: str = ""

    async def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Return what the API answers. Raises RehearsalFailed on anything but success."""
        status, facts = await self.link.ask(method, f"/api/v1/{path}", body, self.token)
        if status not in {200, 201}:
            raise RehearsalFailed(f"{method} {path}: {status} {facts}")
        return facts

    async def begin(self, form: int) -> None:
        """Start the exam. Raises RehearsalFailed."""
        facts = await self.call("POST", "attempts/", {"form": form})
        self.attempt, self.lease = facts["id"], facts["lease"]
        items = (await self.call("GET", f"attempts/{self.attempt}/"))["items"]
        self.choices = [(item["position"], option["id"]) for item in items for option in item["options"]]

    async def save_on(self) -> None:
        """Save until it is over, then submit."""
        while not self.is_over:
            began = time.monotonic()
            await self._save(began)
            await asyncio.sleep(max(0.0, began + BETWEEN_SAVES - time.monotonic()))
        while not self.receipt:
            path = f"/api/v1/attempts/{self.attempt}/submit/"
            _, facts = await self.link.ask("POST", path, {"lease": self.lease}, self.token)
            self.receipt = facts.get("receipt", "")
            await asyncio.sleep(0 if self.receipt else BETWEEN_TRIES)

    async def _save(self, began: float) -> None:
        number = len(self.acknowledged) + 1
        position, option = self.choices[number * 7 % len(self.choices)]
        change = {"seq": number, "position": position, "selected": [option], "flagged": False}
        path, body = f"/api/v1/attempts/{self.attempt}/answers/", {"lease": self.lease, "changes": [change]}
        while True:
            status, facts = await self.link.ask("POST", path, body)
            self.crowd.window.replies[status] += 1
            if status == 200 and facts.get("saved_seq") == number:
                break
            await asyncio.sleep(BETWEEN_TRIES)
        self.acknowledged[number] = position, option
        self.saved_at = time.monotonic()
        self.crowd.window.acknowledged += 1
        self.crowd.window.gap = max(self.crowd.window.gap, self.saved_at - began)


class Crowd:
    """All candidates, on one thread."""

    def __init__(self, address: str, host: str, tokens: Iterable[str]) -> None:
        self.window = Window()
        self.people = [Candidate(self, token, Link(address, host)) for token in tokens]

    async def begin(self) -> None:
        """Let all start the first exam, a few at a time. Raises RehearsalFailed."""
        code = (await self.people[0].call("GET", "certifications/"))[0]["code"]
        forms = await self.people[0].call("GET", f"certifications/{code}/forms/")
        places = asyncio.Semaphore(STARTING)

        async def start(candidate: Candidate) -> None:
            async with places:
                await candidate.begin(forms[0]["id"])
                # Saves have a loop of their own, on another thread.
                candidate.link.close()

        await asyncio.gather(*map(start, self.people))

    async def save_on(self) -> None:
        """Let all save, not all at the same moment, until each has submitted."""

        async def run(number: int, candidate: Candidate) -> None:
            await asyncio.sleep(BETWEEN_SAVES * number / len(self.people))
            await candidate.save_on()

        await asyncio.gather(*(run(number, candidate) for number, candidate in enumerate(self.people)))

    def saving(self) -> list[Candidate]:
        """Return those who have not been told that it is over."""
        return [candidate for candidate in self.people if not candidate.is_over]

    def have_saved_since(self, moment: float) -> bool:
        """Say whether each of them had a save acknowledged after a moment of the monotonic clock."""
        return all(candidate.saved_at > moment for candidate in self.saving())
