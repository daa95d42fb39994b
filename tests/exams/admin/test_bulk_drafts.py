"""Many drafts at once: sent, approved, published with one reason; what was changed or is refused stays."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.catalog import services as catalog
from tests.exams.authoring import acts
from tests.exams.authoring.test_services import save, with_stem
from tests.factories import Form

pytestmark = pytest.mark.django_db

LIST = "/admin/exams/draft/"


@pytest.fixture
def drafts(form: Form) -> list[Draft]:
    """Two drafts of an author, changed."""
    certification = form.form.certification
    author = acts.staff("authors")
    begun = [acts.begin(certification, "item", code) for code in ("E1-Q01", "E1-Q02")]
    return [save(draft, author, with_stem(draft, f"Better {draft.name}. Which one?")) for draft in begun]


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(acts.staff(role))
    return client


def choose(client: Client, act: str, drafts: list[Draft]) -> Any:
    """Choose an act in the list; return the page that asks for the rest."""
    chosen = {"action": act, "_selected_action": [str(draft.pk) for draft in drafts]}
    return client.post(LIST, chosen)


def do(client: Client, act: str, drafts: list[Draft], **values: str) -> str:
    """Choose an act in the list and confirm it; return the page that says what came of it."""
    page = choose(client, act, drafts)
    assert page.status_code == 200
    context = page.context
    sent = {"ids": context["ids"], "digest": context["digest"], **values}
    return client.post(context["action"], sent, follow=True).content.decode()


def states() -> set[str]:
    return set(Draft.objects.values_list("state", flat=True))


def send(drafts: list[Draft]) -> None:
    for draft in drafts:
        services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=acts.staff("authors"))


def test_an_author_sends_all_of_them_to_one_reviewer(drafts: list[Draft]) -> None:
    reviewer = acts.staff("reviewers")
    page = do(client_of("authors"), "send_many", drafts, assignee=str(reviewer.pk))
    assert "Done for 2 drafts." in page
    assert states() == {State.REVIEW}
    assert set(Draft.objects.values_list("assignee", flat=True)) == {reviewer.pk}


def test_a_reviewer_approves_and_publishes_all_of_them_with_one_reason(drafts: list[Draft]) -> None:
    send(drafts)
    page = do(client_of("reviewers"), "publish_many", drafts, reason="The autumn review")
    assert "Done for 2 drafts." in page
    assert states() == {State.PUBLISHED}
    entries = AuditEntry.objects.filter(action="publish", subject_type="exams.draft")
    assert list(entries.values_list("reason", flat=True)) == ["The autumn review"] * 2


def test_publishing_needs_a_reason(drafts: list[Draft]) -> None:
    send(drafts)
    do(client_of("reviewers"), "publish_many", drafts, reason=" ")
    assert states() == {State.REVIEW}


def test_four_eyes_hold_for_each_draft(drafts: list[Draft]) -> None:
    reviewer = acts.staff("reviewers")
    first = save(drafts[0], reviewer, with_stem(drafts[0], "The reviewer wrote this. Which one?"))
    send([first, drafts[1]])
    page = do(client_of("reviewers"), "approve_many", drafts)
    assert "Done for 1 draft." in page
    assert "Somebody who did not write this draft has to approve it." in page
    assert [Draft.objects.get(pk=draft.pk).state for draft in drafts] == [State.REVIEW, State.APPROVED]


def test_what_was_changed_after_it_was_listed_is_not_approved(drafts: list[Draft]) -> None:
    send(drafts)
    client = client_of("reviewers")
    context = choose(client, "approve_many", drafts).context
    author = acts.staff("authors")
    changed = save(Draft.objects.get(pk=drafts[0].pk), author, with_stem(drafts[0], "Secretly other. Which?"))
    services.send_to_review(draft_id=changed.pk, revision=changed.revision, actor=author)
    reply = client.post(context["action"], {"ids": context["ids"], "digest": context["digest"]})
    assert reply.status_code == 422
    assert "A draft was changed after this page was opened." in reply.content.decode()
    assert states() == {State.REVIEW}


@pytest.mark.parametrize("act", ["approve_many", "publish_many"])
def test_an_author_is_not_offered_what_a_reviewer_does(drafts: list[Draft], act: str) -> None:
    send(drafts)
    client = client_of("authors")
    choose(client, act, drafts)
    address = reverse(f"admin:exams_draft_{act}")
    assert client.post(address, {"ids": str(drafts[0].pk), "reason": "I like it."}).status_code == 403
    assert states() == {State.REVIEW}


def test_a_reviewer_sees_first_what_changed_and_approves_there(drafts: list[Draft], form: Form) -> None:
    send(drafts)
    page = client_of("reviewers").get(reverse("admin:exams_draft_edit", args=[drafts[0].pk])).content.decode()
    changes, _section, rest = page.partition('<div class="desk">')
    assert "What changed" in changes
    assert "<ins>" in changes
    assert f'action="{reverse("admin:exams_draft_approve", args=[drafts[0].pk])}"' in changes
    assert f'action="{reverse("admin:exams_draft_approve", args=[drafts[0].pk])}"' not in rest


def test_a_draft_that_is_written_shows_no_comparison(drafts: list[Draft]) -> None:
    page = client_of("authors").get(reverse("admin:exams_draft_edit", args=[drafts[0].pk])).content.decode()
    assert "What changed" not in page


def test_an_empty_draft_greets_without_remarks_but_cannot_be_sent(form: Form) -> None:
    draft = acts.begin(form.form.certification, "item", "E9-Q01")
    client = client_of("authors")
    page = client.get(reverse("admin:exams_draft_edit", args=[draft.pk])).content.decode()
    assert "data-blocks" not in page
    assert "No remarks." in page
    refused = client.post(reverse("admin:exams_draft_send", args=[draft.pk]), {"revision": "1"})
    assert refused.status_code == 422
    assert Draft.objects.get(pk=draft.pk).state == State.DRAFT


def test_questions_of_two_certifications_are_told_apart(form: Form, anna: User) -> None:
    client = client_of("authors")
    page = client.get("/admin/exams/item/").content.decode()
    assert re.search(r"field-item_code.*?E1-Q01<br>.*?MLS-C01", page, re.DOTALL)
    assert "task__domain__number=1" in page
    catalog.begin("bean-101", "en")
    page = client.get("/admin/exams/item/").content.decode()
    assert "task__domain__number=1" not in page
    chosen = form.form.certification_id
    page = client.get(f"/admin/exams/item/?certification__id__exact={chosen}").content.decode()
    assert "task__domain__number=1" in page
    assert "MLS-C01 1" in page
    assert client.get("/admin/exams/item/?certification__id__exact=x").status_code == 302


@pytest.mark.parametrize(
    ("role", "offered", "hidden"),
    [
        ("authors", {"New question", "Translations", "Work queue"}, {"Waiting for review", "Purchases"}),
        ("reviewers", {"Waiting for review", "Waiting to be published"}, {"Purchases"}),
        ("translators", {"Translations", "Work queue"}, {"New question", "Waiting to be published"}),
        ("finance", {"Purchases"}, {"Translations", "New question"}),
    ],
)
def test_the_menu_and_the_start_page_are_by_work(
    form: Form, role: str, offered: set[str], hidden: set[str]
) -> None:
    page = client_of(role).get("/admin/")
    lines = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
    titles = {str(item["title"]) for item in lines if item["has_permission"]}
    assert offered <= titles
    assert not hidden & titles
    begin = page.content.decode().index('class="work"')
    for title in offered:
        assert title in page.content.decode()[begin:]


def test_every_line_of_the_menu_leads_to_a_page(form: Form) -> None:
    client = client_of("admin")
    for group in client.get("/admin/").context["sidebar_navigation"]:
        for item in group["items"]:
            assert item["has_permission"], item["title"]
            address = str(item.get("link_callback") or item["link"])
            assert client.get(address).status_code == 200, address


def test_the_search_of_all_pages_finds_a_question(form: Form) -> None:
    page = client_of("authors").get("/admin/search/", {"s": "E1-Q03"}).content.decode()
    assert "MLS-C01 E1-Q03" in page
    assert "E1-Q03" not in client_of("finance").get("/admin/search/", {"s": "E1-Q03"}).content.decode()


def change_secretly(draft: Draft) -> None:
    """Change a draft that is in review, and send it again."""
    author = acts.staff("authors")
    changed = save(Draft.objects.get(pk=draft.pk), author, with_stem(draft, "Secretly other. Which?"))
    services.send_to_review(draft_id=changed.pk, revision=changed.revision, actor=author)


@pytest.mark.parametrize("first", ["no", "The autumn review"])
def test_a_page_that_comes_back_stands_for_what_was_read_and_not_for_what_is_new(
    drafts: list[Draft], first: str
) -> None:
    send(drafts)
    client = client_of("reviewers")
    context = choose(client, "publish_many", drafts).context
    assert "Changed after" not in choose(client, "publish_many", drafts).content.decode()
    change_secretly(drafts[0])
    again = client.post(
        context["action"], {"ids": context["ids"], "digest": context["digest"], "reason": first}
    )
    assert again.status_code == 422
    assert (again.context["ids"], again.context["digest"]) == (context["ids"], context["digest"])
    assert again.context["changed"] == [drafts[0]]
    page = again.content.decode()
    assert page.count("Changed after you opened this page.") == 1
    # It has to be opened anew: there is nothing to press.
    assert ">Approve and publish</button>" not in page
    sent = {"ids": again.context["ids"], "digest": again.context["digest"], "reason": "The autumn review"}
    assert client.post(context["action"], sent).status_code == 422
    assert states() == {State.REVIEW}
    assert "Done for 2 drafts." in do(client, "publish_many", drafts, reason="The autumn review")


@pytest.mark.parametrize("act", ["send_many", "approve_many", "publish_many"])
def test_more_drafts_than_a_request_has_time_for_are_refused(drafts: list[Draft], act: str) -> None:
    if act != "send_many":
        send(drafts)
    before = states()
    client = client_of("reviewers")
    page = choose(client, act, drafts)
    assert "At most 50 drafts at once." in page.content.decode()
    many = ",".join([page.context["ids"], *(str(10**6 + n) for n in range(49))])
    sent = {"ids": many, "digest": page.context["digest"], "reason": "The autumn review"}
    reply = client.post(page.context["action"], sent)
    assert reply.status_code == 422
    assert "Choose at least one draft, and at most 50." in reply.content.decode()
    assert states() == before


def test_what_says_nothing_new_is_neither_approved_nor_published(form: Form, drafts: list[Draft]) -> None:
    same = acts.begin(form.form.certification, "item", "E1-Q04")
    send([*drafts, same])
    page = do(client_of("reviewers"), "publish_many", [*drafts, same], reason="The autumn review")
    assert "Done for 2 drafts." in page
    assert "No changes: this is what is published already." in page
    assert Draft.objects.get(pk=same.pk).state == State.REVIEW
    assert AuditEntry.objects.filter(action="publish", subject_type="exams.draft").count() == 2


def test_what_is_in_review_or_closed_is_not_sent(drafts: list[Draft], form: Form) -> None:
    sent, closed = drafts[0], acts.begin(form.form.certification, "item", "E1-Q04")
    send([sent])
    services.discard(draft_id=closed.pk, actor=acts.staff("authors"), reason="It was begun by mistake")
    client = client_of("authors")
    page = choose(client, "send_many", [*drafts, closed])
    assert page.context["ids"] == str(drafts[1].pk)
    text = " ".join(page.content.decode().split())
    assert "2 drafts are left out. Only a draft that nobody reviews yet can be sent." in text
    reply = do(client, "send_many", [*drafts, closed])
    assert "Done for 1 draft." in reply
    # Sent by somebody else between both pages.
    late = {"ids": str(sent.pk), "digest": f"{sent.pk}-{sent.digest}"}
    reply = client.post(page.context["action"], late, follow=True).content.decode()
    assert "Done for 0 drafts." in reply
    assert "This draft is in review already." in reply


def test_where_every_draft_is_left_out_there_is_nothing_to_press(drafts: list[Draft]) -> None:
    send(drafts)
    page = choose(client_of("authors"), "send_many", drafts).content.decode()
    assert "2 drafts are left out." in " ".join(page.split())
    assert ">Send to review</button>" not in page


def test_closed_drafts_are_not_among_those_to_be_published(drafts: list[Draft]) -> None:
    send(drafts)
    services.discard(draft_id=drafts[0].pk, actor=acts.staff("reviewers"), reason="Nobody needs it")
    page = choose(client_of("reviewers"), "publish_many", drafts)
    assert page.context["ids"] == str(drafts[1].pk)
    text = " ".join(page.content.decode().split())
    assert "1 draft is left out. A closed draft stays as it is." in text
