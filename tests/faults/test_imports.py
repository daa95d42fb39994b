"""An import whose process is killed while it makes drafts: all of the file is made, once, or nothing."""

import time
import uuid

import pytest
from django.test import Client

from accounts.base.enqueue import enqueue
from accounts.jobs.models import Job, State
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.outbox.sender import send_mails
from exams.authoring import imports
from exams.authoring.models import Draft, ImportFile
from tests import factories
from tests.exams.authoring import acts
from tests.factories import Form
from tests.faults.conftest import eventually, lease_ends
from tests.faults.stack import Stack

pytestmark = pytest.mark.thorough

MANY = 12
SLOW = "tests.faults.slow_imports"
GIFT = "".join(
    f"// [id:killed-{n}]\n::K{n}::Where is number {n}?{{=Here#Yes. ~There#No.}}\n\n" for n in range(MANY)
)


def made() -> list[str]:
    """Return the sources of the drafts that are there, in order."""
    rows = Draft.objects.filter(content__source__startswith="killed-").order_by("pk")
    return list(rows.values_list("content__source", flat=True))


def take(form: Form, name: str) -> tuple[Job, ImportFile]:
    """Have an author's file made into drafts."""
    owner = acts.staff("authors")
    file = imports.store(
        certification=form.form.certification,
        format_name="gift",
        name=f"{name}.gift",
        data=GIFT.replace("killed", name).encode(),
        owner=owner,
    )
    return imports.take(file=file, owner=owner), file


def forget_other_tests() -> None:
    """Delete the work that other tests left: it is older, so it would be done first."""
    Job.objects.all().delete()
    Mail.objects.all().delete()


def has_sent_all() -> bool:
    """Hint at mails once more, for a worker may take longer to start than a hint lasts."""
    enqueue(send_mails)
    time.sleep(0.5)
    return not Mail.objects.filter(sent_at=None).exists()


def ask_for_a_code_while_ten_imports_run(form: Form) -> None:
    """The worker of mails is up; that of slow work has an import in hand and nine to go."""
    forget_other_tests()
    person = factories.make_user(f"{uuid.uuid4().hex}@example.org")
    outbox.post("account/email/unknown_account", person.email, {"signup_url": "https://passline.example/"})
    eventually(has_sent_all)
    running = [take(form, f"file{number}")[0].pk for number in range(10)]
    eventually(lambda: Job.objects.filter(pk__in=running, state=State.RUNNING, done__gt=0).exists())
    assert Client().post("/accounts/login/code/", {"email": person.email}).status_code == 302
    assert Mail.objects.filter(person=person, kind__contains="login_code").exists()


def has_left() -> bool:
    return not Mail.objects.filter(sent_at=None).exists()


def test_a_sign_in_code_leaves_within_five_seconds_while_ten_imports_run(stack: Stack, form: Form) -> None:
    stack.worker()
    stack.worker("slow", application=SLOW, queues="slow", FAULTS_PAUSE="0.5")
    ask_for_a_code_while_ten_imports_run(form)
    eventually(has_left, 5)
    assert not Job.objects.filter(state=State.DONE).exists()


@pytest.mark.controls
def test_where_mails_share_the_worker_of_slow_work_a_sign_in_code_waits(stack: Stack, form: Form) -> None:
    stack.worker("slow", application=SLOW, queues="mail,slow", FAULTS_PAUSE="0.5")
    ask_for_a_code_while_ten_imports_run(form)
    with pytest.raises(AssertionError, match="in time"):
        eventually(has_left, 5)


def test_an_import_that_is_killed_half_way_makes_nothing_and_taken_again_all_of_it_once(
    stack: Stack, form: Form
) -> None:
    forget_other_tests()
    job, file = take(form, "killed")
    owner = acts.staff("authors")
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
