"""Content that many tests begin with, made once by the real services and then put back by COPY."""

import io
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from exams.catalogue.models import Certification
from tests import roles

CONTENT: Final = ["exams_%", "flashcards_%"]
# What tells whether content is the same as when something was added to it.
SAME: Final = """
SELECT array(SELECT id FROM exams_certification ORDER BY 1), array(SELECT id FROM exams_examform ORDER BY 1),
       array(SELECT id FROM exams_itemtext ORDER BY 1), array(SELECT id FROM exams_sheetedition ORDER BY 1),
       array(SELECT id FROM flashcards_card ORDER BY 1)
"""


@dataclass(frozen=True)
class Kept:
    """What was made, on top of which content, and the rows of the tables that it filled or changed."""

    made: Any
    base: tuple[list[int], ...]
    rows: dict[str, bytes]


_made: dict[str, Kept] = {}


def first[Made](name: str, make: Callable[[], Made]) -> Made:
    """Return what `make` puts into tables without content: the first time by it, then from its rows.

    `name` tells what is made; what was made must not hold more than rows of content.
    """
    return make() if Certification.objects.exists() else more(name, make)


def more[Made](name: str, make: Callable[[], Made]) -> Made:
    """Return what `make` adds to content that `first` has put: the first time by it, then from its rows.

    On top of other content than at the first time it is made anew. It must not name a person.
    """
    if not roles.may_set_triggers_aside():
        return make()
    base = _content()
    if name not in _made:
        before = take()
        made = make()
        after = take()
        _made[name] = Kept(made, base, {key: rows for key, rows in after.items() if rows != before.get(key)})
    elif _made[name].base == base:
        put(_made[name].rows)
    else:
        return make()
    kept: Made = deepcopy(_made[name].made)
    return kept


def _content() -> tuple[list[int], ...]:
    with connection.cursor() as cursor:
        cursor.execute(SAME)
        return tuple(cursor.fetchone())


def take() -> dict[str, bytes]:
    """Return the rows of every table of content, as COPY writes them."""
    kept = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE ANY(%s)",
            [CONTENT],
        )
        for (table,) in cursor.fetchall():
            rows = io.BytesIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', rows)
            if rows.getvalue():
                kept[table] = rows.getvalue()
    return kept


def put(kept: Mapping[str, bytes]) -> None:
    """Put the rows into their tables, instead of what is there; new rows get numbers above theirs."""
    if not kept:
        return
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(";".join(f'DELETE FROM "{table}"' for table in kept))
        for table, rows in kept.items():
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.BytesIO(rows))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute(
            ";".join(
                f'SELECT setval(s, greatest(nextval(s), (SELECT max(id) FROM "{table}"))) '
                f"FROM pg_get_serial_sequence('\"{table}\"', 'id') s WHERE s IS NOT NULL"
                for table in kept
            )
        )
