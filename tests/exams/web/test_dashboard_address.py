"""Where signing in, and the old address of the dashboard, lead."""

import datetime as dt

import pytest
from django.test import Client

from accounts.access import entitlements
from accounts.base import hooks
from accounts.users.models import User
from exams.attempts.models import Feedback
from exams.catalog.models import Certification
from tests import factories
from tests.exams.attempts.helpers import age
from tests.exams.attempts.practice import draw
from tests.exams.web.test_home import ALL, PAGE, scored
from tests.exams.web.test_pages import signed_in
from tests.factories import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(form: Form) -> Form:
    """The usual exam, of a certification that can be taken."""
    Certification.objects.update(retired_on=None)
    return form


def test_signing_in_leads_to_the_course_used_last_by_exam_drill_or_card(anna: User, form: Form) -> None:
    client = signed_in(anna)
    assert client.get("/dashboard/").headers["Location"] == PAGE
    other = factories.make_form(factories.make_certification("xyz-1"))
    scored(anna, other, right=ALL)
    assert client.get("/dashboard/").headers["Location"] == "/xyz-1/"
    scored(anna, form, right=ALL)
    age(draw(anna, other, feedback=Feedback.AT_ONCE).attempt_id, -3600)
    assert client.get("/hu/dashboard/").headers["Location"] == "/hu/xyz-1/"
    hooks.register("last_repetition", lambda user: ("mls-c01", entitlements.now() + dt.timedelta(hours=2)))
    assert client.get("/dashboard/").headers["Location"] == PAGE


def test_who_has_begun_nothing_is_led_to_an_exam_that_can_be_taken(anna: User, form: Form) -> None:
    retired = factories.make_certification("abc-1")
    factories.make_form(retired)
    assert signed_in(anna).get("/dashboard/").headers["Location"] == PAGE


def test_without_a_certification_signing_in_leads_to_the_first_page(anna: User) -> None:
    assert signed_in(anna).get("/dashboard/").headers["Location"] == "/"


def test_the_address_of_the_dashboard_leads_on_for_good(client: Client, form: Form) -> None:
    reply = client.get("/hu/mls-c01/dashboard/")
    assert (reply.status_code, reply.headers["Location"]) == (301, "/hu/mls-c01/")
