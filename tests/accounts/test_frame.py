"""Language, appearance, and who reaches the admin."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
)
from django.db.models.functions import Now
from django.test import Client, override_settings

from accounts.audit import services as audit
from accounts.jobs.models import Job
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.profile import services as profiles
from accounts.profile.models import Profile
from accounts.users import services, tokens
from accounts.users.models import ApiToken, User
from tests.accounts.mails import delivered, path_in
from tests.accounts.signups import code_for

pytestmark = pytest.mark.django_db


def test_the_theme_is_written_on_the_page_by_the_server(client: Client) -> None:
    assert "data-theme" not in client.get("/accounts/login/").content.decode().partition(">")[0]
    reply = client.post("/hu/accounts/appearance/", {"theme": "dark", "next": "/hu/accounts/login/?next=/a/"})
    assert (reply.status_code, reply["Location"]) == (302, "/hu/accounts/login/?next=/a/")
    assert '<html lang="hu" data-theme="dark">' in client.get("/hu/accounts/login/").content.decode()
    client.post("/accounts/appearance/", {"theme": "system"})
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("theme", ["", "red", '"><script>'])
def test_an_unknown_theme_is_the_theme_of_the_system(client: Client, theme: str) -> None:
    client.cookies["theme"] = theme
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "evil", "javascript:alert(1)", ""]
)
def test_switches_never_lead_to_another_site(client: Client, target: str) -> None:
    for switch, data in (("appearance", {"theme": "dark"}), ("language", {"language": "en"})):
        assert client.post(f"/accounts/{switch}/", {**data, "next": target})["Location"] == "/"


def test_switches_do_nothing_on_get(client: Client) -> None:
    assert client.get("/accounts/appearance/?theme=dark").status_code == 405
    assert client.get("/accounts/language/?language=hu").status_code == 405


def test_the_language_switch_leads_to_the_same_page_and_is_remembered(client: Client, anna: User) -> None:
    client.force_login(anna)
    reply = client.post("/accounts/language/", {"language": "hu", "next": "/accounts/profile/?a=1"})
    assert reply["Location"] == "/hu/accounts/profile/?a=1"
    assert Profile.objects.get(user=anna).ui_language == "hu"
    reply = client.post("/hu/accounts/language/", {"language": "xx", "next": "/hu/accounts/profile/"})
    assert reply["Location"] == "/hu/accounts/profile/"
    assert Profile.objects.get(user=anna).ui_language == "hu"


def test_every_page_names_itself_in_the_other_languages(client: Client) -> None:
    found = client.get("/hu/accounts/login/?next=/a/").context["alternates"]()
    assert [(one["code"], one["href"], one["current"]) for one in found] == [
        ("en", "/accounts/login/?next=/a/", False),
        ("hu", "/hu/accounts/login/?next=/a/", True),
    ]


def test_the_address_decides_the_language_whatever_the_browser_says(client: Client) -> None:
    page = client.get("/accounts/login/", headers={"accept-language": "hu"}).content.decode()
    assert '<html lang="en">' in page
    page = client.get("/hu/accounts/login/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="hu">' in page


def test_the_admin_is_entered_only_through_the_log_in_of_the_site(client: Client) -> None:
    reply = client.get("/admin/", follow=True)
    assert reply.redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")
    reply = client.post("/admin/login/", {"username": "x@example.org", "password": "x"})
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/login/?next=/admin/")


def test_staff_without_a_second_factor_see_only_its_set_up_where_it_is_required(
    client: Client, settings: object
) -> None:
    admin = services.ensure("admin@example.org", "correct horse battery", admin=True)
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200
    settings.STAFF_NEEDS_SECOND_FACTOR = True  # type: ignore[attr-defined]
    assert client.get("/admin/")["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/admin/accounts/user/")["Location"] == "/accounts/2fa/totp/activate/"
    Authenticator.objects.create(user=admin, type="totp", data={"secret": "x"})
    assert client.get("/admin/").status_code == 302


def signed_in_by_both_steps(email: str, secret: str) -> Client:
    """Sign in with password and code, as a person would."""
    browser = Client()
    browser.post("/accounts/login/", {"login": email, "password": "correct horse battery"})
    browser.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    return browser


@override_settings(STAFF_NEEDS_SECOND_FACTOR=True)
def test_a_session_from_before_the_second_factor_opens_no_admin(client: Client) -> None:
    """Somebody who knew the password alone may have begun it."""
    admin = services.ensure("admin@example.org", "correct horse battery", admin=True)
    password = {"login": admin.email, "password": "correct horse battery"}
    assert client.post("/accounts/login/", password).status_code == 302
    secret = generate_totp_secret()
    TOTP.activate(admin, secret)
    reply = client.get("/admin/accounts/user/")
    assert reply["Location"] == "/accounts/login/?next=/admin/accounts/user/"
    assert "_auth_user_id" not in client.session
    assert signed_in_by_both_steps(admin.email, secret).get("/admin/").status_code == 200


@override_settings(STAFF_NEEDS_SECOND_FACTOR=True)
@pytest.mark.django_db(transaction=True)
def test_the_session_that_set_up_the_second_factor_opens_the_admin_and_the_others_end(client: Client) -> None:
    """An older one could add a passkey of its own by the password alone, and sign in with that."""
    admin = services.ensure("admin@example.org", "correct horse battery", admin=True)
    older = Client()
    for browser in (older, client):
        browser.post("/accounts/login/", {"login": admin.email, "password": "correct horse battery"})
    assert older.get("/accounts/profile/").status_code == 200
    client.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    page = client.get("/accounts/2fa/totp/activate/")
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(page.context["form"].secret)})
    assert client.get("/admin/").status_code == 200
    assert older.get("/accounts/profile/").status_code == 302


def test_the_set_up_page_shows_picture_and_key_without_foreign_or_inline_parts(
    client: Client, anna: User
) -> None:
    client.post("/accounts/login/", {"login": anna.email, "password": "correct horse battery"})
    asked = client.get("/accounts/2fa/totp/activate/")
    reply = client.post(asked["Location"], {"password": "correct horse battery"}, follow=True)
    assert reply.redirect_chain == [("/accounts/2fa/totp/activate/", 302)]
    page = reply.content.decode()
    assert "<svg" in page.partition("<main")[2]
    assert "data:image" not in page
    assert "style=" not in page


@pytest.mark.django_db(transaction=True)
def test_with_a_second_factor_a_password_alone_opens_nothing_and_tokens_end(
    client: Client, anna: User
) -> None:
    plain = tokens.issue(anna)
    password = "correct horse battery"
    client.post("/accounts/login/", {"login": anna.email, "password": password})
    client.post("/accounts/reauthenticate/", {"password": password})
    page = client.get("/accounts/2fa/totp/activate/")
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(page.context["form"].secret)})
    assert Authenticator.objects.filter(user=anna, type="totp").exists()
    assert tokens.find(plain) is None
    assert [message.subject for message in delivered()] == ["Two-step sign-in is on"]
    codes = client.get("/accounts/2fa/recovery-codes/")
    assert codes.status_code == 200
    browser = Client()
    reply = browser.post("/accounts/login/", {"login": anna.email, "password": password}, follow=True)
    assert reply.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in browser.session
    browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in browser.session
    browser.post("/accounts/2fa/authenticate/", {"code": codes.context["unused_codes"][0]})
    assert browser.session["_auth_user_id"] == str(anna.pk)


@pytest.fixture
def admin_client(client: Client) -> Client:
    client.force_login(services.ensure("admin@example.org", admin=True))
    return client


@pytest.mark.parametrize("model", ["user", "profile", "apitoken", "mail", "job", "auditentry"])
def test_the_admin_lists_render(admin_client: Client, anna: User, model: str) -> None:
    tokens.issue(anna)
    outbox.post("account/email/unknown_account", "anna@example.org", {})
    audit.record(actor=anna, action="test", subject=Job.objects.create(kind="test", owner=anna))
    assert admin_client.get(f"/admin/accounts/{model}/").status_code == 200


def test_the_admin_shows_and_makes_a_person(admin_client: Client, anna: User) -> None:
    assert admin_client.get(f"/admin/accounts/user/{anna.pk}/change/").status_code == 200
    assert admin_client.get("/admin/accounts/user/add/").status_code == 200


def test_closing_accounts_in_the_admin_ends_everything_but_not_oneself(
    admin_client: Client, anna: User, ended: list[tuple[int, str | None]]
) -> None:
    plain = tokens.issue(anna)
    everyone = list(User.objects.values_list("pk", flat=True))
    admin_client.post(
        "/admin/accounts/user/", {"action": "close_accounts", "_selected_action": everyone}, follow=True
    )
    assert ended == [(anna.pk, None)]
    assert tokens.find(plain) is None
    assert list(User.objects.filter(is_active=True).values_list("email", flat=True)) == ["admin@example.org"]


def test_a_new_password_set_in_the_admin_ends_everything(
    admin_client: Client, anna: User, ended: list[tuple[int, str | None]]
) -> None:
    new = {"password1": "quite another one", "password2": "quite another one", "usable_password": "true"}
    reply = admin_client.post(f"/admin/accounts/user/{anna.pk}/password/", new)
    assert reply.status_code == 302
    anna.refresh_from_db()
    assert anna.check_password("quite another one")
    assert ended == [(anna.pk, None)]


def test_tokens_in_the_admin_are_read_only_and_revocable(admin_client: Client, anna: User) -> None:
    plain = tokens.issue(anna)
    pk = ApiToken.objects.get().pk
    page = admin_client.get(f"/admin/accounts/apitoken/{pk}/change/").content.decode()
    assert ApiToken.objects.get().digest not in page
    assert admin_client.post(f"/admin/accounts/apitoken/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get("/admin/accounts/apitoken/add/").status_code == 403
    admin_client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [pk]})
    assert tokens.find(plain) is None


def test_a_mail_and_a_job_change_in_the_admin_only_by_acts_with_a_reason(
    admin_client: Client, anna: User
) -> None:
    outbox.post("account/email/unknown_account", "anna@example.org", {"signup_url": "a-secret-link"})
    mail, job = Mail.objects.get(), Job.objects.create(kind="test", state="failed", finished_at=Now())
    Mail.objects.update(given_up_at=Now())
    for row, act in ((mail, "resend"), (job, "retry")):
        path = f"/admin/accounts/{row._meta.model_name}/{row.pk}"
        page = admin_client.get(f"{path}/change/").content.decode()
        assert "a-secret-link" not in page
        assert mail.sealed not in page
        assert admin_client.post(f"{path}/{act}/", {"reason": ""}).status_code == 422
        assert admin_client.post(f"{path}/{act}/", {"reason": "she asked for it"}).status_code == 302
        assert admin_client.post(f"{path}/delete/").status_code == 403
    assert [one.action for one in audit.of(mail)] == ["resend"]
    assert [one.reason for one in audit.of(job)] == ["she asked for it"]
    mail.refresh_from_db()
    job.refresh_from_db()
    assert (mail.given_up_at, job.state) == (None, "waiting")


def test_the_head_says_who_is_signed_in_and_nothing_to_a_stranger(client: Client, anna: User) -> None:
    def head() -> str:
        return client.get("/accounts/password/reset/").content.decode().partition("</header>")[0]

    assert anna.email not in head()
    client.force_login(anna)
    assert anna.email in head()


def test_tokens_are_mentioned_only_to_who_has_one(client: Client, anna: User) -> None:
    client.force_login(anna)
    path = "/accounts/password/change/"
    assert "API token" not in client.get(path).content.decode()
    tokens.issue(anna)
    assert "Your API tokens will stop working." in client.get(path).content.decode()


@pytest.mark.parametrize("with_token", [False, True])
def test_the_link_for_a_new_password_mentions_tokens_only_to_who_has_one(
    client: Client, anna: User, with_token: bool
) -> None:
    if with_token:
        tokens.issue(anna)
    client.post("/accounts/password/reset/", {"email": anna.email})
    page = client.get(path_in(delivered()[0]), follow=True).content.decode()
    assert ("API token" in page) is with_token


def test_no_message_repeats_the_page_that_follows_a_new_password(client: Client, anna: User) -> None:
    client.post("/accounts/password/reset/", {"email": anna.email})
    form_at = client.get(path_in(delivered()[0]))["Location"]
    new = {"password1": "quite another one", "password2": "quite another one"}
    page = client.post(form_at, new, follow=True).content.decode().partition("<main")[2]
    assert page.count("Your new password is set") == 1


def test_time_zones_are_offered_by_region_with_the_names_of_cities(signed_in: Client, anna: User) -> None:
    profiles.update(anna, time_zone="Europe/Budapest")
    english = signed_in.get("/accounts/profile/").content.decode()
    hungarian = signed_in.get("/hu/accounts/profile/").content.decode()
    assert '<optgroup label="Europe">' in english
    assert '<option value="Europe/Budapest" selected>Budapest</option>' in english
    assert '<option value="America/Argentina/Buenos_Aires">Buenos Aires, Argentina</option>' in english
    assert '<optgroup label="Európa">' in hungarian
    assert '<option value="Europe/Vienna">Bécs</option>' in hungarian
    assert "US/Pacific" not in english
    profiles.update(anna, time_zone="US/Pacific")
    assert '<option value="US/Pacific" selected>' in signed_in.get("/accounts/profile/").content.decode()
