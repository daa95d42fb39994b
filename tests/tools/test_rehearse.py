"""The rehearsal follows the shipped files: their images, secrets, services, and the steps of the docs."""

import inspect
import json
import re
from pathlib import Path

import pytest

from accounts.base import site_operator
from tests.production.image import ROOT, SERVICES
from tools.rehearse import events
from tools.rehearse.__main__ import lost
from tools.rehearse.candidate import Browser, Candidate
from tools.rehearse.engine import IMAGES, OPERATOR, SECRETS, Engine, mounted_below

pytestmark = pytest.mark.thorough

JOBS = {"migrate", "content"}


class Stored(Engine):
    """An engine whose database holds these rows."""

    def __init__(self, rows: list[list[str]]) -> None:
        self.rows = rows

    def sql(self, query: str) -> list[list[str]]:
        return self.rows


def test_a_stand_in_is_made_for_every_image_that_the_project_names() -> None:
    foreign = {s["image"] for s in SERVICES.values() if not s["image"].startswith("passline")}
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    bases = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - set(
        re.findall(r" AS (\S+)$", text, re.MULTILINE)
    )
    assert foreign | bases == set(IMAGES.values())
    stand_ins = (ROOT / "tools/rehearse/images/Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r" AS (\S+)$", stand_ins, re.MULTILINE)) == set(IMAGES)


def test_every_secret_of_the_example_is_filled_in(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.configure(release="first")
    text = (tmp_path / "env").read_text(encoding="utf-8")
    part = (
        (ROOT / ".env.example")
        .read_text(encoding="utf-8")
        .split("# --- must be set ---")[1]
        .split("# ---")[0]
    )
    assert tuple(re.findall(r"^(\w+)=$", part, re.MULTILINE)) == SECRETS
    values = [re.findall(rf"^{name}=(.+)$", text, re.MULTILINE)[0] for name in SECRETS]
    assert len(set(values)) == len(SECRETS)
    assert (tmp_path / "env").stat().st_mode & 0o077 == 0


def test_every_fact_about_the_operator_that_production_demands_is_filled_in(tmp_path: Path) -> None:
    Engine(tmp_path).configure(release="first")
    text = (tmp_path / "env").read_text(encoding="utf-8")
    filled = {name: re.findall(rf"^{name}=(.*)$", text, re.MULTILINE) for name in site_operator.REQUIRED}
    assert filled == {name: [value] for name, value in OPERATOR.items()}
    assert all(OPERATOR.values())


def test_an_upgrade_is_another_image_with_the_same_secrets(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.configure(release="first")
    before = (tmp_path / "env").read_text(encoding="utf-8")
    engine.configure(release="second")
    assert (tmp_path / "env").read_text(encoding="utf-8") == before
    services = json.loads((tmp_path / "override.json").read_text(encoding="utf-8"))["services"]
    assert services["migrate"]["build"]["labels"] == {"release": "second"}


def test_every_service_that_lasts_is_watched_and_crashes_or_stops() -> None:
    assert set(events.LASTING) == set(SERVICES) - JOBS - {"mail"}
    named = " ".join(event.name for event in events.EVENTS)
    assert [name for name in events.LASTING if name not in named and name != "backup"] == []


def test_the_rehearsed_upgrade_has_the_steps_of_the_docs() -> None:
    docs = (
        (ROOT / "docs/operations.md")
        .read_text(encoding="utf-8")
        .split("## Upgrade while")[1]
        .split("\n## ")[0]
    )
    order = re.findall(r"^    for service in (.+); do docker compose up -d --no-deps", docs, re.MULTILINE)
    source = inspect.getsource(events.upgrade)
    assert order == [" ".join(re.findall(r'"(\w+)"', source.split("for service in")[1].split(":")[0]))]
    assert re.findall(r"docker compose build (.+)", docs)[0].split() == ["migrate", "backup"]
    assert '"build", "migrate", "backup"' in source
    assert docs.index("run --rm migrate") < docs.index("for service in")


def test_what_a_killed_daemon_left_mounted_is_found_the_inner_first_and_nothing_else() -> None:
    mounts = """/dev/vda / ext4 rw 0 0
/dev/vda /var/tmp/r1/data ext4 rw 0 0
overlay /var/tmp/r1/data/overlay2/a/merged overlay rw 0 0
/dev/vda /var/tmp/r12/data ext4 rw 0 0
"""
    found = mounted_below(Path("/var/tmp/r1"), mounts)
    assert found == ["/var/tmp/r1/data/overlay2/a/merged", "/var/tmp/r1/data"]


@pytest.mark.parametrize(
    ("rows", "gone"),
    [
        ([["1", "4", "{9}"], ["2", "5", "{8}"]], 0),
        ([["1", "4", "{9}"]], 1),
        ([["1", "4", "{7}"], ["2", "6", "{8}"]], 2),
        ([["1", "4", "{9}"], ["2", "5", "{8}"], ["3", "1", "{1}"]], 0),
    ],
)
def test_an_acknowledged_answer_that_is_missing_or_different_is_lost(
    rows: list[list[str]], gone: int
) -> None:
    candidate = Candidate(Browser(0), acknowledged={1: (4, 9), 2: (5, 8)})
    assert lost(Stored(rows), candidate) == gone


@pytest.mark.parametrize(
    ("status", "good"),
    [
        ("Up 3 seconds", True),
        ("Up 2 minutes (healthy)", True),
        ("Up 2 minutes (unhealthy)", False),
        ("Up 3 seconds (health: starting)", False),
        ("Restarting (1) 2 seconds ago", False),
        ("Exited (0) 3 seconds ago", False),
        ("missing", False),
    ],
)
def test_dockers_words_for_a_state_are_understood(status: str, good: bool) -> None:
    assert events.well(status) is good
