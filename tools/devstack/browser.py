"""A Chromium for the browser tests: the one that CHROMIUM names, or one of this machine.

`python -m tools.devstack.browser`, the first step of `make test`, installs one where there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.devstack import paths
from tools.devstack.paths import ServiceError

# The shell is the same browser without windows: a third less work for the same pages.
PACKAGES: Final = ("chromium-headless-shell", "chromium")
NAMES: Final = (*PACKAGES, "chromium-browser", "google-chrome", "google-chrome-stable")
ASK_PLAYWRIGHT: Final = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
NOT_FOUND: Final = (
    "No Chromium was found and none could be installed. Install `chromium` or Google Chrome, or set\n"
    "CHROMIUM to the full path of one. `make test-fast` runs everything that needs no browser."
)


def version_of(program: str) -> str:
    """Return what a browser says its version is, or '' when it does not run."""
    try:
        output = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return output.stdout.strip() if output.returncode == 0 else ""


def on_system() -> str:
    """Return the first browser on PATH that runs, or ''."""
    for name in NAMES:
        found = shutil.which(name)
        if found and version_of(found):
            return found
    return ""


def from_distribution() -> str:
    """Install the distribution's package when we are root and it has one; return the browser or ''."""
    if not paths.is_root() or not shutil.which("apt-get"):
        return ""
    print("Installing the distribution's chromium", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = [f"apt-get install -y -q --no-install-recommends {package}".split() for package in PACKAGES]
    subprocess.run(["apt-get", "update", "-q"], check=False, env=environment, stdout=subprocess.DEVNULL)
    for command in commands:
        if subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == 0:
            return on_system()
    return ""


def of_playwright() -> str:
    """Return Playwright's own browser if it was downloaded before, or ''."""
    output = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    path = output.stdout.strip()
    return path if path and Path(path).exists() and version_of(path) else ""


def from_playwright() -> str:
    """Download Playwright's own browser; return it, or '' when that fails."""
    print("Downloading Playwright's Chromium", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return of_playwright()


def find(*, install: bool = False) -> str:
    """Return the path of a Chromium that runs, after installing one if allowed. Raises ServiceError."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        if version_of(named):
            return named
        raise ServiceError(f"CHROMIUM={named} is not a browser that runs.")
    found = on_system() or of_playwright()
    if not found and install:
        found = from_distribution() or from_playwright()
    if not found:
        raise ServiceError(NOT_FOUND)
    return found


def main() -> int:
    """Make sure that there is a browser, and say which; 1 when there is none and none can be installed."""
    try:
        found = find(install=True)
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"   {found}: {version_of(found)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
