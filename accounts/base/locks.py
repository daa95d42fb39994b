"""Locks by a name, for what has no row that could be locked: rows that are insert-only or still to come."""

from django.db import connection, transaction

from accounts.base import statements


def hold(*names: str, shared: bool = False) -> None:
    """Hold the locks of these names until the transaction ends. One statement.

    They are waited for in the order given. Any number may hold one `shared` at once.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock outside a transaction is over at once")
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    # Statements of their own, since nothing promises in which order one statement works out its columns.
    each = f"SELECT {function}(hashtextextended(%s, 0))"
    statements.run("; ".join([each] * len(names)), names)
