"""Which version of an item is read today: withdrawn, or set to an earlier one. Versions themselves stay.

One reviewer withdraws, at once; a second one confirms or undoes it. The record of acts says how far
that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly import services as assembly
from exams.assembly.models import ExamForm
from exams.authoring import item_content, item_rulings, items, replacements, rights
from exams.authoring.replacements import EXCHANGE, FormShortage, Plan
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemVersion, KeyRuling
from exams.freshness import tasks
from exams.publication import pending
from exams.publication import services as publication
from exams.publication.models import PublishLog

MAIL: Final = "exams/email/question_withdrawn"
WITHDRAW: Final = "withdraw"
CONFIRM: Final = "confirm"
UNDO: Final = "undo"
RESTORE: Final = "restore"
ACTS: Final = (WITHDRAW, CONFIRM, UNDO, RESTORE)
"""Acts on a question by which it is in use or not: the last of them says how it stands."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was withdrawn by one act: the plan that was carried out, and what was out of use already."""

    plan: Plan
    before: tuple[Item, ...]


def withdraw(*, item_id: int, actor: User, reason: str) -> Item:
    """Take an item out of use and out of every exam. Raises Refused: as `withdraw_all`."""
    return withdraw_all(item_ids=[item_id], actor=actor, reason=reason).plan.items[0]


def withdraw_all(*, item_ids: Sequence[int], actor: User, reason: str) -> Withdrawn:
    """Take items out of use: exams that have one of them get a new edition, the sample drops it.

    All of it is one act. Whoever is taking such an exam keeps its edition. The other reviewers get a mail.
    Raises Refused: not_found, not_allowed, withdrawn_already where none is in use, too_short where an exam
    would have too few questions, and cannot_publish.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        publication.wait_for_others()
        chosen = _locked(item_ids)
        planned = replacements.plan([item for item in chosen if is_used(item)])
        if not planned.items:
            raise Refused("withdrawn_already", 409, _("This question is not in use."))
        if planned.shortages:
            raise Refused("too_short", 422, " ".join(map(sentence_of, planned.shortages)))
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        try:
            _carry_out(planned, actor, reason, log)
        except CannotPublish as error:
            raise Refused("cannot_publish", 422, str(error)) from error
        _tell_reviewers(planned, actor, reason, log)
    return Withdrawn(planned, tuple(item for item in chosen if item not in planned.items))


def is_used(item: Item) -> bool:
    """Tell whether an item is in use: it is current, or an exam or the sample has it all the same."""
    kept = ItemVersion.objects.filter(item=item).filter(
        Q(sample_items__isnull=False) | Q(form_items__edition__in=ExamForm.objects.values("current"))
    )
    return item.current_id is not None or kept.exists()


def sentence_of(shortage: FormShortage) -> str:
    """Return what has to be written before a question can leave an exam."""
    sentence = ngettext(
        "Exam %(exam)s would have too few questions: it needs %(least)s, and some that count in each domain. "
        "First write and publish %(count)s new question on task statement %(tasks)s.",
        "Exam %(exam)s would have too few questions: it needs %(least)s, and some that count in each domain. "
        "First write and publish %(count)s new questions on task statements %(tasks)s.",
        shortage.wanted,
    )
    return sentence % {
        "exam": shortage.form.number,
        "least": shortage.least,
        "count": shortage.wanted,
        "tasks": ", ".join(shortage.tasks),
    }


def _carry_out(planned: Plan, actor: User, reason: str, log: PublishLog) -> None:
    places = {item.pk: position for item, position in planned.sample}
    for item in planned.items:
        forms = [change.form.pk for change in planned.forms if item in [left.item for left in change.leaving]]
        # Withdrawals once left questions in exams.
        version = item.current or replacements.last_version(item)
        _point(item, None, actor, WITHDRAW, reason, log, was=version, forms=forms, sample=places.get(item.pk))
    for change in planned.forms:
        edition = assembly.follow(change.form, change.before, change.items, log)
        audit.record(
            actor=actor,
            action=EXCHANGE,
            subject=change.form,
            reason=reason,
            before={"edition": change.before.number},
            after={
                "edition": edition.number,
                "log": log.pk,
                "left": {left.item.code: left.record() for left in change.leaving},
            },
        )
    samples.drop([item.pk for item, _position in planned.sample])


def _tell_reviewers(planned: Plan, actor: User, reason: str, log: PublishLog) -> None:
    """Mail everybody who may confirm or undo a withdrawal."""
    codes = [item.code for item in planned.items]
    for person in pending.others(rights.REVIEW, actor):
        outbox.post(
            MAIL,
            person.email,
            {
                "name": ", ".join(codes[:10]) + ("…" if len(codes) > 10 else ""),
                "certification": planned.items[0].certification.code.upper(),
                "item": planned.items[0].pk if len(codes) == 1 else 0,
                "text": reason,
                "by": actor.email,
            },
            person=person,
            language=profiles.of(person).ui_language,
            dedupe_key=f"withdrawn-{log.pk}-{person.pk}",
        )


def withdrawal(item: Item) -> AuditEntry | None:
    """Return the record of the withdrawal that a question is out of use by, None where there is none."""
    last = _last_act(item)
    if item.current_id is not None or last is None or last.action not in (WITHDRAW, CONFIRM):
        return None
    return last if last.action == WITHDRAW else audit.of(item).filter(action=WITHDRAW).first()


def is_waiting(item: Item) -> bool:
    """Tell whether a question was withdrawn and no second reviewer has confirmed it yet."""
    last = _last_act(item)
    return item.current_id is None and last is not None and last.action == WITHDRAW


def _last_act(item: Item) -> AuditEntry | None:
    return audit.of(item).filter(action__in=ACTS).first()


def may_confirm(act: AuditEntry, person: User) -> bool:
    """Tell whether somebody may confirm a withdrawal: not their own, unless nobody else could."""
    if not rights.may(person, rights.REVIEW):
        return False
    if not settings.FOUR_EYES or act.actor_id != person.pk:
        return True
    return not pending.others(rights.REVIEW, person).exists()


def confirm(*, item_id: int, actor: User, reason: str = "") -> Item:
    """Say that a withdrawal was right.

    Raises Refused: not_found, not_allowed, decided_already, own_act, and still_used where an exam or the
    sample has the question all the same, as withdrawals once left it.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        item, act = _waiting(item_id)
        if not may_confirm(act, actor):
            raise Refused("own_act", 403, _("Somebody who did not withdraw it has to confirm it."))
        if is_used(item):
            raise Refused(
                "still_used", 409, _("An exam still has this question. Withdraw it once more first.")
            )
        alone = {"second_person": pending.NOBODY_ELSE} if act.actor_id == actor.pk else {}
        after = {"log": act.after.get("log"), **alone}
        audit.record(actor=actor, action=CONFIRM, subject=item, reason=reason, after=after)
    return item


def _waiting(item_id: int) -> tuple[Item, AuditEntry]:
    """Return a question whose withdrawal waits to be confirmed, locked, and the record of its withdrawal."""
    publication.wait_for_others()
    (item,) = _locked([item_id])
    act = withdrawal(item)
    if act is None or not is_waiting(item):
        raise Refused(
            "decided_already", 409, _("No withdrawal of this question waits for a second reviewer.")
        )
    return item, act


def undo(*, item_id: int, actor: User, reason: str) -> Item:
    """Undo a withdrawal that waits to be confirmed: the question, its places in exams and in the sample.

    An exam that was put together anew meanwhile stays as it is. Raises Refused: not_found, not_allowed,
    decided_already, cannot_publish.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        item, act = _waiting(item_id)
        version = ItemVersion.objects.get(item=item, number=act.before["version"])
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        _point(item, version, actor, UNDO, reason, log)
        _say_again(version, item.certification.original_language, log)
        try:
            for form in ExamForm.objects.filter(pk__in=act.after.get("forms", ())).order_by("number"):
                _put_back(item, form, act.after["log"], actor, reason, log)
            items.renew(item.certification, item, log)
        except CannotPublish as error:
            raise Refused("cannot_publish", 422, str(error)) from error
        if position := act.after.get("sample"):
            samples.put_back(version, position)
    return item


def _put_back(item: Item, form: ExamForm, withdrawn: int, actor: User, reason: str, log: PublishLog) -> None:
    exchanged = audit.of(form).filter(action=EXCHANGE, after__log=withdrawn).get()
    change = replacements.put_back(item, form, exchanged)
    if change is None:
        return
    before, placed = change
    edition = assembly.follow(form, before, placed, log)
    audit.record(
        actor=actor,
        action=EXCHANGE,
        subject=form,
        reason=reason,
        before={"edition": before.number},
        after={"edition": edition.number, "log": log.pk, "back": [item.code]},
    )


def restore(*, item_id: int, version_id: int, actor: User, reason: str, answers: int | None = None) -> Item:
    """Go back to an earlier version: it is read from now on, and exams with the item get a new edition.

    `answers` is the ruling on another version that this one answers. A ruling is not carried over: people
    have taken the version, so it is ruled on itself. Raises Refused: not_found for an item or a published
    version of it, not_allowed, current_already, ruling_undecided, and cannot_publish where an exam would have
    no question that counts.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        publication.wait_for_others()
        (item,) = _locked([item_id])
        version = ItemVersion.objects.filter(pk=version_id, item=item, published_at__isnull=False).first()
        if version is None:
            raise Refused("not_found", 404, _("Version not found."))
        if item.current_id == version.pk:
            raise Refused("current_already", 409, _("This version is the current one."))
        ruling = item_rulings.unanswered(item, version)
        if ruling is not None and ruling.pk != answers:
            raise _undecided(ruling, version)
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        _point(item, version, actor, RESTORE, reason, log)
        _say_again(version, item.certification.original_language, log)
        try:
            items.renew(item.certification, item, log)
        except CannotPublish as error:
            raise Refused("cannot_publish", 422, str(error)) from error
        if ruling is not None:
            audit.record(
                actor=actor,
                action=str(item_rulings.Outcome.ANSWERED),
                subject=ruling,
                reason=reason,
                before={"version": ruling.version.number},
                after={"version": version.number},
            )
    return item


def _undecided(ruling: KeyRuling, version: ItemVersion) -> Refused:
    sentence = _(
        "There is a ruling on version %(ruled)s, made after version %(number)s was published. Choose that "
        "version %(number)s answers it, or rule on version %(number)s first."
    )
    values = {"ruled": ruling.version.number, "number": version.number}
    return Refused("ruling_undecided", 409, sentence, values=values)


def _say_again(version: ItemVersion, language: str, log: PublishLog) -> None:
    """Store the original text once more: a pointer names no entry of the log, so the text tells who set it.

    Files then leave the question alone, and a draft begun before is compared first.
    """
    bank.add_text(version, item_content.text_draft(items.content_of(version), language), log)


def _locked(item_ids: Sequence[int]) -> list[Item]:
    """Lock items, by code. Raises Refused not_found where there is none of them."""
    rows = Item.objects.select_for_update(of=("self",), no_key=True).select_related(
        "certification", "current", "task__domain"
    )
    locked = list(rows.filter(pk__in=item_ids).order_by("code"))
    if not locked:
        raise Refused("not_found", 404, _("Question not found."))
    return locked


def _point(
    item: Item,
    version: ItemVersion | None,
    actor: User,
    action: str,
    reason: str,
    log: PublishLog,
    *,
    was: ItemVersion | None = None,
    **after: Any,  # noqa: ANN401
) -> None:
    before = was or item.current
    item.current = version
    item.save(update_fields=["current"])
    tasks.refresh(item.certification_id, [item.pk])
    audit.record(
        actor=actor,
        action=action,
        subject=item,
        reason=reason,
        before={"version": before.number if before else None},
        after={"version": version.number if version else None, "log": log.pk, **after},
    )
