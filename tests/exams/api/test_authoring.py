"""Import and export for programs of authors: with a token of their scope, under the rights of its owner."""

import base64
from typing import Any, Final
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.audit.models import AuditEntry
from accounts.jobs import runner
from accounts.jobs.models import Job, State
from accounts.users import tokens
from accounts.users.models import ApiToken, User
from exams.authoring import imports
from exams.authoring.models import Draft, ImportFile
from exams.content.exchange_formats import registry
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.test_imports import GIFT
from tests.factories import Form

pytestmark = pytest.mark.django_db(transaction=True)

IMPORTS = "/api/v1/authoring/imports/"
EXPORTS = "/api/v1/authoring/exports/"
JSON: Final = "application/json"


def caller(person: User, scope: str = "authoring") -> APIClient:
    issued = tokens.issue_with_expiry(person, "program", scope)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issued.token_text}")
    return client


@pytest.fixture
def api(form: Form) -> APIClient:
    return caller(acts.staff("authors"))


def file(data: str = GIFT, **changed: Any) -> dict[str, Any]:
    content = base64.b64encode(data.encode()).decode()
    return {"certification": "mls-c01", "format": "gift", "name": "q.txt", "content": content} | changed


def told(reply: Any, status: int, code: str) -> None:
    assert (reply.status_code, reply.json().get("code")) == (status, code)
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_a_program_uploads_reads_the_report_and_takes(api: APIClient) -> None:
    made = api.post(IMPORTS, file())
    assert made.status_code == 202
    body = made.json()
    assert (body["state"], body["taking"], body["report"]) == ("waiting", False, None)
    address = f"{IMPORTS}{body['id']}/"
    told(api.post(f"{address}take/"), 409, "not_checked")
    assert runner.run_due() == 1
    report = api.get(address).json()["report"]
    assert report["counts"] == {"new": 2, "changed": 0, "same": 0, "held": 0, "faulty": 0}
    assert report["items"][0] == {"code": "other-1", "fate": "new", "detail": ""}
    assert report["losses"][0]["place"] == "q.txt:3"
    assert not Draft.objects.exists()
    assert api.post(f"{address}take/").status_code == 202
    assert runner.run_due() == 1
    assert api.post(f"{address}take/").status_code == 202
    assert runner.run_due() == 0
    done = api.get(address).json()
    assert (done["state"], done["taking"], Draft.objects.count()) == ("done", True, 2)


def test_a_program_takes_the_good_questions_of_a_file_with_a_fault(api: APIClient) -> None:
    broken = GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n"
    address = f"{IMPORTS}{api.post(IMPORTS, file(broken)).json()['id']}/"
    runner.run_due()
    told(api.post(f"{address}take/", {"everything": True}), 422, "unknown_field")
    assert api.post(f"{address}take/", {"partial": True}).status_code == 202
    runner.run_due()
    report = api.get(address).json()["report"]
    assert (report["taken"], report["faults_total"], Draft.objects.count()) == (True, 1, 2)


def test_a_program_exports_and_downloads(api: APIClient) -> None:
    made = api.post(EXPORTS, {"certification": "mls-c01", "format": "csv", "codes": ["E1-Q01", "E1-Q03"]})
    assert made.status_code == 202
    address = f"{EXPORTS}{made.json()['id']}/"
    told(api.get(f"{address}file/"), 404, "not_found")
    assert runner.run_due() == 1
    body = api.get(address).json()
    assert (body["state"], body["items"]) == ("done", 2)
    found = api.get(f"{address}file/")
    assert found.headers["Cache-Control"] == "no-store"
    parsed = registry.read("csv", found.content, "q.csv")
    assert [item.record.id for item in parsed.items] == ["E1-Q01", "E1-Q03"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"format": "word"}, 422, "invalid"),
        ({"content": "***"}, 422, "invalid"),
        ({"content": ""}, 422, "invalid"),
        ({"certification": "absent"}, 404, "not_found"),
        ({"more": 1}, 422, "unknown_field"),
        ({"content": "A" * 1_100_000}, 413, "too_large"),
    ],
)
def test_a_bad_upload_is_a_problem_and_nothing_is_stored(
    api: APIClient, changed: dict[str, Any], status: int, code: str
) -> None:
    told(api.post(IMPORTS, file(**changed)), status, code)
    assert not ImportFile.objects.exists()


def test_one_file_too_many_is_a_problem(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_A_DAY", 0)
    told(api.post(IMPORTS, file()), 429, "too_many_requests")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"format": "aiken"}, 422, "invalid"),
        ({"codes": ["absent"]}, 422, "no_items"),
        ({"codes": []}, 422, "no_items"),
        ({"certification": "absent"}, 404, "not_found"),
    ],
)
def test_a_bad_export_is_a_problem(api: APIClient, changed: dict[str, Any], status: int, code: str) -> None:
    told(api.post(EXPORTS, {"certification": "mls-c01", "format": "csv"} | changed), status, code)


def test_what_belongs_to_somebody_else_is_absent(api: APIClient) -> None:
    imported = api.post(IMPORTS, file()).json()["id"]
    exported = api.post(EXPORTS, {"certification": "mls-c01", "format": "csv"}).json()["id"]
    runner.run_due()
    other = caller(acts.staff("reviewers"))
    told(other.get(f"{IMPORTS}{imported}/"), 404, "not_found")
    told(other.post(f"{IMPORTS}{imported}/take/"), 404, "not_found")
    told(other.get(f"{EXPORTS}{exported}/"), 404, "not_found")
    told(other.get(f"{EXPORTS}{exported}/file/"), 404, "not_found")


# --- Tokens ------------------------------------------------------------------------------------------
def test_a_token_of_authors_opens_nothing_else_and_one_of_candidates_not_this(
    api: APIClient, anna: User
) -> None:
    told(api.get("/api/v1/attempts/"), 403, "wrong_scope")
    told(api.get("/api/v1/auth/tokens/"), 403, "wrong_scope")
    told(caller(anna, "").post(IMPORTS, file()), 403, "wrong_scope")
    told(caller(acts.staff("authors"), "").post(IMPORTS, file()), 403, "mfa_required")
    assert not ImportFile.objects.exists()


def test_a_token_ends_with_the_role_of_its_owner(api: APIClient) -> None:
    author = acts.staff("authors")
    author.groups.remove(Group.objects.get(name="authors"))
    told(api.post(IMPORTS, file()), 403, "not_allowed")
    told(caller(acts.staff("translators")).post(IMPORTS, file()), 403, "not_allowed")


def test_the_admin_issues_a_token_that_is_shown_once_and_recorded(form: Form, client: Client) -> None:
    author = acts.staff("authors")
    client.force_login(author)
    address = reverse("admin:exams_importfile_api_token")
    assert client.post(address, {"name": ""}).status_code == 422
    page = client.post(address, {"name": "nightly"})
    plain = page.content.decode().partition("<pre>")[2].partition("</pre>")[0]
    assert "no-store" in page.headers["Cache-Control"]
    token = tokens.find(plain)
    assert token is not None
    assert (token.user, token.name, token.scope) == (author, "nightly", "authoring")
    entry = AuditEntry.objects.get(action="issue")
    assert (entry.actor, entry.subject_id) == (author, str(token.pk))
    assert plain not in str(entry.after)
    client.force_login(factories.make_staff("support"))
    assert client.get(address).status_code == 403
    assert ApiToken.objects.count() == 1


# --- Sessions ----------------------------------------------------------------------------------------
def signed_in(person: User, *methods: str) -> Client:
    """Return a browser of somebody who signed in by these methods."""
    browser = Client()
    browser.force_login(person)
    session = browser.session
    session["account_authentication_methods"] = [{"method": method, "at": 1.0} for method in methods]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return browser


@override_settings(STAFF_NEEDS_SECOND_FACTOR=True)
def test_a_password_alone_opens_no_key_of_the_bank(form: Form) -> None:
    author = acts.staff("authors")
    body = {"certification": "mls-c01", "format": "csv"}
    told(signed_in(author, "password").post(EXPORTS, body, content_type=JSON), 403, "mfa_required")
    assert not Job.objects.exists()
    made = signed_in(author, "password", "mfa").post(EXPORTS, body, content_type=JSON)
    assert made.status_code == 202
    runner.run_due()
    job = Job.objects.get()
    assert job.state == State.DONE
    addresses = [f"{EXPORTS}{job.pk}/file/", reverse("accounts:job_file", args=[job.pk])]
    whole, password = signed_in(author, "password", "mfa"), signed_in(author, "password")
    assert [whole.get(address).status_code for address in addresses] == [200, 200]
    assert [password.get(address).status_code for address in addresses] == [403, 404]


@override_settings(STAFF_NEEDS_SECOND_FACTOR=True)
def test_a_candidate_needs_no_second_factor_to_be_told_that_this_is_not_theirs(anna: User) -> None:
    told(signed_in(anna, "password").get(f"{EXPORTS}{uuid4()}/"), 403, "not_allowed")
