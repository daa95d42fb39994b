"""`manage.py make_demo`: people for the development profile, with passwords that only its file tells."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(settings: Any, tmp_path: Path) -> Path:
    """The state folder of a development profile."""
    settings.PROFILE, settings.STATE_DIR = "development", tmp_path
    return tmp_path


def make() -> str:
    """Run the command; return what it said."""
    said = StringIO()
    call_command("make_demo", stdout=said)
    return said.getvalue()


def test_everybody_of_the_file_can_sign_in_with_the_password_that_is_told(state: Path) -> None:
    assert make() == "4 demo accounts\n"
    told = state / "demo.json"
    assert told.stat().st_mode & 0o777 == 0o600
    for account in json.loads(told.read_text())["accounts"]:
        form = {"login": account["email"], "password": account["password"]}
        assert Client().post("/accounts/login/", form).status_code == 302, account


def test_an_author_reads_content_and_an_admin_everything(state: Path) -> None:
    make()
    author = User.objects.get(email="author@passline.example")
    assert (author.has_perm("exams.view_item"), author.has_perm("exams.view_attempt")) == (True, False)
    assert User.objects.get(email="admin@passline.example").has_perm("exams.view_attempt")
    assert not User.objects.get(email="candidate@passline.example").groups.exists()


def test_a_repeat_changes_no_password_and_mends_a_changed_one(state: Path) -> None:
    make()
    before = (state / "demo.json").read_text()
    hashes = dict(User.objects.values_list("email", "password"))
    candidate = User.objects.get(email="candidate@passline.example")
    candidate.set_password("something else")
    candidate.save()
    make()
    assert (state / "demo.json").read_text() == before
    after = dict(User.objects.values_list("email", "password"))
    assert {email for email in after if after[email] != hashes[email]} == {candidate.email}
    password = json.loads(before)["accounts"][0]["password"]
    assert User.objects.get(email=candidate.email).check_password(password)


@pytest.mark.parametrize("profile", ["test", "production"])
def test_demo_accounts_are_refused_outside_of_development(settings: Any, state: Path, profile: str) -> None:
    settings.PROFILE = profile
    with pytest.raises(CommandError):
        make()
    assert not User.objects.exists()
    assert not (state / "demo.json").exists()
