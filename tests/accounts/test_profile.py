"""Preferences and extra time."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.profile import selectors, services
from accounts.profile.models import Accommodation, Profile
from accounts.users.models import User


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


def test_minutes_allowed_name_the_accommodation_in_one_query(
    anna: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    services.update(anna, accommodation=Accommodation.PERCENT_50)
    with django_assert_num_queries(1):
        assert selectors.minutes_allowed(anna, 180, 30) == (270, "percent_50")


def test_who_has_no_row_gets_the_defaults_and_nothing_is_written(anna: User) -> None:
    profile = selectors.of(anna)
    assert (profile.ui_language, profile.language_of_content, profile.single_keys) == ("en", "en", True)
    assert selectors.minutes_allowed(anna, 180, 30) == (180, "none")
    assert not Profile.objects.exists()


def test_the_language_of_questions_follows_the_site_unless_chosen(anna: User) -> None:
    services.update(anna, ui_language="hu")
    assert selectors.of(anna).language_of_content == "hu"
    services.update(anna, content_language="en")
    assert selectors.of(anna).language_of_content == "en"


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


FORM = {"ui_language": "hu", "content_language": "", "time_zone": "Europe/Budapest", "accommodation": "esl"}


def test_the_profile_page_stores_what_was_chosen_and_goes_on_in_that_language(
    signed_in: Client, anna: User
) -> None:
    reply = signed_in.post("/accounts/profile/", FORM)
    assert (reply.status_code, reply["Location"]) == (302, "/hu/accounts/profile/")
    stored = Profile.objects.get(user=anna)
    assert (stored.ui_language, stored.accommodation, stored.single_keys) == ("hu", "esl", False)


def test_the_profile_page_shows_a_fault_at_its_field(signed_in: Client) -> None:
    reply = signed_in.post("/accounts/profile/", {**FORM, "time_zone": "Mars/Base"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert 'id="id_time_zone_error"' in page
    assert 'aria-invalid="true"' in page
    assert not Profile.objects.exists()


def test_the_profile_page_is_not_for_strangers_and_not_kept(client: Client, anna: User) -> None:
    reply = client.get("/accounts/profile/")
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/login/?next=/accounts/profile/")
    client.force_login(anna)
    reply = client.get("/hu/accounts/profile/")
    assert reply.status_code == 200
    assert "no-store" in reply["Cache-Control"]


def test_the_profile_page_needs_few_queries(
    signed_in: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(3):
        signed_in.get("/accounts/profile/")
