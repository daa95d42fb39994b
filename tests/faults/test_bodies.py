"""Bodies on the wire: too large, in chunks, cut short, left unread; and replies that say their length."""

import json
import socket
from contextlib import suppress
from uuid import UUID

import pytest

from config.server import LARGE_PATH
from tests.factories import Form
from tests.faults.candidates import begin
from tests.faults.ledger import Ledger
from tests.faults.stack import Web

MEGABYTE = 1024 * 1024
ANSWERS = f"/api/v1/attempts/{UUID(int=1)}/answers/"
LOGIN = "/accounts/login/"
FORM = "multipart/form-data; boundary=cut"
PART = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'


def post(port: int, path: str, kind: str, *headers: str, body: bytes = b"") -> bytes:
    """Send a request and return all that comes until the server closes the connection."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", *headers, "", ""]
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        with suppress(OSError):  # the server need not read all of it
            link.sendall("\r\n".join(lines).encode() + body)
        with suppress(OSError):
            while part := link.recv(65536):
                received += part
    return received


def split(reply: bytes) -> tuple[int, str, bytes]:
    """Return status, head in lower case, and body."""
    head, _, body = reply.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), body


def chunked(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


@pytest.mark.parametrize("path", [LOGIN, "/hu/accounts/login/", "/no/such/page/"])
@pytest.mark.parametrize("by_length", [True, False], ids=["length", "chunks"])
def test_an_upload_of_more_than_a_megabyte_gets_a_page_that_says_so(
    site: Web, path: str, by_length: bool
) -> None:
    content = PART + b"x" * MEGABYTE
    header = f"Content-Length: {120 * MEGABYTE}" if by_length else "Transfer-Encoding: chunked"
    body = content if by_length else chunked(content)
    status, head, page = split(post(site.port, path, FORM, header, body=body))
    assert (status, "\r\nconnection: close" in head) == (413, True)
    assert ("legfeljebb 1 MB" if path.startswith("/hu/") else "at most 1 MB") in page.decode()


def test_an_upload_that_is_too_large_for_the_address_of_imports_hears_what_is_possible_there(
    site: Web,
) -> None:
    header = f"Content-Length: {22 * MEGABYTE}"
    status, _head, page = split(post(site.port, LARGE_PATH, FORM, header, body=PART))
    assert status == 413
    assert "at most 20 MB" in page.decode()


def test_a_program_that_sends_too_much_gets_a_problem(site: Web) -> None:
    size = f"Content-Length: {2 * MEGABYTE}"
    for path in (ANSWERS, "/api/v1/auth/token/"):
        status, head, body = split(post(site.port, path, "application/json", size))
        assert (status, "\r\nconnection: close" in head) == (413, True)
        assert json.loads(body)["code"] == "too_large"


def test_a_body_in_chunks_is_read_like_any_other(site: Web, form: Form, ledger: Ledger) -> None:
    candidate = begin(ledger, site.link, form)
    change = {"seq": 1, "position": 1, "selected": form.keys[1], "flagged": False}
    content = json.dumps({"lease": candidate.lease, "changes": [change]}).encode()
    path = f"/api/v1/attempts/{candidate.attempt_id}/answers/"
    headers = ("Transfer-Encoding: chunked", "Connection: close")
    status, _, body = split(post(site.port, path, "application/json", *headers, body=chunked(content)))
    assert (status, json.loads(body)["saved_seq"]) == (200, 1)


def test_a_save_is_acknowledged_with_a_length_in_one_piece(site: Web, form: Form, ledger: Ledger) -> None:
    candidate = begin(ledger, site.link, form)
    change = {"seq": 1, "position": 1, "selected": form.keys[1], "flagged": False}
    content = json.dumps({"lease": candidate.lease, "changes": [change]}).encode()
    path = f"/api/v1/attempts/{candidate.attempt_id}/answers/"
    headers = (f"Content-Length: {len(content)}", "Connection: close")
    _, head, body = split(post(site.port, path, "application/json", *headers, body=content))
    assert f"\r\ncontent-length: {len(body)}" in head
    assert "transfer-encoding" not in head


@pytest.mark.parametrize("path", ["/api/v1/attempts/", "/api/v1/nothing/", "/no/such/page/", LOGIN, ANSWERS])
def test_after_a_refusal_the_next_request_on_the_connection_is_answered(site: Web, path: str) -> None:
    body = b"x" * 200_000
    second = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    size = f"Content-Length: {len(body)}"
    reply = post(site.port, path, "text/plain", size, body=body + second)
    assert reply.count(b"HTTP/1.1 ") == 2
    assert reply.endswith(b'{"status": "live"}')


def test_half_a_form_is_never_acted_upon(site: Web, form: Form, ledger: Ledger) -> None:
    candidate = begin(ledger, site.link, form)
    change = {"seq": 1, "position": 1, "selected": form.keys[1], "flagged": False}
    content = json.dumps({"lease": candidate.lease, "changes": [change]}).encode()
    path = f"/api/v1/attempts/{candidate.attempt_id}/answers/"
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    head = "\r\n".join([*lines, f"Content-Length: {len(content) + 9}", "", ""]).encode()
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as link:
        link.sendall(head + content)
        link.shutdown(socket.SHUT_WR)
        reply = link.recv(65536)
    assert not reply.startswith(b"HTTP/1.1 200")
    assert candidate.send(candidate.click(1, *form.others[1][:1])) == 200
