"""A save against a submit, with the product's code or with a wrong variant of it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, leases, lifecycle
from exams.attempts.answers import Change
from exams.attempts.leases import Lease
from tests.factories import Form, start
from tests.flows import ledger
from tests.flows.crew import Crew, slow_commit

type Save = Callable[[Lease, Sequence[Change]], Any]
type Submit = Callable[[User, UUID, str], str]

SAVES = 10


@dataclass(frozen=True, slots=True)
class Race:
    """What the client saw of one attempt: acknowledged answers, the receipt, whether a save was refused."""

    attempt_id: UUID
    acknowledged: dict[int, tuple[int, ...]]
    receipt: str
    refused: bool

    @property
    def lost(self) -> bool:
        """Whether the receipt is not that of the acknowledged answers."""
        return self.receipt != ledger.receipt(self.acknowledged)


def submit(user: User, attempt_id: UUID, lease: str) -> str:
    """Submit as the product does; return the receipt."""
    return lifecycle.submit(user=user, attempt_id=attempt_id, lease=lease).receipt


def race(
    crew: Crew,
    user: User,
    form: Form,
    luck: random.Random,
    *,
    save: Save = answers.save,
    end: Submit = submit,
) -> Race:
    """Save question after question while another thread submits; both commit slowly."""
    begun = start(user, form)
    assert begun.lease
    lease = leases.read(begun.lease)
    assert lease
    pauses = [luck.uniform(0, 0.002) for _ in range(SAVES)]
    wait, hold = luck.uniform(0, 0.005), luck.uniform(0.001, 0.003)
    picks = [(1 + n % 8, luck.choice(form.keys[1 + n % 8])) for n in range(SAVES)]

    def saver() -> tuple[dict[int, tuple[int, ...]], bool]:
        acknowledged: dict[int, tuple[int, ...]] = {}
        for seq, ((position, option), pause) in enumerate(zip(picks, pauses, strict=True), 1):
            change = Change(seq, position, (option,), False)
            try:
                slow_commit(lambda: save(lease, [change]), lambda: time.sleep(pause))  # noqa: B023
            except Refused:
                return acknowledged, True
            acknowledged[position] = (option,)
        return acknowledged, False

    def ender() -> str:
        time.sleep(wait)
        assert begun.lease
        token = begun.lease
        receipt: str = slow_commit(lambda: end(user, begun.attempt_id, token), lambda: time.sleep(hold))
        return receipt

    saved, receipt = crew.together([saver, ender])
    for outcome in (saved, receipt):
        if isinstance(outcome, Exception):
            raise outcome
    return Race(begun.attempt_id, saved[0], receipt, saved[1])


def first_loss(user: User, form: Form, *, most: int = 200, **how: Any) -> int:
    """Race until an acknowledged answer is lost; return which race that was, or 0 for none."""
    luck = random.Random(7)
    with Crew(2) as crew:
        return next((n for n in range(1, most + 1) if race(crew, user, form, luck, **how).lost), 0)
