"""An exam that has fewer questions than the real one says so, before it is started and before it is paid."""

import pytest
from django.test import Client

from exams.catalog.models import Certification
from tests import factories
from tests.accounts import selling
from tests.factories import Form

pytestmark = pytest.mark.django_db


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_a_shorter_exam_says_how_many_questions_it_has(client: Client, form: Form) -> None:
    landing = client.get("/mls-c01/").content.decode()
    assert "8 questions, 7 scored" in landing
    assert "Each one is a full exam" not in landing
    assert "The real exam has 65 questions" in landing
    start = client.get("/mls-c01/exams/1/").content.decode()
    assert "8 questions in 180 minutes; the real exam has 65 in the same time." in start
    Certification.objects.update(items_total=8, items_scored=7)
    assert "Each one is a full exam: 8 questions" in client.get("/mls-c01/").content.decode()
    assert "the real exam has" not in client.get("/mls-c01/exams/1/").content.decode()


def test_a_buyer_reads_which_exams_are_shorter_than_the_real_one(client: Client, form: Form) -> None:
    Certification.objects.update(items_total=8, items_scored=7)
    selling.sell_all()
    with selling.gateway():
        assert "the real exam has" not in page(client, "/pricing/")
        factories.republished(form, number=2, without=(5,))
        assert "MLS-C01 practice exam 2 has 7 questions; the real exam has 8." in page(client, "/pricing/")
        factories.republished(form, without=(5,))
        assert "MLS-C01 practice exams 1, 2 have 7 questions; the real exam has 8." in page(
            client, "/pricing/"
        )
        said = "MLS-C01, 1, 2. gyakorló teszt: egyenként 7 kérdés (az igazi vizsgán 8)."
        assert said in page(client, "/hu/pricing/")
