"""Preferences and extra time."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.profile import selectors, services
from accounts.profile.models import Accommodation, Profile
from accounts.users import tokens
from accounts.users.models import User
from accounts.web.forms import ProfileForm


@pytest.mark.parametrize(
    ("accommodation", "base", "esl", "minutes"),
    [
        ("none", 180, 30, 180),
        ("esl", 180, 30, 210),
        ("esl", 90, 0, 90),
        ("percent_25", 180, 30, 225),
        ("percent_50", 180, 30, 270),
        ("percent_100", 180, 30, 360),
        ("percent_25", 65, 30, 82),
        ("percent_25", 1, 0, 2),
        ("percent_50", 85, 30, 128),
    ],
)
def test_extra_time_is_a_share_of_the_base_rounded_up(
    accommodation: str, base: int, esl: int, minutes: int
) -> None:
    assert selectors.extended(base, esl, accommodation) == minutes


@pytest.mark.parametrize(("base", "esl", "accommodation"), [(0, 0, "none"), (10, -1, "esl"), (10, 0, "lots")])
def test_nonsense_minutes_are_refused(base: int, esl: int, accommodation: str) -> None:
    with pytest.raises(ValueError):
        selectors.extended(base, esl, accommodation)


def test_minutes_allowed_name_the_accommodation(anna: User) -> None:
    services.update(anna, accommodation=Accommodation.PERCENT_50)
    assert selectors.minutes_allowed(anna, 180, 30) == (270, "percent_50")


def test_who_has_no_row_gets_the_defaults_and_nothing_is_written(anna: User) -> None:
    profile = selectors.of(anna)
    assert (profile.ui_language, profile.content_language, profile.single_keys) == ("en", "", True)
    assert selectors.minutes_allowed(anna, 180, 30) == (180, "none")
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"ui_language": "xx"},
        {"ui_language": ""},
        {"content_language": "de"},
        {"time_zone": "Mars/Base"},
        {"time_zone": "../../etc/passwd"},
        {"accommodation": "all"},
    ],
)
def test_values_that_are_not_allowed_are_refused_and_nothing_is_stored(
    anna: User, change: dict[str, str]
) -> None:
    with pytest.raises(ValidationError):
        services.update(anna, **change)
    assert not Profile.objects.exists()


def test_a_field_that_does_not_exist_is_a_programming_error(anna: User) -> None:
    with pytest.raises(TypeError):
        services.update(anna, nickname="Anni")


SWITCHES = {"single_keys": "on", "access_reminders": "on"}
FORM = {"ui_language": "hu", "content_language": "", "time_zone": "Europe/Budapest", "accommodation": "esl"}


def test_the_profile_page_stores_what_was_chosen_and_goes_on_in_that_language(
    signed_in: Client, anna: User
) -> None:
    reply = signed_in.post("/accounts/profile/", FORM)
    assert (reply.status_code, reply["Location"]) == (302, "/hu/accounts/profile/")
    stored = Profile.objects.get(user=anna)
    assert (stored.ui_language, stored.accommodation, stored.single_keys) == ("hu", "esl", False)
    reply = signed_in.post("/hu/accounts/profile/", {**FORM, "ui_language": "en"}, follow=True)
    assert reply.redirect_chain == [("/accounts/profile/", 302)]


def test_the_profile_page_shows_a_fault_at_its_field(signed_in: Client) -> None:
    reply = signed_in.post("/accounts/profile/", {**FORM, "time_zone": "Mars/Base"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert 'id="id_time_zone_error"' in page
    assert 'aria-invalid="true"' in page
    assert not Profile.objects.exists()


def test_every_preference_is_asked_once_and_all_are_saved_by_one_button(signed_in: Client) -> None:
    page = signed_in.get("/accounts/profile/").content.decode()
    for name in ProfileForm.Meta.fields:
        assert page.count(f'name="{name}"') == 1, name
    form = page.partition('aria-label="Settings"')[2].partition("</form>")[0]
    assert form.count("<section") == 3 and form.count("<button") == 1


def state_of(page: str, card: str) -> str:
    """What a card of the account says beside its heading."""
    return " ".join(re.sub("<[^>]+>", " ", page.split(f'<h2 id="{card}">')[1].split("</h2>")[0]).split())


def test_the_account_says_how_each_part_of_it_stands(signed_in: Client, anna: User) -> None:
    page = signed_in.get("/accounts/profile/").content.decode()
    assert state_of(page, "second-step") == "Two-step sign-in Off"
    assert state_of(page, "password") == "Password and passkeys"
    assert state_of(page, "devices") == "Devices 1 signed in"
    assert "0 API tokens" not in page
    Authenticator.objects.create(user=anna, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=anna, type=Authenticator.Type.WEBAUTHN, data={})
    tokens.issue(anna)
    EmailAddress.objects.filter(user=anna).update(verified=False)
    page = signed_in.get("/accounts/profile/").content.decode()
    assert state_of(page, "second-step") == "Two-step sign-in On"
    assert state_of(page, "password") == "Password and passkeys 1 passkey"
    assert state_of(page, "emails") == "Email addresses Not confirmed yet"
    assert state_of(page, "devices") == "Devices and API tokens 1 signed in"
    assert "1 API token" in page


def test_the_profile_page_is_not_for_strangers_and_not_kept(client: Client, anna: User) -> None:
    reply = client.get("/accounts/profile/")
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/login/?next=/accounts/profile/")
    client.force_login(anna)
    reply = client.get("/hu/accounts/profile/")
    assert reply.status_code == 200
    assert "no-store" in reply["Cache-Control"]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the one service that writes preferences was asked to store; it still stores it."""
    asked: list[dict[str, object]] = []
    update = services.update

    def watched(user: User, **changes: object) -> Profile:
        asked.append(changes)
        return update(user, **changes)

    monkeypatch.setattr(services, "update", watched)
    return asked


def test_the_admin_of_preferences_writes_through_the_service(
    admin_client: Client, anna: User, written: list[dict[str, object]]
) -> None:
    services.update(anna, ui_language="hu")
    written.clear()
    changed = {**FORM, "ui_language": "hu", "accommodation": "percent_50", **SWITCHES}
    reply = admin_client.post(f"/admin/accounts/profile/{anna.pk}/change/", changed)
    assert reply.status_code == 302
    assert written == [{"time_zone": "Europe/Budapest", "accommodation": "percent_50"}]
    assert Profile.objects.get().accommodation == "percent_50"


def person_form(anna: User, **profile: str) -> dict[str, str]:
    """What the admin's page of a person sends, with this row of preferences."""
    row = {f"profile-0-{name}": value for name, value in {"user": str(anna.pk), **FORM, **profile}.items()}
    stored = str(Profile.objects.filter(user=anna).count())
    counts = {"profile-TOTAL_FORMS": "1", "profile-INITIAL_FORMS": stored}
    return {"email": anna.email, "is_active": "on", **counts, **row}


@pytest.mark.parametrize("stored", [False, True])
def test_preferences_on_the_page_of_a_person_are_written_through_the_service(
    admin_client: Client, anna: User, written: list[dict[str, object]], stored: bool
) -> None:
    if stored:
        services.update(anna, ui_language="hu")
        written.clear()
    reply = admin_client.post(f"/admin/accounts/user/{anna.pk}/change/", person_form(anna))
    assert reply.status_code == 302, reply.content
    assert len(written) == 1
    assert written[0]["accommodation"] == "esl"
    assert Profile.objects.get().accommodation == "esl"


def test_a_person_whose_preferences_are_left_alone_gets_no_row(
    admin_client: Client, anna: User, written: list[dict[str, object]]
) -> None:
    untouched = {
        "ui_language": "en",
        "time_zone": "UTC",
        "accommodation": "none",
        **SWITCHES,
    }
    reply = admin_client.post(f"/admin/accounts/user/{anna.pk}/change/", person_form(anna, **untouched))
    assert reply.status_code == 302, reply.content
    assert written == []
    assert not Profile.objects.exists()


@pytest.mark.parametrize("model", ["user", "profile"])
def test_nobody_is_deleted_in_the_admin(admin_client: Client, anna: User, model: str) -> None:
    services.update(anna, ui_language="hu")
    assert admin_client.get(f"/admin/accounts/{model}/{anna.pk}/delete/").status_code == 403
    assert admin_client.post(f"/admin/accounts/{model}/{anna.pk}/delete/", {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [anna.pk], "post": "yes"}
    admin_client.post(f"/admin/accounts/{model}/", action)
    assert User.objects.filter(pk=anna.pk).exists()
    assert Profile.objects.exists()
