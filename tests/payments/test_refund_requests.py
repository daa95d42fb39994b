"""A refund by one press: asked for once, by the promise alone; finance refunds or declines it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.access import entitlements
from accounts.access.policy import access_of
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.payments import refunds, services
from accounts.payments import test_card as card
from accounts.payments.models import Checkout, Purchase, Refund, RefundDecline, RefundRequest, TestCardSession
from accounts.users.models import User
from exams.attempts import lifecycle
from tests import factories
from tests.accounts.mails import delivered
from tests.markup import squeezed
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
PURCHASES = "/accounts/purchases/"
BUTTON = '/refund/"'
WARNING = "You've requested a refund."
WHY = "You started exam 2 yesterday"


def buy(user: User, slug: str = "mls-c01", language: str = "en") -> Purchase:
    """Order and pay."""
    opened = order(user, slug, language=language)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    return Purchase.objects.get(checkout=checkout_of(opened))


@pytest.fixture
def bought(anna: User) -> Purchase:
    """Three months that Anna paid."""
    return buy(anna)


@pytest.fixture
def finance() -> Client:
    """The browser of finance."""
    client = Client()
    client.force_login(factories.make_staff("finance"))
    return client


def press(reader: Client, bought: Purchase) -> str:
    """Press the button; return what the page then says."""
    reply = reader.post(f"{PURCHASES}{bought.checkout_id}/refund/", follow=True)
    return squeezed(reply.content.decode().partition("<main")[2])


def act(bought: Purchase, name: str) -> str:
    return f"/admin/accounts/purchase/{bought.pk}/{name}/"


def test_one_press_asks_once_and_says_so_in_a_mail_and_on_the_page(
    anna: User, reader: Client, bought: Purchase
) -> None:
    assert BUTTON in reader.get(PURCHASES).content.decode()
    page = press(reader, bought)
    assert "We&#x27;ve received your refund request" in page
    assert "Refund requested on" in page and BUTTON not in page
    press(reader, bought)
    assert RefundRequest.objects.count() == 1
    assert AuditEntry.objects.get(action="purchase.refund_asked").actor == anna
    mails = [mail for mail in delivered() if mail.subject == "Refund request: MLS-C01 for 3 months"]
    assert len(mails) == 1
    assert bought.checkout.number in str(mails[0].body)
    assert access_of(anna, "cert:mls-c01")


def test_a_look_at_the_request_names_the_amount_and_asks_for_nothing(
    reader: Client, bought: Purchase
) -> None:
    address = f"{PURCHASES}{bought.checkout_id}/refund/"
    page = squeezed(reader.get(address).content.decode())
    assert (
        "€29.00" in page and "Your access ends as soon as" in page and "cancel your subscription" not in page
    )
    assert not RefundRequest.objects.exists()
    press(reader, bought)
    assert reader.get(address)["Location"] == PURCHASES


def test_who_asks_for_a_month_back_reads_that_the_subscription_goes_on(anna: User, reader: Client) -> None:
    monthly = buy(anna, "monthly")
    page = reader.get(f"{PURCHASES}{monthly.checkout_id}/refund/").content.decode()
    assert "cancel your subscription" in page


def test_while_a_refund_is_asked_for_starting_is_warned_of(
    reader: Client, bought: Purchase, form: factories.Form, finance: Client
) -> None:
    pages = ("/mls-c01/", "/mls-c01/exams/1/", "/mls-c01/practice/")
    assert not any(WARNING in reader.get(path).content.decode() for path in pages)
    press(reader, bought)
    assert all(WARNING in reader.get(path).content.decode() for path in pages)
    finance.post(act(bought, "decline"), {"reason": WHY})
    assert not any(WARNING in reader.get(path).content.decode() for path in pages)


def test_before_the_first_start_the_page_of_an_exam_says_that_it_ends_the_promise(
    anna: User, reader: Client, bought: Purchase, form: factories.Form
) -> None:
    def page() -> str:
        return reader.get("/mls-c01/exams/1/").content.decode()

    line = "Once you start, our 14-day refund promise no longer covers your purchase."
    assert line in page()
    begun = factories.start(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert line not in page()


def test_before_the_first_drill_practice_says_that_it_ends_the_promise(
    anna: User, reader: Client, bought: Purchase, form: factories.Form
) -> None:
    def page() -> str:
        return reader.get("/mls-c01/practice/").content.decode()

    line = "Once you start, our 14-day refund promise no longer covers your purchase."
    assert line in page()
    reader.post("/mls-c01/practice/", {"open": "1"})
    assert "Start practice" in page() and line in page()
    reader.post("/mls-c01/practice/", {"pool": "all", "number": "5"})
    assert line not in page()


def test_where_no_refund_can_be_asked_for_the_page_of_an_exam_says_nothing_of_the_promise(
    reader: Client, bought: Purchase, form: factories.Form, finance: Client
) -> None:
    press(reader, bought)
    assert "14-day refund promise" not in reader.get("/mls-c01/exams/1/").content.decode()
    finance.post(act(bought, "decline"), {"reason": WHY})
    assert "14-day refund promise" not in reader.get("/mls-c01/exams/1/").content.decode()


def test_finance_reads_that_nothing_was_begun_and_refunds(
    anna: User, reader: Client, bought: Purchase, finance: Client
) -> None:
    press(reader, bought)
    start = finance.get("/admin/").content.decode()
    assert "Refunds asked for" in start
    listed = finance.get("/admin/accounts/purchase/?refund=asked").content.decode()
    assert bought.checkout.number in listed
    form = squeezed(finance.get(act(bought, "refund")).content.decode())
    for text in ("Asked for by the buyer", "Nothing", "None: this is the first", "Applies"):
        assert text in form
    finance.post(act(bought, "refund"), {"reason": "By our promise", "form_id": uuid4()})
    assert Refund.objects.get().amount == bought.amount
    assert "Refunded on" in reader.get(PURCHASES).content.decode()
    assert not refunds.waiting(Purchase.objects.all()).exists()


def test_a_declined_request_names_its_reason_and_is_not_asked_again(
    anna: User, reader: Client, bought: Purchase, finance: Client
) -> None:
    press(reader, bought)
    finance.post(act(bought, "decline"), {"reason": WHY})
    assert RefundDecline.objects.get().reason == WHY
    page = press(reader, bought)
    assert f"Refund declined: {WHY}" in page and BUTTON not in page
    assert "Your refund request was declined" in page
    assert "We&#x27;ve received your refund request" not in page
    mail = next(mail for mail in delivered() if mail.subject.startswith("Refund declined"))
    assert WHY in str(mail.body)
    assert AuditEntry.objects.get(action="purchase.refund_declined").reason == WHY
    with pytest.raises(Refused, match="No refund request"):
        refunds.decline(bought, actor=factories.make_staff("admin"), reason=WHY)
    assert (
        bought.checkout.number not in finance.get("/admin/accounts/purchase/?refund=asked").content.decode()
    )


def test_nobody_declines_their_own_request(anna: User, bought: Purchase) -> None:
    refunds.ask(bought.checkout, anna)
    with pytest.raises(Refused) as refused:
        refunds.decline(bought, actor=anna, reason=WHY)
    assert refused.value.code == "own_account"


def test_support_declines_nothing(reader: Client, bought: Purchase) -> None:
    press(reader, bought)
    support = Client()
    support.force_login(factories.make_staff("support"))
    assert support.post(act(bought, "decline"), {"reason": WHY}).status_code == 403
    assert not RefundDecline.objects.exists()


def test_what_was_begun_closes_the_promise(
    anna: User, reader: Client, bought: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "begun", lambda purchase: ["Exams: 1"])
    page = squeezed(reader.get(PURCHASES).content.decode())
    assert "our refund promise no longer covers it" in page and BUTTON not in page
    assert "something was started" in press(reader, bought)
    assert not RefundRequest.objects.exists()


def test_after_fourteen_days_there_is_no_button_and_no_request(anna: User, reader: Client) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    TestCardSession.objects.update(paid_at=entitlements.now() - timedelta(days=15))
    services.refresh(checkout_of(opened))
    assert BUTTON not in reader.get(PURCHASES).content.decode()
    assert "paid more than 14 days ago" in press(reader, Purchase.objects.get())
    assert not RefundRequest.objects.exists()


def test_what_was_refunded_cannot_be_asked_for(anna: User, reader: Client, bought: Purchase) -> None:
    services.refund(bought, actor=factories.make_staff("admin"), reason="By mail")
    page = press(reader, bought)
    assert "nothing left to refund" in page and BUTTON not in page


def test_the_money_of_somebody_else_cannot_be_asked_for(reader: Client, bela: User) -> None:
    foreign = buy(bela)
    reply = reader.post(f"{PURCHASES}{foreign.checkout_id}/refund/")
    assert reply.status_code == 404
    assert not RefundRequest.objects.exists()


def test_a_second_request_for_a_payment_cannot_be_stored(anna: User, bought: Purchase) -> None:
    refunds.ask(bought.checkout, anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.create(purchase=bought)


def test_a_second_refund_of_a_person_is_named_to_finance(
    anna: User, bought: Purchase, finance: Client
) -> None:
    services.refund(bought, actor=factories.make_staff("admin"), reason="By mail")
    again = buy(anna)
    form = squeezed(finance.get(act(again, "refund")).content.decode())
    assert "None: this is the first" not in form
    assert refunds.others_refunded(again) == 1


def test_an_order_has_a_short_number_of_its_own_that_finance_finds(anna: User, finance: Client) -> None:
    numbers = [buy(anna).checkout.number for _ in range(12)]
    assert len(set(numbers)) == 12
    assert all(re.fullmatch(r"PL-[2-9B-DF-HJKMNP-TV-Z]{6}", number) for number in numbers)
    page = finance.get("/admin/accounts/purchase/", {"q": numbers[7].lower()}).content.decode()
    assert numbers[7] in page and numbers[8] not in page
    by_id = Checkout.objects.get(number=numbers[9])
    assert numbers[9] in finance.get("/admin/accounts/purchase/", {"q": str(by_id.pk)}).content.decode()


def test_two_orders_never_have_one_number(anna: User, bought: Purchase) -> None:
    fields: dict[str, Any] = {
        field.attname: getattr(bought.checkout, field.attname) for field in Checkout._meta.concrete_fields
    }
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        Checkout.objects.create(**{**fields, "id": uuid4()})


def test_a_canceled_subscription_is_resumed_by_one_press(anna: User, reader: Client) -> None:
    monthly = buy(anna, "monthly")
    services.cancel(monthly.checkout, anna)
    assert "Resume subscription" in reader.get(PURCHASES).content.decode()
    page = reader.post(f"{PURCHASES}{monthly.checkout_id}/resume/", follow=True).content.decode()
    assert "Your subscription continues." in page and "Next payment:" in page
    assert services.goes_on(monthly.checkout)
    assert AuditEntry.objects.get(action="subscription.resume").actor == anna
