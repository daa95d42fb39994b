"""Whether a connection lives is seen at its socket: nothing is sent while it does, a dead one is left."""

import socket
from typing import Any

import psycopg2
import pytest
from django.db import connection

from config import databases

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def parameters() -> dict[str, Any]:
    """Return what a connection of the same role needs."""
    known = connection.get_connection_params()
    return {name: value for name, value in known.items() if name != "cursor_factory"}


def end(pid: int) -> None:
    """End a server process from another connection, and wait until it is gone."""
    other = psycopg2.connect(**parameters())
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()


def test_a_living_connection_is_not_asked() -> None:
    backend()
    before = last_statement()
    assert connection.is_usable()
    assert last_statement() == before


def last_statement() -> str:
    """Return what the server last got on the site's connection, seen from another one."""
    other = psycopg2.connect(**parameters())
    with other.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE pid = %s", [connection.connection.info.backend_pid]
        )
        query = str(cursor.fetchone()[0])
    other.close()
    return query


def test_a_connection_that_the_server_ended_is_left_before_the_next_statement() -> None:
    before = backend()
    end(before)
    assert not connection.is_usable()
    connection.close_if_unusable_or_obsolete()  # as at the begin of a request
    assert backend() != before


def test_a_host_that_vanishes_is_noticed_within_seconds() -> None:
    backend()
    parameters = connection.connection.get_dsn_parameters()
    expected = {name: str(value) for name, value in databases.SOCKET.items()}
    assert {name: parameters.get(name) for name in expected} == expected
    with socket.socket(fileno=connection.connection.fileno()) as real:
        tcp = real.family in (socket.AF_INET, socket.AF_INET6)
        found = {name: real.getsockopt(*option) for name, option in KERNEL.items()} if tcp else None
        real.detach()
    # A Unix socket ends with its host.
    assert found in (None, {**databases.SOCKET})


def test_the_address_of_the_database_may_say_otherwise() -> None:
    options = databases.from_url("postgres://a@b/c?tcp_user_timeout=60000")["OPTIONS"]
    assert options["tcp_user_timeout"] == "60000"
    assert options["keepalives_idle"] == databases.SOCKET["keepalives_idle"]


KERNEL = {
    "tcp_user_timeout": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
    "keepalives": (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    "keepalives_idle": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    "keepalives_interval": (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    "keepalives_count": (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
}
