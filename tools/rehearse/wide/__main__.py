"""`python -m tools.rehearse.wide`: see `--help`, or docs/operations.md."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from tools.devstack import paths
from tools.rehearse.engine import RehearsalFailed
from tools.rehearse.table import HEAD, Row
from tools.rehearse.wide import events, hosts
from tools.rehearse.wide.candidates import Crowd, Window
from tools.rehearse.wide.stack import Stack, install_missing, wait_until

CANDIDATES: Final = 300
SUBMIT_IN_EACH: Final = 10
SCORE_SECONDS: Final = 60.0
RECOVERY_SECONDS: Final = 90.0
# Everything lives in one namespace of processes, which the kernel ends with its first process: a shell, since
# that waits for processes without a parent, which PostgreSQL's are.
ALONE: Final = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
SHELL: Final = ("sh", "-c", '"$@"; exit $?', "sh")
INSIDE: Final = "PASSLINE_REHEARSAL_INSIDE"


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def lost(stack: Stack, crowd: Crowd) -> int:
    """Return how many acknowledged changes are not in the database as they were sent."""
    acknowledged = {person.attempt: dict(person.acknowledged) for person in crowd.people}
    query = "SELECT attempt_id::text, seq, position, selected FROM exams_answerevent"
    stored = {(attempt, seq): (position, chosen) for attempt, seq, position, chosen in stack.ask(query)}
    return sum(
        stored.get((attempt, number)) != (position, [option])
        for attempt, changes in acknowledged.items()
        for number, (position, option) in changes.items()
    )


def unscored(stack: Stack, crowd: Crowd) -> int:
    """Return how many who were told to submit have no score after a minute."""
    over = [person.attempt for person in crowd.people if person.is_over]
    query = "SELECT count(DISTINCT attempt_id) FROM exams_score WHERE attempt_id = ANY(%s::uuid[])"
    until = time.monotonic() + SCORE_SECONDS
    while True:
        missing = len(over) - int(stack.ask(query, over)[0][0])
        if not missing or time.monotonic() > until:
            return missing
        time.sleep(0.5)


def rehearse(stack: Stack, crowd: Crowd, event: events.Event) -> tuple[Row, bool]:
    """Let one thing happen while all save and some submit; return its line and whether all is well."""
    crowd.window = Window()
    time.sleep(2)
    for person in crowd.saving()[:SUBMIT_IN_EACH]:
        person.is_over = True
    event.act(stack)
    wait_until(stack.is_whole, "the cluster is not whole again")
    moment = time.monotonic()
    wait_until(lambda: crowd.have_saved_since(moment), "somebody could save no more", RECOVERY_SECONDS)
    wait_until(stack.is_answering, "the primary cannot be asked")
    window, gone, waiting = crowd.window, lost(stack, crowd), unscored(stack, crowd)
    row = Row(event.name, window.gap, window.acknowledged, gone, dict(window.replies))
    is_well = not gone and not waiting and window.gap <= event.seconds
    print(
        f"{row}; {waiting} unscored; allowed {event.seconds:.0f} s{'' if is_well else '  <-- MISSED'}",
        flush=True,
    )
    return row, is_well


def gather(stack: Stack) -> Crowd:
    """Bring the hosts up and let people begin. Raises RehearsalFailed."""
    say("starting the hosts")
    hosts.make_switch()
    stack.start()
    if unknown := stack.unknown_metrics():
        raise RehearsalFailed(f"Patroni serves no {', '.join(sorted(unknown))}")
    count = CANDIDATES + SUBMIT_IN_EACH * len(events.EVENTS)
    say(f"{count} people start an exam")
    command = [sys.executable, "-m", "tools.rehearse.wide.people", str(count)]
    tokens = stack.call(command, stack.environment).split()
    return Crowd(stack.hosts["balancer"].address, stack.site, tokens)


def run(stack: Stack, only: str) -> bool:
    """Do all of it; say whether all was well."""
    crowd = gather(stack)
    asyncio.run(crowd.begin())
    saving = threading.Thread(target=asyncio.run, args=(crowd.save_on(),), daemon=True)
    saving.start()
    print(HEAD, flush=True)
    chosen = [event for event in events.EVENTS if only in event.name]
    results = [rehearse(stack, crowd, event) for event in chosen]
    for person in crowd.people:
        person.is_over = True
    saving.join(SCORE_SECONDS)
    waiting, gone = unscored(stack, crowd), lost(stack, crowd)
    count = sum(len(person.acknowledged) for person in crowd.people)
    print(f"{count} acknowledged, {gone} lost; {len(crowd.people)} submitted, {waiting} unscored")
    return not gone and not waiting and all(is_well for _, is_well in results)


def main() -> int:
    """Return 0 when nothing was lost and no save waited for too long, else 1."""
    top = argparse.ArgumentParser(
        prog="python -m tools.rehearse.wide",
        description=__import__("tools.rehearse.wide").rehearse.wide.__doc__,
    )
    top.add_argument("--only", default="", help="only events whose name has these words")
    top.add_argument("--keep", action="store_true", help="leave the logs of the hosts")
    options = top.parse_args()
    if INSIDE not in os.environ:
        if not paths.is_root():
            print("The rehearsal needs root on Debian.", file=sys.stderr)
            return 1
        install_missing()
        command = [*ALONE, *SHELL, sys.executable, "-m", "tools.rehearse.wide", *sys.argv[1:]]
        os.execvpe(command[0], command, {**os.environ, INSIDE: "1"})
    # Whatever ends the rehearsal, it cleans up.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    stack = Stack(Path(tempfile.mkdtemp(prefix="passline-wide-", dir="/var/tmp")))
    try:
        return 0 if run(stack, options.only) else 1
    except RehearsalFailed as error:
        print(f"\nFAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        say("cleaning up")
        stack.stop(keep=options.keep)


if __name__ == "__main__":
    sys.exit(main())
