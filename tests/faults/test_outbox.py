"""Senders that are killed: a mail may go out twice, and never not at all."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounts.outbox import services
from accounts.outbox.models import Mail
from tests.accounts.mailserver import MailServer
from tests.faults.conftest import eventually
from tests.faults.stack import Stack
from tools.devstack.processes import Child

pytestmark = pytest.mark.thorough

KIND = "account/email/unknown_account"
ADDRESS = "anna@example.org"


class SlowServer(MailServer):
    """A mail server that stops at a moment of the conversation until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.stop_at = ""
        self.stopped = threading.Event()
        self.go = threading.Event()

    def _stop(self, moment: str) -> None:
        if moment == self.stop_at:
            self.stopped.set()
            self.go.wait(20)

    async def handle_RCPT(self, *conversation: Any) -> str:
        self._stop("before")
        return await super().handle_RCPT(*conversation)

    async def handle_DATA(self, *conversation: Any) -> str:
        reply = await super().handle_DATA(*conversation)
        self._stop("after")
        return reply


@pytest.fixture
def server(stack: Stack) -> Iterator[SlowServer]:
    made = SlowServer()
    made.up()
    Mail.objects.all().delete()
    yield made
    made.go.set()
    made.down()


def sender(stack: Stack, server: MailServer, name: str, **more: str) -> Child:
    """Start `manage.py sweep --loop` with this mail server, and without Redis."""
    options = ("--loop", "--every", "0.2")
    return stack.sweeper(
        *options,
        name=name,
        module="tests.faults.with_kinds",
        MAIL_PORT=str(server.port),
        REDIS_URL="redis://127.0.0.1:1/0",
        **more,
    )


def lease_ends() -> None:
    """Let the lease of the dead sender end: rows are moved, clocks never are."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_mail SET not_before = not_before - interval '5 minutes'")


def pauses_end() -> None:
    """Let those that failed be due, and not those that a sender holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_mail SET not_before = statement_timestamp()"
            " WHERE sent_at IS NULL AND claim IS NULL"
        )


@pytest.mark.parametrize(("killed", "arrives"), [("before", 1), ("after", 2)])
def test_a_mail_whose_sender_was_killed_before_or_after_it_went_out_is_sent_again(
    stack: Stack, server: SlowServer, killed: str, arrives: int
) -> None:
    server.stop_at = killed
    services.post(KIND, ADDRESS, {"signup_url": "https://passline.example/"})
    first = sender(stack, server, f"killed-{killed}")
    assert server.stopped.wait(20)
    first.kill()
    server.stop_at = ""
    server.go.set()
    row = Mail.objects.get()
    assert (row.tries, row.sent_at) == (1, None)
    lease_ends()
    sender(stack, server, f"second-{killed}")
    eventually(lambda: Mail.objects.exclude(sent_at=None).exists())
    row.refresh_from_db()
    assert (row.tries, row.sealed) == (2, "")
    assert len(server.to(ADDRESS)) == arrives
    assert len({message["Message-ID"] for message in server.to(ADDRESS)}) == 1


def test_a_mail_whose_server_takes_longer_than_the_lease_is_sent_once(
    stack: Stack, server: SlowServer
) -> None:
    server.stop_at = "before"
    services.post(KIND, ADDRESS, {"signup_url": "https://passline.example/"})
    for name in ("patient", "idle"):
        sender(stack, server, name, JOB_LEASE_SECONDS="3")
    assert server.stopped.wait(20)
    eventually(
        lambda: Mail.objects.filter(not_before__gt=F("claimed_at") + timedelta(seconds=8)).exists(), 20
    )
    server.go.set()
    eventually(lambda: Mail.objects.exclude(sent_at=None).exists())
    assert (Mail.objects.get().tries, len(server.to(ADDRESS))) == (1, 1)


def test_a_server_that_comes_back_gets_every_mail_once_from_several_senders(
    stack: Stack, server: SlowServer
) -> None:
    server.down()
    for number in range(40):
        services.post(KIND, f"{number}@example.org", {"signup_url": "https://passline.example/"})
    for number in range(3):
        sender(stack, server, f"sender-{number}")
    eventually(lambda: Mail.objects.exclude(last_error="").exists())
    server.up()
    pauses_end()
    eventually(lambda: not Mail.objects.filter(sent_at=None).exists(), 40)
    assert sorted(str(message["To"]) for message in server.received) == sorted(
        f"{number}@example.org" for number in range(40)
    )
