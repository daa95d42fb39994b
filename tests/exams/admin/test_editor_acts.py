"""From the editor of a question: the buttons for its way, the preview, comparison, use and versions."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from exams.authoring import services, withdrawal
from exams.authoring.models import Draft, State
from exams.bank.models import Item
from tests import factories
from tests.exams.admin.editing import CODE, ask, at, fields, stored
from tests.exams.authoring.test_services import begin, save, with_stem
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


# --- Acts --------------------------------------------------------------------------------------------
def test_a_draft_goes_its_way_by_the_buttons_of_the_page(
    draft: Draft, desk: Client, client: Client, author: User
) -> None:
    reviewer = factories.make_staff("reviewers")
    desk.post(at(draft), fields(draft, texts__en__stem="A better stem. Which?"))
    sent = {"revision": "2", "assignee": str(reviewer.pk)}
    assert desk.post(at(draft, "send"), sent).status_code == 302
    assert (stored(draft).state, stored(draft).assignee) == (State.REVIEW, reviewer)
    page = Client()
    page.force_login(reviewer)
    page.post(at(draft, "comment"), {"text": "Shorter, please.", "place": "texts.en.stem"})
    shown = page.get(at(draft)).content.decode()
    assert "Shorter, please." in shown
    assert "Situation (English)" in shown
    assert page.post(at(draft, "send_back"), {"text": "As I said."}).status_code == 302
    assert stored(draft).state == State.DRAFT
    desk.post(at(draft, "send"), sent)
    assert page.post(at(draft, "approve"), {"digest": stored(draft).digest}).status_code == 302
    said = page.post(at(draft, "publish"), {"digest": stored(draft).digest, "reason": ""})
    assert said.status_code == 422
    assert "Say why, in a few words." in said.content.decode()
    done = page.post(at(draft, "publish"), {"digest": stored(draft).digest, "reason": "Clearer."})
    assert done.status_code == 302
    assert stored(draft).state == State.PUBLISHED
    version = Item.objects.get(code=CODE).current
    assert version
    assert version.texts.get(language="en").stem == "A better stem. Which?"
    assert "This draft is closed." in page.get(at(draft)).content.decode()


def refusal(client: Client, draft: Draft, name: str, **sent: str) -> tuple[int, str]:
    reply = client.post(at(draft, name), sent)
    return reply.status_code, reply.content.decode()


def test_each_refusal_has_its_status_and_its_sentence(form: Form, author: User) -> None:
    draft = begin(form, author)
    root = factories.make_staff("admin")
    client, other = Client(), Client()
    client.force_login(root)
    other.force_login(author)
    draft = save(draft, root, with_stem(draft, "By root. Which?"))
    found = {
        "send": refusal(client, draft, "send", revision="1"),
        "colleague": refusal(client, draft, "send", revision="2", assignee="999999"),
        "approve": refusal(client, draft, "approve", digest=draft.digest),
        "publish": refusal(client, draft, "publish", digest=draft.digest, reason="Because."),
        "comment": refusal(client, draft, "comment", text=" "),
    }
    assert {name: status for name, (status, _) in found.items()} == {
        "send": 409,
        "colleague": 422,
        "approve": 409,
        "publish": 409,
        "comment": 422,
    }
    services.send_to_review(draft_id=draft.pk, revision=2, actor=author)
    status, page = refusal(client, draft, "approve", digest=draft.digest)
    assert status == 403
    assert "Somebody who did not write this draft has to approve it." in page
    assert "You wrote part of this draft" in page
    assert refusal(other, draft, "approve", digest=draft.digest)[0] == 403
    services.discard(draft_id=draft.pk, actor=author, reason="No.")
    assert refusal(client, draft, "discard", reason="Again.")[0] == 409


def test_a_draft_that_was_overtaken_is_compared_and_goes_on(form: Form, author: User) -> None:
    root = factories.make_staff("admin")
    client = Client()
    client.force_login(root)
    draft = begin(form, author)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=root)
    factories.publish_again(CODE)
    status, page = refusal(client, draft, "publish", digest=draft.digest, reason="Clearer.")
    assert status == 409
    assert at(draft, "rebase") in page
    assert client.post(at(draft, "rebase"), {"revision": "1"}).status_code == 302
    assert stored(draft).state == State.DRAFT


# --- The preview -------------------------------------------------------------------------------------
SECRET = ("Reason 1 of", "It is right for", "A principle of", "A tip for")


def test_the_preview_of_the_exam_has_no_key_and_no_reason(draft: Draft, desk: Client) -> None:
    page = desk.get(f"{at(draft, 'preview')}?theme=dark").content.decode()
    assert "A ferry operator" in page
    assert 'type="radio"' in page
    assert 'data-theme="dark"' in page
    assert not [words for words in SECRET if words in page]


def test_the_preview_of_the_review_has_all_of_it(draft: Draft, desk: Client) -> None:
    page = desk.get(f"{at(draft, 'preview')}?view=review").content.decode()
    assert [words for words in SECRET if words not in page] == []
    assert "Egy komptársaság" in desk.get(f"{at(draft, 'preview')}?language=hu").content.decode()


def test_the_preview_shows_what_is_posted_and_stores_nothing(draft: Draft, desk: Client) -> None:
    sent = fields(
        draft,
        texts__en__stem="| a | b |\n| --- | --- |\n| 1 | 2 |\n\n<script>x</script>",
        texts__en__ask="Which?",
    )
    page = ask(desk, draft, "preview", {"fields": sent}).content.decode()
    assert "<table" in page
    assert "<script>x" not in page
    assert stored(draft).revision == 1
    broken = ask(
        desk,
        draft,
        "preview",
        {"fields": fields(draft, texts__en__stem="![x](figure:none)", texts__en__ask="Which?")},
    )
    assert broken.status_code == 422
    assert 'role="alert"' in broken.content.decode()


def test_the_preview_is_framed_by_this_site_alone_under_the_policy_of_candidates(
    draft: Draft, desk: Client
) -> None:
    reply = desk.get(at(draft, "preview"))
    policy = reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-src 'self'" in desk.get(at(draft)).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in desk.get(at(draft)).headers["Content-Security-Policy"]


# --- Comparison, use, versions -----------------------------------------------------------------------
def test_a_draft_is_compared_with_what_is_published_word_by_word(
    draft: Draft, desk: Client, author: User
) -> None:
    reviewer = factories.make_staff("reviewers")
    second = save(draft, author, with_stem(draft, "A ferry operator keeps data. Which answer is right?"))
    save(second, reviewer, with_stem(second, "A ferry operator keeps logs. Which answer is right?"))
    page = desk.get(at(draft, "versions")).content.decode()
    assert "<ins>logs</ins>" in page
    assert f"revision 2, by {author.email}" in page
    page = desk.get(f"{at(draft, 'versions')}?a=2&b=now").content.decode()
    assert "<del>data</del><ins>logs</ins>" in page
    assert "A ferry operator keeps " in page


def test_two_versions_of_a_question_are_compared(form: Form, desk: Client) -> None:
    factories.publish_again(CODE)
    item = Item.objects.get(code=CODE)
    page = desk.get(reverse("admin:exams_item_compare", args=[item.pk])).content.decode()
    assert "<ins>" in page
    assert "version 2" in page
    assert desk.get(reverse("admin:exams_item_compare", args=["x"])).status_code == 404


def test_the_page_of_a_question_says_where_it_is_used(form: Form, desk: Client) -> None:
    item = Item.objects.get(code=CODE)
    page = desk.get(reverse("admin:exams_item_change", args=[item.pk])).content.decode()
    for words in ("Exam 1, question 1", "1 edition so far", "not in the sample", "in 0 practice sets"):
        assert words in page
    assert "Withdraw" not in page


def test_a_reviewer_withdraws_a_question_and_brings_it_back(form: Form, client: Client) -> None:
    client.force_login(factories.make_staff("reviewers"))
    item = Item.objects.get(code=CODE)
    first = item.current_id
    factories.publish_again(CODE)
    address = reverse("admin:exams_item_withdraw", args=[item.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "no"}).status_code == 422
    assert client.post(address, {"reason": "The service was closed."}).status_code == 302
    item.refresh_from_db()
    assert item.current is None
    back = reverse("admin:exams_item_restore", args=[item.pk])
    assert client.get(back).status_code == 200
    assert client.post(back, {"reason": "It was right.", "version_id": str(first)}).status_code == 302
    item.refresh_from_db()
    assert item.current_id == first


def test_the_page_of_a_withdrawn_question_shows_its_words_and_asks_what_comes_next(
    form: Form, client: Client
) -> None:
    item = Item.objects.get(code=CODE)
    version = item.current_id
    first, second = factories.make_staff("reviewers"), factories.make_staff("admin")
    client.force_login(first)
    address = reverse("admin:exams_item_withdraw", args=[item.pk])
    page = client.get(address).content.decode()
    for words in ("Exam 1, question 1", "7 questions instead of 8", "Not in the sample.", "ferry operator"):
        assert words in page
    # Neither what is correct nor why is on this page.
    assert not [words for words in ("Reason 1 of", "It is right for", "Answer 1 to") if words in page]
    client.post(address, {"reason": "It leaked last night."})
    page = client.get(address).content.decode()
    ruling = f"{reverse('admin:exams_keyruling_rule', args=[version])}?kind=out"
    for words in (
        f"{CODE} is withdrawn",
        "It leaked last night.",
        "7 questions instead of 8",
        "Should scores leave it out?",
        ruling,
        "It waits for another reviewer",
    ):
        assert words in page
    assert re.search(r'<input[^>]*value="out"[^>]*checked', client.get(ruling).content.decode())
    # Its words stay where staff look for it.
    for place in (reverse("admin:exams_item_change", args=[item.pk]), "/admin/exams/item/?state=withdrawn"):
        assert f"item {CODE}" in client.get(place).content.decode()
    confirm = reverse("admin:exams_item_confirm", args=[item.pk])
    client.post(confirm)
    assert "It waits for another reviewer" in client.get(address).content.decode()
    queue = reverse("admin:exams_itemcheck_queue")
    client.force_login(second)
    assert address in client.get(queue, {"reason": "withdrawn"}).content.decode()
    assert client.post(confirm).status_code == 302
    assert "Confirmed by admin@example.org" in client.get(address).content.decode()
    assert address not in client.get(queue, {"reason": "withdrawn"}).content.decode()
    assert client.get(confirm).headers["Location"] == address


def test_a_second_reviewer_takes_a_withdrawal_back_with_a_reason(form: Form, client: Client) -> None:
    item = Item.objects.get(code=CODE)
    withdrawal.withdraw(item_id=item.pk, actor=factories.make_staff("reviewers"), reason="It leaked.")
    client.force_login(factories.make_staff("admin"))
    address = reverse("admin:exams_item_undo", args=[item.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert Item.objects.get(pk=item.pk).current_id is None
    client.post(address, {"reason": "It was another question."})
    assert Item.objects.get(pk=item.pk).current_id == item.current_id
    reply = client.post(address, {"reason": "It was another question."}, follow=True)
    assert "No withdrawal of this question waits" in reply.content.decode()


def test_the_page_of_a_restored_question_says_which_exams_its_withdrawal_changed(
    form: Form, client: Client
) -> None:
    reviewer = factories.make_staff("reviewers")
    client.force_login(reviewer)
    item = Item.objects.get(code=CODE)
    page = reverse("admin:exams_item_change", args=[item.pk])
    withdrawal.withdraw(item_id=item.pk, actor=reviewer, reason="It leaked.")
    assert "stay as its withdrawal left them" not in client.get(page).content.decode()
    sent = {"reason": "It was right.", "version_id": str(item.current_id)}
    reply = client.post(reverse("admin:exams_item_restore", args=[item.pk]), sent)
    assert reply.headers["Location"] == page
    shown = client.get(page).content.decode()
    exam = reverse("admin:exams_examform_change", args=[form.form.pk])
    assert "stay as its withdrawal left them" in shown
    assert f'<a href="{exam}">exam 1</a>(one question shorter).' in squeezed(shown)


# --- Coming back ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["comment", "send", "approve", "publish", "discard"])
def test_who_comes_back_to_an_act_from_signing_in_is_led_to_the_draft(
    draft: Draft, desk: Client, name: str
) -> None:
    root = Client()
    root.force_login(factories.make_staff("admin"))
    reply = root.get(at(draft, name))
    assert (reply.status_code, reply.headers["Location"]) == (302, at(draft))
    assert root.put(at(draft, name)).status_code == 405


def test_a_refused_act_keeps_what_was_typed_and_the_form_still_saves(draft: Draft, desk: Client) -> None:
    words = "Too long. " * 900
    page = desk.post(at(draft, "comment"), {"text": words, "place": ""})
    assert page.status_code == 422
    assert words.strip() in page.content.decode()
    assert f'<form id="draft" method="post" action="{at(draft)}"' in page.content.decode()
