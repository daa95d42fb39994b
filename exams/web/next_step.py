"""The panel with the one next step, on every page that has one: title, reason, and where its button leads."""

from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse
from django.utils import timezone
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


def panel(dashboard: Dashboard) -> Panel:
    """Return the panel of the next step; moments are told in the reader's zone."""
    return _BY_ACT[dashboard.step.act](dashboard)


def _unlock(dashboard: Dashboard) -> Panel:
    """Return the offer; when access ended is said by the page, in the zone of the reader."""
    sentence = _("Exams and practice are part of full access.")
    if dashboard.step.reason is Reason.ACCESS_ENDED:
        sentence = _("Your results and notes are still here.")
    second = None if dashboard.last else _sample(dashboard)
    return Panel(
        _("Unlock full access"), sentence, _("See what's included"), reverse("exams:pricing"), second
    )


def _sample(dashboard: Dashboard) -> tuple[str, str] | None:
    size = dashboard.sample_size
    if not size:
        return None
    tried = ngettext("Try %(total)d question first", "Try %(total)d questions first", size) % {"total": size}
    return tried, reverse("exams:sample", args=[dashboard.code])


def _before_exams(dashboard: Dashboard) -> tuple[str, str] | None:
    """Return the check, or the sample where it is too short for one; nothing once a check was begun."""
    if any(drill.head.is_check for drill in dashboard.own_drills):
        return None
    if samples.size(dashboard.code).has_check:
        return _("Take the free check first"), reverse("exams:check", args=[dashboard.code])
    return _sample(dashboard)


def _resume(dashboard: Dashboard) -> Panel:
    head = dashboard.running[0].head
    name = formatting.exam_name(head.form_number)
    if not head.seconds_left:
        sentence = _("Time is up. The exam is being closed.")
        return Panel(name, sentence, _("Go to the result"), reverse("exams:result", args=[head.attempt_id]))
    with timezone.override(dashboard.here.zone):
        ends = formatting.until(head.deadline_at, head.server_now)
    sentence = " ".join(
        [
            _("%(left)s left.") % {"left": formatting.duration(head.seconds_left)},
            _("It ends at %(time)s.") % {"time": ends},
            _("The clock keeps running while you're away."),
        ]
    )
    return Panel(name, sentence, _("Resume"), reverse("exams:taking", args=[head.attempt_id]))


def _confirm(dashboard: Dashboard) -> Panel:
    return Panel(
        _("Confirm your email address"),
        _("You can take exams as soon as your address is confirmed."),
        _("Email addresses"),
        reverse("account_email"),
    )


def _exam(dashboard: Dashboard) -> Panel:
    number = dashboard.exam_number or 0
    return Panel(
        formatting.exam_name(number),
        _why_exam(dashboard),
        _("Take exam %(number)s") % {"number": number},
        reverse("exams:start", args=[dashboard.code, number]),
        _before_exams(dashboard) if dashboard.step.act is Act.FIRST_EXAM and not dashboard.last else None,
    )


def _why_exam(dashboard: Dashboard) -> str:
    match dashboard.step.reason:
        case Reason.NOTHING_KNOWN if dashboard.has_check_estimate:
            return _(
                "The check gave you a first estimate. An exam narrows it down, and says how likely you are to"
                " pass."
            )
        case Reason.NOTHING_KNOWN:
            return _(
                "One exam gives you a score with its error band, and a first estimate of where you stand."
            )
        case Reason.NO_NEW_QUESTIONS:
            return _("You've seen the questions of every exam. A whole exam still gives you a score.")
        case Reason.TOO_LITTLE_KNOWN:
            return _("Only questions that are new to you narrow the estimate down.")
    return _("Questions that are new to you are the best measure of what you've learned.")


def _repeat(dashboard: Dashboard) -> Panel:
    what = dashboard.repetition
    if what is None:
        raise ValueError("a step to repeat needs something to repeat")
    if dashboard.step.reason is Reason.EXAM_IS_NEAR:
        sentence = _("Your exam is close. Go over what you know once more, and don't start anything new.")
    elif what.minutes:
        sentence = _("It takes about %(duration)s.") % {"duration": formatting.duration(what.minutes * 60)}
    else:
        sentence = _("Repeat what you learned before you forget it.")
    return Panel(what.title, sentence, what.button, what.address)


def _rest(dashboard: Dashboard) -> Panel:
    if not dashboard.days_left:
        return Panel(
            _("Good luck"), _("Your exam is today. Arrive early, and read every question to the end.")
        )
    return Panel(_("Rest"), _("Your exam is close. A break helps more than anything new."))


def _drill(dashboard: Dashboard) -> Panel:
    most = dashboard.costliest
    if most is None:
        raise ValueError("a step to a drill needs a domain that costs points")
    sentence = ngettext(
        "By all your first answers, this domain has the most to gain: about %(cost)d point.",
        "By all your first answers, this domain has the most to gain: about %(cost)d points.",
        most.cost,
    ) % {"cost": most.cost}
    title, address = formatting.practice_name(most.domain.name), dashboard.drills[most.domain.number].address
    return Panel(title, sentence, _("Practice this domain"), address)


def _review(dashboard: Dashboard) -> Panel:
    last = dashboard.last
    if last is None:
        raise ValueError("a step to a review needs a result")
    if dashboard.step.reason is Reason.JUST_TAKEN:
        panel = review_of(last)
        is_today = dashboard.ended_today(last.head)
        stays = (
            _("It stays your next step today and tomorrow.")
            if is_today
            else _("It stays your next step for today.")
        )
        return replace(panel, reason=f"{panel.reason} {stays}")
    return review_of(
        last,
        _("You've seen the questions of every exam. You can learn the most from the ones you got wrong."),
    )


def review_of(last: AttemptRow, sentence: str = "") -> Panel:
    """Return the panel that leads to the review of an exam."""
    sentence = sentence or _(
        "%(exam)s: every option is explained, with the principle behind it and a reference."
    ) % {"exam": formatting.exam_name(last.head.form_number)}
    number = last.head.form_number
    button = _("Review exam %(number)s") % {"number": number}
    query = f"?show={last.missed}" if last.missed else ""
    address = reverse("exams:review", args=[last.head.attempt_id]) + query
    return Panel(formatting.review_name(last.missed, number), sentence, button, address)


def _wait(dashboard: Dashboard) -> Panel:
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
