"""The act: a ruling is stored with its log, its audit entry and the job that carries it out, all or none."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.users.models import User
from exams.bank import rulings
from exams.bank.models import ItemVersion, KeyRuling
from exams.errata import proposals, rescoring
from exams.errata.models import RulingRun
from exams.errata.proposals import Proposal
from exams.publication import services as publication
from exams.publication.models import PublishLog


def rule(*, proposal: Proposal, seen: int | None, actor: User | None, reason: str) -> KeyRuling:
    """Rule on a version; scores follow by a job. `seen` is the last ruling of all that the actor knew of.

    Raises Refused: as `proposals.check`, overtaken when there is a newer ruling than `seen`.
    """
    with transaction.atomic():
        # One at a time: a ruling and an exam that is published, or two rulings, that each leave a domain its
        # last question would leave it none.
        publication.wait_for_others()
        rulings.wait_for_others()
        if rulings.newest() != seen:
            raise Refused(
                "overtaken", 409, _("Something else was ruled meanwhile. Preview your ruling again.")
            )
        version = proposals.check(proposal, seen)
        log = publication.begin(PublishLog.Source.ERRATA, actor=actor, reason=reason)
        ruling = rulings.store(
            version,
            proposal.kind,
            proposal.options,
            may_lower=proposal.may_lower,
            cause=proposal.cause,
            log=log,
        )
        RulingRun.objects.create(ruling=ruling)
        audit.record(actor=actor, action="rule", subject=ruling, reason=reason, after=proposal.values())
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
        log=publication.begin(PublishLog.Source.ERRATA, actor=actor, reason=reason),
        carried_from=ruling,
    )
    RulingRun.objects.create(ruling=carried, rescored_at=Now(), finished_at=Now())
    return carried
