"""How tests sign up: the forms of the newcomer's way, sent by a client."""

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from tests.accounts.conftest import PASSWORD

NEW = "new@example.org"
WAITING = "/accounts/confirm-email/"
SIGN_UP = "/accounts/signup/"


def sign_up(client: Client, address: str = NEW, prefix: str = "", **more: str) -> str:
    """Send the form of sign-up; return where it leads."""
    form = {"email": address, "password1": PASSWORD, **more}
    reply = client.post(f"{prefix}{SIGN_UP}", form)
    assert reply.status_code == 302, reply.content
    return str(reply["Location"])


def enter(client: Client, code: str, prefix: str = "") -> tuple[int, str, str]:
    """Type a code; return status, where it leads, and the page, after a wrong code that which it leads to."""
    reply = client.post(f"{prefix}{WAITING}", {"code": code, "action": "verify"})
    status, location = reply.status_code, reply.get("Location", "")
    if location == f"{prefix}{WAITING}":
        reply = client.get(location)
    return status, location, reply.content.decode()


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def another_than(code: str) -> str:
    """Return a code that is wrong."""
    return f"{(int(code) + 1) % 10**6:06d}"


def code_for(secret: str) -> str:
    """What the app on the phone would show now: the middle one of those that are taken."""
    _before, now, _after = sorted(yield_hotp_counters_from_time())
    code: str = format_hotp_value(hotp_value(secret, now))
    return code
