"""Rulings beside scoring, beside each other, and carried out by several processes at once.

Each protection is taken away once and is then missed.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from threading import Event, Lock
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.base.errors import Refused
from accounts.jobs import runner
from accounts.jobs.registry import JobContext, Progress
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.users.models import User
from exams.attempts import grading
from exams.attempts.models import Attempt, Score, State
from exams.bank import rulings
from exams.bank.models import Item, KeyRuling
from exams.corrections import notices, proposals, rescoring, services
from exams.corrections.models import RulingRun
from exams.publication import services as publication
from exams.publication.models import PublishLog
from tests import factories
from tests.exams.authoring import acts
from tests.exams.corrections.helpers import carry_out, proposal, rule, sit
from tests.factories import Form
from tests.flows.crew import Crew, parallel, slow_commit
from tests.flows.dropped import dropped

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run different jobs at once."""
    with Crew(len(jobs)) as crew:
        return crew.together(jobs)


def by_the_last_ruling() -> bool:
    """Say whether every score is what all rulings make of its answers, each revision once."""
    revisions = Counter(Score.objects.values_list("attempt_id", "revision"))
    assert set(revisions.values()) == {1}
    scored = list(Attempt.objects.filter(state=State.SCORED))
    last = rulings.newest()
    return not list(grading.rescored(scored, lambda edition_id: grading.marking(edition_id, last)))


def test_rulings_while_exams_are_scored_end_with_every_score_by_the_last_one(form: Form) -> None:
    waiting = [
        sit(factories.make_user(), form, {1: form.others[1][:1], 2: form.others[2][:1]}, grade=False)
        for _ in range(16)
    ]
    shares = [waiting[n::4] for n in range(4)]

    def score(ids: list[uuid.UUID]) -> None:
        for one in ids:
            grading.grade(one, wait=True)

    def decide(position: int) -> None:
        for _ in range(5):
            try:
                rule(form, position, "also", form.others[position][0])
            except Refused:  # the other one was first
                continue
            break
        runner.run_due()

    outcomes = together(
        *[lambda ids=ids: score(ids) for ids in shares],
        lambda: decide(1),
        lambda: decide(2),
        lambda: runner.run_due(),
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    carry_out()
    assert KeyRuling.objects.count() == 2
    assert Attempt.objects.filter(state=State.SCORED).count() == 16
    assert by_the_last_ruling()


# --- A score that is just being stored ----------------------------------------------------------------


def scored_meanwhile(user: User, form: Form) -> None:
    """Rule and carry it out while a score, made without the ruling, waits for its commit."""
    waiting = sit(user, form, {1: form.others[1][:1]}, grade=False)
    made, ruled, carried_out = Event(), Event(), Event()

    def store() -> None:
        def pause() -> None:
            made.set()
            ruled.wait(10)
            # With the lock that waits until this has committed.
            carried_out.wait(1)

        assert slow_commit(lambda: grading.grade(waiting), pause)

    def decide() -> None:
        made.wait(10)
        rule(form, 1, "also", form.others[1][0])
        ruled.set()
        runner.run_due()
        carried_out.set()

    outcomes = together(store, decide)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert RulingRun.objects.get().finished_at


def test_a_score_that_is_being_stored_while_a_ruling_is_carried_out_counts_it(anna: User, form: Form) -> None:
    scored_meanwhile(anna, form)
    assert by_the_last_ruling()


@pytest.mark.controls
def test_without_waiting_for_scores_that_are_being_stored_one_stays_by_the_old_key(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescoring, "_grade_waiting", lambda editions: None)
    scored_meanwhile(anna, form)
    assert not by_the_last_ruling()


# --- Several processes --------------------------------------------------------------------------------


def six_wait(form: Form) -> KeyRuling:
    """Rule on a question that six finished exams answered by what is right from now on."""
    for _ in range(6):
        sit(factories.make_user(), form, {1: form.others[1][:1]})
    return rule(form, 1, "also", form.others[1][0])


def carry(ruling: KeyRuling) -> None:
    """Carry a ruling out, as a worker's process does."""
    rescoring.carry_out(JobContext(uuid.uuid4(), None, {"ruling": ruling.pk}, Progress()))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two exams a transaction, and time between reading how far it is and writing it."""
    monkeypatch.setattr(rescoring, "BATCH", 2)
    kept = rescoring._kept

    def slowly(ids: Any) -> Any:
        time.sleep(0.05)
        return kept(ids)

    monkeypatch.setattr(rescoring, "_kept", slowly)


@pytest.mark.usefixtures("small_batches")
def test_several_processes_carry_a_ruling_out_once(form: Form) -> None:
    ruling = six_wait(form)
    assert parallel(4, lambda: carry(ruling)) == [None] * 4
    run = RulingRun.objects.get()
    assert (run.examined, run.revised, run.raised, run.told) == (6, 6, 6, 6)
    assert Mail.objects.count() == 6
    assert by_the_last_ruling()


def overtaken(form: Form, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Let a process read how far it is, and another store a batch before the first one writes.

    Where the first one holds the row, the other waits for it, and nobody is overtaken. Returns how many were
    examined and how many revised, as the row says in the end.
    """
    ruling = six_wait(form)
    monkeypatch.setattr(rescoring, "BATCH", 2)
    kept = rescoring._kept
    first = Lock()
    has_read, has_stored = Event(), Event()

    def held_up(ids: Any) -> Any:
        if first.acquire(blocking=False):
            has_read.set()
            has_stored.wait(1)
        return kept(ids)

    monkeypatch.setattr(rescoring, "_kept", held_up)

    def overtake() -> None:
        assert has_read.wait(20)
        rescoring._rescore_batch(ruling, proposals.editions_with(ruling.version_id))
        has_stored.set()

    assert together(lambda: carry(ruling), overtake) == [None, None]
    run = RulingRun.objects.get()
    return run.examined, run.revised


def test_a_process_that_is_held_up_is_not_overtaken(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overtaken(form, monkeypatch) == (6, 6)


@pytest.mark.controls
def test_without_the_lock_of_the_run_its_counts_are_wrong(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        RulingRun.objects, "select_for_update", lambda: RulingRun.objects.all(), raising=False
    )
    assert overtaken(form, monkeypatch) == (6, 4)


@pytest.fixture
def unlocked_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row locks away, and let time pass between reading scores and storing new ones."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self.all())
    rescored = grading.rescored

    def slowly(*parts: Any) -> Any:
        found = list(rescored(*parts))
        time.sleep(0.2)
        return iter(found)

    monkeypatch.setattr(grading, "rescored", slowly)


def rescored_at_once(user: User, form: Form) -> list[Any]:
    """Rescore one exam by four processes at once."""
    attempt = sit(user, form, {1: form.others[1][:1]})
    ruling = rule(form, 1, "also", form.others[1][0])
    return parallel(4, lambda: grading.rescore_by_ruling([attempt], ruling.pk, may_lower=False))


def test_of_several_rescores_at_once_one_stores_a_revision(anna: User, form: Form) -> None:
    changes = rescored_at_once(anna, form)
    assert sorted(len(change) for change in changes) == [0, 0, 0, 1]
    assert Score.objects.count() == 2


@pytest.mark.controls
@pytest.mark.usefixtures("unlocked_attempts")
def test_without_the_row_lock_rescores_at_once_run_into_the_key_of_revisions(anna: User, form: Form) -> None:
    changes = rescored_at_once(anna, form)
    assert any(isinstance(change, IntegrityError) for change in changes), "they did not meet"
    assert Score.objects.count() == 2


@pytest.mark.controls
@pytest.mark.usefixtures("unlocked_attempts")
def test_without_row_lock_and_key_a_revision_is_stored_twice(anna: User, form: Form) -> None:
    with dropped("exams_score", "score_revision_once"):
        rescored_at_once(anna, form)
        assert Score.objects.filter(revision=2).count() > 1


# --- Two rulings --------------------------------------------------------------------------------------


def taken_out_at_once(form: Form, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Take both questions of domain 1 out at the same time."""
    store = rulings.store

    def slowly(*parts: Any, **more: Any) -> KeyRuling:
        time.sleep(0.5)
        return store(*parts, **more)

    monkeypatch.setattr(rulings, "store", slowly)

    def out(position: int) -> Callable[[], Any]:
        wanted = proposal(form, position, "out", cause="unclear")
        return lambda: services.rule(proposal=wanted, seen=None, actor=None, reason="unclear to most")

    return together(out(1), out(2))


def test_of_two_take_outs_at_once_that_empty_a_domain_one_is_refused(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = taken_out_at_once(form, monkeypatch)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["KeyRuling", "Refused"]
    assert KeyRuling.objects.count() == 1


@pytest.mark.controls
def test_without_the_locks_two_take_outs_leave_a_domain_no_question(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    for locking in (publication, rulings):
        monkeypatch.setattr(locking, "wait_for_others", lambda: None)
    taken_out_at_once(form, monkeypatch)
    assert KeyRuling.objects.filter(kind="out").count() == 2


@pytest.mark.controls
def test_without_the_check_of_domains_a_take_out_leaves_a_domain_no_question(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "_check_domains", lambda *_: None)
    for position in (1, 2):
        rule(form, position, "out", cause="unclear")
    marking = grading.marking(form.edition.pk, rulings.newest())
    assert {domain for _, domain, is_scored, _ in marking.places if is_scored} == {2, 3}


@pytest.mark.controls
def test_without_a_key_of_mails_a_repeat_tells_people_twice(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(anna, form, {1: form.others[1][:1]})
    ruling = rule(form, 1, "also", form.others[1][0])
    carry_out()
    post = outbox.post
    monkeypatch.setattr(outbox, "post", lambda *parts, **more: post(*parts, **{**more, "dedupe_key": ""}))
    with transaction.atomic():
        notices.notify(ruling, after=0, limit=10)
    assert Mail.objects.count() == 2


# --- A ruling and the publication of the next version ---------------------------------------------------


def published_meanwhile(form: Form) -> tuple[Any, KeyRuling]:
    """Rule on a question while the draft of its next version, approved before, is published.

    The ruling waits for its commit until the publication had its time. Returns what came of that.
    """
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    acts.approve(draft, {"difficulty": "hard"})
    made, tried = Event(), Event()
    outcomes: list[Any] = []

    def decide() -> KeyRuling:
        def pause() -> None:
            made.set()
            tried.wait(1)

        ruling: KeyRuling = slow_commit(lambda: rule(form, 1, "credit", cause="unclear"), pause)
        return ruling

    def publish() -> None:
        assert made.wait(20)
        try:
            outcomes.append(acts.publish_approved(draft))
        except Refused as refusal:
            outcomes.append(refusal.code)
        tried.set()

    ruling, nothing = together(decide, publish)
    assert (type(ruling), nothing) == (KeyRuling, None)
    return outcomes[0], ruling


def test_a_ruling_made_while_the_next_version_is_published_is_not_lost(form: Form) -> None:
    outcome, ruling = published_meanwhile(form)
    assert outcome == "ruling_undecided"
    assert rulings.standing_version(Item.objects.get(code="E1-Q01")) == ruling.version


@pytest.mark.controls
def test_without_the_lock_of_publications_a_ruling_is_undone_by_the_next_version(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "wait_for_others", lambda: None)
    outcome, _ruling = published_meanwhile(form)
    assert type(outcome) is PublishLog
    after = rulings.standing_version(Item.objects.get(code="E1-Q01"))
    assert after is not None
    assert after.number == 2
    assert rulings.deciding([after.pk]) == {}


def test_rulings_and_publications_that_carry_them_over_do_not_lock_each_other(form: Form) -> None:
    first = rule(form, 1, "credit", cause="unclear")
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    acts.approve(draft, {"difficulty": "hard"})

    def decide() -> str:
        for _ in range(5):
            try:
                rule(form, 2, "credit", cause="unclear")
            except Refused:  # the other one was first
                continue
            return "ruled"
        return "never"

    outcomes = together(
        decide, lambda: acts.publish_approved(draft, seen_ruling=first.pk, choice="carry over")
    )
    assert [type(outcome) for outcome in outcomes] == [str, PublishLog]
    assert outcomes[0] == "ruled"
    assert list(KeyRuling.objects.values_list("carried_from", flat=True)).count(first.pk) == 1
