"""Web processes die while people answer."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.factories import Form
from tests.faults.candidates import Crowd, at_once, begin
from tests.faults.ledger import Ledger, LedgerBroken, check
from tests.faults.stack import Stack, Web


def test_killed_web_workers_lose_no_acknowledged_answer(
    site: Web, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    candidates = [begin(ledger, site.link, form) for _ in range(5)]
    with Crowd(candidates, form) as crowd:
        crowd.wait_for(40)
        for number in range(5):
            site.kill_a_worker(number)
            crowd.wait_for(30, site.supervise)
    at_once(candidate.submit for candidate in candidates)
    ledger.close(database)
    at_once(candidate.result for candidate in candidates)
    figures = check(ledger, database)
    say(figures | {"restarts of the web server": site.restarts})
    assert figures["replies lost"] > 0


@pytest.mark.controls
def test_the_check_notices_a_web_server_that_acknowledges_before_it_stores(
    stack: Stack, form: Form, ledger: Ledger, database: str
) -> None:
    hasty = stack.web("tests.faults.hasty_wsgi:application")
    candidates = [begin(ledger, hasty.link, form) for _ in range(3)]
    with Crowd(candidates, form) as crowd:
        crowd.wait_for(30)
        # One after the other could hit a fresh one: granian ends when that dies, and answers nobody any more.
        for worker in hasty.workers():
            os.kill(worker, signal.SIGKILL)
    time.sleep(0.2)
    stack.end(hasty.child)
    with pytest.raises(LedgerBroken, match="was acknowledged as"):
        check(ledger, database, ended=False)
