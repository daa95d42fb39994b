"""Sessions in the database, as Django keeps them, read by one prepared statement.

Every request of somebody who is signed in reads its session, and building that query anew by the ORM costs
as much as all the rest of looking it up. The same statement says whether the person must confirm this browser
(`accounts.access.device_limit`), and the language of their account, so that asking costs nobody a statement.
"""

from datetime import datetime
from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.base import statements

# As text, for what is said above: each page of who is signed in reads it.
READ: Final = """
SELECT s.session_data, b.asked_at, p.ui_language
FROM django_session s LEFT JOIN accounts_browsersession b ON b.session_id = s.session_key
  LEFT JOIN accounts_profile p ON p.user_id = b.user_id
WHERE s.session_key = %(key)s AND s.expire_date > statement_timestamp()
"""


class SessionStore(DatabaseStore):
    """Django's store; only reading is done here.

    `asked_at` is since when the person must confirm this browser, None while nothing is asked; `language` is
    that of the account, "" where none was stored. Both are known once the session was read.
    """

    asked_at: datetime | None = None
    language: str = ""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and no key any more, when it is unknown or over."""
        # A cookie may spell any character, also the one that PostgreSQL has none of.
        key = (self.session_key or "").replace("\0", "")
        row = statements.first(READ, {"key": key}, {"key": "text"})
        if row is None:
            self._session_key = None
            return {}
        data, self.asked_at, language = row
        self.language = language or ""
        session: dict[str, Any] = self.decode(data)
        return session
