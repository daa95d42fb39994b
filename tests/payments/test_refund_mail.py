"""A refund: what finance reads about our promise before, and the mail that the buyer gets after."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.access import entitlements
from accounts.admin.purchases import refund_facts
from accounts.outbox.models import Mail
from accounts.payments import services, settlement
from accounts.payments import test_card as card
from accounts.payments.gateways import GatewayCheckout, MoneyBack, Payment
from accounts.payments.models import Purchase
from accounts.users.models import User
from exams.attempts import lifecycle, staff
from tests import factories
from tests.accounts import selling
from tests.accounts.mails import delivered
from tests.exams.attempts.practice import draw, finish_exam
from tests.factories import Form, make_form
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.fixture
def bought(anna: User, form: Form) -> Purchase:
    """Three months that Anna paid for a certification with an exam."""
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    delivered().clear()
    return Purchase.objects.get()


def promise_of(bought: Purchase) -> tuple[str, str]:
    """Return what the page of the refund says: what was started, and whether the promise applies."""
    _asked, (_, started), _others, (_, promise) = refund_facts(bought)
    return str(started), str(promise)


def test_nothing_started_within_fourteen_days_is_what_we_promise_to_refund(bought: Purchase) -> None:
    assert promise_of(bought) == ("Nothing", "Applies")


def test_a_started_exam_and_a_drill_are_said_with_the_day_of_the_first(
    bought: Purchase, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    draw(anna, form)
    started, promise = promise_of(bought)
    assert started.startswith("Exams: 1, Practice sets: 1, the first on ")
    assert promise == "Doesn't apply: something was started"


def test_a_canceled_start_is_said_and_one_that_staff_voided_is_not_counted(
    bought: Purchase, anna: User, form: Form
) -> None:
    voided = factories.start(anna, form)
    staff.void(attempt_id=voided.attempt_id, actor=None, reason="our fault")
    assert promise_of(bought) == ("Nothing", "Applies")
    begun = factories.start(anna, form)
    lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    assert promise_of(bought)[0].startswith("Exams: 1, canceled again: 1")


def test_what_was_started_before_the_payment_or_of_something_else_does_not_count(
    bought: Purchase, anna: User, bela: User, form: Form
) -> None:
    selling.give(bela)
    factories.start(bela, form)
    factories.start(anna, form)
    bought.paid_at = entitlements.now()
    other = make_form(factories.make_certification("saa-c03"), mark="other")
    selling.give(anna, code="cert:saa-c03")
    factories.start(anna, other)
    assert promise_of(bought) == ("Nothing", "Applies")


def test_after_fourteen_days_the_promise_is_over(bought: Purchase) -> None:
    bought.paid_at -= timedelta(days=15)
    assert promise_of(bought) == ("Nothing", "Doesn't apply: paid more than 14 days ago")


def test_the_page_of_the_refund_says_it(bought: Purchase, anna: User, form: Form) -> None:
    factories.start(anna, form)
    client = Client()
    client.force_login(factories.make_staff("finance"))
    page = client.get(f"/admin/accounts/purchase/{bought.pk}/refund/").content.decode()
    assert "Exams: 1" in page
    assert "Doesn&#x27;t apply: something was started" in page


@pytest.mark.parametrize(
    ("language", "words"), [("en", "We refunded €29.00"), ("hu", "visszatérítést küldtünk")]
)
def test_the_buyer_is_told_once_in_the_language_of_the_order(
    anna: User, form: Form, language: str, words: str
) -> None:
    opened = order(anna, language=language)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    delivered().clear()
    bought = Purchase.objects.get()
    services.refund(bought, actor=factories.make_staff("finance"), reason="Asked within a day")
    for _ in range(2):
        services.refresh(bought.checkout)
    [mail] = delivered()
    assert mail.to == [anna.email]
    assert words in str(mail.body)
    assert bought.checkout.number in str(mail.body)
    assert "Asked within a day" not in str(mail.body)


def settled(bought: Purchase, *back: MoneyBack) -> None:
    """Settle what a gateway says that went back."""
    payment = Payment(
        bought.payment_id, bought.amount, bought.currency, bought.paid_at, money_back=list(back)
    )
    settlement.settle(bought.checkout, GatewayCheckout(payments=[payment], is_open=False), bought.paid_at)


def test_a_part_is_told_as_a_part_and_a_lost_dispute_not_as_our_refund(bought: Purchase) -> None:
    settled(bought, MoneyBack("re_part", 900, bought.paid_at))
    [mail] = delivered()
    assert "€9.00" in str(mail.body)
    assert "Your access stays as it is." in str(mail.body)
    settled(bought, MoneyBack("dp_lost", 2000, bought.paid_at, is_refund=False))
    assert Mail.objects.filter(kind=settlement.REFUNDED).count() == 1


def test_of_two_parts_at_once_the_last_one_is_told_to_be_all(bought: Purchase) -> None:
    settled(bought, MoneyBack("re_1", 900, bought.paid_at), MoneyBack("re_2", 2000, bought.paid_at))
    first, last = (str(mail.body) for mail in delivered())
    assert "Your access stays as it is." in first
    assert "Your access stays as it is." not in last


def test_a_deleted_account_is_told_nothing_and_the_page_says_that_nobody_knows(bought: Purchase) -> None:
    checkout = bought.checkout
    type(checkout).objects.filter(pk=checkout.pk).update(user=None)
    bought = Purchase.objects.get()
    settled(bought, MoneyBack("re_all", bought.amount, bought.paid_at))
    assert not Mail.objects.filter(kind=settlement.REFUNDED).exists()
    assert [str(value) for _name, value in refund_facts(bought)] == ["Unknown: the account was deleted"]
