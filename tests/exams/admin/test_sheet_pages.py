"""Cheat sheets in the admin: found, written block by block beside the other language, reviewed, published."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.authoring import sheets
from exams.authoring.models import Draft, State
from exams.catalog.models import Certification
from exams.cheatsheet import selectors
from exams.cheatsheet.models import SheetEdition
from tests import factories
from tests.exams.admin.editing import ask, at, stored
from tests.exams.authoring import acts
from tests.exams.cheatsheet import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def certification() -> Certification:
    made = factories.make_certification()
    published.publish(made)
    return made


@pytest.fixture
def draft(certification: Certification) -> Draft:
    return acts.begin(certification, "cheatsheet", "cheatsheet/en")


@pytest.fixture
def author() -> User:
    return acts.staff("authors")


@pytest.fixture
def translator(client: Client) -> Client:
    client.force_login(acts.staff("translators"))
    return client


def fields(draft: Draft, **changed: str) -> dict[str, str]:
    """Return what the form of a draft sends, with other values for some fields (`__` for a point)."""
    found = {"revision": str(draft.revision), "sections": "open"}
    for number, section in enumerate(draft.content["sections"]):
        found[f"sections.{number}.title"] = section["title"]
        for place, block in enumerate(section["blocks"]):
            field = f"sections.{number}.blocks.{place}"
            found |= {f"{field}.{name}": block[name] for name in ("title", "source")}
            found[f"{field}.covers"] = " ".join(block["covers"])
    return found | {name.replace("__", "."): value for name, value in changed.items()}


def titles(draft: Draft) -> list[list[str]]:
    return [[one["title"] for one in section["blocks"]] for section in stored(draft).content["sections"]]


# --- Entry -------------------------------------------------------------------------------------------
def test_edit_opens_the_draft_of_a_sheet_in_its_language_begun_once(
    certification: Certification, desk: Client
) -> None:
    edition = SheetEdition.objects.get()
    address = reverse("admin:exams_sheetedition_edit", args=[edition.pk])
    replies = [desk.post(address) for _ in range(2)]
    draft = Draft.objects.get()
    assert [(reply.status_code, reply.headers["Location"]) for reply in replies] == [(302, at(draft))] * 2
    assert draft.name == "cheatsheet/en"


def test_list_page_and_certification_lead_to_the_draft(
    certification: Certification, draft: Draft, desk: Client
) -> None:
    edition = SheetEdition.objects.get()
    action = f'formaction="{reverse("admin:exams_sheetedition_edit", args=[edition.pk])}"'
    change = reverse("admin:exams_sheetedition_change", args=[edition.pk])
    assert action in desk.get(reverse("admin:exams_sheetedition_changelist")).content.decode()
    page = desk.get(change).content.decode()
    assert action in page
    assert "begin" in page  # what staff did with drafts of the sheet
    newer = published.publish(certification, published.small(intro="Said anew."))
    shown = desk.get(f"{reverse('admin:exams_sheetedition_changelist')}?edition=current")
    assert [one.pk for one in shown.context["cl"].result_list] == [newer.edition_id]
    change = reverse("admin:exams_sheetedition_change", args=[newer.edition_id])
    of_all = desk.get(reverse("admin:exams_certification_change", args=[certification.pk])).content.decode()
    assert change in of_all


def test_a_translator_begins_a_sheet_in_another_language_and_none_in_the_original(
    certification: Certification, translator: Client
) -> None:
    address = reverse("admin:exams_sheetedition_new_sheet")
    asked = {"certification": certification.pk, "language": "en"}
    reply = translator.post(address, asked)
    assert reply.status_code == 422
    assert "A translator writes only in other languages" in reply.content.decode()
    reply = translator.post(address, {**asked, "language": "hu"})
    draft = Draft.objects.get()
    assert (reply.status_code, reply.headers["Location"]) == (302, at(draft))
    assert (draft.name, draft.content, draft.base) == ("cheatsheet/hu", {"sections": []}, None)


# --- The page ----------------------------------------------------------------------------------------
def test_the_page_shows_every_block_with_what_the_rules_say_at_its_place(draft: Draft, desk: Client) -> None:
    page = desk.get(at(draft)).content.decode()
    for field in ("sections.0.title", "sections.1.blocks.1.source", "sections.1.blocks.0.covers"):
        assert f'name="{field}"' in page
    said = page[page.index('id="sections.0.blocks.0.source.said"') :][:300]
    assert "A section begins with 60 to 110 words of introduction; here are 3." in said
    assert "data-blocks" not in said
    assert "<style" not in page.partition("<main")[2]


def test_the_form_saves_what_it_holds_and_nothing_else_changes(draft: Draft, desk: Client) -> None:
    assert desk.post(at(draft), fields(draft)).status_code == 302
    assert stored(draft).revision == 1
    changed = fields(draft, sections__1__blocks__0__source="One.\r\n\r\nTwo.", sections__1__title="Data")
    assert desk.post(at(draft), changed).status_code == 302
    after = stored(draft).content
    assert after["sections"][1]["title"] == "Data"
    assert after["sections"][1]["blocks"][0]["source"] == "One.\n\nTwo."
    assert after["sections"][1]["blocks"][1] == draft.content["sections"][1]["blocks"][1]
    assert after["sections"][0] == draft.content["sections"][0]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("add-block.0", [["Introduction", ""], ["Services", "Formats"]]),
        ("remove-block.1.0", [["Introduction"], ["Formats"]]),
        ("up-block.1.1", [["Introduction"], ["Formats", "Services"]]),
        ("up-block.1.0", [["Introduction", "Services"], ["Formats"]]),
        ("down-block.0.0", [[], ["Introduction", "Services", "Formats"]]),
        ("down-block.1.0", [["Introduction"], ["Formats", "Services"]]),
        ("up-section.1", [["Services", "Formats"], ["Introduction"]]),
        ("down-section.0", [["Services", "Formats"], ["Introduction"]]),
        ("remove-section.0", [["Services", "Formats"]]),
        ("add-section", [["Introduction"], ["Services", "Formats"], [""]]),
        ("up-block.0.0", [["Introduction"], ["Services", "Formats"]]),
        ("down-block.1.1", [["Introduction"], ["Services", "Formats"]]),
        ("remove-block.9.0", [["Introduction"], ["Services", "Formats"]]),
        ("remove-block.0.9", [["Introduction"], ["Services", "Formats"]]),
        ("remove-section.x", [["Introduction"], ["Services", "Formats"]]),
        ("up-section.0", [["Introduction"], ["Services", "Formats"]]),
        ("take.0.0", [["Introduction"], ["Services", "Formats"]]),
        ("nonsense", [["Introduction"], ["Services", "Formats"]]),
    ],
)
def test_buttons_add_move_and_remove_sections_and_blocks(
    draft: Draft, desk: Client, act: str, expected: list[list[str]]
) -> None:
    assert desk.post(at(draft), fields(draft, do=act)).status_code == 302
    assert titles(draft) == expected


@pytest.mark.parametrize(("language", "said"), [("en", "At most 200 characters."), ("hu", "Legfeljebb 200")])
def test_what_is_too_long_is_said_at_its_field_and_nothing_is_stored(
    draft: Draft, desk: Client, author: User, language: str, said: str
) -> None:
    profiles.update(author, ui_language=language)
    sent = fields(draft, sections__0__blocks__0__title="x" * 201, sections__0__title="Mine")
    reply = desk.post(at(draft), sent)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert said in page[page.index('id="sections.0.blocks.0.title.said"') :][:300]
    assert 'value="Mine"' in page
    assert stored(draft).revision == 1


def test_a_stale_form_is_refused_and_shows_both_texts(draft: Draft, desk: Client) -> None:
    reviewer = acts.staff("reviewers")
    theirs = fields(draft, sections__0__blocks__0__source="Theirs.")
    desk.force_login(reviewer)
    assert desk.post(at(draft), theirs).status_code == 302
    desk.force_login(acts.staff("authors"))
    reply = desk.post(at(draft), fields(draft, sections__0__blocks__0__source="Mine."))
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "<pre>Theirs.</pre>" in page
    assert ">\nMine.</textarea>" in page
    assert reviewer.email in page
    assert stored(draft).content["sections"][0]["blocks"][0]["source"] == "Theirs."


def test_a_stale_save_of_the_script_says_whether_blocks_were_moved(draft: Draft, desk: Client) -> None:
    mine = {"revision": 1, "fields": fields(draft, sections__0__blocks__0__source="Mine.")}
    desk.post(at(draft), fields(draft, sections__1__title="Theirs"))
    body = ask(desk, draft, "save", mine).json()
    assert (body["code"], body["is_whole"]) == ("stale_draft", False)
    assert {row["field"] for row in body["rows"]} == {"sections.0.blocks.0.source", "sections.1.title"}
    desk.post(at(draft), fields(stored(draft), do="add-block.0"))
    assert ask(desk, draft, "save", mine).json()["is_whole"]


def test_history_compares_a_block_that_moved_with_itself(draft: Draft, desk: Client) -> None:
    desk.post(
        at(draft),
        fields(draft, sections__1__blocks__1__source="- **Parquet:** in columns.", do="up-block.1.1"),
    )
    page = desk.get(at(draft, "versions")).content.decode()
    assert "Order" in page
    assert "<del>by" in page
    assert "<ins>in" in page
    assert "Amazon EFS" not in page  # the block that only changed places
    desk.post(at(draft), fields(stored(draft), do="remove-block.0.0"))
    assert "A short introduction." in desk.get(at(draft, "versions")).content.decode()


def test_a_stale_save_over_moved_blocks_is_chosen_as_a_whole(draft: Draft, desk: Client) -> None:
    desk.post(at(draft), fields(draft, do="up-block.1.1"))
    mine = {"revision": 1, "fields": fields(draft, sections__1__blocks__1__source="Mine.")}
    rows = ask(desk, draft, "save", mine).json()["rows"]
    assert {row["field"]: (row["theirs"][:12], row["mine"][:12]) for row in rows} == {
        "order": ("1.1 Introduc", "1.1 Introduc"),
        "sections.1.blocks.1.source": ("- **Parquet:", "Mine."),
    }


# --- Two languages -----------------------------------------------------------------------------------
def hungarian(certification: Certification, **texts: str) -> Draft:
    """Publish a Hungarian sheet that lacks the last block, and return its draft."""
    whole = published.small("hu", **texts)
    published.publish(certification, type(whole)("hu", whole.blocks[:2]))
    return acts.begin(certification, "cheatsheet", "cheatsheet/hu")


def test_a_translation_stands_beside_the_original_and_shows_what_is_missing(
    certification: Certification, translator: Client
) -> None:
    draft = hungarian(certification, intro="Rövid bevezetés.")
    page = translator.get(at(draft)).content.decode()
    beside = page[page.index('id="sections.0.blocks.0.source"') :]
    assert "Rövid bevezetés." in beside[:400]
    assert '<pre lang="en" tabindex="0">A short introduction.</pre>' in beside
    assert 'value="take.1.1"' in page
    assert "1 block of English is missing here." in page
    assert translator.post(at(draft), fields(draft, do="take.1.1")).status_code == 302
    assert stored(draft).content["sections"][1]["blocks"][1] == {
        "title": "Formats",
        "covers": ["parquet", "s3"],
        "source": "",
    }


def test_a_new_translation_takes_over_the_whole_outline(
    certification: Certification, translator: Client
) -> None:
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/hu")
    page = translator.get(at(draft)).content.decode()
    assert "3 blocks of English are missing here." in page
    assert translator.post(at(draft), fields(draft, do="take-all")).status_code == 302
    assert titles(draft) == [["Introduction"], ["Services", "Formats"]]


def test_blocks_are_matched_by_what_they_cover_wherever_they_stand(certification: Certification) -> None:
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/hu")
    content = {
        "sections": [
            {"title": "A", "blocks": []},
            {"title": "B", "blocks": [{"title": "F", "covers": ["parquet", "s3"], "source": "x"}]},
        ]
    }
    (other,) = sheets.others(draft.certification, "hu", content)
    assert other.blocks[1, 0].title == "Formats"
    assert [(one.number, one.before) for one in other.missing] == [("1.1", 0), ("2.1", 0)]


def test_a_block_whose_original_changed_later_is_called_older(
    certification: Certification, desk: Client
) -> None:
    translation = hungarian(certification)
    assert "The original is newer" not in desk.get(at(translation)).content.decode()
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/en")
    first, *rest = draft.content["sections"]
    changed = {**first, "blocks": [{**first["blocks"][0], "source": "Another introduction."}]}
    acts.publish(draft, {"sections": [changed, *rest]})
    page = desk.get(at(translation)).content.decode()
    assert page.count("The original is newer") == 1
    assert "The original is newer" in page[: page.index("2.1 Services")]
    again = acts.begin(certification, "cheatsheet", "cheatsheet/en")
    page = desk.get(at(again)).content.decode()
    assert page.count("Magyar is older") == 1
    assert "The original is newer" not in page


def test_a_translator_cannot_change_the_original_sheet(draft: Draft, translator: Client) -> None:
    page = translator.get(at(draft)).content.decode()
    assert 'value="add-section"' not in page
    reply = translator.post(at(draft), fields(draft, sections__0__title="Mine"))
    assert reply.status_code == 403
    assert stored(draft).revision == 1


# --- Preview, review and publication -----------------------------------------------------------------
def test_the_preview_shows_a_section_as_readers_see_it(draft: Draft, desk: Client) -> None:
    sent = {
        "fields": fields(draft, sections__1__blocks__1__source="- **Typed:** now\n\n```python\nx = 1\n```")
    }
    for theme in ("light", "dark"):
        address = f"{at(draft, 'preview')}?view=1&theme={theme}"
        reply = desk.post(address, json.dumps(sent), content_type="application/json")
        page = reply.content.decode()
        assert (reply.status_code, reply.headers["X-Frame-Options"]) == (200, "SAMEORIGIN")
        assert "<h3><span" in page
        assert "<strong>Typed:</strong> now" in page
        assert 'data-label="Role"' in page
        assert "A short introduction." not in page
    assert "A short introduction." in desk.get(f"{at(draft, 'preview')}?view=whole").content.decode()


def test_a_preview_of_what_no_sheet_can_show_says_why(draft: Draft, desk: Client) -> None:
    sent = {"fields": fields(draft, sections__0__blocks__0__source="![x](figure:y)")}
    reply = desk.post(at(draft, "preview"), json.dumps(sent), content_type="application/json")
    assert reply.status_code == 422
    assert 'role="alert"' in reply.content.decode()


def test_a_sheet_is_reviewed_by_another_and_published_from_its_page(
    certification: Certification, draft: Draft, desk: Client, client: Client
) -> None:
    desk.post(at(draft), fields(draft, sections__0__blocks__0__source="Said anew."))
    desk.post(at(draft, "send"), {"revision": stored(draft).revision, "assignee": ""})
    digest = stored(draft).digest
    assert desk.post(at(draft, "approve"), {"digest": digest}).status_code == 403
    client.force_login(acts.staff("reviewers"))
    client.post(at(draft, "approve"), {"digest": digest})
    reply = client.post(at(draft, "publish"), {"digest": digest, "reason": "clearer"}, follow=True)
    assert "Readers see the new edition" in reply.content.decode()
    assert stored(draft).state == State.PUBLISHED
    assert selectors.written(certification.code)["en"][0].blocks[0].source == "Said anew."
    shown = Client().get(reverse("exams:cheatsheet", args=[certification.code])).content.decode()
    assert "Said anew." in shown


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("word " * 60 + "\n\n- no bold term", "leading-term"),
        ("word " * 60 + "\n\n- **Term:** " + "word " * 50, "entry-length"),
        ("word " * 60 + "\n\n| A | B |\n| --- | --- |\n| x | " + "word " * 31 + "|", "cell-length"),
        ("word " * 60 + "\n\nExam tip: one.\n\nExam tip: two.", "exam-tips"),
        ("Too short.", "introduction-length"),
    ],
)
def test_where_a_block_leaves_the_form_of_the_sheet_it_is_advised(
    draft: Draft, desk: Client, source: str, rule: str
) -> None:
    sent: dict[str, Any] = {"fields": fields(draft, sections__0__blocks__0__source=source)}
    found = ask(desk, draft, "remarks", sent).json()["remarks"]
    mine = [one for one in found if one["field"] == "sections.0.blocks.0.source"]
    assert [(one["rule"], one["blocks"], one["label"]) for one in mine] == [
        (rule, False, "1.1: Text of the block")
    ]
