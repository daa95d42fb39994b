"""Many questions at once: exported, tagged, sent to review, withdrawn; what is refused is told one by one."""

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.jobs import runner
from accounts.jobs.models import Job, JobFile
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.assembly.models import DrawnPaper
from exams.authoring import exports, services, withdrawal
from exams.authoring.models import Draft, State
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification
from exams.content.exchange_formats import registry
from tests import factories
from tests.exams.authoring import acts
from tests.factories import Form

pytestmark = pytest.mark.django_db

LIST = "/admin/exams/item/"


@pytest.fixture
def desk(client: Client) -> Client:
    """The admin as an author sees it."""
    client.force_login(acts.staff("authors"))
    return client


def ids(*codes: str) -> str:
    return ",".join(str(Item.objects.get(code=code).pk) for code in codes)


def do(client: Client, act: str, codes: str, **values: Any) -> Any:
    return client.post(reverse(f"admin:exams_item_{act}"), {"ids": codes, **values})


def outcome(client: Client, act: str, codes: str, **values: Any) -> str:
    """Do an act; return the page that it leads to, which says what came of it."""
    reply = do(client, act, codes, **values)
    assert reply.status_code == 302
    return client.get(reply.headers["Location"]).content.decode()


def export(client: Client, codes: str, format_name: str) -> tuple[str, Job]:
    """Ask for an export, have it made; return its page and its job."""
    address = do(client, "export", codes, format_name=format_name).headers["Location"]
    return address, worked()


def worked() -> Job:
    assert runner.run_due() == 1
    return Job.objects.get(state="done")


# --- The list ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("authors", {"export_chosen", "tag_chosen", "send_chosen"}),
        (
            "reviewers",
            {"export_chosen", "tag_chosen", "send_chosen", "withdraw_chosen", "confirm_chosen"},
        ),
        ("translators", {"send_chosen"}),
    ],
)
def test_the_list_offers_each_role_what_it_may_do(
    form: Form, client: Client, role: str, expected: set[str]
) -> None:
    client.force_login(acts.staff(role))
    page = client.get(LIST).content.decode()
    every = {"export_chosen", "tag_chosen", "send_chosen", "withdraw_chosen", "confirm_chosen"}
    assert {name for name in every if f'value="{name}"' in page} == expected


def test_an_act_asks_first_and_names_what_was_chosen(form: Form, desk: Client) -> None:
    item = Item.objects.get(code="E1-Q01")
    reply = desk.post(LIST, {"action": "tag_chosen", "_selected_action": [item.pk]})
    page = reply.content.decode()
    assert f'name="ids" value="{item.pk}"' in page
    assert "E1-Q01" in page
    assert f'action="{reverse("admin:exams_item_tag")}"' in page


# --- Export ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("format_name", [one.name for one in registry.FORMATS.values() if one.can_write])
@pytest.mark.django_db(transaction=True)
def test_an_export_is_made_by_a_job_and_fetched_by_who_asked(
    form: Form, desk: Client, format_name: str
) -> None:
    address, job = export(desk, ids("E1-Q02", "E1-Q01"), format_name)
    assert job.result["items"] == 2
    page = desk.get(address).content.decode()
    assert "2 questions" in page
    total = job.result["losses_total"]
    assert (f"{total} detail" if total else "The format carries everything.") in page
    found = desk.get(reverse("accounts:job_file", args=[job.pk]))
    parsed = registry.read(format_name, found.content, "questions")
    assert not parsed.problems
    assert len(parsed.items) == 2
    desk.force_login(acts.staff("reviewers"))
    assert desk.get(address).status_code == 404
    assert desk.get(reverse("accounts:job_file", args=[job.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_exam_is_exported_in_its_order(form: Form, desk: Client) -> None:
    acts.publish(
        acts.begin(form.form.certification, "form", "exam-1"),
        {"items": [{"code": code, "scored": True} for code in ("E1-Q03", "E1-Q01")]},
    )
    address = reverse("admin:exams_examform_export", args=[form.form.pk])
    assert desk.get(address).status_code == 200
    reply = desk.post(address, {"format_name": "yaml"})
    job = worked()
    found = desk.get(reverse("accounts:job_file", args=[job.pk]))
    assert 'filename="mls-c01-exam-1.yaml"' in found.headers["Content-Disposition"]
    parsed = registry.read("yaml", found.content, "x.yaml")
    assert [item.record.id for item in parsed.items] == ["E1-Q03", "E1-Q01"]
    assert (
        reverse("admin:exams_examform_change", args=[form.form.pk])
        in desk.get(reply.headers["Location"]).content.decode()
    )


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_question_is_not_exported(form: Form, desk: Client) -> None:
    Item.objects.filter(code="E1-Q01").update(current=None)
    _address, job = export(desk, ids("E1-Q02", "E1-Q01"), "yaml")
    assert job.result["items"] == 1


@pytest.mark.parametrize("chosen", ["", "x,y"])
def test_an_export_of_nothing_is_refused(form: Form, desk: Client, chosen: str) -> None:
    reply = do(desk, "export", chosen, format_name="yaml")
    assert reply.status_code == 422
    assert "Choose at least one question" in reply.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("format_name", "problem"), [("aiken", "Select a valid choice"), ("", "This field is required.")]
)
def test_an_export_into_no_format_is_refused(
    form: Form, desk: Client, format_name: str, problem: str
) -> None:
    reply = do(desk, "export", ids("E1-Q01"), format_name=format_name)
    assert reply.status_code == 422
    assert problem in reply.content.decode()
    assert not Job.objects.exists()


def test_the_act_itself_asks_for_the_right(form: Form) -> None:
    with pytest.raises(Refused) as caught:
        exports.of_exam(format_name="yaml", form_id=form.form.pk, owner=acts.staff("translators"))
    assert caught.value.code == "not_allowed"


# --- Tags --------------------------------------------------------------------------------------------
def test_tags_are_added_to_drafts_and_what_is_in_review_is_refused(form: Form, desk: Client) -> None:
    waiting = acts.begin(form.form.certification, "item", "E1-Q02")
    Draft.objects.filter(pk=waiting.pk).update(state=State.REVIEW)
    Item.objects.filter(code="E1-Q03").update(current=None)
    for _ in range(2):
        chosen = ids("E1-Q01", "E1-Q02", "E1-Q03")
        page = outcome(desk, "tag", chosen, tags="hard words,  to check , hard words")
    assert Draft.objects.get(name="E1-Q01").content["tags"] == ["hard words", "to check"]
    assert "Done for 1 question." in page
    assert "2 were refused" in page
    assert "Its draft is in review or approved." in page
    assert "This question is not in use." in page


@pytest.mark.parametrize("tags", ["", " , ", "x" * 61, ",".join(map(str, range(21)))])
def test_tags_that_are_none_or_too_many_are_refused(form: Form, desk: Client, tags: str) -> None:
    assert do(desk, "tag", ids("E1-Q01"), tags=tags).status_code == 422
    assert not Draft.objects.exists()


# --- Review and withdrawal ---------------------------------------------------------------------------
def test_drafts_are_sent_to_review_and_those_that_break_rules_are_told(form: Form, desk: Client) -> None:
    author = acts.staff("authors")
    profiles.update(author, ui_language="hu")
    drafts = [acts.begin(form.form.certification, "item", code) for code in ("E1-Q01", "E1-Q02")]
    broken = {**drafts[1].content, "task": ""}
    services.save(draft_id=drafts[1].pk, revision=1, content=broken, actor=author)
    page = outcome(desk, "send", ids("E1-Q01", "E1-Q02", "E1-Q03"), assignee=acts.staff("reviewers").pk)
    states = dict(Draft.objects.values_list("name", "state"))
    assert states == {"E1-Q01": State.REVIEW, "E1-Q02": State.DRAFT}
    assert Draft.objects.get(name="E1-Q01").assignee == acts.staff("reviewers")
    assert "Ennek a kérdésnek nincs vázlata." in page


def test_questions_are_withdrawn_with_a_reason_and_by_reviewers_alone(form: Form, desk: Client) -> None:
    chosen = ids("E1-Q01", "E1-Q05")
    assert do(desk, "withdraw_all", chosen, reason="outdated").status_code == 403
    desk.force_login(acts.staff("reviewers"))
    assert do(desk, "withdraw_all", chosen, reason="").status_code == 422
    assert Item.objects.filter(current=None).count() == 0
    publish_spare("E9-Q01", 1)
    page = outcome(desk, "withdraw_all", chosen, reason="outdated")
    assert set(Item.objects.filter(current=None).values_list("code", flat=True)) == {"E1-Q01", "E1-Q05"}
    for words in (
        "Done for 2 questions.",
        "Exam 1: 7 questions instead of 8",
        "Should scores leave them out?",
    ):
        assert words in page
    publish_spare("E9-Q02", 3)
    page = outcome(desk, "withdraw_all", ids("E1-Q05", "E1-Q06"), reason="outdated")
    assert "1 was refused" in page
    assert "Done for 1 question." in page
    desk.force_login(acts.staff("admin"))
    page = outcome(desk, "confirm_all", ids("E1-Q01", "E1-Q02", "E1-Q05"))
    assert "Done for 2 questions." in page
    assert "No withdrawal of this question waits for a second reviewer." in page


def test_the_page_after_a_withdrawal_is_reloaded_without_withdrawing_again(form: Form, desk: Client) -> None:
    desk.force_login(acts.staff("reviewers"))
    address = reverse("admin:exams_item_withdraw_all")
    assert desk.get(address).headers["Location"] == LIST
    page = outcome(desk, "withdraw_all", ids("E1-Q05"), reason="outdated")
    withdrawal.restore(
        item_id=Item.objects.get(code="E1-Q05").pk,
        version_id=ItemVersion.objects.get(item__code="E1-Q05").pk,
        actor=acts.staff("reviewers"),
        reason="It was right.",
    )
    for text in ("Done for 1 question.", "Exam 1: 7 questions instead of 8"):
        assert text in page
        assert text in desk.get(address).content.decode()
    assert AuditEntry.objects.filter(action=withdrawal.WITHDRAW).count() == 1
    # It is the outcome of this act, and for who did it.
    assert desk.get(reverse("admin:exams_item_tag")).headers["Location"] == LIST
    desk.force_login(acts.staff("admin"))
    assert desk.get(address).headers["Location"] == LIST


def test_nothing_is_asked_about_scores_where_no_exam_or_drill_had_the_question(
    form: Form, desk: Client
) -> None:
    factories.make_sample(form.form.certification)
    desk.force_login(acts.staff("reviewers"))
    page = outcome(desk, "withdraw_all", ids("S03"), reason="outdated")
    assert "Should scores leave" not in page
    own = reverse("admin:exams_item_withdraw", args=[Item.objects.get(code="S03").pk])
    assert "It left the free sample." in desk.get(own).content.decode()
    assert "Should scores leave" not in desk.get(own).content.decode()
    version = ItemVersion.objects.get(item__code="S03")
    DrawnPaper.objects.create(
        certification=form.form.certification,
        language="en",
        version_ids=[version.pk],
        text_ids=[version.texts.get(language="en").pk],
        created_at=Now(),
    )
    assert "Should scores leave it out?" in desk.get(own).content.decode()


def test_the_page_of_a_withdrawal_says_where_questions_are_used_and_what_to_write_first(
    form: Form, desk: Client
) -> None:
    factories.make_sample(form.form.certification)
    desk.force_login(acts.staff("reviewers"))
    chosen = [Item.objects.get(code=code).pk for code in ("E1-Q05", "E1-Q06", "S03")]
    page = desk.post(LIST, {"action": "withdraw_chosen", "_selected_action": chosen}).content.decode()
    for words in ("Exam 1, question 5", "S03, question 3: leaves the sample", "In 0 practice sets so far."):
        assert words in page
    assert "First write and publish 1 new question on task statement 3.1." in page
    reply = do(desk, "withdraw_all", ids("E1-Q05", "E1-Q06", "S03"), reason="They leaked.")
    assert reply.status_code == 422
    assert "First write and publish" in reply.content.decode()
    assert not Item.objects.filter(current=None).exists()


def publish_spare(code: str, domain: int) -> None:
    """Publish a question that is in no exam."""
    draft = factories.item_draft(code, domain, keys=(False, True, False, False))
    made = bank.ensure_item(Certification.objects.get(), draft)
    bank.publish(bank.draft_version(made, draft, factories.publish_log()))


def test_too_many_questions_at_once_are_refused(form: Form, desk: Client) -> None:
    many = ",".join(map(str, range(1, 502)))
    reply = do(desk, "tag", many, tags="one")
    assert reply.status_code == 422
    assert "at most 500" in reply.content.decode()
    assert not Draft.objects.exists()


def test_candidates_do_none_of_it(form: Form, client: Client) -> None:
    client.force_login(factories.make_user("anna@example.org"))
    assert do(client, "export", ids("E1-Q01"), format_name="yaml").status_code == 302
    assert not Job.objects.exists()


def no_longer_author() -> None:
    author = acts.staff("authors")
    author.groups.clear()
    User.objects.filter(pk=author.pk).update(is_staff=False)


@pytest.mark.django_db(transaction=True)
def test_the_file_of_an_export_is_closed_once_its_owner_writes_no_more(form: Form, desk: Client) -> None:
    _address, job = export(desk, ids("E1-Q01"), "csv")
    file = reverse("accounts:job_file", args=[job.pk])
    assert desk.get(file).status_code == 200
    no_longer_author()
    assert desk.get(file).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_export_whose_owner_writes_no_more_when_its_turn_comes_is_not_made(form: Form) -> None:
    job = exports.of_items(
        format_name="csv", item_ids=[Item.objects.earliest("pk").pk], owner=acts.staff("authors")
    )
    no_longer_author()
    runner.run_due()
    job.refresh_from_db()
    assert (job.state, job.error) == ("waiting", "Refused: Your role does not allow this.")
    assert not JobFile.objects.exists()
