"""A small proxy of our own that treats each request badly: one connection a request, one thread a connection.

Modes: `pass`, `delay` (wait, then pass), `drop` (the request is done, its reply is lost), `reset` (the
connection breaks before the request gets through), `duplicate` (the request arrives twice, at the same
time), `reorder` (the request waits until a later one has gone through).
"""

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

LINGER = struct.pack("ii", 1, 0)
DELAY = 0.1
OVERTAKEN_SECONDS = 0.4
TIMEOUT = 10.0
PASS: Mapping[str, int] = {"pass": 1}


class Proxy:
    """Listens on a port of its own; `weights` says how often each mode is drawn."""

    def __init__(self, upstream: int, weights: Mapping[str, int] = PASS, seed: int = 1) -> None:
        self.upstream = upstream
        self.weights = dict(weights)
        self.dice = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.passed = 0
        self.moved = threading.Condition()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(TIMEOUT)
            request = read_request(client)
            mode = self._draw()
            reply = self._treat(mode, request)
            if reply is None:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            else:
                client.sendall(reply)

    def _draw(self) -> str:
        with self.moved:
            mode = self.dice.choices(list(self.weights), list(self.weights.values()))[0]
            self.done[mode] += 1
        return mode

    def _treat(self, mode: str, request: bytes) -> bytes | None:
        if mode == "reset":
            return None
        if mode == "delay":
            time.sleep(DELAY)
        if mode == "reorder":
            self._wait_for_another()
        if mode == "duplicate":
            twin = threading.Thread(target=self._forward_quietly, args=(request,), daemon=True)
            twin.start()
            reply = self._forward(request)
            twin.join()
            return reply
        reply = self._forward(request)
        return None if mode == "drop" else reply

    def _wait_for_another(self) -> None:
        with self.moved:
            seen = self.passed
            self.moved.wait_for(lambda: self.passed > seen, OVERTAKEN_SECONDS)

    def _forward_quietly(self, request: bytes) -> None:
        with suppress(OSError):
            self._forward(request)

    def _forward(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.upstream), timeout=TIMEOUT) as server:
            server.sendall(request)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
        with self.moved:
            self.passed += 1
            self.moved.notify_all()
        return b"".join(parts)


def read_request(client: socket.socket) -> bytes:
    """Read one whole request that says its length. Raises OSError when the client goes away."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(client)
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += _more(client)
    return head + b"\r\n\r\n" + body


def _more(client: socket.socket) -> bytes:
    part = client.recv(65536)
    if not part:
        raise ConnectionResetError("the client went away")
    return part
