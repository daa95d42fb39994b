"""Redis is stopped, frozen or emptied: nobody who sits an exam notices."""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

import pytest

from config.devstack.valkey import ValkeyServer
from exams.attempts import lifecycle, sweeps, tasks
from tests import factories
from tests.factories import PASSWORD, Form
from tests.faults.candidates import begin
from tests.faults.conftest import eventually, scalar
from tests.faults.ledger import Ledger, LedgerBroken, check
from tests.faults.links import Browser, Inside, Reply
from tests.faults.masses import grow_old
from tests.faults.stack import Stack, Web

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


def timed(ledger: Ledger, name: str, act: Callable[[], Reply | None]) -> Reply:
    """Do something that a person waits for, and note how long it took."""
    began = time.monotonic()
    reply = act()
    assert reply is not None, f"{name}: no reply"
    ledger.waited(name, reply.status, time.monotonic() - began)
    return reply


def sit_by_pages(ledger: Ledger, site: Web, email: str, form: Form) -> UUID:
    """Log in, start, answer three questions, submit, and read the result, all without JavaScript."""
    browser = Browser(site.link)
    ask = partial(timed, ledger)
    ask("log-in page", lambda: browser.get("/accounts/login/"))
    said = ask("log-in", lambda: browser.post("/accounts/login/", login=email, password=PASSWORD))
    assert said.status == 302, said.body
    place = "/mls-c01/exams/1/"
    said = ask("start", lambda: browser.post(place, language="en"))
    attempt = said.headers["location"]
    for position in (1, 2, 3):
        page = f"{attempt}questions/{position}/"
        chosen = str(form.keys[position][0])
        saved = ask("question", partial(browser.post, page, selected=chosen, go="next"))
        assert saved.status == 302, saved.body
    said = ask("submit", lambda: browser.post(f"{attempt}submit/"))
    assert (said.status, said.headers["location"]) == (302, f"{attempt}result/")
    result = ask("result", lambda: browser.get(f"{attempt}result/"))
    assert result.status == 200
    assert re.search(rb"\b(1|2|3) of 7\b|of 7", result.body)
    found = re.search(r"[0-9a-f-]{36}", attempt)
    assert found
    attempt_id = UUID(found.group())
    ledger.adopted.add(attempt_id)
    return attempt_id


@pytest.mark.parametrize("fault", list(FAULTS))
def test_an_exam_from_log_in_to_score_needs_no_redis(
    site: Web,
    form: Form,
    ledger: Ledger,
    database: str,
    valkey: ValkeyServer,
    say: Callable[[object], None],
    fault: str,
) -> None:
    person = factories.make_user()
    unread = begin(ledger, site.link, form)
    FAULTS[fault](valkey)
    sit_by_pages(ledger, site, person.email, form)
    unread.save(unread.click(1, form.keys[1][0]))
    timed(ledger, "submit by API", unread.submit_once)
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
    monkeypatch.setattr(
        lifecycle.tasks, "enqueue_score", lambda one: tasks.score_attempt.apply_async((str(one),))
    )
    timed(ledger, "submit", candidate.submit_once)
    with pytest.raises(LedgerBroken, match="submit (took|answered 500)"):
        check(ledger, control, ended=False)


def test_a_hint_that_redis_lost_leaves_an_attempt_without_score_until_the_sweep(
    site: Web, form: Form, ledger: Ledger, database: str, valkey: ValkeyServer
) -> None:
    candidate = begin(ledger, site.link, form)
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
    stack: Stack, site: Web, form: Form, ledger: Ledger, database: str, valkey: ValkeyServer
) -> None:
    stack.worker()

    def scored_by_the_worker() -> None:
        candidate = begin(ledger, site.link, form)
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
