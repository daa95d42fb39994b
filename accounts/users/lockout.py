"""Wrong passwords: which counter a try counts toward, until when it is closed, and browsers that are known.

After OWASP's device cookies: tries from a known browser have a counter of their own, so that others who try
wrong passwords lock out strangers only. The cookie is worth nothing else: it signs nobody in.
"""

import secrets
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.utils.crypto import salted_hmac

# The column of axes takes 255 characters, a device has 16 of them and a space.
LONGEST_COUNTER: Final = 238


def counter_of(email: str, device_cookie: str) -> str:
    """Name the counter of wrong passwords: that of the account, or that of a device known to it."""
    device = device_of(device_cookie, email)
    return f"{email[:LONGEST_COUNTER]} {device}" if device else email[:LONGEST_COUNTER]


def minutes_left(counter: str, address: str | None) -> int:
    """Return in how many minutes this counter lets somebody try again from this address; at least 1."""
    last = (
        AccessAttempt.objects.filter(username=counter, ip_address=address)
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    whole = settings.AXES_COOLOFF_TIME
    left = whole if last is None else last + whole - datetime.now(UTC)
    return max(1, ceil(left.total_seconds() / 60))


def reset_failures(email: str) -> None:
    """Forget the failures of this account: its owner has proven by mail or old password who they are."""
    counter = email.lower()[:LONGEST_COUNTER]
    AccessAttempt.objects.filter(Q(username=counter) | Q(username__startswith=f"{counter} ")).delete()


DEVICE_MAX_AGE: Final = 365 * 24 * 3600
SALT: Final = "accounts.devices"
# A family at one computer; more would only make the cookie long.
MOST_ACCOUNTS: Final = 5
LONGEST_COOKIE: Final = 1000


def _digest(email: str) -> str:
    # Short, since a cookie carries five of them; two alike would only share a counter.
    return salted_hmac(SALT, email.lower(), algorithm="sha256").hexdigest()[:16]


def _accounts(value: str) -> dict[str, str]:
    """Return device numbers by digest of the address; none for a cookie that is forged or too old."""
    if not value or len(value) > LONGEST_COOKIE:
        return {}
    try:
        accounts = signing.loads(value, salt=SALT, max_age=DEVICE_MAX_AGE)
    except (signing.BadSignature, ValueError):
        return {}
    return accounts if isinstance(accounts, dict) else {}


def device_of(value: str, email: str) -> str | None:
    """Return the number of the device whose cookie is `value` when it is known to this address, else None."""
    return _accounts(value).get(_digest(email))


def remember(value: str, email: str) -> str:
    """Return the cookie that makes the device known to this address, and keeps for whom else it is known."""
    digest = _digest(email)
    others = [(key, number) for key, number in _accounts(value).items() if key != digest]
    # The oldest makes room.
    kept = dict(others[-(MOST_ACCOUNTS - 1) :])
    return signing.dumps({**kept, digest: secrets.token_hex(8)}, salt=SALT)


def cookie_options() -> dict[str, Any]:
    """Return how the cookie is set: for the server only, for a year, as safely as that of the session."""
    return {
        "max_age": DEVICE_MAX_AGE,
        "httponly": True,
        "samesite": "Lax",
        "secure": bool(settings.SESSION_COOKIE_SECURE),
    }
