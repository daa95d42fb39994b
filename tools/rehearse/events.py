"""What happens to the stack while candidates save."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from tools.rehearse.engine import Engine, RehearsalFailed

# More than web has threads, in both of its processes together.
SLOW_CLIENTS: Final = 600
SLOW_SECONDS: Final = 8
HEALTHY_SECONDS: Final = 120
LASTING: Final = ("postgres", "valkey", "web", "worker", "slow", "beat", "sweep", "backup", "proxy")
type Act = Callable[[Engine], None]


@dataclass(frozen=True)
class Event:
    """One thing that happens, with the words of the table."""

    name: str
    act: Act


def quiet(engine: Engine) -> None:
    """Nothing happens: what saves look like."""
    time.sleep(3)


def away(service: str) -> Act:
    """Return an act: the service is stopped for three seconds."""

    def act(engine: Engine) -> None:
        engine.compose("stop", service)
        time.sleep(3)
        engine.compose("start", service)

    return act


def restart(*services: str) -> Act:
    """Return an act: `docker compose restart` of these services, or of all."""

    def act(engine: Engine) -> None:
        engine.compose("restart", *services)

    return act


def crash(service: str) -> Act:
    """Return an act: the service's first process is killed; Docker must start it again."""

    def act(engine: Engine) -> None:
        engine.crash(service)
        time.sleep(3)

    return act


def upgrade(engine: Engine) -> None:
    """Follow docs/operations.md: build, migrate, then replace one service after the other."""
    before = image_of(engine, "web")
    engine.configure(release="second")
    engine.compose("build", "migrate", "backup")
    engine.compose("run", "--rm", "migrate")
    for service in ("web", "worker", "slow", "beat", "sweep", "backup"):
        engine.compose("up", "-d", "--no-deps", service)
    if image_of(engine, "web") == before:
        raise RehearsalFailed("the upgrade left the old image in place")


def image_of(engine: Engine, service: str) -> str:
    """Return the id of the image that a service runs."""
    container = engine.compose("ps", "-q", service).stdout.split()[0]
    return engine.call("docker", "inspect", "-f", "{{.Image}}", container).stdout.strip()


def slow_bodies(engine: Engine) -> None:
    """Hold more bodies half sent than web has threads."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    path = "/api/v1/attempts/00000000-0000-4000-8000-000000000000/answers/"
    headers = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 500"
    head = f"POST {path} HTTP/1.1\r\n{headers}\r\n\r\n"
    links = []
    for _ in range(SLOW_CLIENTS):
        plain = socket.create_connection(("127.0.0.1", engine.ports["https"]), timeout=5)
        links.append(context.wrap_socket(plain, server_hostname="localhost"))
        links[-1].sendall(head.encode())
    for _ in range(SLOW_SECONDS):
        for link in links:
            link.sendall(b" ")
        time.sleep(1)
    for link in links:
        link.close()


def saves_of(engine: Engine, container: str) -> float:
    """Return how many answers a web has saved, by its own metrics."""
    ask = (
        "from urllib.request import urlopen; print(urlopen('http://localhost:8000/metrics').read().decode())"
    )
    said = engine.call("docker", "exec", container, "python3", "-c", ask).stdout
    found = re.search(r"^passline_answers_saved_total (\S+)$", said, re.MULTILINE)
    return float(found[1]) if found else 0.0


def two_webs(engine: Engine) -> None:
    """Run two webs, of which one crashes. Raises RehearsalFailed when the proxy gave one of them nothing."""
    scale = ("up", "-d", "--no-deps", "--no-recreate", "--scale")
    engine.compose(*scale, "web=2", "web")
    wait_until_well(engine)
    time.sleep(5)
    # Saves that went well are not logged, but counted.
    if not all(map(partial(saves_of, engine), engine.compose("ps", "-q", "web").stdout.split())):
        raise RehearsalFailed("one of two webs got no save")
    engine.crash("web")
    time.sleep(5)
    engine.compose(*scale, "web=1", "web")


EVENTS: Final = (
    Event("nothing", quiet),
    Event(f"{SLOW_CLIENTS} slow bodies", slow_bodies),
    Event("valkey away for 3 s", away("valkey")),
    Event("valkey crashes", crash("valkey")),
    Event("worker crashes", crash("worker")),
    Event("slow crashes", crash("slow")),
    Event("beat crashes", crash("beat")),
    Event("sweep crashes", crash("sweep")),
    Event("web crashes", crash("web")),
    Event("two webs, one crashes", two_webs),
    Event("web restarted", restart("web")),
    Event("proxy restarted", restart("proxy")),
    Event("postgres restarted", restart("postgres")),
    Event("postgres crashes", crash("postgres")),
    Event("postgres away for 3 s", away("postgres")),
    Event("everything restarted", restart()),
    Event("upgrade by the steps of the docs", upgrade),
)


def wait_until_well(engine: Engine) -> None:
    """Wait until every lasting service runs and none is unhealthy. Raises RehearsalFailed."""
    until = time.monotonic() + HEALTHY_SECONDS
    while True:
        states = dict(
            line.split(" ", 1)
            for line in engine.compose(
                "ps", "--all", "--format", "{{.Service}} {{.Status}}"
            ).stdout.splitlines()
            if " " in line
        )
        bad = [name for name in LASTING if not well(states.get(name, "missing"))]
        if not bad:
            return
        if time.monotonic() > until:
            logs = engine.compose("logs", "--tail", "15", *bad, check=False).stdout
            raise RehearsalFailed(
                f"not well: {', '.join(f'{name}: {states.get(name)}' for name in bad)}\n{logs}"
            )
        time.sleep(1)


def well(status: str) -> bool:
    """Say whether Docker's words for a state mean that it runs, and is healthy where it is asked."""
    return status.startswith("Up") and "unhealthy" not in status and "starting" not in status
