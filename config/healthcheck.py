"""`python -m config.healthcheck web|beat`: is this container well? Standard library only."""

import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

# Beat writes its schedule at least every three minutes.
BEAT_SECONDS: Final = 400.0
PORT: Final = "8000"
TIMEOUT: Final = 4.0


def web(port: int) -> bool:
    """Say whether the site is ready: asked as the proxy asks, under an allowed name."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        link.request("GET", "/health/ready", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def beat(folder: str) -> bool:
    """Say whether beat has written its schedule lately."""
    newest = max((path.stat().st_mtime for path in Path(folder).glob("beat*")), default=0.0)
    return time.time() - newest < BEAT_SECONDS


def main(arguments: list[str]) -> int:
    """Return 0 when well."""
    port = int(os.environ.get("PORT") or PORT)
    well = beat(tempfile.gettempdir()) if arguments == ["beat"] else web(port)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
