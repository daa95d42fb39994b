"""`python -m tools.rehearse`: see `--help`, or docs/operations.md."""

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tools.rehearse import events
from tools.rehearse.candidate import Browser, Candidate, Saves
from tools.rehearse.engine import Engine, RehearsalFailed
from tools.rehearse.table import HEAD, Row

CANDIDATES: Final = 2
SCORE_SECONDS: Final = 60
CERTIFICATE_SECONDS: Final = 60


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def lost(engine: Engine, candidate: Candidate) -> int:
    """Return how many acknowledged changes are not in the database as they were sent."""
    query = f"SELECT seq, position, selected FROM exams_answerevent WHERE attempt_id = '{candidate.attempt}'"
    stored = {int(seq): (int(position), selected) for seq, position, selected in engine.sql(query)}
    return sum(
        stored.get(seq) != (position, f"{{{option}}}")
        for seq, (position, option) in candidate.acknowledged.items()
    )


def rehearse(engine: Engine, candidates: list[Candidate], event: events.Event) -> Row:
    """Let one thing happen while all candidates save."""
    before = sum(len(candidate.acknowledged) for candidate in candidates)
    saves = [Saves(candidate) for candidate in candidates]
    for thread in saves:
        thread.start()
    time.sleep(1)
    try:
        event.act(engine)
    finally:
        for thread in saves:
            thread.end()
    replies: dict[int, int] = {}
    for thread in saves:
        for status, count in thread.replies.items():
            replies[status] = replies.get(status, 0) + count
    events.wait_until_well(engine)
    after = sum(len(candidate.acknowledged) for candidate in candidates)
    gone = sum(lost(engine, candidate) for candidate in candidates)
    return Row(event.name, max(thread.gap for thread in saves), after - before, gone, replies)


def bring_back(engine: Engine, candidates: list[Candidate]) -> Row:
    """Back up, copy it away, throw all containers and data away, and restore as on a new machine."""
    words = ["run", "--rm", "--no-deps", "backup", "python3", "manage.py"]
    made = engine.compose(*words, "backup", "/backups").stdout.split()[-1]
    away = engine.folder / "backups"
    away.mkdir()
    engine.compose("cp", "backup:/backups/.", str(away))
    engine.compose("down", "--volumes")
    engine.compose("up", "-d", "--wait", "postgres")
    archive = engine.folder / "backup.tar"
    engine.call("tar", "-cf", str(archive), "-C", str(away), Path(made).name)
    engine.compose("run", "--rm", "--no-deps", "-T", "backup", "tar", "-x", "-C", "/backups", stdin=archive)
    engine.compose(*words, "restore", made)
    engine.compose("up", "-d")
    events.wait_until_well(engine)
    refused = engine.compose(*words, "restore", made, check=False).returncode
    if refused != 3:
        raise RehearsalFailed(f"a restore over a full database ended with {refused}, not 3")
    gone = sum(lost(engine, candidate) for candidate in candidates)
    return Row("restored into an empty stack", 0.0, 0, gone, {})


def wait_for_certificate(browser: Browser) -> None:
    """Wait until the proxy answers by TLS: it runs before it has made its certificate. Raises OSError."""
    until = time.monotonic() + CERTIFICATE_SECONDS
    while True:
        try:
            browser.ask("GET", "/health/live")
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(1)
        else:
            return


def prepare(engine: Engine, options: argparse.Namespace) -> list[Candidate]:
    """Bring the stack up and let candidates begin. Raises RehearsalFailed."""
    say("starting dockerd")
    engine.start()
    say("making the stand-in base images")
    engine.stand_ins(options.base)
    engine.configure(release="first")
    say("building Passline's images")
    engine.compose("build", "migrate", "backup")
    say("docker compose up")
    engine.compose("up", "-d")
    events.wait_until_well(engine)
    say("signing up")
    candidates = [Candidate(Browser(engine.ports["https"])) for _ in range(CANDIDATES)]
    wait_for_certificate(candidates[0].browser)
    for candidate in candidates:
        candidate.sign_up(engine.ports["mail"])
        candidate.begin()
    return candidates


def run(engine: Engine, options: argparse.Namespace) -> list[Row]:
    """Do all of it; return the rows of the table."""
    candidates = prepare(engine, options)
    print(HEAD, flush=True)
    rows = []
    for event in events.EVENTS:
        if options.only and options.only not in event.name:
            continue
        rows.append(rehearse(engine, candidates, event))
        print(rows[-1], flush=True)
    first, *others = candidates
    say(f"submitted; the score came after {first.finish(SCORE_SECONDS):.1f} s")
    rows.append(bring_back(engine, candidates))
    print(rows[-1], flush=True)
    for candidate in others:
        say(f"submitted after the restore; the score came after {candidate.finish(SCORE_SECONDS):.1f} s")
    return rows


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="python -m tools.rehearse",
        description=__import__("tools.rehearse").rehearse.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument(
        "--base", type=Path, help="archive of the Debian base system; made there when it is missing"
    )
    top.add_argument("--only", help="only events whose name has these words")
    top.add_argument("--keep", action="store_true", help="leave the stack running until Enter is pressed")
    top.add_argument("--json", type=Path, help="write the rows there too")
    return top


def main() -> int:
    """Return 0 when every acknowledged answer is there, 1 when one is lost or the rehearsal could not end."""
    options = parser().parse_args()
    # Whatever ends the rehearsal, it cleans up.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    engine = Engine(Path(tempfile.mkdtemp(prefix="passline-rehearsal-", dir="/var/tmp")))
    rows: list[Row] = []
    try:
        rows = run(engine, options)
    except RehearsalFailed as error:
        print(f"\nFAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if options.keep:
            input(f"DOCKER_HOST={engine.environment['DOCKER_HOST']}; Enter ends it ")
        say("cleaning up")
        engine.stop()
    if options.json:
        options.json.write_text(json.dumps([vars(row) for row in rows], indent=2), encoding="utf-8")
    gone = sum(row.lost for row in rows)
    print(f"{sum(row.acknowledged for row in rows)} acknowledged, {gone} lost")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
