"""What stands between granian and Django: bodies read within bounds, few database connections, whole replies.

granian reads a body on the thread that serves the request, and waits for it as long as the client likes. So
threads are many: one that waits for a body holds no database connection and no interpreter lock. One address
may keep only a few of them waiting. How long a single body may take is for the proxy to limit.
"""

import ipaddress
import re
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from queue import SimpleQueue
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponseBase

from exams.api.save_endpoint import PATH

CONNECTIONS: Final = 4
"""Database connections of one process: requests beyond wait for one.

More make each save dearer and not faster: their processes in PostgreSQL get into each other's way.
"""
UPLOADS_PER_ADDRESS: Final = 128
"""Bodies that one process reads at once from one address: half of its threads, so a second address gets in.

Not fewer, because a school or a company has one address for everybody.
"""
LARGE_PATH: Final = "/admin/exams/importfile/new/"
"""The address to which authors upload files of questions: larger bodies may be sent there."""
IMAGE_PATH: Final = re.compile(r"/admin/exams/draft/[0-9]{1,18}/image/")
"""And those to which they send images of questions."""
LARGE_LIMIT: Final = 21 * 1024 * 1024
"""A file of `exchange_formats.limits.FILE_SIZE`, and what a form puts around it."""
LARGE_AT_ONCE: Final = 1
"""So many of them one process has at once, whoever sends them, each until it is answered.

Storing one takes 280 MB, and the two processes of a container have a gigabyte.
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

    def begin(self, address: str) -> bool:
        """Count one more body from this address, or say that there are too many already."""
        with self.lock:
            count = self.counts.get(address, 0)
            if count >= self.limit:
                return False
            self.counts[address] = count + 1
            return True

    def end(self, address: str) -> None:
        """Count one body less. Addresses without any are forgotten: they must not fill the memory."""
        with self.lock:
            self.counts[address] -= 1
            if not self.counts[address]:
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
        known = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    # A socket for both protocols shows IPv4 as addresses of one /64, and would count all of them as one.
    return str(known.ipv4_mapped or ipaddress.IPv6Network((known, 64), strict=False))


class ConnectionPool:
    """A fixed number of database connections, lent to the threads that serve requests.

    Django keeps a connection for each thread. With a hundred threads that would be a hundred connections, so
    a request borrows one and returns it when its reply is made. The one that came back last is lent first:
    its process in PostgreSQL is still in the caches of the processor, and with little to do the others sleep.
    """

    def __init__(self, size: int) -> None:
        self.free = [connections.create_connection(DEFAULT_DB_ALIAS) for _ in range(size)]
        # Waiting is left to this queue of nothing: it is written in C, and lets in who came first.
        self.slots: SimpleQueue[None] = SimpleQueue()
        for connection in self.free:
            connection.inc_thread_sharing()
            self.slots.put(None)

    def lend(self) -> Any:  # noqa: ANN401
        """Return a connection that is this thread's own until `take_back`; wait while all are lent."""
        self.slots.get()
        connection = self.free.pop()
        connections[DEFAULT_DB_ALIAS] = connection
        return connection

    def take_back(self, connection: Any) -> None:  # noqa: ANN401
        """Lend the connection to others from now on."""
        # A streamed reply ends later on this thread, and must not close what another request has by then.
        del connections[DEFAULT_DB_ALIAS]
        self.free.append(connection)
        self.slots.put(None)


def _may_be_large(path: str) -> bool:
    return path == LARGE_PATH or IMAGE_PATH.fullmatch(path) is not None


class Server:
    """The WSGI application: Django's, with its body read and its reply made whole.

    `saves` answers the requests that save an answer, by Django's middleware alone.
    """

    def __init__(
        self,
        django: Callable[[Environ, StartResponse], HttpResponseBase],
        saves: Callable[[HttpRequest], HttpResponseBase] | None = None,
        *,
        connections: int = CONNECTIONS,
        uploads: int = UPLOADS_PER_ADDRESS,
    ) -> None:
        self.django = django
        self.saves = saves
        self.pool = ConnectionPool(connections)
        self.uploads = Uploads(uploads)
        self.large = Uploads(LARGE_AT_ONCE)
        self.limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH")
        if length or "HTTP_TRANSFER_ENCODING" in environ:
            size = int(length) if length else None
            if size is not None and size > self.limit and _may_be_large(environ.get("PATH_INFO", "")):
                return self._answer_large(environ, start_response, size)
            self._read_body(environ, size, self.limit)
        return self._answer(environ, start_response)

    def _answer_large(self, environ: Environ, start_response: StartResponse, size: int) -> Iterable[bytes]:
        """Answer a request with a large body: it has room until its reply is made, since memory holds it."""
        if not self.large.begin(LARGE_PATH):
            _put_body(environ, b"", TOO_MANY)
            return self._answer(environ, start_response)
        try:
            self._read_body(environ, size, LARGE_LIMIT)
            return self._answer(environ, start_response)
        finally:
            self.large.end(LARGE_PATH)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        connection = self.pool.lend()
        try:
            if self.saves and environ["REQUEST_METHOD"] == "POST" and PATH.match(environ["PATH_INFO"]):
                response = self.saves(WSGIRequest(environ))
                # Django sends signals around a request. Of their receivers a save needs this one only, and
                # all of them would be a tenth of its cost.
                connection.close_if_unusable_or_obsolete()
                start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
                return [response.content]  # type: ignore[attr-defined]
            response = self.django(environ, start_response)
            if response.streaming:
                return response
            content: bytes = response.content  # type: ignore[attr-defined]
            response.close()
        finally:
            self.pool.take_back(connection)
        # A list tells granian the length: one packet instead of three of a chunked reply.
        return [content]

    def _read_body(self, environ: Environ, length: int | None, limit: int) -> None:
        """Put the whole body in place of the stream, or nothing and the reason under REFUSED."""
        body, refusal = b"", TOO_LARGE
        if length is None or length <= limit:
            body, refusal = self._read(environ, limit + 1 if length is None else length)
        if len(body) > limit:
            body, refusal = b"", TOO_LARGE
        elif not refusal and length is not None and len(body) < length:
            # The client went away: what came may read like a whole form, and must not be acted upon.
            body, refusal = b"", INCOMPLETE
        _put_body(environ, body, refusal)

    def _read(self, environ: Environ, size: int) -> tuple[bytes, str]:
        """Return the body up to a size, or why it was not read."""
        address = client_network(environ)
        if not self.uploads.begin(address):
            return b"", TOO_MANY
        try:
            return environ["wsgi.input"].read(size), ""
        finally:
            self.uploads.end(address)


def _put_body(environ: Environ, body: bytes, refusal: str) -> None:
    if refusal:
        environ[REFUSED] = refusal
    environ["wsgi.input"] = BytesIO(body)
    # Django takes a body without a length, a chunked one, for empty.
    environ["CONTENT_LENGTH"] = str(len(body))
