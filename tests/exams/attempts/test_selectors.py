"""What pages read of attempts."""

from dataclasses import replace
from uuid import uuid4

import pytest

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.services import compile_paper
from exams.attempts import grading, lifecycle, results, selectors
from exams.attempts.models import Score, State
from exams.bank import services as bank
from exams.bank.models import ItemVersion
from tests.exams.attempts.helpers import past_deadline, save
from tests.factories import Form, hungarian, item_draft, make_form, publish_log, start

pytestmark = pytest.mark.django_db


def scored(user: User, form: Form) -> lifecycle.Started:
    begun = start(user, form)
    save(begun.lease, 1, 1, *form.keys[1])
    save(begun.lease, 2, 2, form.others[2][0], flagged=True)
    save(begun.lease, 3, 3, form.keys[3][0])
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    return begun


def test_the_taking_page_has_every_question_in_order(anna: User, form: Form) -> None:
    begun = start(anna, form)
    taking = selectors.taking(anna, begun.attempt_id)
    assert [item.position for item in taking.paper.items] == list(range(1, 9))


def test_nothing_secret_is_in_what_the_taking_page_reads(anna: User, form: Form) -> None:
    found = repr(selectors.taking(anna, start(anna, form).attempt_id))
    for secret in ("Reason", "It is right for", "principle", "tip for", "is_key", "is_scored", "medium"):
        assert secret not in found


def test_an_overdue_attempt_counts_as_expired_before_anyone_ends_it(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 31)
    found = selectors.head(anna, begun.attempt_id)
    assert (found.state, found.effective_state, found.running) == (State.RUNNING, State.EXPIRED, False)
    of_form = selectors.of_form(anna, form.form.pk)
    assert (of_form.running, of_form.seen) == (None, True)


def test_a_foreign_attempt_is_not_found_like_an_absent_one(anna: User, bela: User, form: Form) -> None:
    begun = scored(anna, form)
    for attempt_id in (begun.attempt_id, uuid4()):
        for read in (
            lambda one: selectors.taking(bela, one),
            lambda one: results.result(bela, one, "en"),
            lambda one: results.review(bela, one, "en"),
        ):
            with pytest.raises(Refused) as refusal:
                read(attempt_id)
            assert (refusal.value.code, str(refusal.value)) == ("not_found", "Attempt not found.")


def test_a_result_names_domains_in_the_language_of_the_page(anna: User, form: Form) -> None:
    begun = scored(anna, form)
    found = results.result(anna, begun.attempt_id, "hu")
    assert found.score
    assert [domain.name for domain in found.score.domains] == ["Témakör 1", "Témakör 2", "Témakör 3"]
    assert (found.answered, found.scale.total_items) == (3, 8)


def test_a_review_is_refused_before_the_score(anna: User, form: Form) -> None:
    begun = start(anna, form)
    with pytest.raises(Refused) as refusal:
        results.review(anna, begun.attempt_id, "en")
    assert (refusal.value.code, refusal.value.status) == ("not_finished", 409)


def test_a_review_tells_right_wrong_incomplete_and_unanswered_apart(anna: User, form: Form) -> None:
    items = results.review(anna, scored(anna, form).attempt_id, "en").items
    told = [
        (item.correct, item.answered, item.incomplete, item.flagged, item.solution.is_scored)
        for item in items
    ]
    assert told[:4] == [
        (True, True, False, False, True),
        (False, True, False, True, True),
        (False, True, True, False, True),
        (False, False, False, False, True),
    ]
    assert not told[7][4]
    assert [option.solved.is_key for option in items[2].options] == [True, False, True, False, False]
    assert [option.chosen for option in items[2].options] == [True, False, False, False, False]
    assert "Reason 1 of E1-Q03" in items[2].options[1].solved.rationale_html


def test_a_review_shows_the_wording_that_was_sat_and_a_translation_at_its_newest(
    anna: User, form: Form
) -> None:
    begun = scored(anna, form)
    version = ItemVersion.objects.get(item__code="E1-Q01")
    draft = item_draft("E1-Q01", 1, keys=(False, True, False, False))
    bank.add_text(version, replace(hungarian(draft), why="Ezért helyes."), publish_log())
    compile_paper(form.edition, "hu")
    review = {code: results.review(anna, begun.attempt_id, code).items[0] for code in ("hu", "en")}
    why = {code: item.solution.text.why_html for code, item in review.items()}
    assert why["hu"] == "<p>Ezért helyes.</p>"
    assert why["en"].startswith("<p>It is right")


def test_my_attempts_come_newest_first_without_cancelled_ones(anna: User, form: Form) -> None:
    old = scored(anna, form)
    lifecycle.cancel(user=anna, attempt_id=start(anna, form).attempt_id)
    running = start(anna, form)
    save(running.lease, 1, 1, *form.keys[1])
    save(running.lease, 2, 1)
    rows = selectors.own_attempts(anna)
    assert [(row.head.attempt_id, row.answered, row.total_items) for row in rows] == [
        (running.attempt_id, 0, 8),
        (old.attempt_id, 3, 8),
    ]
    assert rows[0].scaled_score is None
    assert rows[1].scaled_score


def test_a_list_reads_how_many_were_answered_from_the_score_and_counts_them_for_an_older_one(
    anna: User, form: Form
) -> None:
    begun = scored(anna, form)
    score = Score.objects.get(attempt=begun.attempt_id)
    assert score.result["answered"] == 3
    older = {name: value for name, value in score.result.items() if name != "answered"}
    for revision, result, shown in ((2, {**older, "answered": 5}, 5), (3, older, 3)):
        score.pk, score.revision, score.result = None, revision, result
        score.save(force_insert=True)
        assert [row.answered for row in selectors.own_attempts(anna)] == [shown]


def test_a_paper_without_a_translation_is_in_the_original_and_says_so(db: None) -> None:
    form = make_form(languages=("en",))
    paper, made = compile_paper(form.edition, "hu")
    assert made
    found = papers.compiled(paper.pk)
    assert (found.language, {item.language for item in found.items}) == ("hu", {"en"})
