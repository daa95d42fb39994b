"""The acts of a drill: open an exam for practice, draw and start, close a position, hide. Audit is the log.

A check is a drill of the free sample: twenty questions, timed, feedback at the end, open to every account.

A drill with feedback at the end is written like an exam, by leases and the save. One with feedback at once
takes no lease: each answer closes its position under the row lock, and only then its review leaves (G5).
"""

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import policy, refusals
from accounts.base import statements
from accounts.base.errors import Refused, Text
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly import sample as samples
from exams.assembly.models import FormItem
from exams.attempts import answers, leases, lifecycle, metrics, pools, results, running_items, selectors
from exams.attempts.answers import Answer, Change
from exams.attempts.leases import Lease
from exams.attempts.lifecycle import Locked, Receipt, Started
from exams.attempts.models import (
    CHECK,
    AnswerEvent,
    Attempt,
    EndReason,
    Feedback,
    Mode,
    PracticeOpening,
    State,
)
from exams.attempts.pools import Filters, Pool
from exams.attempts.results import ReviewItem
from exams.bank import rulings
from exams.bank.models import ItemText, ItemVersion
from exams.catalog import selectors as catalog
from exams.catalog.models import Certification

NUMBER: Final = (5, 65)
"""Least and most questions that may be asked for; a small pool gives fewer."""
MINUTES: Final = (1, 600)
DAYS_MAX: Final = 365
CHECK_MINUTES: Final = 25
_NO_ACCOUNT: Final = (policy.Reason.ANONYMOUS, policy.Reason.EMAIL_UNVERIFIED)
_IS_CHECK: Final = f"({{asked}} ->> 'pool' IS NOT DISTINCT FROM '{CHECK}')"

# The limit of a day, the drawn paper, the attempt, sent at once. What is drawn was decided before: nothing is
# stored where a question of it was withdrawn meanwhile. Starts of one person wait for each other: what counts
# them must see those that another request has just stored. Checks have a limit of their own.
START = f"""
{person_lock.LOCK};
WITH allowed AS (
  SELECT 1 WHERE (SELECT count(*) FROM exams_attempt a JOIN exams_drawnpaper d ON d.id = a.drawn_id
                  WHERE a.user_id = %(user)s AND a.started_at > statement_timestamp() - interval '1 day'
                    AND {_IS_CHECK.format(asked="d.asked")}
                      = {_IS_CHECK.format(asked="%(asked)s::jsonb")}) < %(limit)s
    AND NOT EXISTS (SELECT 1 FROM exams_itemversion v JOIN exams_item i ON i.id = v.item_id
                    WHERE v.id = ANY(%(versions)s::bigint[]) AND i.current_id IS NULL)),
drawn AS (
  INSERT INTO exams_drawnpaper
    (owner_id, certification_id, language, version_ids, text_ids, asked, ruling_id, created_at)
  SELECT %(user)s, %(certification)s, %(language)s, %(versions)s::bigint[], %(texts)s::bigint[],
    %(asked)s::jsonb, {rulings.LAST}, statement_timestamp() FROM allowed RETURNING id)
INSERT INTO exams_attempt (id, user_id, drawn_id, mode, feedback, state, started_at, deadline_at, end_reason,
  minutes_allowed, accommodation, seen_before, opened_at, lease_no, lease_holder, answers_sha256, score_tries)
SELECT %(id)s, %(user)s, drawn.id, 'drill', %(feedback)s, 1, statement_timestamp(),
  statement_timestamp() + make_interval(mins => nullif(%(minutes)s, 0)), '', %(minutes)s, '', false,
  statement_timestamp(), CASE WHEN %(feedback)s = 'at_end' THEN 1 ELSE 0 END, %(holder)s, '', 0
FROM drawn RETURNING id, drawn_id
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class DrillSettings:
    """What a drill is to be. `minutes` 0 is without a time limit, `is_paced` with that of the real exam."""

    filters: Filters = field(default_factory=Filters)
    question_count: int = 10
    minutes: int = 0
    feedback: Feedback = Feedback.AT_END
    is_paced: bool = False


@dataclass(frozen=True, slots=True)
class StartedDrill(Started):
    """A drill that was started; `drawn` is how many questions it has."""

    drawn: int


@dataclass(frozen=True, slots=True)
class Closing:
    """An answer to a position of a drill with feedback at once. `show` gives up: it counts as incorrect."""

    position: int
    selected: tuple[int, ...] = ()
    show: bool = False
    flagged: bool = False
    confidence: int | None = None
    seen_ms: int | None = None


def certification(code: str, user: User) -> Certification:
    """Return a certification that a person finds, by code. Raises Refused not_found."""
    certification = Certification.objects.filter(code=code).first()
    if certification is None or not catalog.sees(user, certification):
        raise Refused("not_found", 404, _("Certification not found."))
    return certification


def open_for_practice(*, user: User, certification: Certification, number: int) -> None:
    """Let drills draw from an exam that the person has not taken: it no longer counts as new.

    A repeat, and an exam that was finished, change nothing. Raises Refused: not_found, no_access,
    exam_running.
    """
    _check_access(user, certification)
    exam = next((exam for exam in pools.exams(user, certification.code) if exam.number == number), None)
    if exam is None:
        raise lifecycle.no_such_exam()
    if exam.open:
        return
    if exam.taking:
        raise Refused("exam_running", 409, _("You're taking this exam. Submit it first."))
    # Of two presses at once one is stored, and both have what they wanted.
    PracticeOpening.objects.bulk_create(
        [PracticeOpening(user=user, form_id=exam.form_id, at=Now())], ignore_conflicts=True
    )


def start(
    *, user: User, certification: Certification, drill_settings: DrillSettings, language: str, holder: str
) -> StartedDrill:
    """Draw a drill and start it. Raises Refused: no_access, invalid, nothing_to_draw, too_many_starts."""
    validate(drill_settings)
    _check_access(user, certification)
    version_ids = pools.version_ids(user, certification, drill_settings.filters)
    if not version_ids:
        raise _nothing_to_draw(user, certification, drill_settings.filters)
    return _begin(user, certification, drill_settings, version_ids, language, holder)


def again(
    *,
    user: User,
    attempt_id: UUID,
    positions: Sequence[int] | None,
    drill_settings: DrillSettings,
    language: str,
    holder: str,
) -> StartedDrill:
    """Start a drill of questions of an own exam or drill that has ended: of these positions, or of all.

    Those that may not be practiced now are left out, and those beyond the most that a drill has. Raises
    Refused: not_found, not_finished, no_access, invalid, nothing_to_draw, too_many_starts.
    """
    validate(drill_settings)
    certification, taken_version_ids = _certification_and_version_ids(user, attempt_id)
    _check_access(user, certification)
    wanted_positions = positions or range(1, len(taken_version_ids) + 1)
    chosen_version_ids = [
        taken_version_ids[position - 1]
        for position in wanted_positions
        if 1 <= position <= len(taken_version_ids)
    ]
    item_ids = set(_item_id_by_version_id(chosen_version_ids).values())
    current = _item_id_by_version_id(pools.version_ids(user, certification, Filters()))
    version_ids = [version_id for version_id, item_id in current.items() if item_id in item_ids]
    if not version_ids:
        raise _nothing_to_draw(user, certification, Filters())
    drill_settings = replace(drill_settings, question_count=NUMBER[1])
    return _begin(user, certification, drill_settings, version_ids, language, holder)


def _certification_and_version_ids(user: User, attempt_id: UUID) -> tuple[Certification, Sequence[int]]:
    """Return certification and ids of versions, by position, of an own attempt that has ended."""
    rows = Attempt.objects.filter(pk=attempt_id, user=user)
    attempt = rows.select_related("form__certification", "drawn__certification").first()
    if attempt is None:
        raise answers.not_found()
    if attempt.state == State.RUNNING:
        raise Refused("not_finished", 409, _("Finish it first."))
    if attempt.drawn is not None:
        return attempt.drawn.certification, attempt.drawn.version_ids
    places = FormItem.objects.filter(edition_id=attempt.edition_id).order_by("position")
    assert attempt.form is not None  # noqa: S101  (the check attempt_edition_or_drawn_paper)
    return attempt.form.certification, list(places.values_list("version_id", flat=True))


def _item_id_by_version_id(version_ids: Sequence[int]) -> dict[int, int]:
    return dict(ItemVersion.objects.filter(pk__in=version_ids).values_list("pk", "item_id"))


def validate(drill_settings: DrillSettings) -> None:
    """Raise Refused `invalid`, naming the field, for a drill that cannot be."""
    for refused in settings_refusals(drill_settings):
        raise refused


def settings_refusals(drill_settings: DrillSettings) -> Iterator[Refused]:
    """Yield why a drill cannot be: a Refused `invalid` for each field whose number is too small or large."""
    limits: list[tuple[bool, str, Text, dict[str, object]]] = [
        (
            NUMBER[0] <= drill_settings.question_count <= NUMBER[1],
            "number",
            _("Choose %(least)s to %(most)s questions."),
            {"least": NUMBER[0], "most": NUMBER[1]},
        ),
        (
            drill_settings.minutes == 0 or MINUTES[0] <= drill_settings.minutes <= MINUTES[1],
            "minutes",
            _("Choose a time limit of %(least)s to %(most)s minutes, or none."),
            {"least": MINUTES[0], "most": MINUTES[1]},
        ),
        (
            0 <= drill_settings.filters.days <= DAYS_MAX,
            "days",
            _("Choose 0 to %(most)s days."),
            {"most": DAYS_MAX},
        ),
    ]
    for holds, name, detail, values in limits:
        if not holds:
            yield Refused("invalid", 422, detail, values=values, field=name)


def _check_access(user: User, certification: Certification) -> None:
    """Raise Refused no_access unless the person may open the certification."""
    if not (access := policy.access_of(user, certification.access_code)):
        raise refusals.no_access(user, access)


def _nothing_to_draw(user: User, certification: Certification, filters: Filters) -> Refused:
    """Say what would have to change for there to be questions."""
    exams = pools.exams(user, certification.code)
    everything = pools.version_ids(user, certification, Filters())
    if not everything and not any(exam.open for exam in exams):
        detail: Text = _(
            "Finish an exam first, or open one for practice. Practice only uses questions from such exams."
        )
    elif not everything:
        detail = _(
            "You're taking the exam that your practice draws from."
            " Submit it, or open another exam for practice."
        )
    elif filters.days and pools.version_ids(user, certification, replace(filters, days=0)):
        detail = _("You've seen all matching questions within those days. Enter fewer days.")
    elif filters.pool != Pool.ALL and pools.version_ids(
        user, certification, replace(filters, pool=Pool.ALL, days=0)
    ):
        detail = _(
            "None of the questions you can practice is in this group. "
            "Choose another group, such as all questions."
        )
    else:
        detail = _("No question matches. Choose another domain, task, or difficulty.")
    return Refused("nothing_to_draw", 409, detail)


def _begin(
    user: User,
    certification: Certification,
    drill_settings: DrillSettings,
    version_ids: Sequence[int],
    language: str,
    holder: str,
) -> StartedDrill:
    """Draw without order from the versions that fit, and start a drill of them."""
    drawn_version_ids = random.sample(version_ids, min(drill_settings.question_count, len(version_ids)))
    filters = drill_settings.filters
    if drill_settings.is_paced:
        minutes = math.ceil(len(drawn_version_ids) * pools.slow_ms(certification) / 60_000)
        drill_settings = replace(drill_settings, minutes=_with_extra_time(user, certification, minutes))
    asked = {
        "pool": filters.pool.value,
        # One alone is what drills of a domain or a task statement are found by.
        "domain": filters.domains[0] if len(filters.domains) == 1 else filters.within,
        "task": filters.tasks[0] if len(filters.tasks) == 1 else None,
        "domains": filters.domains,
        "tasks": filters.tasks,
        "difficulties": filters.difficulties,
        "days": filters.days,
        "number": drill_settings.question_count,
    }
    if started := _insert(user, certification, drill_settings, drawn_version_ids, asked, language, holder):
        return started
    # Nothing was stored: a question was withdrawn while this waited, or there were too many today.
    remaining = _version_ids_in_use(version_ids)
    if len(remaining) == len(version_ids):
        raise _too_many_starts()
    if not remaining:
        raise _nothing_to_draw(user, certification, filters)
    return _begin(user, certification, drill_settings, remaining, language, holder)


def _too_many_starts() -> Refused:
    return Refused(
        "too_many_starts",
        429,
        _("You've reached today's limit on practice sets. Try again tomorrow."),
        retry_after=3600,
    )


def check_yourself(*, user: User, certification: Certification, language: str, holder: str) -> Started:
    """Start a check of the free sample, or return the one that runs. It needs an account, and no access.

    Only the first one measures: after it the person has read the answers. Raises Refused: not_found where
    there is none, no_access without a verified address, too_many_starts.
    """
    access = policy.access_of(user, certification.access_code)
    if access.reason in _NO_ACCOUNT:
        raise refusals.no_access(user, access)
    with transaction.atomic():
        # Before the last one is read: of two starts at once the second returns what the first stored.
        person_lock.hold(user.pk)
        own = Attempt.objects.filter(user=user, drawn__certification=certification, drawn__asked__pool=CHECK)
        # Whoever canceled one has read its questions, so it stays the first. One that runs comes in front:
        # staff may have let an older one go on.
        own = own.exclude(end_reason=EndReason.VOIDED).order_by("state", "-deadline_at")
        last = own.values_list("pk", "state").first()
        if last and last[1] == State.RUNNING and not lifecycle.expire(last[0]):
            return Started(last[0], created=False, lease=None)
        version_ids = samples.check_versions(certification)
        if not version_ids:
            raise _no_check()
        minutes = check_minutes(user, certification)
        drill_settings = DrillSettings(question_count=len(version_ids), minutes=minutes)
        asked = {"pool": CHECK, "number": len(version_ids), "first": last is None}
        started = _insert(user, certification, drill_settings, version_ids, asked, language, holder)
    if started is None:
        raise _too_many_starts() if len(_version_ids_in_use(version_ids)) == len(version_ids) else _no_check()
    return started


def check_minutes(user: User, certification: Certification) -> int:
    """Return how many minutes a person has for the check. One statement."""
    return _with_extra_time(user, certification, CHECK_MINUTES)


def _no_check() -> Refused:
    return Refused("not_found", 404, _("This certification has no self-check."))


def _with_extra_time(user: User, certification: Certification, minutes: int) -> int:
    """Return minutes with the extra time that a person has, as an exam would. One statement."""
    # What the vendor grants in a foreign language is for the whole exam; a drill has its part of it.
    extra = -(-certification.accommodation_minutes * minutes // certification.duration_minutes)
    return profiles.minutes_allowed(user, minutes, extra)[0]


def _insert(
    user: User,
    certification: Certification,
    drill_settings: DrillSettings,
    version_ids: Sequence[int],
    asked: Mapping[str, object],
    language: str,
    holder: str,
) -> StartedDrill | None:
    """Store paper and attempt by one statement; None where one was withdrawn or too many were started today.

    A language in which the certification has no questions is its original one.
    """
    if language not in certification.languages:
        language = certification.original_language
    is_check = asked["pool"] == CHECK
    values: dict[str, Any] = {
        "id": str(uuid4()),
        "user": user.pk,
        "certification": certification.pk,
        "language": language,
        "versions": version_ids,
        "texts": _newest_text_ids(version_ids, language, certification.original_language),
        "asked": json.dumps(asked),
        "feedback": drill_settings.feedback.value,
        "minutes": drill_settings.minutes,
        "holder": leases.holder_hash(holder) if drill_settings.feedback == Feedback.AT_END else "",
        "limit": settings.CHECK_STARTS_PER_DAY if is_check else settings.DRILL_STARTS_PER_DAY,
    }
    row = statements.first(START, values)
    if row is None:
        return None
    metrics.DRILLS.inc()
    attempt_id, drawn_id = row
    lease = Lease(attempt_id, papers.number_of_drawn(drawn_id), 1)
    at_end = drill_settings.feedback == Feedback.AT_END
    return StartedDrill(attempt_id, True, leases.issue(lease) if at_end else None, drawn=len(version_ids))


def _version_ids_in_use(version_ids: Sequence[int]) -> list[int]:
    """Return the versions whose items are not withdrawn."""
    rows = ItemVersion.objects.filter(pk__in=version_ids, item__current__isnull=False)
    return list(rows.values_list("pk", flat=True))


def _newest_text_ids(version_ids: Sequence[int], language: str, original: str) -> list[int]:
    """Return the newest text of each version in the language, or in the original where there is none."""
    rows = (
        ItemText.objects.filter(version_id__in=version_ids, language__in={language, original})
        .order_by("version_id", Case(When(language=language, then=Value(0)), default=Value(1)), "-revision")
        .distinct("version_id")
        .values_list("version_id", "pk")
    )
    texts = dict(rows)
    return [texts[version_id] for version_id in version_ids]


def close(*, user: User, attempt_id: UUID, closing: Closing, ui_language: str) -> ReviewItem:
    """Close a position of a drill with feedback at once and return its review; a repeat, what is stored.

    The row lock lets one closing through at a time: whose review was shown never changes. Raises Refused:
    not_found, not_at_once, exam_running, attempt_closed, late, invalid_answer.
    """
    with transaction.atomic():
        row = lifecycle.lock(attempt_id, user)
        if row.feedback != Feedback.AT_ONCE:
            raise _not_at_once()
        # In a statement after the one that locked: it sees what the one before stored.
        stored = _closed(attempt_id, closing.position)
        _check_held(user, row, closing.position)
        if stored is None:
            _check_open(row)
            stored = _store(attempt_id, row, _checked(row, closing))
    return results.closed_review(row.paper_id, stored, ui_language)


def _closed(attempt_id: UUID, position: int) -> Answer | None:
    event = AnswerEvent.objects.filter(attempt=attempt_id, position=position, closes=True).first()
    if event is None:
        return None
    return Answer(position, tuple(event.selected), event.flagged, event.lease_no, event.seq, event.confidence)


def _check_held(user: User, row: Locked, position: int) -> None:
    order = papers.order(row.paper_id)
    if order.at(position) and running_items.among(user, [order.version_ids[position - 1]]):
        raise results.question_held()


def _check_open(row: Locked) -> None:
    if row.overdue:
        raise Refused("late", 409, _("This answer arrived after time was up. It doesn't count."))
    if row.state != State.RUNNING:
        raise Refused("attempt_closed", 409, _("The practice has ended."))


def _checked(row: Locked, closing: Closing) -> Change:
    """Return what is to be stored of a closing. Raises Refused invalid_answer: then nothing is closed."""
    # Who gives up has chosen nothing, whatever was marked before.
    selected = () if closing.show else tuple(sorted(closing.selected))
    change = Change(1, closing.position, selected, closing.flagged, closing.confidence, closing.seen_ms)
    answers.check(row.paper_id, [change])
    allowed_answer = papers.order(row.paper_id).at(closing.position)
    if allowed_answer and not closing.show and len(selected) < allowed_answer.choose:
        detail: Text = _("Choose %(choose)s, or show the answer.")
        if allowed_answer.choose == 1:
            detail = _("Choose an option, or show the answer.")
        raise answers.invalid(closing.position, detail, choose=allowed_answer.choose)
    return change


def _store(attempt_id: UUID, row: Locked, change: Change) -> Answer:
    # Counted under the row lock, so no two closings take the same number.
    seq = AnswerEvent.objects.filter(attempt_id=attempt_id, lease_no=0).count() + 1
    AnswerEvent.objects.create(
        attempt_id=attempt_id,
        lease_no=0,
        seq=seq,
        position=change.position,
        selected=list(change.selected),
        flagged=change.flagged,
        received_at=row.now,
        confidence=change.confidence,
        seen_ms=change.seen_ms,
        closes=True,
    )
    metrics.ANSWERS_SAVED.inc()
    return Answer(change.position, change.selected, change.flagged, 0, seq, change.confidence)


def finish(*, user: User, attempt_id: UUID) -> Receipt:
    """End a drill with feedback at once; a repeat gets the same receipt.

    One with feedback at the end is submitted by its lease, so that no answer on its way is cut off. Raises
    Refused: not_found, not_at_once, attempt_closed.
    """
    if selectors.drill(user, attempt_id).head.at_once:
        return lifecycle.submit(user=user, attempt_id=attempt_id, lease=None)
    raise _not_at_once()


def _not_at_once() -> Refused:
    return Refused("not_at_once", 409, _("This practice shows all answers at the end."))


def hide(*, user: User, attempt_id: UUID, hidden: bool = True) -> None:
    """Take a drill off the person's lists, or put it back. Raises Refused not_found."""
    own = Attempt.objects.filter(pk=attempt_id, user=user, mode=Mode.DRILL)
    if not own.update(hidden_at=Now() if hidden else None):
        raise answers.not_found()
