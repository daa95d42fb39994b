"""The panel with the one next step: its title, its reason in a sentence, and where its button leads."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exams.assembly import sample as samples
from exams.attempts.selectors import AttemptRow
from exams.insights.dashboard import Dashboard
from exams.insights.next_step import Act, Reason
from exams.presentation import formatting


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel says; without an address it has no button. `second` is another way: text, address."""

    title: str
    reason: str
    button: str = ""
    address: str = ""
    second: tuple[str, str] | None = None


def panel(code: str, found: Dashboard) -> Panel:
    """Return the panel of the next step of a dashboard."""
    return _BY_ACT[found.step.act](code, found)


def _unlock(code: str, found: Dashboard) -> Panel:
    """Return the offer; when access ended is said by the page, in the zone of the reader."""
    said = _("Practice exams and drills are part of full access.")
    if found.step.reason is Reason.ACCESS_ENDED:
        said = _("Your results and notes are still here.")
    return Panel(_("Unlock full access"), said, _("See what's included"), reverse("exams:pricing"))


def _resume(code: str, found: Dashboard) -> Panel:
    head = found.running[0].head
    name = formatting.exam_name(head.form_number)
    if not head.seconds_left:
        said = _("Time is up. The exam is being closed.")
        return Panel(name, said, _("Go to the result"), reverse("exams:result", args=[head.attempt_id]))
    left = _("%(left)s left.") % {"left": formatting.duration(head.seconds_left)}
    said = " ".join([left, _("The clock keeps running while you're away.")])
    return Panel(name, said, _("Resume"), reverse("exams:taking", args=[head.attempt_id]))


def _confirm(code: str, found: Dashboard) -> Panel:
    return Panel(
        _("Confirm your email address"),
        _("You can take exams as soon as your address is confirmed."),
        _("Email addresses"),
        reverse("account_email"),
    )


def _exam(code: str, found: Dashboard) -> Panel:
    number = found.new_exam.number if found.new_exam else 0
    size = samples.size(code) if found.step.act is Act.FIRST_EXAM else 0
    tried = ngettext("Try %(total)d question first", "Try %(total)d questions first", size) % {"total": size}
    return Panel(
        formatting.exam_name(number),
        _why_exam(found),
        _("Take exam %(number)s") % {"number": number},
        reverse("exams:start", args=[code, number]),
        (tried, reverse("exams:sample", args=[code])) if size else None,
    )


def _why_exam(found: Dashboard) -> str:
    if found.step.reason is Reason.NOTHING_KNOWN:
        return _("One exam gives you a score with its error band, and the first estimate of your chance.")
    if found.step.reason is Reason.TOO_LITTLE_KNOWN:
        return _("Only questions that are new to you narrow the estimate down.")
    return _("Questions that are new to you are the best measure of what you've learned.")


def _repeat(code: str, found: Dashboard) -> Panel:
    what = found.repetition
    if what is None:
        raise ValueError("a step to repeat needs something to repeat")
    if found.step.reason is Reason.EXAM_IS_NEAR:
        said = _("Your exam is close. Go over what you know once more, and don't start anything new.")
    else:
        said = _("Due today, about %(duration)s.") % {"duration": formatting.duration(what.minutes * 60)}
    return Panel(what.title, said, what.button, what.address)


def _rest(code: str, found: Dashboard) -> Panel:
    if not found.days_left:
        return Panel(
            _("Good luck"), _("Your exam is today. Arrive early, and read every question to the end.")
        )
    return Panel(_("Rest"), _("Your exam is close. A break helps more than anything new."))


def _drill(code: str, found: Dashboard) -> Panel:
    costliest = found.costliest
    if costliest is None:
        raise ValueError("a step to a drill needs a weak domain")
    said = ngettext(
        "This domain costs you the most: about %(cost)d point.",
        "This domain costs you the most: about %(cost)d points.",
        costliest.cost,
    ) % {"cost": costliest.cost}
    title = _("Drill: %(name)s") % {"name": costliest.domain.name}
    # The result of an exam says to review it first: who comes from there finds the same words here.
    second = (_("Review incorrect answers"), _incorrect(found.last)) if found.last else None
    return Panel(title, said, _("Set up drill"), found.drills[costliest.domain.number].address, second)


def _review(code: str, found: Dashboard) -> Panel:
    said = _("You've taken every exam. You can learn the most from the questions you got wrong.")
    title = _("Review your incorrect answers")
    if found.last is None:
        return Panel(title, said, _("See my results"), reverse("exams:attempts"))
    return Panel(title, said, _("Review incorrect answers"), _incorrect(found.last))


def _incorrect(last: AttemptRow) -> str:
    return f"{reverse('exams:review', args=[last.head.attempt_id])}?show=incorrect"


def _wait(code: str, found: Dashboard) -> Panel:
    return Panel(_("No exams yet"), _("The first exam of this certification is being written."))


_BY_ACT: Final = {
    Act.RESUME: _resume,
    Act.CONFIRM: _confirm,
    Act.UNLOCK: _unlock,
    Act.FIRST_EXAM: _exam,
    Act.NEXT_EXAM: _exam,
    Act.REPEAT: _repeat,
    Act.REST: _rest,
    Act.DRILL: _drill,
    Act.REVIEW: _review,
    Act.WAIT: _wait,
}
