"""The web server is taken out of service before it stops."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config import drain

CHILD = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("ready", flush=True)
while True:
    time.sleep(0.01)
    if os.path.exists(os.environ["DRAIN_FILE"]):
        print("draining", flush=True)
        while True: time.sleep(0.01)
"""


def start(*command: str, seconds: str = "0.3") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.drain", *command],
        env={**os.environ, "DRAIN_SECONDS": seconds},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_command_learns_of_the_stop_before_it_gets_the_signal_and_its_code_is_returned() -> None:
    process = start(sys.executable, "-c", CHILD)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "draining\n"
    assert process.wait(10) == 7


def test_who_asks_twice_does_not_wait() -> None:
    process = start(sys.executable, "-c", CHILD, seconds="600")
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "draining\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 7


def test_a_command_that_is_killed_gives_the_code_of_a_shell() -> None:
    process = start(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert process.wait(10) == 137


def test_without_a_command_the_usage_is_shown() -> None:
    done = subprocess.run([sys.executable, "-m", "config.drain"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "python -m config.drain COMMAND" in done.stderr


def test_a_server_that_was_started_otherwise_is_never_draining(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(drain.VARIABLE, raising=False)
    assert not drain.draining()
    mark = tmp_path / "draining"
    monkeypatch.setenv(drain.VARIABLE, str(mark))
    assert not drain.draining()
    mark.touch()
    assert drain.draining()
