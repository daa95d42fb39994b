"""What stands between granian and Django: bodies read within bounds, few database connections, whole replies.

granian reads a body on the thread that serves the request, and waits for it as long as the client likes. So
threads are many: one that waits for a body holds no database connection and no interpreter lock. One address
may keep only a few of them waiting. How long a single body may take is for the proxy to limit.

Saves, submissions and requests for a lease have connections of their own, so they never wait for other pages.
"""

import ipaddress
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from queue import SimpleQueue
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.wsgi import WSGIRequest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.http import HttpRequest, HttpResponseBase
from django.http.cookie import parse_cookie

from config.gate import WAITING, Caller, Gate
from exams.api.save_endpoint import PATH
from i18n import languages

THREADS: Final = 448
"""Threads of one process, as its command says. A request holds one while it waits, whatever it waits for."""
SPARE_THREADS: Final = 24
"""Threads that remain for saves when everything else that may be answered or wait takes one."""
ANSWER_CONNECTIONS: Final = 4
"""Database connections of one process for answers: saves, submissions and requests for a lease.

More make each save dearer and not faster: their processes in PostgreSQL get into each other's way.
"""
CONNECTIONS: Final = 4
"""Its connections for everything else."""
ANSWERS: Final = re.compile(
    r"/api/v1/(?:attempts/[0-9a-f-]{36}/(?:lease|submit)|drills/[0-9a-f-]{36}/(?:close|finish))/"
    rf"|(?:/(?:{'|'.join(languages.CODES)}))?/(?:attempts|drills)/[0-9a-f-]{{36}}/"
    r"(?:questions/[0-9]{1,9}/|submit/|finish/)?"
)
"""The other addresses to which answers are posted, by the script and by pages without it."""
IMAGES: Final = "/images/"
"""Where images of questions are, which a page asks for at once: no client is counted for them."""
UPLOADS_PER_ADDRESS: Final = 128
"""Bodies that one process reads at once from one address, so that a second address gets in.

Not fewer, because a school or a company has one address for everybody.
"""
UPLOADS: Final = THREADS - SPARE_THREADS - CONNECTIONS - ANSWER_CONNECTIONS - 2 * WAITING
"""Bodies that it reads at once in all, by what both lanes and those who wait for them leave."""
LARGE_PATH: Final = "/admin/exams/importfile/new/"
"""The address to which authors upload files of questions: larger bodies may be sent there."""
IMAGE_PATH: Final = re.compile(r"/admin/exams/draft/[0-9]{1,18}/image/")
"""And those to which they send images of questions."""
LARGE_LIMIT: Final = 21 * 1024 * 1024
"""A file of `exchange_formats.limits.FILE_SIZE`, and what a form puts around it."""
LARGE_AT_ONCE: Final = 1
"""So many of them one process has at once, each until it is answered. Only staff may send any.

Storing one takes 280 MB, and the two processes of a container have a gigabyte.
"""
REFUSED: Final = "passline.refused"
"""Key of the environ under which Django finds why a request is refused: one of the next, or of `config.gate`.

Such a request has no database connection: a middleware answers it before anything asks for one.
"""
TOO_LARGE: Final = "too_large"
TOO_MANY: Final = "too_many_uploads"
LARGE_BUSY: Final = "large_upload_busy"
NOT_STAFF: Final = "not_staff"
INCOMPLETE: Final = "incomplete"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Uploads:
    """Counts the bodies that are being read, by address and in all."""

    def __init__(self, limit: int, total: int) -> None:
        self.limit, self.total = limit, total
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}
        self.count = 0

    def begin(self, address: str) -> bool:
        """Count one more body from this address, or say that there are too many already."""
        with self.lock:
            count = self.counts.get(address, 0)
            if count >= self.limit or self.count >= self.total:
                return False
            self.counts[address] = count + 1
            self.count += 1
            return True

    def end(self, address: str) -> None:
        """Count one body less. Addresses without any are forgotten: they must not fill the memory."""
        with self.lock:
            self.count -= 1
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


def caller_of(environ: Environ) -> Caller:
    """Return who asks, without looking anything up. Files of pages are for everybody, whoever asks."""
    address = client_network(environ)
    if environ.get("PATH_INFO", "").startswith((settings.STATIC_URL, IMAGES)):
        return Caller((), address)
    session = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME, "")
    token = environ.get("HTTP_AUTHORIZATION", "").split()[-1:]
    return Caller(tuple(sha256(one.encode()).digest() for one in (session, *token) if one), address)


def is_staff(environ: Environ) -> bool:
    """Say whether the session of a request is one of staff. Two statements; the body is not touched."""
    request = WSGIRequest(environ)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    try:
        user = get_user(request)
    except DatabaseError:
        # Django says better what is wrong.
        return True
    return bool(user.is_active and user.is_staff)


class Lane:
    """Database connections for one kind of requests, and the gate before them."""

    def __init__(self, size: int, places: int) -> None:
        self.pool, self.gate = ConnectionPool(size), Gate(places)

    @contextmanager
    def entered(self, environ: Environ) -> Iterator[None]:
        """Lend the request a connection while the block runs, or note in the environ why it gets none."""
        caller = caller_of(environ)
        if refusal := self.gate.enter(caller):
            environ[REFUSED] = refusal
            yield
            return
        try:
            connection = self.pool.lend()
            try:
                yield
            finally:
                self.pool.take_back(connection)
        finally:
            self.gate.leave(caller)


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
        answers: int = ANSWER_CONNECTIONS,
        uploads: int = UPLOADS_PER_ADDRESS,
    ) -> None:
        self.django = django
        self.saves = saves
        self.pages = Lane(connections, connections)
        # One connection is left to saves, which pass the gate by.
        self.answers = Lane(answers, max(1, answers - 1))
        self.uploads = Uploads(uploads, UPLOADS)
        self.large = Uploads(LARGE_AT_ONCE, LARGE_AT_ONCE)
        self.limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH")
        if length or "HTTP_TRANSFER_ENCODING" in environ:
            size = int(length) if length else None
            if size is not None and self.limit < size <= LARGE_LIMIT and _may_be_large(environ["PATH_INFO"]):
                return self._answer_large(environ, start_response, size)
            self._read_body(environ, size, self.limit)
        return self._answer(environ, start_response)

    def _answer_large(self, environ: Environ, start_response: StartResponse, size: int) -> Iterable[bytes]:
        """Answer a request with a large body: it has room until its reply is made, since memory holds it."""
        if refusal := self._refusal_of_large(environ):
            _put_body(environ, b"", refusal)
            return self._answer(environ, start_response)
        try:
            self._read_body(environ, size, LARGE_LIMIT)
            return self._answer(environ, start_response)
        finally:
            self.large.end(LARGE_PATH)

    def _refusal_of_large(self, environ: Environ) -> str:
        """Make room for a large body, or say why there is none. A visitor must not keep authors out."""
        with self.pages.entered(environ):
            refusal: str = environ.get(REFUSED, "")
            if not refusal and not is_staff(environ):
                return NOT_STAFF
        return refusal or ("" if self.large.begin(LARGE_PATH) else LARGE_BUSY)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if REFUSED in environ:
            return self._reply(environ, start_response)
        lane = self.pages
        if environ.get("REQUEST_METHOD") == "POST":
            path = environ["PATH_INFO"]
            if self.saves and PATH.match(path):
                return self._save(self.saves, environ, start_response)
            if ANSWERS.fullmatch(path):
                lane = self.answers
        with lane.entered(environ):
            return self._reply(environ, start_response)

    def _save(
        self,
        save: Callable[[HttpRequest], HttpResponseBase],
        environ: Environ,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        pool = self.answers.pool
        connection = pool.lend()
        try:
            response = save(WSGIRequest(environ))
            # Django sends signals around a request. Of their receivers a save needs this one only, and
            # all of them would be a tenth of its cost.
            connection.close_if_unusable_or_obsolete()
            start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
            return [response.content]  # type: ignore[attr-defined]
        finally:
            pool.take_back(connection)

    def _reply(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        response = self.django(environ, start_response)
        if response.streaming:
            return response
        content: bytes = response.content  # type: ignore[attr-defined]
        response.close()
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
