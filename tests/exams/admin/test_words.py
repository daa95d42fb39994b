"""What the admin's lists and pages say beside codes and numbers."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from exams.assembly.models import ExamForm, FormEdition, Paper
from exams.attempts import lifecycle
from exams.attempts.models import Score
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_site(client: Client, db: None) -> Client:
    """The admin as somebody with every right sees it."""
    client.force_login(User.objects.create_superuser("root@example.org", factories.PASSWORD))
    return client


def text_of(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def listed(client: Client, model: str, query: str) -> list[Any]:
    reply = client.get(f"/admin/exams/{model}/", {"q": query})
    return list(reply.context["cl"].result_list) if reply.status_code == 200 else []


STEM = "A ferry company forecasts demand"


@pytest.fixture
def item(form: factories.Form) -> Item:
    """An item whose stem, option and reason hold words that no other has."""
    item = Item.objects.get(code="E1-Q02")
    draft = factories.item_draft("E1-Q02", 2)
    text = draft.text
    first, *others = text.options
    options = ((f"{first[0]} with Kinesis", f"{first[1]}, shards"), *others)
    changed = replace(text, stem=f"{STEM} with **gradient** `boosting`. {text.stem}", options=options)
    bank.publish(bank.draft_version(item, replace(draft, text=changed), factories.publish_log()))
    return item


def test_lists_show_the_words_of_a_question(admin_site: Client, item: Item) -> None:
    for model in ("item", "itemversion"):
        page = text_of(admin_site, f"/admin/exams/{model}/")
        assert f"{STEM} with gradient boosting." in page, model
        assert "…" in page
    papers = text_of(admin_site, "/admin/exams/paper/")
    assert "A ferry operator of item E1-Q01 keeps its data." in papers
    assert "Egy komptársaság kérdése (E1-Q01)." in papers


def test_lists_show_where_a_question_stands(admin_site: Client, form: factories.Form) -> None:
    for model in ("item", "itemversion"):
        page = text_of(admin_site, f"/admin/exams/{model}/")
        assert "Exam 1, question 5" in page, model


def test_a_list_shows_each_question_at_its_place_only(admin_site: Client, form: factories.Form) -> None:
    rows = {row.code: row.places for row in listed(admin_site, "item", "E1")}
    assert rows["E1-Q03"] == ["1.3"]
    assert len(rows) == 8


@pytest.mark.parametrize("query", ["Kinesis", "kinesis shards", "gradient kinesis", "E1-Q02"])
def test_a_search_reads_stems_options_and_explanations(admin_site: Client, item: Item, query: str) -> None:
    assert [row.code for row in listed(admin_site, "item", query)] == ["E1-Q02"]
    assert {row.item.code for row in listed(admin_site, "itemversion", query)} == {"E1-Q02"}


def test_a_search_for_words_that_do_not_stand_together_finds_nothing(admin_site: Client, item: Item) -> None:
    assert listed(admin_site, "item", "Kinesis Q05") == []


def test_an_item_leads_to_the_texts_of_its_current_version(admin_site: Client, item: Item) -> None:
    current = ItemVersion.objects.filter(item=item).latest("number")
    page = text_of(admin_site, f"/admin/exams/item/{item.pk}/change/")
    assert f'href="/admin/exams/itemversion/{current.pk}/change/">Version 2, as it is read</a>' in page


def test_rows_and_pages_say_what_they_are_in_words(form: factories.Form) -> None:
    certification = Certification.objects.get()
    names = {
        str(ExamForm.objects.get()): "MLS-C01 Practice Exam 1",
        str(FormEdition.objects.get()): "MLS-C01 Practice Exam 1, edition 1",
        str(Paper.objects.get(language="hu")): "MLS-C01 Practice Exam 1, edition 1, Magyar, revision 1",
        str(ItemVersion.objects.get(item__code="E1-Q01")): "E1-Q01, version 1",
        str(certification.texts.get(language="hu")): "Magyar",
        str(certification.domains.get(number=2)): "Domain 2",
    }
    assert all(found == wanted for found, wanted in names.items()), names


def test_the_way_to_a_page_names_the_row(admin_site: Client, form: factories.Form, anna: User) -> None:
    version = ItemVersion.objects.get(item__code="E1-Q01")
    assert "E1-Q01, version 1" in text_of(admin_site, f"/admin/exams/itemversion/{version.pk}/change/")
    attempt = factories.start(anna, form).attempt_id
    page = text_of(admin_site, f"/admin/exams/attempt/{attempt}/change/")
    assert "Anna@example.org, MLS-C01 Practice Exam 1" in page or "anna@example.org, MLS-C01" in page


def test_inline_rows_are_not_headed_by_their_own_number(admin_site: Client, form: factories.Form) -> None:
    edition = FormEdition.objects.get()
    page = text_of(admin_site, f"/admin/exams/formedition/{edition.pk}/change/")
    assert "group/title" not in page
    assert page.count("E1-Q01, version 1") == 1


def test_an_edition_shows_the_words_at_each_position(admin_site: Client, form: factories.Form) -> None:
    edition = FormEdition.objects.get()
    page = text_of(admin_site, f"/admin/exams/formedition/{edition.pk}/change/")
    assert all(f"A ferry operator of item E1-Q0{number} keeps its data." in page for number in range(1, 9))


def test_attempts_are_listed_with_person_exam_and_score(
    admin_site: Client, form: factories.Form, anna: User
) -> None:
    attempt = factories.start(anna, form).attempt_id
    page = text_of(admin_site, "/admin/exams/attempt/")
    assert "anna@example.org" in page
    assert "MLS-C01 Practice Exam 1" in page
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    lifecycle.settle(user=anna, attempt_id=attempt)
    scaled = Score.objects.get().scaled
    assert f"{scaled}, not a pass" in text_of(admin_site, "/admin/exams/attempt/")


@pytest.mark.parametrize(("act", "verb"), [("extend", "Extend"), ("void", "Void")])
def test_the_page_of_an_act_names_the_person_the_exam_and_the_act(
    admin_site: Client, form: factories.Form, anna: User, act: str, verb: str
) -> None:
    attempt = factories.start(anna, form).attempt_id
    page = text_of(admin_site, f"/admin/exams/attempt/{attempt}/{act}/")
    main = page.partition('<form method="post" class="record">')[2].partition("</form>")[0]
    assert "<dd>anna@example.org</dd>" in main
    assert "<dd>MLS-C01 Practice Exam 1</dd>" in main
    assert f">{verb}</button>" in main
    assert "Do it" not in page


def test_what_is_about_accounts_stands_in_one_group(admin_site: Client) -> None:
    names = [group["name"] for group in admin_site.get("/admin/").context["app_list"]]
    assert names.count("Accounts") == 1
    assert not {"Axes", "MFA", "Authentication and Authorization"} & set(names)
    own = next(
        group for group in admin_site.get("/admin/").context["app_list"] if group["name"] == "Accounts"
    )
    assert {"User", "EmailAddress", "Authenticator"} <= {model["object_name"] for model in own["models"]}


def test_the_admin_bears_the_mark_and_the_colors_of_the_look(admin_site: Client) -> None:
    page = text_of(admin_site, "/admin/")
    assert "img/mark-on-light.svg" in page
    assert "img/mark-on-dark.svg" in page
    assert "rgb(10, 90, 115)" in page
    assert "css/admin.css" in page
