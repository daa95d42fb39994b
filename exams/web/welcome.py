"""The first page of who is new to a course: what is free, step by step, and what the rest costs."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import products
from accounts.access.policy import Reason
from accounts.profile.models import Profile
from exams.assembly import sample as samples
from exams.attempts.drills import CHECK_MINUTES
from exams.catalog.selectors import CertificationPage
from exams.cheatsheet import openings
from exams.cheatsheet import selectors as cheatsheets
from exams.content.records import SAMPLE_CHECK
from exams.insights.dashboard import Dashboard
from exams.presentation import charts, sections, states
from exams.web import offers, progress, rendering


@dataclass(frozen=True, slots=True)
class Step:
    """Something free to do."""

    name: str
    title: str
    text: str
    small: str
    button: str
    address: str
    is_done: bool


def fits(dashboard: Dashboard) -> bool:
    """Say whether somebody is new to a course: it was never open to them, and they have taken no exam."""
    return dashboard.access.reason is Reason.NOT_ENTITLED and not dashboard.newest_attempts


def show(request: HttpRequest, profile: Profile, dashboard: Dashboard, status: int = 200) -> HttpResponse:
    """Show the welcome. Raises Http404 where the person finds no such certification."""
    page = rendering.page_of(request, dashboard.code)
    return rendering.render_for(request, profile, "exams/welcome.html", _context(page, dashboard), status)


def _context(page: CertificationPage, dashboard: Dashboard) -> dict[str, Any]:
    """Return what the welcome says: the steps with what is done, the offer, and what the exam tests."""
    facts = page.facts
    sold = products.code_offers(facts.access_code)
    standing = offers.Standing(dashboard.access, sold.closed, sold.offers)
    check = progress.own_check(dashboard.user, facts.code)
    parts = sections.contents([facts.code]).get(facts.code, [])
    steps = _steps(dashboard, check)
    to_do = [step for step in steps if not step.is_done]
    is_confirmed = dashboard.access.reason is not Reason.EMAIL_UNVERIFIED
    return {
        "page": page,
        "facts": facts,
        "name": page.texts.name,
        "steps": steps,
        "is_begun": len(to_do) < len(steps),
        "next": to_do[0] if to_do and is_confirmed else None,
        "access": dashboard.access,
        "is_confirmed": is_confirmed,
        "is_last": is_confirmed and not to_do,
        "chart": check and check["chart"],
        "forms": dashboard.forms,
        "unlock": offers.panel(standing, dashboard.forms, parts),
        "bars": [(domain, charts.weight(domain.weight_percent)) for domain in page.domains],
        "state": states.in_words(facts),
        "cut": charts.cut_unless_usual(facts.scale),
    }


def next_step(dashboard: Dashboard) -> Step | None:
    """Return the first step that is not done, None once all are."""
    steps = _steps(dashboard, progress.own_check(dashboard.user, dashboard.code))
    return next((step for step in steps if not step.is_done), None)


def _steps(dashboard: Dashboard, check: dict[str, Any] | None) -> list[Step]:
    steps = (_check(dashboard.code, check), _repetition(dashboard), _sheet(dashboard))
    return [step for step in steps if step]


def _check(code: str, own: dict[str, Any] | None) -> Step | None:
    """Return the check of the sample, or the sample where it is too short for one."""
    size = samples.size(code)
    if not size.has_check:
        return _sample(code, size.open) if size.open else None
    text = _(
        "%(total)d questions from all domains in %(minutes)d minutes. Answer each, and you get a score with"
        " its error band, and every answer explained."
    ) % {"total": SAMPLE_CHECK, "minutes": CHECK_MINUTES}
    small = _("Only the first time counts.")
    button, address, is_done = _("Start the check"), reverse("exams:check", args=[code]), False
    if own and own["head"].running:
        small = _("%(left)s left.") % {"left": own["left"]}
        button, address = _("Resume"), reverse("exams:drill", args=[own["head"].attempt_id])
    elif own:
        small, button, is_done = "", _("See the result"), True
        address = reverse("exams:drill_result", args=[own["head"].attempt_id])
    return Step("check", _("Where do you stand?"), text, small, button, address, is_done)


def _sample(code: str, total: int) -> Step:
    title = ngettext("Try %(total)d question first", "Try %(total)d questions first", total)
    text = _("Every option is explained, correct or incorrect, with the principle behind it.")
    address = reverse("exams:sample", args=[code])
    return Step("sample", title % {"total": total}, text, "", _("Sample questions"), address, is_done=False)


def _repetition(dashboard: Dashboard) -> Step | None:
    what = dashboard.repetition
    if what is None or not what.first_goal:
        return None
    return Step(
        "repetition",
        what.first_title,
        _("They come back just before you would forget them."),
        _("%(done)d of %(total)d learned") % {"done": what.first_learned, "total": what.first_goal},
        what.button,
        what.address,
        is_done=what.first_learned == what.first_goal,
    )


def _sheet(dashboard: Dashboard) -> Step | None:
    if dashboard.code not in cheatsheets.known_codes():
        return None
    return Step(
        "sheet",
        _("Read the cheat sheet"),
        _("The whole exam in short, by topic. Free to read, search, and print."),
        "",
        _("Open the cheat sheet"),
        reverse("exams:cheatsheet", args=[dashboard.code]),
        is_done=openings.has_opened(dashboard.user, dashboard.code),
    )
