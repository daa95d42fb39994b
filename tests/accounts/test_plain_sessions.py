"""Sessions are read by one plain statement, and mean what Django's mean."""

import datetime as dt

import pytest
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.base.sessions import SessionStore

pytestmark = pytest.mark.django_db


def stored() -> str:
    """Store a session by Django's own class; return its key."""
    session = DatabaseStore()
    session["who"] = "anna"
    session.save()
    assert session.session_key
    return session.session_key


def test_a_session_that_django_stored_is_read_by_one_statement() -> None:
    session = SessionStore(stored())
    with CaptureQueriesContext(connection) as seen:
        assert session["who"] == "anna"
    assert len(seen) == 1


def test_a_session_that_is_over_is_empty_and_has_no_key() -> None:
    key = stored()
    Session.objects.filter(pk=key).update(expire_date=Now() - dt.timedelta(seconds=1))
    session = SessionStore(key)
    assert session.get("who") is None
    assert session.session_key is None


def test_an_unknown_key_is_never_taken_over() -> None:
    session = SessionStore("chosen-by-somebody-else-0000000")
    session["who"] = "bela"
    session.save()
    assert session.session_key != "chosen-by-somebody-else-0000000"


def test_a_session_with_changed_content_is_empty() -> None:
    key = stored()
    Session.objects.filter(pk=key).update(session_data="forged:content:here")
    assert SessionStore(key).get("who") is None
