"""Result, analysis and review of a finished exam or drill: frozen values, in a known number of statements.

What a drill shares with an exam that its person is taking stays closed until that has ended: its review, and
the result that would tell it.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.base import statements
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.solutions import Solution, SolvedOption, SolvedText, Topics
from exams.attempts import answers, grading, running_items, score_codec, selectors
from exams.attempts.answers import Answer
from exams.attempts.models import State
from exams.attempts.selectors import (
    BEGUN_SINCE,
    CURRENT_SCORE,
    ITEMS,
    ONE,
    TYPES,
    AttemptRow,
    Drill,
    DrillHead,
    Head,
    Row,
    Scale,
    Taking,
    head_of,
    is_stopped,
)
from exams.bank import rulings
from exams.bank.models import ItemVersion
from exams.catalog.models import DomainText, TaskStatementText
from exams.kinds.kinds import Kind, Progress
from exams.scoring import analysis, rules
from exams.scoring.analysis import Changed, Confidence, Milestone, Novelty, Question, Step
from exams.scoring.prediction import Evidence, Plan, PlannedDomain, Prediction, by_one_exam

# The names of the domains come along, in the wanted language last, so that it wins.
RESULT = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered,
  e.scale_min AS low, e.scale_max AS high, e.pass_mark, {ITEMS} AS total_items,
  s.revision, s.scoring_revision, s.raw, s.scaled, s.passed, s.result, s.reason, s.created_at, s.ruling_id,
  CASE WHEN s.revision > 1 THEN (SELECT scaled FROM exams_score
    WHERE attempt_id = h.attempt_id AND revision = s.revision - 1) END AS scaled_before,
  (SELECT json_agg(json_build_array(d.number, t.name) ORDER BY t.language = %(language)s, t.language DESC)
   FROM exams_domain d JOIN exams_domaintext t ON t.domain_id = d.id
   WHERE d.certification_id = h.certification_id) AS domain_names,
  EXISTS (SELECT 1 FROM exams_attempt t WHERE t.user_id = h.user_id AND t.id <> h.attempt_id
          AND {running_items.is_running_exam("t")}) AS taking_another,
  {rulings.LAST} AS last_ruling,
  CASE WHEN h.state = 4 THEN (
    SELECT json_build_array(l.seen_positions, l.seen_ms,
      (SELECT json_agg(json_build_array(position, selected, flagged, confidence, ev.seen_ms,
         extract(epoch FROM received_at - l.started_at)::int) ORDER BY ev.lease_no, seq)
       FROM exams_answerevent ev WHERE attempt_id = h.attempt_id))
    FROM exams_attempt l WHERE l.id = h.attempt_id) END AS log,
  (SELECT count(DISTINCT position) FROM exams_refusedanswer
   WHERE attempt_id = h.attempt_id AND reason IN ('late', 'attempt_closed')) AS too_late,
  {BEGUN_SINCE} AS begun_since
FROM ({ONE}) AS h
JOIN exams_formedition e ON e.id = h.edition_id {CURRENT_SCORE}
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class DomainResult:
    """Right answers of a domain among its scored items. `share` is 0 to 1."""

    number: int
    name: str
    weight_percent: int
    correct: int
    scored: int

    @property
    def share(self) -> float:
        """Share of the scored items answered right, 0 without any."""
        return self.correct / self.scored if self.scored else 0.0


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """The current score of an attempt. Band on the scale, `right` one digit a position.

    `ruling` is the last one that it counts, `out` are positions that rulings took out of it, `scaled_before`
    is the score that it replaced.
    """

    revision: int
    scoring_revision: int
    raw: int
    scored_items: int
    scaled: int
    passed: bool
    share: str
    band_low: int
    band_high: int
    domains: tuple[DomainResult, ...]
    right: str
    reason: str
    created_at: dt.datetime
    ruling: int | None = None
    scaled_before: int | None = None
    out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """The whole log of a scored attempt in the order that counts, and what its row says beside it.

    `seen_positions` are those whose items the person had been shown before; `seen_ms` is by position.
    """

    steps: tuple[Step, ...] = ()
    seen_ms: tuple[int | None, ...] = ()
    seen_positions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A result; `score` is None while it is missing. All domains have their names, scored or not.

    `too_late` counts questions with an answer that arrived after the end; `begun_since` says that another
    exam was begun later; `taking_another` says that another exam runs; `last_ruling` is the last ruling of
    all. The `log` is empty without a score.
    """

    head: Head
    scale: Scale
    score: ScoreFacts | None
    answered: int
    domain_names: Mapping[int, str]
    too_late: int
    begun_since: bool
    taking_another: bool
    last_ruling: int | None
    log: Log

    @property
    def counts(self) -> bool:
        """Whether the result says something about the person: it is scored, and half of it was answered."""
        return self.score is not None and not is_stopped(self.answered, self.scale.total_items)

    @property
    def estimates(self) -> ScoreFacts | None:
        """The score with its band; None where it doesn't count."""
        return self.score if self.counts else None

    @property
    def incomplete(self) -> int:
        """How many of the answered questions have other than as many options chosen as they ask for."""
        last = {step.position: step.selected for step in self.log.steps}
        if self.score is None or not any(last.values()):
            return 0
        places = grading.marking(self.head.edition_id, self.score.ruling).places
        states = (Kind.progress(last.get(position, ()), key.choose) for position, _, _, key in places)
        return sum(state is Progress.INCOMPLETE for state in states)

    @property
    def prediction(self) -> Prediction | None:
        """What this exam alone says of another one; None where it doesn't count, or has too few answers."""
        if self.estimates is None:
            return None
        domains = self.estimates.domains
        plan = Plan(
            tuple(PlannedDomain(one.number, one.weight_percent, one.scored) for one in domains),
            self.scale,
        )
        answered = self._answered_by_domain(self.estimates)
        return by_one_exam(
            plan,
            tuple(
                Evidence(one.number, one.correct, answered[one.number], one.scored - answered[one.number])
                for one in domains
            ),
        )

    def _answered_by_domain(self, score: ScoreFacts) -> Counter[int]:
        """Return how many scored questions have an answer; no query once a process knows the edition."""
        last = {step.position: step.selected for step in self.log.steps}
        by = grading.marking(self.head.edition_id, score.ruling)
        return Counter(
            domain for position, domain, is_scored, _ in by.places if is_scored and last.get(position)
        )

    @property
    def row(self) -> AttemptRow:
        """The attempt as it stands in a list."""
        score, telling = self.score, self.estimates
        return AttemptRow(
            head=self.head,
            answered=self.answered,
            total_items=self.scale.total_items,
            scaled_score=score.scaled if score else None,
            passed=score.passed if score else None,
            band=(telling.band_low, telling.band_high) if telling else None,
            correct=score.right.count("1") if score else None,
            scale=self.scale,
        )


@dataclass(frozen=True, slots=True)
class Analysis:
    """The figures of an attempt. `even_seconds` is the time for a question at an even pace.

    `novelty` is None where nobody noted which questions the person had been shown before.
    """

    questions: tuple[Question, ...]
    milestones: tuple[Milestone, ...]
    confidence: tuple[Confidence, ...]
    novelty: Novelty | None
    even_seconds: int

    @property
    def timed(self) -> bool:
        """Whether any question has a time."""
        return any(one.seen_ms for one in self.questions)

    @property
    def longest(self) -> list[Question]:
        """The five questions that took longest, the longest first."""
        return analysis.longest(self.questions)

    @property
    def sure_and_incorrect(self) -> list[Question]:
        """Answers that the person was sure of and that are incorrect."""
        return analysis.sure_and_incorrect(self.questions)

    def changed(self, how: analysis.Changed) -> int:
        """Return how many answers were changed so."""
        return sum(one.changed == how for one in self.questions)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """Correct answers on a task statement among its scored items."""

    code: str
    title: str
    domain_number: int
    correct: int
    scored: int


@dataclass(frozen=True, slots=True)
class ReviewOption:
    """An option after the end: what is said of it to everybody, and whether it was chosen."""

    solved: SolvedOption
    chosen: bool


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An item after the end, with everything that was secret before; `chosen` are ids of options.

    `seen_ms` is how long it was looked at, `slow` whether that is long: more than twice the person's median
    in this attempt, or more than 3 minutes. `skipped`: nothing of it was stored. `task_title`: of drills.
    """

    solution: Solution
    domain_name: str
    task_code: str
    correct: bool
    flagged: bool
    chosen: frozenset[int]
    confidence: int | None = None
    seen_ms: int | None = None
    slow: bool = False
    changed: Changed | None = None
    skipped: bool = False
    task_title: str = ""

    @property
    def answered(self) -> bool:
        """Whether any option was chosen."""
        return bool(self.chosen)

    @property
    def incomplete(self) -> bool:
        """Whether options were chosen, but not as many as were to be."""
        return Kind.progress(self.chosen, self.solution.text.choose) is Progress.INCOMPLETE

    @property
    def options(self) -> tuple[ReviewOption, ...]:
        """The options in their order."""
        return tuple(ReviewOption(option, option.id in self.chosen) for option in self.solution.text.options)

    @property
    def chosen_letters(self) -> frozenset[str]:
        """The letters of the options that were chosen."""
        return frozenset(option.letter for option in self.solution.text.options if option.id in self.chosen)


@dataclass(frozen=True, slots=True)
class Review:
    """All items of a scored attempt, with the texts of its paper or of one in another language."""

    result: Result
    paper_id: int
    topics: Topics
    items: tuple[ReviewItem, ...]


def result(user: User, attempt_id: UUID, language: str) -> Result:
    """Return the result of an own attempt by one statement. Raises Refused not_found."""
    values = {"language": language, "user": user.pk, "id": str(attempt_id)}
    rows = statements.dict_rows(RESULT, values, TYPES)
    if not rows:
        raise answers.not_found()
    row, head = rows[0], head_of(rows[0])
    return Result(
        head=head,
        scale=Scale(row["low"], row["high"], row["pass_mark"], row["total_items"]),
        score=_score(row) if head.state == State.SCORED else None,
        answered=row["answered"],
        domain_names=dict(row["domain_names"] or ()),
        too_late=row["too_late"],
        begun_since=row["begun_since"],
        taking_another=row["taking_another"],
        last_ruling=row["last_ruling"],
        log=_log(row["log"]),
    )


def _log(log: str | list[Any] | None) -> Log:
    if log is None:
        return Log()
    # Under psycopg2, a raw cursor of Django hands out JSON as text.
    seen_positions, seen_ms, steps = json.loads(log) if isinstance(log, str) else log
    return Log(tuple(Step(*step) for step in steps or ()), tuple(seen_ms), tuple(seen_positions))


def task_results(of: Head, score: ScoreFacts, language: str) -> list[TaskResult]:
    """Return the result of each task with scored items, by domain and code; no query but once a minute."""
    known = solutions.topics_in(of.edition_id, language)
    counts: dict[tuple[int, str], list[int]] = {}
    places = zip(known.codes, known.domains, known.scored, score.right, strict=True)
    for position, (code, domain, is_scored, digit) in enumerate(places, start=1):
        if is_scored and position not in score.out:
            count = counts.setdefault((domain, code), [0, 0])
            count[0] += digit == "1"
            count[1] += 1
    return [
        TaskResult(code, known.titles.get(code, ""), domain, correct, scored)
        for (domain, code), (correct, scored) in sorted(counts.items())
    ]


def analysis_of(user: User, result: Result) -> Analysis | None:
    """Return what the result of an own attempt tells; no query once a process knows the edition.

    None without a score, and while the person takes an exam with these questions: which of their answers
    were correct would help them there.
    """
    if result.score is None or (
        result.taking_another and running_items.any_in_edition(user, result.head.edition_id)
    ):
        return None
    by, log = grading.marking(result.head.edition_id, result.score.ruling), result.log
    answered = analysis.questions(log.steps, [key for *_, key in by.places], log.seen_ms)
    return Analysis(
        questions=answered,
        milestones=analysis.milestones(log.steps, len(by.places)),
        confidence=analysis.by_confidence(answered),
        novelty=_novelty(result, by),
        even_seconds=result.head.minutes_allowed * 60 // len(by.places),
    )


def _novelty(result: Result, by: grading.Marking) -> Novelty | None:
    seen = frozenset(result.log.seen_positions)
    if result.head.seen_before and not seen:
        return None
    right = result.score.right if result.score else ""
    marked = [
        rules.Marked(position, domain, is_scored, digit == "1")
        for (position, domain, is_scored, _), digit in zip(by.places, right, strict=True)
    ]
    novelty = analysis.novelty(marked, seen, dict(by.weights), by.scale)
    # An exam that was stopped early has no score, and so none on the new questions alone.
    return novelty if result.counts else replace(novelty, scaled=None)


def _score(row: Row) -> ScoreFacts:
    stored, names = score_codec.decode(row["result"]), dict(row["domain_names"] or ())
    return ScoreFacts(
        revision=row["revision"],
        scoring_revision=row["scoring_revision"],
        raw=row["raw"],
        scored_items=stored.scored,
        scaled=row["scaled"],
        passed=row["passed"],
        share=stored.share,
        band_low=stored.band_low,
        band_high=stored.band_high,
        domains=tuple(
            DomainResult(
                domain.number,
                names.get(domain.number, str(domain.number)),
                domain.weight,
                domain.correct,
                domain.scored,
            )
            for domain in stored.domains
        ),
        right=stored.right,
        reason=row["reason"],
        created_at=row["created_at"],
        ruling=row["ruling_id"],
        scaled_before=row["scaled_before"],
        out=stored.out,
    )


def review(user: User, attempt_id: UUID, language: str, ui_language: str = "") -> Review:
    """Return every item of a scored attempt with key and reasons, at the wording that was taken.

    Another `language` shows the newest translation of the same versions. Domains and tasks are named in
    `ui_language` where it differs. Raises Refused: not_found, not_finished, exam_running.
    """
    ui_language = ui_language or language
    own_result = result(user, attempt_id, ui_language)
    if own_result.score is None:
        raise not_finished(own_result.head)
    # Whether an exam runs came with the result; only then is it asked whether it shares a question.
    if own_result.taking_another and running_items.any_in_edition(user, own_result.head.edition_id):
        raise exam_running()
    paper_id = _paper_of_texts(own_result.head, language)
    tasks = solutions.topics_in(own_result.head.edition_id, ui_language)
    solved = solutions.of_paper(paper_id)
    in_force = rulings.in_force(own_result.score.ruling)
    keys = [item.text.ruled_key(in_force) for item in solved]
    answered = analysis.questions(own_result.log.steps, keys, own_result.log.seen_ms)
    slow_after = analysis.slow_after(answered)
    items = tuple(
        _review_item(solution, code, question, slow_after, own_result.score, own_result.domain_names)
        for solution, code, question in zip(solved, tasks.codes, answered, strict=True)
    )
    return Review(own_result, paper_id, tasks, items)


def not_finished(of: Head | DrillHead) -> Refused:
    """Return the refusal of a result that is not there yet."""
    detail = _("Your answers are safe, but your score isn't ready yet.")
    if of.running:
        detail = _("The exam hasn't ended yet.")
        if isinstance(of, DrillHead):
            detail = _("The practice hasn't ended yet.")
    state = of.effective_state.label
    if isinstance(of, DrillHead):
        return Refused("not_finished", 409, detail, state=state)
    return Refused("not_finished", 409, detail, closes_at=of.closes_at, state=state)


def exam_running() -> Refused:
    """Return the refusal of a review while the person is taking an exam with questions of it."""
    return Refused(
        "exam_running",
        409,
        _("An exam you're taking includes these questions. You can review them once that exam has ended."),
    )


def question_held() -> Refused:
    """Return the refusal of what would tell of a drill's question that is in an exam being taken."""
    return Refused(
        "exam_running",
        409,
        _("An exam you're taking includes this question. You can see its answer once that exam has ended."),
    )


def _paper_of_texts(of: Head, language: str) -> int:
    """Return the paper that was taken, or the newest one where another language is asked for."""
    if papers.order(of.paper_id).language == language:
        return of.paper_id
    return papers.newest(of.edition_id).get(language, of.paper_id)


def _review_item(
    solution: Solution,
    task_code: str,
    question: Question,
    slow_after: int,
    score: ScoreFacts,
    names: Mapping[int, str],
) -> ReviewItem:
    if solution.position in score.out:
        solution = replace(solution, is_scored=False)
    return ReviewItem(
        solution=solution,
        domain_name=names.get(solution.domain_number, ""),
        task_code=task_code,
        correct=score.right[solution.position - 1] == "1",
        flagged=question.flagged,
        chosen=frozenset(question.selected),
        confidence=question.confidence,
        seen_ms=question.seen_ms,
        slow=(question.seen_ms or 0) > slow_after,
        changed=question.changed,
    )


def closed_reviews(taking: Taking, ui_language: str) -> Mapping[int, ReviewItem]:
    """Return the reviews of the positions of a drill that are closed and that no running exam holds."""
    if not (taking.drill and taking.drill.head.at_once):
        return {}
    closed = [position for position in taking.answers if position not in taking.held]
    return _drill_reviews(taking.paper.id, closed, taking.answers, ui_language)


def closed_review(paper_id: int, answer: Answer, ui_language: str) -> ReviewItem:
    """Return the review of a position that is closed. Whoever asks has seen to that, under the row lock."""
    position = answer.position
    return _drill_reviews(paper_id, [position], {position: answer}, ui_language)[position]


def drill_review(user: User, attempt_id: UUID, ui_language: str) -> tuple[Drill, tuple[ReviewItem, ...]]:
    """Return every item of a scored drill with key and reasons.

    Raises Refused: not_found, not_finished, exam_running.
    """
    drill = selectors.drill(user, attempt_id)
    if drill.head.state != State.SCORED:
        raise not_finished(drill.head)
    if drill.head.held:
        raise question_held()
    current = {answer.position: answer for answer in answers.current(attempt_id)}
    positions = range(1, drill.head.total_items + 1)
    items = _drill_reviews(drill.head.paper_id, positions, current, ui_language)
    # As it was scored: a ruling that came later is told beside it, and rewrites nothing.
    return drill, tuple(
        replace(items[position], correct=drill.right[position - 1] == "1") for position in positions
    )


def _drill_reviews(
    paper_id: int, positions: Sequence[int], current: Mapping[int, Answer], ui_language: str
) -> dict[int, ReviewItem]:
    if not positions:
        return {}
    order = papers.order(paper_id)
    versions = [order.version_ids[position - 1] for position in positions]
    solved = solutions.solved([order.text_ids[position - 1] for position in positions])
    topics_of = {row["pk"]: row for row in _topics(versions, ui_language)}
    in_force = rulings.in_force(order.ruling)
    return {
        position: _drill_review_item(
            position,
            solved[order.text_ids[position - 1]],
            topics_of[version_id],
            current.get(position),
            in_force,
        )
        for position, version_id in zip(positions, versions, strict=True)
    }


def _topics(version_ids: Sequence[int], language: str) -> QuerySet[ItemVersion, Any]:
    """Return domain and task of versions as they are today: loading content may move an item."""
    names = DomainText.objects.filter(domain=OuterRef("item__task__domain")).values("name")
    titles = TaskStatementText.objects.filter(task=OuterRef("item__task")).values("title")
    in_original = {"language": OuterRef("item__certification__original_language")}
    original, title = names.filter(**in_original), titles.filter(**in_original)
    return ItemVersion.objects.filter(pk__in=version_ids).values(
        "pk",
        domain=F("item__task__domain__number"),
        task=F("item__task__code"),
        domain_name=Coalesce(Subquery(names.filter(language=language)), Subquery(original), Value("")),
        task_title=Coalesce(Subquery(titles.filter(language=language)), Subquery(title), Value("")),
    )


def _drill_review_item(
    position: int,
    text: SolvedText,
    topic: Mapping[str, Any],
    answer: Answer | None,
    in_force: rulings.InForce,
) -> ReviewItem:
    """Return a review as it was told when the position was closed: by what was ruled before the drill."""
    chosen = frozenset(answer.selected) if answer else frozenset()
    key = text.ruled_key(in_force)
    return ReviewItem(
        skipped=answer is None,
        solution=Solution(position, topic["domain"], is_scored=True, text=text),
        domain_name=topic["domain_name"],
        task_code=topic["task"],
        task_title=topic["task_title"],
        correct=key.out or key.accepts(chosen),
        flagged=bool(answer and answer.flagged),
        chosen=chosen,
        confidence=answer.confidence if answer else None,
    )
