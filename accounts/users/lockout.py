"""An account that is closed to an address after too many wrong passwords: for how long, and until when."""

from datetime import UTC, datetime
from math import ceil

from axes.models import AccessAttempt
from django.conf import settings


def minutes_left(email: str, address: str | None) -> int:
    """Return in how many minutes this account may be tried again from this address; at least 1."""
    last = (
        AccessAttempt.objects.filter(username=email, ip_address=address)
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    whole = settings.AXES_COOLOFF_TIME
    left = whole if last is None else last + whole - datetime.now(UTC)
    return max(1, ceil(left.total_seconds() / 60))


def forget(email: str) -> None:
    """Forget the failures of this account: its owner has proven by mail or old password who they are."""
    AccessAttempt.objects.filter(username=email.lower()).delete()
