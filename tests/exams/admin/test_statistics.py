"""Statistics in the admin: the page of an edition, the section of an item, filters, decisions, and rights."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.audit.models import AuditEntry
from accounts.jobs.models import Job
from exams.admin.statistics import section_of
from exams.statistics import jobs, services
from exams.statistics.models import ItemDecision, ItemStatistics
from tests import factories
from tests.exams.corrections.helpers import rule
from tests.exams.feedback.helpers import browser
from tests.exams.freshness.test_checks import check
from tests.exams.statistics import crowds
from tests.exams.web.test_pages import text_of
from tests.factories import Form

pytestmark = pytest.mark.django_db

FLAWED, ON_TRIAL = 2, 8
DECISION = {"kind": "retire", "reason": "the best candidates miss it"}
NOT_ENOUGH = "Not enough data"


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def author(db: None) -> Client:
    return browser(factories.make_staff("authors"))


@pytest.fixture
def reviewer(db: None) -> Client:
    return browser(factories.make_staff("reviewers"))


@pytest.fixture
def measured(form: Form) -> Form:
    """A form over sixty attempts; at position 2 the better candidates choose a wrong option."""
    crowds.crowd(form, 60, flaw=FLAWED)
    services.compute(form.edition.pk)
    return form


def page_of(form: Form, **query: str) -> str:
    path = reverse("admin:exams_formedition_statistics", args=[form.edition.pk])
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def version_at(form: Form, position: int) -> Any:
    return form.edition.items.get(position=position).version


def item_page(form: Form, position: int) -> str:
    return reverse("admin:exams_item_change", args=[version_at(form, position).item_id])


def decide_page(form: Form, position: int) -> str:
    return reverse("admin:exams_itemversion_decide", args=[version_at(form, position).pk])


def codes(html: str) -> list[str]:
    """Return the codes of questions in the table of items, in order."""
    table = html.split('id="items"')[1].split("</table>")[0]
    return re.findall(r">(E1-Q\d\d), version 1</a>", table)


def test_before_the_night_the_pages_say_when_statistics_are_counted(author: Client, form: Form) -> None:
    crowds.crowd(form, 2)
    for path in (page_of(form), item_page(form, 1)):
        text = text_of(author.get(path))
        assert "They are counted every night, from the exams handed in." in text, path
        assert "Nobody" not in text.split("No statistics yet.")[1][:200]


def test_a_question_whose_key_is_in_doubt_waits_for_authors_until_it_is_checked_or_ruled_on(
    author: Client, reviewer: Client, form: Form
) -> None:
    crowds.crowd(form, 40, flaw=FLAWED)
    services.compute(form.edition.pk)
    version = version_at(form, FLAWED)
    code, queue = version.item.code, reverse("admin:exams_itemcheck_queue")
    rule_page = reverse("admin:exams_keyruling_rule", args=[version.pk])

    def waiting(client: Client = author) -> str:
        page = client.get("/admin/").content.decode().split("Flagged by statistics")[1].split("</li>")[0]
        shown = client.get(f"{queue}?reason=flagged")
        assert f"<strong>{shown.context['found'].total}</strong>" in page
        assert f"{queue}?reason=flagged" in client.get("/admin/").content.decode()
        return str(shown.content.decode())

    assert "1 question waits" in waiting()
    assert "flagged by statistics, counted today: Key not best for the top quarter" in waiting()
    assert f"MLS-C01 {code}" in waiting()
    assert (rule_page in waiting(reviewer), rule_page in waiting(author)) == (True, False)
    for client, offered in ((reviewer, True), (author, False)):
        statistics = client.get(item_page(form, FLAWED)).content.decode().split('class="flagged"')[-1]
        assert (rule_page in statistics.split("</dd>")[0]) == offered

    check(code)
    assert "0 questions wait" in waiting()
    ItemStatistics.objects.update(computed_at=Now() + timedelta(days=31))
    assert "1 question waits" in waiting()
    rule(form, FLAWED, "credit")
    assert "0 questions wait" in waiting()


def test_below_thirty_attempts_every_figure_says_that_there_is_not_enough_data(
    author: Client, form: Form
) -> None:
    crowds.crowd(form, 29)
    services.compute(form.edition.pk)
    text = text_of(author.get(page_of(form)))
    assert "Figures are shown from 30 attempts up; there are 29" in text
    # Seven figures of the form, five of each of eight items, three and a reason of the one on trial.
    assert text.count(NOT_ENOUGH) == 1 + 7 + 8 * 5 + 3
    assert "%" not in text.split("What is counted")[0]
    item = text_of(author.get(item_page(form, 1)))
    assert "Figures are shown from 30 attempts up; there are 29" in item
    assert "By quarter" not in item


def test_from_thirty_attempts_up_the_page_has_figures_histogram_items_and_flags(
    author: Client, measured: Form
) -> None:
    html = author.get(page_of(measured)).content.decode()
    text = text_of(author.get(page_of(measured)))
    assert NOT_ENOUGH not in text
    assert "Attempts counted 60" in text
    for name in (
        "Mean score",
        "Reliability (alpha)",
        "Standard error of measurement",
        "Decision consistency",
    ):
        assert name in text
    assert html.count('<rect class="bar"') == 18
    assert "The top quarter picks this more often than the key: A" in text
    assert "Better candidates answer it correctly less often" in text
    assert "doesn't count" in html
    assert codes(html) == [f"E1-Q0{number}" for number in range(1, 9)]


@pytest.mark.parametrize("name", ["facility", "correlation", "discrimination", "seconds", "flags"])
def test_items_are_sorted_both_ways(author: Client, measured: Form, name: str) -> None:
    up, down = (author.get(page_of(measured, sort=sort)).content.decode() for sort in (name, f"-{name}"))
    assert 'aria-sort="ascending"' in up
    assert 'aria-sort="descending"' in down
    assert sorted(codes(up)) == sorted(codes(down)) == [f"E1-Q0{number}" for number in range(1, 9)]
    if name in {"correlation", "discrimination"}:
        assert codes(up)[0] == codes(down)[-1] == f"E1-Q0{FLAWED}"
    if name == "flags":
        assert codes(down)[0] == f"E1-Q0{FLAWED}"


def test_an_unknown_order_is_that_of_the_exam(author: Client, measured: Form) -> None:
    html = author.get(page_of(measured, sort="-nonsense")).content.decode()
    assert codes(html) == [f"E1-Q0{number}" for number in range(1, 9)]


def test_whoever_asks_starts_one_job_and_is_told_while_it_waits(reviewer: Client, measured: Form) -> None:
    assert "Compute now" in text_of(reviewer.get(page_of(measured)))
    reply = reviewer.post(page_of(measured))
    assert (reply.status_code, reply.headers["Location"]) == (302, page_of(measured))
    [job] = Job.objects.all()
    assert (job.kind, job.parameters) == (jobs.KIND, {"edition": measured.edition.pk})
    text = text_of(reviewer.get(page_of(measured)))
    assert "The statistics are being computed" in text
    assert "Compute now" not in text
    reviewer.post(page_of(measured))
    assert "These statistics are already being computed" in text_of(reviewer.get(page_of(measured)))
    assert Job.objects.count() == 1


@pytest.mark.parametrize("role", ["support", "finance"])
def test_other_staff_see_no_statistics(measured: Form, role: str) -> None:
    client = browser(factories.make_staff(role))
    for path in (page_of(measured), item_page(measured, 1), decide_page(measured, ON_TRIAL)):
        assert client.get(path).status_code == 403, path
        assert client.post(path, DECISION).status_code == 403, path
    assert not Job.objects.exists()
    assert not ItemDecision.objects.exists()


def test_an_edition_that_is_not_there_is_not_found(author: Client, form: Form) -> None:
    path = reverse("admin:exams_formedition_statistics", args=[form.edition.pk + 1000])
    assert author.get(path).status_code == 404
    assert author.post(path).status_code == 404


def test_the_page_of_an_edition_leads_to_its_statistics(author: Client, form: Form) -> None:
    html = author.get(reverse("admin:exams_formedition_change", args=[form.edition.pk])).content.decode()
    assert page_of(form) in html


def test_the_page_of_an_item_shows_choices_by_quarter_with_the_key_marked(
    author: Client, measured: Form
) -> None:
    html = author.get(item_page(measured, FLAWED)).content.decode()
    assert html.count('class="plot quarters') == 4
    assert html.count('class="plot quarters key"') == 1
    assert html.count('<rect class="bar"') == 16
    text = text_of(author.get(item_page(measured, FLAWED)))
    for option in version_at(measured, FLAWED).options.all():
        letter, words = option.letter, option.texts.get(item_text__language="en").text
        assert re.search(rf"\b{letter}( key)? {words}", text)
    assert "expected medium" in text
    assert "The top quarter picks this more often than the key: A" in text


def test_the_filters_find_items_by_their_figures(author: Client, measured: Form) -> None:
    path = reverse("admin:exams_item_changelist")

    def codes_listed(**query: str) -> set[str]:
        html = author.get(path, query).content.decode()
        return set(re.findall(r"E1-Q\d\d", html))

    everything = {f"E1-Q0{number}" for number in range(1, 9)}
    flawed = {f"E1-Q0{FLAWED}"}
    assert codes_listed(flag="negative") == codes_listed(discrimination="negative") == flawed
    assert flawed <= codes_listed(flag="any")
    assert codes_listed(flag="any") | codes_listed(flag="none") == everything
    assert codes_listed(flag="any") & codes_listed(flag="none") == set()
    levels = [codes_listed(facility=level) for level in ("easy", "medium", "hard")]
    assert set().union(*levels) == everything
    assert sum(len(level) for level in levels) == len(everything)
    assert flawed <= levels[2]
    kinds = [codes_listed(discrimination=kind) for kind in ("good", "fair", "poor", "negative")]
    assert set().union(*kinds) == everything
    assert codes_listed(facility="unknown") == set()


def test_what_nobody_was_asked_is_found_as_unknown(author: Client, form: Form) -> None:
    html = author.get(reverse("admin:exams_item_changelist"), {"flag": "unknown"}).content.decode()
    assert len(set(re.findall(r"E1-Q\d\d", html))) == 8


def test_an_author_decides_about_an_item_that_does_not_count(author: Client, measured: Form) -> None:
    page = text_of(author.get(page_of(measured)))
    assert "Questions that don't count" in page
    assert decide_page(measured, ON_TRIAL) in author.get(page_of(measured)).content.decode()
    assert "Proposal" in text_of(author.get(decide_page(measured, ON_TRIAL)))
    assert author.post(decide_page(measured, ON_TRIAL), DECISION).status_code == 302
    row = ItemDecision.objects.get()
    assert (row.kind, row.reason) == ("retire", "the best candidates miss it")
    assert AuditEntry.objects.get().action == "decide"
    for path in (page_of(measured), item_page(measured, ON_TRIAL)):
        text = text_of(author.get(path))
        assert "Retire: take it out" in text
        assert "the best candidates miss it" in text
        assert "authors@example.org" in text
    version = reverse("admin:exams_itemversion_change", args=[version_at(measured, ON_TRIAL).pk])
    assert "the best candidates miss it" in text_of(author.get(version))


@pytest.mark.parametrize("wrong", [{"kind": "delete"}, {"kind": ""}, {"reason": "no"}])
def test_a_decision_without_kind_or_reason_stores_nothing(
    author: Client, measured: Form, wrong: dict[str, str]
) -> None:
    assert author.post(decide_page(measured, ON_TRIAL), {**DECISION, **wrong}).status_code == 422
    assert not ItemDecision.objects.exists()


def test_a_reviewer_sees_proposals_and_decides_nothing(reviewer: Client, measured: Form) -> None:
    html = reviewer.get(page_of(measured)).content.decode()
    assert "Questions that don" in html
    assert decide_page(measured, ON_TRIAL) not in html
    assert reviewer.get(decide_page(measured, ON_TRIAL)).status_code == 403
    assert reviewer.post(decide_page(measured, ON_TRIAL), DECISION).status_code == 403
    assert not ItemDecision.objects.exists()


def test_about_an_item_that_counts_nothing_is_offered_and_nothing_decided(
    author: Client, measured: Form
) -> None:
    version = reverse("admin:exams_itemversion_change", args=[version_at(measured, 1).pk])
    assert "/decide/" not in author.get(version).content.decode()
    author.post(decide_page(measured, 1), DECISION)
    assert not ItemDecision.objects.exists()
    assert "already counts in every exam" in text_of(author.get(version))


def test_what_is_said_of_a_question_exists_in_hungarian(measured: Form) -> None:
    item = version_at(measured, FLAWED).item
    with translation.override("hu"):
        text = section_of(item)
    assert "Elkülönítés" in text
    assert "A jobb vizsgázók ritkábban oldják meg" in text
    assert "Discrimination" not in text
