"""Django's backend for PostgreSQL. The name of this module is the one that Django looks for."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is not asked whether it lives while its socket shows that nothing happened."""

    def is_usable(self) -> bool:
        """Say whether the next statement may be sent. Django asks before the first one of a request.

        A server that ends, crashes or throws a connection out says so at once: something can be read where
        nothing was asked. Only then is a statement sent to find out; before each request it would cost a
        third of what taking a lease costs. A host that vanished without a word is found by the limits
        of the socket (`config.databases`).
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0) or super().is_usable()
