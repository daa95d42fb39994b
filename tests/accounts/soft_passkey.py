"""A passkey in software: what a browser and an authenticator make of the options that the site sends."""

import hashlib
import json
import os
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

# The one host at which passkeys work without TLS.
HOST: Final = "localhost"
ADD: Final = "/accounts/2fa/webauthn/add/"
LOGIN: Final = "/accounts/2fa/webauthn/login/"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class SoftPasskey:
    """A key, and the person it is for once it is added."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(16)
        self._uses = 0
        self._person = ""

    def add(self, browser: Client) -> None:
        """Add it to the account of this browser, in which a password has just been typed."""
        options = browser.get(ADD).context["js_data"]["creation_options"]["publicKey"]
        self._person = options["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))  # type: ignore[no-untyped-call]
        credential = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + public
        made = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(options["rp"]["id"], WITH_KEY) + credential,
        }
        sent = self._sent(
            clientDataJSON=self._client_data("webauthn.create", options["challenge"]),
            attestationObject=cbor.encode(made),
        )
        reply = browser.post(ADD, {"name": "soft", "credential": sent})
        assert reply.status_code == 302, reply.content

    def answer(self, browser: Client) -> str:
        """Answer the challenge that the site has for this browser, to sign in."""
        asked = browser.get(LOGIN, headers={"accept": "application/json"}).json()
        options = asked["request_options"]["publicKey"]
        data = self._data(options["rpId"])
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._sent(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def _data(self, site: str, flags: int = 0) -> bytes:
        self._uses += 1
        every = bytes([flags | PRESENT | VERIFIED])
        return hashlib.sha256(site.encode()).digest() + every + self._uses.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        values = {"type": kind, "challenge": challenge, "origin": f"http://{HOST}", "crossOrigin": False}
        return json.dumps(values).encode()

    def _sent(self, **response: bytes) -> str:
        values: dict[str, Any] = {name: websafe_encode(value) for name, value in response.items()}
        own = websafe_encode(self._id)
        return json.dumps(
            {
                "id": own,
                "rawId": own,
                "type": "public-key",
                "clientExtensionResults": {"credProps": {"rk": True}},
                "response": {**values, "userHandle": self._person},
            }
        )
