"""The reference: a bare WSGI function that sends the text of the save plainly, and checks nothing.

It gets the same requests and makes the same rows, committed in the same way.
"""

import json
import os
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from typing import Any

import psycopg2

URL = os.environ.get("DATABASE_URL", "")
SAVE = os.environ.get("BENCH_SAVE", "")
LOCAL = threading.local()


def _connection() -> Any:
    if not hasattr(LOCAL, "connection"):
        LOCAL.connection = psycopg2.connect(URL)
        LOCAL.connection.autocommit = True
    return LOCAL.connection


def _array(parts: Iterable[str]) -> str:
    return "{" + ",".join(parts) + "}"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Store the changes of one request under the number that its lease names, unchecked."""
    content = json.loads(environ["wsgi.input"].read())
    changes = content["changes"]
    values = {
        "attempt": environ["PATH_INFO"].split("/")[4],
        # Its place in the token of exams.attempts.leases.
        "lease": int.from_bytes(urlsafe_b64decode(content["lease"] + "==")[20:24]),
        "seq": _array([str(change["seq"]) for change in changes]),
        "position": _array([str(change["position"]) for change in changes]),
        "selected": _array([f'"{_array(map(str, change["selected"]))}"' for change in changes]),
        "flagged": _array(["t" if change["flagged"] else "f" for change in changes]),
        "confidence": None,
        "seen_ms": None,
    }
    with _connection().cursor() as cursor:
        cursor.execute(SAVE, values)
        verdict, deadline, _ended, now, stored = cursor.fetchone()
    good = verdict == "ok" and stored == len(changes)
    body = json.dumps(
        {"saved_seq": values["seq"][-1], "deadline_at": deadline.isoformat(), "server_now": now.isoformat()}
    ).encode()
    start_response(
        "200 OK" if good else "409 Conflict",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
    )
    return [body]
