"""The command line: run, test, exec, bench, reset."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.devstack import gate, launch, paths
from tools.devstack.paths import ServiceError
from tools.devstack.processes import end_with_parent
from tools.devstack.services import Lock, state_folder

BENCH: Final = "tests.bench"
FAILED: Final = 1
INTERRUPTED: Final = 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m tools.devstack")
    top.add_argument("--with-parent", action="store_true", help="end when the calling process ends")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start the whole site")
    test = commands.add_parser("test", help="run the checks before a change")
    levels = test.add_mutually_exclusive_group()
    levels.add_argument(
        "--fast",
        dest="level",
        action="store_const",
        const=gate.Level.FAST,
        default=gate.Level.TEST,
        help="without browser and fault tests",
    )
    levels.add_argument(
        "--all",
        dest="level",
        action="store_const",
        const=gate.Level.ALL,
        help="with protections taken away, the image and every look of a page",
    )
    test.add_argument("--only", action="append", default=[], help="one step, may be repeated")
    other = commands.add_parser("exec", help="run a command with its own servers")
    other.add_argument("--durable", action="store_true", help="with all safety settings of the database on")
    other.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND ...")
    bench = commands.add_parser("bench", help="measure performance")
    bench.add_argument(
        "parts",
        nargs="*",
        help="what to measure: all, parts of it, or one of large, neighbors, herd and growth",
    )
    commands.add_parser("reset", help="delete what `make run` keeps")
    return top


def reset() -> int:
    """Delete what `make run` keeps, after asking. Raises ServiceError while it is in use."""
    state = state_folder(".run")
    if os.environ.get("DATABASE_URL"):
        raise ServiceError("The data is in the server that DATABASE_URL names: delete it there.")
    if not state.exists():
        print(f"Nothing to delete in {state}.")
        return 0
    lock = Lock(state / "lock")
    lock.take()
    try:
        if os.environ.get("YES") != "1":
            question = f"Delete the database, accounts and attempts in {state}? [y/N] "
            if not sys.stdin.isatty() or input(question).strip().lower() not in {"y", "yes"}:
                print("Nothing was changed. (YES=1 answers yes.)")
                return FAILED
        remove_state(state)
    finally:
        lock.release()
    print("Deleted. The next `make run` starts from scratch.")
    return 0


def remove_state(state: Path) -> None:
    """Remove what the launcher made in a state folder, and nothing else."""
    for name in ("postgres", "valkey", "collected", "metrics", "mail"):
        paths.remove_data(state / name)
    for pattern in (launch.STAMPS, launch.SECRET_KEY, "demo.json", "beat*", "processes.json"):
        for path in state.glob(pattern):
            path.unlink()


def run(options: argparse.Namespace) -> int:
    """Do what the command line asks."""
    if options.command == "run":
        launch.listen_to_signals()
        return launch.serve(launch.read_options(os.environ))
    if options.command == "test":
        return gate.run_gate(gate.chosen(options.only, options.level), options.level)
    if options.command == "bench":
        words = [sys.executable, "-m", BENCH, *options.parts]
        return gate.run_with_services(words, durable=True, as_owner=True)
    if options.command == "exec":
        words = options.words[1:] if options.words[:1] == ["--"] else options.words
        # Tests of a fresh clone read Hungarian, too.
        subprocess.run([sys.executable, "-m", "tools.messages", "compile"], cwd=paths.PROJECT, check=True)
        return gate.run_with_services(words, durable=options.durable)
    return reset()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; a person gets a sentence instead of a traceback."""
    options = parser().parse_args(arguments)
    parent = os.getppid()
    if options.with_parent:
        end_with_parent(parent, signal.SIGTERM)
    try:
        return run(options)
    except (ServiceError, ValueError) as error:
        print(f"\n{error}", file=sys.stderr)
        return FAILED
    except (KeyboardInterrupt, launch.Stopped):
        return INTERRUPTED
