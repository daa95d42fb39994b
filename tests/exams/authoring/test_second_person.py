"""Putting a certification on the site waits for a second reviewer, and only where there is one."""

import pytest
from django.contrib.auth.models import Group

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.authoring import certifications, history
from exams.catalog.models import Certification
from exams.publication import pending
from exams.publication.models import PendingAct
from tests import factories
from tests.accounts.mails import delivered
from tests.exams.authoring import acts, made
from tests.exams.authoring.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(db: None) -> User:
    person = factories.make_user("second@example.org")
    person.is_staff = True
    person.save()
    person.groups.add(Group.objects.get(name="reviewers"))
    return person


def put(certification: Certification, actor: User) -> Certification | PendingAct:
    return certifications.put_on_site(certification_id=certification.pk, actor=actor, reason="ready")


def is_listed() -> bool:
    return Certification.objects.get().is_listed


def happened(certification: Certification) -> str:
    return "; ".join(one.what for one in history.of_certification(certification))


def test_it_is_proposed_and_stays_hidden_until_somebody_else_confirms_it(second: User) -> None:
    certification, first = made.written(), acts.staff("reviewers")
    act = put(certification, first)
    assert isinstance(act, PendingAct)
    assert not is_listed()
    delivered().clear()
    with refused("waits_already"):
        put(certification, second)
    with refused("own_proposal"):
        pending.confirm(act_id=act.pk, actor=first)
    assert pending.confirm(act_id=act.pk, actor=second) == certification
    assert is_listed()
    rows = AuditEntry.objects.filter(subject_type="exams.certification").exclude(action="begin")
    assert list(rows.order_by("pk").values_list("action", "actor", "reason")) == [
        ("put on site", first.pk, "ready"),
        ("confirm", second.pk, ""),
    ]
    assert "confirmed it as a second person" in happened(certification)
    [told] = delivered()
    assert (told.to, "on the site" in str(told.body)) == ([first.email], True)


def test_the_only_reviewer_waits_for_nobody_and_the_history_says_so() -> None:
    certification = made.written()
    assert put(certification, acts.staff("reviewers")) == certification
    assert is_listed()
    assert "put it on the site (alone, since nobody else has this right)" in happened(certification)


def test_what_is_on_the_site_meanwhile_is_not_put_there_twice(second: User) -> None:
    certification = made.written()
    act = put(certification, acts.staff("reviewers"))
    Certification.objects.update(is_listed=True)
    with refused("listed_already"):
        pending.confirm(act_id=act.pk, actor=second)
    assert not AuditEntry.objects.filter(action__in=["put on site", "confirm"]).exists()
    assert PendingAct.objects.get().state == "waiting"


def test_an_author_proposes_and_confirms_nothing(second: User) -> None:
    certification = made.written()
    with refused("not_allowed"):
        put(certification, acts.staff("authors"))
    act = put(certification, acts.staff("reviewers"))
    with refused("not_allowed"):
        pending.confirm(act_id=act.pk, actor=acts.staff("authors"))
    assert not is_listed()
