"""One row by its key with a plain statement.

For rows that nearly every request reads: building such a query anew by the ORM costs more than running it.
"""

from functools import cache

from django.db import connection, models

from accounts.base import statements


@cache
def _statement(model: type[models.Model]) -> tuple[str, tuple[str, ...]]:
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    text = f"SELECT {columns} FROM {table} WHERE {key} = %s"  # noqa: S608  (names of our own)
    return text, tuple(field.attname for field in fields)


def find[Row: models.Model](model: type[Row], key: int) -> Row | None:
    """Return the row with this primary key, or None. One statement.

    For models whose columns need no conversion by Django, as those of PostgreSQL's own types.
    """
    text, names = _statement(model)
    row = statements.first(text, [key])
    return model.from_db(connection.alias, names, row) if row else None
