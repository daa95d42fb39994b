"""Where a certification stands, and which of its facts are planned, on every page that names it."""

import datetime as dt

import pytest
from django.test import Client

from accounts.access.models import Kind
from accounts.users.models import User
from exams.catalog.models import Certification, CertificationText
from tests import factories
from tests.accounts import selling
from tests.exams.web.test_pages import signed_in
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db
BETA = {
    "": "Beta since September 29, 2026; planned to go live on January 14, 2040",
    "/hu": "2026. szeptember 29. óta béta; várható éles indulás: 2040. január 14.",
}


def page(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return squeezed(reply)


@pytest.fixture
def coming(form: Form) -> Form:
    """An exam of a certification that is a beta, with planned facts, beside one that was retired."""
    certification = factories.make_certification("mla-c02")
    factories.plan(certification)
    return factories.make_form(certification)


@pytest.mark.parametrize("language", ["", "/hu"])
@pytest.mark.parametrize("path", ["/", "/mla-c02/", "/mla-c02/exams/1/", "/pricing/"])
def test_the_state_is_told_with_its_day(client: Client, coming: Form, language: str, path: str) -> None:
    selling.sell("mla-c02", code="cert:mla-c02")
    assert BETA[language] in page(client, f"{language}{path}")


def test_the_dashboard_tells_it_where_the_date_of_the_exam_is_set(anna: User, coming: Form) -> None:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert f"MLA-C02: {BETA['']}." in page(client, "/mla-c02/")
    assert "Beta since" not in page(client, "/mls-c01/")


def test_planned_facts_are_marked_beside_their_figures_and_others_are_not(
    client: Client, coming: Form
) -> None:
    shown = page(client, "/mla-c02/")
    assert "180 min<small>(planned)</small>" in shown
    assert "180 minutes<small>(planned)</small>" in shown
    assert "300 USD<small>(planned)</small>" in shown
    assert " minutes</span><small>(planned)</small>" in shown
    assert shown.count("(planned)") == 4
    assert page(client, "/hu/mla-c02/").count("(tervezett)") == 4
    assert "(planned)" not in page(client, "/mls-c01/")


def test_the_page_before_an_exam_says_what_of_the_real_one_is_planned(client: Client, coming: Form) -> None:
    shown = page(client, "/mla-c02/exams/1/")
    assert "180 min<small>(planned)</small>" in shown
    assert "not confirmed by Amazon Web Services yet: 180 minutes." in shown
    assert "exam fee" not in shown
    assert "(planned)" not in page(client, "/mls-c01/exams/1/")


def test_until_it_is_live_landing_and_prices_say_how_it_can_be_taken(client: Client, coming: Form) -> None:
    CertificationText.objects.update(delivery="Until then only as a beta of 85 questions.")
    selling.sell("mla-c02", code="cert:mla-c02")
    for path in ("/mla-c02/", "/pricing/"):
        head = page(client, path).partition("Take exam 1")[0]
        assert "Until then only as a beta of 85 questions." in head, path
    Certification.objects.filter(code="mla-c02").update(live_on=dt.date(2026, 10, 1), planned_facts=[])
    assert page(client, "/mla-c02/").count("Until then only as a beta") == 1  # with the other facts
    assert "Until then only as a beta" not in page(client, "/pricing/")


def test_the_sample_of_a_result_is_on_the_scale_of_the_first_certification(
    client: Client, coming: Form
) -> None:
    Certification.objects.filter(code="mla-c02").update(pass_mark=720)
    shown = page(client, "/")
    assert "720" in shown
    assert "750" not in shown
    Certification.objects.filter(code="mla-c02").update(pass_mark=750)
    shown = page(client, "/")
    assert "784" in shown


def test_of_a_retired_one_notice_and_successor_stand_before_what_is_bought(
    client: Client, coming: Form
) -> None:
    Certification.objects.filter(code="mls-c01").update(successor_code="MLA-C02")
    selling.sell()
    shown = page(client, "/mls-c01/")
    found = places(shown, "The last exam day was", 'href="/mla-c02/"', 'id="unlock"')
    assert found == sorted(found)


def test_once_it_is_live_nothing_is_planned_anymore(client: Client, coming: Form) -> None:
    Certification.objects.filter(code="mla-c02").update(live_on=dt.date(2026, 10, 1), planned_facts=[])
    shown = page(client, "/mla-c02/")
    assert "Live since October 1, 2026" in shown
    assert "(planned)" not in shown
    assert "Beta" not in shown


def places(shown: str, *marks: str) -> list[int]:
    found = [shown.find(mark) for mark in marks]
    assert -1 not in found, shown
    return found


def test_what_is_coming_stands_before_what_was_retired_whatever_its_code(
    client: Client, coming: Form
) -> None:
    Certification.objects.filter(code="mla-c02").update(code="zzz-c02")
    for path in ("/", "/hu/"):
        first, last = places(page(client, path), f'href="{path}zzz-c02/"', f'href="{path}mls-c01/"')
        assert first < last
    codes = [one["code"] for one in client.get("/api/v1/certifications/").json()]
    assert codes == ["zzz-c02", "mls-c01"]


def test_a_product_of_a_retired_exam_stands_below_the_others_and_says_so(
    client: Client, coming: Form
) -> None:
    selling.sell_all()  # its place is the first, as on a site from before
    selling.sell("mla-c02", code="cert:mla-c02")
    with selling.gateway():
        shown = page(client, "/pricing/")
    found = places(shown, 'id="monthly"', 'id="bundle"', 'id="mla-c02"', 'id="mls-c01"')
    assert found == sorted(found)
    assert "Retired on March 31, 2026" in shown[found[-1] :]
    assert "your months start again, once, when you ask for it" in shown


def test_who_has_a_retired_exam_adds_months_to_it(anna: User, coming: Form) -> None:
    selling.sell_all()
    selling.sell("mla-c02", code="cert:mla-c02")
    selling.give(anna)
    with selling.gateway():
        shown = page(signed_in(anna), "/pricing/")
    last = shown[shown.index('id="mls-c01"') :]
    assert "Add 3 months" in last
    assert "Unlock MLS-C01" not in last


def test_the_courses_of_a_person_offer_no_first_exam_of_a_retired_one(anna: User, coming: Form) -> None:
    selling.sell_all()
    selling.give(anna)
    selling.give(anna, code="cert:mla-c02")
    shown = page(signed_in(anna), "/")
    assert "In the archive" in shown
    assert "/mls-c01/exams/1/" not in shown


def test_with_retired_exams_alone_products_keep_their_places_and_nothing_may_move(
    client: Client, form: Form
) -> None:
    selling.sell_all()
    with selling.gateway():
        shown = page(client, "/pricing/")
    found = places(shown, 'id="mls-c01"', 'id="monthly"', 'id="bundle"')
    assert found == sorted(found)
    assert "start again" not in shown


def test_a_product_of_what_is_not_loaded_is_not_shown(client: Client, form: Form) -> None:
    selling.sell("mla-c02", Kind.CERTIFICATION, "cert:mla-c02")
    with selling.gateway():
        assert 'id="mla-c02"' not in page(client, "/pricing/")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (
            "/mls-c01/",
            'Amazon Web Services names<a href="/mla-c02/">MLA-C02: Machine Learning</a>as the successor',
        ),
        ("/hu/mls-c01/", '<a href="/hu/mla-c02/">MLA-C02: Gépi tanulás</a>'),
    ],
)
def test_a_retired_certification_leads_to_its_successor_where_the_site_has_it(
    client: Client, form: Form, path: str, sentence: str
) -> None:
    Certification.objects.update(successor_code="MLA-C02")
    CertificationText.objects.update(successor_note="AWS recommends another exam.")
    assert "AWS recommends another exam." in page(client, path)
    successor = factories.make_certification("mla-c02")
    shown = page(client, path)
    assert sentence in shown
    assert "AWS recommends another exam." not in shown
    Certification.objects.filter(pk=successor.pk).update(is_listed=False)
    assert "AWS recommends another exam." in page(client, path)
