"""A real mail server for tests, which may be down, refuse an address, and come back at the same port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from django.test import override_settings

from tools.devstack.paths import free_port


@dataclass
class MailServer:
    """An SMTP server at 127.0.0.1: what it `received`, and what it answers to addresses that it refuses."""

    port: int = field(default_factory=free_port)
    received: list[Message] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    running: Controller | None = None

    def up(self) -> None:
        """Start it."""
        self.running = Controller(self, hostname="127.0.0.1", port=self.port)
        self.running.start()

    def down(self) -> None:
        """Stop it, so that connections are refused."""
        if self.running:
            self.running.stop()
        self.running = None

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address, the oldest first."""
        return [mail for mail in self.received if isinstance(mail, EmailMessage) and mail["To"] == address]

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Have the site use a mail server, which is still down."""
    server = MailServer()
    options = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
    backend = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
    with override_settings(MAILERS={"default": backend}):
        try:
            yield server
        finally:
            server.down()
