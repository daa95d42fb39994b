"""Content that many tests begin with, made once by the real services and then put back by COPY."""

import io
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from tests import roles

CONTENT: Final = ["exams_%", "flashcards_%"]
FREE: Final = ("SET LOCAL ROLE NONE", "SET LOCAL session_replication_role = replica")
BOUND: Final = "SET LOCAL session_replication_role = DEFAULT"
# Whether rows may be put back here, and what tells whether content is the same as when something was added.
FOUND: Final = f"""
SELECT {roles.MAY_SET_TRIGGERS_ASIDE},
       array(SELECT id FROM exams_certification ORDER BY 1), array(SELECT id FROM exams_examform ORDER BY 1),
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
    may, base = _found()
    return _added(name, make, base) if may and not base[0] else make()


def more[Made](name: str, make: Callable[[], Made]) -> Made:
    """Return what `make` adds to content that `first` has put: the first time by it, then from its rows.

    On top of other content than at the first time it is made anew. It must not name a person.
    """
    may, base = _found()
    return _added(name, make, base) if may else make()


def for_module[Made](blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """Keep what `make` makes, people too, for a module, in a transaction that is rolled back.

    For modules none of whose tests commits: each has its own transaction within it, and a copy of what was
    made. Foreign keys of these rows are checked at once: at its end each test would check them anew.
    """
    with blocker.unblock(), transaction.atomic():
        made = make()
        connection.check_constraints()
        yield made
        transaction.set_rollback(True)


def _found() -> tuple[bool, tuple[list[int], ...]]:
    """Say whether rows may be put back here, and which content there is."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND)
        may, *base = cursor.fetchone()
        return may, tuple(base)


def _added[Made](name: str, make: Callable[[], Made], base: tuple[list[int], ...]) -> Made:
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
    role = connection.settings_dict["OPTIONS"].get("assume_role")
    emptied = [f'DELETE FROM "{table}"' for table in kept]
    numbered = [
        f'SELECT setval(s, greatest(nextval(s), (SELECT max(id) FROM "{table}"))) '
        f"FROM pg_get_serial_sequence('\"{table}\"', 'id') s WHERE s IS NOT NULL"
        for table in kept
    ]
    # In as few statements as can be: each costs as much as the rows, and hundreds of tests begin with this.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";".join([*FREE, *emptied]))
        for table, rows in kept.items():
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.BytesIO(rows))
        cursor.execute(";".join([BOUND, *numbered]))
        if role:
            cursor.execute(f"SET LOCAL ROLE {role}")
