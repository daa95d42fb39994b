"""The cast: Anna sits exams, Béla is a stranger; and the small form that both may meet."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.assembly import papers, places, solutions
from exams.assembly import sample as samples
from exams.attempts import grading
from exams.catalogue.models import Certification
from exams.cheatsheet import files as sheet_files
from exams.cheatsheet import selectors as sheets
from exams.feedback import changes, shares
from exams.web import cheatsheet as sheet_pages
from exams.web import page_cache, review_extras
from tests import factories, roles, snapshot


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Have the test database made and migrated by the owner of its tables."""
    roles.work_as_owner()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once the database is made, let every test work as the role that the site has in production."""
    with django_db_blocker.unblock():
        roles.work_as_site()
    yield
    roles.work_as_owner()


def forget_content() -> None:
    """Empty every cache of content. It never changes in life, but each test database starts its ids again."""
    papers.forget()
    solutions.forget()
    samples.texts_of.cache_clear()
    grading.marking.cache_clear()
    page_cache.paper_part.cache_clear()
    page_cache.texts_part.cache_clear()
    sheets.sections.cache_clear()
    sheets._codes.cache_clear()
    sheet_files.digest_of.cache_clear()
    sheet_pages.texts_of.cache_clear()
    sheet_pages._whole.cache_clear()
    for kept in (places._read, changes._read, shares._read, review_extras._read):
        kept.cache_clear()


@pytest.fixture(autouse=True)
def _no_stale_caches() -> Iterator[None]:
    """No test begins with the content of another database, and none leaves its language on.

    They are emptied before each test: after it would miss what a fixture of a module kept that then failed.
    """
    forget_content()
    yield
    translation.deactivate()


@pytest.fixture
def anna(db: None) -> User:
    """A candidate with a verified address."""
    return factories.make_user("anna@example.org")


@pytest.fixture
def bela(db: None) -> User:
    """Another candidate."""
    return factories.make_user("bela@example.org")


_made: list[tuple[factories.Form, dict[str, bytes]]] = []


@pytest.fixture
def form(db: None) -> factories.Form:
    """Eight items in four domains: one of them unscored, one a two-of-five."""
    if Certification.objects.exists() or not snapshot.possible():
        return factories.make_form()
    if not _made:
        _made.append((factories.make_form(), snapshot.take()))
    else:
        snapshot.put(_made[0][1])
    return deepcopy(_made[0][0])
