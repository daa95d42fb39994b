"""Reading drafts: one with its people, who has it open now, whom it can be given to, what it was before."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Left, Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.roles import registry
from accounts.users.models import User
from exams.authoring import rights
from exams.authoring.forms import NAME as FORM
from exams.authoring.models import Draft, DraftComment, DraftEditor, DraftSave
from exams.catalog.models import Certification
from exams.publication import pending

OPEN_FOR: Final = timedelta(seconds=60)
"""So long after its last sign a page counts as open; it gives one three times as often."""
ROLES: Final = (registry.AUTHORS, registry.REVIEWERS, registry.TRANSLATORS)
BEGINNING: Final = 400


def draft(draft_id: int) -> Draft:
    """Return a draft with its certification and people. Raises Refused: not_found. One statement."""
    people = ("certification", "base", "author", "assignee", "approver")
    draft = Draft.objects.select_related(*people).filter(pk=draft_id).first()
    if draft is None:
        raise Refused("not_found", 404, _("Draft not found."))
    return draft


def others(draft_id: int, person: User) -> list[str]:
    """Return the addresses of all others who have a draft open now. One statement."""
    rows = DraftEditor.objects.filter(draft_id=draft_id, seen_at__gt=Now() - OPEN_FOR)
    return list(rows.exclude(person=person).order_by("person__email").values_list("person__email", flat=True))


def saved_last_by(draft_id: int) -> str:
    """Return the address of whoever saved a draft last, "" before the first save. One statement."""
    rows = DraftEditor.objects.filter(draft_id=draft_id, saved_at__isnull=False).order_by("-saved_at")
    return rows.values_list("person__email", flat=True).first() or ""


def colleagues() -> QuerySet[User]:
    """Return everybody to whom a draft can be given."""
    roles = Q(groups__name__in=ROLES) | Q(is_superuser=True)
    return User.objects.filter(roles, is_active=True, is_staff=True).distinct().order_by("email")


def colleague(person_id: int) -> User:
    """Return somebody to whom a draft can be given. Raises Refused: no_colleague."""
    person = colleagues().filter(pk=person_id).first()
    if person is None:
        raise Refused("no_colleague", 422, _("Choose somebody who works on content."))
    return person


def reviewers(draft: Draft | None = None) -> QuerySet[User]:
    """Return everybody who may review: of a draft, where four eyes hold, only who has not written in it."""
    people = pending.others(rights.REVIEW, None).order_by("email")
    if draft is None or not settings.FOUR_EYES:
        return people
    wrote = DraftEditor.objects.filter(draft=draft, saved_at__isnull=False).values("person")
    others = people.exclude(pk__in=wrote)
    return others if draft.author_id is None else others.exclude(pk=draft.author_id)


def saves(draft_id: int) -> QuerySet[DraftSave]:
    """Return what a draft was before others went on with it, newest first."""
    return DraftSave.objects.filter(draft_id=draft_id).select_related("person").order_by("-revision")


def acts(kind: str, certification: Certification, name: str) -> QuerySet[AuditEntry]:
    """Return what staff did with every draft of a thing, the newest first. One statement."""
    drafts = Draft.objects.filter(kind=kind, certification=certification, name=name)
    return audit.of_all(Draft, drafts)


def comments(draft_id: int) -> QuerySet[DraftComment]:
    """Return what was said about a draft, in order."""
    return DraftComment.objects.filter(draft_id=draft_id).select_related("person").order_by("pk")


def beginning() -> Left:
    """Return, as part of a statement over drafts, how the original text of the question begins."""
    path = (F("content"), Value("texts"), F("certification__original_language"), Value("stem"))
    return Left(Func(*path, function="jsonb_extract_path_text", output_field=TextField()), BEGINNING)


def questions() -> Case:
    """Return, as part of a statement over drafts, how many questions a drafted exam has; None for others."""
    items = Func(F("content"), Value("items"), function="jsonb_extract_path")
    count = Func(items, function="jsonb_array_length", output_field=IntegerField())
    return Case(When(kind=FORM, then=count))
