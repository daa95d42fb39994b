"""What authoring registers at start."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.jobs import registry as jobs
from accounts.outbox import wanted
from accounts.privacy import cleanup
from accounts.privacy.cleanup import Table
from accounts.privacy.holdings import Part, holds, leaves_out, lines
from accounts.users.models import User
from exams.authoring import certifications, exports, imports, kinds, missing_translations, news, proof, rights
from exams.authoring.catalogue import CatalogueKind
from exams.authoring.forms import FormKind
from exams.authoring.items import ItemKind
from exams.authoring.models import Draft, DraftComment, DraftEditor, ImportFile
from exams.authoring.sheets import SheetKind
from exams.publication import pending

_WORK = "content of the site, which belongs to it; who worked on it is among acts and drafts"


def register() -> None:
    """Register the kind of items, and what an archive has of an author."""
    kinds.register(ItemKind())
    kinds.register(FormKind())
    kinds.register(CatalogueKind())
    kinds.register(SheetKind())
    pending.register(certifications.PROPOSED)
    missing_translations.register()
    holds(Part("drafts", _("Drafts you worked on."), _drafts, ("exams_drafteditor.person_id",)))
    said = ("exams_draftcomment.person_id",)
    holds(Part("draft_comments", _("What you said about drafts."), _comments, said))
    for column in ("author_id", "assignee_id", "approver_id"):
        leaves_out(f"exams_draft.{column}", _WORK)
    leaves_out("exams_draftsave.person_id", _WORK)
    leaves_out("exams_publishlog.actor_id", _WORK)
    for table in ("itemcheck.person_id", "reviewtask.closed_by_id", "itemassignment.person_id"):
        leaves_out(f"exams_{table}", _WORK)
    for column in ("proposer_id", "decider_id"):
        leaves_out(f"exams_pendingact.{column}", _WORK)
    leaves_out("exams_importfile.owner_id", "a file of questions, for a week")
    jobs.register(imports.CHECK, imports.run_check)
    jobs.register(imports.TAKE, imports.run_take)
    jobs.register(exports.KIND, exports.run, permission=rights.WRITE)
    jobs.register(proof.KIND, proof.run, permission=rights.SEE)
    wanted.register(news.MAIL, news.is_wanted)
    cleanup.cleans("imported files", _old_files)
    audit.belongs_to_people(Draft, lambda person: Draft.objects.filter(author=person))


def _drafts(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        DraftEditor.objects.filter(person=user).order_by("pk"),
        certification="draft__certification__code",
        name="draft__name",
        opened_at="seen_at",
        saved_at="saved_at",
    )


def _comments(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        DraftComment.objects.filter(person=user).order_by("pk"),
        certification="draft__certification__code",
        name="draft__name",
        text="text",
        at="at",
    )


def _old_files() -> Table:
    return Table(ImportFile._meta.db_table, "id", "created_at + interval '7 days'")
