"""What pages and the API read of attempts: frozen values, in a known number of statements."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import count
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers, solutions, topics
from exams.assembly.papers import CompiledPaper
from exams.assembly.solutions import Solution
from exams.assembly.topics import Topics
from exams.attempts import answers, score_codec, sql
from exams.attempts.answers import Answer
from exams.attempts.models import State

# Columns are named as the fields that they fill. An attempt is read on every page of an exam, with the
# answers counted by the log's own order, which no queryset can say: so these reads are SQL.
HEAD = f"""
SELECT a.id AS attempt_id, c.code AS certification_code, f.number AS form_number, a.state,
  a.effective_state, a.started_at, a.deadline_at, a.ended_at, a.end_reason,
  statement_timestamp() AS server_now, a.minutes_allowed, a.accommodation, a.seen_before,
  a.answers_sha256 AS receipt, a.edition_id, a.paper_id, a.form_id, c.id AS certification_id,
  a.quarantined_at IS NOT NULL AS quarantined, a.opened_at IS NOT NULL AS opened,
  a.score_error <> '' AS failed, a.next_try_at
FROM (SELECT *, {sql.EFFECTIVE_STATE} AS effective_state, {sql.NEXT_TRY_AT} AS next_try_at
      FROM exams_attempt) AS a
JOIN exams_examform f ON f.id = a.form_id JOIN exams_certification c ON c.id = f.certification_id
"""  # noqa: S608  (made of constants)
ONE = HEAD + "WHERE a.id = %s AND a.user_id = %s"
_SCORE = """
LEFT JOIN LATERAL (SELECT * FROM exams_score WHERE attempt_id = h.attempt_id
                   ORDER BY revision DESC LIMIT 1) AS s ON true
"""
_ITEMS = "(SELECT count(*) FROM exams_formitem WHERE edition_id = h.edition_id)"
LIST = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered, {_ITEMS} AS total_items,
  e.scale_min AS low, e.scale_max AS high, e.pass_mark, s.scaled AS scaled_score, s.passed, s.result
FROM ({HEAD} WHERE a.user_id = %s AND a.state <> 5 ORDER BY a.started_at DESC LIMIT %s) AS h
JOIN exams_formedition e ON e.id = h.edition_id {_SCORE}
ORDER BY h.started_at DESC
"""  # noqa: S608  (made of constants)
# The names of the domains come along, in the wanted language last, so that it wins.
RESULT = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered,
  e.scale_min AS low, e.scale_max AS high, e.pass_mark, {_ITEMS} AS total_items,
  s.revision, s.scoring_revision, s.raw, s.scaled, s.passed, s.result, s.reason, s.created_at,
  (SELECT json_agg(json_build_array(d.number, t.name) ORDER BY t.language = %s, t.language DESC)
   FROM exams_domain d JOIN exams_domaintext t ON t.domain_id = d.id
   WHERE d.certification_id = h.certification_id) AS domain_names,
  (SELECT count(DISTINCT position) FROM exams_refusedanswer
   WHERE attempt_id = h.attempt_id AND reason IN ('late', 'attempt_closed')) AS too_late,
  (SELECT n.number FROM exams_examform n
   WHERE n.certification_id = h.certification_id
     AND EXISTS (SELECT 1 FROM exams_formedition ne JOIN exams_paper np ON np.edition_id = ne.id
                 WHERE ne.form_id = n.id AND ne.published_at IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM exams_attempt na WHERE na.user_id = %s AND na.form_id = n.id
                     AND (na.state <> 5 OR na.opened_at IS NOT NULL))
   ORDER BY n.number < h.form_number, n.number LIMIT 1) AS next_form
FROM ({ONE}) AS h JOIN exams_formedition e ON e.id = h.edition_id {_SCORE}
"""  # noqa: S608  (made of constants)
_numbers = count(1)
_NUMBERED = re.sub("%s", lambda _: f"${next(_numbers)}", RESULT).replace("%%", "%")
_PREPARE_RESULT = f"PREPARE passline_result (text, bigint, uuid, bigint) AS {_NUMBERED};"
_EXECUTE_RESULT = "EXECUTE passline_result (%s, %s, %s, %s)"
# Whether a person has seen the questions of a form: also in a start that was canceled after it was opened.
SEEN = """SELECT 1 FROM exams_attempt WHERE user_id = %(user)s AND form_id = %(form)s
    AND (state <> 5 OR opened_at IS NOT NULL)"""
OF_FORM = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered, {_ITEMS} AS total_items
FROM ({HEAD} WHERE a.user_id = %(user)s AND a.form_id = %(form)s
      AND (a.state <> 5 OR a.opened_at IS NOT NULL)) AS h ORDER BY h.effective_state LIMIT 1
"""  # noqa: S608  (made of constants)
RUNNING_ELSEWHERE = f"""
SELECT h.* FROM ({HEAD} WHERE a.user_id = %s AND a.form_id <> %s AND a.state = 1) AS h
WHERE h.effective_state = 1 ORDER BY h.deadline_at
"""  # noqa: S608  (made of constants)
CLOCK = f"""
SELECT {sql.EFFECTIVE_STATE} AS state, a.lease_no, a.deadline_at, statement_timestamp() AS server_now
FROM exams_attempt a WHERE a.id = %s AND a.user_id = %s
"""  # noqa: S608  (made of constants)
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Head:
    """The facts of an attempt. `state` as stored; `effective_state` counts an overdue one as expired."""

    attempt_id: UUID
    certification_code: str
    form_number: int
    state: State
    effective_state: State
    started_at: dt.datetime
    deadline_at: dt.datetime
    ended_at: dt.datetime | None
    end_reason: str
    server_now: dt.datetime
    minutes_allowed: int
    accommodation: str
    seen_before: bool
    receipt: str
    edition_id: int
    paper_id: int
    form_id: int
    certification_id: int
    quarantined: bool
    opened: bool
    failed: bool
    next_try_at: dt.datetime | None

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the deadline, not below zero."""
        return max(0, int((self.deadline_at - self.server_now).total_seconds()))

    @property
    def closes_at(self) -> dt.datetime:
        """When the grace after the deadline ends."""
        return self.deadline_at + answers.GRACE

    @property
    def running(self) -> bool:
        """Whether answers are still accepted."""
        return self.effective_state == State.RUNNING

    @property
    def seconds_used(self) -> int:
        """Whole seconds from start to end; until now for a running one."""
        return int(((self.ended_at or self.server_now) - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Clock:
    """What an open page asks now and then; `state` counts an overdue attempt as expired."""

    state: State
    lease_no: int
    deadline_at: dt.datetime
    server_now: dt.datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """Everything the taking page needs: two statements, and a third when a process first meets the paper."""

    head: Head
    paper: CompiledPaper
    answers: Mapping[int, Answer]

    @property
    def answered(self) -> int:
        """How many positions have a choice."""
        return answers.answered(self.answers.values())


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
        """Share of the scored items answered right."""
        return self.correct / self.scored


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """The current score of an attempt. Band on the scale, chance 0 to 1, `right` one digit a position."""

    revision: int
    scoring_revision: int
    raw: int
    scored_items: int
    scaled: int
    passed: bool
    share: str
    band_low: int
    band_high: int
    pass_chance: float
    domains: tuple[DomainResult, ...]
    right: str
    reason: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of the edition that was sat."""

    low: int
    high: int
    pass_mark: int
    total_items: int


@dataclass(frozen=True, slots=True)
class Result:
    """A result; `score` is None while it is missing. All domains have their names, scored or not.

    `too_late` counts questions with an answer that arrived after the end; `next_form` is the number of an
    exam whose questions the person has not seen.
    """

    head: Head
    scale: Scale
    score: ScoreFacts | None
    answered: int
    domain_names: Mapping[int, str]
    too_late: int
    next_form: int | None


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
    """An option after the end: whether it is a key, whether it was chosen, and why."""

    letter: str
    text_html: str
    rationale_html: str
    is_key: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An item after the end, with everything that was secret before."""

    position: int
    domain_number: int
    domain_name: str
    task_code: str
    difficulty: str
    is_scored: bool
    correct: bool
    answered: bool
    incomplete: bool
    flagged: bool
    kind: str
    choose: int
    stem_html: str
    ask_html: str
    options: tuple[ReviewOption, ...]
    why_html: str
    principle_html: str
    tip_html: str
    references: tuple[tuple[str, str], ...]
    language: str

    @property
    def chosen_letters(self) -> frozenset[str]:
        """The letters of the options that were chosen."""
        return frozenset(option.letter for option in self.options if option.chosen)


@dataclass(frozen=True, slots=True)
class Review:
    """All items of a scored attempt, with the texts of its paper or of one in another language."""

    result: Result
    paper_id: int
    topics: Topics
    items: tuple[ReviewItem, ...]


@dataclass(frozen=True, slots=True)
class OfForm:
    """What a person has to do with a form: the attempt that runs, and whether its questions were seen."""

    running: Head | None
    answered: int
    total_items: int
    seen: bool


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as it stands in a list. `band` is on the scale of the edition that was taken."""

    head: Head
    answered: int
    total_items: int
    scaled_score: int | None
    passed: bool | None
    band: tuple[int, int] | None
    scale: Scale

    @property
    def counts(self) -> bool:
        """Whether the result says something about the person: it is scored, and half of it was answered."""
        return self.scaled_score is not None and not self.stopped_early

    @property
    def stopped_early(self) -> bool:
        """Whether it ended with fewer than half of the questions answered."""
        return not self.head.running and 2 * self.answered < self.total_items


type _Row = dict[str, Any]
_HEAD_FIELDS = tuple(field.name for field in fields(Head))


def _rows(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _result_rows(language: str, user_id: int, attempt_id: UUID) -> list[_Row]:
    """Run RESULT, prepared once a connection: planning it takes longer than running it."""
    values = [language, user_id, str(attempt_id), user_id]
    if not settings.DATABASE_PREPARES:
        return _rows(RESULT, values)
    one: Any = connections[DEFAULT_DB_ALIAS]
    one.ensure_connection()
    fresh = getattr(one, "passline_prepared_result", None) is not one.connection
    found = _rows((_PREPARE_RESULT if fresh else "") + _EXECUTE_RESULT, values)
    one.passline_prepared_result = one.connection
    return found


def _head(row: _Row) -> Head:
    states = {name: State(row[name]) for name in ("state", "effective_state")}
    return Head(**{name: row[name] for name in _HEAD_FIELDS} | states)


def head(user: User, attempt_id: UUID) -> Head:
    """Return the facts of an own attempt by one statement. Raises Refused not_found for any other."""
    rows = _rows(ONE, [str(attempt_id), user.pk])
    if not rows:
        raise answers.not_found()
    return _head(rows[0])


def clock(user: User, attempt_id: UUID) -> Clock:
    """Return the time and the lease of an own attempt by one statement. Raises Refused not_found."""
    rows = _rows(CLOCK, [str(attempt_id), user.pk])
    if not rows:
        raise answers.not_found()
    return Clock(**rows[0] | {"state": State(rows[0]["state"])})


def taking(user: User, attempt_id: UUID) -> Taking:
    """Return what the taking page needs. Raises Refused not_found."""
    found = head(user, attempt_id)
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    return Taking(found, papers.get(found.paper_id), given)


def own_attempts(user: User, limit: int = LIST_LIMIT) -> list[AttemptRow]:
    """Return a person's attempts, newest first, canceled ones left out. One statement."""
    return [_attempt_row(row) for row in _rows(LIST, [user.pk, limit])]


def _attempt_row(row: _Row) -> AttemptRow:
    stored = score_codec.decode(row["result"]) if row["result"] is not None else None
    return AttemptRow(
        head=_head(row),
        answered=row["answered"],
        total_items=row["total_items"],
        scaled_score=row["scaled_score"],
        passed=row["passed"],
        band=(stored.band_low, stored.band_high) if stored else None,
        scale=Scale(row["low"], row["high"], row["pass_mark"], row["total_items"]),
    )


def running_elsewhere(user: User, form_id: int) -> list[Head]:
    """Return what runs at other forms, the attempt that ends first in front. One statement."""
    return [_head(row) for row in _rows(RUNNING_ELSEWHERE, [user.pk, form_id])]


def of_form(user: User, form_id: int) -> OfForm:
    """Return what a person has to do with a form. One statement."""
    rows = _rows(OF_FORM, {"user": user.pk, "form": form_id})
    if not rows:
        return OfForm(None, 0, 0, seen=False)
    row, found = rows[0], _head(rows[0])
    # The one that runs comes first, if there is one: its own questions are no reason for a warning.
    return OfForm(found if found.running else None, row["answered"], row["total_items"], not found.running)


def result(user: User, attempt_id: UUID, language: str) -> Result:
    """Return the result of an own attempt by one statement. Raises Refused not_found."""
    rows = _result_rows(language, user.pk, attempt_id)
    if not rows:
        raise answers.not_found()
    row, found = rows[0], _head(rows[0])
    return Result(
        head=found,
        scale=Scale(row["low"], row["high"], row["pass_mark"], row["total_items"]),
        score=_score(row) if found.state == State.SCORED else None,
        answered=row["answered"],
        domain_names=dict(row["domain_names"] or ()),
        too_late=row["too_late"],
        next_form=row["next_form"],
    )


def task_results(of: Head, score: ScoreFacts, language: str) -> list[TaskResult]:
    """Return the result of each task with scored items, by domain and code; no query but once a minute."""
    known = topics.of_edition(of.edition_id, language)
    counts: dict[tuple[int, str], list[int]] = {}
    for code, domain, counts_here, digit in zip(
        known.codes, known.domains, known.scored, score.right, strict=True
    ):
        if counts_here:
            count = counts.setdefault((domain, code), [0, 0])
            count[0] += digit == "1"
            count[1] += 1
    return [
        TaskResult(code, known.titles.get(code, ""), domain, correct, scored)
        for (domain, code), (correct, scored) in sorted(counts.items())
    ]


def _score(row: _Row) -> ScoreFacts:
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
        pass_chance=stored.chance,
        domains=tuple(
            DomainResult(
                one.number, names.get(one.number, str(one.number)), one.weight, one.correct, one.scored
            )
            for one in stored.domains
        ),
        right=stored.right,
        reason=row["reason"],
        created_at=row["created_at"],
    )


def review(user: User, attempt_id: UUID, language: str, ui_language: str = "") -> Review:
    """Return every item of a scored attempt with key and reasons, at the wording that was taken.

    Another `language` shows the newest translation of the same versions. Domains and tasks are named in
    `ui_language` where it differs. Raises Refused: not_found, not_finished.
    """
    ui_language = ui_language or language
    found = result(user, attempt_id, ui_language)
    if found.score is None:
        raise not_finished(found.head)
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    paper_id = _paper_of_texts(found.head, language)
    tasks = topics.of_edition(found.head.edition_id, ui_language)
    items = tuple(
        _review_item(solution, code, given.get(solution.position), found.score, found.domain_names)
        for solution, code in zip(solutions.get(paper_id), tasks.codes, strict=True)
    )
    return Review(found, paper_id, tasks, items)


def not_finished(of: Head) -> Refused:
    """Return the refusal of a result that is not there yet."""
    return Refused(
        "not_finished", 409, _("The exam hasn't ended yet."), closes_at=of.closes_at, state=of.state.label
    )


def _paper_of_texts(of: Head, language: str) -> int:
    """Return the paper that was taken, or the newest one where another language is asked for."""
    if papers.get(of.paper_id).language == language:
        return of.paper_id
    return papers.newest(of.edition_id).get(language, of.paper_id)


def _review_item(
    solution: Solution, task_code: str, given: Answer | None, score: ScoreFacts, names: Mapping[int, str]
) -> ReviewItem:
    chosen = frozenset(given.selected) if given else frozenset()
    return ReviewItem(
        position=solution.position,
        domain_number=solution.domain_number,
        domain_name=names.get(solution.domain_number, ""),
        task_code=task_code,
        difficulty=solution.difficulty,
        is_scored=solution.is_scored,
        correct=score.right[solution.position - 1] == "1",
        answered=bool(chosen),
        incomplete=0 < len(chosen) < solution.choose,
        flagged=bool(given and given.flagged),
        kind=solution.kind,
        choose=solution.choose,
        stem_html=solution.stem_html,
        ask_html=solution.ask_html,
        options=tuple(
            ReviewOption(
                option.letter, option.text_html, option.rationale_html, option.is_key, option.id in chosen
            )
            for option in solution.options
        ),
        why_html=solution.why_html,
        principle_html=solution.principle_html,
        tip_html=solution.tip_html,
        references=solution.references,
        language=solution.language,
    )
