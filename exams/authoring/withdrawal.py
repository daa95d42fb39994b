"""Withdrawing and restoring questions: where one is used, what takes its place, what becomes of exams."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Count, F, Q
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
from exams.assembly.drafts import Placed
from exams.assembly.models import ExamForm, FormEdition, FormItem, SampleItem
from exams.assembly.selectors import StandingItem, current_edition, kept_versions, places_of
from exams.authoring import item_content, item_rulings, items, rights
from exams.authoring.forms import NAME as FORM
from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft
from exams.bank import rulings
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemVersion, KeyRuling
from exams.catalog.models import Certification
from exams.content.records import SAMPLE_IDS
from exams.freshness import tasks
from exams.publication import pending
from exams.publication import services as publication
from exams.publication.models import PublishLog
from exams.statistics import selectors as statistics
from exams.statistics.models import ItemDecision

LEAST: Final = 60
"""An exam of 60 questions or more never has fewer than these because of a withdrawal."""
EXCHANGE: Final = "exchange"
"""How the record of acts calls it when an exam lost questions that were withdrawn, or got them back."""
_DIFFICULTIES: Final = tuple(ItemVersion.Difficulty.values)


def least(designed: int) -> int:
    """Return how few questions an exam may have that was put together with `designed` of them.

    A smaller exam than one of 60 keeps nine tenths of its questions, rounded down, and at least one.
    """
    return LEAST if designed >= LEAST else max(designed * 9 // 10, 1)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A withdrawn question at its place in an exam; `by` is the code of what comes there, "" for nothing."""

    item: Item
    placed: Placed
    by: str

    def record(self) -> dict[str, Any]:
        """Return what has to be known to put it back."""
        return {"position": self.placed.position, "scored": self.placed.is_scored, "by": self.by}


@dataclass(frozen=True, slots=True)
class FormChange:
    """The next edition of an exam: its items, and what leaves it."""

    form: ExamForm
    before: FormEdition
    items: tuple[Placed, ...]
    leaving: tuple[Leaving, ...]

    @property
    def lost(self) -> int:
        """Return how many questions leave without another in their place."""
        return sum(not left.by for left in self.leaving)


@dataclass(frozen=True, slots=True)
class FormShortage:
    """An exam that would have too few questions, or a domain in which none counts; `tasks` lack questions.

    `wanted` is how many have to be written.
    """

    form: ExamForm
    least: int
    wanted: int
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What withdrawing questions does. With a shortage they cannot be withdrawn."""

    items: tuple[Item, ...]
    forms: tuple[FormChange, ...]
    shortages: tuple[FormShortage, ...]
    sample: tuple[tuple[Item, int], ...]


@dataclass(frozen=True, slots=True)
class _Spare:
    """A question that is in no exam."""

    item: Item
    languages: frozenset[str]
    is_drafted: bool


def plan(items: Sequence[Item]) -> Plan:
    """Return what withdrawing these questions does; the same bank gives the same plan."""
    ordered = sorted(items, key=lambda item: (item.certification_id, item.code))
    changes: list[FormChange] = []
    shortages: list[FormShortage] = []
    for _key, group in groupby(ordered, key=lambda item: item.certification_id):
        own = list(group)
        spares = _spares(own[0].certification, {item.pk for item in own})
        for form, edition in _forms_of(own):
            change = _change(form, edition, own, spares)
            changes.append(change)
            shortages += _shortages(change)
    sample = SampleItem.objects.filter(version__item__in=ordered).order_by("certification", "position")
    placed = dict(sample.values_list("version__item_id", "position"))
    return Plan(
        tuple(ordered),
        tuple(changes),
        tuple(shortages),
        tuple((item, placed[item.pk]) for item in ordered if item.pk in placed),
    )


def _forms_of(items: Sequence[Item]) -> list[tuple[ExamForm, FormEdition]]:
    """Return the exams whose current edition has one of these questions, by number."""
    rows = FormEdition.objects.filter(form__current=F("pk"), items__version__item__in=items)
    editions = rows.distinct().select_related("form__certification").order_by("form__number")
    return [(edition.form, edition) for edition in editions]


def _spares(certification: Certification, leaving: Collection[int]) -> list[_Spare]:
    """Return the questions that may take a place, by code: published, and in no exam.

    What anybody may try, or could once, is none of them. What was ruled on, or is to be retired, waits for
    its correction.
    """
    rows = Item.objects.filter(certification=certification, current__isnull=False).exclude(pk__in=leaving)
    used = FormItem.objects.filter(
        edition__form__certification=certification, edition__form__current=F("edition")
    )
    rows = rows.exclude(pk__in=used.values("version__item_id"))
    rows = rows.exclude(versions__sample_items__isnull=False)
    rows = rows.select_related("task__domain", "current").order_by("code")
    items = list(rows.annotate(languages=ArrayAgg("current__texts__language", distinct=True)))
    versions = [item.current_id for item in items if item.current_id]
    ruled = rulings.in_force(rulings.newest())
    retired = {
        version
        for version, decision in statistics.decisions(versions).items()
        if decision.kind == ItemDecision.Kind.RETIRE
    }
    drafted = _drafted(certification)
    return [
        _Spare(item, frozenset(item.languages), item.code in drafted)
        for item in items
        if item.current_id not in ruled
        and item.current_id not in retired
        and not SAMPLE_IDS.fullmatch(item.code)
    ]


def _drafted(certification: Certification) -> set[str]:
    """Return the codes of questions that somebody writes on, or puts into an exam, now. One statement."""
    drafts = Draft.objects.filter(kind__in=(NAME, FORM), certification=certification, state__in=OPEN)
    codes: set[str] = set()
    for draft in drafts:
        codes |= {draft.name} if draft.kind == NAME else {item["code"] for item in draft.content["items"]}
    return codes


def _change(form: ExamForm, edition: FormEdition, items: Sequence[Item], spares: list[_Spare]) -> FormChange:
    """Return the next edition of an exam; what it takes of the spares is taken from the list."""
    withdrawn = {item.code: item for item in items}
    standing = places_of([edition.pk])[edition.pk]
    stays = [item.code for item in standing if item.code not in withdrawn]
    rows = Item.objects.filter(certification_id=form.certification_id, code__in=stays)
    twins = {name for name in rows.values_list("twins", flat=True) if name}
    languages = frozenset(edition.papers.values_list("language", flat=True))
    left: list[Leaving] = []
    placed: list[Placed] = []
    for standing_item in standing:
        if standing_item.code not in withdrawn:
            placed.append(_renewed(standing_item))
            continue
        item = withdrawn[standing_item.code]
        spare = _best(
            item, standing_item, languages, [each for each in spares if each.item.twins not in twins]
        )
        left.append(Leaving(item, standing_item.placed, spare.item.code if spare else ""))
        if spare is not None:
            spares.remove(spare)
            twins |= {spare.item.twins} - {""}
            placed.append(replace(standing_item.placed, version_id=spare.item.current_id or 0))
    return FormChange(form, edition, numbered(placed), tuple(left))


def _renewed(item: StandingItem) -> Placed:
    return replace(item.placed, version_id=item.current_id or item.placed.version_id)


def numbered(placed: Iterable[Placed]) -> tuple[Placed, ...]:
    """Return places numbered from 1 in their order."""
    return tuple(replace(item, position=number) for number, item in enumerate(placed, start=1))


def _best(
    item: Item, place: StandingItem, languages: frozenset[str], spares: Sequence[_Spare]
) -> _Spare | None:
    """Return the spare question that is most like one that leaves; of equals the first by code.

    Nobody should meet it in a language that they did not choose; then it should be answered, be as hard and
    cover the same. One that is in an open draft comes last.
    """
    version = ItemVersion.objects.get(pk=place.placed.version_id)

    def unlike(spare: _Spare) -> tuple[int, bool, int, int, bool, str]:
        other = spare.item.current
        assert other is not None  # noqa: S101  (spares are published)
        apart = abs(_DIFFICULTIES.index(other.difficulty) - _DIFFICULTIES.index(version.difficulty))
        return (
            len(languages - spare.languages),
            (other.kind, other.choose) != (version.kind, version.choose),
            apart,
            -len({*spare.item.coverage} & {*item.coverage}),
            spare.is_drafted,
            spare.item.code,
        )

    same = [spare for spare in spares if spare.item.task_id == item.task_id]
    return min(same, key=unlike, default=None)


def _shortages(change: FormChange) -> Iterator[FormShortage]:
    if not change.lost:
        return
    fewest = least(designed(change.form))
    missing = max(fewest - len(change.items), 0)
    counting = _counting(change.items)
    emptied = {
        left.placed.domain_number
        for left in change.leaving
        if left.placed.is_scored and not left.by and not counting[left.placed.domain_number]
    }
    short = [left for left in change.leaving if not left.by]
    needed = short if missing else [left for left in short if left.placed.domain_number in emptied]
    if needed:
        tasks = tuple(sorted({left.item.task.code for left in needed}))
        yield FormShortage(change.form, fewest, max(missing, len(emptied)), tasks)


def _counting(items: Iterable[Placed]) -> Counter[int]:
    """Return how many questions count in each domain."""
    out = rulings.out_of_score()
    return Counter(item.domain_number for item in items if item.is_scored and item.version_id not in out)


def designed(form: ExamForm) -> int:
    """Return how many questions an exam had when it was last put together, by files or by a person."""
    exchanged = {entry.after.get("edition") for entry in audit.of(form).filter(action=EXCHANGE)}
    size = last = 0
    for number, length in form.editions.order_by("number").values_list("number", Count("items")):
        if number not in exchanged and length != last:
            size = length
        last = length
    return size


def put_back(
    item: Item, form: ExamForm, exchanged: AuditEntry
) -> tuple[FormEdition, tuple[Placed, ...]] | None:
    """Return the current edition of an exam, and its items with one that left it by a recorded exchange.

    It comes to the place of what replaced it, else after what it followed. None where there is no such place:
    the exam was put together anew meanwhile, or has the question.
    """
    edition = current_edition(form.pk)
    if edition is None or item.current_id is None:
        return None
    standing = places_of([edition.pk])[edition.pk]
    placed, codes = [_renewed(item) for item in standing], [item.code for item in standing]
    replaced = _replaced(form)
    heir = _heir(item.code, codes, replaced)
    if item.code in codes or (heir and heir not in codes):
        return None
    if heir:
        index = codes.index(heir)
        placed[index] = replace(placed[index], version_id=item.current_id)
    elif len(placed) < designed(form):
        own = Placed(
            0, item.current_id, exchanged.after["left"][item.code]["scored"], item.task.domain.number
        )
        before = _codes(form, exchanged.before["edition"])
        followed = [_heir(code, codes, replaced) for code in before[: before.index(item.code)]]
        placed.insert(max((codes.index(code) + 1 for code in followed if code in codes), default=0), own)
    else:
        return None
    return edition, numbered(placed)


@dataclass(frozen=True, slots=True)
class ChangedExam:
    """An exam that is as a withdrawal left it: `by` has the place of the question, "" for nothing."""

    form: ExamForm
    by: str


def still_changed(item: Item) -> list[ChangedExam]:
    """Return the exams, by number, that lost a question by a withdrawal and are not put together anew since.

    None while it is out of use. Two statements, and seven for each exam that ever lost it.
    """
    if item.current_id is None:
        return []
    forms = ExamForm.objects.filter(certification=item.certification_id)
    lost = audit.of_all(ExamForm, forms).filter(action=EXCHANGE, after__left__has_key=item.code)
    ids = set(map(int, lost.values_list("subject_id", flat=True)))
    changed = [_changed(item, form) for form in forms.filter(pk__in=ids).order_by("number")]
    return [one for one in changed if one is not None]


def _changed(item: Item, form: ExamForm) -> ChangedExam | None:
    edition = current_edition(form.pk)
    codes = [one.code for one in places_of([edition.pk])[edition.pk]] if edition else []
    heir = _heir(item.code, codes, _replaced(form))
    if item.code in codes or not (heir or len(codes) < designed(form)):
        return None
    return ChangedExam(form, heir)


def _codes(form: ExamForm, edition: int) -> list[str]:
    """Return the questions of an edition in their order. One statement."""
    rows = FormItem.objects.filter(edition__form=form, edition__number=edition).order_by("position")
    return list(rows.values_list("version__item__code", flat=True))


def _replaced(form: ExamForm) -> dict[str, str]:
    """Return what came to the place of each question that ever left an exam, "" for nothing."""
    entries = audit.of(form).filter(action=EXCHANGE).order_by("pk")
    return {code: was["by"] for entry in entries for code, was in entry.after.get("left", {}).items()}


def _heir(code: str, codes: Collection[str], replaced: Mapping[str, str]) -> str:
    """Return which of these questions is at the place of one: itself, or what replaced it; "" for none."""
    for _step in replaced:
        if code in codes or code not in replaced:
            break
        code = replaced[code]
    return code


def last_version(item: Item) -> ItemVersion | None:
    """Return the version of a question that is out of use: what exams still have of it, else the newest."""
    return kept_versions(item.certification.code).filter(item=item).first()


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
        planned = plan([item for item in chosen if is_used(item)])
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
        version = item.current or last_version(item)
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
    change = put_back(item, form, exchanged)
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
