"""Certifications and forms through the API."""

import pytest

from accounts.users.models import User
from tests import factories
from tests.exams.api.conftest import Caller

pytestmark = pytest.mark.django_db


def test_anyone_may_list_the_certifications(nobody: Caller, form: factories.Form) -> None:
    status, body = nobody.get("certifications/")
    assert status == 200
    assert [(one["code"], one["name"], one["items"], one["pass_mark"]) for one in body] == [
        ("mls-c01", "Machine Learning", 65, 750)
    ]


def test_a_certification_has_domains_with_weights_and_tasks(nobody: Caller, form: factories.Form) -> None:
    status, body = nobody.get("certifications/mls-c01/")
    assert status == 200
    assert [(one["number"], one["weight"]) for one in body["domains"]] == [(1, 20), (2, 24), (3, 36), (4, 20)]
    assert body["domains"][0]["tasks"] == [{"code": "1.1", "title": "Domain 1.1", "covers": ""}]
    assert (body["retired_on"], body["successor_code"]) == ("2026-03-31", "MLA-C01")
    assert body["languages"] == ["en", "hu"]


def test_a_certification_says_where_it_stands_and_what_is_planned(
    nobody: Caller, form: factories.Form
) -> None:
    _, body = nobody.get("certifications/mls-c01/")
    assert (body["state"], body["status"], body["planned"]) == ("retired", "retired", [])
    assert (body["beta_on"], body["live_on"]) == (None, None)
    certification = form.form.certification
    factories.plan(certification)
    certification.planned_facts += ["items_total", "items_scored"]
    certification.save()
    _, body = nobody.get("certifications/mls-c01/")
    # Clients from before know no beta: the vendor offers the exam.
    assert (body["state"], body["status"]) == ("beta", "active")
    assert (body["beta_on"], body["live_on"], body["retired_on"]) == ("2026-09-29", "2040-01-14", None)
    assert body["planned"] == ["live_on", "duration_minutes", "exam_fee_usd", "items", "scored_items"]
    assert set(body["planned"]) <= body.keys()


def test_texts_come_in_the_language_of_the_parameter(nobody: Caller, form: factories.Form) -> None:
    _, body = nobody.get("certifications/mls-c01/?language=hu")
    assert (body["language"], body["name"], body["domains"][0]["name"]) == ("hu", "Gépi tanulás", "Témakör 1")


def test_texts_come_in_the_language_of_the_header(nobody: Caller, form: factories.Form) -> None:
    _, body = nobody.get("certifications/", **{"Accept-Language": "hu"})
    assert body[0]["name"] == "Gépi tanulás"


def test_the_parameter_wins_over_the_header(nobody: Caller, form: factories.Form) -> None:
    _, body = nobody.get("certifications/?language=en", **{"Accept-Language": "hu"})
    assert body[0]["name"] == "Machine Learning"


def test_a_language_without_texts_falls_back_and_says_so(nobody: Caller, form: factories.Form) -> None:
    status, body = nobody.get("certifications/mls-c01/?language=%00xx")
    assert (status, body["language"]) == (200, "en")


@pytest.mark.parametrize("path", ["certifications/absent/", "certifications/absent/forms/"])
def test_an_absent_certification_is_a_404_problem(nobody: Caller, path: str) -> None:
    status, body = nobody.get(path)
    assert (status, body["code"], body["detail"]) == (404, "not_found", "Certification not found.")


def test_forms_tell_whether_they_are_locked(nobody: Caller, anna_calls: Caller, form: factories.Form) -> None:
    status, body = nobody.get("certifications/mls-c01/forms/")
    assert status == 200
    assert body == [
        {
            "id": form.form.pk,
            "number": 1,
            "title": "Exam 1",
            "items": 8,
            "scored_items": 7,
            "minutes": 180,
            "languages": ["en", "hu"],
            "locked": True,
        }
    ]
    assert anna_calls.get("certifications/mls-c01/forms/")[1][0]["locked"] is False


def test_forms_are_locked_for_an_unverified_address(form: factories.Form) -> None:
    caller = Caller(factories.make_user("cili@example.org", verified=False))
    assert caller.get("certifications/mls-c01/forms/")[1][0]["locked"] is True


def test_a_wrong_token_is_refused_even_where_none_is_needed(db: None) -> None:
    status, body = Caller(token="wrong").get("certifications/")
    assert (status, body["code"]) == (401, "invalid_token")


def test_an_unknown_address_below_the_api_is_a_problem(nobody: Caller, db: None) -> None:
    status, body = nobody.get("nothing/here/")
    assert (status, body["code"]) == (404, "not_found")


def test_a_deactivated_person_is_not_let_in(anna: User, anna_calls: Caller) -> None:
    anna.is_active = False
    anna.save()
    status, body = anna_calls.get("attempts/")
    assert (status, body["code"]) == (401, "invalid_token")
