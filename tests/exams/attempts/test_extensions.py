"""An extension of an attempt when its owner has gone on meanwhile."""

import pytest

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import lifecycle, staff
from exams.attempts.models import Attempt, State
from tests.exams.attempts.helpers import past_deadline
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


def test_an_expired_attempt_is_not_extended_while_a_newer_one_runs(anna: User, form: Form) -> None:
    old = start(anna, form)
    past_deadline(old.attempt_id, 60)
    new = start(anna, form)
    assert new.created
    with pytest.raises(Refused) as refusal:
        staff.extend(attempt_id=old.attempt_id, minutes=30, actor=None, reason="power cut")
    assert (refusal.value.code, refusal.value.status) == ("cannot_extend", 409)
    states = dict(Attempt.objects.values_list("pk", "state"))
    assert states == {old.attempt_id: State.EXPIRED, new.attempt_id: State.RUNNING}
    assert not AuditEntry.objects.exists()

    lifecycle.cancel(user=anna, attempt_id=new.attempt_id)
    staff.extend(attempt_id=old.attempt_id, minutes=30, actor=None, reason="power cut")
    assert Attempt.objects.get(pk=old.attempt_id).state == State.RUNNING
