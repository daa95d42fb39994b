"""Drills under any order of acts against a plain model: what was shown stays, nothing leaves early."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import drills, pools, running_items, selectors, sweeps
from exams.attempts.running_items import RUNNING_ITEMS
from exams.attempts.sweeps import Due
from tests.exams.attempts.helpers import replace_sql
from tests.factories import make_form
from tests.flows.drill_machine import DrillMachine

pytestmark = pytest.mark.django_db

THOROUGH = settings(
    max_examples=20,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SEARCH = settings(THOROUGH, phases=[Phase.generate], report_multiple_bugs=False)
MET = {
    "closed", "exam_running", "not_at_once", "invalid_answer", "attempt_closed", "late", "nothing to draw",
    "save ", "save late", "save attempt_closed", "finished", "exam", "swept", "abandoned",
}  # fmt: skip


def walk(anna: User, how: settings) -> Counter[str]:
    """Run the machine and return what it met."""
    first = make_form(number=1, domains=(1,) * 5, unscored=(), languages=("en",))
    second = make_form(
        first.form.certification, number=2, domains=(2,) * 5, unscored=(), multiple=(), languages=("en",)
    )
    DrillMachine.anna, DrillMachine.forms, DrillMachine.met = anna, (first, second), Counter()
    with override_settings(DATABASE_PREPARES=how is THOROUGH, EXAM_SAVES_BURST=100_000):
        run_state_machine_as_test(DrillMachine, settings=how)
    return DrillMachine.met


def test_whatever_happens_to_drills_the_promises_hold(anna: User) -> None:
    met = walk(anna, THOROUGH)
    assert len(MET - set(met)) <= 2, MET - set(met)


def other_sql(module: Any, name: str, old: str, new: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what puts other SQL in the place of the product's."""
    return lambda patch: replace_sql(patch, module, name, old, new)


def always(module: Any, name: str, answer: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what lets a function answer the same whatever it is asked."""
    return lambda patch: patch.setattr(module, name, lambda *_: answer)


def abandoned_early(patch: pytest.MonkeyPatch) -> None:
    """Let a drill be idle after 20 days."""
    replace_sql(patch, sweeps, "IDLE", "'30 days'", "'20 days'")
    patch.setattr(sweeps, "ABANDONED", Due(sweeps.IDLE, "started_at"))


# what is missing
MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a drill draws from a running exam": other_sql(
        pools, "PLACES", f"v.item_id NOT IN ({RUNNING_ITEMS})", "true"
    ),
    "a closing is told of a running exam": always(running_items, "among", frozenset()),
    "an earlier review of a running exam is open": always(running_items, "any_in_edition", False),
    "a repeat closes anew": always(drills, "_closed", None),
    "a hidden drill is listed": other_sql(selectors, "DRILLS", "a.hidden_at IS NULL", "true"),
    "a drill is abandoned too early": abandoned_early,
}


@pytest.mark.controls
@pytest.mark.parametrize("mutant", list(MUTANTS))
def test_the_machine_of_drills_finds_a_fault_in_the_sql(
    anna: User, monkeypatch: pytest.MonkeyPatch, mutant: str
) -> None:
    MUTANTS[mutant](monkeypatch)
    with pytest.raises((AssertionError, DatabaseError, Refused)):
        walk(anna, SEARCH)
