"""The pricing page: what is sold and inside, in the currency and language of the reader."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.access import products
from accounts.access.models import Product
from accounts.payments import services as payments
from accounts.payments import test_card as card
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.presentation.before_paying import currency_of, price
from tests.accounts import selling
from tests.factories import Form, make_form
from tests.flashcards import decks
from tests.markup import squeezed
from tests.payments import orders

pytestmark = pytest.mark.django_db
SPACE = "\N{NO-BREAK SPACE}"


def page(client: Client, path: str = "/pricing/") -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return reply.content.decode()


@pytest.mark.parametrize(
    ("path", "price"),
    [
        ("/pricing/", "€29"),
        ("/pricing/?currency=USD", "$31.50"),
        ("/pricing/?currency=HUF", f"9,900{SPACE}Ft"),
        ("/pricing/?currency=doge", "€29"),
        ("/hu/pricing/", f"9{SPACE}900{SPACE}Ft"),
        ("/hu/pricing/?currency=EUR", f"29{SPACE}€"),
        ("/hu/pricing/?currency=usd", f"31,50{SPACE}$"),
    ],
)
def test_prices_are_in_the_currency_of_the_reader(client: Client, form: Form, path: str, price: str) -> None:
    selling.sell_all()
    with selling.gateway():
        shown = page(client, path)
    assert squeezed(shown).count(f'<p class="price">{price}') == 3


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (990000, "HUF", "en", f"9,900{SPACE}Ft"),
        (2490000, "HUF", "hu", f"24{SPACE}900{SPACE}Ft"),
        (6950, "EUR", "hu", f"69,50{SPACE}€"),
        (6950, "EUR", "en", "€69.50"),
    ],
)
def test_prices_are_written_as_people_write_them(
    amount: int, currency: str, language: str, text: str
) -> None:
    assert price(amount, currency, language) == text


def test_forints_come_first_in_hungarian_only() -> None:
    assert (currency_of("", "hu"), currency_of("", "en"), currency_of("USD", "hu")) == ("HUF", "EUR", "USD")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/pricing/",
            ["1 practice exam, 8 questions", "12 flashcards", "MLS-C01 was retired on", "The questions are"],
        ),
        ("/hu/pricing/", ["1 gyakorló teszt, 8 kérdés", "12 tanulókártya", "megszűnt", "A kérdések"]),
    ],
)
def test_what_is_inside_is_named_and_what_to_know_before_paying(
    client: Client, form: Form, path: str, said: list[str]
) -> None:
    decks.make_deck(form.form.certification)
    selling.sell_all()
    with selling.gateway():
        shown = page(client, path)
    parts, before = said[:2], said[2:]
    assert all(shown.count(part) >= 3 for part in parts), shown
    # Once, below all offers.
    assert all(one in shown.partition('<details class="more prose flow">')[2] for one in before), shown


def test_each_way_to_buy_names_explanations_and_practice(client: Client, form: Form) -> None:
    selling.sell_all()
    Certification.objects.update(retired_on=None)
    with selling.gateway():
        shown = page(client)
    plans = shown.partition("</h1>")[2].count("Never renews.") + shown.count("Cancel at any time;")
    assert plans == 3
    assert shown.count("Every option explained, with a reference") == plans
    assert shown.count("a cheat sheet of what you missed") == plans


def test_a_buyer_reads_when_an_exam_can_be_taken_for_the_last_time(client: Client, form: Form) -> None:
    Certification.objects.update(retired_on="2040-01-02")
    selling.sell_all()
    with selling.gateway():
        assert "The last day to take MLS-C01 is January 2, 2040." in page(client)


def test_before_paying_everybody_reads_vat_refund_independence_and_no_promise(
    client: Client, form: Form
) -> None:
    selling.sell_all()
    with selling.gateway():
        shown = page(client)
    for said in (
        "Prices include VAT.",
        "we refund the full amount",
        "affiliated with any certification vendor",
        "What happens when my access ends?",
        "Are these the real exam questions?",
        "Do you promise that I",
    ):
        assert said in shown, said


def test_without_a_way_to_pay_plans_are_hidden_and_vouchers_are_named(
    client: Client, form: Form, settings: Any
) -> None:
    settings.TEST_CARD = False
    selling.sell_all()
    shown = page(client)
    assert "access comes with a voucher" in shown
    assert 'class="price"' not in shown
    assert "Monthly subscription" not in shown
    assert "MLS-C01" in shown


def test_with_nothing_on_sale_everything_is_free_after_sign_up(client: Client, form: Form) -> None:
    assert "Everything is free right now." in page(client)


def test_what_was_taken_off_sale_is_not_called_free(client: Client, form: Form) -> None:
    selling.sell()
    Product.objects.update(on_sale=False)
    shown = page(client)
    assert "Everything is free" not in shown
    assert "Nothing is on sale right now." in shown


def test_who_has_access_reads_until_which_day(anna: User, form: Form) -> None:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    selling.sell_all()
    selling.give(anna)
    shown = page(client)
    assert "MLS-C01: until " in shown
    assert "Add 3 months" in shown
    assert "Unlock MLS-C01" not in shown
    assert re.search(r"MLS-C01: until [A-Z][a-z]+ \d+, \d{4}\s*<", shown)


def test_a_product_without_a_price_in_the_currency_is_left_out(client: Client, form: Form) -> None:
    product = Product.objects.create(slug="euro", kind="certification")
    products.publish(product, codes=[selling.CODE], months=3, prices={"EUR": 2900})
    with selling.gateway():
        assert 'id="euro"' in page(client)
        assert 'id="euro"' not in page(client, "/pricing/?currency=HUF")


def test_the_languages_of_the_questions_are_told(client: Client, form: Form) -> None:
    selling.sell_all()
    assert "Questions in English, Hungarian" in page(client)
    assert "A kérdések nyelve: angol, magyar" in page(client, "/hu/pricing/")


def test_questions_that_are_only_in_english_are_called_so_in_hungarian(client: Client) -> None:
    make_form(languages=("en",))
    selling.sell_all()
    assert "A kérdések egyelőre csak angolul érhetők el." in page(client, "/hu/pricing/")


def test_who_has_the_subscription_is_led_to_it_and_not_offered_it_again(anna: User, form: Form) -> None:
    orders.make_products()
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    offered = re.compile(r"<a class=\"button[^>]*>Subscribe</a>")
    assert offered.search(page(client))
    assert "You have it." not in page(client)
    opened = orders.order(anna, "monthly")
    card.pay(opened.session_id)
    payments.refresh(orders.checkout_of(opened))
    shown = page(client)
    assert not offered.search(shown)
    assert 'You have it. Manage it under <a href="/accounts/purchases/">' in shown
    assert offered.search(page(Client()))
