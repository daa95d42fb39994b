"""The words that the exam page's script shows. All come from the catalog; the script holds none."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext, ngettext, pgettext

# For most languages these numbers stand for all plural forms; the script picks by Intl.PluralRules.
SAMPLES = (1, 2, 5)
type Phrase = str | list[str]


def _forms(say: Callable[[int], str]) -> list[str]:
    """Return a counted phrase for each sample number, with `{n}` where the number goes."""
    return [say(sample) % {"n": "{n}"} for sample in SAMPLES]


def too_few(answered: int | str, total: int | str, least: int | str) -> str:
    """Return what it means to submit now, with fewer than half of the questions answered."""
    return gettext(
        "You've answered %(answered)s of %(total)s questions, in full or in part. A score needs at least"
        " %(least)s answers. Without a score, the questions still count as seen."
    ) % {"answered": answered, "total": total, "least": least}


def _saving() -> dict[str, Phrase]:
    return {
        "saved": gettext("Saved"),
        "saving": gettext("Saving…"),
        "unsaved": _forms(lambda n: ngettext("%(n)s not saved yet", "%(n)s not saved yet", n)),
        "late": _forms(
            lambda n: ngettext("%(n)s arrived after time was up", "%(n)s arrived after time was up", n)
        ),
        "lost": _forms(lambda n: ngettext("%(n)s not saved", "%(n)s not saved", n)),
        "offline": gettext("Can't reach the server."),
        "since": gettext("No reply since {time}."),
        "offlineEmpty": gettext(
            "Keep going: your answers are stored on this device and will be sent when you're back online."
        ),
        "offlineKept": _forms(
            lambda n: ngettext(
                "Keep going: %(n)s answer is stored on this device and will be sent when you're back online.",
                "Keep going: %(n)s answers are stored on this device"
                " and will be sent when you're back online.",
                n,
            )
        ),
        "online": gettext("Back online."),
        "allSaved": gettext("All answers are saved."),
        "memory": gettext("This browser can't store answers."),
        "memoryText": gettext("Answers that aren't saved yet are lost if you close the page."),
        "refused": gettext("Not saved."),
        "refusedText": gettext("The server didn't accept the answer to question {list}. Choose again."),
    }


def _elsewhere() -> dict[str, Phrase]:
    return {
        "elsewhere": gettext("Open in another window."),
        "elsewhereText": gettext("This exam is being taken in another window or on another device."),
        "elsewhereKept": _forms(
            lambda n: ngettext(
                "%(n)s answer given here isn't saved (question {list}).",
                "%(n)s answers given here aren't saved (questions {list}).",
                n,
            )
        ),
        "here": gettext("Continue here"),
        "stranger": gettext("Another account is signed in."),
        "strangerText": gettext(
            "Your answers are stored on this device."
            " Sign in with your own account in another tab, and they'll be sent."
        ),
        "nothingChosen": gettext("no answer"),
    }


def _questions() -> dict[str, Phrase]:
    return {
        "title": gettext("Question {n} of {total}"),
        "reviewTitle": gettext("Before you submit"),
        "progress": gettext("{n} of {total} answered"),
        "chosen": gettext("{n} of {total} chosen"),
        "full": gettext("{n} of {total} chosen. Deselect one first."),
        "clearFirst": gettext("Clear your answer first."),
        "cleared": gettext("Answer cleared"),
        "picked": gettext("{letter} chosen"),
        "dropped": gettext("{letter} cleared"),
        "struck": gettext("{letter} struck out"),
        "unstruck": gettext("{letter} no longer struck out"),
        "answered": gettext("answered"),
        "incomplete": gettext("incomplete"),
        "unanswered": gettext("unanswered"),
        "flagged": gettext("flagged"),
        "marked": gettext("Question {n} flagged"),
        "unmarked": gettext("Question {n} no longer flagged"),
        "confidence0": gettext("no longer marked as a guess, unsure, or sure"),
        "confidence1": gettext("marked as a guess"),
        "confidence2": gettext("marked as unsure"),
        "confidence3": gettext("marked as sure"),
        "flag": gettext("Flag"),
        "unflag": gettext("Unflag"),
        "next": gettext("Next"),
        "review": pgettext("exam", "Review"),
        "counts": gettext(
            "{answered} answered, {incomplete} incomplete, {open} unanswered, {flagged} flagged"
        ),
        "back": gettext("Back to question {n}"),
        "open": _forms(
            lambda n: ngettext("%(n)s question has no answer.", "%(n)s questions have no answer.", n)
        ),
        "short": _forms(
            lambda n: ngettext(
                "%(n)s question is incomplete: choose as many options as it asks for.",
                "%(n)s questions are incomplete: choose as many options as they ask for.",
                n,
            )
        ),
        "noneOpen": gettext("Every question has an answer."),
        "few": too_few("{n}", "{total}", "{least}"),
    }


def _ending() -> dict[str, Phrase]:
    return {
        "hide": gettext("Hide"),
        "hideClock": gettext("Hide the clock"),
        "show": gettext("Show time"),
        "left": gettext("{time} left."),
        "longer": gettext("You've been given more time."),
        "submit": gettext("Submit now?"),
        "submitOpen": _forms(
            lambda n: ngettext(
                "Submit with %(n)s unanswered question?", "Submit with %(n)s unanswered questions?", n
            )
        ),
        "submitShort": _forms(
            lambda n: ngettext(
                "Submit with %(n)s incomplete question?", "Submit with %(n)s incomplete questions?", n
            )
        ),
        "submitBoth": _forms(
            lambda n: ngettext(
                "Submit with {open} unanswered and %(n)s incomplete question?",
                "Submit with {open} unanswered and %(n)s incomplete questions?",
                n,
            )
        ),
        "sending": gettext("Sending your answers…"),
        "unsent": _forms(
            lambda n: ngettext(
                "We couldn't save %(n)s answer yet. Wait until you're back online, or submit without it.",
                "We couldn't save %(n)s answers yet. Wait until you're back online, or submit without them.",
                n,
            )
        ),
        "submitNow": gettext("Submit now"),
        "submitAnyway": gettext("Submit anyway"),
        "submitting": gettext("Submitting…"),
        "noReply": gettext("The server didn't respond. We'll keep trying. Don't close this page."),
        "failed": gettext(
            "Something went wrong. Nothing is lost: your answers are on the server. Try again."
        ),
        "notCanceled": gettext("This exam wasn't canceled."),
        "notCanceledText": gettext("The server didn't respond. Try again when you're back online."),
        "timeUp": gettext("Time is up"),
        "timeUpText": gettext("Your last answers are being sent. Your result will open by itself."),
        "timeUpOffline": gettext(
            "We can't reach the server. Answers stored on this device count if they arrive"
            " within 30 seconds. We'll keep trying. Don't close this page."
        ),
        "ended": gettext("This exam has ended"),
        "endedText": gettext("Your answers are on the server."),
        "noResult": gettext("This exam doesn't count"),
        "voidedText": gettext("We voided this exam, so it has no result. Contact us if you have questions."),
        "canceledText": gettext("This exam was canceled. It has no result."),
        "resultLater": gettext("We can't reach the server. Your result will open when you're back online."),
        "seeResult": gettext("See your result"),
        "myExams": gettext("My exams"),
        "endedLost": _forms(
            lambda n: ngettext(
                "%(n)s answer wasn't saved before the exam ended and doesn't count.",
                "%(n)s answers weren't saved before the exam ended and don't count.",
                n,
            )
        ),
        "endedSaved": _forms(
            lambda n: ngettext("%(n)s answered question is saved.", "%(n)s answered questions are saved.", n)
        ),
        "loginTrouble": gettext(
            "We couldn't sign you in here. Open the sign-in page in a new tab."
            " Once you're signed in there, this page continues by itself."
        ),
    }


def _of_drill() -> dict[str, Phrase]:
    """Return what a drill says otherwise: it is finished, not submitted, and may have no time limit."""
    return {
        "elsewhereText": gettext("This practice is open in another window or on another device."),
        "reviewTitle": gettext("Before you finish"),
        "untimed": gettext("There's no time limit."),
        "submit": gettext("Finish now?"),
        "submitOpen": _forms(
            lambda n: ngettext(
                "Finish with %(n)s unanswered question?", "Finish with %(n)s unanswered questions?", n
            )
        ),
        "submitShort": _forms(
            lambda n: ngettext(
                "Finish with %(n)s incomplete question?", "Finish with %(n)s incomplete questions?", n
            )
        ),
        "submitBoth": _forms(
            lambda n: ngettext(
                "Finish with {open} unanswered and %(n)s incomplete question?",
                "Finish with {open} unanswered and %(n)s incomplete questions?",
                n,
            )
        ),
        "unsent": _forms(
            lambda n: ngettext(
                "We couldn't save %(n)s answer yet. Wait until you're back online, or finish without it.",
                "We couldn't save %(n)s answers yet. Wait until you're back online, or finish without them.",
                n,
            )
        ),
        "submitNow": gettext("Finish now"),
        "submitAnyway": gettext("Finish anyway"),
        "submitting": gettext("Finishing…"),
        "ended": gettext("This practice has ended"),
        "noResult": gettext("This practice has no result"),
        "voidedText": gettext("We took this practice out of the count. Contact us if you have questions."),
        "canceledText": gettext("This practice was canceled."),
        "endedLost": _forms(
            lambda n: ngettext(
                "%(n)s answer wasn't saved before the practice ended and doesn't count.",
                "%(n)s answers weren't saved before the practice ended and don't count.",
                n,
            )
        ),
    }


_OF_ONE_QUESTION: Final = ("chosen", "full", "clearFirst", "cleared", "struck", "unstruck")


def question_messages() -> dict[str, Phrase]:
    """Return what the script of one question says, in the active language."""
    messages = _questions()
    return {name: messages[name] for name in _OF_ONE_QUESTION}


def script_messages(*, drill: bool = False) -> dict[str, Phrase]:
    """Return all phrases in the active language. A list holds one form per number in `SAMPLES`."""
    messages = {**_saving(), **_elsewhere(), **_questions(), **_ending()}
    return messages | _of_drill() if drill else messages
