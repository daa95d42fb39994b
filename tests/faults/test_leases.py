"""Two tabs of one lease, a take-over in the middle, late answers and an extension after them."""

import random
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, lifecycle
from exams.attempts import staff as acts
from tests import factories
from tests.exams.attempts.helpers import replace_sql
from tests.factories import Form
from tests.faults.candidates import Candidate, at_once, begin, choices
from tests.faults.conftest import scalar
from tests.faults.ledger import Ledger, LedgerBroken, check
from tests.faults.links import Inside
from tests.faults.masses import pass_deadline
from tests.faults.stack import Web

SET_ASIDE = """
UPDATE exams_attempt SET score_tries = 5, score_claimed_at = statement_timestamp(),
  quarantined_at = statement_timestamp() WHERE id = %s RETURNING 1
"""


def twin_of(candidate: Candidate) -> Candidate:
    """Return a second tab that was copied with its lease and counts on from the same number."""
    return Candidate(
        candidate.ledger,
        candidate.road,
        candidate.token,
        candidate.attempt_id,
        candidate.lease,
        1,
        candidate.seq,
    )


def answer(candidate: Candidate, form: Form, clicks: int, seed: int) -> list[int]:
    """Answer questions one after the other; return the statuses."""
    dice = random.Random(seed)
    return [candidate.save(candidate.click(*_choice(form, dice))) for _ in range(clicks)]


def _choice(form: Form, dice: random.Random) -> tuple[int, ...]:
    position, selected = choices(form, dice)
    return (position, *selected)


def test_of_two_tabs_with_one_lease_each_number_is_acknowledged_with_one_content(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    first = begin(ledger, site.link, form)
    second = twin_of(first)
    at_once([partial(answer, first, form, 25, 1), partial(answer, second, form, 25, 2)])
    assert {code for _, code in ledger.refusals} == {"seq_reused"}
    first.submit()
    ledger.close(database)
    second.result()
    check(ledger, database)


@pytest.mark.controls
def test_without_the_look_at_replays_a_second_tab_is_promised_what_is_not_stored(
    control: str, form: Form, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(ledger, Inside(), form)
    second = twin_of(first)
    monkeypatch.setattr(answers, "_check_replay", lambda values: None)
    assert first.send(first.click(1, form.keys[1][0])) == 200
    assert second.send(second.click(1, form.others[1][0])) == 200
    with pytest.raises(LedgerBroken, match="was acknowledged as"):
        check(ledger, control, ended=False)


def test_an_old_lease_writes_nothing_after_a_take_over(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    old = begin(ledger, site.link, form)
    answer(old, form, 5, 1)
    new = twin_of(old)
    new.take_over()
    at_once([partial(answer, old, form, 10, 2), partial(answer, new, form, 10, 3)])
    assert {code for _, code in ledger.refusals} == {"lease_taken"}
    reply = old.submit_once()
    assert reply is not None
    assert reply.status == 409
    new.submit()
    ledger.close(database)
    new.result()
    check(ledger, database)


def head() -> User:
    """Make somebody who may extend any attempt."""
    person = factories.make_user()
    person.is_staff = person.is_superuser = True
    person.save()
    return person


def late_and_extended(candidate: Candidate, form: Form, staff: User) -> tuple[int, int]:
    """Send an answer 31 seconds late, get ten more minutes, send it again; return both statuses."""
    answer(candidate, form, 4, 5)
    change = candidate.click(1, form.keys[1][0])
    pass_deadline(candidate.attempt_id, 31)
    late = candidate.send(change)
    if late == 409:
        acts.extend(attempt_id=candidate.attempt_id, minutes=10, actor=staff, reason="power cut")
    return late, candidate.send(change)


def test_a_late_answer_is_on_record_and_counts_after_an_extension(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    candidate = begin(ledger, site.link, form)
    assert late_and_extended(candidate, form, head()) == (409, 200)
    assert [code for _, code in ledger.refusals] == ["late"]
    candidate.submit()
    ledger.close(database)
    candidate.result()
    check(ledger, database)


def test_an_expired_attempt_that_is_extended_takes_answers_again(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    candidate = begin(ledger, site.link, form)
    pass_deadline(candidate.attempt_id, 40)
    assert lifecycle.expire(candidate.attempt_id)
    change = candidate.click(2, form.keys[2][0])
    assert candidate.send(change) == 409
    acts.extend(attempt_id=candidate.attempt_id, minutes=10, actor=head(), reason="fire alarm")
    assert candidate.send(change) == 200
    candidate.submit()
    ledger.close(database)
    candidate.result()
    check(ledger, database)


def test_an_attempt_that_was_set_aside_is_scored_when_it_ends_again_after_an_extension(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    candidate = begin(ledger, site.link, form)
    pass_deadline(candidate.attempt_id, 40)
    assert lifecycle.expire(candidate.attempt_id)
    scalar(SET_ASIDE, str(candidate.attempt_id))
    acts.extend(
        attempt_id=candidate.attempt_id,
        minutes=10,
        actor=head(),
        reason="scoring failed",
    )
    candidate.submit()
    candidate.result()
    check(ledger, database)


@pytest.mark.controls
@pytest.mark.parametrize(
    ("taken_away", "breach"),
    [
        (("SAVE", "interval '30 seconds' THEN", "interval '9 days' THEN"), "G7: .* was accepted"),
        (("REFUSE", "", ""), "G2: .* is not on record"),
    ],
)
def test_without_the_limit_or_the_record_of_late_answers_the_check_fails(
    control: str,
    form: Form,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    taken_away: tuple[str, str, str],
    breach: str,
) -> None:
    name, before, after = taken_away
    if name == "SAVE":
        settings.DATABASE_PREPARES = False
        replace_sql(monkeypatch, answers, name, before, after)
    else:
        monkeypatch.setattr(answers, "_refuse", unrecorded)
    candidate = begin(ledger, Inside(), form)
    late_and_extended(candidate, form, head())
    with pytest.raises(LedgerBroken, match=breach):
        check(ledger, control, ended=False)


def unrecorded(verdict: str, values: Mapping[str, Any], *_: object) -> Refused:
    """Refuse and write nothing down."""
    return Refused(verdict, 409, verdict)


def test_nobody_reaches_the_attempt_of_another_person(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    owner, stranger = begin(ledger, site.link, form), begin(ledger, site.link, form)
    owner.save(owner.click(1, form.keys[1][0]))
    own, own_lease = stranger.attempt_id, stranger.lease
    stranger.attempt_id = owner.attempt_id
    absent = Candidate(ledger, site.link, stranger.token, uuid4(), stranger.lease)
    for act in (Candidate.submit_once, Candidate.result):
        denied, unknown = act(stranger), act(absent)
        assert denied is not None
        assert unknown is not None
        assert (denied.status, denied.body) == (404, unknown.body)
    assert stranger.send(stranger.click(1, form.others[1][0])) == 404
    stranger.attempt_id, stranger.lease = own, own_lease
    for candidate in (owner, stranger):
        candidate.submit()
        candidate.result()
    # What was sent under a foreign attempt is stored nowhere.
    check(ledger, database)
