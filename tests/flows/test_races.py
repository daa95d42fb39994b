"""Races on a real server, a connection a thread: what locks and indexes promise (G1, G3)."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, grading, lifecycle
from exams.attempts.lifecycle import Receipt, Started, Taken
from exams.attempts.models import AnswerEvent, Attempt, RefusedAnswer, Score, State
from exams.bank import services as bank
from exams.bank.models import ItemVersion, Option
from exams.catalog.models import Certification
from tests.exams.attempts.helpers import deadline_of, past_deadline, save
from tests.exams.attempts.test_grading import scored_by_older_rules
from tests.factories import Form, item_draft, publish_log, start
from tests.flows import ledger
from tests.flows.crew import Crew, parallel, slow_commit
from tests.flows.save_races import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]


def test_in_200_races_of_save_and_submit_no_acknowledged_answer_is_lost(anna: User, form: Form) -> None:
    luck = random.Random(1)
    with Crew(2) as crew:
        races = [race(crew, anna, form, luck) for _ in range(200)]
    assert not [one for one in races if one.lost]
    # They really met: saves were cut off, and many were acknowledged before.
    assert sum(one.refused for one in races) > 100
    assert sum(len(one.acknowledged) for one in races) > 100

    grading.grade_all([one.attempt_id for one in races])
    scores = {score.attempt_id: score for score in Score.objects.all()}
    for one in races:
        score = scores[one.attempt_id]
        assert (score.raw, score.scaled, score.passed) == ledger.score(form, one.acknowledged)


def test_30_starts_at_once_make_one_attempt_and_all_get_it(anna: User, form: Form) -> None:
    begun = parallel(30, lambda: start(anna, form))
    assert all(isinstance(one, Started) for one in begun), begun
    assert len({one.attempt_id for one in begun}) == Attempt.objects.count() == 1
    assert sum(one.created for one in begun) == sum(one.lease is not None for one in begun) == 1


def test_20_submits_at_once_make_one_transition_and_one_receipt(
    anna: User, form: Form, hints: list[UUID]
) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    receipts = parallel(
        20, lambda: lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    )
    assert all(isinstance(one, Receipt) for one in receipts), receipts
    assert len(set(receipts)) == 1
    assert receipts[0].receipt == ledger.receipt({1: form.keys[1]})
    assert hints == [begun.attempt_id]


def test_20_gradings_at_once_make_one_score(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    outcomes = parallel(20, lambda: grading.grade(begun.attempt_id))
    assert sorted(outcomes) == [False] * 19 + [True]
    assert Score.objects.get().raw == 1
    assert Attempt.objects.get().state == State.SCORED


def test_submit_expiry_and_scoring_at_once_end_in_one_state_with_one_score(anna: User, form: Form) -> None:
    for _ in range(10):
        begun = start(anna, form)
        save(begun.lease, 1, 1, *form.keys[1])
        past_deadline(begun.attempt_id, 60)
        acts = [
            lambda: lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease),  # noqa: B023
            lambda: lifecycle.expire(begun.attempt_id),  # noqa: B023
            lambda: lifecycle.settle(user=anna, attempt_id=begun.attempt_id),  # noqa: B023
            lambda: lifecycle.settle(user=anna, attempt_id=begun.attempt_id),  # noqa: B023
        ]
        with Crew(len(acts)) as crew:
            outcomes = crew.together(acts)
        assert not [one for one in outcomes if isinstance(one, Exception)]
        lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
        attempt = Attempt.objects.get(pk=begun.attempt_id)
        assert (attempt.state, attempt.end_reason) == (State.SCORED, "expired")
        assert attempt.ended_at == attempt.deadline_at
        assert outcomes[0].receipt == attempt.answers_sha256 == ledger.receipt({1: form.keys[1]})
        assert attempt.scores.count() == 1


def test_of_rescorings_at_once_one_is_stored_and_the_others_find_nothing_to_change(
    anna: User, form: Form
) -> None:
    begun = scored_by_older_rules(anna, form)
    outcomes = parallel(
        8, lambda: grading.rescore(attempt_id=begun.attempt_id, actor=anna, reason="newer rules")
    )
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["nothing_would_change"] * 7
    assert list(Score.objects.order_by("revision").values_list("revision", "raw")) == [(1, 0), (2, 1)]


def test_of_take_overs_at_once_only_the_highest_lease_writes(anna: User, form: Form) -> None:
    begun = start(anna, form)
    taken = parallel(
        10, lambda: lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:x")
    )
    assert all(isinstance(one, Taken) for one in taken), taken
    by_number = {one.lease_no: one for one in taken}
    assert sorted(by_number) == list(range(2, 12))
    for number in range(2, 11):
        with pytest.raises(Refused) as refusal:
            save(by_number[number].lease, 1, 1, *form.others[1][:1])
        assert refusal.value.code == "lease_taken"
    save(by_number[11].lease, 1, 1, *form.keys[1])
    (answer,) = answers.current(begun.attempt_id)
    assert (answer.selected, answer.lease_no) == (tuple(form.keys[1]), 11)
    assert RefusedAnswer.objects.count() == 9


def test_a_take_over_sees_every_answer_that_was_acknowledged_before(anna: User, form: Form) -> None:
    begun = start(anna, form)
    luck = random.Random(3)
    with Crew(2) as crew:
        for seq in range(1, 41):
            begun_lease = lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:a")
            option = form.others[1][seq % 3]
            hold, wait = luck.uniform(0, 0.003), luck.uniform(0, 0.002)

            def writer() -> bool:
                try:
                    slow_commit(
                        lambda: save(begun_lease.lease, 1, 1, option),  # noqa: B023
                        lambda: time.sleep(hold),  # noqa: B023
                    )
                except Refused:
                    return False
                return True

            def taker() -> Taken:
                time.sleep(wait)  # noqa: B023
                return lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")

            acknowledged, taken = crew.together([writer, taker])
            seen = {(one.lease_no, one.seq) for one in taken.answers}
            assert ((begun_lease.lease_no, 1) in seen) == acknowledged


@contextmanager
def row_held(attempt_id: UUID, seconds: float) -> Iterator[None]:
    """Hold the attempt's row from another connection through the block, at most for so many seconds."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT FROM exams_attempt WHERE id = %s FOR UPDATE", [str(attempt_id)])
                held.set()
                over.wait(seconds)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(5)
    try:
        yield
    finally:
        over.set()
        holder.join()


def test_a_save_behind_a_lock_answers_503_after_a_few_seconds_and_may_be_sent_again(
    anna: User, form: Form
) -> None:
    begun = start(anna, form)
    change = {"seq": 1, "position": 1, "selected": form.keys[1], "flagged": False}
    body = json.dumps({"lease": begun.lease, "changes": [change]})

    def post() -> tuple[int, str, float]:
        began = time.monotonic()
        reply = Client().post(
            f"/api/v1/attempts/{begun.attempt_id}/answers/", body, content_type="application/json"
        )
        return reply.status_code, reply.json().get("code", ""), time.monotonic() - began

    # The first request of a process loads all views, which is no part of these seconds.
    assert Client().get("/health/live").status_code == 200
    with row_held(begun.attempt_id, 20):
        status, code, seconds = post()
    assert (status, code) == (503, "unavailable")
    assert 2.5 < seconds < 8
    assert not AnswerEvent.objects.exists()
    assert post()[0] == 200
    assert AnswerEvent.objects.count() == 1


def test_a_save_that_waited_across_the_limit_counts_by_the_time_of_sending(anna: User, form: Form) -> None:
    begun = start(anna, form)
    # Sent before the limit, also by a busy machine, and stored after it: a save waits three seconds at most.
    past_deadline(begun.attempt_id, 28.5)
    limit = time.monotonic() + 1.5
    with row_held(begun.attempt_id, 2.1):
        saved = save(begun.lease, 1, 1, *form.keys[1])
    assert time.monotonic() > limit + 0.4
    assert saved.saved_seq == 1
    attempt, event = Attempt.objects.get(), AnswerEvent.objects.get()
    assert event.received_at <= deadline_of(attempt) + answers.GRACE
    # One that is sent now, after the limit, is late.
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 2, 2, *form.keys[2])
    assert refusal.value.code == "late"


def test_a_save_that_waited_for_a_submit_is_refused_as_closed(anna: User, form: Form) -> None:
    begun = start(anna, form)
    held = threading.Event()

    def ender() -> str:
        with transaction.atomic():
            receipt = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease).receipt
            held.set()
            time.sleep(0.3)
        return receipt

    def saver() -> None:
        assert held.wait(5)
        save(begun.lease, 1, 1, *form.keys[1])

    with Crew(2) as crew:
        receipt, outcome = crew.together([ender, saver])
    assert isinstance(outcome, Refused)
    assert outcome.code == "attempt_closed"
    assert receipt == ledger.receipt({})
    assert not AnswerEvent.objects.exists()
    assert RefusedAnswer.objects.get().reason == "attempt_closed"


def test_no_part_slips_into_an_item_version_while_it_is_published(form: Form) -> None:
    luck = random.Random(5)
    slipped = 0
    with Crew(2) as crew:
        for n in range(60):
            slipped += part_slips_in(crew, fresh_version(n), luck)
    assert slipped == 0


def fresh_version(n: int) -> ItemVersion:
    """Draft one more item, not published."""
    certification = Certification.objects.get()
    draft = item_draft(f"RACE-{n}", 1)
    return bank.draft_version(bank.ensure_item(certification, draft), draft, publish_log())


def part_slips_in(crew: Crew, version: ItemVersion, luck: random.Random) -> bool:
    """Publish a version while another thread adds an option; say whether both went through."""
    hold, wait, pause = luck.uniform(0.001, 0.003), luck.uniform(0, 0.004), luck.uniform(0, 0.002)

    def publish() -> None:
        slow_commit(lambda: bank.publish(ItemVersion(pk=version.pk)), lambda: time.sleep(hold))

    def add() -> None:
        time.sleep(wait)
        slow_commit(
            lambda: Option.objects.create(version=version, order=9, is_key=False), lambda: time.sleep(pause)
        )

    published, added = crew.together([publish, add])
    if not isinstance(published, Exception):
        assert ItemVersion.objects.get(pk=version.pk).published_at
    return not isinstance(published, Exception) and not isinstance(added, Exception)
