"""Sessions are read by a statement of our own, and mean what Django's mean."""

import datetime as dt

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.test import Client

from accounts.base.sessions import SessionStore

pytestmark = pytest.mark.django_db


def stored() -> str:
    """Store a session by Django's own class; return its key."""
    session = DatabaseStore()
    session["who"] = "anna"
    session.save()
    assert session.session_key
    return session.session_key


def test_a_session_that_django_stored_is_read() -> None:
    assert SessionStore(stored())["who"] == "anna"


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


def test_a_request_that_began_before_its_session_was_ended_does_not_bring_it_back() -> None:
    key = stored()
    session = SessionStore(key)
    session["who"] = "anna again"
    Session.objects.filter(pk=key).delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.filter(pk=key).exists()
    assert not SessionStore(key).exists(key)


def test_a_key_that_somebody_made_up_is_never_used() -> None:
    """Nobody can be signed in to a session whose key another person chose."""
    chosen = SessionStore("k" * 32)
    chosen["who"] = "anna"
    chosen.save()
    assert chosen.session_key != "k" * 32
    assert not Session.objects.filter(pk="k" * 32).exists()


def test_a_key_with_a_character_that_the_database_does_not_have_is_unknown(client: Client) -> None:
    reply = client.get("/accounts/login/", headers={"cookie": r'sessionid="\000aaaaaaaaaaaa"'})
    assert reply.status_code == 200
