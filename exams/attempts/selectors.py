"""What pages and the API read of attempts: frozen values, in a known number of statements."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.models import FormItem
from exams.assembly.papers import CompiledPaper
from exams.attempts import answers
from exams.attempts.answers import Answer
from exams.attempts.errors import Refused
from exams.attempts.models import State
from exams.bank.models import ItemText
from exams.catalogue.models import DomainText

# A running attempt past its deadline and grace has ended, whether a sweep came by or not.
EFFECTIVE_STATE = """
CASE WHEN a.state = 1 AND statement_timestamp() > a.deadline_at + interval '30 seconds'
  THEN 3 ELSE a.state END
"""
HEAD = f"""
SELECT a.id, c.code, f.number, a.state, {EFFECTIVE_STATE} AS effective, a.started_at, a.deadline_at,
  a.ended_at, a.end_reason, statement_timestamp(), a.minutes_allowed, a.accommodation, a.seen_before,
  a.answers_sha256,  a.edition_id, a.paper_id, a.form_id, c.id, a.quarantined_at IS NOT NULL
FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
"""  # noqa: S608  (made of constants)
ONE = HEAD + "WHERE a.id = %s AND a.user_id = %s"
LIST = f"""
SELECT h.*, (SELECT count(*) FROM (
    SELECT DISTINCT ON (position) selected FROM exams_answerevent WHERE attempt_id = h.id
    ORDER BY position, lease_no DESC, seq DESC) AS e WHERE e.selected <> '{{}}'),
  (SELECT count(*) FROM exams_formitem WHERE edition_id = h.edition_id), s.scaled, s.passed
FROM ({HEAD} WHERE a.user_id = %s AND a.state <> 5 ORDER BY a.started_at DESC LIMIT %s) AS
  h (id, code, number, state, effective, started_at, deadline_at, ended_at, end_reason, now, minutes,
     accommodation, seen, receipt, edition_id, paper_id, form_id, certification_id, quarantined)
LEFT JOIN LATERAL (SELECT scaled, passed FROM exams_score WHERE attempt_id = h.id
                   ORDER BY revision DESC LIMIT 1) AS s ON true
ORDER BY h.started_at DESC
"""  # noqa: S608  (made of constants)
CLOCK = f"""
SELECT {EFFECTIVE_STATE}, a.lease_no, a.deadline_at, statement_timestamp()
FROM exams_attempt a WHERE a.id = %s AND a.user_id = %s
"""  # noqa: S608  (made of constants)
SCORE = """
SELECT revision, scoring_revision, raw, scaled, passed, result, reason, created_at
FROM exams_score WHERE attempt_id = %s ORDER BY revision DESC LIMIT 1
"""
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
        return sum(bool(answer.selected) for answer in self.answers.values())


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
    """A result; `score` is None while it is missing."""

    head: Head
    scale: Scale
    score: ScoreFacts | None
    answered: int


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


@dataclass(frozen=True, slots=True)
class Review:
    """All items of a scored attempt, in the language in which they are asked for."""

    result: Result
    items: tuple[ReviewItem, ...]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as it stands in a list."""

    head: Head
    answered: int
    total_items: int
    scaled_score: int | None
    passed: bool | None


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _head(row: tuple[Any, ...]) -> Head:
    values = [*row[:3], State(row[3]), State(row[4]), *row[5:19]]
    return Head(*values)


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
    return Clock(State(rows[0][0]), *rows[0][1:])


def taking(user: User, attempt_id: UUID) -> Taking:
    """Return what the taking page needs. Raises Refused not_found."""
    found = head(user, attempt_id)
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    return Taking(found, papers.get(found.paper_id), given)


def own_attempts(user: User, limit: int = LIST_LIMIT) -> list[AttemptRow]:
    """Return a person's attempts, newest first, cancelled ones left out. One statement."""
    return [AttemptRow(_head(row), *row[19:23]) for row in _rows(LIST, [user.pk, limit])]


def running(user: User, form_id: int) -> Head | None:
    """Return the attempt of a form that runs, if there is one. One statement."""
    rows = _rows(HEAD + "WHERE a.user_id = %s AND a.form_id = %s AND a.state = 1", [user.pk, form_id])
    found = _head(rows[0]) if rows else None
    return found if found and found.running else None


def result(user: User, attempt_id: UUID, language: str) -> Result:
    """Return the result of an own attempt by at most five statements. Raises Refused not_found."""
    found = head(user, attempt_id)
    scale_rows = _rows(
        "SELECT scale_min, scale_max, pass_mark,"
        " (SELECT count(*) FROM exams_formitem WHERE edition_id = e.id)"
        " FROM exams_formedition e WHERE id = %s",
        [found.edition_id],
    )
    score_rows = _rows(SCORE, [str(attempt_id)]) if found.state == State.SCORED else []
    score = _score(score_rows[0], _domain_names(found, language)) if score_rows else None
    answered = sum(bool(answer.selected) for answer in answers.current(attempt_id))
    return Result(found, Scale(*scale_rows[0]), score, answered)


def _domain_names(of: Head, language: str) -> dict[int, str]:
    """Return the domain names in the language, or any language that has one. One statement."""
    rows = DomainText.objects.filter(domain__certification_id=of.certification_id)
    names: dict[int, str] = {}
    for number, spoken, name in rows.order_by("language").values_list("domain__number", "language", "name"):
        if spoken == language or number not in names:
            names[number] = name
    return names


def _score(row: tuple[Any, ...], names: Mapping[int, str]) -> ScoreFacts:
    revision, scoring_revision, raw, scaled, passed, stored, reason, created_at = row
    facts = stored if isinstance(stored, dict) else _decode(stored)
    return ScoreFacts(
        revision=revision,
        scoring_revision=scoring_revision,
        raw=raw,
        scored_items=facts["scored"],
        scaled=scaled,
        passed=passed,
        share=facts["share"],
        band_low=facts["band"][0],
        band_high=facts["band"][1],
        pass_chance=facts["chance"],
        domains=tuple(
            DomainResult(number, names.get(number, str(number)), weight, correct, scored)
            for number, weight, correct, scored in facts["domains"]
        ),
        right=facts["right"],
        reason=reason,
        created_at=created_at,
    )


def _decode(stored: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(stored)
    return decoded


def review(user: User, attempt_id: UUID, language: str) -> Review:
    """Return every item of a scored attempt with key and reasons, at the wording that was sat.

    Another language shows the newest translation of the same versions. Raises Refused: not_found,
    not_finished.
    """
    found = result(user, attempt_id, language)
    if found.score is None:
        raise not_finished(found.head)
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    texts = _texts(found.head, language)
    places = _places(found.head.edition_id)
    names = {domain.number: domain.name for domain in found.score.domains} | _domain_names(
        found.head, language
    )
    items = tuple(
        _review_item(place, texts[place.version_id], given.get(place.position), found.score, names)
        for place in places
    )
    return Review(found, items)


def not_finished(of: Head) -> Refused:
    """Return the refusal of a result that is not there yet."""
    return Refused(
        "not_finished", 409, _("The exam has not ended."), closes_at=of.closes_at, state=of.state.label
    )


@dataclass(frozen=True, slots=True)
class _Place:
    position: int
    version_id: int
    is_scored: bool
    domain_number: int
    task_code: str
    difficulty: str
    kind: str
    choose: int


def _places(edition_id: int) -> list[_Place]:
    rows = FormItem.objects.filter(edition_id=edition_id).order_by("position")
    return [
        _Place(*row)
        for row in rows.values_list(
            "position",
            "version_id",
            "is_scored",
            "domain_number",
            "version__item__task__code",
            "version__difficulty",
            "version__kind",
            "version__choose",
        )
    ]


def _texts(of: Head, language: str) -> dict[int, ItemText]:
    """Return by version the texts of the paper that was sat, or of the newest paper in another language."""
    sat = papers.get(of.paper_id)
    other = papers.newest(of.edition_id).get(language) if language != sat.language else None
    ids = papers.get(other).text_ids if other else sat.text_ids
    rows = ItemText.objects.filter(pk__in=ids).prefetch_related("options__option")
    return {row.version_id: row for row in rows}


def _review_item(
    place: _Place, text: ItemText, given: Answer | None, score: ScoreFacts, names: Mapping[int, str]
) -> ReviewItem:
    chosen = set(given.selected) if given else set()
    options = sorted(text.options.all(), key=lambda part: part.option.order)
    return ReviewItem(
        position=place.position,
        domain_number=place.domain_number,
        domain_name=names.get(place.domain_number, ""),
        task_code=place.task_code,
        difficulty=place.difficulty,
        is_scored=place.is_scored,
        correct=score.right[place.position - 1] == "1",
        answered=bool(chosen),
        incomplete=0 < len(chosen) < place.choose,
        flagged=bool(given and given.flagged),
        kind=place.kind,
        choose=place.choose,
        stem_html=text.stem_html,
        ask_html=text.ask_html,
        options=tuple(
            ReviewOption(
                part.option.letter,
                part.text_html,
                part.rationale_html,
                part.option.is_key,
                part.option_id in chosen,
            )
            for part in options
        ),
        why_html=text.why_html,
        principle_html=text.principle_html,
        tip_html=text.tip_html,
        references=tuple((one["title"], one["url"]) for one in text.references),
        language=text.language,
    )
