"""An attempt under any order of acts against a plain model: G1 to G5 and G7 after each step."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, grading, sweeps
from tests.exams.attempts.helpers import replace_sql
from tests.factories import make_form
from tests.flows.attempt_machine import AttemptMachine
from tests.flows.promises import SECRET

pytestmark = pytest.mark.django_db

THOROUGH = settings(
    max_examples=60,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SEARCH = settings(THOROUGH, phases=[Phase.generate], report_multiple_bugs=False)


def walk(anna: User, bela: User, how: settings) -> Counter[str]:
    """Run the machine and return what it met."""
    # Béla also helps, as an administrator; what is Anna's is hidden from him all the same.
    bela.is_superuser = bela.is_staff = True
    bela.save()
    AttemptMachine.anna, AttemptMachine.bela = anna, bela
    AttemptMachine.form = make_form(mark=SECRET, languages=("en",))
    AttemptMachine.met = Counter()
    # The machine saves faster than any person.
    with override_settings(DATABASE_PREPARES=how is THOROUGH, EXAM_SAVES_BURST=100_000):
        run_state_machine_as_test(AttemptMachine, settings=how)
    return AttemptMachine.met


MET = {
    "saved", "replayed", "seq_reused", "lease_taken", "attempt_closed", "late", "started twice",
    "taken over", "answered without script", "submitted", "submitted again", "cancelled", "logged out",
    "expired", "swept", "graded", "nothing_would_change", "released", "extended", "opened again",
    "extension barred",
}  # fmt: skip


def test_whatever_happens_in_whatever_order_the_promises_hold(anna: User, bela: User) -> None:
    met = walk(anna, bela, THOROUGH)
    # Chance decides what is met, anew with each change of the machine; that nearly everything was shows that
    # it does not walk in circles.
    assert len(MET - set(met)) <= 3, MET - set(met)


# module, name, what to replace, by what: each is a fault that somebody could make
MUTANTS: dict[str, tuple[Any, str, str, str]] = {
    "numbers go before leases": (answers, "NEWEST_FIRST", answers.NEWEST_FIRST, "seq DESC, lease_no DESC"),
    "an ended attempt takes answers": (answers, "SAVE", "WHEN state <> 1 THEN 'attempt_closed'", ""),
    "a sweep without receipts": (sweeps, "END", "answers_sha256 = n.receipt", "answers_sha256 = ''"),
}


@pytest.mark.controls
@pytest.mark.parametrize("mutant", list(MUTANTS))
def test_the_machine_finds_a_fault_in_the_sql(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch, mutant: str
) -> None:
    module, name, old, new = MUTANTS[mutant]
    replace_sql(monkeypatch, module, name, old, new)
    with pytest.raises((AssertionError, DatabaseError, Refused)):
        walk(anna, bela, SEARCH)


@pytest.mark.controls
def test_the_machine_finds_unscored_items_that_count(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = grading.marking

    def careless(edition_id: int, until: int | None = None) -> grading.Marking:
        found = real(edition_id, until)
        places = tuple((position, domain, True, keys) for position, domain, _, keys in found.places)
        return replace(found, places=places)

    with monkeypatch.context() as patch, pytest.raises(AssertionError):
        patch.setattr(grading, "marking", careless)
        walk(anna, bela, SEARCH)
