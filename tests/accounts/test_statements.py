"""Statements that a connection prepares at their first use."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import DataError, NotSupportedError, connection
from django.test.utils import CaptureQueriesContext

from accounts.base import statements
from tests import roles

# Without savepoints of a surrounding test, and so that a connection can be closed.
pytestmark = pytest.mark.django_db(transaction=True)

SUM = "SELECT %(a)s + %(b)s, %(a)s, '100 %%'"
RATIO = "SELECT %(a)s / %(b)s"
TYPES = {"a": "int", "b": "int"}


def ask(text: str, a: int, b: int) -> Any:
    return statements.first(text, {"b": b, "a": a}, TYPES)


def kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%$1%"])
        count: int = cursor.fetchone()[0]
    return count


@pytest.fixture(autouse=True)
def _new_connection() -> None:
    connection.close()


@pytest.mark.parametrize("prepares", [True, False])
def test_a_statement_says_the_same_each_time_prepared_or_not(settings: Any, prepares: bool) -> None:
    settings.DATABASE_PREPARES = prepares
    with CaptureQueriesContext(connection) as seen:
        assert [ask(SUM, a, 2) for a in (1, 1, 5)] == [(3, 1, "100 %"), (3, 1, "100 %"), (7, 5, "100 %")]
    assert [one["sql"].startswith("PREPARE") for one in seen] == [prepares, False, False]
    assert kept() == prepares


def test_two_statements_and_a_new_connection_are_told_apart() -> None:
    assert (ask(SUM, 6, 2)[0], ask(RATIO, 6, 2)[0]) == (8, 3)
    assert kept() == 2
    connection.close()
    assert ask(RATIO, 8, 2) == (4,)
    assert kept() == 1


def test_a_first_use_that_fails_does_not_spoil_the_next() -> None:
    with pytest.raises(DataError):
        ask(RATIO, 1, 0)
    assert [ask(RATIO, 4, 2), ask(RATIO, 9, 3)] == [(2,), (3,)]


def test_a_statement_whose_columns_a_migration_changed_fails_once_at_most() -> None:
    """A release migrates while processes of the one before go on: their connections live for a minute."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE changing AS SELECT 1 AS a; GRANT SELECT ON changing TO PUBLIC")
    text, types = "SELECT a FROM changing WHERE a >= %(a)s", {"a": "int"}
    assert statements.first(text, {"a": 1}, types) == (1,)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE changing ALTER a TYPE bigint")
    # One failure may be, since who sends it again is told something else then.
    with suppress(NotSupportedError):
        statements.first(text, {"a": 1}, types)
    assert statements.first(text, {"a": 1}, types) == (1,)


def test_first_uses_that_fail_do_not_pile_up_in_the_connection() -> None:
    for _ in range(5):
        with pytest.raises(DataError):
            ask(RATIO, 1, 0)
    assert kept() <= 1
