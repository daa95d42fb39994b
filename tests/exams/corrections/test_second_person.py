"""A ruling that touches many people waits for a second reviewer, and only where there is one."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.users.models import User
from exams.attempts.models import Attempt, Score, State
from exams.bank import rulings
from exams.bank.models import KeyRuling
from exams.corrections import proposals, services
from exams.corrections.models import RulingRun
from exams.corrections.proposals import Proposal
from exams.publication import pending
from exams.publication.models import PendingAct
from tests import factories
from tests.accounts.mails import delivered
from tests.exams.authoring.refusals import refused
from tests.exams.corrections.helpers import carry_out, proposal, rule, sit, version_at
from tests.exams.statistics import crowds
from tests.factories import Form

pytestmark = pytest.mark.django_db

REASON = "The page on Firehose says so"


@pytest.fixture
def first(db: None) -> User:
    return factories.make_staff("reviewers")


@pytest.fixture
def second(db: None) -> User:
    return another("second@example.org")


def another(email: str) -> User:
    """Return one more reviewer."""
    person = factories.make_user(email)
    person.is_staff = True
    person.save()
    person.groups.add(Group.objects.get(name="reviewers"))
    return person


@pytest.fixture
def three(form: Form, monkeypatch: pytest.MonkeyPatch) -> Form:
    """An exam that three people took, which is one more than a person rules on alone."""
    monkeypatch.setattr(services, "MOST_ALONE", 2)
    for _ in range(3):
        sit(factories.make_user(), form, {1: form.others[1][:1]})
    return form


def also(form: Form) -> Proposal:
    return proposal(form, 1, "also", form.others[1][0])


def decide(form: Form, actor: User) -> KeyRuling | PendingAct:
    return services.rule(proposal=also(form), seen=rulings.newest(), actor=actor, reason=REASON)


def proposed(form: Form, actor: User) -> PendingAct:
    act = decide(form, actor)
    assert isinstance(act, PendingAct)
    return act


def refusal(act: Callable[[], object]) -> str:
    """Return the code with which an act is refused, "" where it is done."""
    try:
        act()
    except Refused as error:
        return error.code
    return ""


# --- Whom it touches ------------------------------------------------------------------------------------
def test_fifty_people_are_ruled_on_alone_and_fifty_one_are_not(form: Form, first: User, second: User) -> None:
    for _ in range(50):
        crowds.sat(form, {})
    assert services.MOST_ALONE == 50
    assert isinstance(decide(form, first), KeyRuling)
    crowds.sat(form, {})
    wanted = proposal(form, 2, "credit")
    act = services.rule(proposal=wanted, seen=rulings.newest(), actor=first, reason=REASON)
    assert isinstance(act, PendingAct)
    assert KeyRuling.objects.count() == 1
    assert RulingRun.objects.get().people == 50


def test_touched_is_each_person_once_who_took_or_is_taking_an_exam_with_the_question(
    anna: User, bela: User, form: Form
) -> None:
    version = version_at(form, 1)
    sit(anna, form, {})
    sit(anna, form, {})  # again, and the same person
    crowds.sat(form, {}, user=bela, state=State.EXPIRED, end_reason="expired")
    assert proposals.people_touched(version) == 2
    factories.start(factories.make_user(), form)
    assert proposals.people_touched(version) == 3
    factories.make_second(form)
    crowds.sat(form, {}, state=State.VOIDED, end_reason="cancelled")
    deleted = crowds.sat(form, {})
    Attempt.objects.filter(pk=deleted).update(user=None)
    assert proposals.people_touched(version) == 3


# --- The way of a proposal ------------------------------------------------------------------------------
def test_it_waits_and_nothing_is_scored_anew_until_somebody_else_confirms_it(
    three: Form, first: User, second: User, client: Client
) -> None:
    act = proposed(three, first)
    carry_out()
    assert "No corrections yet" in client.get(reverse("exams:corrections", args=["mls-c01"])).content.decode()
    assert not KeyRuling.objects.exists()
    assert Score.objects.count() == 3
    ruling = pending.confirm(act_id=act.pk, actor=second, note="I read the page, too")
    carry_out()
    assert ruling == KeyRuling.objects.get()
    assert Score.objects.count() == 6
    run = RulingRun.objects.get()
    assert (run.second_person, run.people) == ("confirmed", 3)
    act.refresh_from_db()
    assert (act.state, act.decider) == ("confirmed", second)
    log = KeyRuling.objects.get().log
    assert (log.actor, log.reason) == (first, REASON)
    acts = list(AuditEntry.objects.filter(action__in=["propose", "rule", "confirm"]).order_by("pk"))
    assert [(act.action, act.actor) for act in acts] == [
        ("propose", first),
        ("rule", first),
        ("confirm", second),
    ]
    assert acts[1].after["second_person"] == "confirmed"
    assert acts[2].reason == "I read the page, too"


def test_everybody_who_may_confirm_it_is_told_and_then_the_proposer_without_an_answer_or_reason(
    three: Form, first: User, second: User
) -> None:
    head = factories.make_staff("admin")
    gone = another("gone@example.org")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    factories.make_staff("authors")
    act = proposed(three, first)
    asked = delivered()
    assert {one.to[0] for one in asked} == {second.email, head.email}
    pending.confirm(act_id=act.pk, actor=second)
    *_, told = delivered()
    assert told.to == [first.email]
    for mail in [*asked, told]:
        text = str(mail.body)
        assert "E1-Q01" in text
        assert f"/admin/exams/pendingact/{act.pk}/change/" in text
        assert REASON not in text
        assert "Answer" not in text


def test_who_proposed_it_never_confirms_it(three: Form, first: User, second: User) -> None:
    act = proposed(three, first)
    with refused("own_proposal"):
        pending.confirm(act_id=act.pk, actor=first)
    confirmed = {"state": "confirmed", "decider": first, "decided_at": Now()}
    with pytest.raises(IntegrityError, match="somebody else confirms"), transaction.atomic():
        PendingAct.objects.filter(pk=act.pk).update(**confirmed)
    assert not KeyRuling.objects.exists()


@pytest.mark.parametrize("role", ["authors", "translators", "support", "finance"])
def test_who_may_not_rule_decides_nothing(three: Form, first: User, second: User, role: str) -> None:
    act = proposed(three, first)
    person = factories.make_staff(role)
    assert refusal(lambda: pending.confirm(act_id=act.pk, actor=person)) == "not_allowed"
    assert refusal(lambda: pending.decline(act_id=act.pk, actor=person, reason=REASON)) == "not_allowed"
    assert not KeyRuling.objects.exists()


def test_it_is_declined_with_a_reason_or_taken_back_and_then_may_be_proposed_again(
    three: Form, first: User, second: User
) -> None:
    for person, state in ((second, "declined"), (first, "withdrawn")):
        act = proposed(three, first)
        assert refusal(lambda: decide(three, second)) == "waits_already"
        pending.decline(act_id=act.pk, actor=person, reason="Not what the page says")
        act.refresh_from_db()
        assert (act.state, act.decider, act.decision) == (state, person, "Not what the page says")
        with refused("decided"):
            pending.confirm(act_id=act.pk, actor=second)
    assert not KeyRuling.objects.exists()
    # Who withdraws their own is not told.
    assert Mail.objects.filter(person=first).count() == 1


def test_what_was_proposed_and_decided_stays_as_it_was(three: Form, first: User, second: User) -> None:
    act = proposed(three, first)
    rows = PendingAct.objects.filter(pk=act.pk)
    declined = {"state": "declined", "decider": second, "decided_at": Now()}
    with pytest.raises(IntegrityError, match="what was proposed stays"), transaction.atomic():
        rows.update(**declined, reason="Something else")
    rows.update(**declined)
    changes: tuple[dict[str, object], ...] = (
        {"state": "waiting", "decided_at": None},
        {"decision": "because"},
        {"parameters": {}},
    )
    for change in changes:
        with pytest.raises(IntegrityError, match="decided once"), transaction.atomic():
            rows.update(**change)
    # An erasure takes the people out all the same.
    first.delete()
    act.refresh_from_db()
    assert (act.proposer, act.decider, act.reason) == (None, second, REASON)


# --- The world has changed ------------------------------------------------------------------------------
def test_a_ruling_on_the_same_question_overtakes_it_and_one_on_another_does_not(
    three: Form, first: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = proposed(three, first)
    monkeypatch.setattr(services, "MOST_ALONE", 50)
    rule(three, 2, "credit")
    assert refusal(lambda: pending.confirm(act_id=act.pk, actor=second)) == ""
    monkeypatch.setattr(services, "MOST_ALONE", 2)
    late = services.rule(
        proposal=proposal(three, 3, "credit"), seen=rulings.newest(), actor=first, reason=REASON
    )
    monkeypatch.setattr(services, "MOST_ALONE", 50)
    rule(three, 3, "out")
    assert refusal(lambda: pending.confirm(act_id=late.pk, actor=second)) == "overtaken"
    assert PendingAct.objects.get(pk=late.pk).state == "waiting"


def test_what_may_no_longer_be_ruled_is_refused_when_it_is_confirmed(
    three: Form, first: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = services.rule(
        proposal=proposal(three, 1, "out", cause="unclear"), seen=None, actor=first, reason=REASON
    )
    monkeypatch.setattr(services, "MOST_ALONE", 50)
    rule(three, 2, "out", cause="unclear")
    assert refusal(lambda: pending.confirm(act_id=act.pk, actor=second)) == "empties_domain"
    assert KeyRuling.objects.count() == 1
    assert PendingAct.objects.get().state == "waiting"


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": None}])
def test_a_proposer_who_may_no_longer_rule_has_proposed_nothing(
    three: Form, first: User, second: User, change: dict[str, object]
) -> None:
    act = proposed(three, first)
    if "role" in change:
        first.groups.clear()
    else:
        User.objects.filter(pk=first.pk).update(**change)
    assert refusal(lambda: pending.confirm(act_id=act.pk, actor=second)) == "no_proposer"
    assert not KeyRuling.objects.exists()


# --- Alone ----------------------------------------------------------------------------------------------
def test_where_nobody_else_may_rule_it_waits_for_nothing_and_log_and_public_list_say_so(
    three: Form, first: User, client: Client
) -> None:
    ruling = decide(three, first)
    assert isinstance(ruling, KeyRuling)
    carry_out()
    assert RulingRun.objects.get().second_person == "nobody"
    entry = AuditEntry.objects.get(action="rule")
    assert entry.after["second_person"] == "nobody else has this right"
    page = reverse("exams:corrections", args=["mls-c01"])
    assert "One person decided this alone" in client.get(page).content.decode()
    assert "egy ember egyedül döntött" in client.get(f"/hu{page}").content.decode()


@pytest.mark.parametrize("other", ["closed", "not staff", "another role"])
def test_an_account_that_cannot_confirm_is_no_second_person(three: Form, first: User, other: str) -> None:
    if other == "another role":
        factories.make_staff("authors")
    else:
        change = {"is_active": False} if other == "closed" else {"is_staff": False}
        User.objects.filter(pk=another("second@example.org").pk).update(**change)
    assert isinstance(decide(three, first), KeyRuling)


def test_the_public_list_says_nothing_of_the_kind_where_two_decided_or_few_were_touched(
    three: Form, first: User, second: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending.confirm(act_id=proposed(three, first).pk, actor=second)
    monkeypatch.setattr(services, "MOST_ALONE", 50)
    rule(three, 2, "credit", actor=first)
    carry_out()
    html = client.get(reverse("exams:corrections", args=["mls-c01"])).content.decode()
    assert html.count("3 scores changed") == 2 or "score" in html
    assert "One person decided" not in html
    assert "If more than 50 people have taken an exam with the question" in html
    assert first.email not in html
