"""Computing, storing with history, pooling over editions; the job of a night and the one asked for."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.models.functions import Now
from django.db.utils import IntegrityError

from accounts.base.errors import Refused
from accounts.jobs import runner
from accounts.jobs import services as job_services
from accounts.jobs.models import Job
from accounts.jobs.models import State as JobState
from accounts.users.models import User
from exams.attempts import answers, grading
from exams.attempts.models import Attempt, Score
from exams.scoring.item_flags import Flag
from exams.statistics import counting, jobs, selectors, services
from exams.statistics.models import EditionStatistics, ItemStatistics
from tests import factories, roles
from tests.exams.statistics import crowds
from tests.factories import Form

pytestmark = pytest.mark.django_db


def version_at(form: Form, position: int) -> int:
    return form.edition.items.get(position=position).version_id


def computed(form: Form) -> EditionStatistics:
    row = services.compute(form.edition.pk)
    assert row
    return row


def test_what_is_stored_is_what_numpy_computes_of_the_answers(form: Form) -> None:
    crowds.crowd(form, 60)
    row = computed(form)
    by = grading.marking(form.edition.pk)
    scores = list(Score.objects.order_by("pk"))
    right = np.array([[float(digit) for digit in score.result["right"]] for score in scores])
    scored = np.array([is_scored for _, _, is_scored, _ in by.places])
    totals = right[:, scored].sum(axis=1)
    chosen = [answers.chosen(score.attempt_id) for score in scores]
    for item in counting.decode_items(row.items):
        number = item.position - 1
        rest = totals - right[:, number] * scored[number]
        assert item.figures.facility == pytest.approx(right[:, number].mean(), abs=1e-6)
        correlation = np.corrcoef(right[:, number], rest)[0, 1]
        assert item.figures.point_biserial == pytest.approx(correlation, abs=1e-6)
        for option in item.figures.options:
            picked = [option.option in one[item.position] for one in chosen]
            assert option.rate == pytest.approx(np.mean(picked), abs=1e-6)
    form_figures = counting.decode_form(row.figures).figures
    scaled = np.array([score.scaled for score in scores])
    assert form_figures.mean_scaled == pytest.approx(scaled.mean(), abs=1e-6)
    assert form_figures.passed == pytest.approx(np.mean([score.passed for score in scores]), abs=1e-6)
    # Domains of 20, 24, 36 and 20 percent with 2, 2, 3 and, as one does not count, no items.
    assert form_figures.is_weighted
    weights = {1: 20 / 80 / 2, 2: 24 / 80 / 2, 3: 36 / 80 / 3}
    parts = right[:, scored] * np.array([weights[domain] for _, domain, counts, _ in by.places if counts])
    spread = np.cov(parts.T, bias=True)
    alpha = 7 / 6 * (1 - np.trace(spread) / spread.sum())
    assert form_figures.reliability == pytest.approx(alpha, abs=1e-6)


def test_only_what_changed_is_stored_and_the_history_is_kept(form: Form) -> None:
    crowds.crowd(form, 3)
    first = computed(form)
    assert computed(form).pk == first.pk
    assert EditionStatistics.objects.count() == 1
    ids = crowds.crowd(form, 1, seed=2)
    second = computed(form)
    assert (second.n, EditionStatistics.objects.count()) == (4, 2)
    assert second.until_score_id == Score.objects.get(attempt=ids[0]).pk
    report = selectors.report(form.edition)
    assert report
    assert (report.figures.n, [earlier.n for earlier in report.history]) == (4, [3])
    assert ItemStatistics.objects.get(version=version_at(form, 1)).n == 4


def test_what_counted_less_is_not_stored_over_what_counted_more(form: Form) -> None:
    crowds.crowd(form, 3)
    newer = computed(form)
    with roles.as_owner():
        older = EditionStatistics(
            edition=form.edition, n=2, until_score_id=(newer.until_score_id or 0) - 1, figures={}, items=[]
        )
    assert not services._is_news(older, newer)
    assert services._is_news(newer, older)


def test_an_edition_that_nobody_took_has_no_statistics(form: Form) -> None:
    assert services.compute(form.edition.pk) is None
    assert selectors.report(form.edition) is None


def test_an_item_is_pooled_over_its_editions_by_their_attempts(form: Form) -> None:
    newer = factories.republished(form, without=[8])
    crowds.crowd(form, 40)
    crowds.crowd(newer, 20, seed=2)
    one, two = (counting.decode_items(computed(each).items)[0].figures for each in (form, newer))
    row = ItemStatistics.objects.get(version=version_at(form, 1))
    assert row.n == 60
    assert row.facility == pytest.approx((40 * one.facility + 20 * two.facility) / 60, abs=1e-5)
    assert ItemStatistics.objects.get(version=version_at(form, 8)).n == 40


def test_flags_are_stored_with_the_item_from_thirty_attempts_up(form: Form) -> None:
    crowds.crowd(form, 29, flaw=2)
    computed(form)
    assert ItemStatistics.objects.get(version=version_at(form, 2)).flags == []
    crowds.crowd(form, 31, flaw=2, seed=2)
    computed(form)
    flags = ItemStatistics.objects.get(version=version_at(form, 2)).flags
    assert Flag.KEY_NOT_BEST in flags
    assert Flag.NEGATIVE in flags
    assert flags == [one for one in flags if one in set(Flag)]


def test_figures_come_back_from_storage_as_they_went(form: Form) -> None:
    crowds.crowd(form, 12)
    row = computed(form)
    row.refresh_from_db()
    items, stored = counting.decode_items(row.items), counting.decode_form(row.figures)
    assert counting.encode_items(items) == row.items
    assert counting.encode_form(stored) == row.figures
    assert sum(count for _, count in stored.scaled) == 12


def test_the_history_cannot_be_changed_or_deleted(form: Form) -> None:
    crowds.crowd(form, 2)
    row = computed(form)
    for act in (
        lambda: EditionStatistics.objects.filter(pk=row.pk).update(n=1),
        lambda: EditionStatistics.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            act()
        with roles.as_owner(), pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            act()


def test_a_night_has_one_job_that_computes_what_is_due(form: Form) -> None:
    jobs.start_if_due()
    assert not Job.objects.exists()
    newer = factories.republished(form, without=[8])
    crowds.crowd(form, 2)
    crowds.crowd(newer, 1, seed=3)
    for _ in range(3):
        jobs.start_if_due()
    [job] = Job.objects.all()
    assert (job.kind, job.owner, job.parameters) == (jobs.KIND, None, {})
    assert services.due(0) == [form.edition.pk, newer.edition.pk]
    assert runner.run_due() == 1
    job.refresh_from_db()
    newest = Score.objects.latest("pk").pk
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    assert job.result == {"editions": 2, "until": newest}
    assert Counter(EditionStatistics.objects.values_list("edition", flat=True)) == {
        form.edition.pk: 1,
        newer.edition.pk: 1,
    }
    assert services.due(newest) == []


def another_night() -> None:
    """Let the job of this night be that of an earlier one: rows are moved, clocks never are."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_job SET id = gen_random_uuid() WHERE owner_id IS NULL")


def test_a_night_without_a_new_score_has_no_job(form: Form) -> None:
    crowds.crowd(form, 2)
    jobs.start_if_due()
    assert runner.run_due() == 1
    another_night()
    jobs.start_if_due()
    assert Job.objects.count() == 1
    crowds.crowd(form, 1, seed=2)
    jobs.start_if_due()
    assert Job.objects.count() == 2
    assert runner.run_due() == 1
    assert services.newest(form.edition.pk).n == 3  # type: ignore[union-attr]


def test_a_night_computes_only_what_has_a_score_since_the_last_that_was_finished(form: Form) -> None:
    newer = factories.republished(form, without=[8])
    crowds.crowd(form, 2)
    jobs.start_if_due()
    assert runner.run_due() == 1
    crowds.crowd(newer, 1, seed=3)
    another_night()
    jobs.start_if_due()
    # A night that failed has computed nothing for certain: the next one takes what it had to do.
    Job.objects.filter(state=JobState.WAITING).update(state=JobState.FAILED, finished_at=Now())
    another_night()
    crowds.crowd(newer, 1, seed=4)
    jobs.start_if_due()
    assert runner.run_due() == 1
    assert Job.objects.latest("finished_at").result == {"editions": 1, "until": Score.objects.latest("pk").pk}
    assert services.newest(newer.edition.pk).n == 2  # type: ignore[union-attr]


def test_what_was_asked_for_by_day_leaves_the_night_what_it_did_not_compute(form: Form) -> None:
    newer = factories.republished(form, without=[8])
    crowds.crowd(form, 2)
    crowds.crowd(newer, 1, seed=3)
    jobs.request(edition_id=newer.edition.pk, actor=factories.make_staff("authors"))
    assert runner.run_due() == 1
    jobs.start_if_due()
    assert runner.run_due() == 1
    assert services.newest(form.edition.pk)


def test_whoever_asks_gets_one_job_at_a_time(form: Form) -> None:
    author = factories.make_staff("authors")
    crowds.crowd(form, 2)
    job = jobs.request(edition_id=form.edition.pk, actor=author)
    assert jobs.unfinished(form.edition.pk) == job
    with pytest.raises(Refused) as refused:
        jobs.request(edition_id=form.edition.pk, actor=author)
    assert refused.value.code == "already_asked"
    assert runner.run_due() == 1
    assert EditionStatistics.objects.get().n == 2
    assert jobs.unfinished(form.edition.pk) is None
    jobs.request(edition_id=form.edition.pk, actor=author)


def test_a_job_that_is_done_twice_stores_once(form: Form) -> None:
    crowds.crowd(form, 2)
    for _ in range(2):
        job_services.start(jobs.KIND, owner=None, parameters={"edition": form.edition.pk})
    assert runner.run_due() == 2
    assert EditionStatistics.objects.count() == 1


def test_the_attempts_of_an_erased_person_keep_the_figures(anna: User, form: Form) -> None:
    attempt_id = crowds.sat(form, form.keys, user=anna)
    crowds.score([attempt_id])
    before: Any = computed(form).items
    crowds.erase(anna)
    assert Attempt.objects.get(pk=attempt_id).user is None
    assert computed(form).items == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM exams_editionstatistics")
        assert cursor.fetchone() == (1,)
