"""The freeze (G4): whoever tries, what is published or has happened stays; each trigger is once missed."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from accounts.base import checks
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.models import DrawnPaper
from exams.attempts import grading, lifecycle, staff
from exams.attempts.models import Attempt, PracticeOpening, Score, State
from exams.bank import services as bank
from exams.bank.models import ItemText, ItemVersion, Option, OptionText
from exams.cheatsheet.models import SheetFile
from exams.feedback.models import CountedAttempt
from tests import roles
from tests.exams.attempts.helpers import past_deadline, save
from tests.exams.cheatsheet.published import publish
from tests.factories import Form, hungarian, item_draft, make_form, make_user, publish_log, start
from tests.flows import frozen_authoring

pytestmark = pytest.mark.django_db

OURS = {f"{table}.{name}" for name, table in checks.triggers() if table.startswith("exams_")}
# It fills what is inserted, and refuses nothing: tests/exams/search see that it does.
FILLS = {"exams_sheetblock.search_block"}
RESTRICT = "23001"
NO_RIGHT = "42501"
CHECK_VIOLATION = "23514"
UNIQUE_VIOLATION = "23505"

# An attempt of other kind, drawn paper, deadline and feedback than the product makes.
_INSERT = """
INSERT INTO exams_attempt (id, user_id, form_id, edition_id, paper_id, drawn_id, mode, feedback, state,
  started_at, deadline_at, end_reason, minutes_allowed, accommodation, seen_before, lease_no, lease_holder,
  answers_sha256, score_tries)
VALUES (gen_random_uuid(), NULL, {places}, {drawn}, {mode}, {feedback}, 1, now(), {deadline}, '', 0, '',
  false, 0, '', '', 0)
"""


def insert(mode: str, drawn: str, deadline: str, feedback: str, places: str = "NULL, NULL, NULL") -> str:
    """Return the statement that stores an attempt."""
    return _INSERT.format(places=places, mode=mode, drawn=drawn, deadline=deadline, feedback=feedback)


def insert_exam(deadline: str, feedback: str) -> str:
    """Return the statement that stores an exam."""
    return insert("'exam'", "NULL", deadline, feedback, "%(other_form)s, %(edition)s, %(paper)s")


def event(confidence: str, seen_ms: str, closes: str) -> str:
    """Return the statement that stores an answer."""
    return (
        "INSERT INTO exams_answerevent (attempt_id, lease_no, seq, position, selected, flagged, received_at,"
        f" confidence, seen_ms, closes) VALUES (%(drill)s, 0, 900, 1, '{{}}', false, now(), {confidence},"
        f" {seen_ms}, {closes})"
    )


# table.trigger: statements that it refuses on what is published or has happened
REFUSED = {
    "exams_itemversion.freeze_item_version": [
        "UPDATE exams_itemversion SET difficulty = 'hard' WHERE id = %(version)s",
        "UPDATE exams_itemversion SET choose = 2 WHERE id = %(version)s",
        "UPDATE exams_itemversion SET published_at = NULL WHERE id = %(version)s",
        "DELETE FROM exams_itemversion WHERE id = %(version)s",
    ],
    "exams_item.guard_current_version": [
        "UPDATE exams_item SET current_id = %(draft)s WHERE code = 'DRAFT-1'",
        "UPDATE exams_item SET current_id = %(version)s WHERE code = 'DRAFT-1'",
        "INSERT INTO exams_item (certification_id, code, task_id, coverage, current_id)"
        " SELECT certification_id, 'NEW', task_id, '{}', %(version)s FROM exams_item WHERE code = 'DRAFT-1'",
    ],
    "exams_examform.guard_current_edition": [
        "UPDATE exams_examform SET current_id = %(draft_edition)s WHERE id = %(form)s",
        "UPDATE exams_examform SET current_id = %(edition)s WHERE id <> %(form)s",
    ],
    "exams_publishlog.insert_only": [
        "UPDATE exams_publishlog SET source = 'person'",
        "UPDATE exams_publishlog SET reason = 'other'",
        "DELETE FROM exams_publishlog",
    ],
    "exams_option.freeze_option": [
        "INSERT INTO exams_option (version_id, \"order\", is_key, failure) VALUES (%(version)s, 9, true, '')",
        "UPDATE exams_option SET is_key = NOT is_key WHERE id = %(option)s",
        'UPDATE exams_option SET "order" = 9 WHERE id = %(option)s',
        'UPDATE exams_option SET version_id = %(draft)s, "order" = 9 WHERE id = %(option)s',
        'UPDATE exams_option SET version_id = %(version)s, "order" = 9 WHERE id = %(draft_option)s',
        "DELETE FROM exams_option WHERE id = %(option)s",
    ],
    "exams_itemtext.freeze_item_text": [
        "UPDATE exams_itemtext SET stem_html = 'other' WHERE id = %(text)s",
        "UPDATE exams_itemtext SET language = 'de' WHERE id = %(text)s",
        "DELETE FROM exams_itemtext WHERE id = %(text)s",
    ],
    "exams_optiontext.freeze_option_text": [
        "UPDATE exams_optiontext SET text_html = 'other' WHERE id = %(option_text)s",
        "UPDATE exams_optiontext SET rationale = 'other' WHERE id = %(option_text)s",
        "DELETE FROM exams_optiontext WHERE id = %(option_text)s",
    ],
    "exams_formedition.freeze_form_edition": [
        "UPDATE exams_formedition SET pass_mark = 100 WHERE id = %(edition)s",
        "UPDATE exams_formedition SET weights = '{}' WHERE id = %(edition)s",
        "UPDATE exams_formedition SET published_at = NULL WHERE id = %(edition)s",
        "DELETE FROM exams_formedition WHERE id = %(edition)s",
    ],
    "exams_formitem.freeze_form_item": [
        "INSERT INTO exams_formitem (edition_id, position, version_id, is_scored, domain_number)"
        " VALUES (%(edition)s, 99, %(draft)s, true, 1)",
        "UPDATE exams_formitem SET is_scored = NOT is_scored WHERE id = %(form_item)s",
        "UPDATE exams_formitem SET edition_id = %(draft_edition)s WHERE id = %(form_item)s",
        "DELETE FROM exams_formitem WHERE id = %(form_item)s",
    ],
    "exams_paper.insert_only": [
        "UPDATE exams_paper SET content = '[]' WHERE id = %(paper)s",
        "DELETE FROM exams_paper WHERE id = %(paper)s",
    ],
    "exams_sheetedition.insert_only": [
        "UPDATE exams_sheetedition SET digest = 'other'",
        "UPDATE exams_sheetedition SET published_at = published_at + interval '1 day'",
        "DELETE FROM exams_sheetedition",
    ],
    "exams_sheetblock.insert_only": [
        "UPDATE exams_sheetblock SET html = 'other'",
        "UPDATE exams_sheetblock SET covers = '{}'",
        "DELETE FROM exams_sheetblock",
    ],
    "exams_sheetfile.insert_only": [
        "UPDATE exams_sheetfile SET content = 'other'",
        "DELETE FROM exams_sheetfile",
    ],
    "exams_drawnpaper.insert_only": [
        "UPDATE exams_drawnpaper SET text_ids = version_ids WHERE id = %(drawn)s",
        "UPDATE exams_drawnpaper SET owner_id = %(stranger)s WHERE id = %(drawn)s",
        "DELETE FROM exams_drawnpaper WHERE id = %(undrilled)s",
    ],
    "exams_practiceopening.insert_only": [
        "UPDATE exams_practiceopening SET user_id = %(stranger)s WHERE form_id = %(other_form)s",
        "DELETE FROM exams_practiceopening WHERE form_id = %(other_form)s",
    ],
    "exams_countedattempt.insert_only": [
        "UPDATE exams_countedattempt SET counted_at = counted_at + interval '1 day'",
        "DELETE FROM exams_countedattempt",
    ],
    "exams_answerevent.insert_only": [
        "UPDATE exams_answerevent SET selected = '{}' WHERE attempt_id = %(attempt)s",
        "DELETE FROM exams_answerevent WHERE attempt_id = %(attempt)s",
    ],
    "exams_refusedanswer.insert_only": [
        "UPDATE exams_refusedanswer SET reason = 'late' WHERE attempt_id = %(attempt)s",
    ],
    "exams_score.insert_only": [
        "UPDATE exams_score SET scaled = 1000, passed = true WHERE attempt_id = %(attempt)s",
        "UPDATE exams_score SET result = '{}' WHERE attempt_id = %(attempt)s",
        "UPDATE exams_score SET actor_id = %(stranger)s WHERE attempt_id = %(attempt)s",
        "UPDATE exams_score SET revision = 7 WHERE attempt_id = %(attempt)s",
        "DELETE FROM exams_score WHERE attempt_id = %(attempt)s",
    ],
    "exams_attempt.guard_attempt": [
        "UPDATE exams_attempt SET deadline_at = deadline_at - interval '1 second' WHERE id = %(running)s",
        "UPDATE exams_attempt SET started_at = started_at - interval '1 second' WHERE id = %(running)s",
        "UPDATE exams_attempt SET user_id = %(stranger)s WHERE id = %(running)s",
        "UPDATE exams_attempt SET user_id = %(stranger)s WHERE id = %(attempt)s",
        "UPDATE exams_attempt SET paper_id = %(other_paper)s WHERE id = %(running)s",
        "UPDATE exams_attempt SET edition_id = %(draft_edition)s WHERE id = %(running)s",
        "UPDATE exams_attempt SET form_id = %(other_form)s WHERE id = %(running)s",
        "UPDATE exams_attempt SET minutes_allowed = 999 WHERE id = %(running)s",
        "UPDATE exams_attempt SET accommodation = 'esl_30' WHERE id = %(running)s",
        "UPDATE exams_attempt SET seen_before = NOT seen_before WHERE id = %(running)s",
        # Another kind of attempt has no edition, as the checks ask for.
        "UPDATE exams_attempt SET mode = 'drill', form_id = NULL, edition_id = NULL, paper_id = NULL,"
        " drawn_id = %(undrilled)s WHERE id = %(running)s",
        "UPDATE exams_attempt SET drawn_id = %(undrilled)s WHERE id = %(drill)s",
        "UPDATE exams_attempt SET feedback = 'at_end' WHERE id = %(drill)s",
        "UPDATE exams_attempt SET seen_positions = '{1}' WHERE id = %(running)s",
        "UPDATE exams_attempt SET deadline_at = now() + interval '1 hour' WHERE id = %(drill)s",
        "UPDATE exams_attempt SET deadline_at = NULL WHERE id = %(timed_drill)s",
        "UPDATE exams_attempt SET seen_ms = '{5}' WHERE id = %(attempt)s",
        "UPDATE exams_attempt SET lease_no = lease_no - 1 WHERE id = %(running)s",
        "UPDATE exams_attempt SET opened_at = NULL WHERE id = %(running)s",
        "UPDATE exams_attempt SET opened_at = opened_at + interval '1 second' WHERE id = %(running)s",
        "UPDATE exams_attempt SET answers_sha256 = '' WHERE id = %(attempt)s",
        "UPDATE exams_attempt SET ended_at = ended_at + interval '1 second' WHERE id = %(attempt)s",
        "UPDATE exams_attempt SET end_reason = 'expired' WHERE id = %(attempt)s",
        "UPDATE exams_attempt SET deadline_at = deadline_at + interval '1 hour' WHERE id = %(attempt)s",
    ],
    **frozen_authoring.REFUSED,
    "exams_attempt.keep_attempt": ["DELETE FROM exams_attempt WHERE id = %(voided)s"],
}

# What the freeze must let through, or nobody could work.
ALLOWED = [
    "UPDATE exams_itemversion SET difficulty = 'hard' WHERE id = %(draft)s",
    "INSERT INTO exams_option (version_id, \"order\", is_key, failure) VALUES (%(draft)s, 9, false, '')",
    "UPDATE exams_option SET is_key = NOT is_key WHERE id = %(draft_option)s",
    "UPDATE exams_itemtext SET stem_html = 'other' WHERE version_id = %(draft)s",
    "UPDATE exams_optiontext SET text_html = 'other' WHERE option_id = %(draft_option)s",
    "DELETE FROM exams_optiontext WHERE option_id = %(draft_option)s",
    "UPDATE exams_formedition SET pass_mark = 700 WHERE id = %(draft_edition)s",
    "INSERT INTO exams_formitem (edition_id, position, version_id, is_scored, domain_number)"
    " VALUES (%(draft_edition)s, 1, %(version)s, true, 1)",
    "UPDATE exams_attempt SET user_id = NULL WHERE id = %(running)s",
    "UPDATE exams_attempt SET user_id = NULL WHERE id = %(attempt)s",
    "UPDATE exams_attempt SET deadline_at = deadline_at + interval '1 minute' WHERE id = %(running)s",
    "UPDATE exams_attempt SET lease_no = lease_no + 1, lease_holder = '' WHERE id = %(running)s",
    "UPDATE exams_attempt SET opened_at = statement_timestamp() WHERE id = %(attempt)s",
    "UPDATE exams_attempt SET score_tries = 1, quarantined_at = statement_timestamp() WHERE id = %(attempt)s",
    "UPDATE exams_score SET actor_id = NULL WHERE attempt_id = %(attempt)s",
    "DELETE FROM exams_refusedanswer WHERE attempt_id = %(attempt)s",
    "UPDATE exams_attempt SET hidden_at = statement_timestamp() WHERE id = %(drill)s",
    "UPDATE exams_attempt SET seen_ms = '{5,NULL}' WHERE id = %(running)s",
    "UPDATE exams_drawnpaper SET owner_id = NULL WHERE id = %(drawn)s",
    "UPDATE exams_practiceopening SET user_id = NULL WHERE form_id = %(other_form)s",
    *frozen_authoring.ALLOWED,
]


@pytest.fixture
def world(anna: User, bela: User, form: Form) -> dict[str, Any]:
    """One of everything: a published item, one that is not, a scored, a running and a cancelled attempt."""
    certification = form.form.certification
    draft = item_draft("DRAFT-1", 1)
    version = bank.draft_version(bank.ensure_item(certification, draft), draft, publish_log())
    SheetFile.objects.create(digest="d", edition_id=publish(certification).edition_id, content=b"%PDF")
    other = make_form(certification, number=2, domains=(1,), unscored=(), multiple=())
    unpublished = form.edition
    option = Option.objects.get(pk=form.keys[1][0])
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    staff.extend(attempt_id=begun.attempt_id, minutes=1, actor=None, reason="a fire alarm")
    receipt = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert receipt.state == "submitted"
    with pytest.raises(Refused):
        save(begun.lease, 2, 2, *form.keys[2])
    grading.grade(begun.attempt_id)
    CountedAttempt.objects.create(attempt_id=begun.attempt_id)
    voided = start(bela, form)
    lifecycle.cancel(user=bela, attempt_id=voided.attempt_id)
    running = start(bela, form)
    lifecycle.take_lease(user=bela, attempt_id=running.attempt_id, holder="session:test")
    drawn = [drawn_paper(bela, form) for _ in range(3)]
    drills = [drill_row(bela, one, minutes) for one, minutes in zip(drawn[:2], (0, 30), strict=True)]
    PracticeOpening.objects.create(user=bela, form=other.form, at=Now())
    authored = frozen_authoring.rows(form, Score.objects.get(attempt_id=begun.attempt_id), bela)
    unpublished.pk, unpublished.number, unpublished.published_at = None, 99, None
    unpublished._state.adding = True
    unpublished.save()
    text = ItemText.objects.get(version=option.version_id, language="en")
    return {
        "version": option.version_id,
        "option": option.pk,
        "text": text.pk,
        "option_text": OptionText.objects.get(item_text=text, option=option).pk,
        "draft": version.pk,
        "draft_option": version.options.order_by("order")[0].pk,
        "form": form.form.pk,
        "edition": form.papers["en"].edition_id,
        "draft_edition": unpublished.pk,
        "form_item": option.version.form_items.get().pk,
        "paper": form.papers["en"].pk,
        "other_paper": form.papers["hu"].pk,
        "other_form": other.form.pk,
        "attempt": str(begun.attempt_id),
        "voided": str(voided.attempt_id),
        "running": str(running.attempt_id),
        "stranger": make_user().pk,
        "drawn": drawn[0].pk,
        "undrilled": drawn[2].pk,
        "drill": str(drills[0].pk),
        "timed_drill": str(drills[1].pk),
        **authored,
    }


def drawn_paper(owner: User, form: Form) -> DrawnPaper:
    """Store a paper of the first two items of a form."""
    places = form.papers["en"].edition.items.order_by("position")[:2]
    return DrawnPaper.objects.create(
        owner=owner,
        certification=form.form.certification,
        language="en",
        version_ids=[place.version_id for place in places],
        text_ids=form.papers["en"].text_ids[:2],
        created_at=Now(),
    )


def drill_row(user: User, drawn: DrawnPaper, minutes: int) -> Attempt:
    """Store a running drill, untimed for 0 minutes."""
    return Attempt.objects.create(
        user=user,
        drawn=drawn,
        mode="drill",
        feedback="at_once",
        started_at=Now(),
        deadline_at=Now() + dt.timedelta(minutes=minutes) if minutes else None,
        minutes_allowed=minutes,
        seen_before=False,
    )


def run(sql: str, values: Mapping[str, Any]) -> tuple[str, int]:
    """Run a statement as the owner, whom only triggers can stop, and undo it.

    Returns the error class ('' for none) and the number of rows touched.
    """
    rows = 0
    try:
        with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.rowcount
            transaction.set_rollback(True)
    except DatabaseError as error:
        return getattr(error.__cause__, "pgcode", ""), 0
    return "", rows


def disable(trigger: str) -> None:
    """Take one trigger away for the rest of the test; the rollback brings it back."""
    table, _, name = trigger.partition(".")
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks pending cannot be altered
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("trigger", list(REFUSED))
def test_what_is_kept_cannot_be_changed_and_it_is_this_trigger_that_keeps_it(
    world: Mapping[str, Any], trigger: str
) -> None:
    for sql in REFUSED[trigger]:
        assert run(sql, world) == (RESTRICT, 0), sql
    disable(trigger)
    for sql in REFUSED[trigger]:
        error, rows = run(sql, world)
        assert (error, rows >= 1) == ("", True), sql


def test_what_must_be_possible_is(world: Mapping[str, Any]) -> None:
    for sql in ALLOWED:
        error, rows = run(sql, world)
        assert (error, rows >= 1) == ("", True), sql


def test_a_correction_of_a_published_item_is_a_new_text(world: Mapping[str, Any]) -> None:
    version = ItemVersion.objects.get(pk=world["version"])
    text = bank.add_text(version, hungarian(item_draft("E1-Q01", 1)), publish_log())
    assert (text.language, text.revision, text.options.count()) == ("hu", 2, 4)


def test_every_trigger_is_there_after_migrate_and_every_one_is_tested() -> None:
    assert checks.missing_triggers() == []
    assert set(REFUSED) == OURS - FILLS
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname || '.' || tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            # Those of a view store rows, and refuse nothing.
            " WHERE relname LIKE 'exams%%' AND relkind <> 'v' AND NOT tgisinternal AND tgenabled = 'O'",
            [],
        )
        assert {row[0] for row in cursor.fetchall()} == OURS


def test_a_disabled_trigger_is_reported_by_name(db: None) -> None:
    disabled = []
    for trigger in OURS:
        disable(trigger)
        disabled.append(trigger)
        assert sorted(checks.missing_triggers()) == sorted(disabled)


ARROWS = {(1, 2), (1, 3), (1, 5), (2, 4), (3, 4), (3, 1)}
CHANGE = (
    "UPDATE exams_attempt SET state = %(to)s,"
    " ended_at = CASE WHEN %(to)s = 1 THEN NULL ELSE coalesce(ended_at, deadline_at) END WHERE id = %(id)s"
)


def attempt_in(state: int, user: User, form: Form) -> Attempt:
    """Bring an attempt into a state by the product's own acts."""
    begun = start(user, form)
    if state == State.VOIDED:
        lifecycle.cancel(user=user, attempt_id=begun.attempt_id)
    elif state in (State.SUBMITTED, State.SCORED):
        lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    elif state == State.EXPIRED:
        past_deadline(begun.attempt_id, 60)
        lifecycle.expire(begun.attempt_id)
    if state == State.SCORED:
        grading.grade(begun.attempt_id)
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert attempt.state == state
    return attempt


@pytest.mark.parametrize("of", State.values)
def test_only_the_arrows_of_the_drawing_lead_from_state_to_state(anna: User, form: Form, of: int) -> None:
    attempt = attempt_in(of, anna, form)
    outcomes = {to: run(CHANGE, {"id": str(attempt.pk), "to": to}) for to in State.values}
    for to, outcome in outcomes.items():
        allowed = to == of or (of, to) in ARROWS
        assert outcome == (("", 1) if allowed else (RESTRICT, 0)), (of, to)
    disable("exams_attempt.guard_attempt")
    assert {run(CHANGE, {"id": str(attempt.pk), "to": to}) for to in State.values} == {("", 1)}


def test_an_attempt_has_an_end_if_and_only_if_it_does_not_run(anna: User, form: Form) -> None:
    running = attempt_in(State.RUNNING, anna, form)
    values = {"id": str(running.pk)}
    for sql in (
        "UPDATE exams_attempt SET state = 2 WHERE id = %(id)s",
        "UPDATE exams_attempt SET ended_at = deadline_at WHERE id = %(id)s",
    ):
        assert run(sql, values) == (CHECK_VIOLATION, 0)


# check: a statement that it refuses, and nothing else does
CHECKED = {
    "attempt_edition_or_drawn_paper": [
        insert("'exam'", "NULL", "now() + interval '1 hour'", "'at_end'"),
        insert("'drill'", "NULL", "NULL", "'at_end'"),
        insert("'exam'", "%(undrilled)s", "now() + interval '1 hour'", "'at_end'"),
        insert("'quiz'", "%(undrilled)s", "now() + interval '1 hour'", "'at_end'"),
    ],
    "attempt_exam_is_timed": [
        insert_exam("NULL", "'at_end'"),
        insert_exam("now() + interval '1 hour'", "'at_once'"),
    ],
    "attempt_feedback_known": [insert("'drill'", "%(undrilled)s", "NULL", "'now'")],
    "attempt_drill_is_hidden": ["UPDATE exams_attempt SET hidden_at = now() WHERE id = %(running)s"],
    "attempt_seen_ms_range": [
        "UPDATE exams_attempt SET seen_ms = '{-1}' WHERE id = %(running)s",
        "UPDATE exams_attempt SET seen_ms = '{NULL,86400001}' WHERE id = %(running)s",
    ],
    "answer_event_confidence": [event("0", "NULL", "false"), event("4", "NULL", "false")],
    "answer_event_seen_ms": [event("1", "-1", "false"), event("1", "86400001", "false")],
    "score_scaled_and_passed_together": [
        "INSERT INTO exams_score (attempt_id, revision, scoring_revision, raw, scaled, passed, result,"
        " reason, created_at) VALUES (%(drill)s, 1, 1, 1, 500, NULL, '{}', '', now())"
    ],
    "drawn_paper_items": [
        "INSERT INTO exams_drawnpaper (certification_id, language, version_ids, text_ids, asked, created_at)"
        f" SELECT certification_id, language, {ids}, asked, created_at FROM exams_drawnpaper"
        " WHERE id = %(drawn)s"
        for ids in ("'{}', '{}'", "version_ids, text_ids[1:1]")
    ],
}


TABLES = ("attempt", "answerevent", "score", "drawnpaper")


@pytest.mark.parametrize("check", list(CHECKED))
def test_a_row_that_cannot_be_is_refused_and_it_is_this_check_that_refuses_it(
    world: Mapping[str, Any], check: str
) -> None:
    for sql in CHECKED[check]:
        assert run(sql, world) == (CHECK_VIOLATION, 0), sql
    table = "exams_" + next(table for table in TABLES if check.replace("_", "").startswith(table))
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    for sql in CHECKED[check]:
        assert run(sql, world) == ("", 1), sql


def test_a_position_is_closed_once_and_it_is_the_index_that_says_so(world: Mapping[str, Any]) -> None:
    closing = event("NULL", "NULL", "true")
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(closing.replace("900", "901"), world)
    assert run(closing, world) == (UNIQUE_VIOLATION, 0)
    assert run(event("NULL", "NULL", "false"), world) == ("", 1)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX answer_event_closed_once")
    assert run(closing, world) == ("", 1)


def test_the_models_cannot_do_what_sql_cannot(world: Mapping[str, Any]) -> None:
    """The site's role has no right to change what is insert-only; the triggers stop the owner too."""
    acts: list[Callable[[], object]] = [
        lambda: Score.objects.get().delete(),
        lambda: Score.objects.update(scaled=1000),
        lambda: Option.objects.filter(pk=world["option"]).update(is_key=False),
        lambda: ItemVersion.objects.get(pk=world["version"]).save(),
    ]
    for act in acts:
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            act()
        expected = NO_RIGHT if act in acts[:2] else RESTRICT
        assert getattr(error.value.__cause__, "pgcode", "") == expected
        with pytest.raises(DatabaseError) as error, roles.as_owner():
            act()
        assert getattr(error.value.__cause__, "pgcode", "") == RESTRICT
