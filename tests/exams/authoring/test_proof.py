"""The proof sheet tells what a form is made of, before anything is published."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.jobs import registry as job_kinds
from accounts.jobs import services as jobs
from accounts.jobs.registry import JobContext, Progress
from accounts.profile import services as profiles
from exams.authoring import proof
from exams.bank.models import ItemVersion
from exams.content.rules.measures import count_words
from exams.content_sync.stored import whole_items
from tests.exams.authoring import acts
from tests.factories import Form

pytestmark = pytest.mark.django_db


def test_its_figures_are_those_of_the_items(form: Form) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    found = proof.proof(draft.certification, draft.content)
    items = whole_items(ItemVersion.objects.filter(form_items__edition=form.edition)).values()
    assert (found.items, found.scored, found.minutes) == (8, 7, form.edition.minutes)
    assert [(one.number, one.scored, one.unscored) for one in found.domains] == [
        (1, 2, 0),
        (2, 2, 0),
        (3, 3, 0),
        (4, 0, 1),
    ]
    assert sum(one.wanted for one in found.domains) == pytest.approx(7)
    assert found.kinds == (("single", 7), ("multiple", 1))
    assert (dict(found.single_keys), dict(found.multiple_keys)) == ({"B": 7}, {"A": 1, "C": 1})
    assert found.longest_run == 5
    assert found.words == sum(count_words(text) for one in items for text in one.record.question_texts)
    assert found.seconds_each == form.edition.minutes * 60 // 8


def test_what_is_not_published_is_named(form: Form) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    content = {**draft.content, "items": [*draft.content["items"], {"code": "E9-Q99", "scored": True}]}
    found = proof.proof(draft.certification, content)
    assert (found.items, found.missing) == (8, ("E9-Q99",))


@pytest.mark.parametrize(("language", "title"), [("en", "Proof sheet"), ("hu", "Ellenőrző lap")])
def test_it_is_set_as_pages_in_the_language_of_the_author(form: Form, language: str, title: str) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    author = acts.staff("authors")
    profiles.update(author, ui_language=language)
    job = jobs.start(proof.KIND, owner=author, parameters={"draft": draft.pk})
    done = job_kinds.kind_of(proof.KIND).function(JobContext(job.pk, author.pk, job.parameters, Progress()))
    assert done.file is not None
    assert done.file.name == "mls-c01-exam-1-proof.pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(done.file.content)).pages)
    assert title in text
    assert "E1-Q08" in text
