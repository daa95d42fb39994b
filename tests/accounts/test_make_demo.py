"""`manage.py make_demo`: people for the development profile, with passwords that only its file tells."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.access import policy, vouchers
from accounts.access.models import Entitlement, Voucher
from accounts.users.models import User
from tests import factories
from tests.accounts.signups import code_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(settings: Any, tmp_path: Path) -> Path:
    """The state folder of a development profile."""
    settings.PROFILE, settings.STATE_DIR = "development", tmp_path
    factories.make_certification()  # without it nothing of it is sold
    return tmp_path


def make() -> str:
    """Run the command; return what it said."""
    said = StringIO()
    call_command("make_demo", stdout=said)
    return said.getvalue()


def test_everybody_of_the_file_can_sign_in_with_the_password_that_is_told(state: Path) -> None:
    assert make() == "9 demo accounts, 0 vouchers\n"
    told = state / "demo.json"
    assert told.stat().st_mode & 0o777 == 0o600
    for account in json.loads(told.read_text())["accounts"]:
        form = {"login": account["email"], "password": account["password"]}
        client = Client()
        assert client.post("/accounts/login/", form).status_code == 302, account
        if secret := account.get("totp_secret"):
            code = code_for(secret)
            assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302, account
        assert client.get("/accounts/profile/").status_code == 200, account


def test_an_author_reads_content_and_an_admin_everything(state: Path) -> None:
    make()
    author = User.objects.get(email="author@passline.example")
    assert (author.has_perm("exams.view_item"), author.has_perm("exams.view_attempt")) == (True, False)
    assert User.objects.get(email="admin@passline.example").has_perm("exams.view_attempt")
    assert not User.objects.get(email="candidate@passline.example").groups.exists()


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("reviewer", "exams.view_item", "exams.view_attempt"),
        ("translator", "exams.translate_draft", "exams.write_draft"),
        ("support", "accounts.change_entitlement", "accounts.change_purchase"),
        ("finance", "accounts.change_purchase", "accounts.change_entitlement"),
    ],
)
def test_each_role_of_staff_has_somebody_with_its_rights(
    state: Path, role: str, may: str, may_not: str
) -> None:
    make()
    person = User.objects.get(email=f"{role}@passline.example")
    assert person.is_staff
    assert not person.is_superuser
    assert (person.has_perm(may), person.has_perm(may_not)) == (True, False)


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


def facts(state: Path) -> dict[str, Any]:
    """Return what the file tells."""
    found: dict[str, Any] = json.loads((state / "demo.json").read_text())
    return found


def test_all_have_access_but_the_candidate_without(state: Path) -> None:
    call_command("load_products", stdout=StringIO())
    make()
    people = {one["role"]: User.objects.get(email=one["email"]) for one in facts(state)["accounts"]}
    access = {role: policy.has_access(user, "cert:mls-c01") for role, user in people.items()}
    assert access.pop("candidate without access") is False
    assert len(access) == 8
    assert all(access.values())


def test_a_repeat_gives_nothing_again_and_keeps_codes_and_secrets(state: Path) -> None:
    call_command("load_products", stdout=StringIO())
    assert make() == "9 demo accounts, 3 vouchers\n"
    told, given = facts(state), Entitlement.objects.count()
    assert given == 8
    make()
    assert facts(state) == told
    assert (Entitlement.objects.count(), Voucher.objects.count()) == (given, 3)


def test_each_code_gives_the_candidate_without_access_what_is_promised(state: Path) -> None:
    call_command("load_products", stdout=StringIO())
    make()
    user = User.objects.get(email="candidate3@passline.example")
    for code in facts(state)["vouchers"]:
        assert not vouchers.redeem(user=user, voucher_code=code).again
    assert policy.has_access(user, "cert:mls-c01")


def test_codes_of_another_database_are_replaced(state: Path) -> None:
    call_command("load_products", stdout=StringIO())
    make()
    stale = {**facts(state), "vouchers": ["PASS-0000-0000-0000-0000"]}
    (state / "demo.json").write_text(json.dumps(stale))
    make()
    assert len(facts(state)["vouchers"]) == 3
    assert "PASS-0000-0000-0000-0000" not in facts(state)["vouchers"]


def test_staff_have_a_second_factor_and_nobody_else(state: Path) -> None:
    make()
    with_secret = {one["role"] for one in facts(state)["accounts"] if "totp_secret" in one}
    assert with_secret == {"author", "reviewer", "translator", "support", "finance", "admin"}
