"""Whether a connection lives is seen at its socket: nothing is sent while it does, a dead one is left."""

import socket
from typing import Any

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client

from accounts.users.models import User
from config import databases
from tests.factories import PASSWORD

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


def test_a_connection_that_has_become_read_only_is_left_after_the_error(anna: User, client: Client) -> None:
    client.raise_request_exception = False
    before = backend()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    wanted = {"email": anna.email, "password": PASSWORD, "name": "phone"}
    reply = client.post("/api/v1/auth/token/", wanted, content_type="application/json")
    assert (reply.status_code, reply["Retry-After"]) == (503, "5")
    connection.close_if_unusable_or_obsolete()  # as at the end of a request
    assert backend() != before


def test_several_hosts_are_asked_for_the_one_that_takes_writes() -> None:
    found = databases.from_url("postgres://a:b@db1,db2:5433,10.0.0.3:5434/c?application_name=x")
    assert (found["HOST"], found["PORT"]) == ("db1,db2,10.0.0.3", ",5433,5434")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"
    assert (found["OPTIONS"]["connect_timeout"], found["OPTIONS"]["application_name"]) == (2, "x")
    alone = databases.from_url("postgres://a:b@db1:5433/c")
    assert (alone["HOST"], alone["PORT"]) == ("db1", "5433")
    assert "target_session_attrs" not in alone["OPTIONS"]


def test_a_host_that_refuses_is_passed_over_for_the_next() -> None:
    known = parameters()
    several = {"host": f"127.0.0.1,{known['host']}", "port": f"9,{known['port']}", **databases.SEVERAL_HOSTS}
    with psycopg2.connect(**{**known, **several}) as link:
        assert str(link.info.port) == str(known["port"])
    link.close()


@pytest.mark.parametrize("hosts", ["db1,", "db1,:5432", "db1:x", "db1,db2:70000"])
def test_hosts_that_cannot_be_read_are_refused_with_an_example(hosts: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="must look like postgres://"):
        databases.from_url(f"postgres://a:b@{hosts}/c")


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
