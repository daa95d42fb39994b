"""Eleven kinds of people before every address, made once for a module, and what it answered to each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.access.policy import Reason
from accounts.jobs.models import Job, JobFile, State
from accounts.users.models import User
from exams.attempts import drills
from exams.bank import services as bank
from exams.catalog import services as catalog
from exams.content.exchange_formats.pictures import read_picture
from flashcards.services import own
from flashcards.services.own import OwnDraft
from tests import factories
from tests.accounts import selling
from tests.exams.attempts.practice import CHECK_DOMAINS, draw
from tests.exams.cheatsheet.published import publish
from tests.exams.content.exchange_formats.builders import image
from tests.flashcards import decks
from tests.payments import orders

CANDIDATES: Final = ("without", "with", "expired", "other")
STAFF: Final = ("authors", "reviewers", "translators", "support", "finance", "admin")
PEOPLE: Final = ("visitor", *CANDIDATES, *STAFF)
"""A visitor; candidates who never had access, have it, had it, and have it but own nothing; staff.

The one with access and the one whose access has ended have an exam, a drill, an order, a card and a file
each, which stand in the addresses that they ask for. Everybody else asks for those of the one with access.
"""

OFFER: Final = "offer"
"""Locked: the reply names what is locked and leads to the offer."""

# One's own page leads there from what one has, whatever that is.
LEADS_EVERYBODY: Final = frozenset({"accounts:profile", "payments:purchases"})
UNTAKEN: Final = 4
"""The number of an exam that nobody has begun."""

PICTURE: Final = read_picture(image())
VALUES: Final[dict[str, Any]] = {
    "code": "mls-c01",
    "number": 1,
    "position": 1,
    "language": "hu",
    "token_id": 1,
    "token": "absent",
    "card_id": 1,
    "review_id": 1,
    "key": "absent",
    "uidb36": "zz",
    "pk": 1,
    "slug": "absent",
    "checkout_id": uuid4(),
    "import_id": uuid4(),
    "export_id": uuid4(),
    "session_id": uuid4(),
    "digest": sha256(PICTURE.data).hexdigest(),
}
# Whose part of the address that varies stands in what includes them.
INCLUDED: dict[str, tuple[str, ...]] = {"mfa_remove_webauthn": ("pk",), "mfa_edit_webauthn": ("pk",)}


def _walk(patterns: list[Any], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner)
        elif pattern.name:  # the admin has nameless ones, which only redirect
            yield f"{space}{pattern.name}", pattern


ADDRESSES = dict(_walk(get_resolver().url_patterns))


def parts_of(name: str) -> list[str]:
    """Return the names of the parts of an address that vary."""
    return [*ADDRESSES[name].pattern.regex.groupindex, *INCLUDED.get(name, ())]


DRAWN: Final = {"number": 5, "minutes": 0, "feedback": "at_once"}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "exams:start": {"language": "en"},
    "exams:practice": {"pool": "all", "days": "0", **DRAWN},
    "exams:practice_again": DRAWN,
    "exams:note": {"position": 1, "text": "Read this again"},
    "exams:report": {"position": 1, "reason": "key", "text": "It says otherwise"},
    "api:imports": {"certification": "mls-c01", "format": "gift", "name": "q.txt", "content": "d2hhdA=="},
    "api:exports": {"certification": "mls-c01", "format": "yaml"},
    "api:drills": {"certification": "mls-c01", **DRAWN},
    "api:drill_close": {"position": 1, "show": True},
    "api:submit": {"lease": "absent"},
    "api:note": {"text": "Read this again"},
    "api:report": {"reason": "key", "text": "It says otherwise"},
    "api:exam_date": {"day": "2099-01-01"},
    "flashcards_api:cards": {"position": 1},
    "flashcards_api:own_cards": {"front": "What?", "back": "That."},
    "flashcards_api:own_card": {"front": "What?", "back": "That."},
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody with a browser, and what stands in the addresses that they ask for."""

    people: dict[str, User | None]
    browsers: dict[str, Client]
    values: dict[str, dict[str, Any]]
    form: factories.Form
    untaken: int

    def address(self, name: str, who: str) -> str:
        """Return an address as this person asks for it."""
        values = self.values.get(who, self.values["with"])
        return reverse(name, kwargs={key: values[key] for key in parts_of(name)})

    def body(self, name: str) -> dict[str, Any]:
        """Return what an act at this address needs, so that it is judged by who asks."""
        return BODIES.get(name, {}) | ({"form": self.untaken} if name == "api:attempts" else {})

    def ask(self, who: str, path: str, method: str = "GET", body: Any = None, json: bool = False) -> Any:
        """Ask as this person, who is signed in as at first whatever was asked before."""
        client = self.browsers[who]
        kept = client.cookies
        client.cookies = SimpleCookie(kept.output(header=""))
        try:
            more = {"content_type": "application/json"} if json else {}
            return getattr(client, method.lower())(path, {} if body is None else body, **more)
        finally:
            client.cookies = kept


def outcome(reply: Any, name: str = "") -> int | str:
    """Return the status of a reply, or that it names something as locked and leads to the offer."""
    if name in LEADS_EVERYBODY:
        return int(reply.status_code)
    if reply.status_code == 302 and reply.headers["Location"].startswith("/pricing/"):
        return OFFER
    if reply.status_code not in (200, 403) or reply.streaming:
        return int(reply.status_code)
    if "json" in reply.headers.get("Content-Type", ""):
        return OFFER if b'"code":"no_access"' in reply.content.replace(b" ", b"") else int(reply.status_code)
    # Head and foot of every page have one.
    main = reply.content.partition(b"<main")[2].partition(b"</main>")[0]
    return OFFER if b'href="/pricing/"' in main else int(reply.status_code)


def browser_of(user: User | None) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def drill_of(user: User, form: factories.Form) -> UUID:
    """Start a drill with feedback at once of an exam that is not the one that runs."""
    drills.open_for_practice(user=user, certification=form.form.certification, number=form.form.number)
    return draw(user, form).attempt_id


def belongings(user: User, form: factories.Form, number: int) -> dict[str, Any]:
    """Give somebody a running exam, a drill of another one, a job with its file, an order and a card."""
    job = Job.objects.create(kind="export", owner=user, state=State.DONE, finished_at=Now())
    JobFile.objects.create(job=job, name="answers.zip", media_type="application/zip", content=b"PK")
    checkout = orders.checkout_of(orders.order(user, "other"))
    draft = OwnDraft("What is it?", "That.")
    return {
        **VALUES,
        "number": UNTAKEN,
        "card_id": own.create(user, "mls-c01", draft, language="en"),
        "slug": "other",
        "checkout_id": checkout.pk,
        "session_id": checkout.session.session_id.removeprefix("test_"),
        "drill_id": drill_of(user, factories.make_form(form.form.certification, number=number)),
        "attempt_id": factories.start(user, form).attempt_id,
        "job_id": job.pk,
    }


def gathered() -> Cast:
    """Make everybody, and what they ask for."""
    form = factories.make_form()
    certification = form.form.certification
    factories.make_sample(certification, domains=CHECK_DOMAINS)
    bank.store_images([PICTURE])
    publish(certification)
    decks.make_deck(certification)
    catalog.begin("other", "en")  # what is not here cannot be ordered
    orders.make_product("other", ["cert:other"])
    people: dict[str, User | None] = {"visitor": None}
    people |= {who: factories.make_user(f"{who}@example.org") for who in CANDIDATES}
    people |= {role: factories.make_staff(role) for role in STAFF}
    untaken = factories.make_form(certification, number=UNTAKEN).form.pk
    owner, late, other = people["with"], people["expired"], people["other"]
    assert owner and late and other
    # Before anything is sold, so that both could begin.
    values = {"with": belongings(owner, form, 2), "expired": belongings(late, form, 3)}
    selling.sell_all()
    selling.give(owner)
    selling.give(other)
    selling.give(late, days=selling.PERIODS[Reason.ENDED])
    return Cast(people, {who: browser_of(user) for who, user in people.items()}, values, form, untaken)


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what an act did, so that the next person finds everything as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def at_work(blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """Keep the cast for a module, in a transaction that is rolled back; each test has its own within it.

    Foreign keys of these rows are checked at once: at its end each test would check them anew.
    """
    with blocker.unblock(), transaction.atomic():
        cast = gathered()
        connection.check_constraints()
        yield cast
        transaction.set_rollback(True)
