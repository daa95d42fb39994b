"""A person's own sheet: what their incorrect answers point at, from ended exams, on about two pages."""

import io
import random
from collections.abc import Sequence
from uuid import UUID

import pytest
from pypdf import PdfReader

from accounts.jobs import runner, services
from accounts.jobs.models import Job, JobFile, State
from accounts.users.models import User
from exams.attempts import grading, lifecycle
from exams.attempts.models import Attempt
from exams.attempts.models import State as AttemptState
from exams.attempts.pools import missed
from exams.bank.models import Item
from exams.cheatsheet import documents, personal, selectors
from exams.cheatsheet.personal import OwnSheet
from exams.pdf import typesetting
from tests import factories
from tests.exams.attempts.helpers import past_deadline
from tests.exams.cheatsheet import published
from tests.exams.cheatsheet.published import publish, small
from tests.exams.web.test_pages import answer
from tests.exams.web.test_pages import sit as sit_unscored
from tests.factories import Form

pytestmark = pytest.mark.django_db
COVERAGE = {
    1: ["s3"],
    2: ["efs"],
    3: ["parquet"],
    4: ["absent"],
    5: [],
    6: ["efs", "s3"],
    7: ["parquet"],
    8: ["s3"],
}


@pytest.fixture
def exam(form: Form) -> Form:
    """The small exam, whose items cover what the small sheet teaches; item 8 does not count."""
    for position, names in COVERAGE.items():
        Item.objects.filter(code=f"E1-Q{position:02d}").update(coverage=names)
    publish(form.form.certification)
    return form


def sit(user: User, form: Form, right: Sequence[int] = (), wrong: Sequence[int] = ()) -> UUID:
    """Sit an exam to its end, and have it scored."""
    attempt_id = sit_unscored(user, form, right, wrong)
    grading.grade(attempt_id)
    return attempt_id


def own(user: User, language: str = "en") -> OwnSheet:
    found = personal.of(user, "mls-c01", language)
    assert found is not None
    return found


def counted(sheet: OwnSheet) -> list[tuple[str, int]]:
    return [(one.block.number, one.misses) for one in sheet.blocks]


def test_blocks_come_by_how_often_they_were_missed(anna: User, exam: Form) -> None:
    sit(anna, exam, right=(4, 5, 7), wrong=(1, 2))  # 3 and 6 stay unanswered, which counts as incorrect
    sheet = own(anna)
    # 1, 2 and 6 point at services; 1, 3 and 6 at formats, which teaches s3 as well.
    assert counted(sheet) == [("2.1", 3), ("2.2", 3)]
    assert sheet.rest == ()


def test_an_item_counts_once_for_a_block_however_much_of_it_they_share(anna: User, exam: Form) -> None:
    sit(anna, exam, right=(1, 2, 3, 4, 5, 7, 8), wrong=(6,))
    assert counted(own(anna)) == [("2.1", 1), ("2.2", 1)]


def test_what_does_not_count_is_no_miss(anna: User, exam: Form) -> None:
    sit(anna, exam, right=range(1, 8), wrong=(8,))
    assert own(anna).blocks == ()


def test_an_item_missed_in_two_exams_counts_twice(anna: User, exam: Form) -> None:
    for _ in range(2):
        sit(anna, exam, right=(1, 2, 4, 5, 6, 7, 8), wrong=(3,))
    assert counted(own(anna)) == [("2.2", 2)]


def test_the_misses_of_others_are_theirs(anna: User, bela: User, exam: Form) -> None:
    sit(bela, exam, wrong=range(1, 9))
    assert own(anna).blocks == ()
    assert own(bela).blocks


def test_the_current_score_decides(anna: User, exam: Form) -> None:
    attempt_id = sit(anna, exam, right=(1, 2, 4, 5, 6, 7, 8), wrong=(3,))
    score = Attempt.objects.get(pk=attempt_id).scores.get()
    score.pk, score.revision = None, 2
    score.result = {**score.result, "right": "1" * 8}
    score.save(force_insert=True)
    assert own(anna).blocks == ()


def test_a_running_exam_says_nothing_not_even_of_an_earlier_one(anna: User, exam: Form) -> None:
    factories.start(anna, exam)
    assert missed(anna, "mls-c01") == []
    attempt_id = Attempt.objects.get().pk
    for position in range(1, 9):
        answer(anna, attempt_id, position, exam.others[position][:1])
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    grading.grade(attempt_id)
    assert len(missed(anna, "mls-c01")) == 7
    factories.start(anna, exam)  # the ended one is of the same questions
    assert missed(anna, "mls-c01") == []


def test_an_exam_that_expired_says_nothing_until_it_has_its_score(anna: User, exam: Form) -> None:
    """Until then staff may let it run on."""
    sit(anna, exam, wrong=range(1, 9))
    again = factories.start(anna, exam)
    for position in range(1, 9):
        answer(anna, again.attempt_id, position, exam.others[position][:1])
    past_deadline(again.attempt_id, 60)
    lifecycle.expire(again.attempt_id)
    assert Attempt.objects.get(pk=again.attempt_id).state == AttemptState.EXPIRED
    assert missed(anna, "mls-c01") == []
    grading.grade(again.attempt_id)
    assert len(missed(anna, "mls-c01")) == 14


def test_an_exam_that_runs_closes_its_items_whatever_exam_missed_them(anna: User, exam: Form) -> None:
    sit(anna, exam, wrong=range(1, 9))
    begun = factories.start(anna, factories.republished(exam, without=(1,), number=2))
    assert missed(anna, "mls-c01") == [frozenset({"s3"})]  # the first item is in no exam that runs
    lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    assert len(missed(anna, "mls-c01")) == 7


def test_another_exam_that_runs_closes_nothing(anna: User, exam: Form) -> None:
    sit(anna, exam, wrong=range(1, 9))
    other = factories.make_form(exam.form.certification, number=2)
    factories.start(anna, other)
    assert len(missed(anna, "mls-c01")) == 7


def test_any_choice_of_blocks_that_fits_is_on_at_most_two_pages(exam: Form) -> None:
    head = publish(exam.form.certification, published.real())
    every = [personal.OwnBlock(block, 1) for block in selectors.blocks(head.edition_id) if block.covers]
    shortest = 2
    for seed in range(12):
        random.Random(seed).shuffle(every)
        chosen, rest = personal.fitting(every)
        assert len(chosen) + len(rest) == len(every)
        document = documents.own(head, [one.block for one in chosen], [one.block for one in rest])
        pages = len(PdfReader(io.BytesIO(typesetting.typeset(document))).pages)
        assert pages <= 2, seed
        shortest = min(shortest, pages)
    assert shortest == 2, "the pages are not filled"


def test_the_first_block_is_shown_however_long_it_is(exam: Form) -> None:
    long = small(services="\n\n".join(["word " * 100] * 60))
    head = publish(exam.form.certification, long)
    blocks = [personal.OwnBlock(block, 1) for block in selectors.blocks(head.edition_id)]
    chosen, rest = personal.fitting([blocks[1], blocks[0]])
    assert [one.block.number for one in chosen] == ["2.1"]
    assert [one.block.number for one in rest] == ["1.1"]


def test_a_job_makes_the_pdf_for_its_owner_alone(anna: User, exam: Form) -> None:
    sit(anna, exam, right=(1, 2, 4, 5, 6, 7, 8), wrong=(3,))
    job = personal.ensure(anna, own(anna))
    assert personal.ensure(anna, own(anna)) == job
    assert runner.run_due() == 1
    file = services.file_of(job_id=job.pk, owner=anna)
    assert file.name == "mls-c01-my-cheat-sheet-en.pdf"
    text = PdfReader(io.BytesIO(file.content)).pages[0].extract_text()
    assert "2.2" in text
    assert "Parquet" in text
    assert "2.1" not in text
    found = personal.job(anna, own(anna))
    assert found is not None
    assert found.state == State.DONE


def test_a_file_that_is_gone_or_failed_is_made_anew(anna: User, exam: Form) -> None:
    sit(anna, exam, wrong=(3,))
    job = personal.ensure(anna, own(anna))
    runner.run_due()
    JobFile.objects.all().delete()
    assert personal.job(anna, own(anna)) is None
    second = personal.ensure(anna, own(anna))
    assert second != job
    Job.objects.filter(pk=second.pk).update(state=State.FAILED, finished_at=job.created_at)
    assert personal.ensure(anna, own(anna)) not in (job, second)


def test_what_was_missed_since_asks_for_another_file(anna: User, exam: Form) -> None:
    sit(anna, exam, right=(1, 2, 4, 5, 6, 7, 8), wrong=(3,))
    first = personal.ensure(anna, own(anna))
    sit(anna, exam, wrong=range(1, 9))
    assert personal.ensure(anna, own(anna)) != first


def test_a_sheet_that_would_say_something_else_by_now_is_not_kept_as_the_one_that_was_asked_for(
    anna: User, exam: Form
) -> None:
    sit(anna, exam, right=(1, 2, 4, 5, 6, 7, 8), wrong=(3,))
    personal.ensure(anna, own(anna))
    sit(anna, exam, wrong=range(1, 9))
    runner.run_due()
    assert not JobFile.objects.exists()
    personal.ensure(anna, own(anna))
    runner.run_due()
    assert JobFile.objects.count() == 1
