"""Support lets somebody in who has lost the second factor: who may, what goes, and what follows."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.admin import person
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.privacy import second_factor
from accounts.users import sessions, tokens
from accounts.users.models import User
from tests import factories
from tests.accounts.mails import delivered
from tests.accounts.test_admin_person import client_of

pytestmark = pytest.mark.django_db

REASON = "Called from the number that we know"
TYPES = ["recovery_codes", "totp", "webauthn"]


def address(of: User) -> str:
    return person.act_page("user", of.pk, "remove_second_factor")


def with_factors(user: User, *kinds: str) -> User:
    for kind in kinds or TYPES:
        Authenticator.objects.create(user=user, type=kind, data={})
    return user


def kinds(user: User) -> list[str]:
    return sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        (TYPES, []),
        (["totp"], ["recovery_codes", "webauthn"]),
        (["webauthn"], ["recovery_codes", "totp"]),
        # Codes alone would be asked for from somebody who has lost all else.
        (["totp", "webauthn"], []),
    ],
)
def test_what_was_chosen_is_removed_and_the_reason_recorded(
    anna: User, removed: list[str], left: list[str]
) -> None:
    client = client_of("support")
    reply = client.post(address(with_factors(anna)), {"kinds": removed, "reason": REASON})
    assert reply.headers["Location"] == person.url_of(anna.pk)
    assert kinds(anna) == left
    entry = AuditEntry.objects.get(action="second_factor.remove")
    assert (entry.subject_id, entry.reason, sorted(entry.after["kinds"])) == (str(anna.pk), REASON, left)


def test_the_person_is_signed_out_everywhere_and_told(anna: User) -> None:
    browser = Client()
    browser.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/accounts/sessions/").status_code == 200
    tokens.issue(anna)
    client_of("support").post(address(with_factors(anna)), {"kinds": TYPES, "reason": REASON})
    assert not sessions.alive(anna).exists()
    assert browser.get("/accounts/sessions/").status_code == 302
    assert not anna.api_tokens.filter(revoked_at=None).exists()
    (message,) = delivered()
    assert message.to == [anna.email]
    assert "Authenticator app, Recovery codes, Passkeys" in str(message.body)
    assert "IP address" not in str(message.body)


def test_the_page_offers_it_to_support_where_there_is_something_to_remove(anna: User) -> None:
    client = client_of("support")
    page = person.url_of(anna.pk)
    assert "second-factor" not in client.get(page).content.decode()
    with_factors(anna)
    assert address(anna) in client.get(page).content.decode()
    assert "second-factor" not in client_of("finance").get(page).content.decode()


@pytest.mark.parametrize("wrong", [{"kinds": []}, {"kinds": ["x"]}, {"reason": ""}])
def test_a_wrong_form_is_refused_at_its_field(anna: User, wrong: dict[str, object]) -> None:
    sent = {"kinds": TYPES, "reason": REASON, **wrong}
    reply = client_of("support").post(address(with_factors(anna)), sent)
    assert reply.status_code == 422
    assert set(reply.context["form"].errors) == set(wrong)
    assert kinds(anna) == TYPES


@pytest.mark.parametrize(("role", "left"), [("support", ["totp"]), ("finance", ["totp"]), ("admin", [])])
def test_only_an_administrator_removes_that_of_staff(role: str, left: list[str]) -> None:
    colleague = with_factors(factories.make_staff("authors"), "totp")
    client_of(role).post(address(colleague), {"kinds": ["totp"], "reason": REASON})
    assert kinds(colleague) == left


@pytest.mark.parametrize("role", ["support", "admin"])
def test_nobody_removes_their_own(role: str) -> None:
    staff = with_factors(factories.make_staff(role), "totp")
    client = Client()
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(address(staff), {"kinds": ["totp"], "reason": REASON})
    assert kinds(staff) == ["totp"]
    with pytest.raises(Refused) as refused:
        second_factor.remove(actor=staff, person_id=staff.pk, kinds=TYPES, reason=REASON)
    assert refused.value.code == "own_account"


def test_the_act_itself_refuses_what_the_page_does_not_offer(anna: User) -> None:
    support, colleague = factories.make_staff("support"), factories.make_staff("finance")
    for person_id, code in ((colleague.pk, "staff_account"), (anna.pk, "nothing_to_remove")):
        with pytest.raises(Refused) as refused:
            second_factor.remove(actor=support, person_id=person_id, kinds=TYPES, reason=REASON)
        assert refused.value.code == code
    assert not Mail.objects.exists()
