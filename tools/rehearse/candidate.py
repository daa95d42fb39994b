"""A candidate behind the proxy: signs up as a person does, saves as the page does."""

import html
import http.client
import json
import re
import secrets
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from tools.rehearse.engine import RehearsalFailed

PATIENCE: Final = 40.0
# Slower than any limit on saves.
BETWEEN_SAVES: Final = 0.3
type Reply = tuple[int, str, dict[str, str]]


class Browser:
    """Cookies and requests to the proxy; its certificate is of its own making, so it is not checked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Send one request. Raises OSError when no reply comes."""
        link = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.context)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        try:
            link.request(method, path, body or None, sent)
            reply = link.getresponse()
            for line in reply.headers.get_all("Set-Cookie") or []:
                name, _, value = line.split(";")[0].partition("=")
                self.cookies[name] = value
            return reply.status, reply.read().decode("utf-8", "replace"), dict(reply.headers)
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            link.close()

    def form(self, path: str, **fields: str) -> Reply:
        """Open a page with a form and send it filled in."""
        status, page, _ = self.ask("GET", path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if status != 200 or not found:
            raise RehearsalFailed(f"{path} shows no form (status {status})")
        body = urlencode({"csrfmiddlewaretoken": html.unescape(found[1]), **fields}).encode()
        origin = f"https://localhost:{self.port}"
        kind = "application/x-www-form-urlencoded"
        return self.ask(
            "POST", path, body, **{"Content-Type": kind, "Referer": f"{origin}{path}", "Origin": origin}
        )


def newest_mail(port: int, address: str) -> str:
    """Return the newest mail to an address. Raises RehearsalFailed when none comes."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            link.request("GET", f"/view/latest.txt?query={quote(f'to:{address}')}")
            reply = link.getresponse()
            if reply.status == 200:
                return reply.read().decode()
        except OSError:
            pass
        finally:
            link.close()
        time.sleep(0.3)
    raise RehearsalFailed(f"no mail came to {address}")


@dataclass
class Candidate:
    """One person with a running attempt."""

    browser: Browser
    headers: dict[str, str] = field(default_factory=dict)
    attempt: str = ""
    lease: str = ""
    choices: list[tuple[int, int]] = field(default_factory=list)
    seq: int = 0
    acknowledged: dict[int, tuple[int, int]] = field(default_factory=dict)

    def sign_up(self, mail_port: int) -> None:
        """Make an account by pages and mail, and get a token for the API. Raises RehearsalFailed."""
        address, password = f"{secrets.token_hex(5)}@example.com", secrets.token_urlsafe(16)
        status, _, _ = self.browser.form("/accounts/signup/", email=address, password1=password)
        found = re.search(r"https://\S+(/accounts/confirm-email/\S+)", newest_mail(mail_port, address))
        if status != 302 or not found:
            raise RehearsalFailed(f"sign-up answered {status}, and the mail has no link")
        self.browser.form(found[1])
        facts = self.call(
            "POST", "/api/v1/auth/token/", {"email": address, "password": password, "name": "x"}
        )
        self.headers = {"Authorization": f"Token {facts['token']}"}

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Call the API and return what it answers. Raises RehearsalFailed on anything but success."""
        sent = b"" if body is None else json.dumps(body).encode()
        status, text, _ = self.browser.ask(
            method, path, sent, **{"Content-Type": "application/json", **self.headers}
        )
        if status >= 400:
            raise RehearsalFailed(f"{method} {path}: {status} {text[:300]}")
        return json.loads(text)

    def begin(self) -> None:
        """Start the first exam of the first certification."""
        code = self.call("GET", "/api/v1/certifications/")[0]["code"]
        form = self.call("GET", f"/api/v1/certifications/{code}/forms/")[0]["id"]
        facts = self.call("POST", "/api/v1/attempts/", {"form": form})
        self.attempt, self.lease = facts["id"], facts["lease"]
        items = self.call("GET", f"/api/v1/attempts/{self.attempt}/")["items"]
        self.choices = [(item["position"], option["id"]) for item in items for option in item["options"]]

    def save(self) -> int:
        """Send the next change once; return the status, 0 when no reply came."""
        number = self.seq + 1
        position, option = self.choices[number * 7 % len(self.choices)]
        change = {"seq": number, "position": position, "selected": [option], "flagged": False}
        body = json.dumps({"lease": self.lease, "changes": [change]}).encode()
        path = f"/api/v1/attempts/{self.attempt}/answers/"
        try:
            status, text, _ = self.browser.ask("POST", path, body, **{"Content-Type": "application/json"})
        except OSError:
            return 0
        if status == 200 and json.loads(text).get("saved_seq") == number:
            self.acknowledged[number] = (position, option)
            self.seq = number
        return status

    def finish(self, seconds: float) -> float:
        """Submit, wait for the score, return the seconds it took. Raises RehearsalFailed without one."""
        self.call("POST", f"/api/v1/attempts/{self.attempt}/submit/", {"lease": self.lease})
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            _, text, _ = self.browser.ask(
                "GET", f"/api/v1/attempts/{self.attempt}/result/", b"", **self.headers
            )
            if json.loads(text).get("scaled_score"):
                return time.monotonic() - began
            time.sleep(0.3)
        raise RehearsalFailed(f"no score after {seconds:.0f} s")


class Saves(threading.Thread):
    """Saves one change after the other; each is repeated until it is acknowledged."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(daemon=True)
        self.candidate = candidate
        self.replies: Counter[int] = Counter()
        self.gap = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        """Save until told to end, and then until the last change is acknowledged."""
        last, ending = time.monotonic(), 0.0
        while not self.over.is_set() or (self.replies and ending < PATIENCE):
            status = self.candidate.save()
            self.replies[status] += 1
            now = time.monotonic()
            if status == 200:
                self.gap, last = max(self.gap, now - last - BETWEEN_SAVES), now
                if self.over.is_set():
                    break
            self.over.wait(BETWEEN_SAVES) if not self.over.is_set() else time.sleep(BETWEEN_SAVES)
            ending = now - last

    def end(self) -> None:
        """Stop, after a last acknowledged save or PATIENCE seconds without one."""
        self.over.set()
        self.join(2 * PATIENCE)
