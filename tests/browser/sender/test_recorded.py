"""The server of the model judges as ours does: what it recorded is played to PostgreSQL, act by act."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, leases, lifecycle, staff
from exams.attempts.answers import Change
from exams.attempts.models import Attempt, State
from tests import clockwork, factories
from tests.browser.sender.conftest import OpenModel

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

FIRST = 50_000
RUNS = 200
SPARE = 80
# Nearer to a limit than this, the time that playing takes on a busy machine could decide. In milliseconds.
NARROW = 2000
# Further from the deadline than this, nothing depends on the time.
NEAR = 120_000
GRACE = 30_000
STATES = {"running": State.RUNNING, "submitted": State.SUBMITTED, "expired": State.EXPIRED}


@dataclass
class Player:
    """Plays one run to an attempt. Options of the model are numbers; each becomes one of the form."""

    user: User
    form: factories.Form
    attempt_id: UUID
    leases: dict[int, str] = field(default_factory=dict)
    options: dict[tuple[int, int], int] = field(default_factory=dict)

    def option(self, position: int, number: int) -> int:
        """Return the option for a number; a negative one is an option of another question."""
        if number < 0:
            return self.form.keys[position + 1][0]
        choices = self.form.keys[position] + self.form.others[position]
        seen = sum(place == position for place, _number in self.options)
        return self.options.setdefault((position, number), choices[seen % len(choices)])

    def change(self, sent: dict[str, Any]) -> Change:
        """Return a change of the model as one of ours."""
        chosen = tuple(self.option(sent["position"], number) for number in sent["selected"])
        more = (sent.get("confidence"), sent.get("seen_ms"))
        return Change(sent["seq"], sent["position"], chosen, sent["flagged"], *more)

    def play(self, act: dict[str, Any]) -> str:
        """Do what was recorded, at its time; return the verdict."""
        if act["at"] > -NEAR:
            clockwork.leave_seconds(self.attempt_id, -act["at"] / 1000)
        try:
            getattr(self, act["act"])(act)
        except Refused as refused:
            return refused.code
        return "ok"

    def take(self, act: dict[str, Any]) -> None:
        taken = lifecycle.take_lease(user=self.user, attempt_id=self.attempt_id, holder="session:test")
        self.leases[taken.lease_no] = taken.lease
        assert (taken.lease_no, taken.next_seq) == (act.get("lease"), 1)

    def save(self, act: dict[str, Any]) -> None:
        lease = leases.read(self.leases[act["lease"]])
        assert lease
        changes = [self.change(sent) for sent in act["changes"]]
        assert answers.save(lease, changes).saved_seq == max(change.seq for change in changes)

    def submit(self, act: dict[str, Any]) -> None:
        assert lifecycle.submit(
            user=self.user, attempt_id=self.attempt_id, lease=self.leases[act["lease"]]
        ).receipt

    def sweep(self, act: dict[str, Any]) -> None:
        lifecycle.expire(self.attempt_id)

    def release(self, act: dict[str, Any]) -> None:
        lifecycle.release_leases(self.user.pk, "session:test")

    def extend(self, act: dict[str, Any]) -> None:
        minutes = act["by"] // 60_000
        staff.extend(attempt_id=self.attempt_id, minutes=minutes, actor=None, reason="model")


def too_narrow(run: dict[str, Any]) -> bool:
    return any(min(abs(act["at"]), abs(act["at"] - GRACE)) < NARROW for act in run["acts"])


def played(player: Player, run: dict[str, Any]) -> list[str]:
    """Play a run; return what differs."""
    wrong = []
    # What an older version of the site refuses, the one of now does not.
    for number, act in enumerate(one for one in run["acts"] if not one.get("older")):
        verdict = player.play(act)
        if verdict != act["verdict"]:
            wrong.append(f"act {number} {act}: {verdict}")
    expected = {
        one["position"]: (
            *(player.change(one).selected, one["flagged"], one.get("confidence")),
            *(one["lease_no"], one["seq"]),
        )
        for one in run["answers"]
    }
    counting = {
        one.position: (one.selected, one.flagged, one.confidence, one.lease_no, one.seq)
        for one in answers.current(player.attempt_id)
    }
    if counting != expected:
        wrong.append(f"{counting} counts, the model says {expected}")
    state = Attempt.objects.values_list("state", flat=True).get(pk=player.attempt_id)
    if state != STATES[run["state"]]:
        wrong.append(f"state {state}, the model says {run['state']}")
    return wrong


def test_two_hundred_recorded_runs_get_the_same_verdicts_from_the_real_server(
    open_model: OpenModel, anna: User, form: factories.Form, settings: Any
) -> None:
    settings.EXAM_STARTS_PER_DAY = 10_000
    runs = [run for run in open_model().call("record", FIRST, RUNS + SPARE) if not too_narrow(run)][:RUNS]
    assert len(runs) == RUNS
    verdicts: set[tuple[str, str]] = set()
    for run in runs:
        player = Player(anna, form, factories.start(anna, form).attempt_id)
        wrong = played(player, run)
        assert not wrong, (run["seed"], wrong)
        verdicts |= {(act["act"], act["verdict"]) for act in run["acts"]}
        if run["state"] == "running":
            staff.void(attempt_id=player.attempt_id, actor=None, reason="played")
    assert verdicts >= {
        ("take", "ok"),
        ("take", "attempt_closed"),
        *(
            ("save", code)
            for code in ("ok", "lease_taken", "attempt_closed", "late", "seq_reused", "invalid_answer")
        ),
        ("submit", "ok"),
        ("submit", "lease_taken"),
        ("sweep", "ok"),
        ("release", "ok"),
        ("extend", "ok"),
    }
