"""The zone in which months of access are counted: a value that is no zone stops the start."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tools.devstack.paths import PROJECT


def test_a_zone_that_does_not_exist_stops_the_start_and_names_the_setting() -> None:
    refused = subprocess.run(
        [sys.executable, "-c", "from config import settings"],
        env={**os.environ, "SITE_ZONE": "Mars/Base"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert refused.returncode != 0
    assert "SITE_ZONE must be a time zone such as Europe/Budapest, not 'Mars/Base'" in refused.stderr


@pytest.mark.parametrize(
    ("value", "zone"), [("", "Europe/Budapest"), ("America/New_York", "America/New_York")]
)
def test_the_zone_is_that_of_the_setting_or_budapest(
    monkeypatch: pytest.MonkeyPatch, value: str, zone: str
) -> None:
    monkeypatch.setenv("SITE_ZONE", value)
    assert env.zone("SITE_ZONE", "Europe/Budapest") == zone


@pytest.mark.parametrize("bad", ["europe/budapest", "CET+1", "../etc/passwd", "2"])
def test_only_names_of_the_tz_database_are_zones(monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setenv("SITE_ZONE", bad)
    with pytest.raises(ImproperlyConfigured, match="SITE_ZONE must be a time zone"):
        env.zone("SITE_ZONE", "Europe/Budapest")
