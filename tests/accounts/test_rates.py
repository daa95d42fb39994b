"""Searches, downloads and ratings have limits, and whoever reaches one is told when to try again."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from rest_framework.test import APIClient

from accounts.base import rates
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import client_ip
from tests.factories import Form
from tests.flashcards import decks

pytestmark = pytest.mark.django_db

SEARCH = "/mls-c01/search/?q=bucket"


def statuses(client: Any, path: str, times: int, **extra: Any) -> list[int]:
    return [client.get(path, **extra).status_code for _ in range(times)]


def expire() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cache SET expires = expires - interval '2 hours' WHERE cache_key LIKE 'rates:%'"
        )


@override_settings(SEARCHES_PER_MINUTE=2)
def test_a_visitor_who_searches_too_often_gets_a_page_that_says_so_until_the_minute_is_over(
    form: Form,
) -> None:
    visitor = Client(REMOTE_ADDR="203.0.113.5")
    assert statuses(visitor, SEARCH, 2) == [200, 200]
    refused = visitor.get(SEARCH)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["Cache-Control"] == "no-store"
    assert "You&#x27;ve searched very often" in refused.content.decode()
    assert "Nagyon sokszor" in visitor.get("/hu" + SEARCH).content.decode()
    assert visitor.get("/mls-c01/search/").status_code == 200  # nothing is asked for
    expire()
    assert statuses(visitor, SEARCH, 3) == [200, 200, 429]


@override_settings(SEARCHES_PER_MINUTE=1)
def test_addresses_and_people_are_counted_each_for_themselves(anna: User, bela: User, form: Form) -> None:
    for address in ("203.0.113.5", "203.0.113.6"):
        assert statuses(Client(REMOTE_ADDR=address), SEARCH, 2) == [200, 429]
    for person in (anna, bela):
        client = Client(REMOTE_ADDR="203.0.113.5")
        client.force_login(person)
        assert statuses(client, SEARCH, 2) == [200, 429]
        other = Client(REMOTE_ADDR="198.51.100.1")
        other.force_login(person)
        assert statuses(other, SEARCH, 1) == [429]


@override_settings(SEARCHES_PER_MINUTE=1)
def test_a_network_of_ipv6_counts_as_one_address(form: Form) -> None:
    assert statuses(Client(REMOTE_ADDR="2001:db8:1:2::1"), SEARCH, 1) == [200]
    assert statuses(Client(REMOTE_ADDR="2001:db8:1:2::2"), SEARCH, 1) == [429]
    assert statuses(Client(REMOTE_ADDR="2001:db8:1:3::1"), SEARCH, 1) == [200]


@override_settings(SEARCHES_PER_MINUTE=1)
def test_a_program_that_searches_too_often_gets_a_problem(form: Form) -> None:
    path = "/api/v1/certifications/mls-c01/search/?q=bucket"
    program = APIClient()
    assert program.get(path).status_code == 200
    refused = program.get(path)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert program.get(path, headers={"accept-language": "hu"}).json()["detail"].startswith("Nagyon sokszor")


@override_settings(EXPORTS_PER_HOUR=2)
def test_downloads_share_one_limit_on_pages_and_in_the_api(anna: User, form: Form) -> None:
    decks.make_deck(form.form.certification)
    client = Client()
    client.force_login(anna)
    assert statuses(client, "/mls-c01/flashcards/own/cards.csv", 1) == [200]
    assert statuses(client, "/mls-c01/flashcards/anki.apkg", 2) == [200, 429]
    program = APIClient()
    program.force_authenticate(anna)
    assert program.get("/api/v1/certifications/mls-c01/flashcards/anki/").status_code == 429


@override_settings(IMPORTS_PER_HOUR=2)
def test_imports_of_own_cards_share_one_limit_on_pages_and_in_the_api(anna: User, form: Form) -> None:
    decks.make_deck(form.form.certification)
    client, program = Client(), APIClient()
    client.force_login(anna)
    program.force_authenticate(anna)
    page, api = "/mls-c01/flashcards/own/import/", "/api/v1/certifications/mls-c01/flashcards/own/csv/"

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("cards.csv", b"front,back\na?,b\n")

    assert client.post(page, {"file": file()}).status_code == 302
    assert program.post(api, {"csv": "front,back\nc?,d\n"}, format="json").status_code == 200
    refused = client.post(page, {"file": file()})
    assert (refused.status_code, 0 < int(refused["Retry-After"]) <= 3600) == (429, True)
    assert "imported very many files" in refused.content.decode()
    problem = program.post(api, {"csv": "front,back\ne?,f\n"}, format="json")
    assert (problem.status_code, problem.json()["code"]) == (429, "too_many_requests")
    assert client.get(page).status_code == 200
    expire()
    assert client.post(page, {"file": file()}).status_code == 302


@override_settings(CARD_REVIEWS_PER_DAY=2)
def test_who_has_rated_as_many_cards_as_a_day_allows_is_told_on_the_page(anna: User, form: Form) -> None:
    deck = decks.make_deck(form.form.certification, size=4, previews=4)
    for card in deck.cards[:2]:
        decks.rate(anna, card)
    client = Client()
    client.force_login(anna)
    sent = {"card": deck.cards[2].pk, "rating": 3, "number": 1}
    reply = client.post("/mls-c01/flashcards/study/", sent)
    assert reply.status_code == 429
    assert "rated 2 cards within a day" in reply.content.decode()
    with pytest.raises(Refused) as refusal:
        decks.rate(anna, deck.cards[3])
    assert refusal.value.code == "too_many_reviews"


def test_a_counter_keeps_no_address(form: Form) -> None:
    Client(REMOTE_ADDR="203.0.113.5").get(SEARCH)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache WHERE cache_key LIKE 'rates:%'")
        keys = [key for (key,) in cursor.fetchall()]
    assert len(keys) == 1
    assert "203.0" not in keys[0]


def test_a_counter_does_not_grow_beyond_what_it_needs() -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            rates.count_or_refuse("test", "", most=0, seconds=60, detail="Wait.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM cache WHERE cache_key LIKE 'rates:test:%'")
        assert cursor.fetchone()[0] == "1"


@pytest.mark.parametrize(
    ("claimed", "address"),
    [
        ("203.0.113.5:4711", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("[2001:db8:1:2::5]:4711", "2001:db8:1:2::"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("unknown", None),
        ("", "198.51.100.9"),
    ],
)
def test_an_address_is_read_with_its_port_and_counts_as_one_for_its_network(
    claimed: str, address: str | None
) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        headers = {"X-Forwarded-For": claimed}
        request = RequestFactory().get("/", REMOTE_ADDR="198.51.100.9", headers=headers)
        assert client_ip(request) == address


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/login/code/"])
@pytest.mark.parametrize("passed_on", ["203.0.113.5", "203.0.113.5,", "x", ","])
def test_a_request_past_our_proxies_counts_for_the_address_of_its_connection(
    anna: User, passed_on: str, path: str
) -> None:
    with override_settings(TRUSTED_PROXIES=2):
        visitor = Client(REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR=passed_on)
        reply = visitor.post(path, {"login": anna.email, "email": anna.email, "password": "no"})
        assert reply.status_code < 500
        if passed_on == "203.0.113.5":
            request = RequestFactory().get(
                "/", REMOTE_ADDR="198.51.100.9", headers={"X-Forwarded-For": passed_on}
            )
            assert client_ip(request) == "198.51.100.9"
