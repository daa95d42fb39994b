"""The queues of authors and translators and the watched names, as pages of the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.authoring.models import Draft
from exams.bank.models import Item, ItemVersion, KeyRuling
from exams.freshness import selectors
from exams.freshness.models import ItemAssignment, ItemCheck, ReviewTask, WatchedName
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.test_translations import missing, reword
from tests.exams.corrections.helpers import rule
from tests.exams.freshness.test_checks import age
from tests.exams.freshness.test_tasks import PAGE, say, watch
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

CODE = "E1-Q01"
QUEUE = "/admin/exams/itemcheck/queue/"
TRANSLATIONS = "/admin/exams/itemcheck/translations/"


def page(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


def of(role: str) -> Client:
    client = Client()
    client.force_login(acts.staff(role))
    return client


def chosen(*codes: str, **more: str) -> dict[str, Any]:
    """Return what the form of the queue sends for questions that are ticked."""
    ids = list(Item.objects.filter(code__in=codes).values_list("pk", flat=True))
    return {"item": ids, **{f"seen.{pk}": seen for pk, seen in selectors.seen(ids).items()}, **more}


def post(client: Client, name: str, data: dict[str, Any]) -> Any:
    return client.post(reverse(f"admin:exams_itemcheck_{name}"), data)


# --- The work queue ----------------------------------------------------------------------------------
def test_the_queue_shows_words_reasons_and_age(form: Form, desk: Client) -> None:
    say(form, "Because Amazon Sumerian was cheaper.")
    watch(form, "Amazon Sumerian", "Something Else")
    shown = page(desk, QUEUE)
    assert "8 questions wait" in shown
    assert "A ferry operator of item E1-Q01" in shown
    assert "mentions “Amazon Sumerian” (new name “Something Else”), today" in shown
    assert shown.count("never checked</li>") == 8
    assert "1 question waits" in page(desk, f"{QUEUE}?reason=named")


def test_a_ruling_opens_a_task_until_a_version_answers_it(form: Form, desk: Client) -> None:
    ruling = rule(form, 1, "credit")
    shown = page(desk, f"{QUEUE}?reason=ruled")
    assert "1 question waits" in shown
    assert "ruling on version 1, today" in shown
    # A look changes nothing of how it is scored.
    post(desk, "check", chosen(CODE, page_read=PAGE))
    draft = acts.begin(form.form.certification, "item", CODE)
    acts.publish(draft, {"difficulty": "hard"}, seen_ruling=ruling.pk, choice="carry over")
    assert "ruling on version 2, today" in page(desk, f"{QUEUE}?reason=ruled")
    carried = KeyRuling.objects.latest("pk")
    draft = acts.begin(form.form.certification, "item", CODE)
    acts.publish(draft, {"difficulty": "easy"}, seen_ruling=carried.pk, choice="answer")
    assert "0 questions wait" in page(desk, f"{QUEUE}?reason=ruled")


def test_a_ruling_on_a_version_that_is_read_no_more_waits_until_somebody_has_looked(
    form: Form, desk: Client
) -> None:
    draft = acts.begin(form.form.certification, "item", CODE)
    acts.publish(draft, {"difficulty": "hard"})
    before = chosen(CODE, page_read=PAGE)
    rule(form, 1, "credit")
    post(desk, "check", before)
    shown = page(desk, f"{QUEUE}?reason=ruled")
    assert "ruling on version 1, today" in shown
    assert "Somebody else checked or changed this question meanwhile." in shown
    post(desk, "check", chosen(CODE, page_read=PAGE))
    assert "0 questions wait" in page(desk, f"{QUEUE}?reason=ruled")


def test_questions_are_marked_as_checked_together_by_one_page(form: Form, desk: Client, author: User) -> None:
    before = ItemVersion.objects.count()
    sent = chosen(CODE, "E1-Q02", page_read=PAGE, note="", reason="unchecked", page="1")
    reply = post(desk, "check", sent)
    assert (reply.status_code, reply.headers["Location"]) == (302, f"{QUEUE}?reason=unchecked&page=1")
    assert "2 questions marked as checked." in page(desk, QUEUE)
    rows = ItemCheck.objects.order_by("item__code").values_list("item__code", "pages", "person")
    assert list(rows) == [(CODE, [PAGE], author.pk), ("E1-Q02", [PAGE], author.pk)]
    assert ItemVersion.objects.count() == before


def test_what_is_missing_is_said_at_its_field_and_nothing_is_stored(form: Form, desk: Client) -> None:
    reply = post(desk, "check", chosen(CODE, page_read="", note=""))
    shown = squeezed(reply)
    assert reply.status_code == 422
    assert 'id="page-wrong">Name the page you looked at' in shown
    item = Item.objects.get(code=CODE)
    assert f'value="{item.pk}" id="item-{item.pk}" aria-labelledby="code-{item.pk}" checked' in shown
    reply = post(desk, "check", chosen(CODE, page_read="ftp://a.b", note="kept words"))
    assert reply.status_code == 422
    assert 'value="kept words"' in reply.content.decode()
    assert post(desk, "check", {"page_read": PAGE}).status_code == 422
    assert post(desk, "check", {"page_read": PAGE, "item": ["x", "9" * 30, "0"]}).status_code == 422
    assert not ItemCheck.objects.exists()


def test_a_question_that_somebody_else_checked_is_named_and_the_others_are_done(
    form: Form, desk: Client
) -> None:
    stale = chosen(CODE, "E1-Q02", page_read=PAGE)
    post(of("reviewers"), "check", chosen(CODE, page_read=PAGE))
    post(desk, "check", stale)
    shown = page(desk, QUEUE)
    assert "E1-Q01: Somebody else checked or changed this question meanwhile." in shown
    assert "1 question marked as checked." in shown
    assert ItemCheck.objects.count() == 2


def test_questions_are_assigned_and_found_by_who_they_are_assigned_to(
    form: Form, desk: Client, author: User
) -> None:
    post(desk, "assign", chosen(CODE, person=str(author.pk)))
    assert ItemAssignment.objects.get().person == author
    shown = page(desk, f"{QUEUE}?assigned=me")
    assert "1 question waits" in shown
    assert f"assigned to {author.email}" in shown
    post(desk, "assign", chosen(CODE, person=""))
    assert not ItemAssignment.objects.exists()
    stranger = factories.make_user()
    reply = post(desk, "assign", chosen(CODE, person=str(stranger.pk)))
    assert reply.status_code == 422
    assert "Choose somebody who works on content." in reply.content.decode()


def test_a_draft_is_opened_from_the_queue_and_then_continued(form: Form, desk: Client) -> None:
    item = Item.objects.get(code=CODE)
    address = reverse("admin:exams_item_edit", args=[item.pk])
    assert f'formaction="{address}"' in page(desk, QUEUE)
    desk.post(address)
    draft = Draft.objects.get()
    assert f'href="/admin/exams/draft/{draft.pk}/edit/">Continue the draft' in page(desk, QUEUE)


def test_who_only_translates_sees_the_queue_and_nothing_to_press(form: Form) -> None:
    shown = page(of("translators"), QUEUE)
    assert "8 questions wait" in shown
    assert 'name="item"' not in shown
    assert "Mark as checked" not in shown


def test_many_questions_come_in_pages(form: Form, desk: Client) -> None:
    for number in range(2, 9):
        factories.make_form(form.form.certification, number=number)
    first, second = page(desk, f"{QUEUE}?certification=mls-c01"), page(desk, f"{QUEUE}?page=2")
    assert "64 questions wait" in first
    assert "certification=mls-c01&amp;page=2" in first
    assert "E8-Q08" not in first
    assert "E8-Q08" in second
    shown = page(desk, f"{QUEUE}?page=9x&reason=none&assigned=x&certification=%00")
    assert "Page 1 of 2" in shown


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (QUEUE, ("Munkalista", "8 kérdés vár", "még nem ellenőrizte senki", "Megjelölés ellenőrzöttként")),
        (TRANSLATIONS, ("Fordítások", "régebbi az eredetinél", "Továbbra is pontos", "Mi változott")),
        ("/admin/exams/watchedname/new/", ("Név figyelése", "Régi név", "Forrásoldal")),
    ],
)
def test_the_pages_speak_hungarian(
    form: Form, desk: Client, author: User, address: str, said: tuple[str, ...]
) -> None:
    profiles.update(author, ui_language="hu")
    reword(why="It is right for another reason.")
    shown = page(desk, address)
    assert [one for one in said if one not in shown] == []


def test_the_page_of_a_question_tells_its_checks_and_what_it_waits_for(form: Form, desk: Client) -> None:
    address = reverse("admin:exams_item_change", args=[Item.objects.get(code=CODE).pk])
    assert "Never checked." in page(desk, address)
    post(desk, "check", chosen(CODE, page_read=PAGE, note="limits <b>"))
    say(form, "Because Amazon Sumerian was cheaper.")
    watch(form, "Amazon Sumerian")
    shown = page(desk, address)
    assert f'<a href="{PAGE}" rel="noreferrer">' in shown
    assert "limits &lt;b&gt;" in shown
    assert "Mentions “Amazon Sumerian”: closed from" in shown
    made = ItemCheck.objects.get()
    for one in ("/admin/exams/itemcheck/", reverse("admin:exams_itemcheck_change", args=[made.pk])):
        assert PAGE in page(desk, one)


def test_the_list_of_questions_is_filtered_by_when_they_were_checked(form: Form, desk: Client) -> None:
    post(desk, "check", chosen(CODE, "E1-Q02", page_read=PAGE))
    age("E1-Q02", 181)
    shown = {
        one: [code for code in ("E1-Q01", "E1-Q02", "E1-Q03") if f">{code}<" in page(desk, address)]
        for one in ("fresh", "old", "never")
        for address in (f"/admin/exams/item/?checked={one}",)
    }
    assert shown == {"fresh": ["E1-Q01"], "old": ["E1-Q02"], "never": ["E1-Q03"]}


# --- Watched names -----------------------------------------------------------------------------------
def named(**changed: str) -> dict[str, str]:
    certification = Item.objects.earliest("pk").certification_id
    given = {"name": "Amazon Sumerian", "successor": "", "since": "2023-02-21", "page": PAGE}
    return {"certification": str(certification), **given, **changed}


def test_a_name_is_watched_changed_and_let_go(form: Form, desk: Client) -> None:
    say(form, "Because Amazon Sumerian was cheaper.")
    reply = desk.post("/admin/exams/watchedname/new/", named())
    row = WatchedName.objects.get()
    change = reverse("admin:exams_watchedname_change", args=[row.pk])
    assert (reply.status_code, reply.headers["Location"]) == (302, change)
    assert ReviewTask.objects.get().closed_at is None
    edit = reverse("admin:exams_watchedname_change_name", args=[row.pk])
    assert 'value="2023-02-21"' in page(desk, edit)
    sent = named(revision="1", is_watched="on", successor="Another")
    assert desk.post(edit, sent).status_code == 302
    reply = desk.post(edit, sent)
    assert reply.status_code == 409
    assert "Somebody else changed this name meanwhile." in reply.content.decode()
    assert desk.post(edit, named(revision="2")).status_code == 302
    row.refresh_from_db()
    assert (row.is_watched, row.successor) == (False, "")
    assert ReviewTask.objects.get().outcome == "let go"
    shown = page(desk, change)
    assert "Another" in shown
    assert "let go" in shown or "watched: False" in shown
    assert "Amazon Sumerian" in page(desk, "/admin/exams/watchedname/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"since": "1999-01-01"}, "Enter a day from 2000 on."),
        ({"page": "aws.amazon.com"}, "Enter an address that begins with https://."),
        ({"successor": "Amazon Sumerian"}, "The new name is the same as the old one."),
        ({"certification": "0"}, "Select a valid choice."),
    ],
)
def test_a_name_with_faults_is_refused_at_the_field(
    form: Form, desk: Client, changed: dict[str, str], said: str
) -> None:
    reply = desk.post("/admin/exams/watchedname/new/", named(**changed))
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert not WatchedName.objects.exists()


def test_a_name_that_is_not_there_cannot_be_changed(desk: Client) -> None:
    for number in ("1", "9" * 30, "x"):
        assert desk.get(f"/admin/exams/watchedname/{number}/edit/").status_code == 404


# --- Translations ------------------------------------------------------------------------------------
def test_a_translator_finds_what_is_older_and_sees_what_changed(form: Form) -> None:
    reword(why="It is right for another reason.")
    desk = of("translators")
    shown = page(desk, TRANSLATIONS)
    item = Item.objects.get(code=CODE)
    assert "1 translation waits" in shown
    assert "older than the original, original from today" in shown
    compared = f"/admin/exams/item/{item.pk}/compare/?a=1&amp;b=2"
    assert f'href="{compared}"' in shown
    assert "another" in page(desk, compared.replace("&amp;", "&"))


def test_a_translation_is_begun_from_the_queue_and_shows_who_works_on_it(form: Form) -> None:
    reword(why="It is right for another reason.")
    desk, translator = of("translators"), acts.staff("translators")
    sent = {"kind": "item", "certification": "mls-c01", "name": CODE}
    reply = post(desk, "translate", sent)
    draft = Draft.objects.get(state="draft")
    assert reply.headers["Location"] == f"/admin/exams/draft/{draft.pk}/edit/"
    editor = page(desk, reply.headers["Location"])
    assert 'id="texts.en.why"' in editor
    assert 'id="texts.hu.why"' in editor
    shown = page(desk, TRANSLATIONS)
    assert f"draft, {translator.email}" in shown
    assert "1 translation waits" in page(desk, f"{TRANSLATIONS}?is_mine=1")
    assert "0 translations wait" in page(of("authors"), f"{TRANSLATIONS}?is_mine=1")


@pytest.mark.parametrize(
    "changed",
    [{"kind": "nothing"}, {"certification": "no"}, {"kind": ""}, {"name": "\0"}, {"name": "E9-Q99"}],
)
def test_what_cannot_be_translated_begins_no_draft(form: Form, changed: dict[str, str]) -> None:
    sent = {"kind": "item", "certification": "mls-c01", "name": CODE, **changed}
    assert post(of("translators"), "translate", sent).status_code in {302, 404}
    assert not Draft.objects.exists()


def test_a_translation_that_still_fits_leaves_the_queue(form: Form) -> None:
    reword(why="It is right for another reason.")
    item = Item.objects.get(code=CODE)
    seen = selectors.seen([item.pk], "hu")[item.pk]
    desk = of("translators")
    assert f'name="seen" value="{seen}"' in page(desk, TRANSLATIONS)
    sent = {"item": str(item.pk), "language_of_item": "hu", "seen": seen, "lack": "older"}
    reply = post(desk, "compare", sent)
    assert reply.headers["Location"] == f"{TRANSLATIONS}?lack=older&page=1"
    assert missing() == []
    post(desk, "compare", sent)
    assert "Somebody else checked or changed this question meanwhile." in page(desk, TRANSLATIONS)
    for wrong in ({"item": "x"}, {"language_of_item": "\0"}, {"language_of_item": "en"}):
        assert post(desk, "compare", sent | wrong).status_code == 302
        assert "not found" in page(desk, TRANSLATIONS)
    assert ItemCheck.objects.count() == 1
