"""The lease: a signed token that may append answers to one attempt, and nothing else.

It names attempt, paper and lease number, so that a save is judged before any SQL; the database holds
the number that counts. It travels in JSON bodies only: never in an address, a page, a log or a storage.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.conf import settings

MAC_BYTES = 16
# A drawn paper has a negative number.
_PAYLOAD = struct.Struct(">16siI")
_LENGTH = 4 * ((_PAYLOAD.size + MAC_BYTES + 2) // 3)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may write: this attempt, by this paper, as long as the number is the newest."""

    attempt_id: UUID
    paper_id: int
    number: int


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"passline.lease\0" + secret.encode()).digest()


def _mac(secret: str, payload: bytes) -> bytes:
    return hmac.digest(_key(secret), payload, "sha256")[:MAC_BYTES]


def issue(lease: Lease) -> str:
    """Return the token of a lease."""
    payload = _PAYLOAD.pack(lease.attempt_id.bytes, lease.paper_id, lease.number)
    return urlsafe_b64encode(payload + _mac(settings.SECRET_KEY, payload)).decode().rstrip("=")


def read(token: str) -> Lease | None:
    """Return the lease of a token, or None for a forged or broken one. Old secret keys are honored."""
    # Whatever is longer is none of ours, and must not fill the cache below.
    if len(token) > _LENGTH:
        return None
    return _read(token, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4096)
def _read(token: str, secrets: tuple[str, ...]) -> Lease | None:
    # Kept, because one token comes with each of a hundred saves.
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (BadBase64, UnicodeEncodeError):
        return None
    payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    if len(payload) != _PAYLOAD.size:
        return None
    if not any(hmac.compare_digest(mac, _mac(secret, payload)) for secret in secrets):
        return None
    attempt, paper_id, number = _PAYLOAD.unpack(payload)
    return Lease(UUID(bytes=attempt), paper_id, number)


def holder_hash(holder: str) -> str:
    """Return what the attempt row keeps of the session or token that took the lease."""
    return hashlib.sha256(holder.encode()).hexdigest()
