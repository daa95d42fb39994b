"""Gatherer: what Django looks for. Code imports from the packages, never from here."""

from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper, SampleItem
from exams.attempts.models import AnswerEvent, Attempt, RefusedAnswer, Score
from exams.authoring.models import Draft, DraftComment, DraftEditor, DraftSave, ImportFile
from exams.bank.models import Item, ItemImage, ItemText, ItemVersion, KeyRuling, Option, OptionText
from exams.catalogue.models import (
    Certification,
    CertificationText,
    ContentFile,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from exams.cheatsheet.models import SheetBlock, SheetEdition, SheetFile
from exams.errata.models import KeptScore, RulingRun
from exams.feedback.models import Bookmark, CountedAttempt, CountingRun, Note, OptionCount, ProblemReport
from exams.freshness.models import ItemAssignment, ItemCheck, ReviewTask, WatchedName
from exams.insights.models import ExamDate
from exams.publication.models import PendingAct, PublishLog
from exams.statistics.models import EditionStatistics, ItemDecision, ItemStatistics

__all__ = [
    "AnswerEvent",
    "Attempt",
    "Bookmark",
    "Certification",
    "CertificationText",
    "ContentFile",
    "CountedAttempt",
    "CountingRun",
    "Domain",
    "DomainText",
    "Draft",
    "DraftComment",
    "DraftEditor",
    "DraftSave",
    "EditionStatistics",
    "ExamDate",
    "ExamForm",
    "FormEdition",
    "FormItem",
    "ImportFile",
    "Item",
    "ItemAssignment",
    "ItemCheck",
    "ItemDecision",
    "ItemImage",
    "ItemStatistics",
    "ItemText",
    "ItemVersion",
    "KeptScore",
    "KeyRuling",
    "Note",
    "Option",
    "OptionCount",
    "OptionText",
    "Paper",
    "PendingAct",
    "ProblemReport",
    "PublishLog",
    "RefusedAnswer",
    "ReviewTask",
    "RulingRun",
    "SampleItem",
    "Score",
    "SheetBlock",
    "SheetEdition",
    "SheetFile",
    "TaskStatement",
    "TaskStatementText",
    "WatchedName",
]
