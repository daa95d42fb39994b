"""The admin speaks the language of its reader, and calls things by the names that people know."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.test import Client
from django.utils.translation import override

from accounts.admin import mail_names
from accounts.admin.mail_names import NAMES
from accounts.outbox import services
from accounts.outbox.models import Mail
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.assembly.models import FormEdition
from exams.authoring import kinds
from exams.bank.models import Item
from exams.catalog.models import Certification
from tests import factories
from tests.exams.authoring import acts
from tests.factories import Form
from tools.devstack.paths import PROJECT

pytestmark = pytest.mark.django_db

SAME = frozenset({"cheat sheet", "email", "id", "profile", "sha-256", "status", "webauthn"})
"""Names that are much the same word in both languages."""


@pytest.fixture
def head(client: Client) -> Client:
    """The admin as somebody with every right reads it, in Hungarian."""
    person = User.objects.create_superuser("head@example.org", factories.PASSWORD)
    profiles.update(person, ui_language="hu")
    client.force_login(person)
    return client


def admin_names() -> Iterator[tuple[str, Any]]:
    """Yield each name that a list or a page of the admin shows: where, and the name as it is translated."""
    for model, page in admin.site._registry.items():
        yield str(model), lambda model=model: model._meta.verbose_name_plural
        for part in (page, *(inline(model, admin.site) for inline in page.inlines)):
            flat = chain.from_iterable(one if isinstance(one, tuple) else (one,) for one in part.fields or ())
            for field in {*flat, *part.list_display} if hasattr(part, "list_display") else {*flat}:
                if field != "__str__":
                    yield (
                        f"{part.model}.{field}",
                        lambda field=field, part=part: label_for_field(field, part.model, part),
                    )
            for own in part.model._meta.fields:
                for value, label in own.flatchoices or ():
                    yield f"{part.model}.{own.name}={value}", lambda label=label: label


def test_the_admin_is_in_the_language_of_the_readers_profile(form: Form, head: Client) -> None:
    page = head.get("/admin/").content.decode()
    assert '<html lang="hu"' in page
    for name in ("Kérdések", "Vásárlások", "Figyelt szolgáltatások", "Sikertelen bejelentkezések"):
        assert name in page
    page = head.get(f"/admin/exams/item/{Item.objects.earliest('pk').pk}/change/").content.decode()
    assert "Témakör" in page or "Résztéma" in page
    assert ">Task<" not in page


def test_whoever_has_no_profile_reads_the_admin_in_english(client: Client, form: Form) -> None:
    client.force_login(factories.make_staff("reviewers"))
    page = client.get("/admin/", headers={"accept-language": "hu"}).content.decode()
    assert '<html lang="en"' in page
    assert "Editions by language" in page
    assert "Watched services" in page


def test_every_name_in_the_admin_has_its_hungarian() -> None:
    english = []
    for place, name in admin_names():
        with override("en"):
            original = str(name())
        with override("hu"):
            if str(name()) == original and original.lower() not in SAME:
                english.append((place, original))
    assert not english


def test_every_kind_of_mail_has_a_name_and_the_list_says_it(head: Client) -> None:
    found = {
        path.relative_to(PROJECT / "templates").as_posix().removesuffix("_subject.txt")
        for path in (PROJECT / "templates").rglob("email/*_subject.txt")
    }
    assert not [kind for kind in found if mail_names.name_of(kind) == kind]
    services.post("account/email/password_reset_key", "anna@example.org", {})
    page = head.get("/admin/accounts/mail/").content.decode()
    assert "Új jelszó kérése" in page
    assert "account/email/password_reset_key<" not in page
    assert NAMES
    key = Mail.objects.get().pk
    assert "Új jelszó kérése" in head.get(f"/admin/accounts/mail/{key}/change/").content.decode()
    other = head.get("/admin/accounts/mail/?kind=account/email/login_code", follow=True).content.decode()
    assert "anna@example.org" not in other


def test_an_edition_says_what_each_domain_counts(form: Form, head: Client) -> None:
    edition = FormEdition.objects.earliest("pk")
    page = head.get(f"/admin/exams/formedition/{edition.pk}/change/").content.decode()
    assert "1. témakör: " in page
    assert f"{edition.weights['1']}%" in page
    assert "&quot;1&quot;" not in page


def test_what_nobody_edits_has_no_log_of_edits(form: Form, head: Client) -> None:
    key = Item.objects.earliest("pk").pk
    page = head.get(f"/admin/exams/item/{key}/change/").content.decode()
    assert f"/admin/exams/item/{key}/history/" not in page
    # What is edited by hand has Django's log of it.
    person = User.objects.get(email="head@example.org")
    page = head.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    assert f"/admin/accounts/user/{person.pk}/history/" in page


@pytest.mark.parametrize(
    ("kind", "name", "title", "hungarian"),
    [
        ("catalogue", "catalogue", "MLS-C01 facts and texts", "MLS-C01 adatok és szövegek"),
        ("form", "exam-1", "MLS-C01 Exam 1", "MLS-C01 1. teszt"),
        ("item", "E1-Q01", "MLS-C01 E1-Q01", "MLS-C01 E1-Q01"),
    ],
)
def test_a_draft_is_called_what_people_call_the_thing(
    form: Form, head: Client, kind: str, name: str, title: str, hungarian: str
) -> None:
    draft = acts.begin(Certification.objects.get(), kind, name)
    assert str(draft) == title
    page = head.get(f"/admin/exams/draft/{draft.pk}/edit/").content.decode()
    assert f"<strong>{hungarian}</strong>" in page
    assert kinds.title_of("cheatsheet", "cheatsheet/en").endswith(" (English)")
