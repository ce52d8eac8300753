"""A security key made of software, so that invented officers attest as real ones do: with a passkey.

It answers what a browser would be handed (WebAuthn Level 3, sections 5.1.3, 5.1.4 and 6.3). Its key lives as long as
the object and is kept nowhere, so that nobody can sign as the officer afterwards.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

# The flags of authenticator data (section 6.1): the user was present, was verified; a credential is attached.
PRESENT, VERIFIED, CREDENTIAL = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    """Bytes as WebAuthn's JSON spells them: base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data_of(value: str) -> bytes:
    """The bytes of such a text."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class SoftwareAuthenticator:
    """Holds one P-256 key for one site. ``counter`` is None for a key that does not count its signatures."""

    origin: str
    flags: int = PRESENT | VERIFIED
    counter: int | None = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    user_handle: bytes = b""

    def create(self, asked: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.create``, without attestation by a maker."""
        self.user_handle = data_of(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = self._data(asked["rp"]["id"], CREDENTIAL)
        data += bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(attested)})

    def get(self, asked: dict[str, Any], challenge: bytes | None = None) -> str:
        """The answer to ``navigator.credentials.get``; to another ``challenge`` than asked if one is given."""
        client = self._client("webauthn.get", text(challenge) if challenge else asked["challenge"])
        if self.counter is not None:
            self.counter += 1
        data = self._data(asked["rpId"], 0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)}
        return self._answer({**response, "userHandle": text(self.user_handle)})

    def _client(self, kind: str, challenge: str) -> bytes:
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(client, separators=(",", ":")).encode()

    def _data(self, party: str, flags: int) -> bytes:
        count = (self.counter or 0).to_bytes(4, "big")
        return hashlib.sha256(party.encode()).digest() + bytes([self.flags | flags]) + count

    def _answer(self, response: dict[str, str]) -> str:
        name = text(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
