"""The two roles of production in tests: the owner makes the tables, everything else works as the site's role.

Tests log in as the owner and assume the site's role, so that a helper may come back as the owner for a
moment, in the same transaction. A server with one role for everything has neither.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.postgresql.operations import DatabaseOperations

from config import grants


def work_as_owner() -> None:
    """Connect as the owner from now on."""
    connections.close_all()
    default = connections.settings["default"]
    default["OPTIONS"].pop("assume_role", None)
    default.update(settings.DATABASE_OWNER)


def work_as_site() -> None:
    """Give the site's role its rights, and connect as it from now on."""
    grants.apply()
    connections.close_all()
    if settings.DATABASE_OWNER:
        connections.settings["default"]["OPTIONS"]["assume_role"] = grants.ROLE


@contextmanager
def logged_in_as_owner() -> Iterator[None]:
    """Connect as the owner within the block, for migrations of another database."""
    options = connections.settings["default"]["OPTIONS"]
    role = options.get("assume_role")
    work_as_owner()
    try:
        yield
    finally:
        connections.close_all()
        if role:
            options["assume_role"] = role


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the owner within the block: what the site itself must not be able to do."""
    role = connection.settings_dict["OPTIONS"].get("assume_role")
    if not role:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        yield
        cursor.execute(f"SET LOCAL ROLE {role}")


_flush = DatabaseOperations.execute_sql_flush


def _flush_as_owner(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
    """Empty the tables after a test that commits: the site's role may not."""
    with as_owner():
        _flush(self, sql_list)


setattr(DatabaseOperations, "execute_sql_flush", _flush_as_owner)  # noqa: B010
