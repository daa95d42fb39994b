"""The zone in which months of access are counted: a value that is no zone stops the start."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tools.devstack.paths import PROJECT

SHOW = "from config import settings; print(settings.SITE_ZONE)"


def start(zone: str) -> subprocess.CompletedProcess[str]:
    """Load the settings as every process of the site does at its start."""
    command = [sys.executable, "-c", SHOW]
    environment = {**os.environ, "SITE_ZONE": zone}
    return subprocess.run(
        command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_zone_that_does_not_exist_stops_the_start_and_names_the_setting() -> None:
    refused = start("Mars/Base")
    assert refused.returncode != 0
    assert "SITE_ZONE must be a time zone such as Europe/Budapest, not 'Mars/Base'" in refused.stderr


@pytest.mark.parametrize(
    ("value", "zone"), [("", "Europe/Budapest"), ("America/New_York", "America/New_York")]
)
def test_the_zone_is_that_of_the_setting_or_budapest(value: str, zone: str) -> None:
    started = start(value)
    assert (started.returncode, started.stdout.strip()) == (0, zone), started.stderr


@pytest.mark.parametrize("bad", ["europe/budapest", "CET+1", "../etc/passwd", "2"])
def test_only_names_of_the_tz_database_are_zones(monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setenv("SITE_ZONE", bad)
    with pytest.raises(ImproperlyConfigured, match="SITE_ZONE must be a time zone"):
        env.zone("SITE_ZONE", "Europe/Budapest")


def test_the_setting_is_documented_where_a_site_is_set_up() -> None:
    for name in (".env.example", "docs/operations.md", "docker-compose.yml"):
        assert "SITE_ZONE" in (PROJECT / name).read_text(encoding="utf-8"), name
