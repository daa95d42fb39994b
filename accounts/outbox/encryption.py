"""Parameters of mails at rest: encrypted with a key made from SECRET_KEY, old keys still open them."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

type Parameters = Mapping[str, str | int | bool | None]

# Says what the key is for: the same secret gives other keys elsewhere.
PURPOSE: Final = b"accounts.outbox"


class CannotDecrypt(Exception):
    """Neither SECRET_KEY nor a fallback is the key that encrypted it."""


def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        hashlib.blake2b(secret.encode(), digest_size=32, person=PURPOSE).digest() for secret in secrets
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def encrypt(parameters: Parameters) -> str:
    """Return the parameters encrypted, as text."""
    return _fernet().encrypt(json.dumps(parameters).encode()).decode("ascii")


def decrypt(encrypted: str) -> dict[str, str | int | bool | None]:
    """Return what was encrypted. Raises CannotDecrypt when the key has changed without a fallback."""
    try:
        parameters: dict[str, str | int | bool | None] = json.loads(_fernet().decrypt(encrypted))
    except InvalidToken:
        raise CannotDecrypt("encrypted with a SECRET_KEY that is no longer known") from None
    return parameters
