"""What stands between granian and Django: bodies read within bounds, few database connections, whole replies.

granian reads a body on the thread that serves the request, and waits for it as long as the client likes. So
threads are many: one that waits for a body holds no database connection and no interpreter lock. One address
may keep only a few of them waiting. How long a single body may take is for the proxy to limit.
"""

import ipaddress
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from queue import SimpleQueue
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpResponseBase

CONNECTIONS: Final = 8
"""Database connections of one process: requests beyond wait for one."""
UPLOADS_PER_ADDRESS: Final = 128
"""Bodies that one process reads at once from one address: half of its threads, so a second address gets in.

Not fewer, because a school or a company has one address for everybody.
"""
REFUSED: Final = "passline.body_refused"
"""Key of the environ under which Django finds why a body was not read: one of the next three."""
TOO_LARGE: Final = "too_large"
TOO_MANY: Final = "too_many_uploads"
INCOMPLETE: Final = "incomplete"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Uploads:
    """Counts the bodies that are being read, by address."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}

    @contextmanager
    def of(self, address: str) -> Iterator[bool]:
        """Yield whether one more body may be read from this address, which counts until the block ends."""
        with self.lock:
            count = self.counts.get(address, 0)
            allowed = count < self.limit
            if allowed:
                self.counts[address] = count + 1
        try:
            yield allowed
        finally:
            if allowed:
                self._end(address)

    def _end(self, address: str) -> None:
        with self.lock:
            self.counts[address] -= 1
            if not self.counts[address]:
                # Addresses that are gone must not fill the memory.
                del self.counts[address]


def client_network(environ: Environ) -> str:
    """Return the client's address, past our own proxies; of IPv6 the /64, which one customer has alone."""
    proxies = settings.TRUSTED_PROXIES
    address: str = environ.get("REMOTE_ADDR", "")
    if proxies:
        passed_on = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(passed_on) >= proxies:
            address = passed_on[-proxies].strip() or address
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


class ConnectionPool:
    """A fixed number of database connections, lent to the threads that serve requests.

    Django keeps a connection for each thread. With a hundred threads that would be a hundred connections, so
    a request borrows one and returns it when its reply is made.
    """

    def __init__(self, size: int) -> None:
        self.free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(size):
            connection = connections.create_connection(DEFAULT_DB_ALIAS)
            connection.inc_thread_sharing()
            self.free.put(connection)

    @contextmanager
    def lend(self) -> Iterator[None]:
        """Make a connection the thread's own within the block; waits while all are lent."""
        connection = self.free.get()
        connections[DEFAULT_DB_ALIAS] = connection
        try:
            yield
        finally:
            # A streamed reply ends later on this thread, and must not close what another request has by then.
            del connections[DEFAULT_DB_ALIAS]
            self.free.put(connection)


class Server:
    """The WSGI application: Django's, with its body read and its reply made whole."""

    def __init__(
        self,
        django: Callable[[Environ, StartResponse], HttpResponseBase],
        *,
        connections: int = CONNECTIONS,
        uploads: int = UPLOADS_PER_ADDRESS,
    ) -> None:
        self.django = django
        self.pool = ConnectionPool(connections)
        self.uploads = Uploads(uploads)
        self.limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH")
        if length or "HTTP_TRANSFER_ENCODING" in environ:
            self._read_body(environ, int(length) if length else None)
        with self.pool.lend():
            response = self.django(environ, start_response)
            if response.streaming:
                return response
            content: bytes = response.content  # type: ignore[attr-defined]
            response.close()
        # A list tells granian the length: one packet instead of three of a chunked reply.
        return [content]

    def _read_body(self, environ: Environ, length: int | None) -> None:
        """Put the whole body in place of the stream, or nothing and the reason under REFUSED."""
        body, refusal = b"", ""
        if length is not None and length > self.limit:
            refusal = TOO_LARGE
        else:
            with self.uploads.of(client_network(environ)) as allowed:
                if allowed:
                    body = environ["wsgi.input"].read(self.limit + 1 if length is None else length)
                else:
                    refusal = TOO_MANY
        if len(body) > self.limit:
            body, refusal = b"", TOO_LARGE
        elif not refusal and length is not None and len(body) < length:
            # The client went away: what came may read like a whole form, and must not be acted upon.
            body, refusal = b"", INCOMPLETE
        if refusal:
            environ[REFUSED] = refusal
        environ["wsgi.input"] = BytesIO(body)
        # Django takes a body without a length, a chunked one, for empty.
        environ["CONTENT_LENGTH"] = str(len(body))
