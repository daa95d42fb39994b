"""Short words for tests of what people say about questions: an ended exam and one that runs."""

from uuid import UUID

from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from exams.attempts import lifecycle
from tests import factories
from tests.exams.web.test_pages import sit
from tests.factories import Form

HX = {"HX-Request": "true"}


def ended(user: User, form: Form) -> UUID:
    """Sit an exam with the first answer correct and the second incorrect."""
    attempt_id = sit(user, form, right=[1], wrong=[2])
    lifecycle.settle(user=user, attempt_id=attempt_id)
    return attempt_id


def taking(user: User, form: Form) -> UUID:
    """Start an exam."""
    return factories.start(user, form).attempt_id


def act_of(name: str, attempt_id: UUID, position: int = 1) -> str:
    """Return the address of an act in a row of a review."""
    return reverse(f"exams:{name}", args=[attempt_id, position])


def browser(user: User) -> Client:
    """Return the browser of a signed-in person, without raising what the site answers with a 500."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
