"""A real HTTP server in front of the fake Stripe, which may answer late, wrongly, twice or not at all."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.payments.conforming import Object
from tests.payments.fake_stripe import BROKEN, FakeStripe


def nested(pairs: list[tuple[str, str]]) -> Object:
    """Return what `a[b][0][c]=d` means."""
    root: Object = {}
    for name, value in pairs:
        keys = name.replace("]", "").split("[")
        place = root
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return root


@contextmanager
def running() -> Iterator[FakeStripe]:
    """Serve a fake within the block."""
    fake = FakeStripe()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Or each reply, written in two parts, would wait 40 ms.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._reply(self.command, parts.path, nested(parse_qsl(parts.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._reply("POST", urlsplit(self.path).path, nested(parse_qsl(body, keep_blank_values=True)))

        do_DELETE = do_GET

        def _reply(self, method: str, path: str, values: Object) -> None:
            fault = fake.faults.pop(0) if fake.faults else ""
            if fault == "timeout":
                ended.wait(5)
                self.close_connection = True
                return
            if fault == "slow":
                ended.wait(0.3)
            key = self.headers.get("Idempotency-Key") or ""
            if fault == "twice":
                fake.answer(method, path, values, key)
            status, found = fake.answer(method, path, values, key)
            if fault == "lost":
                self.close_connection = True
                return
            if fault == "500":
                status, found = 500, BROKEN
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.base = f"http://127.0.0.1:{server.server_port}"
    # How long its end waits: by itself half a second after each test.
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
    assert not fake.wrong, fake.wrong
