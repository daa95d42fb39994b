"""One address, `postgres://user:password@host:port/name?option=value`, to Django's database settings.

Of several servers that replicate, `host:port,host:port`, the site uses the one that takes writes.
"""

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
# under way, wait two hours. These notice it within 3 s. The host's kernel answers, not PostgreSQL, so a
# statement of any length is no reason to give up. By a Unix socket libpq ignores all of them.
SOCKET = {
    "tcp_user_timeout": 3_000,  # ms that what was sent may stay without an acknowledgment
    "keepalives": 1,
    "keepalives_idle": 1,  # s of silence before the host is asked
    "keepalives_interval": 1,  # s between questions
    "keepalives_count": 2,  # questions without an answer, and the connection is over
}
ONE_HOST = {"connect_timeout": 5}
# A host that is cut off keeps back those behind it, so each is given the least time that libpq knows.
SEVERAL_HOSTS = {"connect_timeout": 2, "target_session_attrs": "read-write"}
LOOKS_LIKE = "DATABASE_URL must look like postgres://user:password@host:port/name, or host:port,host:port"


def from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL address; connections live 60 s and are checked.

    Raises ImproperlyConfigured for what is not an address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(LOOKS_LIKE)
    hosts, ports = _hosts(parts.netloc.rpartition("@")[2])
    by_hosts = SEVERAL_HOSTS if len(hosts) > 1 else ONE_HOST
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": ",".join(hosts),
        "PORT": ",".join(ports) if any(ports) else "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": TIMEOUTS, **by_hosts, **SOCKET, **dict(parse_qsl(parts.query))},
    }


def _hosts(text: str) -> tuple[list[str], list[str]]:
    """Return the hosts of an address and the port of each, "" for the default."""
    try:
        hosts = [urlsplit(f"//{host}") for host in text.split(",")]
        pairs = [(host.hostname or "", host.port) for host in hosts]
    except ValueError as error:
        raise ImproperlyConfigured(f"{LOOKS_LIKE} ({error})") from None
    if len(pairs) > 1 and not all(host for host, _ in pairs):
        raise ImproperlyConfigured(f"{LOOKS_LIKE} (a host is empty)")
    return [unquote(host) for host, _ in pairs], [str(port or "") for _, port in pairs]


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
