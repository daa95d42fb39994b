"""The lists of authors: found by words in every language and with mistakes, filtered."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.bank import services as bank
from exams.bank.models import Item, ItemText
from exams.feedback.models import ProblemReport, ReportState
from tests import factories, roles
from tests.exams.authoring import acts
from tests.factories import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    """The admin as an author sees it."""
    client.force_login(acts.staff("authors"))
    return client


def listed(client: Client, model: str, **asked: Any) -> list[Any]:
    reply = client.get(f"/admin/exams/{model}/", asked)
    assert reply.status_code == 200
    return list(reply.context["cl"].result_list)


def codes(client: Client, **asked: Any) -> list[str]:
    return [item.code for item in listed(client, "item", **asked)]


@pytest.fixture
def special(form: Form) -> Item:
    """A question whose stem, option, explanation and Hungarian text hold words that no other has."""
    item = Item.objects.get(code="E1-Q02")
    draft = factories.item_draft("E1-Q02", 2)
    first, *others = draft.text.options
    text = replace(
        draft.text,
        stem=f"A ferry company forecasts demand with gradient boosting in SageMaker. {draft.text.stem}",
        options=((f"{first[0]} with Kinesis", f"{first[1]}, resharding M5"), *others),
    )
    version = bank.draft_version(item, replace(draft, text=text), factories.publish_log())
    hungarian = factories.hungarian(draft)
    option, *rest = hungarian.options
    texts = replace(
        hungarian, tip="Árvíztűrő tükörfúrógép.", options=((f"{option[0]} adatfolyamban", option[1]), *rest)
    )
    bank.add_text(version, texts, factories.publish_log())
    bank.publish(version)
    return item


# --- Search ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "query",
    [
        *("forecasting", "FORECAST", "gradient", "maker", "kinesis", "M5", "reshard"),
        *("árvíztűrő", "arvizturo", "adatfolyam", "tükörfúrógéppel"),
        *("gradient kinesis adatfolyam", "demand/boosting"),
    ],
)
def test_a_question_is_found_by_stems_parts_and_words_without_accents(
    desk: Client, special: Item, query: str
) -> None:
    assert codes(desk, q=query) == ["E1-Q02"]
    assert {row.item.code for row in listed(desk, "itemversion", q=query)} == {"E1-Q02"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gradeint", "gradient"),
        ("kinessis", "kinesis"),
        ("Sagemkaer", "sagemaker"),
        ("arvizturoo", "arvizturo"),
        ("forcasts demand", "forecasts"),
    ],
)
def test_a_mistyped_word_finds_what_was_meant_and_the_page_says_so(
    desk: Client, special: Item, typed: str, meant: str
) -> None:
    reply = desk.get("/admin/exams/item/", {"q": typed})
    assert [row.code for row in reply.context["cl"].result_list] == ["E1-Q02"]
    said = f"Nothing says “{typed.split()[0]}”. Shown is what says “{meant}”."
    assert reply.content.decode().count(said) == 1


@pytest.mark.parametrize(
    "query", ["zeppelin", "E1-Q0X9", "E9-Q01", "100%", "_", "'", "\\", "\0", "a b c d e f"]
)
def test_what_nothing_says_finds_nothing(desk: Client, special: Item, query: str) -> None:
    found = codes(desk, q=query)
    assert found == [] or query in ("\0", "'", "_", "\\")
    assert "Shown is what says" not in desk.get("/admin/exams/item/", {"q": query}).content.decode()


def test_a_question_is_found_by_its_tags_and_its_coverage(desk: Client, form: Form) -> None:
    Item.objects.filter(code="E1-Q03").update(tags=["hard words"], coverage=["kms-keys"])
    assert codes(desk, q="hard") == codes(desk, q="kms-keys") == ["E1-Q03"]


def test_exams_and_editions_show_their_first_question_and_are_found_by_any(
    desk: Client, special: Item, form: Form
) -> None:
    for model in ("examform", "formedition"):
        page = desk.get(f"/admin/exams/{model}/").content.decode()
        assert "A ferry operator of item E1-Q01 keeps its data." in page, model
        assert len(listed(desk, model, q="operator E1-Q05")) == 1
        assert listed(desk, model, q="zeppelin") == []
        assert listed(desk, model, q="gradient") == []  # said by a version that no edition has
    factories.publish_again("E1-Q02")
    assert [row.number for row in listed(desk, "formedition", q="again")] == [2]
    assert len(listed(desk, "examform", q="again")) == 1


def test_drafts_are_found_by_what_somebody_wrote_into_them(desk: Client, form: Form) -> None:
    author = acts.staff("authors")
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    acts.begin(form.form.certification, "item", "E1-Q02")
    exam = acts.begin(form.form.certification, "form", "exam-1")
    english = draft.content["texts"]["en"]
    options = [{"text": "A submarine", "why": "Über alles."}, *english["options"][1:]]
    content = {**draft.content, "texts": {"en": {**english, "stem": "A zeppelin flies.", "options": options}}}
    services.save(draft_id=draft.pk, revision=1, content=content, actor=author)
    for query in ("zeppelin", "SUBMARINE", "uber", "zeppelin E1-Q01", "zepelin", "submarine flies"):
        assert [row.name for row in listed(desk, "draft", q=query)] == ["E1-Q01"], query
    assert listed(desk, "draft", q="single") == []
    page = desk.get("/admin/exams/draft/").content.decode()
    assert "8 questions" in page
    reply = desk.get(f"/admin/exams/draft/{exam.pk}/change/")
    assert reply.headers["Location"] == f"/admin/exams/draft/{exam.pk}/edit/"


@pytest.mark.parametrize(
    ("table", "condition", "index"),
    [
        ("exams_itemtext", "search_words LIKE '%glacier%'", "item_text_words"),
        ("exams_itemtext", "'glaicer' <% search_words", "item_text_words"),
        ("exams_itemtext", "search_stems @@ plainto_tsquery('english', 'glaciers')", "item_text_stems"),
        ("exams_optiontext", "search_words LIKE '%glacier%'", "option_text_words"),
        ("exams_optiontext", "'glaicer' <% search_words", "option_text_words"),
        ("exams_optiontext", "search_stems @@ plainto_tsquery('english', 'glaciers')", "option_text_stems"),
        ("exams_draft", "search_words LIKE '%glacier%'", "draft_words"),
    ],
)
def test_each_condition_of_a_search_has_its_index(db: None, table: str, condition: str, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT id FROM {table} WHERE {condition}".replace("%", "%%"), [])
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert f"Bitmap Index Scan on {index}" in plan, plan


@pytest.mark.controls
def test_without_the_words_of_options_their_parts_and_mistakes_are_not_found(
    desk: Client, special: Item
) -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE exams_optiontext ALTER COLUMN search_words DROP EXPRESSION")
        cursor.execute("ALTER TABLE exams_optiontext DISABLE TRIGGER USER")
        cursor.execute("UPDATE exams_optiontext SET search_words = ''")
    assert codes(desk, q="inesis") == []
    assert codes(desk, q="kinessis") == []


# --- Filters -----------------------------------------------------------------------------------------
def test_questions_are_filtered_by_coverage_of_the_chosen_task(desk: Client, form: Form) -> None:
    Item.objects.filter(code="E1-Q01").update(coverage=["kms-keys", "s3"])
    assert codes(desk, coverage="kms-keys") == ["E1-Q01"]
    assert len(codes(desk, coverage="s3")) == 8
    page = desk.get("/admin/exams/item/", {"task__code": "4.1", "q": "ferry"}).content.decode()
    assert '<option value="s3">s3</option>' in page
    assert "kms-keys" not in page
    assert '<input type="hidden" name="task__code" value="4.1">' in page
    assert '<input type="hidden" name="q" value="ferry">' in page
    for hostile in ("x", "9" * 30, "-1"):
        assert desk.get("/admin/exams/item/", {"task__domain__number": hostile}).status_code in (200, 302)


def test_questions_are_filtered_by_state_and_the_list_tells_it(desk: Client, form: Form) -> None:
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    Item.objects.filter(code="E1-Q01").update(current=None)
    drafts = {
        code: acts.begin(form.form.certification, "item", code) for code in ("E1-Q02", "E1-Q04", "E1-Q05")
    }
    for code in ("E1-Q04", "E1-Q05"):
        services.send_to_review(draft_id=drafts[code].pk, revision=1, actor=author)
    services.approve(draft_id=drafts["E1-Q05"].pk, digest=drafts["E1-Q05"].digest, actor=reviewer)
    assert codes(desk, state="withdrawn") == ["E1-Q01"]
    assert len(codes(desk, state="in_use")) == 7
    assert codes(desk, state="draft") == ["E1-Q02"]
    assert codes(desk, state="review") == ["E1-Q04"]
    assert codes(desk, state="approved") == ["E1-Q05"]
    assert codes(desk, state="published") == codes(desk)
    page = desk.get("/admin/exams/item/").content.decode()
    for word in ("withdrawn", "being written", "in review", "approved"):
        assert re.search(rf"field-state[^>]*>\s*{word}\s*<", page), word
    services.discard(draft_id=drafts["E1-Q02"].pk, actor=author, reason="not needed")
    assert codes(desk, state="draft") == []


def test_questions_are_filtered_by_reports(desk: Client, form: Form, anna: User) -> None:
    attempt = factories.start(anna, form).attempt_id
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    for position, state in ((1, ReportState.OPEN), (2, ReportState.UNCHANGED)):
        ProblemReport.objects.create(
            user=anna,
            attempt_id=attempt,
            position=position,
            version=form.edition.items.get(position=position).version,
            reason="key",
            language="en",
            state=state,
            answer="" if state == ReportState.OPEN else "It is as it should be.",
            answered_at=None if state == ReportState.OPEN else Now(),
        )
    factories.publish_again("E1-Q01")  # a report on an earlier version is one on the question
    assert codes(desk, reports="open") == ["E1-Q01"]
    assert codes(desk, reports="any") == ["E1-Q01", "E1-Q02"]
    assert len(codes(desk, reports="none")) == 6


def test_questions_are_filtered_by_a_language_that_is_missing(desk: Client, form: Form) -> None:
    assert codes(desk, missing="hu") == []
    factories.publish_again("E1-Q02")  # in English alone
    Item.objects.filter(code="E1-Q03").update(current=None)
    assert ItemText.objects.filter(version__item__code="E1-Q02", language="hu").exists()
    assert codes(desk, missing="hu") == codes(desk, missing="any") == ["E1-Q02"]
    assert codes(desk, missing="en") == []
    assert codes(desk, missing="xx") == codes(desk)


def test_drafts_are_filtered_by_what_is_drafted_in_words(desk: Client, form: Form) -> None:
    acts.begin(form.form.certification, "item", "E1-Q01")
    acts.begin(form.form.certification, "form", "exam-1")
    assert [row.name for row in listed(desk, "draft", kind="form")] == ["exam-1"]
    page = desk.get("/admin/exams/draft/").content.decode()
    assert 'href="?kind=item" title="Question"' in page
    Draft.objects.filter(name="E1-Q01").update(state=State.REVIEW)
    assert [row.name for row in listed(desk, "draft", state="review")] == ["E1-Q01"]


def test_a_saved_link_sorts_by_the_column_that_it_was_saved_for(desk: Client, form: Form) -> None:
    by_code = [item.code for item in listed(desk, "item", o="-1")]
    assert by_code == sorted(by_code, reverse=True)
    by_domain = [item.task.domain.number for item in listed(desk, "item", o="-5")]
    assert by_domain == sorted(by_domain, reverse=True)
    assert by_domain[0] > by_domain[-1]
