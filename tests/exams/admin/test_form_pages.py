"""Exams in the admin: begun, put together by hand or drawn, proofed, reviewed and published."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.jobs.models import Job, JobFile
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.assembly.drawing import Shortage
from exams.assembly.models import ExamForm
from exams.assembly.selectors import current_edition
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.bank.models import Item
from exams.presentation.shortages import sentence
from tests import factories
from tests.exams.authoring import acts
from tests.factories import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return acts.staff("authors")


@pytest.fixture
def draft(form: Form) -> Draft:
    return acts.begin(form.form.certification, "form", "exam-1")


@pytest.fixture
def desk(client: Client, author: User) -> Client:
    """The admin as an author sees it."""
    client.force_login(author)
    return client


def at(draft: Draft, name: str = "edit") -> str:
    return reverse(f"admin:exams_draft_{name}", args=[draft.pk])


def fields(draft: Draft, **changed: str) -> dict[str, str]:
    """Return what the form of a draft sends, with other values for some fields (`__` for a point)."""
    found = {"revision": str(draft.revision), "items": "open"}
    found |= {name: str(draft.content[name]) for name in ("minutes", "pass_mark", "scale_min", "scale_max")}
    found |= {f"weights.{number}": str(weight) for number, weight in draft.content["weights"].items()}
    for number, one in enumerate(draft.content["items"]):
        found |= {f"items.{number}.code": one["code"], f"items.{number}.place": str(number + 1)}
        if one["scored"]:
            found[f"items.{number}.scored"] = "on"
    return found | {name.replace("__", "."): value for name, value in changed.items()}


def stored(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)


def codes(draft: Draft) -> list[str]:
    return [one["code"] for one in stored(draft).content["items"]]


def numbered(*numbers: int) -> list[str]:
    return [f"E1-Q{number:02d}" for number in numbers]


# --- Entry -------------------------------------------------------------------------------------------
def test_edit_opens_the_draft_of_an_exam_begun_once(form: Form, desk: Client) -> None:
    address = reverse("admin:exams_examform_edit", args=[form.form.pk])
    replies = [desk.post(address) for _ in range(2)]
    draft = Draft.objects.get()
    assert [(reply.status_code, reply.headers["Location"]) for reply in replies] == [(302, at(draft))] * 2
    assert (draft.kind, draft.name) == ("form", "exam-1")


def test_list_and_page_of_an_exam_have_the_button_for_who_writes(
    form: Form, desk: Client, client: Client
) -> None:
    action = f'formaction="{reverse("admin:exams_examform_edit", args=[form.form.pk])}"'
    pages = [
        reverse("admin:exams_examform_changelist"),
        reverse("admin:exams_examform_change", args=[form.form.pk]),
    ]
    assert all(action in desk.get(page).content.decode() for page in pages)
    looks = User.objects.create_user("looks@example.org", factories.PASSWORD, is_staff=True)
    factories.see_only(looks, "exams.view_examform", "exams.view_formedition")
    client.force_login(looks)
    for page in pages:
        reply = client.get(page)
        assert reply.status_code == 200
        assert action not in reply.content.decode()


def test_a_new_exam_gets_the_next_number_that_no_exam_and_no_draft_has(form: Form, desk: Client) -> None:
    address = reverse("admin:exams_examform_new_exam")
    asked = {"certification": form.form.certification.pk}
    for number in (2, 3):
        reply = desk.post(address, asked)
        draft = Draft.objects.get(name=f"exam-{number}")
        assert reply.headers["Location"] == at(draft)
        assert (draft.content["items"], draft.content["minutes"]) == ([], 180)
    for number in (1, 2):
        reply = desk.post(address, {**asked, "number": number})
        assert reply.status_code == 422
        assert "There is an exam or a draft with this number already." in reply.content.decode()
    reply = desk.post(address, {**asked, "number": 1000})
    assert reply.status_code == 422
    assert Draft.objects.count() == 2


def test_what_was_looked_for_stays_after_every_button(draft: Draft, desk: Client) -> None:
    found = {
        act: desk.post(at(draft), {**fields(stored(draft)), "do": act, "q": "ferry"}).headers["Location"]
        for act in ("search", "save", "add.E1-Q99", "down.0")
    }
    assert found == {
        "search": f"{at(draft)}?q=ferry#found",
        "save": f"{at(draft)}?q=ferry",
        "add.E1-Q99": f"{at(draft)}?q=ferry#found",
        "down.0": f"{at(draft)}?q=ferry#items",
    }


# --- The page ----------------------------------------------------------------------------------------
def test_the_page_shows_each_question_with_its_words_and_what_the_rules_say_at_its_place(
    draft: Draft, desk: Client
) -> None:
    Item.objects.filter(code="E1-Q02").update(current=None)
    page = desk.get(at(draft)).content.decode()
    row = page[page.index('id="items.1"') : page.index('id="items.2"')]
    assert "E1-Q02 is not published." in row
    assert "Domain 2, task" in page
    assert 'href="#items.1"' in page
    assert "The real exam has 65 questions, this one 8." in page


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"do": "down.0"}, numbered(2, 1, 3, 4, 5, 6, 7, 8)),
        ({"do": "up.7"}, numbered(1, 2, 3, 4, 5, 6, 8, 7)),
        ({"do": "up.0"}, numbered(1, 2, 3, 4, 5, 6, 7, 8)),
        ({"do": "remove.3"}, numbered(1, 2, 3, 5, 6, 7, 8)),
        ({"do": "save", "items.7.place": "1", "items.6.place": "2"}, numbered(8, 7, 1, 2, 3, 4, 5, 6)),
        ({"do": "save", "items.0.place": "99"}, numbered(2, 3, 4, 5, 6, 7, 8, 1)),
        ({"do": "add", "codes": "E1-Q01, E2-Q05"}, [*numbered(1, 2, 3, 4, 5, 6, 7, 8), "E2-Q05"]),
        ({"do": "save", "codes": "E2-Q05"}, [*numbered(1, 2, 3, 4, 5, 6, 7, 8), "E2-Q05"]),
        ({"do": "up.7", "codes": "E2-Q05"}, [*numbered(1, 2, 3, 4, 5, 6, 8, 7), "E2-Q05"]),
        ({"do": "add.E2-Q05"}, [*numbered(1, 2, 3, 4, 5, 6, 7, 8), "E2-Q05"]),
        ({"do": "remove.99"}, numbered(1, 2, 3, 4, 5, 6, 7, 8)),
        ({"do": "nothing.0"}, numbered(1, 2, 3, 4, 5, 6, 7, 8)),
    ],
)
def test_each_button_saves_the_whole_form_and_moves_questions(
    draft: Draft, desk: Client, sent: dict[str, str], expected: list[str]
) -> None:
    reply = desk.post(at(draft), {**fields(draft), **sent, "minutes": "90"})
    assert reply.status_code == 302
    assert codes(draft) == expected
    assert stored(draft).content["minutes"] == 90


def test_what_is_scored_is_what_was_ticked(draft: Draft, desk: Client) -> None:
    sent = fields(draft, items__7__scored="on")
    del sent["items.0.scored"]
    desk.post(at(draft), sent)
    assert [one["scored"] for one in stored(draft).content["items"]] == [False] + [True] * 7


@pytest.mark.parametrize("field", ["minutes", "scale_max", "weights.2"])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "Enter a whole number from"), ("hu", "Adj meg egy egész számot")]
)
def test_what_is_no_number_is_said_at_its_field_and_nothing_is_stored(
    draft: Draft, desk: Client, author: User, field: str, language: str, said: str
) -> None:
    profiles.update(author, ui_language=language)
    reply = desk.post(at(draft), {**fields(draft), field: "ninety", "do": "remove.0"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert said in page[page.index(f'id="{field}.said"') :][:200]
    assert 'value="ninety"' in page
    assert codes(draft) == numbered(1, 2, 3, 4, 5, 6, 7, 8)


def test_a_save_over_a_newer_one_shows_both_and_loses_nothing(draft: Draft, desk: Client) -> None:
    sent = fields(draft, minutes="90")
    content = {**draft.content, "minutes": 120}
    services.save(draft_id=draft.pk, revision=1, content=content, actor=acts.staff("reviewers"))
    reply = desk.post(at(draft), sent)
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "<pre>120</pre>" in page
    assert 'name="minutes" inputmode="numeric" value="90"' in page
    assert stored(draft).content["minutes"] == 120


def test_the_search_keeps_what_was_typed_and_offers_what_is_not_in_the_exam(
    form: Form, draft: Draft, desk: Client
) -> None:
    factories.make_form(form.form.certification, number=2, domains=(1, 2), unscored=(), multiple=())
    reply = desk.post(at(draft), {**fields(draft, minutes="90"), "do": "search", "q": "E2-Q"})
    assert stored(draft).content["minutes"] == 90
    page = desk.get(reply.headers["Location"].partition("#")[0]).content.decode()
    assert [code for code in ("E1-Q01", "E2-Q01", "E2-Q02") if f'value="add.{code}"' in page] == [
        "E2-Q01",
        "E2-Q02",
    ]


def test_the_page_of_an_exam_says_that_it_is_open_and_who_else_has_it(draft: Draft, desk: Client) -> None:
    assert "js/presence" in desk.get(at(draft)).content.decode()
    other = acts.staff("reviewers")
    services.touch(draft_id=draft.pk, actor=other)
    assert desk.post(at(draft, "touch"), {}, content_type="application/json").json()["people"] == [
        other.email
    ]
    assert other.email in desk.get(at(draft)).content.decode()


def test_a_translator_reads_an_exam_and_cannot_change_it(draft: Draft, client: Client) -> None:
    client.force_login(acts.staff("translators"))
    page = client.get(at(draft)).content.decode()
    assert 'value="save" class="first"' not in page
    reply = client.post(at(draft), fields(draft, minutes="90"))
    assert reply.status_code == 403
    assert stored(draft).content["minutes"] == 180


def test_history_compares_the_numbers_and_the_questions(draft: Draft, desk: Client) -> None:
    desk.post(at(draft), {**fields(draft, minutes="90"), "do": "remove.0"})
    page = desk.get(at(draft, "versions")).content.decode()
    assert "Minutes" in page
    assert "<del>E1-Q01" in page


# --- Review and publication --------------------------------------------------------------------------
def test_an_exam_is_reviewed_and_published_from_its_page(form: Form, draft: Draft, desk: Client) -> None:
    desk.post(at(draft), {**fields(draft), "do": "down.0"})
    desk.post(at(draft, "send"), {"revision": stored(draft).revision, "assignee": ""})
    assert stored(draft).state == State.REVIEW
    desk.force_login(acts.staff("reviewers"))
    digest = stored(draft).digest
    desk.post(at(draft, "approve"), {"digest": digest})
    reply = desk.post(at(draft, "publish"), {"digest": digest, "reason": "another order"}, follow=True)
    assert "keeps the edition they began" in reply.content.decode()
    edition = current_edition(form.form.pk)
    assert edition is not None
    assert edition.items.get(position=1).version.item.code == "E1-Q02"


def test_what_blocks_keeps_an_exam_from_review_and_is_said_with_its_place(draft: Draft, desk: Client) -> None:
    desk.post(at(draft), {**fields(draft), "do": "add", "codes": "E9-Q99"})
    reply = desk.post(at(draft, "send"), {"revision": stored(draft).revision})
    assert reply.status_code == 422
    assert '<a href="#items.8">E9-Q99 is not published.</a>' in reply.content.decode()


# --- Drawing -----------------------------------------------------------------------------------------
def plan(draft: Draft, **asked: Any) -> dict[str, Any]:
    return {
        "revision": draft.revision,
        "seed": 1,
        **{name.replace("__", "."): n for name, n in asked.items()},
    }


def test_the_plan_begins_with_the_counts_of_the_real_exam_by_weight(draft: Draft, desk: Client) -> None:
    form = desk.get(at(draft, "draw")).context["form"]
    counts = {
        what: sum(form.initial[f"{what}.{domain.number}"] for domain in form.domains)
        for what in ("scored", "unscored")
    }
    assert counts == {"scored": 50, "unscored": 15}
    assert form.initial["scored.1"] == 10


def test_a_drawn_exam_fills_the_draft_the_same_for_the_same_seed(draft: Draft, desk: Client) -> None:
    found = []
    for _ in range(2):
        asked = plan(
            stored(draft), scored__1=1, scored__3=2, unscored__4=1, fixed="E1-Q05", excluded="E1-Q06"
        )
        reply = desk.post(at(draft, "draw"), asked)
        assert (reply.status_code, reply.headers["Location"]) == (302, at(draft))
        found.append(stored(draft).content["items"])
    assert found[0] == found[1]
    assert len(found[0]) == 4
    assert {"E1-Q05", "E1-Q07"} <= set(codes(draft))
    assert [one["code"] for one in found[0] if not one["scored"]] == ["E1-Q08"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Domain 1 needs 5 questions; 2 can be used."),
        ("hu", "1. témakör: 5 kérdés kell, de csak 2 használható."),
    ],
)
def test_what_makes_a_plan_impossible_is_said_in_words_and_nothing_changes(
    draft: Draft, desk: Client, author: User, language: str, said: str
) -> None:
    profiles.update(author, ui_language=language)
    reply = desk.post(at(draft, "draw"), plan(draft, scored__1=5))
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert stored(draft).revision == 1


def test_what_was_only_not_found_is_not_called_impossible(draft: Draft, desk: Client) -> None:
    """Each kind alone is possible; together they are not, which the search cannot prove."""
    asked = plan(draft, scored__2=1, **{"least.kind.single": 1, "least.kind.multiple": 1})
    page = desk.post(at(draft, "draw"), asked).content.decode()
    assert "There may be one: try another seed" in page
    assert "at least 1 are needed" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Say how many scored questions the exam has."),
        ({"scored.1": 300, "unscored.2": 300}, "An exam has at most 500 questions."),
        ({"scored.1": 1, "least.kind.single": 2, "most.kind.single": 1}, "This is less than the least."),
        ({"scored.1": "one"}, "Enter a whole number."),
        ({"scored.1": 1, "seed": ""}, "This field is required."),
    ],
)
def test_a_plan_that_says_nothing_or_too_much_is_refused_at_its_field(
    draft: Draft, desk: Client, asked: dict[str, Any], said: str
) -> None:
    reply = desk.post(at(draft, "draw"), plan(draft, **asked))
    assert reply.status_code == 422
    assert said in reply.content.decode()


def test_a_draft_that_was_saved_meanwhile_is_not_overwritten_by_a_draw(draft: Draft, desk: Client) -> None:
    asked = plan(draft, scored__1=1)
    services.save(
        draft_id=draft.pk, revision=1, content={**draft.content, "minutes": 5}, actor=acts.staff("authors")
    )
    reply = desk.post(at(draft, "draw"), asked)
    assert reply.status_code == 409
    assert len(codes(draft)) == 8


@pytest.mark.parametrize("what", ["domain", "task", "kind", "difficulty", "cover", "twins", "fixed"])
@pytest.mark.parametrize("counts", [(2, 1), (1, 2)])
def test_every_reason_has_a_sentence_that_names_it(what: str, counts: tuple[int, int]) -> None:
    assert "E1-Q07" in sentence(Shortage(what, "E1-Q07", *counts))
    assert "%" not in sentence(Shortage(what, "3", *counts))


# --- The proof sheet ---------------------------------------------------------------------------------
def test_the_proof_sheet_is_a_page_and_a_pdf_for_who_asked(
    draft: Draft, desk: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    page = desk.get(at(draft, "proof")).content.decode()
    assert "Words to read" in page
    reply = desk.post(at(draft, "proof"))
    assert desk.post(at(draft, "proof")).headers["Location"] == reply.headers["Location"]
    job = Job.objects.get()
    assert "In progress" in desk.get(reply.headers["Location"]).content.decode()
    JobFile.objects.create(job=job, name="proof.pdf", media_type="application/pdf", content=b"%PDF")
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=job.created_at)
    page = desk.get(reply.headers["Location"]).content.decode()
    assert reverse("accounts:job_file", args=[job.pk]) in page
    desk.force_login(acts.staff("reviewers"))
    assert desk.get(reply.headers["Location"]).status_code == 404


def test_a_changed_draft_gets_a_proof_sheet_of_its_own(draft: Draft, desk: Client) -> None:
    desk.post(at(draft, "proof"))
    desk.post(at(draft), fields(draft, minutes="90"))
    desk.post(at(draft, "proof"))
    assert Job.objects.count() == 2


def test_a_draft_of_a_question_has_no_proof_sheet(form: Form, desk: Client) -> None:
    item = acts.begin(form.form.certification, "item", "E1-Q01")
    assert desk.get(at(item, "proof")).status_code == 404
    assert desk.get(at(item, "draw")).status_code == 404


def test_an_exam_that_is_gone_cannot_be_edited(form: Form, desk: Client) -> None:
    for name in ("99999", "x"):
        assert desk.post(reverse("admin:exams_examform_edit", args=[name])).status_code == 404
    assert ExamForm.objects.count() == 1
