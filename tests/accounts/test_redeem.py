"""The page on which a voucher is redeemed: visitors, its deep link, through sign-up, within its limit."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts.access import entitlements, vouchers
from accounts.access.models import Entitlement
from accounts.profile import services as profiles
from accounts.users import lockout
from accounts.users.models import User
from tests import factories
from tests.accounts.mails import code_in, delivered
from tests.accounts.signups import NEW, enter, is_signed_in, sign_up
from tests.accounts.vouchers import CODE, UNKNOWN, make_codes, make_expired_code, make_version

pytestmark = pytest.mark.django_db

INVALID = "This code isn't valid: it may be mistyped, used up, or expired."


def text_of(page: bytes) -> str:
    """The words of a page, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.decode())))


def link_to(page: bytes, part: str) -> str:
    """The address in a page that begins with a path and leads on."""
    found = re.search(rf'href="({re.escape(part)}\?next=[^"]*)"', page.decode())
    assert found, part
    return unescape(found[1])


def test_a_visitor_is_asked_to_sign_in_and_told_nothing_of_the_code(client: Client) -> None:
    factories.make_certification()
    [code] = make_codes(make_version())
    pages = [client.get(f"/redeem/{one}/").content.decode() for one in (code, UNKNOWN)]
    assert pages[0].replace(code, UNKNOWN) == pages[1]
    assert "Machine Learning" not in pages[0]
    assert f"next=/redeem/{code}/" in link_to(pages[0].encode(), "/accounts/login/").replace("%2F", "/")
    assert f"next=/redeem/{code}/" in link_to(pages[0].encode(), "/accounts/signup/").replace("%2F", "/")


def test_a_form_that_is_sent_after_the_session_ended_keeps_its_code(client: Client) -> None:
    [code] = make_codes(make_version())
    page = client.post("/redeem/", {"code": code.lower()}).content
    assert f"/redeem/{code}/" in link_to(page, "/accounts/login/").replace("%2F", "/")
    assert "Your code will be filled in." in page.decode()
    assert not Entitlement.objects.exists()


def test_what_cannot_be_a_code_is_not_promised_to_be_filled_in(client: Client) -> None:
    page = client.get(f"/redeem/{'A' * 300}/").content
    assert link_to(page, "/accounts/login/").endswith("redeem%2F")
    assert "Your code will be filled in." not in page.decode()


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_a_deep_link_survives_sign_up_and_one_press_redeems_it(client: Client, prefix: str) -> None:
    factories.make_certification()
    [code] = make_codes(make_version())
    visited = client.get(f"{prefix}/redeem/{code.lower()}/").content
    way = link_to(visited, f"{prefix}/accounts/signup/").partition("next=")[2].replace("%2F", "/")
    sign_up(client, prefix=prefix, next=way)
    _, location, _ = enter(client, code_in(delivered()[-1]), prefix)
    assert is_signed_in(client)
    assert location == f"{prefix}/redeem/{code}/"
    page = client.get(location).content
    assert f'value="{code}"' in page.decode()
    assert ("Machine Learning" if not prefix else "Gépi tanulás") in text_of(page)
    assert not Entitlement.objects.exists()  # looking redeems nothing
    sent = client.post(f"{prefix}/redeem/", {"code": code}, follow=True)
    assert sent.redirect_chain[0][0].startswith(f"{prefix}/redeem/?redeemed=")
    assert f'href="{prefix}/mls-c01/"' in sent.content.decode()
    assert Entitlement.objects.get().user == User.objects.get(email=NEW)


def test_the_way_through_sign_up_is_named(client: Client) -> None:
    page = client.get("/accounts/signup/?next=/redeem/PASS-0000-0000-0000-0000/").content
    assert "Next: Redeem a voucher" in text_of(page)


def test_what_was_opened_is_shown_with_the_day_in_the_zone_of_the_reader(
    signed_in: Client, anna: User
) -> None:
    factories.make_certification()
    profiles.update(anna, time_zone="America/New_York")
    [code] = make_codes(make_version())
    page = signed_in.post("/redeem/", {"code": code}, follow=True)
    assert text_of(page.content).count("redeemed") == 1
    assert "MLS-C01: Machine Learning" in text_of(page.content)
    assert re.search(r"Open until \w+ \d+, \d{4} (?!\d)", text_of(page.content))


def test_a_repeat_says_that_it_was_redeemed_and_until_when_it_runs(signed_in: Client) -> None:
    [code] = make_codes(make_version())
    signed_in.post("/redeem/", {"code": code})
    for page in (
        signed_in.post("/redeem/", {"code": code}, follow=True),
        signed_in.get(f"/redeem/{code}/", follow=True),
    ):
        assert "You've already redeemed this code." in text_of(page.content)
        assert "Open until" in text_of(page.content)
    assert Entitlement.objects.count() == 1


def test_what_was_ended_early_is_not_shown_as_open(signed_in: Client) -> None:
    [code] = make_codes(make_version())
    signed_in.post("/redeem/", {"code": code})
    entitlements.end([Entitlement.objects.get()], at=None, actor=None, reason="Disputed")
    page = text_of(signed_in.get(f"/redeem/{code}/", follow=True).content)
    assert "Ended:" in page
    assert "Open until" not in page


def test_a_second_voucher_begins_when_the_first_ends(signed_in: Client) -> None:
    first, second = make_codes(make_version(), count=2)
    signed_in.post("/redeem/", {"code": first})
    page = text_of(signed_in.post("/redeem/", {"code": second}, follow=True).content)
    assert re.search(r"Added to your access, which now runs until \w+ \d+, \d{4}", page)


def test_what_another_person_redeemed_is_shown_to_nobody(client: Client, anna: User, bela: User) -> None:
    [code] = make_codes(make_version())
    redeemed = vouchers.redeem(user=bela, voucher_code=code)
    client.force_login(anna)
    for number in (redeemed.redemption_id, 10**17, "x", "-1", "9" * 40, "²"):
        page = client.get("/redeem/", {"redeemed": number})
        assert page.status_code == 200
        assert "Open until" not in text_of(page.content)


def refusal(client: Client, code: str) -> tuple[int, str]:
    """Status and error of the form for a code."""
    reply = client.post("/redeem/", {"code": code})
    found = re.search(r'<p class="error" id="id_code_error">(.*?)</p>', reply.content.decode())
    return reply.status_code, unescape(found[1]) if found else ""


def test_unknown_used_up_and_expired_have_one_message(signed_in: Client, bela: User) -> None:
    version = make_version()
    [used] = make_codes(version)
    vouchers.redeem(user=bela, voucher_code=used)
    codes = (UNKNOWN, used, make_expired_code(version), "hello")
    assert {refusal(signed_in, code) for code in codes} == {(422, INVALID)}
    opened = [signed_in.get(f"/redeem/{code}/").content.decode().replace(code, "") for code in codes]
    assert all(INVALID in unescape(page) for page in opened)


def test_nothing_typed_too_much_typed_and_nul_are_refused_at_the_field(signed_in: Client) -> None:
    assert refusal(signed_in, "") == (422, "Enter the code.")
    for typed in ("A" * 81, "A\0B"):
        status, said = refusal(signed_in, typed)
        assert status == 422
        assert said


def test_the_eleventh_try_in_an_hour_is_refused_and_another_person_is_not(
    signed_in: Client, bela: User
) -> None:
    [code] = make_codes(make_version())
    assert [refusal(signed_in, UNKNOWN)[0] for _ in range(10)] == [422] * 10
    assert refusal(signed_in, code) == (
        429,
        "Too many codes were tried. Wait an hour, and then try again.",
    )
    assert not Entitlement.objects.exists()
    other = Client()
    other.force_login(bela)
    assert other.post("/redeem/", {"code": code}).status_code == 302


def tries_from(address: str, number: int, *, tries: int, code: str = UNKNOWN) -> list[int]:
    """Let so many people try a code so often from one address; return the statuses in their order."""
    found = []
    for one in range(number):
        browser = Client(REMOTE_ADDR=address)
        email = f"{address.replace(':', '-')}-{one}@example.org"
        browser.force_login(User.objects.filter(email=email).first() or factories.make_user(email))
        found += [refusal(browser, code)[0] for _ in range(tries)]
    return found


def limit_addresses(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Allow so many tries of an address in an hour, and ten of a person."""
    monkeypatch.setattr(vouchers, "MOST_AN_HOUR_OF_ADDRESS", number)


def test_many_accounts_at_one_address_have_one_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    limit_addresses(monkeypatch, 12)
    assert tries_from("192.0.2.1", 4, tries=4) == [422] * 12 + [429] * 4
    assert tries_from("192.0.2.2", 1, tries=1) == [422]
    # A network of IPv6 is one address.
    assert tries_from("2001:db8::1", 3, tries=4) == [422] * 12
    assert tries_from("2001:db8::2", 1, tries=1) == [429]


def test_a_device_that_is_known_to_somebody_has_no_limit_of_its_own_for_vouchers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_addresses(monkeypatch, 3)
    found = []
    for number in range(4):
        email = f"person{number}@example.org"
        browser = Client(REMOTE_ADDR="192.0.2.1")
        browser.force_login(factories.make_user(email))
        browser.cookies["device"] = lockout.remember("", email)
        sent = {"code": UNKNOWN, "login": email}
        found.append(browser.post("/redeem/", sent).status_code)
    assert found == [422] * 3 + [429]


def test_addresses_of_ipv4_that_a_socket_for_both_shows_have_limits_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_addresses(monkeypatch, 1)
    assert tries_from("::ffff:192.0.2.1", 2, tries=1) == [422, 429]
    assert tries_from("::ffff:198.51.100.2", 1, tries=1) == [422]
    assert tries_from("192.0.2.1", 1, tries=1) == [429]


@pytest.mark.controls
def test_without_the_limit_of_an_address_many_accounts_try_as_often_as_they_like(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_addresses(monkeypatch, 10**6)
    assert tries_from("192.0.2.1", 4, tries=4) == [422] * 16


def test_one_person_does_not_use_up_what_all_at_their_address_may_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_addresses(monkeypatch, 12)
    assert tries_from("192.0.2.1", 1, tries=30) == [422] * 10 + [429] * 20
    assert tries_from("192.0.2.1", 2, tries=1)[1:] == [422]


def test_a_class_at_one_address_mistypes_and_then_gets_in() -> None:
    [code] = make_codes(make_version(), uses=30)
    assert set(tries_from("192.0.2.1", 30, tries=3)) == {422}
    assert set(tries_from("192.0.2.1", 30, tries=1, code=code)) == {302}


def test_looking_at_many_addresses_tells_nothing_more(signed_in: Client) -> None:
    factories.make_certification()
    [code] = make_codes(make_version())
    for _ in range(30):
        assert INVALID in unescape(signed_in.get(f"/redeem/{UNKNOWN}/").content.decode())
    page = signed_in.get(f"/redeem/{code}/")
    assert page.status_code == 200
    assert "Machine Learning" not in text_of(page.content)
    assert f'value="{code}"' in page.content.decode()


def test_the_page_is_not_kept_by_any_cache_and_not_found_by_robots(client: Client, signed_in: Client) -> None:
    for page in (Client().get(f"/redeem/{UNKNOWN}/"), signed_in.get("/redeem/")):
        assert "no-store" in page.headers["Cache-Control"]
        assert '<meta name="robots" content="noindex">' in page.content.decode()
    assert "Disallow: /redeem/" in client.get("/robots.txt").content.decode()


def test_access_that_ended_is_bought_anew_from_now_on(signed_in: Client, anna: User) -> None:
    Entitlement.objects.create(
        user=anna,
        code=CODE,
        starts_at=Now() - timedelta(days=90),
        ends_at=Now() - timedelta(seconds=1),
        source="purchase",
        source_id="old",
    )
    [code] = make_codes(make_version())
    page = signed_in.post("/redeem/", {"code": code}, follow=True)
    assert "Open until" in text_of(page.content)
