"""The editor of a question in the admin: its page without script, and what its script asks."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.base.errors import Refused
from accounts.profile.models import Profile
from accounts.users.models import User
from exams.authoring import item_content, services
from exams.authoring.models import Draft, DraftEditor, DraftSave, State
from exams.bank.models import Item
from tests import factories
from tests.exams.admin.editing import CODE, ask, at, fields, stored
from tests.exams.authoring.test_services import begin, save, with_stem
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


# --- Entry -------------------------------------------------------------------------------------------
def test_edit_opens_the_draft_of_a_question_begun_once(form: Form, desk: Client) -> None:
    item = Item.objects.get(code=CODE)
    replies = [desk.post(reverse("admin:exams_item_edit", args=[item.pk])) for _ in range(2)]
    draft = Draft.objects.get()
    assert [(reply.status_code, reply.headers["Location"]) for reply in replies] == [(302, at(draft))] * 2
    assert draft.name == CODE


def test_the_list_and_the_page_of_a_question_have_the_button_for_who_writes(
    form: Form, desk: Client, client: Client
) -> None:
    item = Item.objects.get(code=CODE)
    action = f'formaction="{reverse("admin:exams_item_edit", args=[item.pk])}"'
    pages = [
        reverse("admin:exams_item_changelist"),
        reverse("admin:exams_item_change", args=[item.pk]),
    ]
    assert all(action in desk.get(page).content.decode() for page in pages)
    root = User.objects.create_user("looks@example.org", factories.PASSWORD, is_staff=True)
    factories.see_only(root, "exams.view_item", "exams.view_itemversion")
    client.force_login(root)
    for page in pages:
        reply = client.get(page)
        assert reply.status_code == 200
        assert action not in reply.content.decode()


def test_a_new_question_asks_for_a_code_of_the_right_shape_that_is_not_taken(
    form: Form, desk: Client
) -> None:
    address = reverse("admin:exams_item_new_question")
    certification = form.form.certification.pk
    assert desk.get(address).status_code == 200
    for code, said in (
        ("first question", "looks like this: E1-Q08"),
        ("S01", "looks like this: E1-Q08"),
        (CODE, "There is a question with this code already."),
    ):
        reply = desk.post(address, {"certification": certification, "code": code})
        assert reply.status_code == 422
        assert said in reply.content.decode()
    reply = desk.post(address, {"certification": certification, "code": "E9-Q01"})
    draft = Draft.objects.get()
    assert (reply.status_code, reply.headers["Location"], draft.base) == (302, at(draft), None)
    reply = desk.post(address, {"certification": certification, "code": "E9-Q01"})
    assert "There is a draft with this code already." in reply.content.decode()


def test_a_new_question_without_a_code_gets_the_next_free_one(form: Form, desk: Client) -> None:
    address = reverse("admin:exams_item_new_question")
    certification = form.form.certification
    page = desk.get(address).content.decode()
    assert f'<option value="{certification.pk}" selected' in page  # there is no other
    other = factories.make_certification("bean-101")
    assert f'<option value="{certification.pk}" selected' not in desk.get(address).content.decode()
    for wanted in (certification, certification, other, other):
        assert desk.post(address, {"certification": wanted.pk, "code": ""}).status_code == 302
    names = Draft.objects.order_by("pk").values_list("certification__code", "name")
    assert list(names) == [
        ("mls-c01", "E1-Q09"),
        ("mls-c01", "E1-Q10"),
        ("bean-101", "E1-Q01"),
        ("bean-101", "E1-Q02"),
    ]


def test_a_withdrawn_question_is_not_edited_before_it_is_back(form: Form, desk: Client) -> None:
    Item.objects.filter(code=CODE).update(current=None)
    item = Item.objects.get(code=CODE)
    reply = desk.post(reverse("admin:exams_item_edit", args=[item.pk]), follow=True)
    assert "Restore a version first." in reply.content.decode()
    assert not Draft.objects.exists()


def test_the_list_of_drafts_shows_words_and_people_and_finds_mine(
    draft: Draft, desk: Client, author: User
) -> None:
    address = reverse("admin:exams_draft_changelist")
    page = desk.get(address).content.decode()
    assert draft.content["texts"]["en"]["stem"][:40] in page
    assert author.email in page
    assert "1 draft" not in desk.get(f"{address}?assigned=me").content.decode()
    services.assign(draft_id=draft.pk, actor=author, assignee=author)
    found = desk.get(f"{address}?assigned=me&state=draft&kind=item")
    assert [row.pk for row in found.context["cl"].result_list] == [draft.pk]


def test_the_page_of_a_draft_is_its_editor(draft: Draft, desk: Client) -> None:
    reply = desk.get(reverse("admin:exams_draft_change", args=[draft.pk]))
    assert (reply.status_code, reply.headers["Location"]) == (302, at(draft))


# --- The page without script -------------------------------------------------------------------------
def test_the_editor_shows_every_text_in_both_languages(draft: Draft, desk: Client) -> None:
    page = desk.get(at(draft)).content.decode()
    for language in ("en", "hu"):
        for name in ("stem", "ask", "why", "principle", "tip", "options.0.text", "options.3.why"):
            assert f'name="texts.{language}.{name}"' in page
    assert "<style" not in page.partition("<main")[2]


def test_the_editor_speaks_the_language_of_its_reader(draft: Draft, desk: Client, author: User) -> None:
    Profile.objects.update_or_create(user=author, defaults={"ui_language": "hu"})
    assert "Küldés lektorálásra" in desk.get(at(draft)).content.decode()


def test_the_form_saves_what_it_holds_and_nothing_else_changes(draft: Draft, desk: Client) -> None:
    assert desk.post(at(draft), fields(draft)).status_code == 302
    assert (stored(draft).revision, stored(draft).digest) == (1, draft.digest)
    reply = desk.post(
        at(draft), fields(draft, texts__en__stem="Line one.\r\n\r\nWhich?", options__0__key="on")
    )
    assert (reply.status_code, reply.headers["Location"]) == (302, at(draft))
    after = stored(draft)
    assert after.revision == 2
    assert after.content["texts"]["en"]["stem"] == "Line one.\n\nWhich?"
    assert [one["key"] for one in after.content["options"]] == [True, True, False, False]
    assert after.content["texts"]["hu"] == draft.content["texts"]["hu"]


def test_tags_with_spaces_in_them_stay_whole(form: Form, draft: Draft, desk: Client, author: User) -> None:
    tags = ["hard words", "to check"]
    saved = save(draft, author, {**draft.content, "tags": tags})
    page = desk.get(at(draft)).content.decode()
    assert 'name="tags" value="hard words, to check"' in page
    desk.post(at(draft), fields(saved, tags="hard words, to check,  new one ; hard words"))
    assert stored(draft).content["tags"] == [*tags, "new one"]
    desk.post(at(draft), fields(stored(draft), tags=""))
    assert stored(draft).content["tags"] == []


@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("up.2", [0, 2, 1, 3]),
        ("down.0", [1, 0, 2, 3]),
        ("up.0", [0, 1, 2, 3]),
        ("down.3", [0, 1, 2, 3]),
        ("remove-option.1", [0, 2, 3]),
        ("up.x", [0, 1, 2, 3]),
        ("nonsense", [0, 1, 2, 3]),
    ],
)
def test_options_move_with_their_texts_in_every_language(
    draft: Draft, desk: Client, act: str, order: list[int]
) -> None:
    assert desk.post(at(draft), fields(draft, do=act)).status_code == 302
    after = stored(draft).content
    before = draft.content
    assert after["options"] == [before["options"][n] for n in order]
    for language in ("en", "hu"):
        texts = before["texts"][language]["options"]
        assert after["texts"][language]["options"] == [texts[n] for n in order]


def test_an_option_and_a_reference_are_added_and_removed(draft: Draft, desk: Client) -> None:
    desk.post(at(draft), fields(draft, do="add-option"))
    desk.post(at(draft), fields(stored(draft), do="add-reference"))
    after = stored(draft)
    assert len(after.content["options"]) == len(after.content["texts"]["hu"]["options"]) == 5
    assert after.content["references"][-1] == {"title": "", "url": ""}
    desk.post(at(draft), fields(after, do="remove-reference.0"))
    assert stored(draft).content["references"] == [{"title": "", "url": ""}]


def test_an_untouched_translation_is_not_stored_as_an_empty_one(
    form: Form, desk: Client, author: User
) -> None:
    draft = begin(form, author, "E9-Q01")
    sent = fields(draft) | {"texts.hu.stem": "", "texts.hu.options.0.text": " "}
    desk.post(at(draft), sent)
    assert list(stored(draft).content["texts"]) == ["en"]


def test_a_stale_form_is_refused_and_shows_both_texts(draft: Draft, desk: Client) -> None:
    reviewer = factories.make_staff("reviewers")
    save(draft, reviewer, with_stem(draft, "Theirs. Which?"))
    reply = desk.post(at(draft), fields(draft, texts__en__stem="Mine. Which?"))
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "Theirs. Which?" in page
    assert ">\nMine. Which?</textarea>" in page
    assert reviewer.email in page
    assert 'name="revision" value="2"' in page
    assert stored(draft).content["texts"]["en"]["stem"] == "Theirs. Which?"
    mixed = fields(stored(draft), texts__en__stem="Ours. Which?")
    assert desk.post(at(draft), mixed).status_code == 302
    assert DraftSave.objects.get().content["texts"]["en"]["stem"] == "Theirs. Which?"


@pytest.mark.parametrize(
    ("given", "kept"), [("two", 0), ("", 0), ("-1", 0), ("²", 0), ("99999", 0), ("0", 0), ("9", 9)]
)
def test_a_wrong_number_is_a_remark_and_keeps_no_text_from_being_saved(
    draft: Draft, desk: Client, given: str, kept: int
) -> None:
    changed = {"choose": given, "texts__en__stem": "Mine. Which?"}
    assert desk.post(at(draft), fields(draft, **changed)).status_code == 302
    saved = stored(draft)
    assert (saved.content["choose"], saved.content["texts"]["en"]["stem"]) == (kept, "Mine. Which?")
    found = ask(desk, draft, "remarks", {"fields": fields(saved)}).json()["remarks"]
    assert ("number-of-keys", True) in {(one["rule"], one["blocks"]) for one in found}
    page = desk.get(at(draft)).content.decode()
    value = str(kept) if kept else ""
    assert f'type="number" min="0" max="99" value="{value}"' in page
    sent = desk.post(at(draft, "send"), {"revision": saved.revision})
    assert sent.status_code == 422
    # By the script as well.
    again = {"revision": saved.revision, "fields": fields(saved, texts__en__stem="Ours. Which?")}
    assert ask(desk, draft, "save", again).status_code == 200


def test_why_an_option_fails_is_kept_while_it_is_marked_as_correct(draft: Draft, desk: Client) -> None:
    number = next(n for n, one in enumerate(draft.content["options"]) if not one["key"])
    reason = draft.content["options"][number]["failure"]
    assert reason
    ticked = {f"options.{number}.key": "on"}
    desk.post(at(draft), fields(draft) | ticked)
    saved = stored(draft)
    assert saved.content["options"][number] == {"key": True, "failure": reason}
    # Of a key it says nothing, to rules and bank alike.
    assert item_content.item_draft(saved.content, draft.name, "en").failures[number] == ""
    assert item_content.item_record(saved.content, draft.name, "en").options[number].failure is None
    unticked = {name: value for name, value in fields(saved).items() if name not in ticked}
    desk.post(at(draft), unticked)
    assert stored(draft).content["options"] == draft.content["options"]


def test_a_translator_changes_translations_and_the_rest_stays_as_it_is(form: Form, client: Client) -> None:
    translator = factories.make_staff("translators")
    client.force_login(translator)
    draft = begin(form, translator)
    page = client.get(at(draft)).content.decode()
    assert page.count("readonly") >= 11
    # A browser sends nothing of fields that are disabled, and read-only ones as they are.
    kept = ("options.", "references", "covers", "task", "kind", "choose", "difficulty", "level")
    sent = {name: value for name, value in fields(draft).items() if not name.startswith(kept)}
    sent |= {f"options.{number}.row": "kept" for number in range(4)} | {"texts.hu.stem": "Jobb. Melyik?"}
    assert client.post(at(draft), sent).status_code == 302
    after = stored(draft)
    assert after.content["texts"]["hu"]["stem"] == "Jobb. Melyik?"
    assert {**after.content, "texts": ""} == {**draft.content, "texts": ""}
    reply = client.post(at(after), sent | {"revision": "2", "texts.en.stem": "Mine. Which?"})
    assert reply.status_code == 403
    assert "A translator changes only texts" in reply.content.decode()


def test_a_draft_in_review_is_not_written_by_accident(draft: Draft, desk: Client, author: User) -> None:
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    page = desk.get(at(draft)).content.decode()
    assert "data-open" not in page
    assert f'href="{at(draft)}?write=1"' in page
    assert "data-open" in desk.get(f"{at(draft)}?write=1").content.decode()


# --- What the script asks ----------------------------------------------------------------------------
def test_the_script_saves_by_revision(draft: Draft, desk: Client) -> None:
    reply = ask(desk, draft, "save", {"revision": 1, "fields": fields(draft, texts__en__stem="New. Which?")})
    body = reply.json()
    assert (reply.status_code, body["revision"], body["state"]) == (200, 2, "draft")
    assert stored(draft).content["texts"]["en"]["stem"] == "New. Which?"


def test_a_stale_save_gets_the_rows_in_which_both_differ(draft: Draft, desk: Client) -> None:
    reviewer = factories.make_staff("reviewers")
    theirs = {**with_stem(draft, "Theirs. Which?"), "choose": 2}
    save(draft, reviewer, theirs)
    mine = {"revision": 1, "fields": fields(draft, texts__en__stem="Mine. Which?", options__0__key="on")}
    reply = ask(desk, draft, "save", mine)
    body = reply.json()
    assert (reply.status_code, body["code"], body["revision"]) == (409, "stale_draft", 2)
    assert body["by"] == reviewer.email
    assert body["content"] == stored(draft).content
    rows = {row["field"]: (row["theirs"], row["mine"], row["value"]) for row in body["rows"]}
    assert rows == {
        "choose": ("2", "1", "2"),
        "options.0.key": ("no", "yes", ""),
        "texts.en.stem": ("Theirs. Which?", "Mine. Which?", "Theirs. Which?"),
    }
    assert stored(draft).revision == 2


@pytest.mark.parametrize("body", [[], "x", 7, None])
def test_a_body_that_is_no_object_is_refused(draft: Draft, desk: Client, body: Any) -> None:
    reply = ask(desk, draft, "save", body)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_body")


@pytest.mark.parametrize(
    "changed",
    [{"fields": 7}, {"fields": {"texts.en.stem": 7}}, {"revision": True}, {"revision": "1"}, {}],
)
def test_fields_that_no_form_sends_are_left_out(draft: Draft, desk: Client, changed: Any) -> None:
    assert ask(desk, draft, "save", {"revision": 1, "fields": {}} | changed).status_code == 200
    assert stored(draft).digest == draft.digest


def test_remarks_need_no_save(draft: Draft, desk: Client) -> None:
    reply = ask(desk, draft, "remarks", {"fields": fields(draft, texts__en__options__1__text="")})
    found = [one for one in reply.json()["remarks"] if one["field"] == "texts.en.options.1.text"]
    assert [(one["rule"], one["blocks"], one["label"]) for one in found] == [
        ("missing-text", True, "Option B: Text (English)")
    ]
    assert stored(draft).revision == 1


def test_whoever_has_the_page_open_is_named_for_a_minute(draft: Draft, desk: Client, client: Client) -> None:
    other = factories.make_staff("reviewers")
    services.touch(draft_id=draft.pk, actor=other)
    assert ask(desk, draft, "touch", {}).json()["people"] == [other.email]
    assert other.email in desk.get(at(draft)).content.decode()
    row = DraftEditor.objects.get(person=other)
    row.seen_at = row.seen_at.replace(year=row.seen_at.year - 1)
    row.save()
    assert ask(desk, draft, "touch", {}).json()["people"] == []
    assert DraftEditor.objects.filter(person__email="authors@example.org", saved_at=None).exists()


def test_a_newer_save_is_told(draft: Draft, desk: Client) -> None:
    reviewer = factories.make_staff("reviewers")
    save(draft, reviewer, with_stem(draft, "Theirs. Which?"))
    body = ask(desk, draft, "touch", {}).json()
    assert (body["revision"], body["by"]) == (2, reviewer.email)


def test_only_who_may_approve_a_draft_is_offered_and_taken_as_its_reviewer(
    draft: Draft, desk: Client, author: User, settings: Any
) -> None:
    reviewer, writing = factories.make_staff("reviewers"), factories.make_staff("admin")
    translator = factories.make_staff("translators")
    save(draft, writing, with_stem(draft, "By one who may review, too. Which?"))
    page = squeezed(desk.get(at(draft)))
    offered = page[page.index('id="send-to"') :].split("</select>")[0]
    people = (reviewer, writing, translator, author)
    assert [one for one in people if f">{one.email}<" in offered] == [reviewer]
    for person in (writing, translator, author):
        reply = desk.post(at(draft, "send"), {"revision": "2", "assignee": str(person.pk)})
        assert reply.status_code == 422
        assert "Choose somebody who may review." in reply.content.decode()
        with pytest.raises(Refused):  # from the list of questions too
            services.send_to_review(draft_id=draft.pk, revision=2, actor=author, assignee=person)
    assert stored(draft).state == State.DRAFT
    settings.FOUR_EYES = False
    reply = desk.post(at(draft, "send"), {"revision": "2", "assignee": str(writing.pk)})
    assert (reply.status_code, stored(draft).assignee) == (302, writing)


def test_what_is_sent_back_waits_for_its_author(draft: Draft, desk: Client, author: User) -> None:
    reviewer = factories.make_staff("reviewers")
    desk.post(at(draft, "send"), {"revision": "1", "assignee": str(reviewer.pk)})
    services.send_back(draft_id=draft.pk, actor=reviewer, text="The key is the longest option.")
    assert stored(draft).assignee == author
    tile = desk.get(reverse("admin:index")).content.decode().split("Assigned to you")[1]
    assert "<strong>1</strong>" in tile.split("</li>")[0]


@pytest.mark.parametrize("name", ["save", "remarks", "touch"])
def test_a_draft_that_is_not_there_is_not_found(draft: Draft, desk: Client, name: str) -> None:
    for key in ("999999", "x", "9" * 40):
        address = reverse(f"admin:exams_draft_{name}", args=[key])
        assert desk.post(address, "{}", content_type="application/json").status_code == 404
