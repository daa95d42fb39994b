"""Two people at one new certification at once: it is begun once, put on the site once, and loses no language.

Each protection is taken away once and is then missed.
"""

import time
from typing import Any

import pytest
from django.db.models import QuerySet

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from exams.authoring import certifications
from exams.catalog import services
from exams.catalog.models import Certification
from i18n import languages
from tests.exams.authoring import acts, made, nothing
from tests.flows.crew import Crew, parallel, slow_commit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

PAUSE = 0.3


def codes(outcomes: list[Any]) -> list[str]:
    return sorted(one.code if isinstance(one, Refused) else type(one).__name__ for one in outcomes)


def put_by_two(certification: Certification) -> list[Any]:
    reviewer = acts.staff("reviewers")
    return parallel(
        2,
        lambda: certifications.put_on_site(certification_id=certification.pk, actor=reviewer, reason="ready"),
    )


def offered_by_two(certification: Certification) -> list[str]:
    """Offer another language in each of two transactions that take their time to commit."""
    with Crew(2) as crew:
        crew.together(
            [
                lambda: slow_commit(
                    lambda: services.add_languages(certification, ["hu"]), lambda: time.sleep(PAUSE)
                ),
                lambda: slow_commit(
                    lambda: services.add_languages(certification, ["de"]), lambda: time.sleep(PAUSE)
                ),
            ]
        )
    return Certification.objects.get().languages


def test_one_code_begins_one_certification() -> None:
    author = acts.staff("authors")
    outcomes = parallel(2, lambda: certifications.begin(code=nothing.CODE, language="en", actor=author))
    assert codes(outcomes) == ["Draft", "code_taken"]
    assert Certification.objects.count() == 1


def test_it_is_put_on_the_site_once() -> None:
    outcomes = put_by_two(made.written())
    assert codes(outcomes) == ["Certification", "listed_already"]
    assert AuditEntry.objects.filter(action="put on site").count() == 1


@pytest.mark.controls
def test_looking_first_and_writing_then_puts_it_there_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_then_write(certification: Certification) -> bool:
        is_new = not Certification.objects.get(pk=certification.pk).is_listed
        time.sleep(PAUSE)
        Certification.objects.filter(pk=certification.pk).update(is_listed=True)
        return is_new

    certification = made.written()
    monkeypatch.setattr(services, "list_on_site", look_then_write)
    put_by_two(certification)
    assert AuditEntry.objects.filter(action="put on site").count() == 2


def test_two_exams_published_at_once_lose_no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "CODES", ("en", "hu", "de"))
    assert offered_by_two(made.begun().certification) == ["en", "hu", "de"]


@pytest.mark.controls
def test_without_the_lock_one_language_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    certification = made.begun().certification
    monkeypatch.setattr(languages, "CODES", ("en", "hu", "de"))
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert len(offered_by_two(certification)) == 2
