"""Error pages: they need nothing that may be broken, and say what is safe."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from exams.attempts import selectors
from tests.factories import Form


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html", "503.html"])
def test_an_error_page_needs_no_context_no_request_and_no_database(name: str) -> None:
    page = render_to_string(name)
    assert page.startswith("<!doctype html>")
    assert '<link rel="stylesheet" href="/static/css/tokens.css">' in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_a_failure_of_ours_says_that_answers_are_safe(name: str) -> None:
    assert "Nothing is lost" in render_to_string(name)


@pytest.mark.django_db
def test_an_absent_page_leads_to_the_certifications(client: Client) -> None:
    reply = client.get("/no/such/page/")
    assert reply.status_code == 404
    assert "Page not found" in reply.content.decode()
    assert 'href="/">See all certifications' in reply.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_says_that_nothing_was_carried_out(form: Form) -> None:
    reply = Client(enforce_csrf_checks=True).post("/mls-c01/exams/1/")
    assert reply.status_code == 403
    assert "This form has expired" in reply.content.decode()


def test_a_failure_shows_the_page_and_no_details(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(selectors, "own_attempts", fail)
    client = Client(raise_request_exception=False)
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    reply = client.get(reverse("exams:attempts"))
    assert reply.status_code == 500
    assert "Something went wrong on our side" in reply.content.decode()
    assert "secret cause" not in reply.content.decode()


@pytest.mark.django_db
def test_a_poll_after_the_log_out_leads_the_whole_page_to_the_sign_in(client: Client) -> None:
    address = "/attempts/5b3c9cb8-5f52-4a3a-9fe9-0a5b7a6f1b11/result/"
    reply = client.get(address, headers={"HX-Request": "true"})
    assert reply.status_code == 204
    assert reply["HX-Redirect"] == f"/accounts/login/?next={address}"
