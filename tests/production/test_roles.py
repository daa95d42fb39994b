"""Every role of the image starts from requirements.txt alone, as the compose file starts it."""

import contextlib
import http.client
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.production.conftest import until
from tests.production.image import SECRETS, SERVICES, Compose

ROLES = ("web", "worker", "slow", "beat", "sweep")
JOBS = {"migrate", "content", "backup"}
MEASURED = ("worker", "slow", "beat", "sweep")


@pytest.fixture(scope="module")
def running(compose: Compose) -> Compose:
    """All roles, started."""
    for name in ROLES:
        compose.up(name)
    return compose


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", path, headers=headers)
        reply = link.getresponse()
        return reply.status, reply.read().decode()
    finally:
        link.close()


def answers(port: int, path: str) -> bool:
    with contextlib.suppress(OSError):
        return get(port, path)[0] == 200
    return False


def test_every_service_that_runs_on_is_one_of_the_roles() -> None:
    ours = {name for name, service in SERVICES.items() if service["image"].startswith("passline")}
    assert ours - JOBS == set(ROLES)


def test_web_is_healthy(running: Compose) -> None:
    until(running, "web", lambda: running.healthy("web"))


def test_the_worker_answers_its_health_check(running: Compose) -> None:
    until(running, "worker", lambda: running.healthy("worker"))


def test_beat_is_healthy_and_sends_the_sweep_which_the_worker_does(running: Compose) -> None:
    until(running, "beat", lambda: running.healthy("beat"))
    until(running, "worker", lambda: "exams.sweep" in running.log("worker"))


def test_the_sweep_passes_without_a_queue(running: Compose) -> None:
    until(running, "sweep", lambda: "expired 0, scored 0" in running.log("sweep"))


@pytest.mark.parametrize("name", MEASURED)
def test_what_is_no_web_server_serves_its_metrics_at_a_port_of_its_own(running: Compose, name: str) -> None:
    until(running, name, lambda: answers(running.ports[name], "/metrics"))
    status, text = get(running.ports[name], "/metrics")
    assert status == 200
    assert list(text_string_to_metric_families(text)) or name == "beat"


def test_prometheus_and_probes_ask_web_by_its_address(running: Compose) -> None:
    here = {"Host": "172.18.0.7:8000"}
    until(running, "web", lambda: running.healthy("web"))
    assert get(running.ports["web"], "/health/live", **here)[0] == 200
    assert get(running.ports["web"], "/health/ready", **here)[0] == 200
    token = {"Authorization": f"Bearer {SECRETS['METRICS_TOKEN']}"}
    status, text = get(running.ports["web"], "/metrics", **here, **token)
    assert status == 200
    assert "passline_attempts_unscored" in text


@pytest.mark.parametrize("name", ROLES)
def test_no_role_ends_by_itself_or_says_an_error(running: Compose, name: str) -> None:
    assert running.children[name].running, running.log(name)
    said = running.log(name)
    assert "Traceback" not in said
    assert "ModuleNotFoundError" not in said


def test_readiness_ends_before_the_web_server_does(running: Compose) -> None:
    until(running, "web", lambda: running.healthy("web"))
    child = running.children["web"]
    child.ask_to_stop()
    seen = set()
    while child.running:
        try:
            seen.add(get(running.ports["web"], "/health/ready", Host="localhost")[0])
        except OSError:
            break
        time.sleep(0.05)
    assert child.wait(20)
    assert 503 in seen
    assert child.code == 0
