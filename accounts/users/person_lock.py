"""The lock of a person: acts on one person that must not run side by side wait for each other at their row.

It is taken in a transaction, before any row that is theirs is locked, and held until that ends. What an act
decides by is read in a statement after it: one that waited began before what it waited for was stored.
"""

from typing import Final

from django.db import connection, transaction

from accounts.base import statements
from accounts.users.models import User

# As text, since starts send it with others. Not FOR UPDATE: rows that name the person, stored just before by
# two at once, would make them a deadlock.
LOCK: Final = "SELECT 1 FROM accounts_user WHERE id = %(user)s FOR NO KEY UPDATE"


def hold(user_id: int) -> None:
    """Lock a person until the transaction ends. One statement; nothing is locked when there is no such row.

    A statement that is sent with others begins with `LOCK` itself instead.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock outside a transaction is over at once")
    statements.run(LOCK, {"user": user_id})


def hold_all(user_id: int) -> None:
    """Lock a person before they are deleted or their address is changed. One statement.

    No row that names them can be stored meanwhile. The address is a key: who took the lesser lock first could
    wait for somebody who waits for it.
    """
    User.objects.select_for_update().filter(pk=user_id).values_list("pk").first()
