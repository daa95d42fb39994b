"""The schema and the API agree: generated requests meet no failure of ours and no undocumented answer."""

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis import checks as known
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.schemas import OpenApiSchema

from accounts.users import tokens
from accounts.users.models import User
from config.wsgi import django as application
from tests import factories, snapshot
from tests.architecture.cast import drill_of
from tests.exams.api.conftest import RunningAttempt
from tests.exams.attempts.practice import make_check
from tests.flashcards.decks import Deck, make_deck, rate

pytestmark = pytest.mark.django_db

known.load_all_checks()
CHECKS = known.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
BODY_CHECKS = [*CHECKS, *known.CHECKS.get_by_names(["negative_data_rejection"])]
EXAMPLES = 20
DOCUMENTED = {
    ("post", "/api/v1/authoring/imports/"),
    ("get", "/api/v1/authoring/imports/{import_id}/"),
    ("post", "/api/v1/authoring/imports/{import_id}/take/"),
    ("post", "/api/v1/authoring/exports/"),
    ("get", "/api/v1/authoring/exports/{export_id}/"),
    ("get", "/api/v1/authoring/exports/{export_id}/file/"),
    ("get", "/api/v1/access/"),
    ("post", "/api/v1/vouchers/redeem/"),
    ("get", "/api/v1/certifications/"),
    ("get", "/api/v1/certifications/{code}/"),
    ("get", "/api/v1/certifications/{code}/forms/"),
    ("get", "/api/v1/certifications/{code}/dashboard/"),
    ("put", "/api/v1/certifications/{code}/exam-date/"),
    ("get", "/api/v1/certifications/{code}/cheatsheet/"),
    ("get", "/api/v1/certifications/{code}/search/"),
    ("get", "/api/v1/attempts/"),
    ("post", "/api/v1/attempts/"),
    ("get", "/api/v1/attempts/{attempt_id}/"),
    ("get", "/api/v1/attempts/{attempt_id}/clock/"),
    ("post", "/api/v1/attempts/{attempt_id}/answers/"),
    ("post", "/api/v1/attempts/{attempt_id}/lease/"),
    ("post", "/api/v1/attempts/{attempt_id}/submit/"),
    ("post", "/api/v1/attempts/{attempt_id}/cancel/"),
    ("get", "/api/v1/attempts/{attempt_id}/result/"),
    ("get", "/api/v1/attempts/{attempt_id}/review/"),
    ("get", "/api/v1/certifications/{code}/flashcards/"),
    ("get", "/api/v1/certifications/{code}/flashcards/due/"),
    ("get", "/api/v1/certifications/{code}/flashcards/settings/"),
    ("patch", "/api/v1/certifications/{code}/flashcards/settings/"),
    ("get", "/api/v1/certifications/{code}/flashcards/statistics/"),
    ("get", "/api/v1/certifications/{code}/flashcards/anki/"),
    ("get", "/api/v1/certifications/{code}/flashcards/own/"),
    ("post", "/api/v1/certifications/{code}/flashcards/own/"),
    ("get", "/api/v1/certifications/{code}/flashcards/own/csv/"),
    ("post", "/api/v1/certifications/{code}/flashcards/own/csv/"),
    ("get", "/api/v1/certifications/{code}/flashcards/own/{card_id}/"),
    ("put", "/api/v1/certifications/{code}/flashcards/own/{card_id}/"),
    ("delete", "/api/v1/certifications/{code}/flashcards/own/{card_id}/"),
    ("post", "/api/v1/attempts/{attempt_id}/cards/"),
    ("post", "/api/v1/flashcards/{card_id}/reviews/"),
    ("post", "/api/v1/flashcards/reviews/{review_id}/undo/"),
    ("put", "/api/v1/attempts/{attempt_id}/review/{position}/note/"),
    ("delete", "/api/v1/attempts/{attempt_id}/review/{position}/note/"),
    ("put", "/api/v1/attempts/{attempt_id}/review/{position}/bookmark/"),
    ("delete", "/api/v1/attempts/{attempt_id}/review/{position}/bookmark/"),
    ("post", "/api/v1/attempts/{attempt_id}/review/{position}/reports/"),
    ("get", "/api/v1/notes/"),
    ("get", "/api/v1/bookmarks/"),
    ("get", "/api/v1/reports/"),
    ("post", "/api/v1/certifications/{code}/check/"),
    ("get", "/api/v1/certifications/{code}/practice/"),
    ("post", "/api/v1/certifications/{code}/practice/{number}/"),
    ("get", "/api/v1/drills/"),
    ("post", "/api/v1/drills/"),
    ("get", "/api/v1/drills/{drill_id}/"),
    ("post", "/api/v1/drills/{drill_id}/close/"),
    ("post", "/api/v1/drills/{drill_id}/finish/"),
    ("post", "/api/v1/drills/{drill_id}/hide/"),
    ("get", "/api/v1/drills/{drill_id}/review/"),
    ("post", "/api/v1/attempts/{attempt_id}/practice/"),
    ("post", "/api/v1/auth/token/"),
    ("get", "/api/v1/auth/tokens/"),
    ("delete", "/api/v1/auth/tokens/{token_id}/"),
}


@pytest.fixture
def _shared_connection(attempt: RunningAttempt) -> Iterator[None]:
    """Keep the connection of the test open over requests, as Django's own test client does.

    After `attempt`, because that client connects the receivers again.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def exam_and_deck(form: factories.Form) -> tuple[factories.Form, Deck]:
    """Another exam than the one that runs, and cards."""
    certification = form.form.certification
    make_check(form)
    return snapshot.more(
        "second exam and deck",
        lambda: (factories.make_form(certification, number=2), make_deck(certification)),
    )


@cache
def schema() -> OpenApiSchema:
    """The schema as the site gives it."""
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", application)


class Aim:
    """Points three of four generated requests at what exists; the others ask for anything."""

    def __init__(self, attempt: RunningAttempt, anna: User, drill_id: UUID, deck: Deck) -> None:
        self.turn = count()
        self.ids: dict[str, Any] = {
            "attempt_id": str(attempt.id),
            "drill_id": str(drill_id),
            "number": 2,
            "certification": "mls-c01",
            "lease": attempt.lease,
            "form": attempt.form.form.pk,
            "code": "mls-c01",
            "card_id": deck.first.pk,
            "review_id": rate(anna, deck.first).review_id,
        }

    def at(self, case: Any) -> None:
        if next(self.turn) % 4 == 0:
            return
        for name in case.path_parameters or {}:
            case.path_parameters[name] = self.ids.get(name, case.path_parameters[name])
        if isinstance(case.body, dict) and case.meta.generation.mode == GenerationMode.POSITIVE:
            for name, kind in (("lease", str), ("form", int), ("certification", str)):
                if isinstance(case.body.get(name), kind):
                    case.body[name] = self.ids[name]


def checks_for(case: Any) -> list[Any]:
    """Return the checks of a case: a wrong body must be refused; an unknown query parameter is ignored."""
    body = case.meta.components.get(ParameterLocation.BODY)
    return BODY_CHECKS if body and body.mode == GenerationMode.NEGATIVE else CHECKS


@pytest.mark.usefixtures("_shared_connection")
@pytest.mark.parametrize(("method", "path"), sorted(DOCUMENTED))
def test_generated_requests_are_answered_as_documented(
    method: str, path: str, attempt: RunningAttempt, anna: User, exam_and_deck: tuple[factories.Form, Deck]
) -> None:
    exam, deck = exam_and_deck
    aim = Aim(attempt, anna, drill_of(anna, exam), deck)
    token = tokens.issue(anna)
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

    @given(st.one_of(*(schema()[path][method.upper()].as_strategy(generation_mode=mode) for mode in modes)))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any) -> None:
        aim.at(case)
        case.call_and_validate(headers={"Authorization": f"Token {token}"}, checks=checks_for(case))

    run()


def test_every_call_is_in_the_schema(client: Client) -> None:
    paths = client.get("/api/v1/schema/").json()["paths"]
    found = {(method, path) for path, methods in paths.items() for method in methods}
    assert found == DOCUMENTED


def test_every_call_is_summed_up_in_one_line(client: Client) -> None:
    paths = client.get("/api/v1/schema/").json()["paths"]
    summaries = [call["summary"] for methods in paths.values() for call in methods.values()]
    assert len(summaries) == len(DOCUMENTED)
    assert [summary for summary in summaries if not summary or "\n" in summary or summary[-1] == "."] == []


def test_the_schema_says_that_unknown_fields_are_refused(client: Client) -> None:
    schema = client.get("/api/v1/schema/").json()
    bodies = {
        (method, path): operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }
    assert len(bodies) > 20
    schemas = schema["components"]["schemas"]
    names = {name.rpartition("/")[2] for name in bodies.values()}
    assert [name for name in names if schemas[name].get("additionalProperties", True)] == []


def test_a_process_makes_the_schema_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/api/v1/schema/")
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)  # whoever made it anew would fail
    again = client.get("/api/v1/schema/", headers={"Authorization": "Token none"})
    assert (first.status_code, first.content) == (200, again.content)


def test_every_refusal_in_the_schema_is_a_problem(client: Client) -> None:
    content = client.get("/api/v1/schema/").json()
    for path, methods in content["paths"].items():
        for method, operation in methods.items():
            for status, reply in operation["responses"].items():
                if int(status) >= 400:
                    assert list(reply["content"]) == ["application/problem+json"], (method, path, status)
    assert {"type", "title", "status", "detail", "code"} <= set(
        content["components"]["schemas"]["Problem"]["properties"]
    )


def test_the_schema_names_no_secret_field_outside_of_the_review(client: Client) -> None:
    schemas = client.get("/api/v1/schema/").json()["components"]["schemas"]
    secret = {"is_key", "is_scored", "difficulty", "rationale", "why", "principle", "tip", "correct"}
    holders = {name for name, one in schemas.items() if secret & set(one.get("properties", {}))}
    of_a_result = {"Result", "DomainResult", "Novelty", "Confidence", "ToldQuestion"}
    # A drill may be asked for by difficulty.
    assert holders == {
        *("ReviewItem", "TaughtItem", "ReviewOption", "Changed", "ChangedOption", "DrawRequest"),
        *of_a_result,
    }


def test_options_and_references_are_described_field_by_field(client: Client) -> None:
    schemas = client.get("/api/v1/schema/").json()["components"]["schemas"]
    for owner, field, fields in (
        ("Item", "options", {"id", "text"}),
        ("ReviewItem", "references", {"title", "url"}),
    ):
        items = schemas[owner]["properties"][field]["items"]
        assert set(schemas[items["$ref"].rpartition("/")[2]]["properties"]) == fields


@pytest.mark.parametrize("version", ["%0d%0aX", "2", "x" * 5000])
def test_a_version_in_the_address_of_the_schema_changes_nothing(client: Client, version: str) -> None:
    reply = client.get(f"/api/v1/schema/?version={version}")
    assert (reply.status_code, reply.json()["info"]["version"]) == (200, "1")
