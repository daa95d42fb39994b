"""How much memory a piece of work takes in a process that does nothing else.

One process imports what the work needs and then has a child of itself do each piece: a child begins with the
memory that its parent has, as a process does that has just imported the same. Pages of files are the one
thing that it does not begin with, so those of its parent are added.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

SECONDS: Final = 300
SERVE: Final = r"""
import json, os, re, signal, sys, traceback

def taken(name):
    return int(re.search(name + r":\s+(\d+)", open("/proc/self/status").read())[1])

def measured(work, arguments):
    signal.alarm(%(seconds)d)
    result = work(*arguments)
    # Not getrusage: its maximum is that of the parent, where this one was born.
    return [result, taken("VmHWM") + files]

%(prepare)s

files = taken("RssFile")

for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            print(json.dumps(measured(work, json.loads(line))), flush=True)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("null", flush=True)
"""


class Measure(Protocol):
    """Does the work with these arguments; returns what it returned and the most memory, in kB."""

    def __call__(self, *arguments: str | int) -> tuple[Any, int]: ...


@contextmanager
def measuring(prepare: str, env: Mapping[str, str] = os.environ) -> Iterator[Measure]:
    """Start the process. `prepare` is Python that imports what is needed and defines `work`."""
    source = SERVE % {"seconds": SECONDS, "prepare": prepare}
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**env, "PYTHONPATH": "."},
    ) as server:

        def measure(*arguments: str | int) -> tuple[Any, int]:
            assert server.stdin
            assert server.stdout
            server.stdin.write(json.dumps(arguments) + "\n")
            server.stdin.flush()
            reply = json.loads(server.stdout.readline() or "null")
            assert reply, "the work has failed; what it wrote tells why"
            return reply[0], reply[1]

        yield measure
