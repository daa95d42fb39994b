"""The act: a ruling is stored with its log, its audit entry and the job that carries it out, all or none.

One that touches many people waits for a second person, who rules with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.users.models import User
from exams.bank import rulings
from exams.bank.models import ItemVersion, KeyRuling
from exams.corrections import proposals, rescoring
from exams.corrections.models import RulingRun
from exams.corrections.proposals import Proposal
from exams.publication import pending
from exams.publication import services as publication
from exams.publication.models import PendingAct, PublishLog

RULE: Final = "exams.add_keyruling"
MOST_ALONE: Final = 50
"""So many people may be touched by a ruling that one person makes alone."""
KIND: Final = "ruling"
SecondPerson = RulingRun.SecondPerson


def needs_second_person(version_id: int, actor: User | None) -> bool:
    """Tell whether a ruling on a version would wait for somebody else."""
    return proposals.people_touched(version_id) > MOST_ALONE and pending.others(RULE, actor).exists()


def rule(
    *,
    proposal: Proposal,
    seen: int | None,
    actor: User | None,
    reason: str,
    impact: Mapping[str, Any] | None = None,
) -> KeyRuling | PendingAct:
    """Rule on a version; scores follow by a job. `seen` is the last ruling of all that the actor knew of.

    Where it touches more than `MOST_ALONE` people and somebody else may rule, it is proposed to them instead,
    with `impact`, what the actor saw that it would do.
    Raises Refused: as `proposals.check`, overtaken when there is a newer ruling than `seen`, waits_already.
    """
    with transaction.atomic():
        _wait_for_others()
        # Of any question: another ruling may have left the domain its last one.
        if rulings.newest() != seen:
            detail = _("Something else was ruled meanwhile. Preview your ruling again.")
            raise Refused("overtaken", 409, detail)
        version = proposals.check(proposal, seen)
        people = proposals.people_touched(version.pk)
        if people <= MOST_ALONE:
            return _store(proposal, version, actor, reason, people, SecondPerson.NOT_NEEDED)
        act = pending.propose(
            kind=KIND,
            subject=subject_of(version),
            parameters={**proposal.values(), "until": seen, "people": people, "impact": dict(impact or {})},
            actor=actor,
            reason=reason,
        )
        return act or _store(proposal, version, actor, reason, people, SecondPerson.NOBODY_ELSE)


def subject_of(version: ItemVersion) -> str:
    """Return by which name proposals know a version."""
    return f"{version.item.certification.code.upper()} {version.item.code} v{version.number}"


def _wait_for_others() -> None:
    # One at a time: a ruling and an exam that is published, or two rulings, that each leave a domain its
    # last question would leave it none.
    publication.wait_for_others()
    rulings.wait_for_others()


def _store(
    proposal: Proposal,
    version: ItemVersion,
    actor: User | None,
    reason: str,
    people: int,
    second: SecondPerson,
) -> KeyRuling:
    log = publication.begin(PublishLog.Source.CORRECTION, actor=actor, reason=reason)
    ruling = rulings.store(
        version,
        proposal.kind,
        proposal.options,
        may_lower=proposal.may_lower,
        cause=proposal.cause,
        log=log,
    )
    RulingRun.objects.create(ruling=ruling, people=people, second_person=second)
    after = {**proposal.values(), "people": people, "second_person": str(second.label)}
    audit.record(actor=actor, action="rule", subject=ruling, reason=reason, after=after)
    jobs.start_once(rescoring.KIND, str(ruling.pk), parameters={"ruling": ruling.pk})
    return ruling


def carry_over(
    ruling: KeyRuling, version: ItemVersion, options: Sequence[int], *, actor: User | None, reason: str
) -> KeyRuling:
    """Have the next version scored by a ruling on the one before, in the transaction that publishes it.

    `options` are those of the new version. Nobody has taken it yet, so no score and no mail follows.
    """
    rulings.wait_for_others()
    carried = rulings.store(
        version,
        ruling.kind,
        options,
        may_lower=ruling.may_lower,
        cause=ruling.cause,
        log=publication.begin(PublishLog.Source.CORRECTION, actor=actor, reason=reason),
        carried_from=ruling,
    )
    RulingRun.objects.create(ruling=carried, rescored_at=Now(), finished_at=Now())
    return carried


def _confirmed(act: PendingAct) -> KeyRuling:
    """Rule as was proposed, if it may still be ruled and nobody has ruled on the question since."""
    _wait_for_others()
    proposal, until = Proposal.of(act.parameters), act.parameters["until"]
    if KeyRuling.objects.filter(version=proposal.version_id, pk__gt=until or 0).exists():
        raise Refused(
            "overtaken", 409, _("This question was ruled on after that. Decline the proposal and look again.")
        )
    version = proposals.check(proposal, rulings.newest())
    people = proposals.people_touched(version.pk)
    return _store(proposal, version, act.proposer, act.reason, people, SecondPerson.CONFIRMED)


PROPOSED: Final = pending.Kind(KIND, _("Ruling on a key"), RULE, _confirmed)
