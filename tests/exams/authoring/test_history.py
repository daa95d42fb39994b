"""Who changed what and why: told of each thing, by rows that nobody can change."""

import pytest
from django.test import Client

from exams.authoring import history, services, withdrawal
from exams.authoring.models import Draft
from exams.bank.models import Item
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.test_services import with_stem
from tests.factories import Form

pytestmark = pytest.mark.django_db
AUTHOR, REVIEWER = "authors@example.org", "reviewers@example.org"


def told(events: list[history.Event]) -> list[tuple[str, str, str]]:
    """Return who did what and why, the first first."""
    return [(event.who, event.what, event.why) for event in reversed(events)]


def reworded(form: Form, code: str = "E1-Q01", stem: str = "Clearer. Which answer is right?") -> Draft:
    """Publish another wording of a question, by two people."""
    draft = acts.begin(form.form.certification, "item", code)
    acts.publish(draft, with_stem(draft, stem))
    return draft


def test_a_question_tells_its_versions_drafts_and_acts_with_people_and_reasons(form: Form) -> None:
    draft = reworded(form)
    item = Item.objects.get(code="E1-Q01")
    withdrawal.withdraw(item_id=item.pk, actor=acts.staff("reviewers"), reason="out of date")
    found = told(history.of_item(item))
    assert [one for one in found if one[0] == "content files"] == [
        ("content files", "published: version 1", ""),
        ("content files", "published: Magyar, revision 1", ""),
    ]
    assert [one for one in found if one[0] != "content files"] == [
        (AUTHOR, "began a draft", ""),
        (AUTHOR, "sent the draft to review", ""),
        (REVIEWER, "approved the draft", ""),
        (REVIEWER, "published: version 2", "better"),
        (REVIEWER, "withdrew the question (2 → -)", "out of date"),
    ]
    assert {one.draft for one in history.of_item(item)} == {None, draft.pk}
    assert "published: version 2" not in str(told(history.of_item(Item.objects.get(code="E1-Q02"))))


def test_an_exam_tells_its_editions_and_its_drafts(form: Form) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    acts.publish(draft, {"minutes": 90})
    assert told(history.of_form(form.form)) == [
        ("content files", "published: edition 1", ""),
        (AUTHOR, "began a draft", ""),
        (AUTHOR, "sent the draft to review", ""),
        (REVIEWER, "approved the draft", ""),
        (REVIEWER, "published: edition 2", "better"),
    ]


def test_a_certification_tells_who_changed_its_facts(form: Form) -> None:
    certification = form.form.certification
    draft = acts.begin(certification, "catalogue", "catalogue")
    acts.publish(draft, {"facts": {**draft.content["facts"], "exam_fee_usd": 310}})
    certification.refresh_from_db()
    assert told(history.of_certification(certification)) == [
        (AUTHOR, "began a draft", ""),
        (AUTHOR, "sent the draft to review", ""),
        (REVIEWER, "approved the draft", ""),
        (REVIEWER, "published the draft", "better"),
    ]
    assert Draft.objects.get(pk=draft.pk).content["facts"]["exam_fee_usd"] == 310


def test_a_draft_tells_comments_and_what_each_person_wrote(form: Form) -> None:
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    for person, stem in ((author, "Theirs. Which?"), (reviewer, "Ours. Which?")):
        draft = services.save(
            draft_id=draft.pk, revision=draft.revision, content=with_stem(draft, stem), actor=person
        )
    services.comment(draft_id=draft.pk, actor=reviewer, text="Shorter, please.")
    services.discard(draft_id=draft.pk, actor=author, reason="not needed")
    assert told(history.of_draft(draft)) == [
        (AUTHOR, "began a draft", ""),
        (AUTHOR, "wrote revision 2 of the draft", ""),
        (REVIEWER, "commented on the draft", "Shorter, please."),
        (AUTHOR, "discarded the draft", "not needed"),
    ]


def test_each_object_shows_its_history(form: Form, client: Client) -> None:
    draft = reworded(form)
    acts.publish(acts.begin(form.form.certification, "form", "exam-1"), {"minutes": 90})
    catalog = acts.begin(form.form.certification, "catalogue", "catalogue")
    acts.publish(catalog, {"facts": {**catalog.content["facts"], "exam_fee_usd": 310}})
    client.force_login(acts.staff("authors"))
    item = Item.objects.get(code="E1-Q01")
    pages = {
        f"item/{item.pk}/change/": "published: version 2",
        f"examform/{form.form.pk}/change/": "published: edition 3",
        f"certification/{form.form.certification.pk}/change/": "published the draft",
        f"draft/{draft.pk}/versions/": "approved the draft",
    }
    for path, what in pages.items():
        reply = client.get(f"/admin/exams/{path}")
        assert reply.status_code == 200, path
        page = reply.content.decode()
        assert what in page, path
        assert REVIEWER in page, path


def test_who_is_erased_leaves_what_they_did(form: Form) -> None:
    draft = reworded(form)
    acts.staff("authors").delete()
    draft.refresh_from_db()
    found = told(history.of_item(Item.objects.get(code="E1-Q01")))
    assert ("", "began a draft", "") in found
    assert (REVIEWER, "published: version 2", "better") in found


def test_a_load_of_files_is_told_without_a_person(form: Form) -> None:
    factories.publish_again("E1-Q01")
    found = told(history.of_item(Item.objects.get(code="E1-Q01")))
    assert ("content files", "published: version 2", "") in found
