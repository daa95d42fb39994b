"""PostgreSQL crashes while answers are saved."""

import signal
import time
from collections.abc import Callable, Iterator
from functools import partial

import psycopg2
import pytest

from tests.factories import Form
from tests.faults.candidates import Candidate, Crowd, at_once, begin
from tests.faults.ledger import Change, Ledger, LedgerBroken, check
from tests.faults.links import Inside
from tests.faults.stack import CONTROL, Stack, Web


def crash(stack: Stack, *, by: str) -> None:
    """End the server as a fault does: by a kill of all its processes, or by SIGQUIT."""
    if by == "kill":
        stack.postgres.kill()
    else:
        assert stack.postgres.child
        stack.postgres.child.signal(signal.SIGQUIT)
        stack.postgres.child.wait(10)


@pytest.fixture
def _server_runs(stack: Stack) -> Iterator[None]:
    """Whatever a test did, the next one finds a server."""
    yield
    if not stack.postgres.child or not stack.postgres.child.running:
        stack.postgres.start()


@pytest.mark.usefixtures("_server_runs")
def test_a_crashed_database_loses_no_acknowledged_answer(
    stack: Stack, site: Web, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    candidates = [begin(ledger, site.link, form) for _ in range(6)]
    pages = 0
    with Crowd(candidates, form) as crowd:
        for by in ("kill", "quit", "kill"):
            crowd.wait_for(60)
            crash(stack, by=by)
            time.sleep(0.3)
            for path in ("/", "/accounts/login/", "/api/v1/certifications/", "/health/ready"):
                reply = site.link.request("GET", path)
                ledger.replied(reply.status, retry_after="retry-after" in reply.headers)
                pages += 1
            stack.postgres.start()
        crowd.wait_for(60)
    at_once(candidate.submit for candidate in candidates)
    ledger.close(database)
    at_once(candidate.result for candidate in candidates)
    figures = check(ledger, database)
    say(figures | {"pages": pages})
    assert figures["503"] > 0


@pytest.mark.usefixtures("_server_runs")
def test_the_check_notices_a_database_that_acknowledges_before_it_writes(
    stack: Stack, control: str, form: Form, ledger: Ledger
) -> None:
    stack.sql(f"ALTER DATABASE {CONTROL} SET synchronous_commit = off", "postgres")
    stack.sql("ALTER SYSTEM SET wal_writer_delay = '10s'", "postgres")
    stack.sql("SELECT pg_reload_conf()", "postgres")
    candidate = begin(ledger, Inside(), form)
    time.sleep(0.2)
    stack.sql("CHECKPOINT", "postgres")
    for position in sorted(form.keys):
        assert candidate.save(candidate.click(position, form.keys[position][0])) == 200
    stack.postgres.kill()
    stack.postgres.start()
    try:
        with pytest.raises(LedgerBroken, match="was acknowledged as"):
            check(ledger, control, ended=False)
    finally:
        stack.sql(f"ALTER DATABASE {CONTROL} RESET synchronous_commit", "postgres")
        stack.sql("ALTER SYSTEM RESET wal_writer_delay", "postgres")
        stack.sql("SELECT pg_reload_conf()", "postgres")


def test_a_save_that_waits_for_a_lock_gives_up_with_503_and_others_go_on(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    blocked, free = begin(ledger, site.link, form), begin(ledger, site.link, form)
    change: Change = blocked.click(1, form.keys[1][0])
    link = psycopg2.connect(database)
    with link, link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM exams_attempt WHERE id = %s FOR UPDATE", [str(blocked.attempt_id)])
        began = time.monotonic()
        statuses: list[int] = []

        def ask(candidate: Candidate, *changes: Change) -> None:
            statuses.extend(candidate.send(change) for change in changes)

        others = [free.click(1, form.keys[1][0]) for _ in range(5)]
        at_once([partial(ask, blocked, change), partial(ask, free, *others)])
        waited = time.monotonic() - began
    link.close()
    assert sorted(statuses) == [200] * 5 + [503]
    assert waited < 4.5
    assert blocked.save(change) == 200
    check(ledger, database, ended=False)
