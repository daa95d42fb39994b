"""Jobs: taken once, retried three times, seen while they run, and their files only by their owner."""

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.base import hooks
from accounts.base.errors import Refused
from accounts.jobs import queue, registry, runner, services
from accounts.jobs.models import MOST_BYTES, Job, JobFile, State
from accounts.jobs.registry import JobContext, JobResult, MadeFile
from accounts.users.models import User
from tests.accounts.crowd import at_once
from tests.hooked import register_only

pytestmark = pytest.mark.django_db
REAL = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    register_only(monkeypatch, "job_kinds")


def register(name: str, function: registry.Function, **options: Any) -> None:
    hooks.register("job_kinds", registry.JobKind(name, function, **options), key=name)


def start(function: registry.Function, owner: User | None = None, **options: Any) -> Job:
    register("test", function, **options)
    return services.start("test", owner=owner, parameters={"of": 3})


def later(seconds: float) -> None:
    """Let time pass: rows are moved, clocks never are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_job SET not_before = not_before - make_interval(secs => %(s)s)",
            {"s": seconds},
        )


def fail(context: JobContext) -> JobResult:
    raise ValueError("no such certification")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_a_job_gets_its_parameters_and_keeps_what_it_returns(anna: User) -> None:
    def double(context: JobContext) -> JobResult:
        context.progress.at(2, 2, "jobs.doubling")
        return JobResult({"twice": [context.parameters["of"]] * 2, "owner": context.owner_id})

    job = start(double, anna)
    assert runner.run_due() == 1
    job.refresh_from_db()
    assert (job.state, job.result) == (State.DONE, {"twice": [3, 3], "owner": anna.pk})
    assert (job.done, job.total, job.step, job.tries, job.error) == (2, 2, "jobs.doubling", 1, "")
    assert job.finished_at
    assert runner.run_due() == 0


def test_three_failures_end_it_and_the_error_is_kept() -> None:
    job = start(fail)
    for tries, state in ((1, State.WAITING), (2, State.WAITING), (3, State.FAILED)):
        assert runner.run_due() == 0
        job.refresh_from_db()
        assert (job.tries, job.state, job.error) == (tries, state, "ValueError: no such certification")
        assert runner.run_due() == 0  # it pauses
        job.refresh_from_db()
        assert job.tries == tries
        later(1000)
    runner.run_due()
    job.refresh_from_db()
    assert (job.tries, job.state) == (3, State.FAILED)


def test_a_failure_undoes_what_the_job_wrote_and_never_ends_the_next_job(anna: User) -> None:
    def half(context: JobContext) -> JobResult:
        User.objects.create_user("half@example.org")
        raise ValueError

    start(half)
    register("good", lambda context: JobResult())
    services.start("good", owner=None)
    assert runner.run_due() == 1
    assert not User.objects.filter(email="half@example.org").exists()


def test_staff_let_a_failed_job_be_tried_again_and_it_is_recorded(anna: User) -> None:
    job = start(fail)

    def again() -> None:
        services.retry(job_id=job.pk, actor=anna, reason="the file is there now")

    assert refusal(again) == "not_failed"
    for _ in range(3):
        runner.run_due()
        later(1000)
    again()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject_id) == (anna, "retry", str(job.pk))
    assert entry.before["error"] == "ValueError: no such certification"
    monkey = registry.JobKind("test", lambda context: JobResult({"now": True}))
    hooks._registered["job_kinds"]["test"] = monkey
    assert runner.run_due() == 1
    assert refusal(lambda: services.retry(job_id=uuid.uuid4(), actor=anna, reason="none")) == "not_found"


def test_an_unknown_kind_is_refused_and_left_to_processes_that_know_it() -> None:
    with pytest.raises(KeyError):
        services.start("unknown", owner=None)
    job = start(lambda context: JobResult())
    del hooks._registered["job_kinds"]["test"]
    assert runner.run_due() == 0
    job.refresh_from_db()
    assert (job.state, job.tries) == (State.WAITING, 0)


def test_two_functions_for_one_kind_are_refused() -> None:
    register("one", fail)
    register("one", fail)
    with pytest.raises(ValueError, match="two answers"):
        register("one", lambda context: JobResult())


def claimed_elsewhere(job: Job) -> None:
    """Take a job as another worker does whose predecessor was silent for too long."""
    Job.objects.filter(pk=job.pk).update(claim=uuid.uuid4())


def test_a_worker_that_only_slept_finds_its_job_taken_and_undoes_its_work() -> None:
    def slept(context: JobContext) -> JobResult:
        User.objects.create_user("late@example.org")
        claimed_elsewhere(job)
        return JobResult({"late": True})

    job = start(slept)
    assert runner.run_due() == 0
    assert not User.objects.filter(email="late@example.org").exists()
    job.refresh_from_db()
    assert (job.result, job.error) == ({}, "")


def test_a_job_that_kills_its_process_three_times_has_failed() -> None:
    job = start(lambda context: JobResult())
    for _ in range(3):
        assert runner.claim()  # and then the process is gone
        assert runner.claim() is None
        later(61)
    assert runner.claim() is None  # a worker that is at it since before the lease ended
    assert runner.run_due() == 0
    job.refresh_from_db()
    assert (job.state, job.tries, job.error) == (State.FAILED, 3, "the process that did it ended")


@REAL
def test_a_sweep_that_gives_up_jobs_waits_for_no_other_that_does() -> None:
    """Two that locked the same rows in different orders would be a deadlock."""
    held, free = start(fail), services.start("test", owner=None)
    Job.objects.update(state=State.RUNNING, tries=Job.MAX_TRIES)

    def give_up() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return queue.give_up(Job.objects.filter(state=State.RUNNING))

    with transaction.atomic():
        Job.objects.select_for_update().get(pk=held.pk)
        assert at_once(give_up, 1) == [1]
    assert set(Job.objects.filter(state=State.FAILED)) == {free}
    assert give_up() == 1


def timeout_within() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'),"
            " current_setting('idle_in_transaction_session_timeout')"
        )
        first, second = cursor.fetchone()
        return first, second


@REAL
@pytest.mark.parametrize("atomic", [True, False])
def test_a_job_has_time_limits_of_its_own_and_leaves_those_of_the_site(atomic: bool) -> None:
    seen = []

    def look(context: JobContext) -> JobResult:
        seen.append(timeout_within())
        return JobResult()

    before = timeout_within()
    start(look, atomic=atomic, statement_seconds=600)
    assert runner.run_due() == 1
    assert (seen, timeout_within()) == ([("10min", "10min")], before)
    assert before == ("10s", "15s")


@REAL
def test_a_statement_longer_than_the_limit_of_the_kind_fails_the_job() -> None:
    def sleep(context: JobContext) -> JobResult:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
        return JobResult()

    job = start(sleep, statement_seconds=1)
    assert runner.run_due() == 0
    job.refresh_from_db()
    assert job.error.startswith(OperationalError.__name__)


@pytest.fixture
def go() -> Iterator[threading.Event]:
    """Lets jobs that wait for it go on; set at the end of the test in any case."""
    event = threading.Event()
    yield event
    event.set()


def in_thread(results: list[int]) -> threading.Thread:
    """Run what is due in a thread, as another worker."""

    def run() -> None:
        try:
            results.append(runner.run_due())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@REAL
def test_progress_is_seen_from_outside_while_the_job_is_one_open_transaction(go: threading.Event) -> None:
    def slow(context: JobContext) -> JobResult:
        User.objects.create_user("inside@example.org")
        context.progress.at(40, 100, "jobs.reading")
        assert go.wait(20)
        context.progress.at(100, 100)
        return JobResult()

    job, done = start(slow), list[int]()
    thread = in_thread(done)
    for _ in range(200):
        job.refresh_from_db()
        if job.done:
            break
        thread.join(0.05)
    assert (job.state, job.done, job.total, job.step) == (State.RUNNING, 40, 100, "jobs.reading")
    assert not User.objects.filter(email="inside@example.org").exists()
    go.set()
    thread.join()
    job.refresh_from_db()
    assert (done, job.state, job.done) == ([1], State.DONE, 100)
    assert User.objects.filter(email="inside@example.org").exists()


@REAL
def test_of_many_workers_that_ask_at_the_same_moment_one_gets_the_job() -> None:
    for _ in range(5):
        Job.objects.all().delete()
        hooks._registered["job_kinds"].clear()
        job = start(lambda context: JobResult())
        claimed = [one.pk for one in at_once(runner.claim) if one]
        job.refresh_from_db()
        assert (claimed, job.tries) == ([job.pk], 1)


@REAL
def test_two_workers_never_do_one_job_at_once(go: threading.Event) -> None:
    entered = []

    def slow(context: JobContext) -> JobResult:
        entered.append(context.job_id)
        if len(entered) == 4:
            go.set()
        assert go.wait(20), "the four jobs did not run side by side"
        return JobResult()

    jobs = [start(slow)] + [services.start("test", owner=None) for _ in range(3)]
    results: list[int] = []
    threads = [in_thread(results) for _ in range(6)]
    for thread in threads:
        thread.join()
    assert sorted(entered) == sorted(job.pk for job in jobs)
    assert sum(results) == 4
    assert set(Job.objects.values_list("state", "tries")) == {(State.DONE, 1)}


def file_job(owner: User, content: bytes = b"zip", name: str = "Válaszok.zip") -> Job:
    job = start(lambda context: JobResult(file=MadeFile(name, "application/zip", content)), owner)
    runner.run_due()
    job.refresh_from_db()
    return job


def test_the_owner_gets_the_file_to_save_and_nobody_else_learns_that_it_exists(
    client: Client, anna: User, bela: User
) -> None:
    job = file_job(anna)
    path = f"/accounts/jobs/{job.pk}/file/"
    assert client.get(path).status_code == 302
    client.force_login(bela)
    assert client.get(path).status_code == 404
    client.force_login(anna)
    reply = client.get(path)
    assert (reply.status_code, reply.content, reply["Content-Type"]) == (200, b"zip", "application/zip")
    assert reply["Content-Disposition"] == "attachment; filename*=utf-8''V%C3%A1laszok.zip"
    assert "no-store" in reply["Cache-Control"]
    assert client.get(f"/hu{path}").status_code == 200
    assert client.get(f"/accounts/jobs/{uuid.uuid4()}/file/").status_code == 404


def test_a_file_of_more_than_20_mb_fails_the_job_and_the_database_refuses_it_too(anna: User) -> None:
    job = file_job(anna, b"x" * (MOST_BYTES + 1))
    assert job.error.startswith("FileTooBig: Válaszok.zip has 20971521 bytes")
    assert not JobFile.objects.exists()
    with pytest.raises(IntegrityError, match="job_file_size"), transaction.atomic():
        JobFile.objects.create(job=job, name="a", media_type="a/b", content=b"x" * (MOST_BYTES + 1))


def test_files_of_a_week_ago_are_not_given_out_and_then_deleted(client: Client, anna: User) -> None:
    job = file_job(anna)
    JobFile.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_jobfile (job_id, name, media_type, content, created_at)"
            " VALUES (%s, 'old.zip', 'application/zip', 'zip', statement_timestamp() - interval '7 days')",
            [job.pk],
        )
    client.force_login(anna)
    assert client.get(f"/accounts/jobs/{job.pk}/file/").status_code == 404
    assert JobFile.objects.count() == 1
    assert services.forget_old_files() == 1
    assert Job.objects.get() == job
    assert services.forget_old_files() == 0


def test_a_failure_that_cannot_be_stored_as_it_is_does_not_keep_the_next_job_waiting(anna: User) -> None:
    def odd(context: JobContext) -> JobResult:
        if context.owner_id:
            return JobResult({})
        raise ValueError("found \x00 in a file")

    failing, fine = start(odd), start(odd, anna)
    assert runner.run_due() == 1
    failing.refresh_from_db()
    fine.refresh_from_db()
    assert (failing.state, fine.state) == (State.WAITING, State.DONE)
    assert failing.error.startswith("ValueError: found ")


def test_of_a_failure_the_row_keeps_one_line_and_the_log_has_all_of_it(
    anna: User, caplog: pytest.LogCaptureFixture
) -> None:
    def twice(context: JobContext) -> JobResult:
        raise IntegrityError("duplicate key\nDETAIL:  Key (email)=(anna@example.org) already exists.\n")

    job = start(twice, anna)
    assert runner.run_due() == 0
    job.refresh_from_db()
    assert job.error == "IntegrityError: duplicate key"
    assert "anna@example.org" in caplog.text
    assert "Traceback" in caplog.text


def test_an_endless_message_is_cut(anna: User) -> None:
    def chatty(context: JobContext) -> JobResult:
        raise ValueError("x" * 100_000)

    job = start(chatty, anna)
    assert runner.run_due() == 0
    job.refresh_from_db()
    assert len(job.error) == 200


# --- Once for a key, once for a person and what they ask ----------------------------------------------


def make_note(context: JobContext) -> JobResult:
    return JobResult(file=MadeFile("note.txt", "text/plain", b"note"))


def test_a_kind_and_a_key_have_one_job_whoever_asks() -> None:
    register("test", make_note)
    register("other", make_note)
    first = services.start_once("test", "a", parameters={"n": 1})
    assert services.start_once("test", "a", parameters={"n": 2}) == first
    assert first.parameters == {"n": 1}
    assert services.start_once("test", "b") != first
    assert services.start_once("other", "a") != first
    with pytest.raises(KeyError):
        services.start_once("absent", "a")


def test_a_job_that_ended_is_not_done_again_for_the_same_key() -> None:
    register("test", make_note)
    first = services.start_once("test", "a")
    assert runner.run_due() == 1
    assert services.start_once("test", "a").state == State.DONE
    assert runner.run_due() == 0
    assert services.start_once("test", "a") == first


@REAL
def test_many_who_ask_for_a_key_at_once_get_one_job() -> None:
    register("test", make_note)
    assert len(set(at_once(lambda: services.start_once("test", "a").pk))) == Job.objects.count() == 1


@REAL
def test_a_person_who_asks_many_times_at_once_gets_one_job(anna: User, bela: User) -> None:
    register("test", make_note)
    asked = {"of": 3}
    found = at_once(lambda: services.start_own("test", owner=anna, parameters=asked).pk)
    assert len(set(found)) == Job.objects.count() == 1
    assert services.start_own("test", owner=bela, parameters=asked).pk not in found
    assert services.start_own("test", owner=anna, parameters={"of": 4}).pk not in found


def test_a_job_that_failed_or_whose_file_is_gone_is_begun_anew(anna: User) -> None:
    register("test", make_note)
    first = services.start_own("test", owner=anna, parameters={})
    runner.run_due()
    assert services.start_own("test", owner=anna, parameters={}) == first
    JobFile.objects.all().delete()
    assert services.find_own("test", owner=anna, parameters={}) is None
    second = services.start_own("test", owner=anna, parameters={})
    assert second != first
    Job.objects.filter(pk=second.pk).update(state=State.FAILED, finished_at=second.created_at)
    assert services.find_own("test", owner=anna, parameters={}) == second
    assert services.start_own("test", owner=anna, parameters={}) not in (first, second)
