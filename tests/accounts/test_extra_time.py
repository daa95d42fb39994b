"""Extra time of a candidate: set by support without a reason, seen by nobody else of the staff."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client

from accounts.access import support
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.jobs.registry import Progress
from accounts.privacy import archive, erasure
from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.models import User
from tests import factories
from tests.accounts.mails import delivered

pytestmark = pytest.mark.django_db

DOUBLE = "percent_100"
WORDS = "Double time"


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(person: User, page: str = "extra-time") -> str:
    return f"/admin/accounts/user/{person.pk}/{page}/"


def refusal(actor: User, person: User, accommodation: str = DOUBLE) -> str:
    """Return the code with which it is refused, "" where it is done."""
    try:
        support.set_extra_time(actor=actor, person_id=person.pk, accommodation=accommodation)
    except Refused as refused:
        return refused.code
    return ""


def test_support_sets_it_for_somebody_who_never_had_a_profile_and_is_asked_for_no_reason(anna: User) -> None:
    Profile.objects.filter(user=anna).delete()
    helper = factories.make_staff("support")
    client = client_of(helper)
    page = client.get(address(anna, "person")).content.decode()
    assert address(anna) in page
    form = client.get(address(anna)).content.decode()
    assert "textarea" not in form
    reply = client.post(f"{address(anna)}?back=person", {"accommodation": DOUBLE}, follow=True)
    assert WORDS in reply.content.decode()
    assert profiles.of(anna).accommodation == DOUBLE
    [mail] = delivered()
    assert (mail.to, WORDS in str(mail.body)) == ([anna.email], False)


def test_the_record_says_that_it_was_set_and_not_how_much(anna: User) -> None:
    helper = factories.make_staff("support")
    assert refusal(helper, anna) == ""
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == ("set_extra_time", helper, str(anna.pk))
    assert (entry.reason, entry.before, entry.after) == ("", {}, {})


def test_it_is_refused_for_oneself_for_staff_and_to_everybody_else(anna: User) -> None:
    helper = factories.make_staff("support")
    author = factories.make_staff("authors")
    assert refusal(helper, helper) == "own_account"
    assert refusal(helper, author) == "staff_account"
    assert refusal(author, anna) == "not_allowed"
    assert refusal(anna, anna) == "not_allowed"
    assert refusal(helper, anna, "percent_75") == "invalid"
    assert refusal(helper, anna, "none") == "unchanged"
    assert not AuditEntry.objects.exists()
    assert refusal(factories.make_staff("admin"), author) == ""


def test_it_counts_among_the_acts_of_a_day(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.access.support.ACTS_A_DAY", 1)
    helper = factories.make_staff("support")
    assert refusal(helper, anna) == ""
    assert refusal(helper, anna, "esl") == "too_many_acts"
    assert refusal(factories.make_staff("admin"), anna, "esl") == ""


@pytest.mark.parametrize(("role", "sees"), [("support", True), ("admin", True), ("finance", False)])
def test_of_the_staff_only_support_sees_it(anna: User, role: str, sees: bool) -> None:
    assert refusal(factories.make_staff("support"), anna) == ""
    reader = User.objects.filter(email=f"{role}@example.org").first() or factories.make_staff(role)
    page = client_of(reader).get(address(anna, "person"))
    assert page.status_code == 200
    assert (WORDS in page.content.decode(), "set_extra_time" in page.content.decode()) == (sees, sees)


def test_it_is_in_the_archive_and_ends_with_the_account(anna: User) -> None:
    assert refusal(factories.make_staff("support"), anna) == ""
    packed = archive.archive_of(anna, "en", Progress())
    with ZipFile(BytesIO(packed)) as files:
        assert json.loads(files.read("profile.json"))[0]["extra_time"] == DOUBLE
    erasure.erase(anna, actor=None, reason="asked")
    assert not Profile.objects.filter(accommodation=DOUBLE).exists()
    assert DOUBLE not in str(list(AuditEntry.objects.values()))
