"""`python -m config.grants`: after a migration, give the site's role exactly what the tables' classes say.

Closed by default: a table whose class nobody declared gives the role nothing. Safe to repeat, also while
the site runs: only what differs is changed, in one transaction.
"""

import os
from typing import Final, NamedTuple

import django
from django.db import connection, transaction

from accounts.base import statements, tables
from accounts.base.tables import INSERT_ONLY, READ_ONLY, ROWS, TableClass

ROLE: Final = "passline_app"
# Packages of others, whose models cannot say it themselves, and tables that no model stands for.
FOREIGN_APPS: Final = frozenset({"account", "admin", "auth", "axes", "contenttypes", "mfa", "sessions"})
FOREIGN_TABLES: Final = {"cache": ROWS, "django_migrations": READ_ONLY}
# The first has the name of a table that the version before writes to.
VIEWS: Final = {"exams_attemptaudit": INSERT_ONLY, "accounts_activeentitlement": READ_ONLY}

# As text: PostgreSQL's own catalog has no models. What belongs to an extension is its own affair.
GRANTED_SQL: Final = """
SELECT relname, privilege_type, ''
FROM pg_class, aclexplode(relacl)
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
  AND grantee IN (%(role)s::regrole, 0)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
UNION
SELECT relname, privilege_type, attname
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl)
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
  AND grantee IN (%(role)s::regrole, 0)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""
# Those of the database itself are lost when a dump is restored into a new one.
DATABASE_SQL: Final = f"""
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {ROLE}', current_database());
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  GRANT USAGE ON SCHEMA public TO {ROLE};
  -- Versions before this one gave every new table to the role.
  ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {ROLE};
  ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {ROLE};
END $$
"""


class Grant(NamedTuple):
    """One right at a table, or at one of its columns."""

    table: str
    right: str
    column: str = ""

    def as_sql(self) -> str:
        """Return it as GRANT and REVOKE write it."""
        column = f' ("{self.column}")' if self.column else ""
        return f'{self.right}{column} ON public."{self.table}"'


def classes() -> dict[str, TableClass]:
    """Return the class of every table that has one: ours by their models, others by the lists above."""
    foreign = {
        model._meta.db_table: ROWS
        for model in tables.stored_models()
        if model._meta.app_label in FOREIGN_APPS
    }
    return {**foreign, **FOREIGN_TABLES, **VIEWS, **tables.declared()}


def declared_grants() -> set[Grant]:
    """Return what the classes of the tables give to the site's role."""
    grants = {Grant(table, right) for table, table_class in classes().items() for right in table_class.rights}
    for model in tables.stored_models():
        if table_class := tables.class_of(model):
            columns = tables.cleared_by_us(model, table_class)
            grants |= {Grant(model._meta.db_table, "UPDATE", column) for column in columns}
    return grants


def current_grants() -> set[Grant]:
    """Return what the role has in this database, by itself or as everybody."""
    return {Grant(*row) for row in statements.rows(GRANTED_SQL, {"role": ROLE})}


def role_exists() -> bool:
    """Say whether this server knows the site's role; a server with one role for everything does not."""
    return bool(statements.first("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [ROLE])[0])


def apply() -> int:
    """Make the grants what they should be, as the owner of the tables; return how many were changed."""
    if not role_exists():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DATABASE_SQL)
        existing = set(connection.introspection.table_names(cursor, include_views=True))
        should = {grant for grant in declared_grants() if grant.table in existing}
        revoked = current_grants() - should
        for grant in sorted(revoked):
            cursor.execute(f"REVOKE {grant.as_sql()} FROM {ROLE}, PUBLIC")
        # Asked again: to revoke a right at a table revokes it at each of its columns too.
        missing = should - current_grants()
        for grant in sorted(missing):
            cursor.execute(f"GRANT {grant.as_sql()} TO {ROLE}")
    return len(revoked) + len(missing)


def main() -> None:
    """Run as the owner of the tables, whom DATABASE_URL names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    apply()


if __name__ == "__main__":
    main()
