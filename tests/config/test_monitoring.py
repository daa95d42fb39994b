"""Alert rules and the dashboard name metrics and labels that the site really exposes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

import config.metrics
from accounts.users.models import User
from exams.attempts import metrics
from tests import factories
from tests.production.image import SERVICES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "monitoring"
ALERTS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("alerts*.yml"))]
RULES: list[dict[str, Any]] = [rule for file in ALERTS for group in file["groups"] for rule in group["rules"]]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
SCRAPES: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
METRIC = re.compile(r"\bpassline_\w+")
# A selector's labels: name{label="...", other=~"..."}.
SELECTOR = re.compile(r"\b(passline_\w+)\{([^}]*)\}")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")


def expressions() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [*panels, *(rule["expr"] for rule in RULES)]


def exposed(client: Client) -> dict[str, set[str]]:
    """Return the names of samples with their labels, also of those that only wait for a label."""
    text = client.get("/metrics").content.decode()
    samples: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name, set()).update(sample.labels)
    for family in REGISTRY.collect():
        if family.name.startswith("passline_"):
            samples.setdefault(f"{family.name}_total" if family.type == "counter" else family.name, set())
    return samples


_samples: dict[str, set[str]] = {}


@pytest.fixture
def samples(request: pytest.FixtureRequest) -> dict[str, set[str]]:
    """What is exposed after something of each kind was counted: asked once for all tests of this file."""
    if not _samples:
        _samples.update(_counted(*map(request.getfixturevalue, ("client", "anna", "form"))))
    return _samples


def _counted(client: Client, anna: User, form: factories.Form) -> dict[str, set[str]]:
    config.metrics.REQUESTS_REFUSED.labels(reason="busy").inc(0)
    metrics.SCORES.labels(by="sweep").inc(0)
    metrics.SWEPT.labels(what="expired").inc(0)
    metrics.ANSWERS_REFUSED.labels(reason="late").inc(0)
    client.get("/health/live")
    return exposed(client)


@pytest.mark.parametrize("expression", expressions())
def test_every_metric_of_alerts_and_dashboard_is_exposed(
    samples: dict[str, set[str]], expression: str
) -> None:
    assert set(METRIC.findall(expression)) - set(samples) == set()


@pytest.mark.parametrize("expression", expressions())
def test_every_label_that_is_selected_or_grouped_by_is_there(
    samples: dict[str, set[str]], expression: str
) -> None:
    for name, inner in SELECTOR.findall(expression):
        assert set(LABEL.findall(inner)) <= samples[name], name
    names = METRIC.findall(expression)
    for group in re.findall(r"by \(([^)]*)\)", expression):
        known = set().union(*(samples[name] for name in names))
        assert {label.strip() for label in group.split(",")} <= known


def test_every_metric_of_the_site_is_on_the_dashboard_or_in_a_rule(samples: dict[str, set[str]]) -> None:
    used = {re.sub(r"_(bucket|total)$", "", name) for text in expressions() for name in METRIC.findall(text)}
    ours = {
        re.sub(r"_(bucket|count|sum|created|total)$", "", name)
        for name in samples
        if name.startswith("passline_")
    }
    assert ours - used == set()


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len(RULES) >= 8
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "action"} <= set(rule["annotations"])
        assert len(rule["annotations"]["action"]) > 15


def test_prometheus_scrapes_the_ports_that_the_services_serve() -> None:
    jobs = {job["job_name"]: job["dns_sd_configs"][0] for job in SCRAPES["scrape_configs"]}
    assert (jobs["web"]["names"], jobs["web"]["port"]) == (["web"], 8000)
    measured = {
        name: service["environment"]["METRICS_PORT"]
        for name, service in SERVICES.items()
        if "METRICS_PORT" in service.get("environment", {})
    }
    assert set(jobs["background"]["names"]) == set(measured)
    assert set(measured.values()) == {str(jobs["background"]["port"])}
    assert {job for text in expressions() for job in re.findall(r'job="(\w+)"', text)} <= set(jobs)


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    taken = [
        (x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
