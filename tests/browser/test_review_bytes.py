"""How much the pages after an exam weigh, with every exam of the real bank: the house holds it already."""

import random
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.assembly import papers, selectors
from exams.assembly.selectors import FormFacts
from exams.attempts import answers, leases, lifecycle
from exams.attempts.answers import Change
from tests import factories
from tests.browser.house import House
from tests.exams.web.test_pages import signed_in
from tests.template import connected_to

pytestmark = pytest.mark.browser

KB = 1024
BUDGETS = {"result": 15 * KB, "review": 15 * KB}
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def reader(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """Somebody in the database of the house."""
    with django_db_blocker.unblock(), connected_to(house.database):
        yield factories.make_user("weigher@example.org")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def sat(user: User, form: FormFacts) -> UUID:
    """Answer every question at random and submit."""
    begun = lifecycle.start(user=user, form_id=form.id, language="en", holder="session:test")
    chance = random.Random(form.number)
    changes = [
        Change(
            item.position,
            item.position,
            tuple(chance.sample([option for option, _ in item.options], item.choose)),
            flagged=chance.random() < 0.2,
        )
        for item in papers.compiled(papers.newest(form.edition_id)["en"]).items
    ]
    lease = leases.read(begun.lease or "")
    assert lease
    answers.save(lease, changes)
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    return begun.attempt_id


def test_result_and_review_of_every_real_exam_stay_within_their_budgets(reader: User) -> None:
    client, weights = signed_in(reader), {}
    forms = selectors.forms("mls-c01")
    assert [form.items for form in forms] == [65] * 6
    for form in forms:
        attempt_id = sat(reader, form)
        for name in BUDGETS:
            for language in ("en", "hu"):
                with translation.override(language):
                    address = reverse(f"exams:{name}", args=[attempt_id])
                reply = client.get(address, headers=GZIP)
                assert reply["Content-Encoding"] == "gzip"
                weights[name, form.number, language] = len(reply.content)
    over = {where: size for where, size in weights.items() if size > BUDGETS[where[0]]}
    assert not over, weights
