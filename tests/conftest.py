"""The cast: Anna sits exams, Béla is a stranger; and the small form that both may meet."""

import gc
import os
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.utils import translation
from hypothesis import settings as tries
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from tests import caches, factories, roles, snapshot, template

# How long one example takes is the machine's affair: other steps run beside these tests.
tries.register_profile("gate", deadline=None)
tries.load_profile("gate")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have the test database made by the owner of its tables, as a copy of one that is migrated."""
    roles.work_as_owner()
    with django_db_blocker.unblock():
        test = connections.settings["default"]["TEST"]
        test["TEMPLATE"] = template.ready()
    # Steps of the gate that run at the same time use one server.
    if step := os.environ.get("GATE_STEP"):
        test["NAME"] = f"{test['NAME'] or 'test_passline'}_{step}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once the database is made, let every test work as the role that the site has in production."""
    with django_db_blocker.unblock():
        roles.work_as_site()
    yield
    roles.work_as_owner()


@pytest.fixture(scope="module", autouse=True)
def _no_dead_rows(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After each file, have the test database forget what its tests took back."""
    yield
    if str(connection.settings_dict["NAME"]).startswith("test_"):
        with django_db_blocker.unblock():
            roles.forget_dead_rows()


@pytest.fixture(scope="session", autouse=True)
def _no_minute_ends() -> None:
    caches.stop_the_minute()


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


@pytest.fixture
def form(db: None) -> factories.Form:
    """Eight items in four domains: one of them unscored, one a two-of-five."""
    return snapshot.first("form", factories.make_form)


# Files whose tests wait for threads and locks begin before all: other steps run beside at first, and take
# what they leave. Then those that take longest, or one worker would sit over the last of them alone. Of those
# with a browser one alone needs the house at first: whoever else asked would wait until it is filled.
WAITING = ("test_attempt_machine", "test_drill_machine")
SLOW = (
    "test_accessibility",
    "test_replies",
    "test_taking",
    "test_admin",
    "test_walk",
    "test_face",
    "test_weights",
    "test_pages",
    "test_selling",
    "test_model",
    "test_recorded",
    "test_ending",
    "test_secrecy",
    "test_export",
    "test_admin_addresses",
    "test_statement_counts",
    "test_addresses",
    "test_schema",
    "test_stripe",
    "test_sweep",
    "test_roles",
    "test_backup",
    "test_hostile",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that wait first and then the slow ones; the others keep their order."""
    places = {name: place for place, name in enumerate((*WAITING, *SLOW))}

    def place(item: pytest.Item) -> int:
        name = item.path.stem
        return places.get(name, 0 if "_race" in name else len(places))

    items.sort(key=place)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage pass over what imports and collection have made: it stays to the end."""
    gc.collect()
    gc.freeze()
    # What is frozen no longer counts as old, so without this all else would be gone through all the time.
    gc.set_threshold(10_000, 20, 50)
