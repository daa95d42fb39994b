"""Acts that need a second person: proposed by one, confirmed or declined by another who may do them too.

What is proposed is judged again when it is confirmed, under the locks of the act itself. Where nobody else
has the right, nothing can wait: the act is done at once, and says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base import hooks
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.publication.models import PendingAct

MAIL: Final = "exams/email/second_person"
BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
WAITING, CONFIRMED = PendingAct.State.WAITING, PendingAct.State.CONFIRMED
NOBODY_ELSE: Final = "nobody else has this right"
"""What the record of an act says that needed a second person where there was none."""
DECIDED: Final = _("This proposal was decided already.")
OWN: Final = _("You proposed this, so somebody else has to confirm it.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of act: its name, how people call it, the permission that proposer and decider need.

    `carry_out(act)` does it in the transaction of the caller and returns what it was done to; it
    raises Refused where the world has changed since.
    """

    name: str
    title: Promise
    permission: str
    carry_out: Callable[[PendingAct], models.Model]


def kind_of(act: PendingAct) -> Kind:
    """Return the kind of a proposal. Raises KeyError for one that nobody registered."""
    kind: Kind = hooks.by_key("second_person_acts")[act.kind]
    return kind


def kinds() -> tuple[Kind, ...]:
    """Return every kind."""
    return hooks.registered("second_person_acts")


def others(permission: str, person: User | None) -> QuerySet[User]:
    """Return the open accounts of staff with a permission, but for this person."""
    people = User.objects.with_perm(permission, is_active=True, backend=BACKEND).filter(is_staff=True)
    return (people.exclude(pk=person.pk) if person else people).order_by("pk")


def waiting() -> QuerySet[PendingAct]:
    """Return the proposals that wait, the oldest first."""
    return PendingAct.objects.filter(state=WAITING).select_related("proposer").order_by("pk")


def waiting_for(kind: str, subject: str) -> PendingAct | None:
    """Return the proposal of a kind that waits on a thing."""
    return waiting().filter(kind=kind, subject=subject).first()


def propose(
    *, kind: str, subject: str, parameters: Mapping[str, Any], actor: User | None, reason: str
) -> PendingAct | None:
    """Let an act wait for a second person, in the transaction of the caller; everybody who may is told.

    Return None where nobody else has the right: the caller does it at once. Raises Refused: waits_already.
    """
    people = others(hooks.by_key("second_person_acts")[kind].permission, actor)
    if not people:
        return None
    # The unique key decides, not a look before: two may propose the same at once.
    try:
        with transaction.atomic():
            act = PendingAct.objects.create(
                kind=kind, subject=subject, parameters=dict(parameters), proposer=actor, reason=reason
            )
    except IntegrityError:
        raise Refused(
            "waits_already", 409, _("This has been proposed already and is waiting for a second person.")
        ) from None
    audit.record(actor=actor, action="propose", subject=act, reason=reason)
    for person in people:
        _tell(act, person, "wanted", actor)
    return act


def confirm(*, act_id: int, actor: User, note: str = "") -> models.Model:
    """Do what somebody else proposed, and return what it was done to.

    Raises Refused: not_found, decided, not_allowed, own_proposal, no_proposer where whoever proposed it may
    not do it any more, and whatever the act itself refuses; the proposal then goes on waiting.
    """
    with transaction.atomic():
        act = _locked(act_id, actor)
        kind = kind_of(act)
        if act.proposer_id == actor.pk:
            raise Refused("own_proposal", 403, OWN)
        # What somebody may not do themselves is not done by having proposed it.
        if act.proposer is None or not act.proposer.has_perm(kind.permission):
            raise Refused(
                "no_proposer",
                409,
                _("Whoever proposed this may not do it anymore. Decline it, then propose it yourself."),
            )
        done = kind.carry_out(act)
        audit.record(actor=actor, action="confirm", subject=done, reason=note, after={"proposal": act.pk})
        _decide(act, CONFIRMED, actor, note)
    return done


def decline(*, act_id: int, actor: User, reason: str) -> PendingAct:
    """Close a proposal without doing it; its proposer withdraws it.

    Raises Refused: not_found, decided, not_allowed.
    """
    with transaction.atomic():
        act = _locked(act_id, actor)
        own = act.proposer_id == actor.pk
        action = "withdraw" if own else "decline"
        audit.record(actor=actor, action=action, subject=act, reason=reason)
        _decide(act, PendingAct.State.WITHDRAWN if own else PendingAct.State.DECLINED, actor, reason)
    return act


def _locked(act_id: int, actor: User) -> PendingAct:
    # The row alone: its proposer's would wait for whatever they do.
    rows = PendingAct.objects.select_for_update(of=("self",), no_key=True)
    act = rows.select_related("proposer").filter(pk=act_id).first()
    if act is None:
        raise Refused("not_found", 404, _("Proposal not found."))
    if not actor.has_perm(kind_of(act).permission):
        raise Refused("not_allowed", 403, _("Your role does not allow this."))
    if act.state != WAITING:
        raise Refused("decided", 409, DECIDED)
    return act


def _decide(act: PendingAct, state: PendingAct.State, actor: User, why: str) -> None:
    PendingAct.objects.filter(pk=act.pk).update(state=state, decider=actor, decided_at=Now(), decision=why)
    if act.proposer is not None and act.proposer != actor and act.proposer.is_active:
        _tell(act, act.proposer, state, actor)


def _tell(act: PendingAct, person: User, news: str, by: User | None) -> None:
    """Write to somebody that a proposal waits, or what came of it. It names no answer, and no reason."""
    outbox.post(
        MAIL,
        person.email,
        {
            "proposal": act.pk,
            "kind": act.kind,
            "name": act.subject,
            "news": news,
            "by": by.email if by else "",
        },
        person=person,
        language=profiles.of(person).ui_language,
        dedupe_key=f"proposal-{act.pk}-{news}-{person.pk}",
    )
