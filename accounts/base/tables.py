"""What may happen to the rows of a table. Each model says its class; triggers and grants come from it.

A model declares `table_class = tables.ROWS` (or another); a relation table made by Django has the class of
the model that declares the relation. The start check asks for the triggers, `config.grants` gives the
site's role exactly the rights of the class, and a model without a class fails the tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db import migrations, models

INSERT_ONLY_TRIGGER: Final = "insert_only"


@dataclass(frozen=True, slots=True)
class TableClass:
    """Rights of the site's role, the triggers that stand behind them, and columns that may become NULL."""

    name: str
    rights: frozenset[str]
    triggers: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()


_EVERYTHING: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

ROWS: Final = TableClass("rows", _EVERYTHING)
"""Ordinary rows: made, changed, deleted."""

LOG: Final = TableClass("log", frozenset({"SELECT", "INSERT", "DELETE"}), (INSERT_ONLY_TRIGGER,))
"""Written once, never changed, deleted when old enough."""

READ_ONLY: Final = TableClass("read-only", frozenset({"SELECT"}))
"""Written by migrations alone."""


def frozen(*triggers: str) -> TableClass:
    """Return the class of drafts that cannot change once published; the named triggers see to it."""
    return TableClass("frozen", _EVERYTHING, triggers)


def kept(*triggers: str) -> TableClass:
    """Return the class of rows that change by rules, which the named triggers hold, and are never deleted."""
    return TableClass("kept", frozenset({"SELECT", "INSERT", "UPDATE"}), triggers)


def insert_only(*clears: str) -> TableClass:
    """Return the class of rows that stay as they were made, except that the named columns may become NULL.

    The site's role may not even lock such a row, unless a column of it may become NULL by Django: PostgreSQL
    allows FOR SHARE only to who may UPDATE. Lock the person or an advisory key instead.
    """
    return TableClass("insert-only", frozenset({"SELECT", "INSERT"}), (INSERT_ONLY_TRIGGER,), clears)


INSERT_ONLY: Final = insert_only()


def protect(table: str, table_class: TableClass) -> migrations.RunSQL:
    """Return the migration step that gives an insert-only table or a log its trigger."""
    # SQL, since no operation of Django's migrations makes a trigger.
    events = "UPDATE" if "DELETE" in table_class.rights else "UPDATE OR DELETE"
    clears = ", ".join(f"'{column}'" for column in table_class.clears)
    return migrations.RunSQL(
        f"CREATE TRIGGER {INSERT_ONLY_TRIGGER} BEFORE {events} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION passline_insert_only({clears})",
        f"DROP TRIGGER {INSERT_ONLY_TRIGGER} ON {table}",
    )


def class_of(model: type[models.Model]) -> TableClass | None:
    """Return the class that a model, or the model which made it for a relation, declares itself."""
    declaring = model._meta.auto_created or model
    table_class = vars(declaring).get("table_class") if isinstance(declaring, type) else None
    return table_class if isinstance(table_class, TableClass) else None


def stored_models() -> Iterator[type[models.Model]]:
    """Yield every model that has a table which migrations make, relations included."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def declared() -> dict[str, TableClass]:
    """Return the class of each table whose model declares one."""
    classes = {model._meta.db_table: class_of(model) for model in stored_models()}
    return {table: table_class for table, table_class in classes.items() if table_class}


def cleared_by_us(model: type[models.Model], table_class: TableClass) -> list[str]:
    """Return the columns that Django itself sets to NULL, so that the site's role must be able to.

    With `DB_SET_NULL` the server does it as the owner of the table, and the role needs no right.
    """
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [
        column
        for column in table_class.clears
        if getattr(by_column[column].remote_field, "on_delete", None) is models.SET_NULL
    ]
