"""No wrong turns around sign-up and sign-in: where pages lead when something is over; `next` is kept."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from tests.accounts.conftest import PASSWORD
from tests.accounts.mails import code_in, delivered, path_in
from tests.accounts.signups import NEW, SIGN_UP, WAITING, enter, sign_up
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


def test_who_is_signed_in_and_waits_for_nothing_is_led_to_the_addresses(client: Client) -> None:
    sign_up(client)
    enter(client, code_in(delivered()[0]))
    assert client.get(WAITING)["Location"] == "/accounts/email/"


def test_a_browser_whose_sign_up_was_confirmed_elsewhere_is_not_sent_to_the_mail_again(
    client: Client,
) -> None:
    sign_up(client)
    (mail,) = delivered()
    Client().post(path_in(mail), {"password": PASSWORD})
    for page in (client.get(WAITING).content.decode(), enter(client, code_in(mail))[2]):
        assert "used already, or it has expired" in page
        assert "Have you just signed up?" not in page


def test_a_used_link_offers_no_sign_in_to_who_is_signed_in(client: Client) -> None:
    sign_up(client)
    (mail,) = delivered()
    enter(client, code_in(mail))
    main = client.get(path_in(mail)).content.decode().partition("<main")[2].partition("</main>")[0]
    assert "/accounts/login/" not in main
    assert 'href="/accounts/email/"' in main


def test_who_must_sign_in_after_a_confirmation_still_goes_where_they_were_going(client: Client) -> None:
    sign_up(client, next="/mls-c01/exams/1/")
    cache.clear()
    other = Client()
    other.post(SIGN_UP, {"email": NEW, "password1": "quite another one"})
    first, second = delivered()
    enter(other, code_in(second))
    page = client.post(path_in(first), {"password": PASSWORD}).content.decode()
    assert 'href="/accounts/login/?next=/mls-c01/exams/1/"' in page.replace("%2F", "/")


@pytest.mark.parametrize("path", ["signup", "login"])
def test_another_language_on_a_page_with_an_error_keeps_where_the_person_was_going(
    client: Client, path: str
) -> None:
    page = client.get(f"/accounts/{path}/?next=/mls-c01/exams/1/").content.decode()
    action = re.search(rf'action="(/accounts/{path}/[^"]*)"', page)
    assert action
    again = squeezed(client.post(action[1], {"next": "/mls-c01/exams/1/"}))
    back = re.search(r'action="/accounts/language/"><input type="hidden" name="next" value="([^"]*)"', again)
    assert back
    assert back[1].replace("%2F", "/") == f"/accounts/{path}/?next=/mls-c01/exams/1/"
