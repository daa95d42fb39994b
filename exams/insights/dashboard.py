"""What is known of one person and one certification, as values; views put them on pages."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import policy
from accounts.access.models import Source
from accounts.access.policy import Access
from accounts.profile.models import Accommodation
from accounts.profile.selectors import extended
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.assembly.selectors import FormFacts
from exams.attempts import selectors
from exams.attempts.models import State
from exams.attempts.results import Result
from exams.attempts.selectors import AttemptFacts, AttemptRow, Drill
from exams.catalog import selectors as catalog
from exams.catalog.selectors import DomainFacts, Facts
from exams.insights import dashboard_hooks, drills, evidence, exam_dates, study_days
from exams.insights import plan as plans
from exams.insights.drills import DrillOffer
from exams.insights.next_step import LAST_DAYS, Act, Reason, Step
from exams.insights.plan import Kind, Task
from exams.presentation import charts, domain_bars, formatting
from exams.scoring import prediction
from exams.scoring.prediction import (
    LEAST_ANSWERS,
    DomainEstimate,
    Evidence,
    Plan,
    PlannedDomain,
    Prediction,
)

# A domain is called weak once so many of its questions were answered.
ENOUGH_OF_A_DOMAIN: Final = 5
# So many attempts are read, since counting their answers takes time: whatever runs was started last.
NEWEST: Final = 40
# Of so many newest drills, so many that run are shown; the page of practice has all.
NEWEST_DRILLS: Final = 20
# The day of an exam and the next one are for its incorrect answers.
DAYS_TO_REVIEW: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Here:
    """Where the reader is: their time zone, which day it is there, and the language that they read.

    `accommodation` is the extra time that they have.
    """

    zone: dt.tzinfo
    language: str
    accommodation: str = Accommodation.NONE

    @cached_property
    def today(self) -> dt.date:
        """Return the reader's own day."""
        return timezone.localdate(timezone=self.zone)

    def day_of(self, moment: dt.datetime) -> dt.date:
        """Return the reader's own day at a moment."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in a domain: first answers, and the share of all its questions they would get.

    `counted` are the questions that count: those answered, and those left blank, which are incorrect.
    `cost` is how many points of the scale the domain takes from a perfect score. `weak` says that the share
    is below the one that passes, `safe` that its whole range is not.
    """

    domain: DomainFacts
    correct: int
    answered: int
    counted: int
    estimate: DomainEstimate | None
    cost: int
    weak: bool
    safe: bool


class Missing(StrEnum):
    """Why there is no estimate."""

    TOO_FEW_ANSWERS = "too-few-answers"
    NO_DOMAINS = "no-domains"


class Dashboard:
    """How one person stands with one certification: the situation that the next step is decided by.

    Each fact is read when it is first asked for, at most once and by at most one statement, so that a page
    with nothing but the next step reads no more than what decides it. Whoever has a fact assigns it.
    """

    def __init__(self, user: User, code: str, here: Here) -> None:
        self.user, self.code, self.here = user, code, here

    @classmethod
    def after(cls, user: User, result: Result, here: Here) -> "Dashboard":
        """Return the dashboard for the page of a result, which tells already whether it is the newest."""
        known = cls(user, result.head.certification_code, here)
        if not (result.begun_since or result.taking_another):
            known.running, known.last, known.is_left = [], result.row, True
        return known

    # --- What is read

    @cached_property
    def facts(self) -> Facts | None:
        """The facts of the certification; None where the person finds none."""
        return catalog.facts(self.code, self.user)

    @cached_property
    def domains(self) -> Sequence[DomainFacts]:
        """Its domains in the reader's language."""
        return catalog.domains(self._facts, self.here.language)

    @cached_property
    def forms(self) -> Sequence[FormFacts]:
        """Its exams, by number."""
        return assembly.forms(self.code)

    @cached_property
    def newest_attempts(self) -> Sequence[AttemptRow]:
        """The newest attempts, newest first."""
        return selectors.own_attempts(self.user, NEWEST, self.code)

    @cached_property
    def is_left(self) -> bool:
        """Whether no exam was begun since the last scored one, if there is one. A drill is no review."""
        return self.last is not None and not selectors.begun_since(self.user, self.last.head.attempt_id)

    @cached_property
    def access(self) -> Access:
        """The person's access to it."""
        return policy.access_of(self.user, f"{catalog.PREFIX}{self.code}")

    @cached_property
    def exam_day(self) -> dt.date | None:
        """The day of the real exam, which may be over; None for one that can no longer be taken."""
        return exam_dates.exam_date_unless_retired(self.user, self.code)

    @cached_property
    def sample_size(self) -> int:
        """How many questions of its free sample anybody may try."""
        return samples.size(self.code).open

    @cached_property
    def seen(self) -> frozenset[int]:
        """The numbers of the exams whose questions they have seen."""
        return evidence.seen_forms(self.user, self.code)

    @cached_property
    def first_answers(self) -> Sequence[Evidence]:
        """Their first answers, by domain."""
        return evidence.first_seen(self.user, self.code)

    @cached_property
    def repetition(self) -> dashboard_hooks.Repetition | None:
        """What is to be repeated today."""
        # What is due on a day is asked before the page is rendered, which is when its view chooses the zone.
        with timezone.override(self.here.zone):
            return dashboard_hooks.repetition_of(self.user, self.code, self.access)

    @cached_property
    def drills(self) -> dict[int, DrillOffer]:
        """Drills by the number of their domain."""
        return drills.by_domain(self.user, self.code)

    @cached_property
    def studied(self) -> set[dt.date]:
        """The days of the last weeks on which they studied it. One statement, and one of what lies above."""
        return study_days.studied(self.user, self.code, self.here.today, self.here.zone)

    @cached_property
    def own_drills(self) -> Sequence[Drill]:
        """Their newest drills and checks, those among them that they have hidden, too."""
        return selectors.own_drills(self.user, self.code, hidden=True, limit=NEWEST_DRILLS)

    @property
    def has_check_estimate(self) -> bool:
        """Whether a check has given them an estimate."""
        return any(drill.head.is_check and drill.estimate for drill in self.own_drills)

    # --- What follows: attempts

    @property
    def _facts(self) -> Facts:
        if self.facts is None:
            raise ValueError("a certification that the person does not find has no dashboard")
        return self.facts

    @cached_property
    def running(self) -> Sequence[AttemptRow]:
        """The attempts that run: what ends first is in front."""
        return sorted(
            (row for row in self.newest_attempts if row.head.running), key=lambda row: row.head.deadline_at
        )

    @property
    def running_ids(self) -> list[UUID]:
        """The attempts that run, by their ids."""
        return [row.head.attempt_id for row in self.running]

    @cached_property
    def last(self) -> AttemptRow | None:
        """The newest scored attempt, whether it counts or was stopped early."""
        return next((row for row in self.newest_attempts if row.head.state == State.SCORED), None)

    @property
    def results(self) -> Sequence[AttemptRow]:
        """The results that count and are on the scale of the newest one, newest first."""
        # A vendor may change the scale, and points of two scales do not belong into one course.
        counted = [row for row in self.newest_attempts if row.counts]
        return [row for row in counted if row.scale == counted[0].scale]

    @property
    def new_exam(self) -> FormFacts | None:
        """The first exam whose questions they have not seen."""
        return next((one for one in self.forms if one.number not in self.seen), None)

    # --- What follows: the estimate

    @property
    def answers(self) -> int:
        """How many first answers the estimate has."""
        return prediction.count_answers(self.first_answers)

    @cached_property
    def prediction(self) -> Prediction | None:
        """The chance to pass a new exam; None says `missing` why."""
        form = blueprint(self._facts, self.domains) if self.answers >= LEAST_ANSWERS else None
        return _predict(form, tuple(self.first_answers)) if form else None

    @property
    def missing(self) -> Missing | None:
        """Why there is no estimate, None where there is one."""
        if self.prediction:
            return None
        return Missing.TOO_FEW_ANSWERS if blueprint(self._facts, self.domains) else Missing.NO_DOMAINS

    @cached_property
    def standings(self) -> Sequence[Standing]:
        """How they stand in each domain, in the order of the domains; empty without an estimate."""
        predicted = self.prediction
        return _standings(self._facts, self.domains, self.first_answers, predicted) if predicted else ()

    @property
    def by_gain(self) -> Sequence[Standing]:
        """The standings with most to gain first: the order of home, next step, practice and plan."""
        return sorted(self.standings, key=lambda one: -one.cost)

    @property
    def costliest(self) -> Standing | None:
        """The domain with most to gain."""
        return next(iter(self.by_gain), None)

    # --- The situation

    @property
    def is_fresh(self) -> bool:
        """Whether the last result counts, is of today or yesterday, and was not left for another exam."""
        last = self.last
        if last is None or not last.counts or not last.missed or last.head.ended_at is None:
            return False
        return self.here.day_of(last.head.ended_at) >= self.here.today - DAYS_TO_REVIEW and self.is_left

    def ended_today(self, head: AttemptFacts) -> bool:
        """Return whether an attempt ended on the reader's own day."""
        return head.ended_at is not None and self.here.day_of(head.ended_at) == self.here.today

    def seconds_of(self, number: int) -> int:
        """Return how long the person has for an exam."""
        minutes = next(one.minutes for one in self.forms if one.number == number)
        return 60 * extended(minutes, self._facts.accommodation_minutes, self.here.accommodation)

    @property
    def days_left(self) -> int | None:
        """Days until the exam; None without a date, and once it is over."""
        left = (self.exam_day - self.here.today).days if self.exam_day else -1
        return left if left >= 0 else None

    @property
    def exam_number(self) -> int | None:
        """The number of the exam to take: a new one; while no result counts, any."""
        exam = self.new_exam or (None if self.results else next(iter(self.forms), None))
        return exam.number if exam else None

    @property
    def due(self) -> int:
        """How much is to be repeated today."""
        return self.repetition.due if self.repetition else 0

    @property
    def drill_domain(self) -> int | None:
        """The domain that costs most, where some domain is weak and this one was not drilled lately."""
        most = self.costliest
        if most is None or most.answered < ENOUGH_OF_A_DOMAIN or not any(one.weak for one in self.standings):
            return None
        drill = self.drills.get(most.domain.number)
        ended = [row.head.ended_at for row in self.newest_attempts if row.head.ended_at]
        # One drill, then an exam.
        is_open = drill and (drill.done_at is None or (bool(ended) and drill.done_at < max(ended)))
        return most.domain.number if is_open else None

    @property
    def is_sure(self) -> bool:
        """Whether the evidence allows a single number."""
        return self.prediction is not None and not self.prediction.wide

    # --- What is done about it

    @cached_property
    def step(self) -> Step:
        """The one next step."""
        return decide(self)

    def task_name(self, task: Task) -> str:
        """Return what a task is called."""
        if task.kind is Kind.EXAM:
            return formatting.exam_name(task.number)
        if task.kind is Kind.REVIEW:
            return formatting.review_name("incorrect", task.number)
        if task.kind is Kind.DRILL:
            names = {domain.number: domain.name for domain in self.domains}
            return formatting.practice_name(names.get(task.number, str(task.number)))
        return {Kind.REPEAT: _("Spaced repetition"), Kind.REST: _("Rest")}.get(task.kind, _("Your exam"))

    @property
    def _last_open_day(self) -> dt.date | None:
        """The last whole day of access, None without an end; a subscription goes on by itself."""
        access = self.access
        if not access or access.until is None or access.source == Source.SUBSCRIPTION:
            return None
        return self.here.day_of(access.until) - dt.timedelta(days=1)

    @property
    def access_ends_before(self) -> bool:
        """Whether access ends before the exam."""
        last = self._last_open_day
        return bool(last and self.days_left and self.exam_day and last < self.exam_day - dt.timedelta(days=1))

    @cached_property
    def plan(self) -> plans.Plan | None:
        """The plan until the exam, None without a date. Today begins with the next step."""
        if self.exam_day is None or self.days_left is None:
            return None
        known = [one.domain.number for one in self.by_gain]
        by_weight = [one.number for one in sorted(self.domains, key=lambda one: -one.weight_percent)]
        exams_today = [
            row
            for row in self.newest_attempts
            if row.head.running or (row.counts and self.ended_today(row.head))
        ]
        work = plans.Work(
            today=self.today,
            exams=tuple(one.number for one in self.forms if one.number not in self.seen),
            domains=tuple(number for number in known or by_weight if number in self.drills),
            weak_domains=tuple(
                one.domain.number for one in self.by_gain if one.domain.number in self.drills and not one.safe
            ),
            repeats=self.repetition is not None,
            last_open_day=self._last_open_day,
            retakes=self._retakes,
            exam_today=exams_today[0].head.form_number if exams_today else None,
        )
        return plans.plan(self.here.today, self.exam_day, work)

    @property
    def _retakes(self) -> tuple[int, ...]:
        """The exams that can be taken again and are not for today, the one taken longest ago first."""
        newest: dict[int, int] = {}
        for place, row in enumerate(self.newest_attempts):
            newest.setdefault(row.head.form_number, place)
        busy = {row.head.form_number for row in self.running}
        busy |= {task.number for task in self.today if task.kind is Kind.EXAM}
        known = [one.number for one in self.forms if one.number in self.seen and one.number not in busy]
        return tuple(sorted(known, key=lambda number: -newest.get(number, NEWEST)))

    @cached_property
    def today(self) -> tuple[Task, ...]:
        """What is for today: the step, what comes after a repetition, and a repetition that may wait.

        On the day after an exam it is its review and practice: nobody knows whether the review is done.
        """
        steps = [self.step]
        if self.step.act is Act.REPEAT:
            steps.append(decide(self, repeated=True))
        tasks = [task for step in steps if (task := self._task(step))]
        is_later = self.last is not None and not self.ended_today(self.last.head)
        if self.step.reason is Reason.JUST_TAKEN and is_later and self.access and self.drill_domain:
            tasks.append(Task(Kind.DRILL, self.drill_domain))
        may_repeat = bool(tasks) and tasks[0].kind in (Kind.REVIEW, Kind.DRILL)
        if may_repeat and self.repetition and (self.repetition.due or self.repetition.new):
            tasks.append(Task(Kind.REPEAT))
        return tuple(tasks)

    def _task(self, step: Step) -> Task | None:
        """Return a step as a task of the plan."""
        match step.act:
            case Act.RESUME:
                return Task(Kind.EXAM, self.running[0].head.form_number)
            case Act.FIRST_EXAM | Act.NEXT_EXAM:
                return Task(Kind.EXAM, self.exam_number or 0)
            case Act.REVIEW:
                return Task(Kind.REVIEW, self.last.head.form_number if self.last else 0)
            case Act.DRILL:
                return Task(Kind.DRILL, self.drill_domain or 0)
            case Act.CONFIRM | Act.UNLOCK:
                return Task(Kind.ACCESS)
            case Act.REPEAT:
                return Task(Kind.REPEAT)
            case Act.REST:
                return Task(Kind.REST) if self.days_left else None
        return None


_CLOSED: Final = {
    policy.Reason.ENDED: Step(Act.UNLOCK, Reason.ACCESS_ENDED),
    policy.Reason.NOT_ENTITLED: Step(Act.UNLOCK, Reason.NO_ACCESS),
}


def decide(now: Dashboard, *, repeated: bool = False) -> Step:
    """Return the one next step. What cannot wait comes first, then what is short, then what costs most.

    `repeated` asks for the step once everything that is due has been repeated.
    """
    if now.running:
        return Step(Act.RESUME, Reason.CLOCK_RUNS)
    # What was taken may be reviewed whatever has ended since.
    if now.is_fresh:
        return Step(Act.REVIEW, Reason.JUST_TAKEN)
    if not now.access:
        return _CLOSED.get(now.access.reason, Step(Act.CONFIRM, Reason.NO_ACCESS))
    if now.days_left is not None and now.days_left <= LAST_DAYS:
        is_due = not repeated and now.due
        return Step(Act.REPEAT if is_due else Act.REST, Reason.EXAM_IS_NEAR)
    if not now.results and now.exam_number is not None:
        return Step(Act.FIRST_EXAM, Reason.NOTHING_KNOWN if now.new_exam else Reason.NO_NEW_QUESTIONS)
    if not repeated and now.due:
        return Step(Act.REPEAT, Reason.REPETITION_DUE)
    return _learn(now) if now.results else Step(Act.WAIT, Reason.NOTHING_PUBLISHED)


def _learn(now: Dashboard) -> Step:
    if now.drill_domain is not None:
        return Step(Act.DRILL, Reason.COSTS_MOST)
    if now.exam_number is not None:
        return Step(Act.NEXT_EXAM, Reason.MEASURE_AGAIN if now.is_sure else Reason.TOO_LITTLE_KNOWN)
    return Step(Act.REVIEW, Reason.NO_NEW_QUESTIONS)


# Of the same answers the same follows, and a person goes from page to page: it takes two milliseconds.
_predict: Final = lru_cache(maxsize=1024)(prediction.predict)


def blueprint(facts: Facts, domains: Sequence[DomainFacts]) -> Plan | None:
    """Return a fresh exam by the blueprint of a certification, or None where no domain has scored items."""
    planned = tuple(
        PlannedDomain(domain.number, domain.weight_percent, domain.scored_items)
        for domain in domains
        if domain.scored_items
    )
    return Plan(planned, facts.scale) if planned else None


def _standings(
    facts: Facts, domains: Sequence[DomainFacts], known: Sequence[Evidence], predicted: Prediction
) -> Sequence[Standing]:
    answers = {one.domain: one for one in known}
    estimates = {one.number: one for one in predicted.domains}
    cut = float(charts.pass_line(facts.scale))

    def standing(domain: DomainFacts) -> Standing:
        own = answers.get(domain.number, Evidence(domain.number, 0, 0))
        estimate = estimates.get(domain.number)
        return Standing(
            domain=domain,
            correct=own.correct,
            answered=own.answered,
            counted=own.counted,
            estimate=estimate,
            cost=domain_bars.gain(estimate.share, domain.weight_percent, facts.scale) if estimate else 0,
            weak=estimate is not None and estimate.share < cut and own.answered >= ENOUGH_OF_A_DOMAIN,
            safe=estimate is not None and estimate.low >= cut,
        )

    return [standing(domain) for domain in domains]
