"""The cast: Anna sits exams, Béla is a stranger; and the small form that both may meet."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import connections
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.catalogue.models import Certification
from tests import caches, factories, roles, snapshot, template


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have the test database made by the owner of its tables, as a copy of one that is migrated."""
    roles.work_as_owner()
    with django_db_blocker.unblock():
        connections.settings["default"]["TEST"]["TEMPLATE"] = template.ready()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once the database is made, let every test work as the role that the site has in production."""
    with django_db_blocker.unblock():
        roles.work_as_site()
    yield
    roles.work_as_owner()


@pytest.fixture(autouse=True)
def _no_stale_caches() -> Iterator[None]:
    """No test begins with the content of another database, and none leaves its language on.

    They are emptied before each test: after it would miss what a fixture of a module kept that then failed.
    """
    caches.forget_content()
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
    if Certification.objects.exists() or not roles.may_set_triggers_aside():
        return factories.make_form()
    if not _made:
        _made.append((factories.make_form(), snapshot.take()))
    else:
        snapshot.put(_made[0][1])
    return deepcopy(_made[0][0])
