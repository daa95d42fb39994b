"""A certification from nothing: begun hidden, written and reviewed as a draft, then put on the site."""

from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import catalogue as kind
from exams.authoring import guides, rights
from exams.authoring import services as drafts
from exams.authoring.models import Draft
from exams.catalogue import services
from exams.catalogue.models import Certification
from exams.publication import pending
from exams.publication.models import PendingAct
from i18n import languages

LONGEST_CODE: Final = 40
LISTING: Final = "listing"


def begin(*, code: str, language: str, actor: User) -> Draft:
    """Make a certification that the site does not show, and return the draft of its facts and texts.

    `language` is the one in which its questions are written first. Raises Refused: not_allowed, bad_code,
    bad_language, code_taken.
    """
    rights.need(actor, rights.WRITE)
    if len(code) > LONGEST_CODE or not guides.CODE.fullmatch(code):
        raise Refused(
            "bad_code", 422, _("A code has lower-case letters, digits, and single hyphens between them.")
        )
    if language not in languages.CODES:
        raise Refused("bad_language", 422, _("Choose a language of this site."))
    with transaction.atomic():
        made = _made(code, language)
        audit.record(actor=actor, action="begin", subject=made)
        return drafts.open_draft(kind=kind.NAME, certification=made, name=kind.NAME, actor=actor)


def _made(code: str, language: str) -> Certification:
    try:
        with transaction.atomic():
            return services.begin(code, language)
    except IntegrityError as error:
        raise Refused("code_taken", 409, _("There is a certification with this code already.")) from error


def put_on_site(*, certification_id: int, actor: User, reason: str) -> Certification | PendingAct:
    """Show a certification on the site, for good: from now on everybody finds it.

    Where somebody else may do it, too, it is proposed to them instead. Raises Refused: not_allowed,
    not_found, nothing_published, listed_already, waits_already.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        certification = _unlisted(certification_id)
        act = pending.propose(
            kind=LISTING,
            subject=subject_of(certification),
            parameters={"certification": certification.pk},
            actor=actor,
            reason=reason,
        )
        return act or _list(certification, actor, reason, pending.NOBODY_ELSE)


def subject_of(certification: Certification) -> str:
    """Return by which name proposals know a certification."""
    return certification.code.upper()


def _unlisted(certification_id: int) -> Certification:
    """Return a certification that could be put on the site. Raises Refused."""
    certification = Certification.objects.filter(pk=certification_id).first()
    if certification is None:
        raise Refused("not_found", 404, _("Certification not found."))
    if not certification.is_written:
        raise Refused(
            "nothing_published", 409, _("Facts and texts of this certification are not published yet.")
        )
    if certification.is_listed:
        raise _listed_already()
    return certification


def _listed_already() -> Refused:
    return Refused("listed_already", 409, _("This certification is on the site already."))


def _list(certification: Certification, actor: User | None, reason: str, second: str) -> Certification:
    if not services.list_on_site(certification):
        raise _listed_already()
    after = {"second_person": second}
    audit.record(actor=actor, action="put on site", subject=certification, reason=reason, after=after)
    return certification


def _confirmed(act: PendingAct) -> Certification:
    certification = _unlisted(act.parameters["certification"])
    return _list(certification, act.proposer, act.reason, "confirmed")


PROPOSED: Final = pending.Kind(LISTING, _("Put on the site"), rights.REVIEW, _confirmed)
