"""Redis is stopped, frozen or emptied: nobody who sits an exam notices."""

import time
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

import pytest

from exams.attempts import grading, sweeps
from tests import factories
from tests.factories import PASSWORD, Form
from tests.faults.candidates import begin
from tests.faults.conftest import eventually, scalar
from tests.faults.ledger import Ledger, LedgerBroken, check
from tests.faults.links import Browser, Inside, Reply, Road
from tests.faults.masses import grow_old
from tests.faults.stack import Stack, Web
from tools.devstack.valkey import ValkeyServer

FAULTS: dict[str, Callable[[ValkeyServer], None]] = {
    "stopped": ValkeyServer.kill,
    "frozen": ValkeyServer.freeze,
    "emptied": ValkeyServer.flush,
}
SCORED = "SELECT count(*) FROM exams_score WHERE attempt_id = %s"


def mend(valkey: ValkeyServer) -> None:
    """Bring the server back, whatever was done to it."""
    valkey.thaw()
    if not valkey.child or not valkey.child.running:
        valkey.start()


@pytest.fixture
def valkey(stack: Stack) -> Iterator[ValkeyServer]:
    """A server that may be broken."""
    yield stack.valkey
    mend(stack.valkey)


class Stopwatch:
    """A road on which every request is a page that somebody waits for."""

    def __init__(self, road: Road, ledger: Ledger) -> None:
        self.road = road
        self.ledger = ledger

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and note how long its reply took; one that never comes is a failure too."""
        began, status = time.monotonic(), 599
        try:
            reply = self.road.request(method, path, body, headers)
            status = reply.status
            return reply
        finally:
            self.ledger.waited(f"{method} {path}", status, time.monotonic() - began)


def sit_by_pages(ledger: Ledger, site: Web, email: str, form: Form) -> None:
    """Sign in, start, answer four questions, submit, and read the result, all without JavaScript."""
    browser = Browser(Stopwatch(site.link, ledger))
    assert browser.get("/").status == 200
    assert browser.post("/accounts/login/", login=email, password=PASSWORD).status == 302
    started = browser.post("/mls-c01/exams/1/", language="en")
    assert started.status == 302, started.body
    attempt = started.headers["location"]
    assert browser.get(attempt).status == 200
    for position in (1, 2, 3, 4):
        page = f"{attempt}questions/{position}/"
        saved = browser.post(page, selected=str(form.keys[position][0]), go="next")
        assert saved.status == 302, saved.body
    submitted = browser.post(f"{attempt}submit/")
    assert (submitted.status, submitted.headers["location"]) == (302, f"{attempt}result/")
    # Answers 1, 2 and 4 are right, the third is half of a pair: the score is there at once.
    result = browser.get(f"{attempt}result/")
    assert result.status == 200
    assert b'<p class="score">' in result.body
    attempt_id = UUID(attempt.strip("/").rpartition("/")[2])
    assert scalar("SELECT raw FROM exams_score WHERE attempt_id = %s", str(attempt_id)) == 3
    ledger.adopted.add(attempt_id)


@pytest.mark.parametrize("fault", list(FAULTS))
def test_an_exam_from_sign_in_to_score_needs_no_redis(
    site: Web,
    form: Form,
    ledger: Ledger,
    database: str,
    valkey: ValkeyServer,
    say: Callable[[object], None],
    fault: str,
) -> None:
    person = factories.make_user()
    unread = begin(ledger, Stopwatch(site.link, ledger), form)
    FAULTS[fault](valkey)
    sit_by_pages(ledger, site, person.email, form)
    unread.save(unread.click(1, form.keys[1][0]))
    unread.submit_once()
    if fault == "emptied":
        valkey.flush()
    mend(valkey)
    # Whoever does not look at the result is scored by the sweep, once Redis is back or not.
    grow_old(unread.attempt_id, 6)
    sweeps.sweep()
    ledger.close(database)
    check(ledger, database)
    slowest = max(ledger.pages, key=lambda page: page.seconds)
    say(f"{len(ledger.pages)} pages, slowest: {slowest.name} {slowest.seconds:.2f} s")


@pytest.mark.controls
@pytest.mark.parametrize("fault", ["stopped", "frozen"])
def test_without_the_publisher_that_cannot_fail_a_submit_fails_or_hangs(
    control: str,
    form: Form,
    ledger: Ledger,
    valkey: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    candidate = begin(ledger, Inside(), form)
    FAULTS[fault](valkey)
    monkeypatch.setattr(grading, "score_at_once", lambda one: grading.score_attempt.apply_async((str(one),)))
    candidate.road = Stopwatch(candidate.road, ledger)
    candidate.submit_once()
    with pytest.raises(LedgerBroken, match=r"submit/ (took|answered 500)"):
        check(ledger, control, ended=False)


def test_a_hint_that_redis_lost_leaves_an_attempt_without_score_until_the_sweep(
    unscored: Road, form: Form, ledger: Ledger, database: str, valkey: ValkeyServer
) -> None:
    candidate = begin(ledger, unscored, form)
    candidate.submit()
    # The hint is there, and nobody takes it.
    eventually(lambda: valkey.command("LLEN", "score") != ":0")
    valkey.flush()
    grow_old(candidate.attempt_id, 6)
    with pytest.raises(LedgerBroken, match="has state 2, 0 scores"):
        check(ledger, database)
    sweeps.sweep()
    check(ledger, database)


def test_a_worker_scores_again_after_its_broker_was_away_and_frozen(
    stack: Stack, unscored: Road, form: Form, ledger: Ledger, database: str, valkey: ValkeyServer
) -> None:
    stack.worker()

    def scored_by_the_worker() -> None:
        candidate = begin(ledger, unscored, form)
        candidate.save(candidate.click(1, form.keys[1][0]))
        candidate.submit()
        eventually(lambda: scalar(SCORED, str(candidate.attempt_id)), 30)

    scored_by_the_worker()
    valkey.kill()
    time.sleep(0.5)
    valkey.start()
    valkey.freeze()
    time.sleep(2)
    valkey.thaw()
    scored_by_the_worker()
    check(ledger, database)
