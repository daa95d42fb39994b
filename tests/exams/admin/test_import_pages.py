"""Importing questions in the admin: upload, report, drafts; all of the file or nothing."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.jobs import registry as job_kinds
from accounts.jobs.models import Job
from accounts.jobs.registry import JobContext, Progress
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.authoring import imports, services
from exams.authoring.models import Draft, ImportFile
from exams.content.exchange_formats import limits, registry
from tests.exams.authoring import acts
from tests.exams.authoring.test_imports import GIFT
from tests.factories import Form

pytestmark = pytest.mark.django_db

NEW = "/admin/exams/importfile/new/"


@pytest.fixture
def author() -> User:
    return acts.staff("authors")


@pytest.fixture
def desk(client: Client, author: User) -> Client:
    """The admin as an author sees it."""
    client.force_login(author)
    return client


def upload(client: Client, form: Form, data: str = GIFT, **changed: Any) -> Any:
    file = SimpleUploadedFile("questions.txt", data.encode())
    sent = {"certification": form.form.certification.pk, "format_name": "gift", "file": file}
    return client.post(NEW, sent | changed)


def work() -> None:
    """Do the jobs that wait, as a worker does."""
    for job in Job.objects.filter(state="waiting"):
        kind = job_kinds.kind_of(job.kind)
        done = kind.function(JobContext(job.pk, job.owner_id, job.parameters, Progress()))
        Job.objects.filter(pk=job.pk).update(
            state="done", result=dict(done.result), finished_at=job.created_at
        )


def checked(client: Client, form: Form, data: str = GIFT) -> str:
    """Upload a file and have it checked; return the address of its page."""
    address: str = upload(client, form, data).headers["Location"]
    work()
    return address


def take(client: Client, address: str) -> str:
    """Make drafts of a file; return its page."""
    assert client.post(address.replace("/change/", "/take/")).headers["Location"] == address
    work()
    return client.get(address).content.decode()


def counts(page: str) -> dict[str, int]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page)
    return {label: int(count) for label, count in found if int(count)}


def test_an_upload_is_checked_by_a_job_and_read_by_no_page(
    form: Form, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any, **__: Any) -> None:
        raise AssertionError("a page read the file")

    monkeypatch.setattr(registry, "read", read)
    address = upload(desk, form).headers["Location"]
    page = desk.get(address).content.decode()
    assert "Checking the file." in page
    assert f'hx-get="{address}"' in page
    part = desk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="making"')
    assert Job.objects.get().kind == "import_check"


def test_the_report_tells_what_would_be_and_nothing_is_stored(form: Form, desk: Client) -> None:
    page = desk.get(checked(desk, form)).content.decode()
    assert counts(page) == {"New": 2}
    assert "Nothing has been stored yet." in page
    assert "Create the drafts" in page
    assert not Draft.objects.exists()


def test_the_report_of_a_check_tells_what_the_rules_of_writing_say_of_each_question(
    form: Form, desk: Client
) -> None:
    page = desk.get(checked(desk, form)).content.decode()
    result = Job.objects.latest("created_at").result
    assert result["remarks_total"] == len(result["remarks"]) > 2
    assert {code for _place, code, _said in result["remarks"]} == {code for code, *_ in result["items"]}
    assert all(said in unescape(page) for _place, _code, said in result["remarks"])
    page = take(desk, checked(desk, form))
    assert "What the guide for writers says" not in page


def test_taken_every_question_leads_to_its_draft(form: Form, desk: Client) -> None:
    page = take(desk, checked(desk, form))
    drafts = Draft.objects.all()
    assert len(drafts) == 2
    assert all(f'<a href="{reverse("admin:exams_draft_edit", args=[draft.pk])}">' in page for draft in drafts)
    assert "Create the drafts" not in page


def test_taking_twice_makes_one_job_and_one_draft_each(form: Form, desk: Client) -> None:
    address = checked(desk, form)
    take(desk, address)
    take(desk, address)
    assert Job.objects.filter(kind="import_take").count() == 1
    assert Draft.objects.count() == 2


def test_what_is_lost_and_what_is_wrong_is_said_with_its_line(form: Form, desk: Client) -> None:
    lossy = GIFT.replace("In EFS#No.", "<blink>In EFS</blink>#No.")
    page = desk.get(checked(desk, form, lossy)).content.decode()
    losses = Job.objects.latest("created_at").result["losses"]
    assert losses
    assert f"{len(losses)} detail" in page
    assert losses[0][0] in page
    broken = GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n"
    page = desk.get(checked(desk, form, broken)).content.decode()
    assert "The file has 1 fault." in page
    assert "questions.txt:" in page
    assert "A brace is missing" in page
    assert "Create the drafts" not in page


def test_the_good_questions_of_a_file_with_a_fault_can_be_taken_alone(form: Form, desk: Client) -> None:
    address = checked(desk, form, GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n")
    page = desk.get(address).content.decode()
    assert "The other 2 questions can become drafts now." in page
    assert 'name="partial"' in page
    desk.post(address.replace("/change/", "/take/"), {"partial": "1"})
    work()
    page = desk.get(address).content.decode()
    assert "What is marked New or Changed below is a draft now" in page
    assert 'name="partial"' not in page
    assert Draft.objects.count() == 2


def test_a_file_of_which_nothing_is_read_says_so_and_offers_nothing(form: Form, desk: Client) -> None:
    page = desk.get(checked(desk, form, "::Essay::Tell us.{}\n")).content.decode()
    assert "None of the questions in the file can be imported." in page
    assert "Skipped: a question of the type" in page
    assert "/take/" not in page


def test_what_somebody_is_writing_keeps_all_from_being_taken_and_the_page_says_so(
    form: Form, desk: Client, author: User
) -> None:
    take(desk, checked(desk, form))
    draft = Draft.objects.earliest("pk")
    content = {**draft.content, "tags": ["mine"]}
    services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=author)
    page = desk.get(checked(desk, form, GIFT.replace("#No.", "#Never."))).content.decode()
    assert counts(page) == {"Changed": 1, "Being written here": 1}
    assert "Somebody is writing in a draft" in page
    assert "Create the drafts" not in page


def test_a_file_that_changes_nothing_says_so(form: Form, desk: Client) -> None:
    take(desk, checked(desk, form))
    page = desk.get(checked(desk, form)).content.decode()
    assert "Nothing to do" in page


def test_nobody_takes_a_file_before_its_check(form: Form, desk: Client) -> None:
    address = upload(desk, form).headers["Location"]
    desk.post(address.replace("/change/", "/take/"))
    assert [job.kind for job in Job.objects.all()] == ["import_check"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format_name": "aikenn"}, "Select a valid choice."),
        ({"format_name": ""}, "This field is required."),
        ({"certification": ""}, "This field is required."),
        ({"file": ""}, "This field is required."),
        ({"file": SimpleUploadedFile("empty.txt", b"")}, "The submitted file is empty."),
    ],
)
def test_an_upload_without_what_it_needs_is_refused_at_its_field(
    form: Form, desk: Client, changed: dict[str, Any], said: str
) -> None:
    reply = upload(desk, form, **changed)
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert not ImportFile.objects.exists()


def test_a_file_that_is_too_large_is_refused_in_the_language_of_the_author(
    form: Form, desk: Client, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles.update(author, ui_language="hu")
    monkeypatch.setattr(limits, "FILE_SIZE", 10)
    reply = upload(desk, form)
    assert reply.status_code == 422
    assert "Egy fájl legfeljebb" in reply.content.decode()


def test_one_file_too_many_is_refused_at_its_field(
    form: Form, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_A_DAY", 0)
    reply = upload(desk, form)
    assert reply.status_code == 422
    assert list(reply.context["form"].errors) == ["file"]
    assert not ImportFile.objects.exists()


def test_a_failed_check_says_that_nothing_was_stored(form: Form, desk: Client) -> None:
    address = upload(desk, form).headers["Location"]
    job = Job.objects.get()
    Job.objects.update(state="failed", finished_at=job.created_at)
    assert "This failed, and nothing was stored." in desk.get(address).content.decode()


def test_an_import_is_its_owners_alone(form: Form, desk: Client) -> None:
    address = checked(desk, form)
    assert "questions.txt" in desk.get("/admin/exams/importfile/").content.decode()
    desk.force_login(acts.staff("reviewers"))
    assert "questions.txt" not in desk.get("/admin/exams/importfile/").content.decode()
    assert desk.get(address).status_code == 404
    assert desk.post(address.replace("/change/", "/take/")).status_code == 404


def test_the_list_of_imports_never_reads_the_files(form: Form, desk: Client) -> None:
    upload(desk, form)
    with CaptureQueriesContext(connection) as queries:
        desk.get("/admin/exams/importfile/")
    assert not [query for query in queries if '"exams_importfile"."content"' in query["sql"]]
