"""Ways to the site: over the network, and inside the test process where a protection can be taken away."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from django.test import Client

TIMEOUT = 8.0
TOKEN_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the object in the body, or an empty one."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


class Road(Protocol):
    """How a request gets to the site. Raises OSError when no reply comes back."""

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply: ...


class Link:
    """A connection a request, over TCP."""

    def __init__(self, port: int, timeout: float = TIMEOUT) -> None:
        self.port = port
        self.timeout = timeout

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and return the reply. Raises OSError."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            wire.request(
                method, path, body or None, {"Host": "localhost", "Connection": "close", **(headers or {})}
            )
            got = wire.getresponse()
            return Reply(got.status, _joined(got.getheaders()), got.read())
        except http.client.HTTPException as error:
            raise ConnectionResetError(str(error)) from error
        finally:
            wire.close()


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in ((name.lower(), value) for name, value in pairs):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


class Inside:
    """The same, without a network: what is patched in this process counts."""

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request; an exception of the site becomes a 500."""
        got = Client(raise_request_exception=False).generic(
            method, path, body, "application/json", headers=headers
        )
        return Reply(got.status_code, _joined(list(got.headers.items())), got.content)


@dataclass
class Browser:
    """A person's browser: cookies, forms, no redirects followed."""

    link: Road
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Reply:
        """Open a page."""
        return self._keep(self.link.request("GET", path, headers=self._headers()))

    def post(self, path: str, **fields: str) -> Reply:
        """Open a page with a form, then send the form."""
        token = TOKEN_FIELD.search(self.get(path).body.decode())
        sent = urlencode({**fields, "csrfmiddlewaretoken": token.group(1) if token else ""})
        headers = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded"}
        return self._keep(self.link.request("POST", path, sent.encode(), headers))

    def _headers(self) -> dict[str, str]:
        crumbs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": crumbs} if crumbs else {}

    def _keep(self, reply: Reply) -> Reply:
        for name, value in reply.headers.items():
            if name == "set-cookie":
                self.cookies.update(re.findall(r"(csrftoken|sessionid)=([^;]*)", value))
        return reply
