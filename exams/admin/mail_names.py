"""What the list of mails calls those about exams and content."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Text

NAMES: Final[dict[str, Text]] = {
    "exams/email/attempt_extended": _("Exam extended"),
    "exams/email/attempt_voided": _("Exam voided"),
    "exams/email/draft_news": _("News about a draft"),
    "exams/email/question_withdrawn": _("Question withdrawn"),
    "exams/email/report_answered": _("Problem report answered"),
    "exams/email/score_corrected": _("Score corrected"),
    "exams/email/second_person": _("Proposal"),
}
