"""The sweep: thousands at once, several at once, none at all, and an attempt that kills its scorer."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import Max

from exams.attempts import answers, grading, sweeps
from exams.attempts.answers import BATCH
from exams.attempts.models import Attempt, Score
from tests.factories import Form
from tests.faults.candidates import at_once, begin
from tests.faults.conftest import eventually, scalar
from tests.faults.ledger import Change, Ledger, LedgerBroken, check
from tests.faults.links import Inside
from tests.faults.masses import overdue, pass_deadline
from tests.faults.stack import Stack, Web

MANY = 4_000
SAMPLE = 50
SWEEPERS = 4
LIMIT_SECONDS = 120.0
SLOW_CELERY = "tests.faults.slow_celery"


def test_four_sweepers_score_four_thousand_expired_attempts_once(
    stack: Stack, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    made = overdue(ledger, form, MANY, events=12, name="herd")
    with pytest.raises(LedgerBroken, match="still runs"):
        check(Ledger(adopted=set(made[:SAMPLE])), database)
    began = time.monotonic()
    sweepers = [stack.sweeper(name=f"sweep-{number}") for number in range(SWEEPERS)]
    assert all(child.wait(LIMIT_SECONDS) for child in sweepers)
    seconds = time.monotonic() - began
    assert [child.code for child in sweepers] == [0] * SWEEPERS
    check(ledger, database)
    tries = Attempt.objects.filter(pk__in=made).aggregate(most=Max("score_tries"))["most"]
    lines = [stack.log(child.name).strip() for child in sweepers]
    say(f"{MANY} in {seconds:.1f} s (goal 8), most tries {tries}\n   " + "\n   ".join(lines))
    assert seconds < LIMIT_SECONDS
    # Sweeps share the work: none of them burns the tries of what another one scores.
    assert tries == 1


@pytest.mark.controls
def test_without_key_and_lock_two_sweeps_score_an_attempt_twice(
    control: str, form: Form, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = overdue(ledger, form, 3, events=8, name="twice")
    while sweeps._end_batch(sweeps._take(sweeps.OVERDUE)):
        pass
    scalar("ALTER TABLE exams_score DROP CONSTRAINT score_revision_once; SELECT 1")

    def unguarded(attempt_ids: Sequence[UUID], *, wait: bool = False) -> int:
        for attempt in Attempt.objects.filter(pk__in=attempt_ids):
            grading._row(attempt, {}).save(force_insert=True)
        Attempt.objects.filter(pk__in=attempt_ids, state=3).update(state=4)
        return len(attempt_ids)

    monkeypatch.setattr(grading, "grade_all", unguarded)
    at_once([lambda: grading.grade_all(made), lambda: grading.grade_all(made)])
    assert Score.objects.filter(attempt__in=made).count() == 2 * len(made)
    with pytest.raises(LedgerBroken, match=r"has 2 scores of revisions \[1, 1\]"):
        check(ledger, control)


def test_an_attempt_that_kills_its_scorer_is_set_aside_after_five_tries(
    stack: Stack, form: Form, ledger: Ledger, database: str
) -> None:
    made = overdue(ledger, form, 12, events=8, name="poison")
    poison = made[5]
    child = stack.sweeper("7", name="poisoned", module="tests.faults.slow_sweep", FAULTS_POISON=str(poison))
    assert child.wait(60)
    log = stack.log("poisoned")
    assert log.count("ended with 9") == grading.MAX_TRIES, log
    row = Attempt.objects.get(pk=poison)
    assert (row.score_tries, bool(row.quarantined_at), len(row.answers_sha256)) == (5, True, 64)
    check(ledger, database, quarantined=[poison])


@pytest.mark.controls
def test_when_tries_are_not_counted_one_attempt_keeps_all_others_from_their_scores(
    stack: Stack, form: Form, ledger: Ledger, database: str
) -> None:
    made = overdue(ledger, form, 4, events=8, name="uncounted")
    more = {"FAULTS_POISON": str(made[2]), "FAULTS_UNCOUNTED": "1"}
    child = stack.sweeper("7", name="uncounted", module="tests.faults.slow_sweep", **more)
    assert child.wait(60)
    assert stack.log("uncounted").count("ended with 9") == 7
    with pytest.raises(LedgerBroken, match="has state 3, 0 scores"):
        check(ledger, database, quarantined=[made[2]])
    # What comes after this test is not to find the rest.
    sweeps.sweep()


def test_three_clocks_at_once_end_in_the_same_state(
    stack: Stack, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    overdue(ledger, form, 300, events=8, name="clocks")
    hurried = {"application": SLOW_CELERY, "FAULTS_BEAT_SECONDS": "1"}
    stack.worker(application=SLOW_CELERY, name="clock-worker", options="-c 2")
    beats = [stack.beat(number, **hurried) for number in (1, 2, 3)]
    eventually(lambda: scalar(WAITING) == 0, 40)
    ledger.close(database)
    time.sleep(2.5)
    assert all(beat.running for beat in beats)
    check(ledger, database)
    say({"scores": Score.objects.filter(attempt__in=ledger.adopted).count()})


WAITING = (
    "SELECT count(*) FROM exams_attempt WHERE state IN (2, 3) AND quarantined_at IS NULL"
    " OR state = 1 AND deadline_at < statement_timestamp() - interval '31 seconds'"
)


def test_with_no_clock_at_all_the_result_page_ends_and_scores_a_day_old_attempt(
    site: Web, form: Form, ledger: Ledger, database: str
) -> None:
    candidate = begin(ledger, site.link, form)
    for position in sorted(form.keys)[:5]:
        candidate.save(candidate.click(position, *form.keys[position]))
    pass_deadline(candidate.attempt_id, 86_400)
    with pytest.raises(LedgerBroken, match="still runs"):
        check(ledger, database)
    reply = candidate.result()
    assert reply is not None
    assert (reply.status, reply.json()["correct"]) == (200, 5)
    check(ledger, database)


@pytest.mark.controls
def test_without_the_scoring_of_the_result_page_there_is_no_score(
    control: str, form: Form, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = begin(ledger, Inside(), form)
    pass_deadline(candidate.attempt_id, 86_400)
    monkeypatch.setattr("exams.attempts.lifecycle.grading.try_to_grade", lambda attempt_id: False)
    reply = candidate.result()
    assert reply is not None
    assert reply.status == 409
    with pytest.raises(LedgerBroken, match="has state 3, 0 scores"):
        check(ledger, control)


def test_the_sweep_in_a_loop_outlives_the_database_and_ends_after_its_pass(
    stack: Stack, form: Form, ledger: Ledger, database: str
) -> None:
    made = overdue(ledger, form, 3, events=8, name="loop")
    child = stack.sweeper("--loop", "--every", "0.3", name="loop")
    eventually(lambda: scalar("SELECT count(*) FROM exams_score WHERE attempt_id = %s", str(made[0])))
    stack.postgres.kill()
    eventually(lambda: "sweep failed: OperationalError" in stack.log("loop"))
    stack.postgres.start()
    connections.close_all()
    more = overdue(ledger, form, 3, events=8, name="loop-again")
    eventually(lambda: scalar("SELECT count(*) FROM exams_score WHERE attempt_id = %s", str(more[0])))
    child.ask_to_stop()
    assert child.wait(10)
    assert child.code == 0
    assert stack.log("loop").rstrip().endswith("stopped after the pass")
    assert "expired 3, scored 3 in " in stack.log("loop")
    check(ledger, database)


FLOOD_SECONDS = 4.0
# Fewer than a busy machine takes.
SAVES_PER_SECOND = 2
LEAVES = 20_000


def test_a_flood_of_saves_is_refused_beyond_the_limit_and_sweeps_of_it_and_of_others_come_through(
    stack: Stack, form: Form, ledger: Ledger, database: str, say: Callable[[object], None]
) -> None:
    web = stack.web(EXAM_SAVES_PER_SECOND=str(SAVES_PER_SECOND))
    flooder, innocent = begin(ledger, web.link, form), begin(ledger, web.link, form)
    statuses: Counter[int] = Counter()
    began = time.monotonic()

    def is_flooding() -> bool:
        """Say whether to go on: a busy machine needs longer to send more than is taken."""
        passed = time.monotonic() - began
        return passed < FLOOD_SECONDS or (statuses[429] <= statuses[200] and passed < 15 * FLOOD_SECONDS)

    def flood(connection_no: int) -> None:
        seq = 1 + connection_no * LEAVES // 4
        while is_flooding():
            sent = [Change(flooder.attempt_id, 1, seq + n, 1 + n % 8, (), n % 2 == 0) for n in range(BATCH)]
            statuses[flooder.send(*sent)] += 1
            seq += BATCH * (seq + 2 * BATCH < 1 + (connection_no + 1) * LEAVES // 4)

    at_once([lambda n=n: flood(n) for n in range(4)])  # type: ignore[misc]
    lasted = time.monotonic() - began
    assert innocent.save(innocent.click(1, *form.keys[1])) == 200
    rows = scalar("SELECT count(*) FROM exams_answerevent WHERE attempt_id = %s", str(flooder.attempt_id))
    assert statuses[429] > statuses[200] > 0
    # Two processes, each with a burst of 20 and so many a second.
    assert statuses[200] <= 2 * (20 + SAVES_PER_SECOND * lasted + 1)
    assert rows <= answers.CHANGES_MAX + 8 * BATCH
    for one in (flooder, innocent):
        pass_deadline(one.attempt_id, 60)
    began = time.monotonic()
    report = sweeps.sweep()
    say(f"{dict(statuses)}, {rows} rows stored, swept in {time.monotonic() - began:.2f} s")
    assert (report.expired, report.scored, report.errors) == (2, 2, [])
    assert Score.objects.filter(attempt__in=[flooder.attempt_id, innocent.attempt_id]).count() == 2
    check(ledger, database)
