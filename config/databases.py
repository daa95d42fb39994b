"""One address, `postgres://user:password@host:port/name?option=value`, to Django's database settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

# A save must never hang behind a lock, and no transaction may be left open by a dead client.
TIMEOUTS = "-c lock_timeout=3s -c statement_timeout=10s -c idle_in_transaction_session_timeout=15s"
# A database host that vanishes sends no word of it: Linux would send again for 15 minutes and, with nothing
# under way, wait two hours. These notice it within 10 s, as long as a statement may take anyway. The host's
# kernel answers, not PostgreSQL, so a statement of any length is no reason to give up. By a Unix socket libpq
# ignores all of them.
SOCKET = {
    "tcp_user_timeout": 10_000,  # ms that what was sent may stay without an acknowledgment
    "keepalives": 1,
    "keepalives_idle": 5,  # s of silence before the host is asked
    "keepalives_interval": 2,  # s between questions
    "keepalives_count": 2,  # questions without an answer, and the connection is over
}


def from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL address; connections live 60 s and are checked."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgres://user:password@host:port/name")
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": TIMEOUTS, "connect_timeout": 5, **SOCKET, **dict(parse_qsl(parts.query))},
    }


def login_from_url(url: str) -> dict[str, str]:
    """Return user and password of a PostgreSQL address; nothing for no address."""
    whole = from_url(url) if url else {}
    return {name: whole[name] for name in ("USER", "PASSWORD") if name in whole}


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner of the tables within the block, as migrations need it.

    Connections opened before are closed. Without DATABASE_OWNER_URL one role does everything.
    """
    current = connections.settings["default"]
    before = {name: current[name] for name in settings.DATABASE_OWNER}
    # One that is open would go on as the other role, here and below.
    connections.close_all()
    current.update(settings.DATABASE_OWNER)
    try:
        yield
    finally:
        connections.close_all()
        current.update(before)
