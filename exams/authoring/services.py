"""Acts on drafts: begin, save, send to review, comment, approve, publish. Nobody else writes these rows.

Each act locks the row of the draft first, so that two at once follow each other and the second sees what the
first did. What a role allows (`rights`) and four eyes are asked here, so that no caller can forget them.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import kinds, news, rights, selectors
from exams.authoring.forms import NAME as FORM
from exams.authoring.kinds import Content, ContentError, PastRuling, Rulable
from exams.authoring.models import COMMENT_MAX, OPEN, Draft, DraftComment, DraftEditor, DraftSave, State
from exams.bank.drafts import CannotPublish
from exams.bank.models import KeyRuling
from exams.catalog.models import Certification
from exams.content.digest import digest_of
from exams.publication import pending
from exams.publication import services as publication
from exams.publication.models import PublishLog

# What becomes of an approval when a draft is a draft again.
UNAPPROVED: Final[Mapping[str, Any]] = {"state": State.DRAFT, "approver": None, "approved_digest": ""}


def open_draft(*, kind: str, certification: Certification, name: str, actor: User) -> Draft:
    """Return the open draft of a thing, begun from what is current where there is none. Two at once get one.

    Raises KeyError for an unknown kind, and Refused: not_allowed, and invalid_content for a name that no
    thing of it has.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE)
    known = _open(kind, certification, name)
    if known is not None:
        return known
    doing = kinds.kind_of(kind)
    try:
        current = doing.current(certification, name)
        is_translation = kinds.is_translation(kind, certification, name)
    except ContentError as error:
        raise error.refusal() from error
    if current is None and not is_translation:
        rights.need(actor, rights.WRITE)
    content = doing.validate(current.content if current else doing.empty(certification))
    if current is not None and isinstance(doing, Rulable):
        content = doing.begin(certification, name, content)
    try:
        with transaction.atomic():
            draft = Draft.objects.create(
                kind=kind,
                certification=certification,
                name=name,
                content=content,
                digest=digest_of(content),
                base=current.log if current else None,
                author=actor,
            )
            audit.record(actor=actor, action="begin", subject=draft)
    except IntegrityError:
        # Somebody began it between the look and the insert; the unique key let one of both through.
        known = _open(kind, certification, name)
        if known is None:
            raise
        return known
    return draft


def _open(kind: str, certification: Certification, name: str) -> Draft | None:
    return Draft.objects.filter(kind=kind, certification=certification, name=name, state__in=OPEN).first()


def save(*, draft_id: int, revision: int, content: Mapping[str, Any], actor: User) -> Draft:
    """Store what somebody wrote over the revision that they saw; the draft is a draft again.

    Saving what is stored already changes nothing. Raises Refused: not_found, draft_closed, not_allowed,
    invalid_content (422, `field` says where), only_translations (403, likewise) where a translator touches
    anything else, and stale_draft (409), which carries what is stored now: `revision`, `content` and
    `person`, so that nothing of either is lost.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE)
    with transaction.atomic():
        draft = _locked(draft_id)
        wanted = validated(draft, content)
        digest = digest_of(wanted)
        if digest == draft.digest:
            # A reply that was lost is asked for again: that is no second save, and takes no approval back.
            return draft
        if revision != draft.revision:
            raise _stale(draft)
        _refuse_beyond_translations(draft, wanted, actor)
        _keep(draft, actor)
        draft.content, draft.digest = dict(wanted), digest
        draft.revision += 1
        draft.state, draft.approver, draft.approved_digest = State.DRAFT, None, ""
        draft.saved_at = Now()
        draft.save()
        DraftEditor.objects.update_or_create(
            draft=draft, person=actor, defaults={"seen_at": Now(), "saved_at": Now()}
        )
    draft.refresh_from_db()
    return draft


def validated(draft: Draft, content: Mapping[str, Any]) -> Content:
    """Return content in the one shape of its kind. Raises Refused: invalid_content."""
    try:
        return kinds.kind_of(draft.kind).validate(content)
    except ContentError as error:
        raise error.refusal() from error


def _refuse_beyond_translations(draft: Draft, wanted: Content, actor: User) -> None:
    if not rights.only_translates(actor) or kinds.is_translation(draft.kind, draft.certification, draft.name):
        return
    field = rights.beyond_translations(draft.content, wanted, draft.certification.original_language)
    if field is not None:
        raise Refused(
            "only_translations",
            403,
            _("A translator changes only texts in other languages than the original."),
            field=field,
        )


def _stale(draft: Draft) -> Refused:
    last = _last_editor(draft)
    return Refused(
        "stale_draft",
        409,
        _("Somebody saved this draft after you opened it. Compare both texts, then save what is right."),
        revision=draft.revision,
        content=draft.content,
        person=last.person_id if last else None,
    )


def _last_editor(draft: Draft) -> DraftEditor | None:
    return DraftEditor.objects.filter(draft=draft, saved_at__isnull=False).order_by("-saved_at").first()


def _keep(draft: Draft, actor: User) -> None:
    """Put the stored content into the history where another person goes on with it."""
    last = _last_editor(draft)
    if draft.state != State.DRAFT or (last is not None and last.person_id != actor.pk):
        DraftSave.objects.get_or_create(
            draft=draft,
            revision=draft.revision,
            defaults={"person_id": last.person_id if last else draft.author_id, "content": draft.content},
        )


def touch(*, draft_id: int, actor: User) -> None:
    """Remember that somebody has the draft open now. Raises Refused: not_found, not_allowed."""
    rights.need(actor, rights.SEE)
    if not Draft.objects.filter(pk=draft_id).exists():
        raise Refused("not_found", 404, _("Draft not found."))
    DraftEditor.objects.update_or_create(draft_id=draft_id, person=actor, defaults={"seen_at": Now()})


def comment(*, draft_id: int, actor: User, text: str, place: str = "") -> DraftComment:
    """Say something about a draft; who wrote it and who is to review it get a mail.

    Raises Refused: not_found, not_allowed, missing_text, too_long.
    """
    rights.need(actor, rights.SEE)
    words = _comment_text(text)
    with transaction.atomic():
        draft = Draft.objects.select_for_update(of=("self",), no_key=True).filter(pk=draft_id).first()
        if draft is None:
            raise Refused("not_found", 404, _("Draft not found."))
        made = _comment(draft, actor, words, place)
        news.announce(draft, actor)
        return made


def _comment_text(text: str) -> str:
    """Return what a comment says. Raises Refused: missing_text, too_long."""
    cleaned = text.replace("\0", "").strip()
    if not cleaned:
        raise Refused("missing_text", 422, _("Write a comment."))
    if len(cleaned) > COMMENT_MAX:
        raise Refused("too_long", 422, _("At most %(most)s characters."), values={"most": COMMENT_MAX})
    return cleaned


def _comment(draft: Draft, actor: User, text: str, place: str) -> DraftComment:
    return DraftComment.objects.create(
        draft=draft, person=actor, text=text, place=place.replace("\0", "")[:60], at_revision=draft.revision
    )


def send_to_review(*, draft_id: int, revision: int, actor: User, assignee: User | None = None) -> Draft:
    """Ask for a review of what stands.

    Raises Refused: as `save`, blocked with its `remarks`, and no_reviewer for who may not approve it.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE)
    with transaction.atomic():
        draft = _locked(draft_id)
        _same(draft, revision)
        _refuse_blocked(draft)
        if draft.state == State.APPROVED:
            raise Refused("approved_already", 409, _("This draft has been approved already."))
        if draft.state == State.REVIEW and draft.assignee == assignee:
            return draft
        if assignee and not selectors.reviewers(draft).filter(pk=assignee.pk).exists():
            raise no_reviewer()
        _change(draft, actor, "send", state=State.REVIEW, assignee=assignee)
        news.announce(draft, actor)
    return draft


def no_reviewer() -> Refused:
    """Return why somebody cannot be asked to review."""
    sentence = _("Choose somebody who may review. Whoever wrote part of this draft cannot.")
    return Refused(
        "no_reviewer", 422, sentence if settings.FOUR_EYES else _("Choose somebody who may review.")
    )


def assign(*, draft_id: int, actor: User, assignee: User | None) -> Draft:
    """Say who is to work on a draft next, None for nobody.

    Raises Refused: not_found, not_allowed, draft_closed.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE, rights.REVIEW)
    with transaction.atomic():
        draft = _locked(draft_id)
        if draft.assignee_id != (assignee.pk if assignee else None):
            _change(draft, actor, "assign", assignee=assignee)
            news.announce(draft, actor)
    return draft


def send_back(*, draft_id: int, actor: User, text: str) -> Draft:
    """Give a draft back to its author with a reason. Raises Refused: as `comment`, and not_in_review."""
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        draft = _locked(draft_id)
        if draft.state not in (State.REVIEW, State.APPROVED):
            raise Refused("not_in_review", 409, _("This draft is not in review."))
        _comment(draft, actor, _comment_text(text), "")
        _change(draft, actor, "send back", text, **UNAPPROVED, assignee=draft.author)
        news.announce(draft, actor)
    return draft


def approve(*, draft_id: int, digest: str, actor: User) -> Draft:
    """Approve exactly the content of this digest, by somebody who wrote none of it.

    Raises Refused: not_found, not_allowed, draft_closed, not_in_review, stale_draft, blocked and own_draft.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        draft = _locked(draft_id)
        if draft.state != State.REVIEW:
            raise Refused("not_in_review", 409, _("This draft is not in review."))
        if digest != draft.digest:
            raise _stale(draft)
        # The bank, the profile or the rules may have changed since it was sent.
        _refuse_blocked(draft)
        if settings.FOUR_EYES and wrote(draft, actor):
            raise Refused("own_draft", 403, _("Somebody who did not write this draft has to approve it."))
        _change(draft, actor, "approve", state=State.APPROVED, approver=actor, approved_digest=draft.digest)
        news.announce(draft, actor)
    return draft


def is_unchanged(draft: Draft) -> bool:
    """Tell whether a draft says what is published already."""
    doing = kinds.kind_of(draft.kind)
    current = doing.current(draft.certification, draft.name)
    return current is not None and digest_of(doing.validate(current.content)) == draft.digest


def wrote(draft: Draft, person: User) -> bool:
    """Tell whether somebody saved the draft, or began it."""
    saved = DraftEditor.objects.filter(draft=draft, person=person, saved_at__isnull=False)
    return draft.author_id == person.pk or saved.exists()


def lift_ruling(*, draft_id: int, ruling_id: int, actor: User, reason: str) -> Draft:
    """Let a draft have another key than the ruling in force says. Who wrote in it does not.

    Its author gets the reason as a comment. Raises Refused: not_found, not_allowed, draft_closed, own_draft,
    missing_text, too_long, and ruled_meanwhile where another ruling is in force, or none of a key.
    """
    rights.need(actor, rights.REVIEW)
    words = _comment_text(reason)
    with transaction.atomic():
        draft = _locked(draft_id)
        doing = kinds.kind_of(draft.kind)
        ruling = doing.ruling_on(draft.certification, draft.name) if isinstance(doing, Rulable) else None
        if ruling is None or ruling.pk != ruling_id or ruling.kind != KeyRuling.Kind.REPLACE:
            raise Refused("ruled_meanwhile", 409, _("This ruling is no longer in force. Reload the page."))
        if settings.FOUR_EYES and wrote(draft, actor):
            raise Refused(
                "own_draft", 403, _("Somebody who did not write this draft has to lift the ruling.")
            )
        if draft.lifted_ruling_id != ruling.pk:
            _change(draft, actor, "lift", words, lifted_ruling=ruling)
            _comment(draft, actor, words, "options")
            news.announce(draft, actor)
    return draft


def publish(
    *, draft_id: int, digest: str, actor: User, reason: str, seen_ruling: int | None = None, choice: str = ""
) -> PublishLog:
    """Publish exactly the content of this digest, which was approved.

    Where what is published was ruled on, `choice` says what becomes of the ruling `seen_ruling`. Raises
    Refused: not_found, draft_closed, stale_draft, not_approved (also where whoever approved it may not any
    more), outdated where something newer was published since the draft was begun, cannot_publish with the
    reasons, needs_second_person for a new exam, not_allowed, and what `kinds.Rulable.publish_past` raises.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        # In this order everywhere, so that two who publish never wait for each other.
        publication.wait_for_others()
        draft = _locked(draft_id)
        if digest != draft.digest:
            raise _stale(draft)
        if draft.state != State.APPROVED or draft.approved_digest != draft.digest:
            raise Refused("not_approved", 409, _("This draft has not been approved."))
        if draft.approver is None or not rights.may(draft.approver, rights.REVIEW):
            sentence = _("Whoever approved this draft no longer reviews. Send it back for another approval.")
            raise Refused("not_approved", 409, sentence)
        doing = kinds.kind_of(draft.kind)
        current = doing.current(draft.certification, draft.name)
        if (current.log if current else None) != draft.base:
            raise Refused(
                "outdated",
                409,
                _("A newer version was published after this draft was begun. Compare it before you publish."),
            )
        second = _second_person(draft, actor)
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        try:
            if isinstance(doing, Rulable):
                past = PastRuling(seen_ruling, choice, draft.lifted_ruling_id)
                doing.publish_past(draft.certification, draft.name, draft.content, log, past)
            else:
                doing.publish(draft.certification, draft.name, draft.content, log)
        except CannotPublish as error:
            raise Refused("cannot_publish", 422, str(error)) from error
        _change(draft, actor, "publish", reason, second, state=State.PUBLISHED, log=log)
        news.announce(draft, actor)
    return log


def rebase(*, draft_id: int, revision: int, actor: User) -> Draft:
    """Go on from what is current now, after somebody compared it; what was approved is approved no more."""
    rights.need(actor, rights.WRITE)
    with transaction.atomic():
        draft = _locked(draft_id)
        _same(draft, revision)
        current = kinds.kind_of(draft.kind).current(draft.certification, draft.name)
        _change(draft, actor, "rebase", **UNAPPROVED, base=current.log if current else None)
    return draft


def discard(*, draft_id: int, actor: User, reason: str) -> Draft:
    """Close a draft without publishing it; it stays to be read. Reviewers close any, others their own.

    Raises Refused: not_found, not_allowed, draft_closed, not_yours.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE, rights.REVIEW)
    with transaction.atomic():
        draft = _locked(draft_id)
        if draft.author_id != actor.pk and not rights.may(actor, rights.REVIEW):
            raise Refused("not_yours", 403, _("Somebody else began this draft. Ask them, or a reviewer."))
        _change(draft, actor, "discard", reason, state=State.DISCARDED)
        news.announce(draft, actor)
    return draft


def _locked(draft_id: int) -> Draft:
    # Rows that refer to a draft, as of who has it open, need not wait: its key does not change.
    rows = Draft.objects.select_for_update(of=("self",), no_key=True)
    draft = rows.select_related("certification", "base", "approver").filter(pk=draft_id).first()
    if draft is None:
        raise Refused("not_found", 404, _("Draft not found."))
    if draft.state not in OPEN:
        raise Refused("draft_closed", 409, _("This draft is closed. Start a new one."))
    return draft


def _same(draft: Draft, revision: int) -> None:
    if revision != draft.revision:
        raise _stale(draft)


def _refuse_blocked(draft: Draft) -> None:
    remarks = kinds.kind_of(draft.kind).remarks(draft.certification, draft.name, draft.content)
    blocking = [remark for remark in remarks if remark.blocks]
    if blocking:
        raise Refused(
            "blocked",
            422,
            _("Some rules are broken. Fix what is marked, then try again."),
            remarks=[
                {"field": remark.field, "rule": remark.rule, "sentence": str(remark.sentence)}
                for remark in blocking
            ],
        )


def _second_person(draft: Draft, actor: User) -> dict[str, str]:
    """Return what the record says of a second person, where a new exam is put on the site.

    Without four eyes one person may have written and approved it: then another one publishes it, if there is
    one who may. Raises Refused: needs_second_person.
    """
    alone = draft.approver == actor and wrote(draft, actor)
    if draft.kind != FORM or draft.base is not None or not alone:
        return {}
    if pending.others(rights.REVIEW, actor).exists():
        raise Refused(
            "needs_second_person",
            409,
            _("You wrote and approved this exam. Somebody else has to publish it."),
        )
    return {"second_person": pending.NOBODY_ELSE}


def _change(
    draft: Draft,
    actor: User,
    action: str,
    reason: str = "",
    second: Mapping[str, str] | None = None,
    **fields: Any,  # noqa: ANN401
) -> None:
    """Store what an act changes of a draft, and record the act."""
    before = draft.state
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save(update_fields=list(fields))
    audit.record(
        actor=actor,
        action=action,
        subject=draft,
        reason=reason,
        before={"state": before},
        after={"state": draft.state, "revision": draft.revision, "digest": draft.digest, **(second or {})},
    )
