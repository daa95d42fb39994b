"""Django's backend for PostgreSQL. The name of this module is the one that Django looks for."""

import select

from django.db import OperationalError
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is not asked whether it lives while its socket shows that nothing happened.

    Where standbys have to confirm a commit, one that they did not confirm is an error.
    """

    def is_usable(self) -> bool:
        """Say whether the next statement may be sent. Django asks before the first one of a request.

        A server that ends, crashes or throws a connection out says so at once: something can be read where
        nothing was asked. Only then, and after an error, is a statement sent to find out; before each request
        it would cost a third of what taking a lease costs. A host that vanished without a word is found by
        the limits of the socket (`config.databases`).
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return (not self.errors_occurred and not poll.poll(0)) or self._takes_writes()

    def _takes_writes(self) -> bool:
        """Ask the server. Behind a pooler a connection may lead to what has become a standby."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                return bool(cursor.fetchone() == ("off",))
        except self.Database.Error:
            return False

    def _commit(self) -> None:
        """Commit. Raises OperationalError as `raise_if_unreplicated` does."""
        if self.connection is not None:
            self.connection.notices.clear()
        super()._commit()  # type: ignore[misc]
        self.raise_if_unreplicated()

    def raise_if_unreplicated(self) -> None:
        """Raise OperationalError if the commit just made brought a message; clear `notices` before it.

        When the wait for standbys is canceled, PostgreSQL reports success and adds a warning: the rows may be
        on this server alone, and gone after a failover. Its words depend on the server's language, and no
        commit of ours brings any other message.
        """
        if self.connection is not None and self.connection.notices:
            raise OperationalError(self.connection.notices[-1])
