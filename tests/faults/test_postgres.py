"""PostgreSQL crashes while answers are saved."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Self

import psycopg2
import pytest

from tests import factories
from tests.factories import PASSWORD, Form
from tests.faults.candidates import Candidate, Crowd, at_once, begin
from tests.faults.ledger import Change, Ledger, LedgerBroken, check
from tests.faults.links import Browser, Inside
from tests.faults.stack import CONTROL, Stack, Web

PAGES = ("/", "/accounts/login/", "/attempts/", "/mls-c01/", "/api/v1/certifications/", "/health/ready")

END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'passline'"
CANCEL_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def crash(stack: Stack, *, by: str) -> None:
    """End the server as a fault does: by a kill of all its processes, or by SIGQUIT."""
    if by == "kill":
        stack.postgres.kill()
    else:
        assert stack.postgres.child
        stack.postgres.child.signal(signal.SIGQUIT)
        stack.postgres.child.wait(10)


class Reading:
    """Somebody who opens one page after the other, signed in and not, whatever they answer."""

    def __init__(self, ledger: Ledger, browser: Browser, paths: list[str]) -> None:
        self.ledger = ledger
        self.browser = browser
        self.paths = paths
        self.read: Counter[int] = Counter()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._go_on)

    def _go_on(self) -> None:
        while not self.stopping.is_set():
            for path in self.paths:
                reply = self.browser.get(path)
                self.read[reply.status] += 1
                self.ledger.replied(reply.status, retry_after="retry-after" in reply.headers)
            self.stopping.wait(0.02)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()


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
    reader = Browser(site.link)
    person = factories.make_user()
    assert reader.post("/accounts/login/", login=person.email, password=PASSWORD).status == 302
    started = reader.post("/mls-c01/exams/1/", language="en").headers["location"]
    pages = [*PAGES, started, f"{started}questions/1/"]
    with Crowd(candidates, form) as crowd, Reading(ledger, reader, pages) as reading:
        for by in ("kill", "quit", "kill"):
            crowd.wait_for(60)
            crash(stack, by=by)
            time.sleep(0.3)
            stack.postgres.start()
        crowd.wait_for(60)
    at_once(candidate.submit for candidate in candidates)
    ledger.close(database)
    at_once(candidate.result for candidate in candidates)
    figures = check(ledger, database)
    say(figures | {"pages read": reading.read})
    assert figures["503"] > 0


def test_connections_that_end_in_the_middle_of_requests_lose_nothing_and_show_no_error_page(
    stack: Stack, site: Web, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    candidates = [begin(ledger, site.link, form) for _ in range(4)]
    readers = [Reading(ledger, Browser(site.link), list(PAGES)) for _ in range(2)]
    with ExitStack() as running:
        for reading in readers:
            running.enter_context(reading)
        crowd = running.enter_context(Crowd(candidates, form, pause=0.005))
        until = time.monotonic() + 4
        while time.monotonic() < until:
            stack.sql(END_CONNECTIONS, "postgres")
            time.sleep(0.03)
        crowd.wait_for(30)
    at_once(candidate.submit for candidate in candidates)
    ledger.close(database)
    at_once(candidate.result for candidate in candidates)
    say(check(ledger, database) | dict(sum((reading.read for reading in readers), Counter())))


@pytest.mark.controls
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
    assert waited < 8
    assert blocked.save(change) == 200
    check(ledger, database, ended=False)


def wait_for_no_standby(stack: Stack) -> None:
    """Let commits go on without a standby."""
    stack.sql("ALTER SYSTEM RESET synchronous_standby_names", "postgres")
    stack.sql("SELECT pg_reload_conf()", "postgres")


@pytest.fixture
def _commits_wait_for_nobody(stack: Stack) -> Iterator[None]:
    """Whatever a test did, later commits wait for no standby."""
    yield
    wait_for_no_standby(stack)


@pytest.mark.usefixtures("_commits_wait_for_nobody")
def test_what_no_standby_has_confirmed_is_not_acknowledged_when_the_wait_is_canceled(
    stack: Stack, site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    saving, submitting = begin(ledger, site.link, form), begin(ledger, site.link, form)
    change = saving.click(1, form.keys[1][0])
    stack.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "postgres")
    stack.sql("SELECT pg_reload_conf()", "postgres")
    statuses: list[int] = []

    def submit() -> None:
        reply = submitting.submit_once()
        statuses.append(reply.status if reply else 0)

    acts = [lambda: statuses.append(saving.send(change)), submit]
    asking = threading.Thread(target=at_once, args=(acts,))
    asking.start()
    while asking.is_alive():
        stack.sql(CANCEL_WAITS, "postgres")
        asking.join(0.1)
    assert statuses == [503, 503]
    wait_for_no_standby(stack)
    assert saving.save(change) == 200
    assert submitting.submit()
    # What follows a commit was left out with its acknowledgment; the result page scores, too.
    submitting.result()
    check(ledger, database, ended=False)
