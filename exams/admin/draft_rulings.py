"""What the editor of a question says of a ruling on the version before, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.admin.draft_pages import Desk
from exams.authoring import item_content, item_rulings, rights, services
from exams.authoring.item_content import LETTERS
from exams.authoring.item_rulings import NamedOption, RuledVersion
from exams.authoring.models import OPEN, Draft


@dataclass(frozen=True, slots=True)
class RulingNotice:
    """A ruling as the page of a draft shows it.

    `follows` tells that the draft has the key that was ruled, `lifted` is the act of who let it have another
    one. `is_open` tells that who publishes has to choose, `can_be_carried` what they can choose. If it is
    carried over, it accepts the options with these `letters` as well.
    """

    ruled: RuledVersion
    named: Sequence[NamedOption]
    follows: bool
    lifted: AuditEntry | None
    may_lift: bool
    is_open: bool
    can_be_carried: bool
    letters: str


def notice_of(desk: Desk) -> RulingNotice | None:
    """Return what is to be said of a ruling on a draft's question, None where there is nothing."""
    draft, person = desk.draft, desk.person
    ruled = item_rulings.of(draft.certification, draft.name) if draft.state in OPEN else None
    if ruled is None:
        return None
    follows = ruled.follows(desk.content)
    is_lifted = draft.lifted_ruling_id == ruled.ruling.pk
    return RulingNotice(
        ruled=ruled,
        named=ruled.named(desk.content),
        follows=follows,
        lifted=_lift_of(draft) if is_lifted and not follows else None,
        may_lift=not (follows or is_lifted) and person is not None and _may_lift(draft, person),
        is_open=not ruled.is_key and _is_new_version(ruled, desk),
        can_be_carried=ruled.can_be_carried(desk.content),
        letters=", ".join(LETTERS[place] for place in ruled.carried(desk.content)),
    )


def _may_lift(draft: Draft, person: User) -> bool:
    is_own = settings.FOUR_EYES and services.wrote(draft, person)
    return rights.may(person, rights.REVIEW) and not is_own


def _is_new_version(ruled: RuledVersion, desk: Desk) -> bool:
    """Tell whether the draft becomes a version: one with other translations alone does not."""
    if ruled.language not in desk.content["texts"]:
        return True
    draft = item_content.item_draft(desk.content, desk.draft.name, ruled.language)
    return ruled.version.digest != draft.digest()


def _lift_of(draft: Draft) -> AuditEntry | None:
    return audit.of(draft).filter(action="lift").order_by("-pk").first()
