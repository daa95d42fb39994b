"""What authoring stores about a person: the declaration of each table."""

from datetime import timedelta
from typing import Final

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base.personal_data import Expiry, Table
from exams.authoring.models import Draft, DraftComment, DraftEditor, DraftSave, ImportFile
from exams.freshness.models import ItemAssignment, ItemCheck, ReviewTask
from exams.publication.models import PendingAct, PublishLog
from exams.statistics.models import ItemDecision

WORK: Final = "content of the site, which belongs to it; who worked on it is among acts and drafts"

TABLES: Final = (
    Table(
        DraftEditor,
        "drafts",
        _("Drafts you worked on."),
        "draft__certification__code as certification, draft__name as name, seen_at as opened_at, saved_at",
        person="person",
    ),
    Table(
        DraftComment,
        "draft_comments",
        _("What you said about drafts."),
        "draft__certification__code as certification, draft__name as name, text, at",
        {"where in the draft, which belongs to the site": "place, at_revision"},
        person="person",
        kept=True,
    ),
    Table(Draft, omitted={WORK: "author, assignee, approver"}, kept=True),
    Table(DraftSave, omitted={WORK: "person"}, kept=True),
    Table(PublishLog, omitted={WORK: "actor"}, kept=True),
    Table(ItemCheck, omitted={WORK: "person"}, kept=True),
    Table(ReviewTask, omitted={WORK: "closed_by"}, kept=True),
    Table(ItemAssignment, omitted={WORK: "person"}),
    Table(PendingAct, omitted={WORK: "proposer, decider"}, kept=True),
    Table(
        ItemDecision,
        omitted={"an act of staff on a question; it is among own acts": "actor"},
        kept=True,
    ),
    Table(
        ImportFile,
        omitted={"a file of questions, for a week": "owner"},
        expires=Expiry(
            "imported files", lambda: ImportFile.objects.filter(created_at__lt=Now() - timedelta(days=7))
        ),
    ),
)
