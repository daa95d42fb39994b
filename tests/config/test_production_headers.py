"""What production adds to every reply: only by TLS, and cookies that no other host or address can set."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tools.devstack.gate import PRODUCTION

ASK = """
import json
import django
django.setup()
from django.conf import settings
from django.test import Client
host = {"headers": {"host": "passline.example"}}
safe = Client().get("/api/v1/nothing/", secure=True, **host)
plain = Client().get("/terms/?a=1", **host)
other = Client().get("/api/v1/nothing/", secure=True, headers={"host": "evil.example"})
names = [name for name in dir(settings) if "COOKIE" in name]
print(json.dumps({
    "safe": [safe.status_code, dict(safe.headers)],
    "plain": [plain.status_code, plain.headers.get("Location")],
    "other": [other.status_code, other.content.decode()],
    "cookies": {name: getattr(settings, name) for name in names},
}))
"""


@pytest.fixture(scope="module")
def replies() -> Any:
    """What the settings of production answer, in a process of their own."""
    never_asked = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}
    variables = {**os.environ, **PRODUCTION, **never_asked, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_browsers_are_told_to_ask_by_tls_only(replies: Any) -> None:
    status, headers = replies["safe"]
    assert status == 404
    assert headers["Strict-Transport-Security"] == f"max-age={365 * 24 * 3600}"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert replies["plain"] == [301, "https://passline.example/terms/?a=1"]


def test_another_host_gets_nothing(replies: Any) -> None:
    status, content = replies["other"]
    assert status == 400
    assert "evil.example" not in content


def test_cookies_are_for_this_host_alone_and_only_sent_by_tls(replies: Any) -> None:
    cookies = replies["cookies"]
    for name in ("SESSION", "CSRF", "DEVICE"):
        assert cookies[f"{name}_COOKIE_NAME"].startswith("__Host-")
    for name in ("SESSION", "CSRF"):
        assert cookies[f"{name}_COOKIE_SECURE"] is True
        assert cookies[f"{name}_COOKIE_SAMESITE"] == "Lax"
        assert (cookies[f"{name}_COOKIE_PATH"], cookies[f"{name}_COOKIE_DOMAIN"]) == ("/", None)
    assert cookies["SESSION_COOKIE_HTTPONLY"] is True
