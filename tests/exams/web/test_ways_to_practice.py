"""What leads to a drill of a domain or a task statement: cheat sheet and result. Links start nothing."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from exams.attempts.models import Attempt, Mode
from exams.cheatsheet import selectors
from exams.insights.dashboard import Dashboard, Here
from tests.exams.attempts.practice import finish_exam
from tests.exams.cheatsheet.published import publish
from tests.exams.web.test_pages import signed_in
from tests.factories import Form, make_form

pytestmark = pytest.mark.django_db

PAGE = "/mls-c01/cheatsheet/"
PRACTICE = "/mls-c01/practice/"


def html_of(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


def block(page: str, anchor: str) -> str:
    """Return a block of the sheet as HTML."""
    return re.split('class="block flow"|</section>', page.split(f'id="{anchor}"')[1])[0]


def test_a_block_leads_to_the_task_statement_that_most_of_its_questions_belong_to(
    client: Client, form: Form
) -> None:
    publish(form.form.certification)
    page = html_of(client, PAGE)
    link = f'<a href="{PRACTICE}?task=3.1#new">Practice this<span class="vh">: 2.1 Services</span></a>'
    assert link in block(page, "b-2-1")
    assert f'<a class="button" href="{PRACTICE}?domain=3#new">Practice this domain</a>' in page


def test_a_block_without_questions_and_its_section_lead_nowhere(client: Client, form: Form) -> None:
    head = publish(form.form.certification)
    introduction, services = selectors.sections(head.edition_id)
    assert (introduction.domain, introduction.blocks[0].task) == (0, "")
    assert (services.domain, services.blocks[0].task) == (3, "3.1")
    assert "Practice" not in block(html_of(client, PAGE), "b-1-1")


def test_on_a_hungarian_page_the_link_is_hungarian_and_the_name_of_the_block_is_not(
    client: Client, form: Form
) -> None:
    publish(form.form.certification)
    part = block(html_of(client, f"/hu{PAGE}"), "b-2-1")
    assert '<p class="noprint" lang="hu">' in part
    assert 'Gyakorlom<span class="vh" lang="en">: 2.1 Services</span>' in part


def test_the_own_sheet_leads_to_practice_too(anna: User, form: Form) -> None:
    publish(form.form.certification)
    finish_exam(anna, form)
    assert f'href="{PRACTICE}?task=3.1#new"' in html_of(signed_in(anna), f"{PAGE}mine/")


def test_each_domain_of_a_result_leads_to_practice(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    page = html_of(signed_in(anna), f"/attempts/{attempt_id}/result/")
    found = re.findall(rf'href="{PRACTICE}\?domain=(\d)#new"', page)
    assert sorted(found) == ["1", "2", "3"]  # of 4 none is scored


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("task=3.1", {"pool=all", "task=3.1"}),
        ("domain=2", {"pool=all", "domain=2"}),
        ("domain=2&domain=4", {"pool=all", "domain=2", "domain=4"}),
        ("pool=missed", {"pool=missed"}),
        ("difficulty=hard", {"pool=missed", "difficulty=hard"}),
        ("", {"pool=missed"}),
        ("task=%27%3Cb%3E", {"pool=missed"}),
        ("domain=9", {"pool=missed"}),
        ("domain=x", {"pool=missed"}),
        ("pool=", {"pool=missed"}),
    ],
)
def test_the_practice_page_has_chosen_what_its_link_asks_for_and_starts_nothing(
    anna: User, form: Form, asked: str, chosen: set[str]
) -> None:
    finish_exam(anna, form)
    page = html_of(signed_in(anna), f"{PRACTICE}?{asked}")
    found = re.findall(r'name="(\w+)" value="([^"]+)" checked', page.split('id="new"')[1])
    always = {"number=10", "feedback=at_once", "language=en"}
    assert {"=".join(one) for one in found} == chosen | always
    assert not Attempt.objects.filter(mode=Mode.DRILL).exists()


def test_the_domain_with_most_to_gain_is_chosen_as_the_next_step_names_it(anna: User, settings: Any) -> None:
    settings.EXAM_SAVES_BURST = 100
    form = make_form(domains=[1 + n % 4 for n in range(40)], unscored=())
    finish_exam(anna, form, right=[n for n in range(1, 41) if n % 4 != 3])
    browser = signed_in(anna)
    here = Here(dt.UTC, "en")
    known = Dashboard(anna, "mls-c01", here)
    assert known.drill_domain == 3
    address = known.drills[3].address
    for page in (html_of(browser, address), html_of(browser, PRACTICE)):
        assert re.findall(r'name="(pool|domain)" value="([^"]+)" checked', page) == [("pool", "weak-3")]
        chip = page.split('value="weak-3"')[1].split("</label>")[0]
        assert "<b>Most to gain: Domain 3</b>" in chip
        assert re.search(r"Not answered correctly yet. The domain has about \d+ points to gain.", chip)
    # A domain that was chosen before doesn't narrow it: none can be chosen with it.
    browser.post(PRACTICE, {"pool": "weak-3", "domain": "1", "number": "5"})
    drawn = Attempt.objects.get(mode=Mode.DRILL).drawn
    assert drawn
    assert (drawn.asked["pool"], drawn.asked["domain"]) == ("to_learn", 3)
    assert "Most to gain: domain 3" in html_of(browser, PRACTICE).split('id="new"')[0]
    # Also a drill of that domain, which the next step asks for once.
    path = f"/drills/{Attempt.objects.get(mode=Mode.DRILL).pk}/"
    browser.post(f"{path}finish/")
    browser.get(f"{path}result/")
    assert Dashboard(anna, "mls-c01", here).drill_domain is None


def test_what_a_visitor_asked_for_changes_nothing_of_what_is_free(client: Client, form: Form) -> None:
    page = html_of(client, f"{PRACTICE}?task=3.1")
    assert "Locked" in page
    assert 'name="task"' not in page
