"""Gatherer: what Django looks for. Code imports from the packages, never from here."""

from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper, SampleItem
from exams.attempts.models import AnswerEvent, Attempt, RefusedAnswer, Score
from exams.bank.models import Item, ItemText, ItemVersion, Option, OptionText
from exams.catalogue.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from exams.cheatsheet.models import SheetBlock, SheetEdition, SheetFile
from exams.feedback.models import Bookmark, CountedAttempt, CountingRun, Note, OptionCount, ProblemReport
from exams.insights.models import ExamDate
from exams.statistics.models import EditionStatistics, ItemDecision, ItemStatistics

__all__ = [
    "AnswerEvent",
    "Attempt",
    "Bookmark",
    "Certification",
    "CertificationText",
    "CountedAttempt",
    "CountingRun",
    "Domain",
    "DomainText",
    "EditionStatistics",
    "ExamDate",
    "ExamForm",
    "FormEdition",
    "FormItem",
    "Item",
    "ItemDecision",
    "ItemStatistics",
    "ItemText",
    "ItemVersion",
    "Note",
    "Option",
    "OptionCount",
    "OptionText",
    "Paper",
    "ProblemReport",
    "RefusedAnswer",
    "SampleItem",
    "Score",
    "SheetBlock",
    "SheetEdition",
    "SheetFile",
    "TaskStatement",
    "TaskStatementText",
]
