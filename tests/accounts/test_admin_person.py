"""The page of a person in the admin: who sees which part, how much is read, and what is done from it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.access import entitlements, periods
from accounts.access.models import Entitlement, Product, Source
from accounts.access.policy import Reason, access_of
from accounts.admin import person
from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.payments import services as payments
from accounts.payments import test_card as card
from accounts.payments.models import Checkout, Purchase
from accounts.users.models import User
from exams.attempts.models import Attempt
from tests import factories
from tests.accounts import selling
from tests.accounts.access.shop import make_version
from tests.accounts.vouchers import CODE
from tests.payments import orders

pytestmark = pytest.mark.django_db

ROLES = ("authors", "reviewers", "translators", "support", "finance", "admin")
SEEN = {
    "support": {"access", "purchases", "attempts", "mails", "log"},
    "finance": {"access", "purchases"},
    "admin": {"access", "purchases", "attempts", "mails", "log"},
}
REASON = "It was our mistake"


def client_of(role: str) -> Client:
    """The browser of somebody with a role."""
    client = Client()
    client.force_login(factories.make_staff(role))
    return client


@pytest.fixture
def support() -> Client:
    """The browser of support."""
    return client_of("support")


@pytest.fixture
def known(anna: User, form: factories.Form) -> User:
    """Anna, with something in each panel."""
    orders.make_products()
    opened = orders.order(anna)
    card.pay(opened.session_id)
    payments.refresh(orders.checkout_of(opened))
    factories.start(anna, form)
    outbox.post(
        "account/email/password_reset_key", anna.email, {"url": "https://secret.example"}, person=anna
    )
    version = orders.checkout_of(opened).version
    entitlements.grant(actor=None, user=anna, version=version, months=1, reason="A gift", grant_id=uuid4())
    return anna


def headings(page: str) -> set[str]:
    """The keys of the panels on a page."""
    return set(re.findall(r'id="panel-([a-z]+)"', page))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_parts_of_a_person_and_no_other(known: User, role: str) -> None:
    client = client_of(role)
    reply = client.get(person.url_of(known.pk))
    assert reply.status_code == (200 if role in SEEN else 403)
    assert headings(reply.content.decode()) == SEEN.get(role, set())
    for key in ("access", "purchases", "attempts", "mails", "log"):
        wanted = 200 if key in SEEN.get(role, ()) else 404 if role in SEEN else 403
        address = reverse("admin:accounts_user_panel", args=[known.pk, key])
        assert client.get(address).status_code == wanted, key


def test_support_reads_what_somebody_has_paid_took_and_was_sent_and_no_mail(
    support: Client, known: User
) -> None:
    page = support.get(person.url_of(known.pk)).content.decode()
    for text in (
        known.email,
        CODE,
        "29.00",
        "Reset password",
        "entitlement.grant",
        "A gift",
        "In progress",
    ):
        assert text in page, text
    assert "secret.example" not in page
    assert Mail.objects.latest("pk").sealed not in page
    assert str(known.password) not in page


def test_the_list_of_people_leads_to_the_page_and_no_hash_is_shown(support: Client, known: User) -> None:
    listed = support.get("/admin/accounts/user/").content.decode()
    assert person.url_of(known.pk) in listed
    reply = support.get(f"/admin/accounts/user/{known.pk}/change/")
    assert reply.headers["Location"] == person.url_of(known.pk)
    assert support.post(f"/admin/accounts/user/{known.pk}/change/", {"email": "x@y.hu"}).status_code == 403
    known.refresh_from_db()
    assert known.email == "anna@example.org"


def test_the_page_shows_the_newest_of_each_and_leads_to_the_others(support: Client, known: User) -> None:
    address = person.url_of(known.pk)
    for number in range(2 * person.SHOWN):
        selling.give(known, days=(-number - 2, -number - 1))
        outbox.post("account/email/password_reset_key", known.email, {}, person=known)
    page = support.get(address).content.decode()
    assert page.count(CODE) == person.SHOWN
    assert page.count("Reset password") == person.SHOWN
    assert reverse("admin:accounts_user_panel", args=[known.pk, "mails"]) in page


def test_more_of_a_panel_is_read_page_by_page(support: Client, anna: User) -> None:
    given = [selling.give(anna, days=(-number - 2, -number - 1)) for number in range(person.PAGE + 1)]
    address = reverse("admin:accounts_user_panel", args=[anna.pk, "access"])
    first, second = (support.get(address, {"page": page}).content.decode() for page in (1, 2))
    shown = [re.findall(r"/admin/accounts/entitlement/(\d+)/change/", page) for page in (first, second)]
    assert [int(pk) for page in shown for pk in page] == [one.pk for one in reversed(given)]
    assert "?page=2" in first
    assert "?page=1" in second
    assert "?page=3" not in second
    for wrong in ("0", "-1", "x", "\u0663", "1001"):
        assert support.get(address, {"page": wrong}).status_code == 404
    assert support.get(reverse("admin:accounts_user_panel", args=[anna.pk, "absent"])).status_code == 404


def test_the_event_log_holds_what_was_done_to_a_person_and_theirs_and_nothing_of_others(
    known: User, bela: User
) -> None:
    mine, other = Entitlement.objects.filter(user=known).latest("pk"), selling.give(bela)
    subjects = [
        mine,
        Checkout.objects.get(),
        Purchase.objects.get(),
        Mail.objects.latest("pk"),
    ]
    for subject in (*subjects, Attempt.objects.get(user=known)):
        audit.record(actor=None, action="test", subject=subject)
    by_her = audit.record(actor=known, action="test", subject=other)
    of_other = audit.record(actor=None, action="test", subject=other)
    found = list(audit.about(known))
    assert len([one for one in found if one.action == "test"]) == len(subjects) + 2
    assert by_her in found
    assert of_other not in found
    assert [one.pk for one in found] == sorted((one.pk for one in found), reverse=True)


def sent(**more: Any) -> dict[str, Any]:
    """What fills every form of this page."""
    return {"reason": REASON, "grant_id": uuid4(), "days": 10, **more}


def test_access_is_extended_from_its_end_once_for_each_form_and_recorded(support: Client, anna: User) -> None:
    selling.sell()
    given = selling.give(anna)
    address = f"/admin/accounts/entitlement/{given.pk}/extend/?back=person"
    body = sent()
    for _ in range(2):
        assert support.post(address, body).headers["Location"] == person.url_of(anna.pk)
    more = Entitlement.objects.get(source_id=str(body["grant_id"]))
    zone = ZoneInfo(settings.SITE_ZONE)
    assert (more.starts_at, more.ends_at) == (given.ends_at, periods.add_days(given.ends_at, 10, zone))
    assert access_of(anna, CODE).until == more.ends_at
    entry = AuditEntry.objects.get(action="entitlement.extend")
    assert (entry.subject_id, entry.reason, entry.after["days"]) == (str(given.pk), REASON, 10)


def test_what_has_ended_is_extended_from_now(support: Client, anna: User) -> None:
    selling.put(anna, Reason.ENDED)
    given = Entitlement.objects.get()
    assert not access_of(anna, CODE)
    support.post(f"/admin/accounts/entitlement/{given.pk}/extend/", sent(days=1))
    assert access_of(anna, CODE)
    more = Entitlement.objects.latest("pk")
    assert timedelta(hours=22) < more.ends_at - more.created_at < timedelta(hours=26)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": 367}, {"days": "x"}, {"reason": ""}, {"reason": "no"}]
)
def test_a_wrong_extension_is_refused_at_its_field(
    support: Client, anna: User, wrong: dict[str, Any]
) -> None:
    given = selling.give(anna)
    reply = support.post(f"/admin/accounts/entitlement/{given.pk}/extend/", sent(**wrong))
    assert reply.status_code == 422
    assert set(reply.context["form"].errors) == set(wrong)
    assert Entitlement.objects.get() == given
    assert not AuditEntry.objects.exists()


def test_nothing_is_given_to_a_deleted_account(anna: User) -> None:
    given = selling.give(anna)
    Entitlement.objects.filter(pk=given.pk).update(user=None)
    with pytest.raises(Refused) as refused:
        entitlements.extend(actor=None, entitlement_id=given.pk, days=1, reason=REASON, grant_id=uuid4())
    assert refused.value.code == "no_account"


def test_acts_begun_on_the_page_lead_back_to_it(support: Client, known: User) -> None:
    page = support.get(person.url_of(known.pk)).content.decode()
    address = re.search(r'href="(/admin/accounts/entitlement/\d+/end/\?back=person)"', page)
    assert address
    assert support.post(address[1], {"reason": REASON}).headers["Location"] == person.url_of(known.pk)
    grant = re.search(r'href="(/admin/accounts/entitlement/grant/\?[^"]+)"', page)
    assert grant
    form = support.get(grant[1].replace("&amp;", "&"))
    assert form.context["form"].initial["user"] == known.email
    body = sent(user=known.email, product=Product.objects.earliest("pk").pk, months=1)
    reply = support.post(grant[1].replace("&amp;", "&"), body)
    assert reply.headers["Location"] == person.url_of(known.pk)


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        ("support", {"extend", "end", "void"}),
        ("finance", {"refund"}),
        ("admin", {"extend", "end", "void", "refund"}),
    ],
)
def test_each_role_is_offered_its_own_acts(known: User, role: str, verbs: set[str]) -> None:
    page = client_of(role).get(person.url_of(known.pk)).content.decode()
    assert set(re.findall(r"/([a-z]+)/\?back=person", page)) == verbs


@pytest.mark.parametrize("path", ["user/²/change/", "entitlement/²/end/", "entitlement/²/extend/"])
def test_what_only_looks_like_a_number_is_no_row(support: Client, path: str) -> None:
    assert support.get(f"/admin/accounts/{path}").status_code in (302, 403, 404)


def test_an_entitlement_that_a_payment_is_to_follow_is_not_extended(support: Client, anna: User) -> None:
    begins = entitlements.now()
    period = periods.Period(begins, begins + timedelta(days=30))
    (given,) = entitlements.give_period(anna, make_version(), Source.SUBSCRIPTION, "1", period)
    with pytest.raises(Refused, match="subscription that renews"):
        entitlements.extend(actor=None, entitlement_id=given.pk, days=1, reason=REASON, grant_id=uuid4())
    assert Entitlement.objects.count() == 1
