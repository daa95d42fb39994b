"""A catcher of mails: SMTP at 1025; the newest mail to an address as text at 8025, as Mailpit shows it."""

import signal
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAILS: list[tuple[list[str], str]] = []


class Keep:
    """Keeps every mail."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take one."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        part = mail.get_body(("plain",))
        MAILS.append((list(envelope.rcpt_tos), part.get_content() if part else ""))
        return "250 OK"


class Show(BaseHTTPRequestHandler):
    """`/view/latest.txt?query=to:ADDRESS`."""

    def do_GET(self) -> None:
        """Answer with the newest, or 404."""
        wanted = parse_qs(urlsplit(self.path).query).get("query", [""])[0].removeprefix("to:")
        found = [text for receivers, text in MAILS if wanted in receivers]
        body = (found[-1] if found else "none").encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# The first process of a container ignores SIGTERM unless it says otherwise.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
Controller(Keep(), hostname="0.0.0.0", port=1025).start()
ThreadingHTTPServer(("0.0.0.0", 8025), Show).serve_forever()
