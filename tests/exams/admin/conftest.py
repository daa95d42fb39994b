"""An author at a draft of a question, in the admin."""

import pytest
from django.test import Client

from accounts.users.models import User
from exams.authoring.models import Draft
from tests import factories
from tests.exams.authoring.test_services import begin
from tests.factories import Form


@pytest.fixture
def author() -> User:
    return factories.make_staff("authors")


@pytest.fixture
def draft(form: Form, author: User) -> Draft:
    return begin(form, author)


@pytest.fixture
def desk(client: Client, author: User) -> Client:
    """The admin as an author sees it."""
    client.force_login(author)
    return client
