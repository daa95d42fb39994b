"""Reading the environment, loudly: a bad value stops the start and names itself."""

import datetime as dt
import os
import zoneinfo
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable; without a default it must be set and not empty."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} must be set")
    return default


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Return the variable as a whole number of at least `least`."""
    raw = os.environ.get(name, "")
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {value}")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return the variable as yes or no: 1, true, yes or 0, false, no."""
    raw = os.environ.get(name, "").lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes"}:
        return True
    if raw in {"0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}")


def moment(name: str) -> dt.datetime | None:
    """Return the variable as a moment with a zone, such as 2026-12-01T22:00Z, or None when it is not set."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return None
    try:
        value = dt.datetime.fromisoformat(raw)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ImproperlyConfigured(
            f"{name} must be a time with a zone such as 2026-12-01T22:00Z, not {raw!r}"
        )
    return value


def one_of(name: str, choices: Sequence[str], default: str) -> str:
    """Return the variable, which must be one of the choices."""
    value = os.environ.get(name, "") or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def zone(name: str, default: str) -> str:
    """Return the variable, which must name a time zone such as Europe/Budapest."""
    value = os.environ.get(name, "") or default
    if value not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Budapest, not {value!r}")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return the variable split at commas, without blanks and empty parts."""
    return [part.strip() for part in (os.environ.get(name, "") or default).split(",") if part.strip()]
