"""The two roles of production in tests: the owner makes the tables, everything else works as the site's role.

Tests log in as the owner and assume the site's role, so that a helper may come back as the owner for a
moment, in the same transaction. A server with one role for everything has neither.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import flush
from django.core.management.sql import emit_post_migrate_signal
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


def migrate_all() -> None:
    """Apply every migration, within `logged_in_as_owner`: tables that are made anew have no grants."""
    call_command("migrate", verbosity=0)
    grants.apply()


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


HEAVY: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 256 * 1024
"""


def forget_dead_rows() -> None:
    """Have PostgreSQL let go of what tests took back: every scan reads past it, and plans go by it.

    Outside of any transaction. Our own servers do not do it by themselves while tests run, because a table
    that happens to be empty then is planned for as an empty one.
    """
    role = connection.settings_dict["OPTIONS"].get("assume_role")
    with connection.cursor() as cursor:
        cursor.execute(HEAVY)
        if heavy := ", ".join(f'"{row[0]}"' for row in cursor.fetchall()):
            cursor.execute("SET ROLE NONE")
            cursor.execute(f"VACUUM {heavy}")
            if role:
                cursor.execute(f"SET ROLE {role}")


# Whether this role may put rows back and delete them: triggers freeze history against it.
MAY_SET_TRIGGERS_ASIDE: Final = "has_parameter_privilege(session_user, 'session_replication_role', 'SET')"


def may_set_triggers_aside() -> bool:
    """Say whether this role may put rows back and delete them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {MAY_SET_TRIGGERS_ASIDE}")
        return bool(cursor.fetchone()[0])


# Filled after every migration, and the same for all tests: to make it anew takes longer than all the rest.
STANDING: Final = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
COUNTED: Final = "SELECT " + ", ".join(f"(SELECT count(*) + sum(id) FROM {table})" for table in STANDING)
_stood: list[tuple[int, ...]] = []

_flush = DatabaseOperations.execute_sql_flush


def _flush_as_owner(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
    """Empty the tables after a test that commits: the site's role may not.

    TRUNCATE makes every table and index anew, filled or not; the few rows of a test are gone sooner.
    """
    if not may_set_triggers_aside():
        with as_owner():
            _flush(self, sql_list)
        return
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables -= set(STANDING)
    one_of_each = " UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables)
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(one_of_each)
        filled = [row[0] for row in cursor.fetchall()]
        cursor.execute(COUNTED)
        now = cursor.fetchone()
        if not _stood:
            _stood.append(now)
        assert now == _stood[0], "a test that commits has changed what stands for all"
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(";".join(f'DELETE FROM "{table}"' for table in filled) or "SELECT")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    forget_dead_rows()


def _emit_where_nothing_stands(*args: Any, **options: Any) -> None:
    """Fill what is filled after a migration, unless it was left there."""
    if not may_set_triggers_aside():
        emit_post_migrate_signal(*args, **options)


setattr(DatabaseOperations, "execute_sql_flush", _flush_as_owner)  # noqa: B010
setattr(flush, "emit_post_migrate_signal", _emit_where_nothing_stands)  # noqa: B010
