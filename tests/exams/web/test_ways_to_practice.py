"""What leads to a drill of a domain or a task statement: cheat sheet and result. Links start nothing."""

import re

import pytest
from django.test import Client

from accounts.users.models import User
from exams.attempts.models import Attempt, Mode
from exams.cheatsheet import selectors
from tests.exams.attempts.practice import finish_exam
from tests.exams.cheatsheet.published import publish
from tests.exams.web.test_pages import signed_in
from tests.factories import Form

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
    assert f'<a class="button" href="{PRACTICE}?domain=3#new">Practice domain 3</a>' in page


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
    assert re.findall(rf'href="{PRACTICE}\?domain=(\d)#new"', page) == ["1", "2", "3"]  # of 4 none is scored


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("task=3.1", '<option value="3.1" selected>'),
        ("domain=2", '<option value="2" selected>'),
        ("pool=missed", '<option value="missed" selected>'),
        ("difficulty=hard", '<option value="hard" selected>'),
    ],
)
def test_the_practice_page_has_chosen_what_its_link_asks_for_and_starts_nothing(
    anna: User, form: Form, asked: str, chosen: str
) -> None:
    finish_exam(anna, form)
    page = html_of(signed_in(anna), f"{PRACTICE}?{asked}")
    assert chosen in page
    field = re.search(r'<input[^>]* name="number"[^>]*>', page)
    assert field
    stated = set(field[0].strip("<>").split())
    assert {'type="number"', 'value="10"', 'min="5"', 'max="65"', "required", 'id="number"'} <= stated
    assert not Attempt.objects.filter(mode=Mode.DRILL).exists()


@pytest.mark.parametrize(
    "asked", ["task=%27%3Cb%3E", "domain=9", "domain=x", "pool=", "minutes=90&number=65"]
)
def test_what_the_lists_do_not_have_chooses_nothing(anna: User, form: Form, asked: str) -> None:
    page = html_of(signed_in(anna), f"{PRACTICE}?{asked}")
    assert "<b>" not in page.split("<main")[1].split("</main>")[0]
    form_part = page.split('aria-labelledby="new"')[1].split("</form>")[0]
    assert not re.search(r'<option value="[^"]+" selected', form_part)
    assert 'value="10"' in form_part


def test_who_is_not_signed_in_comes_to_what_the_link_asked_for_afterward(client: Client, form: Form) -> None:
    reply = client.get(f"{PRACTICE}?task=3.1")
    assert reply.status_code == 302
    assert reply["Location"].endswith("?next=/mls-c01/practice/%3Ftask%3D3.1")
