"""The pages around a payment, by the test card."""

import re
from datetime import date, datetime

import pytest
from django.test import Client, override_settings
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.access import entitlements, products, vouchers
from accounts.access.models import Entitlement, Product, ProductVersion, Source
from accounts.access.policy import access_of
from accounts.payments.models import Checkout, Purchase, SubscriptionState
from accounts.payments.test_card import TestCard
from accounts.users.models import User
from exams.catalog.models import Certification
from tests import factories
from tests.accounts import selling
from tests.accounts.mails import delivered
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
BUY = "/pricing/mls-c01/"
AGREED = {"amount": 2900, "consent": "on", "terms": "on"}


@pytest.fixture(autouse=True)
def _loaded() -> None:
    """What is for sale is loaded: nothing else can be ordered."""
    factories.make_certification()


def main_of(page: bytes) -> str:
    return page.decode().partition("<main")[2].partition("</main>")[0]


def order(reader: Client, path: str = BUY, **changed: object) -> str:
    """Press the button that obliges to pay; return where it leads."""
    reply = reader.post(path, {**AGREED, **changed})
    assert reply.status_code == 302, main_of(reply.content)
    return str(reply["Location"])


def pay(reader: Client, path: str = BUY, **changed: object) -> str:
    """Order and pay; return the page after it."""
    card = order(reader, path, **changed)
    assert b'data-tone="warn"' in reader.get(card).content
    back = reader.post(card, {"act": "pay"})["Location"]
    return main_of(reader.get(back).content)


def year_after(at: datetime | None, months: int) -> str:
    """Return the year in which these months are over."""
    assert at
    return str(localtime(selling.after(at, months)).year)


def test_a_visitor_is_led_through_the_sign_in_and_back(client: Client) -> None:
    assert client.get(BUY)["Location"] == "/accounts/login/?next=/pricing/mls-c01/"


def test_the_page_says_what_it_costs_until_when_and_what_the_exam_is(reader: Client) -> None:
    factories.make_form(Certification.objects.get())
    page = main_of(reader.get(BUY).content)
    assert "€29.00" in page
    assert "MLS-C01 was retired on March 31, 2026" in page
    assert re.search(r"The questions are (in|available in:) English", page)
    assert "1 practice exam" in page
    assert "MLS-C01 practice exam 1 has 8 questions; the real exam has 65." in page
    assert "Access until" in page
    assert "Buy now · €29.00" in page
    assert 'href="/terms/"' in page


def test_before_paying_a_voucher_can_be_redeemed_instead(reader: Client) -> None:
    page = main_of(reader.get(BUY).content)
    assert 'Have a voucher? <a href="/redeem/">Redeem it</a>.' in page


def test_what_is_not_loaded_here_cannot_be_ordered(reader: Client) -> None:
    assert reader.get(BUY).status_code == 200
    Certification.objects.update(code="other")
    assert reader.get(BUY).status_code == 404
    assert reader.post(BUY, AGREED).status_code == 404
    assert not Checkout.objects.exists()


@pytest.mark.parametrize(
    ("language", "standing", "planned", "promise"),
    [
        (
            "",
            "MLS-C01: Beta since September 29, 2026; planned to go live on January 14, 2040.</p>",
            "Planned for MLS-C01 and not confirmed by Amazon Web Services yet: 180 minutes, "
            "an exam fee of 300 USD.",
            "your 3 months start again, once, when you ask for it: just write to us with your order number. "
            'The new months run from the day we answer you.<a href="/refunds/">',
        ),
        (
            "/hu",
            "MLS-C01: 2026. szeptember 29. óta béta; várható éles indulás: 2040. január 14.</p>",
            "a kiadó (Amazon Web Services) nem erősítette meg: 180 perc, 300 USD vizsgadíj.",
            "kérésedre egyszer újraindítjuk a hozzáférésedet, ismét 3 hónapra",
        ),
    ],
)
def test_before_paying_a_buyer_reads_what_is_planned_and_what_happens_if_the_day_moves(
    reader: Client, language: str, standing: str, planned: str, promise: str
) -> None:
    factories.plan(Certification.objects.get())
    page = squeezed(main_of(reader.get(f"{language}{BUY}").content))
    assert all(one in page for one in (standing, planned, promise)), page
    # It is for a certification that is bought on its own.
    for path in ("/pricing/monthly/", "/pricing/bundle/"):
        page = squeezed(main_of(reader.get(f"{language}{path}").content))
        assert standing in page
        assert not re.search(r"begins? anew|újraindítjuk", page)


@pytest.mark.parametrize(
    ("path", "promise"),
    [
        ("", "your months start again, once, when you ask for it"),
        ("/hu", "egyszer újraindítjuk a hónapjaidat"),
    ],
)
def test_the_same_promise_stands_in_the_terms_and_on_the_page_of_refunds(
    client: Client, path: str, promise: str
) -> None:
    for name in ("terms", "refunds"):
        assert promise in squeezed(client.get(f"{path}/{name}/").content.decode())


def test_of_an_exam_that_was_retired_nobody_reads_that_its_day_may_move(reader: Client) -> None:
    assert "start again, once" not in main_of(reader.get(BUY).content)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("", 'The successor is<a href="/mla-c02/">MLA-C02</a>'), ("/hu", 'href="/hu/mla-c02/">MLA-C02</a>')],
)
def test_the_page_of_a_retired_exam_leads_to_its_successor(
    reader: Client, language: str, sentence: str
) -> None:
    Certification.objects.update(successor_code="MLA-C02")
    assert "MLA-C02" not in main_of(reader.get(f"{language}{BUY}").content)
    factories.make_certification("mla-c02")
    assert sentence in squeezed(main_of(reader.get(f"{language}{BUY}").content))


def test_in_hungarian_the_button_says_it_in_the_words_of_the_law_and_forints_are_whole(
    reader: Client,
) -> None:
    page = main_of(reader.get(f"/hu{BUY}").content)
    assert "Fizetési kötelezettséggel járó megrendelés" in page
    assert "9\N{NO-BREAK SPACE}900\N{NO-BREAK SPACE}Ft" in page


def test_another_currency_can_be_chosen_and_one_without_a_price_cannot(reader: Client) -> None:
    assert "9,900\N{NO-BREAK SPACE}Ft" in main_of(reader.get(f"{BUY}?currency=HUF").content)
    assert "€29.00" in main_of(reader.get(f"{BUY}?currency=USD").content)


@pytest.mark.parametrize("missing", ["consent", "terms"])
def test_without_a_consent_nothing_is_ordered_and_the_page_opens_at_it(reader: Client, missing: str) -> None:
    reply = reader.post(BUY, {name: value for name, value in AGREED.items() if name != missing})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert f'id="id_{missing}_error"' in page
    assert re.search(rf'<input[^>]*name="{missing}"[^>]*autofocus', page) and page.count("autofocus") == 1
    assert not Checkout.objects.exists()


def test_a_price_that_changed_meanwhile_is_shown_anew_and_not_ordered(reader: Client) -> None:
    product = Product.objects.get(slug="mls-c01")
    products.publish(product, codes=["cert:mls-c01"], months=3, prices={"EUR": 3900})
    reply = reader.post(BUY, AGREED)
    assert reply.status_code == 409
    assert 'value="3900"' in reply.content.decode()
    assert not Checkout.objects.exists()


def test_who_pays_has_access_at_once_and_reads_until_when(reader: Client, anna: User) -> None:
    page = pay(reader)
    assert "your access is ready: MLS-C01 for 3 months." in page
    assert "Access until" in page
    assert access_of(anna, "cert:mls-c01")


def test_after_paying_the_button_opens_practice_exam_1_where_there_is_one(reader: Client) -> None:
    assert 'href="/mls-c01/">Start practicing</a>' in squeezed(pay(reader))
    factories.make_form(Certification.objects.get())
    back = f"/payments/{Checkout.objects.get().pk}/"
    assert 'href="/mls-c01/exams/1/">Open practice exam 1</a>' in squeezed(main_of(reader.get(back).content))
    assert "Start practicing" in pay(reader, "/pricing/bundle/")


def test_a_declined_card_says_so_and_can_be_tried_again_or_left(reader: Client, anna: User) -> None:
    card = order(reader)
    assert "declined" not in main_of(reader.get(card).content)
    page = main_of(reader.post(card, {"act": "decline"}).content)
    assert "The card was declined. Nothing was charged." in page
    assert 'value="pay"' in page
    assert not access_of(anna, "cert:mls-c01")
    back = re.search(r'href="([^"]*canceled=1[^"]*)"', page)
    assert back
    assert "You left before paying." in main_of(reader.get(back[1].replace("&amp;", "&")).content)


def test_a_card_that_was_paid_cannot_be_declined_anymore(reader: Client) -> None:
    card = order(reader)
    back = reader.post(card, {"act": "pay"})["Location"]
    assert [reader.get(card)["Location"], reader.post(card, {"act": "decline"})["Location"]] == [back, back]
    assert "received your payment" in main_of(reader.get(back).content)


def test_who_signs_in_to_order_reads_what_comes_next(client: Client) -> None:
    factories.make_form(Certification.objects.get())
    page = main_of(client.get("/accounts/signup/?next=/pricing/mls-c01/%3Fcurrency=USD").content)
    assert "Next: MLS-C01 for 3 months" in page
    assert "Next:" not in main_of(client.get("/accounts/signup/?next=/pricing/absent/").content)


def test_who_has_access_already_reads_that_months_are_added_and_a_subscription_is_not(
    reader: Client, anna: User
) -> None:
    assert "You already have access" not in main_of(reader.get(BUY).content)
    selling.give(anna, days=(-1, 400))
    page = main_of(reader.get(BUY).content)
    assert "What you buy here is added to your current access." in page
    assert re.findall(r"<time [^>]+>\w+ \d+, (\d{4})<", page) == [
        year_after(access_of(anna, selling.CODE).until, months=3)
    ]
    bundle = ProductVersion.objects.get(product__slug="bundle")
    entitlements.give(anna, bundle, Source.GRANT, "for tests")
    page = main_of(reader.get("/pricing/monthly/").content)
    assert "A subscription starts right away" in page
    assert re.findall(r"<time [^>]+>\w+ \d+, (\d{4})<", page) == [year_after(localtime(), months=1)]


def test_who_has_a_certification_reads_that_a_subscription_runs_beside_it(reader: Client, anna: User) -> None:
    beside = "That time keeps running alongside"
    assert beside not in main_of(reader.get("/pricing/monthly/").content)
    selling.give(anna, days=(-1, 90))
    for slug in ("monthly", "bundle"):
        page = squeezed(main_of(reader.get(f"/pricing/{slug}/").content))
        assert "You already have" in page and beside in page
    assert beside not in main_of(reader.get(BUY).content)


def test_a_redeemed_voucher_is_listed_under_purchases(reader: Client, anna: User) -> None:
    version = ProductVersion.objects.get(product__slug="mls-c01")
    _batch, [code] = vouchers.create_batch(actor=None, version=version, count=1)
    vouchers.redeem(user=anna, voucher_code=code)
    page = squeezed(main_of(reader.get("/accounts/purchases/").content))
    assert "MLS-C01 for 3 months" in page and "Voucher redeemed on" in page and "Access until" in page
    assert "bought anything yet" not in page and "refund promise" not in page


def test_months_that_do_not_wait_for_a_subscription_are_not_said_to(reader: Client) -> None:
    pay(reader, "/pricing/monthly/")
    page = main_of(reader.get(BUY).content)
    assert "is added to your current access" not in page
    assert "Your subscription gives you access until" in page
    assert "What you buy here starts right away all the same." in page


def test_who_subscribes_already_reads_so_before_ordering_again(reader: Client) -> None:
    pay(reader, "/pricing/monthly/")
    page = main_of(reader.get("/pricing/monthly/").content)
    assert "You already have a subscription." in page
    assert 'href="/accounts/purchases/"' in page
    assert "Subscribe and pay" not in page
    reader.post(f"/accounts/purchases/{Checkout.objects.get().pk}/cancel/")
    page = main_of(reader.get("/pricing/monthly/").content)
    assert re.search(r"canceled and ends on \w+ \d+, \d{4}, \d\d:\d\d \w+. You can subscribe again", page)
    assert "Subscribe and pay" not in page


def test_the_subscription_says_what_is_inside_and_what_to_know_before_paying(reader: Client) -> None:
    factories.make_form(Certification.objects.get())
    page = main_of(reader.get("/pricing/monthly/").content)
    assert "MLS-C01: 1 practice exam" in page
    assert "MLS-C01 was retired on March 31, 2026" in page


def test_the_page_after_paying_believes_the_gateway_and_not_the_browser(reader: Client, anna: User) -> None:
    order(reader)
    checkout = Checkout.objects.get()
    page = main_of(reader.get(f"/payments/{checkout.pk}/?paid=1&status=complete").content)
    assert "have your payment yet" in page
    assert f'href="/payments/{checkout.pk}/"' in page
    assert not access_of(anna, "cert:mls-c01")


def test_orders_and_cards_of_another_person_are_absent(reader: Client, bela: User) -> None:
    card = order(reader)
    checkout = Checkout.objects.get()
    other = Client()
    other.force_login(bela, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in (card, f"/payments/{checkout.pk}/"):
        assert other.get(path).status_code == 404
    assert other.post(card, {"act": "pay"}).status_code == 404
    assert other.post(f"/accounts/purchases/{checkout.pk}/cancel/").status_code == 404
    assert not Purchase.objects.exists()


def test_in_production_the_test_card_has_no_page_and_nothing_is_for_sale(reader: Client) -> None:
    card = order(reader)
    with override_settings(PRODUCTION=True, TEST_CARD=True):
        assert reader.get(card).status_code == 404
        assert reader.post(card, {"act": "pay"}).status_code == 404
        assert reader.get(BUY).status_code == 404
        assert reader.post(BUY, AGREED).status_code == 404
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("slug", ["absent", "bundle"])
def test_what_is_not_on_sale_has_no_page(reader: Client, slug: str) -> None:
    Product.objects.filter(slug="bundle").update(on_sale=False)
    assert reader.get(f"/pricing/{slug}/").status_code == 404


def test_the_receipt_confirms_payment_consent_and_terms_in_the_language_of_the_buyer(reader: Client) -> None:
    pay(reader)
    (mail,) = delivered()
    assert mail.subject.startswith("Receipt: ")
    text, html = str(mail.body), str(mail.alternatives[0][0])  # type: ignore[attr-defined]
    for said in (
        "€29.00",
        "lose your right of withdrawal",
        Checkout.objects.get().number,
    ):
        assert said in text
        assert said in html
    assert re.search(r"Start practicing: http[^ ]+/mls-c01/\s", text)
    assert "/mls-c01/" in html
    reader.get(f"/payments/{Checkout.objects.get().pk}/")
    assert len(delivered()) == 1


@pytest.mark.parametrize(
    ("language", "amount", "promise"),
    [
        ("", 2900, "your months start again, once, on the day we answer you"),
        ("/hu", 990000, "a hónapjaidat egyszer újraindítjuk"),
    ],
)
def test_after_paying_receipt_and_purchases_repeat_what_happens_if_the_day_moves(
    reader: Client, language: str, amount: int, promise: str
) -> None:
    factories.plan(Certification.objects.get())
    pay(reader, f"{language}{BUY}", amount=amount)
    (mail,) = delivered()
    for text in (str(mail.body), str(mail.alternatives[0][0])):  # type: ignore[attr-defined]
        assert promise in squeezed(text)
    assert promise in squeezed(main_of(reader.get(f"{language}/accounts/purchases/").content))


def test_neither_says_so_of_an_exam_that_is_live_or_of_a_subscription(reader: Client) -> None:
    pay(reader)
    factories.plan(Certification.objects.get())
    pay(reader, "/pricing/monthly/")
    assert not any("start again, once" in squeezed(str(mail.body)) for mail in delivered())
    Certification.objects.update(live_on=date(2026, 1, 1), planned_facts=[])
    assert "start again, once" not in squeezed(main_of(reader.get("/accounts/purchases/").content))


@override_settings(
    OPERATOR_NAME="Example Kft.", OPERATOR_ADDRESS="1011 Budapest,\nFő utca 1.", OPERATOR_VAT_ID="HU12345678"
)
def test_receipt_and_purchases_name_the_seller(reader: Client) -> None:
    pay(reader)
    (mail,) = delivered()
    texts = str(mail.body), str(mail.alternatives[0][0])  # type: ignore[attr-defined]
    for text in (*texts, main_of(reader.get("/accounts/purchases/").content)):
        assert "Seller: Example Kft., 1011 Budapest, Fő utca 1., HU12345678." in text


def test_a_hungarian_receipt_is_hungarian(reader: Client) -> None:
    pay(reader, f"/hu{BUY}", amount=990000)
    (mail,) = delivered()
    assert "9\N{NO-BREAK SPACE}900\N{NO-BREAK SPACE}Ft" in str(mail.body)
    assert "elállási jogodat" in str(mail.body)
    assert not re.search(r"Receipt|Paid|Access until", f"{mail.subject}{mail.body}")
    assert not re.search(r"\d\.\.", str(mail.body)), "a date ends with a period of its own"


def test_the_newest_purchase_is_listed_first(reader: Client) -> None:
    pay(reader)
    pay(reader, "/pricing/monthly/")
    page = main_of(reader.get("/accounts/purchases/").content)
    paid = page.split('<ul class="rows')[1]
    assert re.findall("<h2>(.*?)</h2>", paid)[:2] == ["Monthly subscription", "MLS-C01 for 3 months"]


def test_a_payment_without_an_invoice_has_no_button_for_it(reader: Client) -> None:
    pay(reader)
    page = main_of(reader.get("/accounts/purchases/").content)
    assert "Order number" in page
    assert "Invoice" not in page


def test_the_order_page_says_that_the_refund_promise_holds_without_the_right_of_withdrawal(
    reader: Client,
) -> None:
    page = main_of(reader.get(BUY).content)
    assert "Our own 14-day refund promise below is separate from that right and still applies." in page


def test_own_purchases_are_listed_and_a_subscription_is_canceled_there(reader: Client, anna: User) -> None:
    assert "bought anything yet" in main_of(reader.get("/accounts/purchases/").content)
    pay(reader, "/pricing/monthly/")
    page = main_of(reader.get("/accounts/purchases/").content)
    assert "Monthly subscription" in page
    assert "Next payment" in page
    cancel = f"/accounts/purchases/{Checkout.objects.get().pk}/cancel/"
    assert "You keep access until" in main_of(reader.get(cancel).content)
    assert not SubscriptionState.objects.latest("pk").ends_at
    reader.post(cancel)
    assert reader.get(cancel)["Location"] == "/accounts/purchases/"
    page = main_of(reader.get("/accounts/purchases/").content)
    assert "be charged again" in page
    assert "Cancel subscription" not in page
    assert SubscriptionState.objects.latest("pk").ends_at
    assert access_of(anna, "cert:mls-c01")


def test_a_subscription_whose_access_was_ended_does_not_promise_it(reader: Client, bela: User) -> None:
    pay(reader, "/pricing/monthly/")
    cancel = f"/accounts/purchases/{Checkout.objects.get().pk}/cancel/"
    given = Entitlement.objects.get()
    entitlements.end_now(actor=bela, entitlement_id=given.pk, reason="for tests")
    assert "You keep access until" not in main_of(reader.get(cancel).content)
    reader.post(cancel)
    page = main_of(reader.get("/accounts/purchases/").content)
    assert "Canceled. Your access has ended, and you won&#x27;t be charged again." in page.replace(
        "'", "&#x27;"
    )
    assert "You have access until" not in page


def test_an_unconfirmed_address_is_told_before_paying(reader: Client, anna: User) -> None:
    anna.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
    page = main_of(reader.get(BUY).content)
    assert "Confirm your email address first" in page
    assert "<button" not in page
    assert not Entitlement.objects.exists()


def test_the_next_payment_of_a_subscription_waits_for_nothing_that_runs(reader: Client, anna: User) -> None:
    entitlements.give(anna, ProductVersion.objects.get(product__slug="bundle"), Source.PURCHASE, "pi_1")
    page = main_of(reader.get("/pricing/monthly/").content)
    assert date_format(localtime(entitlements.would_renew(1)), "DATE_FORMAT") in page
    page = main_of(reader.get("/pricing/bundle/").content)
    ends = entitlements.would_end(anna, ["cert:*"], 12)
    assert (ends - entitlements.now()).days > 720
    assert date_format(localtime(ends), "DATE_FORMAT") in page


def test_the_page_after_paying_asks_no_more_once_it_is_paid(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(reader)

    def fetch(*_args: object) -> None:
        raise AssertionError

    monkeypatch.setattr(TestCard, "fetch", fetch)
    reply = reader.get(f"/payments/{Checkout.objects.get().pk}/")
    assert "Access until" in main_of(reply.content)
