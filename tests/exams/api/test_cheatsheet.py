"""The cheat sheet by API: open to everybody, whole, in the language that is asked for."""

import pytest
from django.test import Client

from tests.exams.cheatsheet import published
from tests.exams.cheatsheet.published import publish, small
from tests.factories import Form

pytestmark = pytest.mark.django_db
PATH = "/api/v1/certifications/mls-c01/cheatsheet/"


def test_anybody_gets_sections_and_blocks_with_html_and_coverage(client: Client, form: Form) -> None:
    head = publish(form.form.certification)
    found = client.get(PATH).json()
    assert (found["code"], found["language"], found["digest"]) == ("mls-c01", "en", head.digest)
    assert [(one["number"], one["title"], len(one["blocks"])) for one in found["sections"]] == [
        (1, "Exam overview", 1),
        (2, "Domain 1", 2),
    ]
    assert found["sections"][1]["blocks"][1] == {
        "number": "2.2",
        "title": "Formats",
        "html": "<ul>\n<li><strong>Parquet:</strong> by column.</li>\n</ul>",
        "covers": ["parquet", "s3"],
    }


def test_the_language_is_that_which_is_asked_for_or_the_original(client: Client, form: Form) -> None:
    publish(form.form.certification)
    assert client.get(f"{PATH}?language=hu").json()["language"] == "en"
    publish(form.form.certification, small("hu", intro=published.HUNGARIAN))
    found = client.get(f"{PATH}?language=hu").json()
    assert found["language"] == "hu"
    assert published.HUNGARIAN in found["sections"][0]["blocks"][0]["html"]


@pytest.mark.parametrize("code", ["mls-c01", "absent"])
def test_where_there_is_no_sheet_the_answer_is_404(client: Client, form: Form, code: str) -> None:
    reply = client.get(PATH.replace("mls-c01", code))
    assert reply.status_code == 404
    assert reply.json()["code"] == "not_found"
    assert reply.json()["detail"] == "Cheat sheet not found."
