"""Sessions in the database, as Django keeps them, read by one plain statement.

Every request of somebody who is signed in reads its session, and building that query anew by the ORM costs
as much as all the rest of looking it up.
"""

from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection

READ: Final = """
SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > statement_timestamp()
"""


class SessionStore(DatabaseStore):
    """Django's store; only reading is done here."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and no key any more, when it is unknown or over."""
        with connection.cursor() as cursor:
            cursor.execute(READ, [self.session_key])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found
