"""An account that is closed to an address after too many wrong passwords: for how long, and until when."""

from datetime import UTC, datetime
from math import ceil
from typing import Final

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q

from accounts.users import devices

# The column of axes takes 255 characters, a device has 16 of them and a space.
MAX_LENGTH: Final = 238


def counter_of(email: str, device_cookie: str) -> str:
    """Name the counter of wrong passwords: that of the account, or that of a device known to it."""
    device = devices.device_of(device_cookie, email)
    return f"{email[:MAX_LENGTH]} {device}" if device else email[:MAX_LENGTH]


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
    counter = email.lower()[:MAX_LENGTH]
    AccessAttempt.objects.filter(Q(username=counter) | Q(username__startswith=f"{counter} ")).delete()
