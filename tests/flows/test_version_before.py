"""The image before, which serves for some minutes on the new tables while a site is upgraded.

The statements are those that it sends: its models are gone from this code.
"""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.attempts import grading, lifecycle, score_codec
from exams.attempts.models import Attempt, Score
from exams.bank.models import Item, ItemText
from exams.catalog.models import Certification, Domain
from exams.publication.models import PublishLog
from tests import factories
from tests.factories import Form
from tests.payments import orders

pytestmark = pytest.mark.django_db

START = """
INSERT INTO exams_attempt (id, user_id, form_id, edition_id, paper_id, mode, state, started_at,
  deadline_at, end_reason, minutes_allowed, accommodation, seen_before, lease_no,
  lease_holder, answers_sha256, score_tries)
SELECT gen_random_uuid(), %s, form_id, edition_id, paper_id, mode, state, started_at, deadline_at, '',
  minutes_allowed, accommodation, false, 1, '', '', 0 FROM exams_attempt
RETURNING score_error, opened_at, feedback, seen_positions, seen_ms, drawn_id, hidden_at
"""
SAVE = """
INSERT INTO exams_answerevent (attempt_id, lease_no, seq, position, selected, flagged, received_at)
VALUES (%s, 1, 1, 1, '{}', false, statement_timestamp()) RETURNING closes, confidence, seen_ms
"""
AUDIT = """
INSERT INTO exams_attemptaudit (attempt_id, action, actor_id, reason, before, after, at)
VALUES (%s, 'extend', %s, 'late start', '{"state": "Expired"}', '{"state": "Running"}', statement_timestamp())
RETURNING id
"""
CERTIFICATION = """
INSERT INTO exams_certification (code, vendor, level, status, duration_minutes, items_total, items_scored,
  pass_mark, scale_min, scale_max, exam_fee_usd, validity_years, retake_wait_days, accommodation_minutes,
  retired_on, successor_code, original_language, languages, planned_forms, planned, profile, is_listed)
SELECT %s, vendor, level, %s, duration_minutes, items_total, items_scored, pass_mark, scale_min, scale_max,
  exam_fee_usd, validity_years, retake_wait_days, accommodation_minutes, retired_on, successor_code,
  original_language, languages, planned_forms, planned, profile, is_listed FROM exams_certification
RETURNING status, planned_facts
"""
DOMAIN = """
INSERT INTO exams_domain (certification_id, number, weight_percent) VALUES (%s, 9, 1) RETURNING is_current
"""
ITEM = """
INSERT INTO exams_item (certification_id, code, task_id, coverage, retired_at)
VALUES (%s, 'E9-Q99', %s, '{}', NULL) RETURNING retired_at
"""
# A revision of a text as it writes one: it knows no `ask`, and no figures.
TEXT = """
INSERT INTO exams_itemtext (version_id, language, revision, digest, stem, stem_html, ask_html, why, why_html,
  principle, principle_html, tip, tip_html, "references", created_at)
SELECT version_id, language, revision + 1, %s, stem, stem_html, ask_html, why, why_html, principle,
  principle_html, tip, tip_html, "references", statement_timestamp() FROM exams_itemtext WHERE id = %s
RETURNING id
"""

# It knows no rulings, neither where it scores nor where it draws.
SCORE = """
INSERT INTO exams_score (attempt_id, revision, scoring_revision, raw, scaled, passed, result, reason,
  created_at)
SELECT id, 1, 1, 0, 100, false, '{"share": "0", "scored": 7, "band": [100, 400], "chance": 0, "domains": [],
  "right": "00000000"}', '', statement_timestamp() FROM exams_attempt RETURNING ruling_id
"""
DRAWN = """
INSERT INTO exams_drawnpaper (owner_id, certification_id, language, version_ids, text_ids, asked, created_at)
SELECT %s, id, 'en', '{1}', '{1}', '{}', statement_timestamp() FROM exams_certification RETURNING ruling_id
"""


# It knows no number of an order.
ORDER = """
INSERT INTO accounts_checkout (id, user_id, version_id, currency, amount, language, terms_version, gateway)
SELECT gen_random_uuid(), %s, id, 'EUR', 2900, 'en', '2026-11-26', 'test_card' FROM accounts_productversion
RETURNING number
"""


def first_row(sql: str, *values: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def test_it_finds_the_columns_of_a_certification_which_have_other_names_now(form: Form) -> None:
    Certification.objects.update(exam_fee_usd=300, planned={"flashcards": 200, "cheatsheet": 12})
    columns = "SELECT price_usd, planned_cards, planned_sections FROM exams_certification"
    assert first_row(columns) == (300, 200, 12)
    Certification.objects.update(planned={})
    assert first_row(columns) == (300, 0, 0)


def test_it_starts_an_attempt(anna: User, bela: User, form: Form) -> None:
    factories.start(anna, form)
    assert first_row(START, bela.pk) == ("", None, "at_end", [], [], None, None)


def test_it_saves_an_answer(anna: User, form: Form) -> None:
    assert first_row(SAVE, factories.start(anna, form).attempt_id) == (False, None, None)


def test_it_adds_a_certification_with_a_status_and_finds_one_where_none_is_given(form: Form) -> None:
    (status, planned) = first_row(CERTIFICATION, "old-1", "retired")
    assert (status, planned) == ("retired", [])
    assert Certification.objects.get(code="old-1").planned_facts == []
    assert first_row("SELECT status FROM exams_certification WHERE code = 'mls-c01'") == ("active",)


def test_it_adds_a_domain_of_the_blueprint(form: Form) -> None:
    assert first_row(DOMAIN, Certification.objects.get().pk) == (True,)
    assert Domain.objects.get(number=9).is_current


def test_it_adds_an_item_and_reads_when_one_was_retired(form: Form) -> None:
    known = Item.objects.first()
    assert known
    assert first_row(ITEM, known.certification_id, known.task_id) == (None,)
    assert Item.objects.filter(code="E9-Q99").exists()


def test_it_adds_a_revision_of_a_text_without_a_question_of_its_own_and_without_figures(form: Form) -> None:
    known = ItemText.objects.first()
    assert known
    # Where anything was published before there was a log, the entry with this id stands for it.
    PublishLog.objects.get_or_create(id=1, defaults={"source": PublishLog.Source.FILES})
    (made,) = first_row(TEXT, "0" * 64, known.pk)
    text = ItemText.objects.get(pk=made)
    assert (text.ask, text.figures, text.stem, text.log_id) == ("", {}, known.stem, 1)


def test_what_it_records_of_staff_is_in_the_record_that_all_packages_share(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    made = first_row(AUDIT, attempt_id, anna.pk)
    entry = AuditEntry.objects.get()
    assert (entry.pk,) == made
    assert (entry.subject_type, entry.subject_id) == (Attempt._meta.label_lower, str(attempt_id))
    assert (entry.action, entry.actor, entry.reason) == ("extend", anna, "late start")
    assert (entry.before, entry.after) == ({"state": "Expired"}, {"state": "Running"})
    assert first_row("SELECT attempt_id, action FROM exams_attemptaudit") == (attempt_id, "extend")


@pytest.mark.parametrize(
    "act", ["UPDATE exams_attemptaudit SET reason = ''", "DELETE FROM exams_attemptaudit"]
)
def test_it_cannot_change_what_was_recorded(anna: User, form: Form, act: str) -> None:
    first_row(AUDIT, factories.start(anna, form).attempt_id, anna.pk)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        first_row(act)


def test_it_scores_and_draws_without_a_ruling_and_its_scores_are_read(anna: User, form: Form) -> None:
    factories.start(anna, form)
    assert first_row(SCORE) == (None,)
    assert first_row(DRAWN, anna.pk) == (None,)
    stored = score_codec.decode(Score.objects.get().result)
    assert (stored.out, stored.right) == ((), "00000000")


def test_it_reads_a_score_that_is_stored_now(anna: User, form: Form) -> None:
    """Going back needs no migration: the row has all that the decoder before asks for, in its shape."""
    started = factories.start(anna, form)
    lifecycle.submit(user=anna, attempt_id=started.attempt_id, lease=started.lease)
    assert grading.grade(started.attempt_id)
    result = Score.objects.get().result
    low, high = result["band"]
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert 0 < result["chance"] < 1
    assert result["chance"] == round(result["chance"], 4)
    assert isinstance(result["share"], str)
    assert isinstance(result["scored"], int)
    assert set(result["right"]) == {"0"}
    for domain in result["domains"]:
        assert [type(field) for field in domain] == [int] * 4
    assert set(result) <= {"share", "scored", "band", "chance", "answered", "domains", "right", "out"}


@pytest.mark.parametrize("chance", [{}, {"chance": 0.9999}])
def test_a_score_that_differs_in_the_chance_or_lacks_what_was_answered_is_not_stored_again(
    anna: User, form: Form, chance: dict[str, float]
) -> None:
    started = factories.start(anna, form)
    lifecycle.submit(user=anna, attempt_id=started.attempt_id, lease=started.lease)
    assert grading.grade(started.attempt_id)
    score = Score.objects.get()
    score.pk, score.revision = None, 2
    older = {name: value for name, value in score.result.items() if name not in ("chance", "answered")}
    score.result = {**older, **chance}
    score.save(force_insert=True)
    assert not grading.rescore_would_change(started.attempt_id)
    score.pk, score.revision, score.result = None, 3, {**score.result, "right": "1" * 8}
    score.save(force_insert=True)
    assert grading.rescore_would_change(started.attempt_id)


def test_what_is_ordered_with_it_has_a_number_of_its_own(anna: User) -> None:
    orders.make_product("mls-c01", ["cert:mls-c01"])
    numbers = {first_row(ORDER, anna.pk)[0] for _ in range(3)}
    assert len(numbers) == 3
    assert all(number.startswith("PL-") for number in numbers)
