"""Make the environment: uv into `.tools/`, then `.venv` from the hashed lock; and make the locks.

Standard library only, for any Python 3.9 or newer: uv then finds (or fetches) the Python that Passline needs.
`bootstrap.py` installs, `bootstrap.py lock [--upgrade]` writes the requirement files anew.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
UV_PIN = ROOT / "tools" / "uv.txt"
LOCK = ROOT / "requirements-dev.txt"
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
SUPPORTED = ">=3.12,<3.15"
MISLEADING = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX")
# What pip was told by its variables, in uv's words: for installing, never for locking.
PIP_TO_UV = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}
LOCKS = (
    "pyproject.toml -o requirements.txt",
    "--group dev -c requirements.txt pyproject.toml -o requirements-dev.txt",
    "tools/uv.in -o tools/uv.txt",
)
LOCK_OPTIONS = (
    "--quiet --no-config --universal --python-version 3.12 --generate-hashes --no-header --no-emit-index-url"
)


class Failed(Exception):
    """The environment cannot be made; the text says what a person can do."""


def environment() -> dict[str, str]:
    """Return the shell's variables without those that lead an installer to another environment."""
    return {name: value for name, value in os.environ.items() if name not in MISLEADING}


def installing() -> dict[str, str]:
    """Return the variables for installing: mirrors that pip knows are made known to uv."""
    variables = environment()
    for pip_name, uv_name in PIP_TO_UV.items():
        if variables.get(pip_name):
            variables.setdefault(uv_name, variables[pip_name])
    return variables


def locking() -> dict[str, str]:
    """Return the variables for locking: without mirrors, whose addresses would leak into a lock."""
    certificate = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT")
    kept = {
        name: value
        for name, value in environment().items()
        if not name.startswith(("PIP_", "UV_")) or name == "UV_CACHE_DIR"
    }
    return {**kept, "SSL_CERT_FILE": certificate} if certificate else kept


def run(command: list[str], variables: dict[str, str]) -> bool:
    """Run a command in the project's folder; say whether it succeeded."""
    try:
        return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode == 0
    except OSError:
        return False


def wanted_version() -> str:
    """Return the version of uv that the pin names."""
    found = re.search(r"^uv==([0-9.]+)", UV_PIN.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise Failed(f"{UV_PIN.name} names no version of uv")
    return found.group(1)


def version_of(uv: str) -> tuple[int, ...]:
    """Return the version of an executable uv, or an empty tuple when it does not run."""
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else ()


def find_uv() -> str:
    """Return a uv of the pinned version or newer: on PATH, in `.tools/`, or newly installed there by pip."""
    wanted = tuple(int(part) for part in wanted_version().split("."))
    own = (TOOLS / "venv" / "bin" / "uv", TOOLS / "target" / "bin" / "uv")
    for known in (shutil.which("uv"), *map(str, own)):
        if known and version_of(known) >= wanted:
            return known
    print(f"Installing uv {wanted_version()} into .tools/", flush=True)
    pinned = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(UV_PIN)]
    variables = environment()
    shutil.rmtree(TOOLS, ignore_errors=True)
    if quiet_venv(TOOLS / "venv", variables):
        run([str(TOOLS / "venv" / "bin" / "python"), "-m", "pip", *pinned], variables)
    if version_of(str(own[0])) < wanted:
        target = ["--no-deps", "--target", str(TOOLS / "target")]
        run([sys.executable, "-m", "pip", *pinned, *target], variables)
    for uv in map(str, own):
        if version_of(uv) >= wanted:
            return uv
    raise Failed("uv could not be installed: is there a network, and does `python3 -m pip --version` work?")


def quiet_venv(folder: Path, variables: dict[str, str]) -> bool:
    """Make a virtual environment; a Python without ensurepip (Debian) just says no."""
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], env=variables, capture_output=True, check=False
    )
    return made.returncode == 0


def make_venv(uv: str) -> None:
    """Make `.venv` with a supported Python, unless it is there and runs."""
    python = VENV / "bin" / "python"
    check = "import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))"
    if python.exists() and run([str(python), "-c", check], environment()):
        return
    if not run([uv, "venv", "--quiet", "--clear", "--python", SUPPORTED, str(VENV)], installing()):
        raise Failed(
            f"Passline needs Python {SUPPORTED}. None was found here, and none could be downloaded.\n"
            "Install one (for example python3.13 of your distribution) and run the same command again."
        )


def install() -> None:
    """Bring `.venv` to exactly what the lock says; an unchanged lock costs nothing."""
    digest = hashlib.sha256(LOCK.read_bytes() + SUPPORTED.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == digest:
        STAMP.touch()
        return
    uv = find_uv()
    make_venv(uv)
    print("Installing the packages of requirements-dev.txt into .venv", flush=True)
    python = str(VENV / "bin" / "python")
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(LOCK)]
    if not run(sync, installing()):
        print("uv could not install; trying pip, which is slower", flush=True)
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--require-hashes"]
        if not run([*pip, "-r", str(LOCK)], environment()):
            raise Failed("The packages could not be installed: the lines above say why.")
    STAMP.write_text(digest, encoding="utf-8")


def lock(*, upgrade: bool) -> None:
    """Write the requirement files: pins and hashes only, for every platform."""
    uv = find_uv()
    for part in LOCKS:
        command = f"pip compile {LOCK_OPTIONS} {'--upgrade ' if upgrade else ''}{part}"
        if not run([uv, *command.split()], locking()):
            raise Failed(f"uv {command} failed")


def main(arguments: list[str]) -> int:
    """Install, or lock."""
    try:
        if arguments[:1] == ["lock"]:
            lock(upgrade="--upgrade" in arguments)
        else:
            install()
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
