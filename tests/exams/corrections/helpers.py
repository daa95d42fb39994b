"""Short words for tests of rulings."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from accounts.jobs import runner
from accounts.jobs.models import Job, State
from accounts.users.models import User
from exams.attempts import grading, lifecycle
from exams.attempts.models import Score
from exams.bank import rulings
from exams.bank.models import KeyRuling
from exams.corrections import services
from exams.corrections.proposals import Proposal
from tests.exams.attempts.helpers import save
from tests.factories import Form, start


def version_at(form: Form, position: int) -> int:
    """Return the version at a position of a form."""
    return form.edition.items.get(position=position).version_id


def proposal(
    form: Form, position: int, kind: str, *options: int, may_lower: bool = False, cause: str = ""
) -> Proposal:
    """Return what might be ruled on the question at a position; the cause fits unless one is given."""
    cause = cause or ("wrong" if kind == "replace" else "second")
    return Proposal(version_at(form, position), kind, options, may_lower, cause)


def rule(
    form: Form, position: int, kind: str, *options: int, actor: User | None = None, **more: object
) -> KeyRuling:
    """Rule on the question at a position."""
    wanted = proposal(form, position, kind, *options, **more)  # type: ignore[arg-type]
    ruled = services.rule(proposal=wanted, seen=rulings.newest(), actor=actor, reason="checked the docs")
    assert isinstance(ruled, KeyRuling)
    return ruled


def carry_out() -> None:
    """Do all jobs that wait, as a worker does."""
    runner.run_due()
    assert not Job.objects.exclude(state=State.DONE).exists(), Job.objects.values("kind", "error")


def sit(user: User, form: Form, chosen: Mapping[int, Sequence[int]], *, grade: bool = True) -> UUID:
    """Take a form with these answers, to its score."""
    begun = start(user, form)
    for position, selected in chosen.items():
        save(begun.lease, position, position, *selected)
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    if grade:
        assert grading.grade(begun.attempt_id)
    return begun.attempt_id


def scores(attempt_id: UUID) -> list[int | None]:
    """Return the scaled scores of an attempt by revision."""
    return list(
        Score.objects.filter(attempt=attempt_id).order_by("revision").values_list("scaled", flat=True)
    )
