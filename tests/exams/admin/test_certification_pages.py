"""A new certification in the admin: its first page, its steps, its draft as a form, the way to the site."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.admin import certification_editor
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.catalog.models import Certification
from tests import factories
from tests.exams.authoring import acts, made, nothing
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

NEW = "/admin/exams/certification/new/"


@pytest.fixture
def author() -> User:
    return acts.staff("authors")


@pytest.fixture
def desk(client: Client, author: User) -> Client:
    """The admin as an author sees it."""
    client.force_login(author)
    return client


def at(draft: Draft, name: str = "edit") -> str:
    return reverse(f"admin:exams_draft_{name}", args=[draft.pk])


def of(certification: Certification, name: str) -> str:
    return reverse(f"admin:exams_certification_{name}", args=[certification.pk])


def fields(content: dict[str, Any], revision: int = 1, **changed: str) -> dict[str, str]:
    """Return what the form of a draft sends, with other values for some fields (`__` for a point)."""
    found = {"revision": str(revision), "domains": "open", "tasks": "open"}
    found |= {f"facts.{name}": str(value) for name, value in content["facts"].items()}
    for language, words in content["texts"].items():
        found |= {f"texts.{language}.{name}": words.get(name, "") for name in certification_editor.WORDS}
    for number, one in enumerate(content["domains"]):
        found |= {f"domains.{number}.{name}": str(one[name]) for name in ("number", "weight_percent")}
        found |= {f"domains.{number}.names.{language}": name for language, name in one["names"].items()}
    for number, one in enumerate(content["tasks"]):
        found |= {f"tasks.{number}.{name}": str(one[name]) for name in ("code", "domain")}
        for language, words in one["texts"].items():
            found |= {f"tasks.{number}.texts.{language}.{name}": said for name, said in words.items()}
    return found | {name.replace("__", "."): value for name, value in changed.items()}


def stored(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)


# --- The first page ----------------------------------------------------------------------------------
def test_the_first_page_says_what_comes_and_leads_to_the_steps(desk: Client) -> None:
    page = desk.get(NEW).content.decode()
    for step in ("Facts and texts", "Domains and task statements", "Proof sheet", "Who may take it"):
        assert step in page
    reply = desk.post(NEW, {"code": "LK-07 ", "language": "en"})
    found = Certification.objects.get()
    assert (reply.status_code, reply.headers["Location"]) == (302, of(found, "steps"))
    assert (found.code, found.is_listed, Draft.objects.get().kind) == ("lk-07", False, "catalogue")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("lk_07", "lower-case letters, digits, and single hyphens"),
        ("pricing", "Another page of the site has this address"),
        ("hu", "Another page of the site has this address"),
        ("admin", "Another page of the site has this address"),
        ("known", "There is a certification with this code already."),
        ("", "This field is required."),
    ],
)
def test_a_code_that_cannot_be_is_told_at_its_field(desk: Client, code: str, sentence: str) -> None:
    made.begun("known")
    reply = desk.post(NEW, {"code": code, "language": "en"})
    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert Certification.objects.count() == 1


def test_the_steps_name_what_is_missing_and_lead_there(desk: Client) -> None:
    draft = made.begun()
    page = desk.get(of(draft.certification, "steps")).content.decode()
    assert "0 of 8 steps are done." in page
    assert f'href="{at(draft)}#domains"' in page
    for sentence in (
        "Vendor: This text is missing.",
        "Name (English): This text is missing.",
        "Domains: Add the domains of the exam guide.",
        "A draft, not sent to review yet.",
    ):
        assert sentence in page
    assert f"{reverse('admin:exams_item_new_question')}?certification=" not in page
    acts.publish(draft, nothing.content())
    certification = Certification.objects.get()
    page = desk.get(of(certification, "steps")).content.decode()
    assert "2 of 8 steps are done." in page
    assert "0 published, an exam has 10" in page
    chosen = f"certification={certification.pk}"
    for name in ("exams_item_new_question", "exams_importfile_new_import", "exams_examform_new_exam"):
        assert f"{reverse(f'admin:{name}')}?{chosen}" in page
    assert of(certification, "put_on_site") not in page


def test_a_form_that_the_steps_lead_to_has_the_certification_chosen(desk: Client) -> None:
    made.written("other")
    certification = made.written()
    for name in ("exams_item_new_question", "exams_importfile_new_import", "exams_examform_new_exam"):
        page = desk.get(f"{reverse(f'admin:{name}')}?certification={certification.pk}").content.decode()
        assert f'<option value="{certification.pk}" selected>' in page, name


def test_the_steps_stand_on_the_page_of_the_certification_until_none_is_missing(
    client: Client, author: User
) -> None:
    certification = made.written()
    client.force_login(author)
    page = client.get(of(certification, "change")).content.decode()
    assert "2 of 8 steps are done" in page
    made.with_questions(certification)
    made.with_exam(certification)
    reviewer = acts.staff("reviewers")
    client.force_login(reviewer)
    assert of(certification, "put_on_site") in client.get(of(certification, "steps")).content.decode()
    assert client.post(of(certification, "put_on_site"), {"reason": "no"}).status_code == 422
    reply = client.post(of(certification, "put_on_site"), {"reason": "checked by two"})
    assert reply.headers["Location"] == of(certification, "steps")
    assert "Nothing is missing." in client.get(of(certification, "steps")).content.decode()
    assert "steps are done" not in client.get(of(certification, "change")).content.decode()


# --- The draft ---------------------------------------------------------------------------------------
def test_the_form_holds_the_whole_certification(desk: Client) -> None:
    draft = made.begun()
    assert desk.post(at(draft), fields(nothing.content())).status_code == 302
    content = stored(draft).content
    assert content["facts"] == {**draft.content["facts"], **nothing.FACTS}
    assert content["texts"]["hu"]["name"] == "Lámpaőr"
    assert (content["domains"], content["tasks"]) == (
        nothing.content()["domains"],
        nothing.content()["tasks"],
    )
    page = desk.get(at(draft)).content.decode()
    assert "100 of 100%" in page
    assert "No remarks." in page
    again = desk.post(at(draft), fields(content, 2))
    assert (again.status_code, stored(draft).revision) == (302, 2)


def test_rows_are_added_with_the_weight_that_is_left_and_removed(desk: Client) -> None:
    draft = made.begun()
    empty = draft.content
    assert desk.post(at(draft), fields(empty, do="add-domain")).headers["Location"].endswith("#domains")
    content = stored(draft).content
    assert content["domains"] == [{"number": 1, "weight_percent": 100, "names": {}}]
    content["domains"][0] |= {"weight_percent": 60, "names": {"en": "The lamp"}}
    desk.post(at(draft), fields(content, 2, do="add-domain"))
    content = stored(draft).content
    assert [one["weight_percent"] for one in content["domains"]] == [60, 40]
    desk.post(at(draft), fields(content, 3, do="add-task.1"))
    desk.post(at(draft), fields(stored(draft).content, 4, do="add-task.1"))
    content = stored(draft).content
    assert [(one["code"], one["domain"]) for one in content["tasks"]] == [("1.1", 1), ("1.2", 1)]
    desk.post(at(draft), fields(content, 5, do="remove-task.0"))
    desk.post(at(draft), fields(stored(draft).content, 6, do="remove-domain.1"))
    content = stored(draft).content
    assert [one["code"] for one in content["tasks"]] == ["1.2"]
    assert content["domains"][0]["names"] == {"en": "The lamp"}
    assert len(content["domains"]) == 1


def test_what_is_planned_is_ticked_with_label_and_help_and_stays_where_the_form_does_not_show_it(
    desk: Client,
) -> None:
    draft = made.begun()
    days = {"facts.beta_on": "2026-09-29", "facts.live_on": "2027-01-14", "planned_facts": "open"}
    ticks = {"facts.planned_facts.live_on": "on", "facts.planned_facts.exam_fee_usd": "on"}
    assert desk.post(at(draft), {**fields(nothing.content()), **days, **ticks}).status_code == 302
    content = stored(draft).content
    assert content["facts"]["planned_facts"] == ["live_on", "exam_fee_usd"]
    page = squeezed(desk.get(at(draft)))
    assert "Planned, not confirmed by the vendor yet" in page
    assert "its day alone does not turn the exam live" in page
    assert re.search(r'id="facts.planned_facts.live_on"[^>]*checked[^>]*>First exam day', page)
    assert not re.search(r'id="facts.planned_facts.duration_minutes"[^>]*checked', page)
    assert desk.post(at(draft), fields(content, 2, facts__vendor="Osk")).status_code == 302
    assert stored(draft).content["facts"]["planned_facts"] == ["live_on", "exam_fee_usd"]
    desk.post(at(draft), fields(stored(draft).content, 3, planned_facts="open"))
    assert stored(draft).content["facts"]["planned_facts"] == []


def test_the_page_of_a_certification_says_its_state_and_what_is_planned(desk: Client) -> None:
    certification = made.written()
    factories.plan(certification)
    page = squeezed(desk.get(of(certification, "change")))
    for said in ("Beta", "First exam day, Minutes, Exam fee in USD"):
        assert said in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("facts__duration_minutes", "long", "Enter a whole number from 0 to 600."),
        ("facts__items_total", "501", "Enter a whole number from 0 to 500."),
        ("facts__scale_max", "10001", "Enter a whole number from 0 to 10000."),
        ("facts__retired_on", "soon", "Enter a day such as 2026-03-31."),
        ("facts__live_on", "2027-02-30", "Enter a day such as 2026-03-31."),
        ("domains__0__weight_percent", "", "Enter a whole number from 1 to 100."),
        ("tasks__0__code", "1" * 13, "At most 12 characters."),
    ],
)
def test_what_cannot_be_stored_is_told_at_its_field_and_stays_as_it_was_typed(
    desk: Client, field: str, value: str, sentence: str
) -> None:
    draft = made.begun()
    reply = desk.post(at(draft), {**fields(nothing.content()), field.replace("__", "."): value})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert sentence in page
    assert "Lámpaőr" in page
    assert stored(draft).revision == 1


def test_a_save_over_a_newer_one_shows_both_texts(desk: Client) -> None:
    draft = made.begun()
    other = acts.staff("reviewers")
    services.save(draft_id=draft.pk, revision=1, content=nothing.content(), actor=other)
    mine = nothing.content()
    mine["texts"]["en"]["name"] = "Keeper of Lamps"
    reply = desk.post(at(draft), fields(mine))
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "Name (English)" in page
    assert "Keeper of Lamps" in page
    assert stored(draft).content["texts"]["en"]["name"] == "Lamp Keeper"


def test_a_translator_writes_names_and_texts_in_other_languages_and_nothing_else(client: Client) -> None:
    certification = made.written()
    draft = acts.begin(certification, "catalogue", "catalogue")
    client.force_login(acts.staff("translators"))
    mine = fields(
        stored(draft).content,
        texts__hu__summary="Rövidebb.",
        domains__0__names__hu="A nagy lámpa",
        tasks__0__texts__hu__title="Lámpagondozás",
    )
    assert client.post(at(draft), mine).status_code == 302
    content = stored(draft).content
    assert content["texts"]["hu"]["summary"] == "Rövidebb."
    assert content["domains"][0]["names"]["hu"] == "A nagy lámpa"
    assert content["tasks"][0]["texts"]["hu"]["title"] == "Lámpagondozás"
    for change in (
        {"texts__en__summary": "Shorter."},
        {"domains__0__weight_percent": "59"},
        {"domains__0__names__en": "Lamp"},
        {"facts__pass_mark": "60"},
    ):
        assert client.post(at(draft), fields(content, 2, **change)).status_code == 403
    assert stored(draft).revision == 2


def test_it_is_reviewed_and_published_by_others_and_its_difference_is_shown(client: Client) -> None:
    certification = made.written()
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    client.force_login(author)
    assert client.post(of(certification, "edit")).headers["Location"] == at(Draft.objects.get(state="draft"))
    draft = Draft.objects.get(state="draft")
    tick = {"planned_facts": "open", "facts.planned_facts.exam_fee_usd": "on"}
    client.post(at(draft), {**fields(draft.content, facts__exam_fee_usd="45"), **tick})
    client.post(at(draft, "send"), {"revision": "2"})
    client.force_login(reviewer)
    page = client.get(at(draft, "versions")).content.decode()
    assert page.count("Exam fee in USD") == 2
    assert "Planned, not confirmed by the vendor yet" in page
    client.post(at(draft, "approve"), {"digest": stored(draft).digest})
    client.post(at(draft, "publish"), {"digest": stored(draft).digest, "reason": "a new fee"})
    assert stored(draft).state == State.PUBLISHED
    assert Certification.objects.get().exam_fee_usd == 45


def test_a_certification_is_not_edited_past_its_draft(client: Client) -> None:
    certification = made.written()
    client.force_login(acts.staff("admin"))
    page = client.get(of(certification, "change")).content.decode()
    assert of(certification, "edit") in page
    assert client.post(of(certification, "change"), {"vendor": "Me"}).status_code == 403
    assert Certification.objects.get().vendor == nothing.FACTS["vendor"]


def test_the_pages_speak_hungarian_to_who_reads_it(desk: Client, author: User) -> None:
    profiles.update(author, ui_language="hu")
    draft = made.begun()
    said = {
        NEW: ("Adatok és szövegek", "Facts and texts"),
        of(draft.certification, "steps"): ("8 lépésből 0 kész.", "steps are done"),
        at(draft): ("A valódi vizsga adatai", "Facts of the real exam"),
    }
    for path, (hungarian, english) in said.items():
        page = desk.get(path).content.decode()
        assert hungarian in page, path
        assert english not in page, path


def test_the_page_names_its_facts_as_people_do(form: Form, desk: Client) -> None:
    address = reverse("admin:exams_certification_change", args=[form.form.certification_id])
    page = desk.get(address).content.decode()
    for label in ("Exam fee in USD", "Lowest score", "On the site", "Duration in minutes"):
        assert label in page
    for label in ("Exam fee usd", "Items total", "Is listed", "Scale min", "Duration minutes"):
        assert label not in page
