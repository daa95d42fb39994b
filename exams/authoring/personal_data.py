"""What authoring stores about a person: the declaration of each table."""

from typing import Final

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
        {
            "certification": "draft__certification__code",
            "name": "draft__name",
            "opened_at": "seen_at",
            "saved_at": "saved_at",
        },
        person="person",
    ),
    Table(
        DraftComment,
        "draft_comments",
        _("What you said about drafts."),
        {"certification": "draft__certification__code", "name": "draft__name", "text": "text", "at": "at"},
        dict.fromkeys(("place", "at_revision"), "where in the draft, which belongs to the site"),
        person="person",
        kept=True,
    ),
    Table(Draft, omitted=dict.fromkeys(("author", "assignee", "approver"), WORK), kept=True),
    Table(DraftSave, omitted={"person": WORK}, kept=True),
    Table(PublishLog, omitted={"actor": WORK}, kept=True),
    Table(ItemCheck, omitted={"person": WORK}, kept=True),
    Table(ReviewTask, omitted={"closed_by": WORK}, kept=True),
    Table(ItemAssignment, omitted={"person": WORK}),
    Table(PendingAct, omitted=dict.fromkeys(("proposer", "decider"), WORK), kept=True),
    Table(
        ItemDecision,
        omitted={"actor": "an act of staff on a question; it is among own acts"},
        kept=True,
    ),
    Table(
        ImportFile,
        omitted={"owner": "a file of questions, for a week"},
        expires=Expiry("imported files", lambda: "created_at + interval '7 days'"),
    ),
)
