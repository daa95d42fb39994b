"""The page that says how a score is calculated."""

import json
import re

import pytest
from django.test import Client
from django.utils.formats import number_format
from django.utils.translation import override

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.catalog.models import Certification
from exams.presentation import example, prediction_table
from exams.scoring.rules import Scale
from tests import factories
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    """Return the main part of a page, its spaces made one."""
    page = client.get(path).content.decode()
    return " ".join(page.partition("<main")[2].partition("</main>")[0].split())


def example_for(domains: dict[int, tuple[int, int]], scale: Scale) -> example.Example:
    """Work out the example of domains: weight and scored questions by number."""
    return example.of([example.DomainPlan(number, *facts) for number, facts in domains.items()], scale)


@pytest.mark.parametrize(
    ("language", "path"), [("en", "/how-scoring-works/"), ("hu", "/hu/how-scoring-works/")]
)
def test_the_example_is_that_of_the_scoring_code(client: Client, language: str, path: str) -> None:
    factories.make_certification()
    wanted = example_for({1: (20, 10), 2: (24, 12), 3: (36, 18), 4: (20, 10)}, Scale(100, 1000, 750))
    text = text_of(client, path)
    with override(language):
        share = number_format(float(wanted.outcome.share), 4)
    assert f"{share} = {wanted.outcome.scaled}</strong>" in text
    assert str(wanted.error_band.low) in text
    assert str(wanted.error_band.high) in text
    for domain in wanted.outcome.domains:
        words = f"{domain.correct} of {domain.scored} correct"
        assert (words if language == "en" else f"{domain.correct} / {domain.scored} helyes") in text


def test_another_certification_has_other_figures(client: Client) -> None:
    factories.make_certification("abc-1")
    Certification.objects.update(scale_min=0, scale_max=500, pass_mark=300, items_scored=25, vendor="Another")
    wanted = example_for({1: (20, 5), 2: (24, 6), 3: (36, 9), 4: (20, 5)}, Scale(0, 500, 300))
    text = text_of(client, "/how-scoring-works/")
    assert f"= {wanted.outcome.scaled}</strong>" in text
    assert f"you need {wanted.least_passing} of 25 correct answers" in text
    assert "300 on the scale from 0 to 500 is a weighted share of 60.0%" in text
    assert "Another doesn't publish" in text
    assert "750" not in text
    assert 'href="/abc-1/pass-mark.css"' in client.get("/how-scoring-works/").content.decode()


def test_without_a_certification_the_rules_are_there_and_no_example(client: Client) -> None:
    text = text_of(client, "/how-scoring-works/")
    assert "Which questions count" in text
    assert "example" not in text
    assert "Vendors don't publish" in text


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_pages_about_a_certification_name_its_vendor_in_the_foot(client: Client, prefix: str) -> None:
    factories.make_certification()
    for path in (f"{prefix}/mls-c01/", f"{prefix}/how-scoring-works/"):
        foot = client.get(path).content.decode().partition('<footer class="colophon">')[2]
        assert "Amazon Web Services" in foot, path


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_the_page_before_an_exam_leads_to_it(client: Client, form: factories.Form, prefix: str) -> None:
    assert f'<a href="{prefix}/how-scoring-works/">' in text_of(client, f"{prefix}/mls-c01/exams/1/")


def test_reading_the_pages_of_a_certification_sets_no_cookie(client: Client, form: factories.Form) -> None:
    for path in ("/", "/mls-c01/", "/mls-c01/pass-mark.css", "/mls-c01/exams/1/", "/how-scoring-works/"):
        reply = client.get(path)
        assert (reply.status_code, dict(reply.cookies)) == (200, {}), path


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_a_result_leads_to_it(client: Client, anna: User, form: factories.Form, prefix: str) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    client.force_login(anna)
    assert f'<a href="{prefix}/how-scoring-works/">' in text_of(
        client, f"{prefix}/attempts/{attempt_id}/result/"
    )


@pytest.mark.parametrize(
    ("address", "heading", "mark"),
    [("/how-scoring-works/", "Does it come true?", "."), ("/hu/how-scoring-works/", "Beválik?", ",")],
)
def test_the_page_shows_how_well_the_chance_came_true(
    client: Client, address: str, heading: str, mark: str
) -> None:
    stored = json.loads(prediction_table.FILE.read_text(encoding="utf-8"))["rows"]
    page = squeezed(client.get(address))
    assert heading in page
    assert 'id="chance"' in page
    shown = re.findall(r"<td><strong>([\d.,]+)</strong></td><td>([\d.,]+)</td><td>([\d.,]+)</td>", page)
    assert len(shown) == 18
    percents = re.findall(r"<td>(\d+)%</td>", page)
    assert percents == [str(round(row[name] * 100)) for row in stored for name in ("passed", "coverage")]
    for texts, row in zip(shown, stored, strict=True):
        assert all(mark in text for text in texts)
        figures = [float(text.replace(mark, ".")) for text in texts]
        # Halves may go either way: the page rounds them up, and the file has four places.
        assert figures == pytest.approx([row["error"], row["brier"], row["base_brier"]], abs=0.00051)
