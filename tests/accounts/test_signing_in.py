"""Signing up, in, out; confirming; setting a new password; what strangers can learn (nothing)."""

import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.access.policy import has_access
from accounts.email_verification.models import PendingConfirmation
from accounts.profile import services as profile_services
from accounts.profile.models import Profile
from accounts.users import passwords
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import delivered

pytestmark = pytest.mark.django_db

Told = list[tuple[int, str | None]]
SOMEBODY = "somebody.new@example.org"


def link_in(message: str) -> str:
    """The path of the first link in a mail."""
    found = re.search(r"https?://\S+/accounts/\S+", message)
    assert found, message
    return urlsplit(found[0]).path


def sign_up(client: Client, email: str, password: str = PASSWORD, prefix: str = "") -> tuple[int, str, str]:
    """Send the form; return what a stranger sees: status, address, page without tokens."""
    reply = client.post(f"{prefix}/accounts/signup/", {"email": email, "password1": password})
    page = re.sub(r'value="[^"]{30,}"', "", reply.content.decode())
    return reply.status_code, reply.get("Location", ""), page


def waiting_page(client: Client, address: str, act: dict[str, str]) -> tuple[int, str]:
    """Act on the page that waits for a code; return what a stranger sees, without the address and tokens."""
    path = "/accounts/confirm-email/"
    reply = client.post(path, act, follow=True) if act else client.get(path)
    page = re.sub(r'value="[^"]{30,}"', "", reply.content.decode()).replace(address, "")
    return reply.status_code, page


def log_in(client: Client, password: str = PASSWORD, email: str = EMAIL, **headers: str) -> int:
    reply = client.post("/accounts/login/", {"login": email, "password": password}, headers=headers)
    return reply.status_code


def test_an_account_is_usable_only_after_the_link_even_in_another_browser(client: Client) -> None:
    assert sign_up(client, "new@example.org")[1] == "/accounts/confirm-email/"
    assert not User.objects.exists()
    assert log_in(Client(), email="new@example.org") == 200
    assert "_auth_user_id" not in client.session
    path = link_in(str(delivered()[0].body))
    elsewhere = Client()
    assert "new@example.org" in elsewhere.get(path).content.decode()
    assert not User.objects.exists()
    assert elsewhere.post(path, {"password": PASSWORD}).status_code == 302
    person = User.objects.get(email="new@example.org")
    assert has_access(person, "cert:mls-c01")
    assert elsewhere.session["_auth_user_id"] == str(person.pk)
    assert log_in(Client(), email="NEW@example.org") == 302


def test_signing_in_unverified_sends_a_mail_and_lets_nobody_in(client: Client, anna: User) -> None:
    EmailAddress.objects.update(verified=False)
    reply = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert reply["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session
    assert len(delivered()) == 1


def test_signing_up_with_a_known_address_looks_the_same_to_a_stranger(client: Client, anna: User) -> None:
    known = sign_up(client, EMAIL, "quite another one")
    stranger = Client()
    unknown = sign_up(stranger, "new@example.org", "quite another one")
    assert known == unknown
    pages = [
        [waiting_page(browser, address, act) for act in ({}, {"code": "000000"}, {"action": "resend"})]
        for browser, address in ((client, EMAIL), (stranger, "new@example.org"))
    ]
    assert pages[0] == pages[1]
    assert [message.to for message in delivered()] == [[EMAIL], ["new@example.org"]]
    assert delivered()[0].subject != delivered()[1].subject
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_asking_for_a_new_password_looks_the_same_for_known_and_unknown(client: Client, anna: User) -> None:
    replies = [
        browser.post("/accounts/password/reset/", {"email": email}, follow=True)
        for browser, email in ((client, EMAIL), (Client(), "nobody@example.org"))
    ]
    assert replies[0].redirect_chain == replies[1].redirect_chain == [("/accounts/password/reset/done/", 302)]
    pages = [re.sub(r'value="[^"]{30,}"', "", reply.content.decode()) for reply in replies]
    assert pages[0] == pages[1]
    assert len(delivered()) == 2


def test_a_wrong_password_and_an_unknown_account_look_the_same(client: Client, anna: User) -> None:
    pages = []
    for browser, email in ((client, EMAIL), (Client(), "nobody@example.org")):
        reply = browser.post("/accounts/login/", {"login": email, "password": "wrong password"})
        assert reply.status_code == 200
        pages.append(re.sub(r'value="[^"]*"', "", reply.content.decode()))
    assert pages[0] == pages[1]
    assert "Incorrect email or password." in pages[0]


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "too short"),
        ("vX9$kq2!m", "too short"),
        ("password12", "too common"),
        ("new@example.org", "too similar"),
        ("x1" * 65, "too long"),
        (" " * 8, "too short"),
        (" " * 12, "repeats the same characters"),
        ("candidate77", "a common word or password"),
        ("passline2026", "the name of this site or part of your email address"),
        ("Passl1ne 2026", "the name of this site or part of your email address"),
        ("somebody12345678", "the name of this site or part of your email address"),
        ("Pass123456!", "a common word or password"),
        ("Pass12345!", "a common word or password"),
        ("P@ssw0rd123", "a common word or password"),
        ("mnopqrstuvwx 9", "letters or digits in a row"),
        ("qazxswedcvfr", "too common"),
        ("xswzaqcderfv", "a common word or password"),
        ("ujm,ki8765", "keys that are side by side"),
        ("24.11.1985 24", "dates or years"),
        ("kartoffelpuffer", "too common"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason_at_its_field(
    client: Client, password: str, fault: str
) -> None:
    _status, _location, page = sign_up(client, "new@example.org" if "@" in password else SOMEBODY, password)
    assert fault in page
    assert 'aria-invalid="true"' in page
    assert not User.objects.exists()


def test_a_short_common_password_gets_one_sentence_and_no_hint_that_repeats_it(client: Client) -> None:
    _status, _location, page = sign_up(client, SOMEBODY, "password1")
    assert "too short" in page
    assert "too common" not in page
    assert "easy to guess" not in page
    assert re.search(r'_password\d?_helptext" class="vh"', page)
    _status, _location, page = sign_up(client, SOMEBODY, "password12")
    assert re.search(r'_password\d?_helptext">At least', page)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "my dog eats green socks",
        "kutyám zöld zoknit eszik",
        "vX9$kq2!mz",
        "the passline of somebody new is long",
        " leading and trailing spaces ",
        "犬が緑の靴下を食べるのは本当だ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaa then four unrelated words",
        "x7" + "f!kQ2 " * 21,
    ],
)
def test_a_long_passphrase_or_a_random_password_is_accepted(client: Client, password: str) -> None:
    assert sign_up(client, SOMEBODY, password)[0] == 302
    client.post(link_in(str(delivered()[0].body)))
    assert User.objects.get().check_password(password)


def test_a_password_is_judged_by_the_address_of_its_own_owner_in_every_form(
    signed_in: Client, anna: User
) -> None:
    User.objects.update(email="borbala.kerekes@example.org")
    weak = {"oldpassword": PASSWORD, "password1": "kerekes1234567", "password2": "kerekes1234567"}
    page = signed_in.post("/hu/accounts/password/change/", weak).content.decode()
    assert "az oldal nevét vagy az e\u2011mail-címed egy részét tartalmazza" in page


def test_judging_the_longest_odd_password_takes_few_characters_of_it() -> None:
    assert passwords.pieces("x" * 128) == ["x" * 24, "x" * 24]
    assert passwords.pieces("x" * 24) == ["x" * 24]


def test_mails_and_pages_speak_the_language_of_the_address(client: Client) -> None:
    sign_up(client, "new@example.org", prefix="/hu")
    assert "/hu/accounts/confirm-email/" in str(delivered()[0].body)
    client.post(link_in(str(delivered()[0].body)))
    assert Profile.objects.get().ui_language == "hu"
    assert '<html lang="hu"' in Client().get("/hu/accounts/login/").content.decode()


def test_links_in_mails_ignore_the_host_of_the_request(client: Client, anna: User) -> None:
    with override_settings(ALLOWED_HOSTS=["*"], SITE_URL="http://passline.example"):
        client.post("/accounts/password/reset/", {"email": EMAIL}, headers={"host": "evil.example"})
    assert "http://passline.example/accounts/password/reset/key/" in str(delivered()[0].body)
    assert "evil.example" not in str(delivered()[0].body)


@pytest.mark.parametrize("host", ["localhost:31337", "127.0.0.1:666", "testserver", "LOCALHOST.", "[::1]:99"])
@pytest.mark.parametrize("prefix", ["", "/hu"])
@pytest.mark.parametrize(
    ("path", "form", "leads_to"),
    [
        ("signup", {"email": EMAIL, "password1": "quite another one"}, "login/"),
        ("signup", {"email": "new@example.org", "password1": "quite another one"}, "confirm-email/"),
        ("password/reset", {"email": EMAIL}, "password/reset/key/"),
        ("password/reset", {"email": "nobody@example.org"}, "signup/"),
    ],
)
def test_every_link_in_every_mail_is_on_the_address_of_the_site(
    client: Client, anna: User, host: str, prefix: str, path: str, form: dict[str, str], leads_to: str
) -> None:
    with override_settings(SITE_URL="http://passline.example"):
        client.post(f"{prefix}/accounts/{path}/", form, headers={"host": host})
    links = re.findall(r"https?://\S+", str(delivered()[0].body))
    assert links[0].startswith(f"http://passline.example{prefix}/accounts/{leads_to}")
    assert all(link.startswith("http://passline.example") for link in links)


def test_the_link_sets_a_new_password_once_and_ends_all_sessions(
    client: Client, anna: User, ended: Told
) -> None:
    signed_in = Client()
    signed_in.force_login(anna)
    client.post("/accounts/password/reset/", {"email": EMAIL})
    path = link_in(str(delivered()[0].body))
    form_at = client.get(path)["Location"]
    new = {"password1": "quite another one", "password2": "quite another one"}
    assert client.post(form_at, new).status_code == 302
    assert ended == [(anna.pk, None)]
    assert signed_in.get("/accounts/profile/").status_code == 302
    assert "valid anymore" in Client().get(path).content.decode()
    assert log_in(client, "quite another one") == 302


def test_signing_in_makes_a_new_session(client: Client, anna: User) -> None:
    client.get("/accounts/login/")
    client.cookies["sessionid"] = "chosenbyanattacker0000000000000a"
    assert log_in(client) == 302
    assert client.cookies["sessionid"].value != "chosenbyanattacker0000000000000a"


def test_a_closed_account_is_told_so_only_with_the_right_password(client: Client, anna: User) -> None:
    User.objects.update(is_active=False)
    assert log_in(client, "wrong password") == 200
    reply = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert reply["Location"] == "/accounts/inactive/"
    assert client.get("/accounts/inactive/").status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("chosen", "following", "location"),
    [("hu", "", "/hu/accounts/profile/"), ("en", "", "/accounts/profile/"), (None, "", "/accounts/profile/")],
)
def test_after_signing_in_the_chosen_language_decides(
    client: Client, anna: User, chosen: str | None, following: str, location: str
) -> None:
    if chosen:
        profile_services.update(anna, ui_language=chosen)
    reply = client.post(
        "/accounts/login/", {"login": EMAIL, "password": PASSWORD, "next": "/accounts/profile/"}
    )
    assert reply["Location"] == location
    assert client.get(location).status_code == 200


def test_signing_in_never_leads_to_another_site(client: Client, anna: User) -> None:
    reply = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD, "next": "//evil.example/"})
    assert reply["Location"] == "/dashboard/"


def test_five_wrong_passwords_close_the_account_for_this_address_and_say_for_how_long(
    client: Client, anna: User
) -> None:
    codes = [log_in(client, "wrong password") for _ in range(5)]
    assert codes == [200, 200, 200, 200, 429]
    reply = client.post("/accounts/login/", {"login": EMAIL.upper(), "password": PASSWORD})
    assert reply.status_code == 429
    assert "Try again in 15 minutes." in reply.content.decode()
    assert 0 < int(reply["Retry-After"]) <= 900
    assert "_auth_user_id" not in client.session


def test_the_owner_gets_in_from_another_address_and_a_forged_header_is_no_other_address(
    client: Client, anna: User
) -> None:
    for number in range(5):
        log_in(client, "wrong password", **{"x-forwarded-for": f"10.0.0.{number}"})
    assert log_in(client, **{"x-forwarded-for": "10.9.9.9"}) == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert log_in(elsewhere) == 302


def test_many_addresses_together_cannot_try_one_account_without_limit(anna: User) -> None:
    for number in range(31):
        log_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "wrong password")
    reply = Client(REMOTE_ADDR="192.0.2.200").post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert reply.status_code == 200
    assert "Too many incorrect passwords." in reply.content.decode()


def test_a_new_password_by_mail_opens_a_closed_account_again(client: Client, anna: User) -> None:
    for _ in range(5):
        log_in(client, "wrong password")
    client.post("/accounts/password/reset/", {"email": EMAIL})
    form_at = client.get(link_in(str(delivered()[0].body)))["Location"]
    client.post(form_at, {"password1": "quite another one", "password2": "quite another one"})
    assert log_in(client, "quite another one") == 302


def test_a_success_forgets_the_failures(client: Client, anna: User) -> None:
    for _ in range(4):
        log_in(client, "wrong password")
    assert log_in(client) == 302
    assert log_in(Client(), "wrong password") == 200


AJAX = {"x-requested-with": "XMLHttpRequest"}


def test_a_script_signs_in_again_in_place_and_goes_on_with_the_new_csrf_token(anna: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/accounts/login/")
    old = browser.cookies["csrftoken"].value
    reply = browser.post(
        "/accounts/login/", {"login": EMAIL, "password": PASSWORD}, headers={**AJAX, "x-csrftoken": old}
    )
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/json")
    assert reply.json()["location"] == "/dashboard/"
    new = browser.cookies["csrftoken"].value
    assert new != old
    stale = browser.post("/accounts/logout/", headers={"x-csrftoken": old})
    fresh = browser.post("/accounts/logout/", headers={"x-csrftoken": new})
    assert (stale.status_code, fresh.status_code) == (403, 302)


def test_a_script_learns_what_is_wrong_and_gets_nothing_typed_back(client: Client, anna: User) -> None:
    reply = client.post("/accounts/login/", {"login": EMAIL, "password": "wrong password"}, headers=AJAX)
    assert reply.status_code == 400
    assert reply.json()["form"]["errors"] == ["Incorrect email or password."]
    assert "wrong password" not in reply.content.decode()
    for _ in range(4):
        reply = client.post("/accounts/login/", {"login": EMAIL, "password": "wrong password"}, headers=AJAX)
    assert reply.status_code == 429
    assert reply.json()["form"]["errors"] == ["Try again in 15 minutes."]


@pytest.mark.parametrize(
    "path",
    [
        "login/",
        "signup/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "login/code/",
        "confirm-email/",
        "confirm-email/nonsense/",
        "password/reset/key/1-nonsense/",
        "inactive/",
    ],
)
@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_every_page_for_strangers_renders_without_inline_code(client: Client, path: str, prefix: str) -> None:
    reply = client.get(f"{prefix}/accounts/{path}", follow=True)
    page = reply.content.decode()
    assert reply.status_code == 200
    assert page.count("<h1>") == 1
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|placeholder=", page)


@pytest.mark.parametrize(
    "path", ["profile/", "password/change/", "email/", "logout/", "2fa/", "reauthenticate/"]
)
def test_every_page_for_members_renders_without_inline_code(client: Client, anna: User, path: str) -> None:
    log_in(client)
    reply = client.get(f"/hu/accounts/{path}")
    page = reply.content.decode()
    assert reply.status_code == 200
    assert page.count("<h1>") == 1
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|placeholder=", page)
    assert "no-store" in reply["Cache-Control"]


def test_passwords_are_hashed_with_argon2_outside_of_tests() -> None:
    asked = (
        "import django; django.setup(); from django.contrib.auth.hashers import make_password;"
        "print(make_password('x')[:8])"
    )
    environment = {
        **os.environ,
        "PASSLINE_PROFILE": "development",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    told = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "argon2$a"


def test_signing_up_costs_the_same_statements_and_hashes_for_known_and_unknown(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    costs = []
    for email in ("warm@example.org", EMAIL, "new@example.org"):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            assert sign_up(Client(), email, "quite another one")[0] == 302
        writes = sum(query["sql"].startswith(("INSERT", "UPDATE")) for query in queries)
        costs.append((len(hashed), writes, len(queries)))
    assert costs[1] == costs[2]
    assert list(User.objects.values_list("email", flat=True)) == [EMAIL]
    assert EmailAddress.objects.count() == 1
    assert PendingConfirmation.objects.count() == 3
