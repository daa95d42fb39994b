"""Which browsers a person is signed in with, and when each was last seen.

Django's table of sessions says nothing of whose they are, so each has a row here as long as it exists: the
row goes with it by the foreign key, whoever deletes the session. Only what the list shows is kept.
"""

from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import Final

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.base import statements
from accounts.users.models import BrowserSession, User

RESOLUTION_SECONDS: Final = 300
# A process remembers so many sessions that it need not write; for one that it forgot it asks once more.
REMEMBERED: Final = 10_000

# As text: the ORM inserts nothing from a SELECT. The session is locked against its deletion, or a sign-out at
# the same moment would break the foreign key.
NOTE: Final = """
INSERT INTO accounts_browsersession AS kept
  (session_id, user_id, browser, system, first_seen_at, last_seen_at)
SELECT session_key, %(user)s, %(browser)s, %(system)s, statement_timestamp(), statement_timestamp()
FROM django_session WHERE session_key = %(key)s FOR KEY SHARE
ON CONFLICT (session_id) DO UPDATE
SET browser = excluded.browser, system = excluded.system, last_seen_at = excluded.last_seen_at
"""
SEEN: Final = f"""{NOTE}
WHERE kept.last_seen_at < statement_timestamp() - interval '{RESOLUTION_SECONDS} seconds'
"""
# A sign-in is a proof of who it is, also in a browser that was signed in already.
SIGNED_IN: Final = f"{NOTE}, confirmed_at = statement_timestamp(), asked_at = NULL"

_noted: Final[OrderedDict[str, float]] = OrderedDict()
_noted_lock: Final = Lock()


def seen(user_id: int, session_key: str, user_agent: str) -> None:
    """Note that this session was used just now: at most one statement in five minutes and process."""
    if not _is_fresh(session_key):
        _note(SEEN, user_id, session_key, user_agent)


def signed_in(user_id: int, session_key: str, user_agent: str) -> None:
    """Note that the person has just signed in by this session. One statement."""
    _note(SIGNED_IN, user_id, session_key, user_agent)
    # The page that follows need not write it again.
    _is_fresh(session_key)  # from now on


def _note(statement: str, user_id: int, session_key: str, user_agent: str) -> None:
    browser, system = browser_and_system(user_agent)
    values: dict[str, int | str] = {"user": user_id, "key": session_key, "browser": browser, "system": system}
    statements.run(statement, values)


def _is_fresh(session_key: str) -> bool:
    """Say whether this process has noted the session already; if not, take it as noted from now on."""
    now = monotonic()
    with _noted_lock:
        fresh = now - _noted.get(session_key, -RESOLUTION_SECONDS) < RESOLUTION_SECONDS
        if not fresh:
            _noted[session_key] = now
            _noted.move_to_end(session_key)
            if len(_noted) > REMEMBERED:
                _noted.popitem(last=False)
    return fresh


def forget() -> None:
    """Forget which sessions this process has noted, for tests."""
    with _noted_lock:
        _noted.clear()


def alive(user: User) -> QuerySet[BrowserSession]:
    """Return the sessions of the person that have not expired, the one seen last first."""
    return BrowserSession.objects.filter(user=user, session__expire_date__gt=Now())


def is_session(user: User, row_id: int, session_key: str) -> bool:
    """Say whether this row of the person is that of the session with this key."""
    return BrowserSession.objects.filter(user=user, pk=row_id, session_id=session_key).exists()


def end(user: User, row_id: int) -> str | None:
    """Delete a session of the person; return its key, None when there is no such session."""
    row = BrowserSession.objects.filter(user=user, pk=row_id).first()
    if row is None:
        return None
    deleted, _models = Session.objects.filter(session_key=row.session_id).delete()
    return row.session_id if deleted else None


def end_others(user: User, kept_key: str) -> list[str]:
    """Delete every session of the person but one; return the keys."""
    rows = BrowserSession.objects.filter(user=user).exclude(session_id=kept_key)
    keys = sorted(rows.values_list("session_id", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return keys


def end_all(user_id: int) -> None:
    """Delete every session of the person: a closed account may be opened again, and none must come back."""
    keys = BrowserSession.objects.filter(user_id=user_id).values_list("session_id", flat=True)
    Session.objects.filter(session_key__in=sorted(keys)).delete()


def drop_rows(user_id: int) -> None:
    """Take all sessions of the person off the list: a new password has made them worthless.

    The one that goes on gets a new key from Django, and is listed again when it is used.
    """
    BrowserSession.objects.filter(user_id=user_id).delete()


# The first that occurs counts: Edge says Chrome as well, and Chrome says Safari.
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_and_system(user_agent: str) -> tuple[str, str]:
    """Return the names of browser and system, each "" when nothing known is claimed."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def _first(names_by_sign: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names_by_sign if sign in user_agent), "")
