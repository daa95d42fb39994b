"""Two people decide one proposal at once, and support helps in many windows at once.

Each protection is taken away once and is then missed.
"""

import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.access import support
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.privacy import erasure
from accounts.users import person_lock
from accounts.users.models import User
from exams.attempts import lifecycle, staff
from exams.attempts.models import Attempt
from exams.bank import rulings
from exams.bank.models import KeyRuling
from exams.corrections import services
from exams.publication import pending
from exams.publication.models import PendingAct
from tests import factories
from tests.exams.attempts.helpers import replace_sql
from tests.exams.corrections.helpers import proposal, sit
from tests.factories import Form
from tests.flows.crew import Crew, slow_commit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]


def reviewer(email: str) -> User:
    person = factories.make_user(email)
    person.is_staff = True
    person.save()
    person.groups.add(Group.objects.get(name="reviewers"))
    return person


def together(*jobs: Callable[[], Any]) -> list[str]:
    """Do different things at once; return the codes of refusals and the types of what was done, in order."""
    with Crew(len(jobs)) as crew:
        outcomes = crew.together(jobs)
    return sorted(
        outcome.code if isinstance(outcome, Refused) else type(outcome).__name__ for outcome in outcomes
    )


# --- Two people and one proposal ------------------------------------------------------------------------
@pytest.fixture
def act(form: Form, anna: User, monkeypatch: pytest.MonkeyPatch) -> PendingAct:
    """A ruling that waits for a second person."""
    sit(anna, form, {1: form.others[1][:1]})
    monkeypatch.setattr(services, "MOST_ALONE", 0)
    reviewer("second@example.org")
    reviewer("third@example.org")
    wanted = proposal(form, 1, "also", form.others[1][0])
    first = factories.make_staff("reviewers")
    made = services.rule(proposal=wanted, seen=None, actor=first, reason="checked the docs")
    assert isinstance(made, PendingAct)
    return made


def slowly(act: Callable[[], Any]) -> Callable[[], Any]:
    return partial(slow_commit, act, lambda: time.sleep(0.3))


def confirming(act: PendingAct, email: str) -> Callable[[], Any]:
    person = User.objects.get(email=email)
    return slowly(lambda: pending.confirm(act_id=act.pk, actor=person))


def declining(act: PendingAct, email: str) -> Callable[[], Any]:
    person = User.objects.get(email=email)
    return slowly(lambda: pending.decline(act_id=act.pk, actor=person, reason="not so"))


def test_of_two_confirmations_at_once_one_is_carried_out(act: PendingAct) -> None:
    outcomes = together(confirming(act, "second@example.org"), confirming(act, "third@example.org"))
    assert outcomes == ["KeyRuling", "decided"]
    assert KeyRuling.objects.count() == 1
    assert AuditEntry.objects.filter(action="confirm").count() == 1


def test_what_is_declined_while_it_is_confirmed_is_one_of_both(act: PendingAct) -> None:
    outcomes = together(confirming(act, "second@example.org"), declining(act, "third@example.org"))
    assert outcomes in (["KeyRuling", "decided"], ["PendingAct", "decided"])
    assert KeyRuling.objects.count() == (1 if "KeyRuling" in outcomes else 0)


@pytest.mark.controls
def test_without_the_lock_of_the_row_a_proposal_is_confirmed_and_declined(
    act: PendingAct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        PendingAct.objects, "select_for_update", lambda **_: PendingAct.objects.all(), raising=False
    )
    outcomes = together(confirming(act, "second@example.org"), declining(act, "third@example.org"))
    # The trigger of the table is what is left: the later one fails.
    assert outcomes != ["KeyRuling", "decided"]
    assert "IntegrityError" in outcomes


def test_a_ruling_and_a_confirmation_at_once_leave_one_ruling_on_the_question(
    act: PendingAct, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = rulings.store

    def late(*parts: Any, **more: Any) -> KeyRuling:
        time.sleep(0.3)
        return store(*parts, **more)

    monkeypatch.setattr(rulings, "store", late)
    monkeypatch.setattr(services, "MOST_ALONE", 50)
    wanted = proposal(form, 1, "credit")
    ruling = lambda: services.rule(proposal=wanted, seen=None, actor=None, reason="unclear")  # noqa: E731
    assert together(ruling, confirming(act, "second@example.org")) == ["KeyRuling", "overtaken"]
    assert KeyRuling.objects.count() == 1


# --- The limits of support ------------------------------------------------------------------------------
def most_extensions(form: Form, monkeypatch: pytest.MonkeyPatch) -> int:
    """Extend four attempts at once when one act of the day is left; return how many were."""
    helper = factories.make_staff("support")
    monkeypatch.setattr(support, "ACTS_A_DAY", 1)
    attempts = [factories.start(factories.make_user(), form).attempt_id for _ in range(4)]

    def extend(attempt: Any) -> None:
        staff.extend(attempt_id=attempt, minutes=5, actor=helper, reason="power cut")

    together(*[slowly(partial(extend, attempt)) for attempt in attempts])
    return AuditEntry.objects.filter(action="extend").count()


def test_acts_of_support_at_once_do_not_pass_the_limit_of_a_day(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert most_extensions(form, monkeypatch) == 1


@pytest.mark.controls
def test_without_the_lock_of_the_person_acts_at_once_pass_the_limit(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    assert most_extensions(form, monkeypatch) > 1


def test_two_of_support_at_once_give_an_attempt_no_more_than_an_hour(anna: User, form: Form) -> None:
    attempt = factories.start(anna, form).attempt_id
    first = factories.make_staff("support")
    second = factories.make_user("second@example.org")
    second.is_staff = True
    second.save()
    second.groups.add(Group.objects.get(name="support"))

    def extend(helper: User) -> None:
        staff.extend(attempt_id=attempt, minutes=40, actor=helper, reason="power cut")

    outcomes = together(*[slowly(partial(extend, one)) for one in (first, second)])
    assert outcomes == ["NoneType", "too_many_minutes"]
    assert staff.extra_minutes(Attempt.objects.get()) == 40


def helped_while_erased(anna: User, form: Form, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Extend an attempt, and erase its person in the middle of that."""
    attempt = factories.start(anna, form).attempt_id
    helper = factories.make_staff("support")
    lock = lifecycle.lock

    def late(*parts: Any) -> lifecycle.Locked:
        row = lock(*parts)
        time.sleep(0.6)
        return row

    monkeypatch.setattr(lifecycle, "lock", late)

    def erase() -> None:
        time.sleep(0.2)
        erasure.erase(anna, actor=None, reason="asked for")

    extend = partial(staff.extend, attempt_id=attempt, minutes=5, actor=helper, reason="power cut")
    return together(extend, erase)


def test_support_and_an_erasure_at_once_follow_each_other(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert helped_while_erased(anna, form, monkeypatch) == ["NoneType", "NoneType"]
    assert not User.objects.filter(pk=anna.pk).exists()


@pytest.mark.controls
def test_without_the_lock_of_the_person_support_and_an_erasure_wait_for_each_other(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "person_lock", SimpleNamespace(hold=lambda _: None))
    assert "OperationalError" in helped_while_erased(anna, form, monkeypatch)
