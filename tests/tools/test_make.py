"""The Makefile, the locks, and the making of the environment."""

import re
from pathlib import Path

import pytest

from tools import bootstrap

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_of_the_machine_that_checks_is_the_one_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script == "#!/usr/bin/env bash\nset -euo pipefail\nmake test-all\n"
    assert "make test-all" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "tools/uv.txt"])
def test_a_lock_holds_pins_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--?(index|extra|find|trusted)", text, re.MULTILINE)
    blocks = re.findall(r"^([a-z0-9][\w.-]*)==\S+.*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    pinned = re.findall(r"^[a-z0-9][\w.-]*==.*\\$", text, re.MULTILINE)
    assert len(blocks) == len(pinned) > 0
    assert text.count("--hash=sha256:") >= len(pinned)


def test_what_runs_in_production_is_pinned_the_same_in_development() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


def test_only_one_driver_of_postgresql_is_installed() -> None:
    text = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    assert "psycopg2-binary==" in text
    assert not re.search(r"^psycopg(-binary|-c)?==", text, re.MULTILINE)


def test_a_mirror_of_the_shell_serves_installing_but_never_locking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("UV_INDEX", "https://other.example/simple")
    assert bootstrap.installing()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert not [value for value in bootstrap.locking().values() if ".example/simple" in value]


def test_another_environment_of_the_shell_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in bootstrap.MISLEADING:
        monkeypatch.setenv(name, "/elsewhere")
    assert not set(bootstrap.MISLEADING) & set(bootstrap.installing())
    assert not set(bootstrap.MISLEADING) & set(bootstrap.locking())


def test_without_a_python_that_is_new_enough_the_error_says_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap, "run", lambda command, variables: False)
    with pytest.raises(bootstrap.Failed, match=r"needs Python >=3\.12"):
        bootstrap.make_venv("uv")


def test_an_unchanged_lock_installs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never() -> str:
        raise AssertionError("nothing was to be installed")

    lock, stamp = tmp_path / "lock.txt", tmp_path / "stamp"
    lock.write_text("a==1")
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    monkeypatch.setattr(bootstrap, "find_uv", lambda: "uv")
    monkeypatch.setattr(bootstrap, "make_venv", lambda uv: None)
    monkeypatch.setattr(bootstrap, "run", lambda command, variables: True)
    bootstrap.install()
    monkeypatch.setattr(bootstrap, "find_uv", never)
    bootstrap.install()
    lock.write_text("a==2")
    with pytest.raises(AssertionError):
        bootstrap.install()
