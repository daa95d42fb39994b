"""An import whose process is killed while it makes drafts: all of the file is made, once, or nothing."""

from accounts.jobs.models import Job, State
from exams.authoring import imports
from exams.authoring.models import Draft
from tests.exams.authoring import acts
from tests.factories import Form
from tests.faults.conftest import eventually, lease_ends
from tests.faults.stack import Stack

MANY = 12
SLOW = "tests.faults.slow_imports"
GIFT = "".join(
    f"// [id:killed-{n}]\n::K{n}::Where is number {n}?{{=Here#Yes. ~There#No.}}\n\n" for n in range(MANY)
)


def made() -> list[str]:
    """Return the sources of the drafts that are there, in order."""
    rows = Draft.objects.filter(content__source__startswith="killed-").order_by("pk")
    return list(rows.values_list("content__source", flat=True))


def test_an_import_that_is_killed_half_way_makes_nothing_and_taken_again_all_of_it_once(
    stack: Stack, form: Form
) -> None:
    owner = acts.staff("authors")
    file = imports.store(
        certification=form.form.certification,
        format_name="gift",
        name="killed.gift",
        data=GIFT.encode(),
        owner=owner,
    )
    job = imports.take(file=file, owner=owner)
    options = ("--loop", "--every", "0.2")
    more = {"JOB_LEASE_SECONDS": "3", "FAULTS_PAUSE": "0.4"}
    first = stack.sweeper(*options, name="import-1", module=SLOW, **more)
    eventually(lambda: Job.objects.get(pk=job.pk).done >= MANY // 3, 60)
    first.kill()
    assert Job.objects.get(pk=job.pk).state == State.RUNNING
    assert made() == []

    lease_ends(job.pk)
    stack.sweeper(*options, name="import-2")
    eventually(lambda: Job.objects.get(pk=job.pk).state == State.DONE, 60)
    sources = [f"killed-{n}" for n in range(MANY)]
    done = Job.objects.get(pk=job.pk)
    assert (done.tries, done.result[imports.NEW]) == (2, MANY)
    assert made() == sources

    # The whole file once more finds what it made.
    again = imports.check(file=file, owner=owner)
    eventually(lambda: Job.objects.get(pk=again.pk).state == State.DONE, 60)
    assert Job.objects.get(pk=again.pk).result[imports.SAME] == MANY
    assert made() == sources
