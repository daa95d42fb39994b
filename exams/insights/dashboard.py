"""What the dashboard shows of one person and one certification, as values; views put them on a page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final
from uuid import UUID

from django.utils import timezone

from accounts.access import policy
from accounts.access.policy import Access
from accounts.users.models import User
from exams.assembly.selectors import FormFacts
from exams.attempts import selectors
from exams.attempts.models import State
from exams.attempts.selectors import AttemptRow
from exams.catalogue.selectors import DomainFacts, Outline
from exams.insights import evidence, exam_dates, hooks, next_step
from exams.insights import plan as plans
from exams.presentation import charts
from exams.scoring import prediction
from exams.scoring.prediction import DomainEstimate, Evidence, Plan, PlannedDomain, Prediction
from exams.scoring.rules import Scale

# A domain is called weak once so many of its questions were answered.
ENOUGH_OF_A_DOMAIN: Final = 5
_GATES: Final = {policy.Reason.ENDED: next_step.Gate.ENDED, policy.Reason.NOT_ENTITLED: next_step.Gate.LOCKED}
# So many attempts are read, since counting their answers takes time: whatever runs was started last.
NEWEST: Final = 40


@dataclass(frozen=True, slots=True)
class Here:
    """Where the reader is: their time zone, and which day it is there."""

    zone: dt.tzinfo
    today: dt.date


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in a domain: first answers, and the share of all its questions they would get.

    `cost` is how many points of the scale the domain takes from a perfect score. `weak` says that the share
    is below the one that passes.
    """

    domain: DomainFacts
    correct: int
    answered: int
    estimate: DomainEstimate | None
    cost: int
    weak: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the page. `running`: what ends first is in front; `results`: of one scale, newest first.

    `last` is the newest scored attempt, whether it counts or was stopped early.
    `exam_day` may be over; `days_left` is then None, as without one.
    """

    prediction: Prediction | None
    standings: tuple[Standing, ...]
    costliest: Standing | None
    running: tuple[AttemptRow, ...]
    last: AttemptRow | None
    results: tuple[AttemptRow, ...]
    step: next_step.Step
    new_exam: FormFacts | None
    repetition: hooks.Repetition | None
    drills: dict[int, hooks.Drill]
    exam_day: dt.date | None
    days_left: int | None
    plan: plans.Plan | None
    access: Access

    @property
    def estimated(self) -> tuple[Standing, ...]:
        """The domains once there is an estimate of them."""
        return self.standings if self.prediction else ()

    @property
    def running_ids(self) -> tuple[UUID, ...]:
        """The attempts that run."""
        return tuple(row.head.attempt_id for row in self.running)


def blueprint(page: Outline) -> Plan | None:
    """Return a fresh exam by the blueprint of a certification, or None where no domain has scored items."""
    domains = tuple(
        PlannedDomain(domain.number, domain.weight_percent, domain.scored_items)
        for domain in page.domains
        if domain.scored_items
    )
    facts = page.facts
    return Plan(domains, Scale(facts.scale_min, facts.scale_max, facts.pass_mark)) if domains else None


def dashboard(user: User, page: Outline, forms: Sequence[FormFacts], here: Here) -> Dashboard:
    """Return the dashboard of a person. Five statements, and one for each of repetition and drills."""
    code = page.facts.code
    rows = selectors.own_attempts(user, NEWEST, code)
    seen = evidence.seen_forms(user, code)
    access = policy.access_of(user, page.facts.access_code)
    # What is due on a day is asked before the page is rendered, which is when its view chooses the zone.
    with timezone.override(here.zone):
        repetition = hooks.repetition_of(user, code, access)
    drills = hooks.drills_of(user, code)
    known, form = evidence.first_seen(user, code), blueprint(page)
    found = prediction.predict(form, known) if form else None
    standings = _standings(page, known, found)
    weak = sorted((one for one in standings if one.weak), key=lambda one: -one.cost)
    costliest = weak[0] if weak else None
    new_exams = [one for one in forms if one.number not in seen]
    exam_day = exam_dates.of(user, code)
    days_left = (exam_day - here.today).days if exam_day and exam_day >= here.today else None
    running = sorted((row for row in rows if row.head.running), key=lambda row: row.head.deadline_at)
    scored = [row for row in rows if row.head.state == State.SCORED]
    situation = next_step.Situation(
        running=bool(running),
        gate=_gate(access),
        results=len(scored),
        new_exam=new_exams[0].number if new_exams else None,
        due=repetition.due if repetition else 0,
        weak_domain=costliest.domain.number if costliest else None,
        drill_open=costliest is not None and _drill_open(drills.get(costliest.domain.number), rows),
        days_left=days_left,
        enough=found is not None and not found.wide,
    )
    work = plans.Work(
        exams=tuple(one.number for one in new_exams),
        weak_domains=tuple(one.domain.number for one in weak if one.domain.number in drills),
        repeats=repetition is not None,
        exam_today=_exam_of(here, rows),
    )
    return Dashboard(
        prediction=found,
        standings=standings,
        costliest=costliest,
        running=tuple(running),
        last=scored[0] if scored else None,
        results=_results(rows),
        step=next_step.decide(situation),
        new_exam=new_exams[0] if new_exams else None,
        repetition=repetition,
        drills=drills,
        exam_day=exam_day,
        days_left=days_left,
        plan=plans.plan(here.today, exam_day, work) if exam_day and days_left is not None else None,
        access=access,
    )


def _gate(access: Access) -> next_step.Gate:
    if access:
        return next_step.Gate.OPEN
    return _GATES.get(access.reason, next_step.Gate.UNCONFIRMED)


def _results(rows: Sequence[AttemptRow]) -> tuple[AttemptRow, ...]:
    """Return the results that count and are on the scale of the newest one, newest first."""
    counted = [row for row in rows if row.counts]
    return tuple(row for row in counted if row.scale == counted[0].scale)


def _standings(page: Outline, known: Sequence[Evidence], found: Prediction | None) -> tuple[Standing, ...]:
    facts = page.facts
    answers = {one.domain: one for one in known}
    estimates = {one.number: one for one in found.domains} if found else {}
    cut = float(charts.place(facts.pass_mark, facts.scale_min, facts.scale_max))
    total = sum(domain.weight_percent for domain in page.domains) or 1

    def standing(domain: DomainFacts) -> Standing:
        one = answers.get(domain.number, Evidence(domain.number, 0, 0))
        estimate = estimates.get(domain.number)
        lost = 1 - estimate.share if estimate else 0.0
        points = Fraction(domain.weight_percent * (facts.scale_max - facts.scale_min), total)
        return Standing(
            domain=domain,
            correct=one.correct,
            answered=one.answered,
            estimate=estimate,
            cost=round(float(points) * lost),
            weak=estimate is not None and estimate.share < cut and one.answered >= ENOUGH_OF_A_DOMAIN,
        )

    return tuple(standing(domain) for domain in page.domains)


def _drill_open(drill: hooks.Drill | None, rows: Sequence[AttemptRow]) -> bool:
    """Say whether a drill is there and was not done since the last exam ended: one each, then an exam."""
    if drill is None:
        return False
    ended = [row.head.ended_at for row in rows if row.head.ended_at]
    return drill.done_at is None or (bool(ended) and drill.done_at < max(ended))


def _exam_of(here: Here, rows: Sequence[AttemptRow]) -> int | None:
    """Return the number of an exam that runs or ended today, by the person's own day."""
    return next((row.head.form_number for row in rows if row.head.running or _today(row, here)), None)


def _today(row: AttemptRow, here: Here) -> bool:
    ended = row.head.ended_at
    return ended is not None and ended.astimezone(here.zone).date() == here.today
