"""`python -m config.drain COMMAND ...`: run the web server and take it out of service before it stops.

At SIGTERM readiness says 503 first, while requests are still served; the command gets the signal
DRAIN_SECONDS later (default 3), so that a load balancer which asks `/health/ready` has stopped sending.
Then the command ends as it does by itself: granian lets requests finish. Returns the command's exit code.
Standard library only.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

# Names the file whose existence means "stopping"; health.py looks at it.
VARIABLE: Final = "DRAIN_FILE"
SECONDS: Final = "DRAIN_SECONDS"
DEFAULT_SECONDS: Final = "3"
ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def draining() -> bool:
    """Say whether this server was asked to stop. False for a server that was started without this module."""
    path = os.environ.get(VARIABLE)
    return bool(path) and Path(str(path)).exists()


def run(command: Sequence[str], mark: Path, seconds: float) -> int:
    """Run the command; at the first SIGTERM or SIGINT make the mark, wait, hand the signal on."""
    process = subprocess.Popen(command, env={**os.environ, VARIABLE: str(mark)})

    def on_signal(number: int, frame: FrameType | None) -> None:
        again = mark.exists()
        mark.touch()
        # Whoever asks twice does not want to wait. A timer, because a handler must not sleep.
        later = threading.Timer(0 if again else seconds, process.send_signal, [number])
        # A daemon, or its wait would outlive a command that has already ended.
        later.daemon = True
        later.start()

    for number in ENDING:
        signal.signal(number, on_signal)
    code = process.wait()
    # As a shell says it: 128 plus the number of the signal that ended the command.
    return code if code >= 0 else 128 - code


def main(arguments: Sequence[str]) -> int:
    """Return the command's exit code; 2 when there is no command."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    seconds = float(os.environ.get(SECONDS) or DEFAULT_SECONDS)
    with tempfile.TemporaryDirectory(prefix="drain-") as folder:
        return run(arguments, Path(folder) / "draining", seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
