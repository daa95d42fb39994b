"""What the server does before and after Django: whom it counts a body for, and what it lends."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from config.gate import TOO_MANY_AT_ONCE
from config.server import (
    ANSWER_CONNECTIONS,
    CONNECTIONS,
    IMAGE_PATH,
    LARGE_AT_ONCE,
    LARGE_BUSY,
    LARGE_LIMIT,
    LARGE_PATH,
    NOT_STAFF,
    REFUSED,
    THREADS,
    TOO_LARGE,
    Environ,
    Server,
    StartResponse,
    Uploads,
    caller_of,
    client_network,
)
from exams.content.exchange_formats import limits
from tests.factories import Form, start


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        # As a socket that takes both shows an address of IPv4: all of them lie in one /64.
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no:address", "no:address"),
        ("", ""),
    ],
)
def test_bodies_are_counted_by_address_and_those_of_ipv6_by_customer(address: str, network: str) -> None:
    assert client_network({"REMOTE_ADDR": address}) == network


@pytest.mark.parametrize(
    ("proxies", "network"),
    # What the client wrote itself stands first; a header that is too short came past the proxies.
    [(0, "10.0.0.1"), (1, "198.51.100.9"), (2, "203.0.113.5"), (4, "10.0.0.1")],
)
def test_only_as_many_proxies_as_are_ours_are_believed(settings: Any, proxies: int, network: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    passed_on = "1.1.1.1, 203.0.113.5, 198.51.100.9"
    assert client_network({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": passed_on}) == network


def test_an_address_may_begin_again_when_one_of_its_bodies_has_ended_and_is_forgotten_after_the_last() -> (
    None
):
    uploads = Uploads(2, 10)
    assert [uploads.begin("a"), uploads.begin("a"), uploads.begin("a"), uploads.begin("b")] == [
        True,
        True,
        False,
        True,
    ]
    uploads.end("a")
    assert uploads.begin("a")
    for address in ("a", "a", "b"):
        uploads.end(address)
    assert uploads.counts == {}


def test_many_addresses_together_do_not_take_all_threads_for_their_bodies() -> None:
    uploads = Uploads(2, 3)
    assert [uploads.begin(address) for address in "aabbc"] == [True, True, True, False, False]
    uploads.end("a")
    assert uploads.begin("c")


class Unreadable:
    """A body whose client has gone."""

    def read(self, size: int) -> bytes:
        raise ConnectionResetError


@pytest.fixture
def _own_connection() -> Iterator[None]:
    """Give this thread its own connection back."""
    own = connections[DEFAULT_DB_ALIAS]
    yield
    connections[DEFAULT_DB_ALIAS] = own


def test_a_body_that_cannot_be_read_is_no_longer_counted() -> None:
    server = Server(lambda *_: HttpResponse(), connections=0, answers=0)
    with pytest.raises(ConnectionResetError):
        server({"CONTENT_LENGTH": "5", "REMOTE_ADDR": "a", "wsgi.input": Unreadable()}, lambda *_: None)
    assert server.uploads.counts == {}


IMAGE = "/admin/exams/draft/17/image/"


class Reader:
    """A site that notes what became of the body of a request."""

    def __init__(self) -> None:
        self.server = Server(self.read, connections=1, answers=1)
        self.body = b""
        self.refused: str | None = None
        self.meanwhile: Callable[[], None] = lambda: None

    def read(self, environ: Environ, start_response: StartResponse) -> HttpResponse:
        self.body, self.refused = environ["wsgi.input"].read(), environ.get(REFUSED)
        self.meanwhile()
        return HttpResponse()

    def sent(self, path: str, size: int, *, chunked: bool = False, **more: str) -> str | None:
        """Send a body; return why it was not read, None where it was."""
        environ: Environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "REMOTE_ADDR": "a",
            "wsgi.input": BytesIO(b"x" * size),
            **more,
        }
        environ |= {"HTTP_TRANSFER_ENCODING": "chunked"} if chunked else {"CONTENT_LENGTH": str(size)}
        self.server(environ, lambda *_: None)
        assert len(self.body) == (0 if self.refused else size)
        return self.refused


@pytest.fixture
def reader(_own_connection: None, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A server that reads bodies, large ones of staff, as whom everybody counts here."""
    monkeypatch.setattr("config.server.is_staff", lambda _: True)
    # A thread of the server has none until it is lent one.
    del connections[DEFAULT_DB_ALIAS]
    return Reader()


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        (LARGE_PATH, LARGE_LIMIT, None),
        (LARGE_PATH, LARGE_LIMIT + 1, TOO_LARGE),
        (LARGE_PATH + "more/", LARGE_LIMIT, TOO_LARGE),
        (IMAGE, LARGE_LIMIT, None),
        (IMAGE, LARGE_LIMIT + 1, TOO_LARGE),
        (IMAGE.replace("17", "x"), LARGE_LIMIT, TOO_LARGE),
        (IMAGE + "more/", LARGE_LIMIT, TOO_LARGE),
        ("/admin/", 1024 * 1024 + 1, TOO_LARGE),
        ("/admin/", 1024 * 1024, None),
    ],
)
def test_only_files_and_images_of_questions_may_be_large(
    reader: Reader, path: str, size: int, expected: str | None
) -> None:
    assert reader.sent(path, size) == expected
    assert (reader.server.large.counts, reader.server.uploads.counts) == ({}, {})


def test_a_large_body_says_its_length_before_it_is_read(reader: Reader) -> None:
    assert reader.sent(LARGE_PATH, 2 * 1024 * 1024, chunked=True) == TOO_LARGE


def test_only_a_few_large_bodies_are_held_at_once_and_small_ones_go_on(reader: Reader) -> None:
    for _ in range(LARGE_AT_ONCE):
        assert reader.server.large.begin(LARGE_PATH)
    assert reader.sent(LARGE_PATH, 2 * 1024 * 1024) == LARGE_BUSY
    assert reader.sent(LARGE_PATH, 1024) is None


@pytest.mark.parametrize("fails", [False, True])
def test_a_large_body_has_room_until_it_is_answered(reader: Reader, fails: bool) -> None:
    seen: list[dict[str, int]] = []

    def meanwhile() -> None:
        seen.append(dict(reader.server.large.counts))
        if fails:
            raise RuntimeError

    reader.meanwhile = meanwhile
    with pytest.raises(RuntimeError) if fails else nullcontext():
        reader.sent(LARGE_PATH, 2 * 1024 * 1024)
    assert seen == [{LARGE_PATH: 1}]
    assert reader.server.large.counts == {}


def test_the_addresses_of_large_bodies_are_those_of_uploads_here_and_at_the_proxy() -> None:
    assert reverse("admin:exams_importfile_new_import") == LARGE_PATH
    assert IMAGE_PATH.fullmatch(reverse("admin:exams_draft_image", args=[17]))
    assert LARGE_LIMIT > limits.FILE_SIZE + 100_000
    caddyfile = (Path(settings.BASE_DIR) / "config" / "docker" / "Caddyfile").read_text(encoding="utf-8")
    paths = f"{LARGE_PATH} {IMAGE.replace('17', '*')}"
    assert f"@upload path {paths}\n" in caddyfile
    assert f"@usual not path {paths}\n" in caddyfile
    assert f"max_size {LARGE_LIMIT // 1024 // 1024}MiB" in caddyfile


@pytest.mark.usefixtures("_own_connection")
@pytest.mark.parametrize("outcome", ["reply", "stream", "failure"])
def test_whatever_becomes_of_a_request_its_connection_is_lent_to_the_next(outcome: str) -> None:
    lent: list[Any] = []

    def django(environ: Environ, start_response: StartResponse) -> HttpResponse | StreamingHttpResponse:
        lent.append(connections[DEFAULT_DB_ALIAS])
        if outcome == "failure":
            raise RuntimeError
        return StreamingHttpResponse([b"whole"]) if outcome == "stream" else HttpResponse(b"whole")

    server = Server(django, connections=1, answers=1)
    for _ in range(2):
        if outcome == "failure":
            with pytest.raises(RuntimeError):
                server({}, lambda *_: None)
        else:
            assert b"".join(server({}, lambda *_: None)) == b"whole"
        assert not connections.all(initialized_only=True)
    assert lent[0] is lent[1]
    assert len(server.pages.pool.free) == 1
    assert not server.pages.gate.inside


def post(server: Server, path: str, content: object) -> tuple[str, dict[str, Any]]:
    """Send JSON; return the status line and the reply."""
    body, lines = json.dumps(content).encode(), []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    reply: Iterable[bytes] = server(environ, lambda status, headers: lines.append(status))
    return lines[0], json.loads(b"".join(reply))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_own_connection")
def test_a_save_passes_the_signals_of_django_by_and_leaves_no_connection_that_is_too_old(
    anna: User, form: Form
) -> None:
    begun = start(anna, form)
    django = WSGIHandler()
    begins: list[object] = []
    server = Server(django, django.get_response, connections=1, answers=1)
    request_started.connect(lambda **named: begins.append(named), weak=False, dispatch_uid="counted")
    api = f"/api/v1/attempts/{begun.attempt_id}/"
    try:
        for seq in (1, 2):
            change = {"seq": seq, "position": 1, "selected": [form.keys[1][0]], "flagged": False}
            status, reply = post(server, api + "answers/", {"lease": begun.lease, "changes": [change]})
            assert (status, reply["saved_seq"]) == ("200 OK", seq)
            connection = server.answers.pool.free[0]
            # The second time it is as old as a connection may become.
            assert (connection.connection is None) == (seq == 2)
            connection.close_at = 0
        assert not begins
        assert post(server, api + "submit/", {})[0] == "401 Unauthorized"
        assert len(begins) == 1
    finally:
        request_started.disconnect(dispatch_uid="counted")
        for lane in (server.answers, server.pages):
            lane.pool.free[0].close()


ATTEMPT = "0b0e7a52-1111-4222-8333-444455556666"
SAVE = f"/api/v1/attempts/{ATTEMPT}/answers/"
ANSWERING = (
    SAVE,
    f"/api/v1/attempts/{ATTEMPT}/lease/",
    f"/api/v1/attempts/{ATTEMPT}/submit/",
    f"/api/v1/drills/{ATTEMPT}/close/",
    f"/attempts/{ATTEMPT}/questions/12/",
    f"/attempts/{ATTEMPT}/submit/",
    f"/hu/attempts/{ATTEMPT}/submit/",
    f"/hu/drills/{ATTEMPT}/",
)


class BusySite:
    """A site on which requests with `?slow` take until they are let go."""

    def __init__(self) -> None:
        self.slow = threading.Event()
        self.began: SimpleQueue[str] = SimpleQueue()
        self.server = Server(self.answer, self.save)
        self.threads = ThreadPoolExecutor(20)

    def answer(self, environ: Environ, start_response: StartResponse) -> HttpResponse:
        self.began.put(environ["PATH_INFO"])
        if environ["QUERY_STRING"] == "slow" and REFUSED not in environ:
            assert self.slow.wait(30)
        return HttpResponse(environ.get(REFUSED, ""))

    def save(self, request: HttpRequest) -> HttpResponse:
        assert connections[DEFAULT_DB_ALIAS]
        return HttpResponse()

    def ask(self, path: str, address: str = "a", **environ: Any) -> Future[Iterable[bytes]]:
        path, _, query = path.partition("?")
        method = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": address}
        stream = {"wsgi.input": BytesIO(), "wsgi.url_scheme": "http"}
        return self.threads.submit(self.server, {**method, **stream, **environ}, lambda *_: None)

    def occupy(self, path: str, count: int) -> None:
        """Have visitors from different addresses ask for something that takes long."""
        for number in range(count):
            self.ask(f"{path}?slow", f"10.0.0.{number}")
        for _ in range(count):
            self.began.get(timeout=5)


@pytest.fixture
def busy() -> Iterator[BusySite]:
    """A site that is let go in the end."""
    site = BusySite()
    yield site
    site.slow.set()
    site.threads.shutdown()


@pytest.mark.parametrize("path", ANSWERING)
def test_answers_have_connections_that_nothing_else_uses(busy: BusySite, path: str) -> None:
    busy.occupy("/", CONNECTIONS)
    page = busy.ask("/attempts/")
    assert list(busy.ask(path).result(5)) == [b""]
    assert not page.done()


def test_submissions_leave_a_connection_to_saves(busy: BusySite) -> None:
    busy.occupy(ANSWERING[2], ANSWER_CONNECTIONS - 1)
    waits = busy.ask(ANSWERING[1])
    assert list(busy.ask(SAVE).result(5)) == [b""]
    assert not waits.done()


class SlowBody:
    """A body that takes until the site is let go."""

    def __init__(self, site: BusySite) -> None:
        self.site = site

    def read(self, size: int) -> bytes:
        assert self.site.slow.wait(30)
        return b""


@pytest.mark.parametrize("addresses", [1, 40], ids=["one-address", "many-addresses"])
def test_slow_requests_never_take_every_thread(busy: BusySite, addresses: int) -> None:
    """Bodies that do not end, pages and submissions: as many of each as there are threads."""
    busy.threads.shutdown()
    busy.threads = ThreadPoolExecutor(THREADS)
    slow: dict[str, Any] = {"wsgi.input": SlowBody(busy), "CONTENT_LENGTH": "5"}
    for number in range(THREADS):
        busy.ask("/", f"10.0.0.{number % addresses}", **slow)
    for path in ("/?slow", ANSWERING[2] + "?slow"):
        for number in range(THREADS):
            busy.ask(path, f"10.0.0.{number % addresses}")
    assert list(busy.ask(SAVE, "b").result(10)) == [b""]


def test_a_second_address_gets_its_bodies_read() -> None:
    server = Server(lambda *_: HttpResponse(), connections=0, answers=0)
    assert sum(server.uploads.begin("a") for _ in range(THREADS)) >= 128
    assert server.uploads.begin("b")


SESSION = {"HTTP_COOKIE": "theme=dark; sessionid=abc; x=1"}
TOKEN = {"HTTP_AUTHORIZATION": "Bearer abc"}


@pytest.mark.parametrize("sent", [SESSION, TOKEN], ids=["session", "token"])
def test_a_session_or_token_holds_two_connections_from_wherever_it_asks(
    busy: BusySite, sent: dict[str, str]
) -> None:
    busy.server.pages.gate.patience = 0.1
    for address in ("a", "b"):
        busy.ask("/?slow", address, **sent)
        busy.began.get(timeout=5)
    assert list(busy.ask("/", "c", **sent).result(5)) == [TOO_MANY_AT_ONCE.encode()]
    assert list(busy.ask("/static/css/base.css", "c", **sent).result(5)) == [b""]
    assert list(busy.ask("/", "c", HTTP_COOKIE="sessionid=other").result(5)) == [b""]


def test_who_asks_is_known_by_session_and_token_however_they_are_written() -> None:
    def clients(**environ: str) -> tuple[bytes, ...]:
        return caller_of({"PATH_INFO": "/", "REMOTE_ADDR": "a", **environ}).clients

    assert clients(**SESSION) == clients(HTTP_COOKIE=" sessionid=other; sessionid=abc")
    assert clients(**TOKEN) == clients(HTTP_AUTHORIZATION="bearer  abc")
    assert len(clients(**SESSION, HTTP_AUTHORIZATION="Bearer def")) == 2
    assert clients() == clients(HTTP_COOKIE="sessionid=") == ()
    assert b"abc" not in b"".join(clients(**SESSION))
    for path in ("/static/css/base.css", "/images/0123"):
        assert clients(**SESSION, PATH_INFO=path) == ()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("who", "expected"), [("visitor", NOT_STAFF), ("candidate", NOT_STAFF), ("author", None)]
)
def test_only_staff_can_make_others_wait_for_a_large_upload(
    anna: User, who: str, expected: str | None
) -> None:
    client = Client()
    if who != "visitor":
        client.force_login(anna, backend=settings.AUTHENTICATION_BACKENDS[-1])
    User.objects.filter(pk=anna.pk).update(is_staff=who == "author")
    own = connections[DEFAULT_DB_ALIAS]
    reader = Reader()
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    try:
        assert reader.sent(LARGE_PATH, 2 * 1024 * 1024, HTTP_COOKIE=cookies) == expected
        assert reader.server.large.counts == {}
    finally:
        reader.server.pages.pool.free[0].close()
        connections[DEFAULT_DB_ALIAS] = own
