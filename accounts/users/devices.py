"""Known devices: what a browser keeps to prove that somebody has signed in with it before.

After OWASP's device cookies: tries from a known device have a counter of their own, so that others who try
wrong passwords lock out strangers only. The cookie is worth nothing else: it signs nobody in.
"""

import secrets
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

MAX_AGE: Final = 365 * 24 * 3600
SALT: Final = "accounts.devices"
# A family at one computer; more would only make the cookie long.
MOST_ACCOUNTS: Final = 5
MAX_LENGTH: Final = 1000


def _digest(email: str) -> str:
    return salted_hmac(SALT, email.lower(), algorithm="sha256").hexdigest()[:16]


def _accounts(value: str) -> dict[str, str]:
    """Return device numbers by digest of the address; none for a cookie that is forged or too old."""
    if not value or len(value) > MAX_LENGTH:
        return {}
    try:
        found = signing.loads(value, salt=SALT, max_age=MAX_AGE)
    except (signing.BadSignature, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def device_of(value: str, email: str) -> str | None:
    """Return the number of the device whose cookie is `value` when it is known to this address, else None."""
    return _accounts(value).get(_digest(email))


def remember(value: str, email: str) -> str:
    """Return the cookie that makes the device known to this address, and keeps for whom else it is known."""
    digest = _digest(email)
    others = [(key, number) for key, number in _accounts(value).items() if key != digest]
    kept = dict(others[-(MOST_ACCOUNTS - 1) :])
    return signing.dumps({**kept, digest: secrets.token_hex(8)}, salt=SALT)


def cookie_options() -> dict[str, Any]:
    """Return how the cookie is set: for the server only, for a year, as safely as that of the session."""
    return {
        "max_age": MAX_AGE,
        "httponly": True,
        "samesite": "Lax",
        "secure": bool(settings.SESSION_COOKIE_SECURE),
    }
