"""A network that loses replies, breaks connections, sends requests twice and in another order."""

import random
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from exams.attempts import answers
from tests.exams.attempts.helpers import replace_sql
from tests.factories import Form
from tests.faults.candidates import Candidate, at_once, begin, choices
from tests.faults.conftest import scalar
from tests.faults.ledger import Ledger, LedgerBroken, check
from tests.faults.links import Inside, Link
from tests.faults.proxy import Proxy
from tests.faults.stack import Web

CHAOS = {"pass": 5, "delay": 2, "drop": 3, "reset": 2, "duplicate": 3, "reorder": 3}
CLICKS = 50


def answer_in_haste(candidate: Candidate, form: Form, number: int) -> None:
    """Send up to three clicks at a time, so that they can overtake each other."""
    dice = random.Random(number)
    for _ in range(CLICKS // 3):
        changes = []
        for _ in range(3):
            position, selected = choices(form, dice)
            changes.append(candidate.click(position, *selected))
        at_once(partial(candidate.save, change) for change in changes)


def test_lost_doubled_and_reordered_requests_lose_nothing(
    site: Web, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    with Proxy(site.port) as proxy:
        candidates = [begin(ledger, Link(proxy.port), form) for _ in range(4)]
        proxy.weights = CHAOS
        at_once(
            partial(answer_in_haste, candidate, form, number) for number, candidate in enumerate(candidates)
        )
        at_once(candidate.submit for candidate in candidates)
        ledger.close(database)
        at_once(candidate.result for candidate in candidates)
    say(check(ledger, database) | dict(proxy.done))
    assert all(proxy.done[mode] for mode in CHAOS)
    assert ledger.lost > 0


def test_a_whole_recording_sent_again_after_the_end_changes_nothing(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    candidate = begin(ledger, site.link, form)
    for position in sorted(form.keys):
        candidate.save(candidate.click(position, *form.keys[position]))
    receipt = candidate.submit()
    candidate.result()
    ledger.close(database)
    again = [candidate.send(change) for change in list(ledger.sends)]
    assert set(again) == {409}
    assert receipt
    assert candidate.submit_once() is not None
    check(ledger, database)


@pytest.mark.controls
def test_without_the_key_of_the_log_a_doubled_request_is_stored_twice(
    control: str, form: Form, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = begin(ledger, Inside(), form)
    change = candidate.click(1, form.keys[1][0])
    assert [candidate.send(change), candidate.send(change)] == [200, 200]
    check(ledger, control, ended=False)
    scalar("ALTER TABLE exams_answerevent DROP CONSTRAINT exams_answerevent_pkey; SELECT 1")
    replace_sql(monkeypatch, answers, "SAVE", "ON CONFLICT (attempt_id, lease_no, seq) DO NOTHING", "")
    connection.close()  # what was prepared is gone with it
    assert candidate.send(change) == 200
    with pytest.raises(LedgerBroken, match="is stored 2 times"):
        check(ledger, control, ended=False)


@pytest.mark.controls
def test_without_the_order_of_numbers_an_overtaken_answer_counts(
    control: str, form: Form, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = begin(ledger, Inside(), form)
    first, second = candidate.click(1, form.others[1][0]), candidate.click(1, form.keys[1][0])
    assert [candidate.send(second), candidate.send(first)] == [200, 200]
    assert answers.NEWEST_FIRST == "lease_no DESC, seq DESC"
    monkeypatch.setattr(answers, "NEWEST_FIRST", "received_at DESC")
    candidate.submit()
    candidate.result()
    with pytest.raises(LedgerBroken, match=r"the receipt of .* is not that of its answers"):
        check(ledger, control)
