"""Rulings on keys: what may be ruled, what they make of scores, and who is told."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.outbox.models import Mail
from accounts.users.models import User
from exams.attempts import drills, grading, lifecycle, pools, results
from exams.attempts.models import Feedback, Score
from exams.attempts.pools import Pool
from exams.bank import rulings
from exams.bank import services as bank
from exams.bank.models import KeyRuling
from exams.corrections import impact, rescoring, services
from exams.corrections.models import KeptScore, RulingRun
from exams.insights import evidence
from exams.publication.models import PublishLog
from tests import factories
from tests.exams.attempts import practice
from tests.exams.attempts.helpers import save
from tests.exams.corrections.helpers import carry_out, proposal, rule, scores, sit, version_at
from tests.factories import Form

pytestmark = pytest.mark.django_db


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> tuple[str, object]:
    return refusal.value.code, refusal.value.extra.get("field")


# --- What may be ruled ----------------------------------------------------------------------------------


def test_a_ruling_is_logged_audited_and_given_to_a_job(bela: User, form: Form) -> None:
    ruling = rule(form, 1, "also", form.others[1][0], actor=bela)
    assert (ruling.log.source, ruling.log.actor, ruling.log.reason) == ("errata", bela, "checked the docs")
    entry = AuditEntry.objects.get(action="rule")
    assert (entry.actor, entry.subject_id, entry.reason) == (bela, str(ruling.pk), "checked the docs")
    assert jobs.find(rescoring.KIND, str(ruling.pk))
    assert RulingRun.objects.get().ruling == ruling


@pytest.mark.parametrize(
    ("kind", "places", "field"),
    [
        ("also", [], "options"),
        ("also", [("keys", 1, 0)], "options"),  # correct already
        ("also", [("others", 2, 0)], "options"),  # of another question
        ("replace", [("others", 1, 0), ("others", 1, 1)], "options"),  # one is to be chosen
        ("credit", [("others", 1, 0)], "options"),
        ("nothing", [], "kind"),
    ],
)
def test_a_ruling_that_fits_no_question_is_refused_at_its_field(
    form: Form, kind: str, places: list[tuple[str, int, int]], field: str
) -> None:
    options = [getattr(form, name)[position][n] for name, position, n in places]
    with pytest.raises(Refused) as refusal:
        rule(form, 1, kind, *options)
    assert code_of(refusal) == ("invalid", field)
    assert not KeyRuling.objects.exists()
    assert not PublishLog.objects.filter(source="errata").exists()


def test_a_ruling_that_changes_nothing_is_refused(form: Form) -> None:
    with pytest.raises(Refused) as refusal:
        rule(form, 1, "replace", *form.keys[1])
    assert refusal.value.code == "nothing_would_change"
    rule(form, 1, "credit")
    with pytest.raises(Refused) as refusal:
        rule(form, 1, "credit")
    assert refusal.value.code == "nothing_would_change"


def test_a_version_that_no_exam_has_is_refused(form: Form) -> None:
    version = factories.publish_again("E1-Q01")
    form.edition.form.refresh_from_db()
    wanted = proposal(form, 1, "credit")
    fresh = factories.item_draft("E1-Q99", 1)
    item = bank.ensure_item(form.form.certification, fresh)
    unused = bank.publish(bank.draft_version(item, fresh, factories.publish_log()))
    for version_id, code in ((unused.pk, "not_used"), (version.pk + 1000, "not_found")):
        with pytest.raises(Refused) as refusal:
            services.rule(
                proposal=type(wanted)(version_id, "credit", (), False, "unclear"),
                seen=None,
                actor=None,
                reason="reason",
            )
        assert refusal.value.code == code


def test_a_take_out_that_leaves_a_domain_without_a_scored_question_is_refused(form: Form) -> None:
    # Domain 1 has the questions 1 and 2; domain 4 has one, which is not scored.
    rule(form, 8, "out", cause="unclear")
    rule(form, 1, "out", cause="unclear")
    with pytest.raises(Refused) as refusal:
        rule(form, 2, "out", cause="unclear")
    assert refusal.value.code == "empties_domain"
    assert KeyRuling.objects.count() == 2
    # Counted again, the first one leaves room.
    rule(form, 1, "replace", *form.keys[1], cause="wrong")
    rule(form, 2, "out", cause="unclear")


def test_who_did_not_see_the_last_ruling_is_asked_to_preview_again(form: Form) -> None:
    rule(form, 1, "credit")
    with pytest.raises(Refused) as refusal:
        services.rule(proposal=proposal(form, 2, "credit"), seen=None, actor=None, reason="reason")
    assert refusal.value.code == "overtaken"


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("also", "foreign", "options of a ruling"),
        ("replace", "two", "as many options"),
        ("also", "none", "key_ruling_options_by_kind"),
        ("credit", "one", "key_ruling_options_by_kind"),
        ("more", "none", "key_ruling_options_by_kind"),
    ],
)
def test_the_database_refuses_a_ruling_that_fits_no_question(
    form: Form, kind: str, options: str, message: str
) -> None:
    log = PublishLog.objects.create(source="errata")
    chosen: Sequence[int] = {
        "foreign": form.others[2][:1],
        "two": form.others[1][:2],
        "one": form.others[1][:1],
        "none": [],
    }[options]
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        KeyRuling.objects.create(
            version_id=version_at(form, 1),
            kind=kind,
            option_ids=list(chosen),
            may_lower=False,
            cause="wrong",
            log=log,
        )


def test_a_ruling_is_on_what_is_published_and_logged_as_a_correction_and_stays(form: Form) -> None:
    draft = factories.item_draft("E1-Q99", 1)
    item = bank.ensure_item(form.form.certification, draft)
    unpublished = bank.draft_version(item, draft, factories.publish_log())
    log = PublishLog.objects.create(source="errata")
    values: dict[str, Any] = {"kind": "credit", "may_lower": False, "cause": "wrong"}
    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        KeyRuling.objects.create(version=unpublished, log=log, **values)
    with pytest.raises(IntegrityError, match="logged as a correction"), transaction.atomic():
        KeyRuling.objects.create(version_id=version_at(form, 1), log=factories.publish_log(), **values)
    ruling = rule(form, 1, "credit")
    for act in ("UPDATE exams_keyruling SET kind = 'out'", "DELETE FROM exams_keyruling"):
        with pytest.raises(Exception, match=r"denied|kept as it was"), transaction.atomic():
            connection.cursor().execute(act)
    ruling.refresh_from_db()
    assert ruling.kind == "credit"


# --- Scores ---------------------------------------------------------------------------------------------


def test_also_accepted_raises_who_chose_it_and_nobody_else(anna: User, bela: User, form: Form) -> None:
    other = form.others[1][0]
    raised = sit(anna, form, {1: [other], 2: form.keys[2]})
    same = sit(bela, form, {1: form.keys[1]})
    before = scores(raised)
    ruling = rule(form, 1, "also", other)
    carry_out()
    # Domain 1: 2 of 2 instead of 1 of 2; 20 of 80 hundredths of the weight.
    assert scores(raised) == [*before, 100 + round(900 * Fraction(20, 80))]
    assert len(scores(same)) == 1
    score = Score.objects.get(attempt=raised, revision=2)
    assert (score.ruling_id, score.result["right"]) == (ruling.pk, "11000000")


def test_half_of_two_accepted_sets_is_not_accepted(anna: User, form: Form) -> None:
    # Position 3 asks for two; a third option is accepted: any two of the three are correct.
    third = form.others[3][0]
    both, half = ([form.keys[3][0], third], [third])
    first = sit(anna, form, {3: both})
    rule(form, 3, "also", third)
    carry_out()
    assert Score.objects.get(attempt=first, revision=2).result["right"][2] == "1"
    again = sit(anna, form, {3: half})
    assert Score.objects.get(attempt=again).result["right"][2] == "0"


def test_a_score_that_would_be_lower_stays_with_a_note_unless_it_may_be_lowered(
    anna: User, form: Form
) -> None:
    attempt = sit(anna, form, {1: form.keys[1]})
    before = scores(attempt)
    ruling = rule(form, 1, "replace", form.others[1][0], cause="wrong")
    carry_out()
    assert scores(attempt) == before
    note = KeptScore.objects.get()
    assert (note.ruling, note.attempt_id, note.revision, note.scaled) == (ruling, attempt, 1, 100)
    run = RulingRun.objects.get(pk=ruling.pk)
    assert (run.examined, run.revised, run.kept, run.changed) == (1, 0, 1, 0)
    assert not Mail.objects.exists()
    # By hand neither: nothing is offered.
    assert not grading.rescore_would_change(attempt)
    with pytest.raises(Refused, match="same score"):
        grading.rescore(attempt_id=attempt, actor=None, reason="a wish")
    # Nor by a later ruling on another question that may lower, for that was not its matter.
    rule(form, 8, "credit", may_lower=True)
    carry_out()
    assert scores(attempt) == before


def test_with_may_lower_a_lower_score_is_written_and_told(anna: User, form: Form) -> None:
    attempt = sit(anna, form, {1: form.keys[1]})
    before = scores(attempt)
    rule(form, 1, "replace", form.others[1][0], may_lower=True, cause="wrong")
    carry_out()
    assert scores(attempt) == [*before, 100]
    assert not KeptScore.objects.exists()
    assert RulingRun.objects.get().lowered == 1
    assert Mail.objects.count() == 1


def test_a_question_taken_out_counts_nowhere(anna: User, form: Form) -> None:
    others = {position: options[:1] for position, options in form.others.items()}
    attempt = sit(anna, form, {**others, 1: form.keys[1]})
    assert len(pools.missed(anna, "mls-c01")) == 6
    assert sum(one.answered for one in evidence.first_seen(anna, "mls-c01")) == 7
    rule(form, 2, "out", cause="unclear")
    carry_out()
    score = Score.objects.get(attempt=attempt, revision=2)
    # Domain 1 has 1 of 1; out of 6.
    assert (score.raw, score.result["scored"], score.result["out"]) == (1, 6, [2])
    assert score.result["domains"][0] == [1, 20, 1, 1]
    review = results.review(anna, attempt, "en")
    assert review.items[1].solution.is_scored is False
    found = review.result.score
    assert found
    assert sum(one.scored for one in results.task_results(review.result.head, found, "en")) == 6
    assert sum(one.answered for one in evidence.first_seen(anna, "mls-c01")) == 6
    assert len(pools.missed(anna, "mls-c01")) == 5


def test_a_later_ruling_takes_the_place_of_an_earlier_one(anna: User, form: Form) -> None:
    other, third = form.others[1][:2]
    attempt = sit(anna, form, {1: [other]})
    rule(form, 1, "also", other)
    rule(form, 1, "replace", third, may_lower=True, cause="wrong")
    carry_out()
    assert [row.result["right"][0] for row in Score.objects.order_by("revision")] == ["0", "1", "0"]
    rule(form, 1, "credit")
    carry_out()
    assert Score.objects.filter(attempt=attempt).latest("revision").result["right"][0] == "1"


def test_an_older_ruling_is_carried_out_first_whichever_job_comes_first(anna: User, form: Form) -> None:
    other = form.others[1][0]
    sit(anna, form, {1: [other], 2: form.others[2][:1]})
    rule(form, 1, "also", other)
    last = rule(form, 2, "credit")
    jobs_of_last = jobs.find(rescoring.KIND, str(last.pk))
    assert jobs_of_last
    type(jobs_of_last).objects.exclude(pk=jobs_of_last.pk).delete()
    carry_out()
    first = KeyRuling.objects.earliest("pk")
    assert list(Score.objects.order_by("revision").values_list("ruling_id", flat=True)) == [
        None,
        first.pk,
        last.pk,
    ]
    assert not RulingRun.objects.filter(finished_at=None).exists()


def test_an_exam_scored_after_a_ruling_counts_it_at_once(anna: User, form: Form) -> None:
    other = form.others[1][0]
    waiting = sit(anna, form, {1: [other]}, grade=False)
    ruling = rule(form, 1, "also", other)
    assert grading.grade(waiting)
    carry_out()
    score = Score.objects.get(attempt=waiting)
    assert (score.revision, score.ruling_id, score.result["right"][0]) == (1, ruling.pk, "1")


def test_a_ruling_costs_scoring_no_statement(anna: User, bela: User, form: Form) -> None:
    counts = []
    for user, kind in ((anna, ""), (bela, "credit"), (factories.make_user(), "")):
        waiting = sit(user, form, {1: form.others[1][:1]}, grade=False)
        if kind:
            rule(form, 1, kind)
            grading.marking(form.edition.pk, rulings.newest())
        else:
            grading.marking(form.edition.pk, rulings.newest())
        with CaptureQueriesContext(connection) as seen:
            assert grading.grade(waiting)
        counts.append(len([one for one in seen if "SAVEPOINT" not in one["sql"]]))
    assert len(set(counts)) == 1, counts


def test_carried_out_twice_a_ruling_changes_nothing_more(anna: User, form: Form) -> None:
    sit(anna, form, {1: form.others[1][:1]})
    ruling = rule(form, 1, "also", form.others[1][0])
    carry_out()
    rows = list(Score.objects.order_by("pk").values())
    mails = Mail.objects.count()
    RulingRun.objects.update(finished_at=None, rescored_at=None, rescored_to=None, told_to=0)
    jobs.start(rescoring.KIND, owner=None, parameters={"ruling": ruling.pk})
    carry_out()
    assert list(Score.objects.order_by("pk").values()) == rows
    assert Mail.objects.count() == mails == 1


# --- Drills ---------------------------------------------------------------------------------------------


def test_a_closed_position_keeps_its_verdict_and_a_new_drill_has_the_ruling(anna: User, form: Form) -> None:
    practice.finish_exam(anna, form)
    old = practice.draw(anna, form, number=8).attempt_id
    places = practice.positions_in(form, old)
    at = places.index(1) + 1
    other = form.others[1][0]
    assert not practice.close(anna, old, at, other).correct
    rule(form, 1, "also", other)
    carry_out()
    # Told again, and in its score: as it was told.
    assert not practice.close(anna, old, at, other).correct
    grading_of = drills.finish(user=anna, attempt_id=old)
    assert grading_of
    grading.grade(old)
    assert not results.drill_review(anna, old, "en")[1][at - 1].correct
    new = practice.draw(anna, form, number=8).attempt_id
    at = practice.positions_in(form, new).index(1) + 1
    assert practice.close(anna, new, at, other).correct


def test_a_drill_scored_after_a_ruling_counts_it(anna: User, form: Form) -> None:
    practice.finish_exam(anna, form)
    begun = practice.draw(anna, form, number=8, feedback=Feedback.AT_END)
    at = practice.positions_in(form, begun.attempt_id).index(1) + 1
    save(begun.lease, 1, at, form.others[1][0])
    ruling = rule(form, 1, "also", form.others[1][0])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    score = Score.objects.get(attempt=begun.attempt_id)
    assert (score.raw, score.ruling_id) == (1, ruling.pk)
    assert results.drill_review(anna, begun.attempt_id, "en")[1][at - 1].correct


def test_what_a_ruling_accepts_is_no_longer_missed(anna: User, form: Form) -> None:
    practice.finish_exam(anna, form, right=[2, 3, 4, 5, 6, 7, 8])
    rule(form, 1, "also", form.others[1][0])
    carry_out()
    with pytest.raises(Refused) as refusal:
        practice.draw(anna, form, pool=Pool.MISSED)
    assert refusal.value.code == "nothing_to_draw"


# --- Tried without writing ------------------------------------------------------------------------------


def test_a_preview_says_what_the_ruling_then_does_and_writes_nothing(
    anna: User, bela: User, form: Form
) -> None:
    other = form.others[1][0]
    sit(anna, form, {1: [other]})
    sit(bela, form, {1: form.keys[1]})
    wanted = proposal(form, 1, "replace", other, may_lower=True, cause="wrong")
    impact.start(wanted, bela)
    carry_out()
    job = Job.objects.get(kind=impact.KIND)
    assert Score.objects.count() == 2
    assert not KeyRuling.objects.exists()
    names = ("examined", "raised", "lowered", "to_pass", "to_fail")
    previewed = {name: job.result[name] for name in names}
    assert previewed == {"examined": 2, "raised": 1, "lowered": 1, "to_pass": 0, "to_fail": 0}
    assert job.result["bins"] == [[-121, 1], [111, 1]] or sum(n for _, n in job.result["bins"]) == 2
    services.rule(proposal=wanted, seen=None, actor=bela, reason="it was wrong")
    carry_out()
    run = RulingRun.objects.get()
    assert {name: getattr(run, name) for name in names} == previewed


def test_a_pass_that_is_lost_and_one_that_is_won_are_counted(anna: User, bela: User, form: Form) -> None:
    # Everything but question 1 makes 90 of 100 hundredths: a pass. One domain less is none.
    every = dict(form.keys)
    sit(anna, form, every)
    found = impact.of(proposal(form, 1, "replace", form.others[1][0]), None)
    assert (found.lowered, found.to_fail) == (1, 0)
    most = {**every, 4: form.others[4][:1], 5: form.others[5][:1]}
    sit(bela, form, most)
    before = Score.objects.get(attempt__user=bela)
    assert before.passed is False
    found = impact.of(proposal(form, 4, "credit"), None)
    assert (found.raised, found.to_pass) == (1, 1)
