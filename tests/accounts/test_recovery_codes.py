"""Recovery codes that run out are spoken of before they are needed, and when they are gone."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.users import services
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db

FEW = "recovery codes left. Generate new ones in your profile."
NONE = "You have no recovery codes left."


@pytest.fixture
def codes(anna: User) -> list[str]:
    """The codes of somebody with an app."""
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    made: list[str] = RecoveryCodes.activate(anna).generate_codes()
    return made


def use_up(left: int) -> None:
    own = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    own.data["used_mask"] = (1 << (10 - left)) - 1
    own.save()


def sign_in(code: str, email: str = EMAIL) -> str:
    """Sign in by password and code; return the page that follows."""
    browser = Client()
    browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return browser.post("/accounts/2fa/authenticate/", {"code": code}, follow=True).content.decode()


@pytest.mark.parametrize(("left", "warned"), [(10, False), (5, False), (4, True)])
def test_signing_in_warns_from_three_codes_on(codes: list[str], left: int, warned: bool) -> None:
    use_up(left)
    assert (FEW in sign_in(codes[-1])) == warned


def test_signing_in_with_the_last_one_says_that_none_is_left(codes: list[str]) -> None:
    use_up(1)
    assert NONE in sign_in(codes[-1])


def test_the_page_of_the_code_says_that_only_the_app_is_left(codes: list[str]) -> None:
    said = "All your recovery codes are used"
    for left, shown in ((1, False), (0, True)):
        use_up(left)
        browser = Client()
        reply = browser.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}, follow=True)
        assert (said in reply.content.decode()) == shown


@pytest.mark.parametrize("page", ["/accounts/2fa/", "/accounts/2fa/recovery-codes/"])
def test_the_pages_say_how_many_are_left(codes: list[str], page: str) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for left, said in (
        (9, "9 recovery codes left."),
        (1, "1 recovery code left. Generate new ones"),
        (0, "no recovery codes left. If you lose your phone"),
    ):
        use_up(left)
        assert said in browser.get(page).content.decode()


def test_somebody_without_a_second_factor_reads_nothing_of_it(client: Client, anna: User) -> None:
    reply = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}, follow=True)
    assert "recovery code" not in reply.content.decode()


def test_operators_learn_of_staff_without_codes(codes: list[str], caplog: pytest.LogCaptureFixture) -> None:
    use_up(1)
    services.ensure(EMAIL, PASSWORD, staff=True)
    assert NONE in sign_in(codes[-1])
    assert "a staff account has no recovery codes left" in caplog.text
