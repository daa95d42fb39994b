"""Production does not start with settings that give its secrets away."""

import os
import subprocess
import sys

import pytest

from tools.devstack.gate import PRODUCTION
from tools.devstack.paths import PROJECT


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Load the settings as every process of production does at its start."""
    environment = {**os.environ, **PRODUCTION, **changes}
    return subprocess.run(
        [sys.executable, "-c", "from config import settings"],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(("name", "value"), [("SECRET_KEY", "short"), ("DEBUG", "1")])
def test_a_weak_setting_stops_the_start_and_is_named(name: str, value: str) -> None:
    refused = start(**{name: value})
    assert refused.returncode != 0
    assert f"ImproperlyConfigured: {name} must" in refused.stderr
