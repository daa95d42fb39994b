"""Decisions about items that do not count yet: stored with person and reason, audited, and nothing else."""

import pytest
from django.db import ProgrammingError, transaction

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.statistics import services
from exams.statistics.models import ItemDecision
from tests import factories
from tests.exams.statistics import crowds
from tests.factories import Form

pytestmark = pytest.mark.django_db

ON_TRIAL = 8


@pytest.fixture
def author(db: None) -> User:
    return factories.make_staff("authors")


@pytest.fixture
def measured(form: Form) -> int:
    """The version of an item that does not count, over thirty attempts."""
    crowds.crowd(form, 30)
    services.compute(form.edition.pk)
    return form.edition.items.get(position=ON_TRIAL).version_id


def refused(version_id: int, kind: str, author: User) -> str:
    with pytest.raises(Refused) as found:
        services.decide(version_id=version_id, kind=kind, actor=author, reason="as the figures say")
    return found.value.code


def test_a_decision_is_kept_with_its_reason_its_figures_and_the_proposal(measured: int, author: User) -> None:
    services.decide(version_id=measured, kind="promote", actor=author, reason="as the figures say")
    row = services.last_decision(measured)
    assert row
    assert (row.number, row.kind, row.actor, row.reason) == (1, "promote", author, "as the figures say")
    assert row.figures["n"] == 30
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.reason) == ("decide", author, "as the figures say")
    assert entry.after["decision"] == "promote"
    assert entry.after["proposed"] == row.proposed


def test_the_last_decision_holds(measured: int, author: User) -> None:
    services.decide(version_id=measured, kind="wait", actor=author, reason="too early to say")
    services.decide(version_id=measured, kind="retire", actor=author, reason="still not good")
    row = services.last_decision(measured)
    assert row
    assert (row.number, row.kind) == (2, "retire")
    assert AuditEntry.objects.latest("pk").before == {"decision": "wait"}


def test_the_same_decision_again_is_refused_and_stores_nothing(measured: int, author: User) -> None:
    services.decide(version_id=measured, kind="wait", actor=author, reason="too early to say")
    assert refused(measured, "wait", author) == "decided_already"
    assert (ItemDecision.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_of_an_item_that_counts_there_is_nothing_to_decide(measured: int, form: Form, author: User) -> None:
    counting = form.edition.items.get(position=1).version_id
    assert refused(counting, "retire", author) == "counts_already"


def test_without_enough_data_nothing_is_decided(form: Form, author: User) -> None:
    version_id = form.edition.items.get(position=ON_TRIAL).version_id
    assert refused(version_id, "wait", author) == "not_enough_data"
    crowds.crowd(form, 29)
    services.compute(form.edition.pk)
    assert refused(version_id, "wait", author) == "not_enough_data"
    assert not ItemDecision.objects.exists()


def test_a_decision_changes_no_edition(measured: int, form: Form, author: User) -> None:
    before = list(form.edition.items.values())
    services.decide(version_id=measured, kind="promote", actor=author, reason="as the figures say")
    assert list(form.edition.items.values()) == before


def test_a_decision_stays_when_its_author_is_gone(measured: int, author: User) -> None:
    services.decide(version_id=measured, kind="wait", actor=author, reason="too early to say")
    ItemDecision.objects.update(actor=None)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ItemDecision.objects.update(kind="promote")
    row = services.last_decision(measured)
    assert row
    assert (row.kind, row.actor) == ("wait", None)
