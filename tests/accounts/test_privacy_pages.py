"""The pages of a person's data: a copy of it, its deletion, and the way back."""

from urllib.parse import quote

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client

from accounts.base.errors import Refused
from accounts.jobs import runner
from accounts.jobs.models import Job
from accounts.privacy import archive, erasure
from accounts.privacy.models import ErasureRequest
from accounts.users import tokens
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import delivered, path_in

PAGE = "/accounts/privacy/"
EXPORT = "/accounts/privacy/export/"
DELETE = "/accounts/privacy/delete/"
SURE = "/accounts/reauthenticate/"


@pytest.fixture
def sure(signed_in: Client) -> Client:
    """One who has just given their password."""
    signed_in.post(SURE, {"password": PASSWORD})
    return signed_in


def close(client: Client) -> str:
    """Close the account; return the path of the link in the mail."""
    assert client.post(DELETE, {"address": EMAIL})["Location"] == "/accounts/privacy/closed/"
    return path_in(delivered()[-1])


def test_the_profile_leads_to_the_page(signed_in: Client) -> None:
    profile = signed_in.get("/accounts/profile/").content.decode()
    assert f'href="{PAGE}"' in profile
    assert f"you can change your mind for {settings.ERASURE_DAYS} days." in profile
    page = signed_in.get(PAGE)
    assert "no-store" in page["Cache-Control"]
    assert DELETE in page.content.decode()


@pytest.mark.parametrize("address", [PAGE, DELETE])
def test_nobody_is_led_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    assert client.post(EXPORT)["Location"].startswith("/accounts/login/")


def test_an_archive_asks_for_the_password_first_and_then_goes_on(signed_in: Client, anna: User) -> None:
    asked = signed_in.post(EXPORT)
    assert asked["Location"] == f"{SURE}?next={quote(EXPORT, safe='')}"
    assert not Job.objects.exists()
    gone_on = signed_in.post(asked["Location"], {"password": PASSWORD})
    assert gone_on["Location"] == PAGE
    assert Job.objects.get().owner == anna


def test_the_page_says_how_far_the_archive_is_and_where_it_is(sure: Client) -> None:
    assert "Create the file" in sure.get(PAGE).content.decode()
    sure.post(EXPORT)
    making = sure.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in making
    assert "<html" not in making
    runner.run_due()
    ready = sure.get(PAGE).content.decode()
    address = f"/accounts/jobs/{Job.objects.get().pk}/file/"
    assert address in ready
    assert sure.get(address)["Content-Type"] == "application/zip"


def test_an_archive_that_failed_can_be_asked_for_again(sure: Client) -> None:
    sure.post(EXPORT)
    Job.objects.update(state="failed", finished_at=Now(), tries=3)
    page = sure.get(PAGE).content.decode()
    assert "couldn't create the file" in page.replace("&#x27;", "'")
    assert f'action="{EXPORT}"' in page


def test_the_fourth_archive_of_a_day_is_refused_on_the_page(sure: Client) -> None:
    for _ in range(archive.MOST_A_DAY):
        sure.post(EXPORT)
        runner.run_due()
    page = sure.post(EXPORT, follow=True).content.decode()
    assert "3 times a day. Try again tomorrow." in page
    assert Job.objects.count() == archive.MOST_A_DAY


def test_deletion_asks_for_the_password_first(signed_in: Client, anna: User) -> None:
    assert signed_in.get(DELETE)["Location"] == f"{SURE}?next={quote(DELETE, safe='')}"
    signed_in.post(DELETE, {"address": EMAIL})
    anna.refresh_from_db()
    assert anna.is_active


def test_the_page_says_what_stays_and_why(sure: Client) -> None:
    page = sure.get(DELETE).content.decode()
    for words in ("they show how hard questions are", "our bookkeeping needs this", "For 7 days"):
        assert words in page


@pytest.mark.parametrize("typed", ["", "bela@example.org", "anna", "<script>"])
def test_another_address_deletes_nothing_and_is_told_at_the_field(
    sure: Client, anna: User, typed: str
) -> None:
    reply = sure.post(DELETE, {"address": typed})
    assert reply.status_code == 422
    assert 'aria-invalid="true"' in reply.content.decode()
    assert "<script>" not in reply.content.decode().partition('id="address"')[2].partition(">")[0]
    assert not ErasureRequest.objects.exists()
    anna.refresh_from_db()
    assert anna.is_active


def test_a_closed_account_cannot_be_used(sure: Client, anna: User) -> None:
    plain, other = tokens.issue(anna), Client()
    other.force_login(anna)
    close(sure)
    assert tokens.find(plain) is None
    for client in (sure, other):
        assert client.get("/accounts/profile/").status_code == 302
    reply = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert reply["Location"] == "/accounts/inactive/"


def test_opening_the_link_changes_nothing_and_its_button_opens_the_account(sure: Client, anna: User) -> None:
    path = close(sure)
    stranger = Client()
    assert EMAIL in stranger.get(path).content.decode()
    anna.refresh_from_db()
    assert not anna.is_active
    assert stranger.post(path)["Location"] == "/accounts/login/"
    assert User.objects.get(pk=anna.pk).is_active
    assert Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}).status_code == 302
    for again in (stranger.get(path), stranger.post(path)):
        assert again.status_code == 404
        assert "This link isn't valid anymore" in again.content.decode()


def test_a_link_ends_with_its_days(sure: Client) -> None:
    path = close(sure)
    ErasureRequest.objects.update(due_at=Now())
    assert (Client().get(path).status_code, Client().post(path).status_code) == (404, 404)


def test_a_link_that_was_not_sent_opens_nothing(sure: Client, bela: User) -> None:
    close(sure)
    request = erasure.request_erasure(bela, bela.email, "en")
    key = erasure.key_of(request)
    changed = f"{'B' if key[0] != 'B' else 'C'}{key[1:]}"
    for wrong in (changed, request.pk.hex, f"{key}x"):
        assert Client().post(f"/accounts/privacy/restore/{wrong}/").status_code == 404
    assert ErasureRequest.objects.count() == 2


def test_the_pages_and_the_mail_are_in_hungarian_too(sure: Client) -> None:
    assert "Az adataid" in sure.get("/hu/accounts/privacy/").content.decode()
    assert "Mi marad meg, és miért" in sure.get("/hu/accounts/privacy/delete/").content.decode()
    sure.post("/hu/accounts/privacy/delete/", {"address": EMAIL})
    message = delivered()[-1]
    assert message.subject == "Bezártuk a fiókodat, és törölni fogjuk"
    assert "Újra megnyitom a fiókomat" in Client().get(path_in(message)).content.decode()


def test_what_staff_close_in_the_admin_is_not_opened_by_the_link_of_an_earlier_request(
    anna: User, admin_client: Client
) -> None:
    key = erasure.key_of(erasure.request_erasure(anna, anna.email, "en"))
    address = f"/admin/accounts/user/{anna.pk}/change/"
    no_profile = {"profile-TOTAL_FORMS": "0", "profile-INITIAL_FORMS": "0"}
    for field in ({"is_active": "on"}, {}):
        sent = {"email": anna.email, **no_profile, **field}
        assert admin_client.post(address, sent).status_code == 302
        assert User.objects.get(pk=anna.pk).is_active is bool(field)
    with pytest.raises(Refused):
        erasure.restore(key)
    assert not User.objects.get(pk=anna.pk).is_active
