"""Private keys that sign for an issuer. A token or a key service joins by offering the same three things."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

COORDINATE = 32
# The order of the curve P-256 (SP 800-186 section 3.2.1.3).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class SigningFailed(RuntimeError):
    """A key gave a signature that its own public key does not accept, or none at all."""


class KeyRefused(ValueError):
    """A key cannot be read, or is not of the kind the portal signs with (ECDSA on P-256)."""


class Signer(Protocol):
    """A P-256 key. ``sign`` hashes with SHA-256 and gives a DER signature that has been verified.

    Nothing else of a key is ever used, so that a PKCS#11 token or a key service can stand in its place.
    """

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey: ...

    @property
    def thumbprint(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class FileSigner:
    """A key that lives in this process's memory, read from a file."""

    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, path: Path) -> "FileSigner":
        """Read an unencrypted PEM file. Raises ``KeyRefused`` naming the file."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise KeyRefused(f"{path}: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyRefused(f"{path}: the issuer signs with ECDSA on the curve P-256; this is another kind of key")
        return cls(key)

    @cached_property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self.private_key.public_key()

    @cached_property
    def thumbprint(self) -> str:
        return thumbprint(self.public_key)

    def sign(self, data: bytes) -> bytes:
        signature = self.private_key.sign(data, ec.ECDSA(hashes.SHA256()))
        return proven(signature, data, self.public_key)


def proven(signature: bytes, data: bytes, public_key: ec.EllipticCurvePublicKey) -> bytes:
    """The signature, once the public key has accepted it: a token's key need not fit its certificate."""
    try:
        public_key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise SigningFailed("the key's signature does not fit its public key") from error
    return signature


def concatenated(signature: bytes) -> bytes:
    """A DER signature as JOSE and COSE write it: r and s, 32 bytes each (RFC 7518 section 3.4).

    Of the two values of s that verify, the smaller is written and alone accepted, so that a signed text exists once.
    """
    r, s = decode_dss_signature(signature)
    return r.to_bytes(COORDINATE, "big") + min(s, ORDER - s).to_bytes(COORDINATE, "big")


def split(signature: bytes) -> bytes:
    """The DER signature behind a concatenated one. Raises ``ValueError`` unless it is the one that is written."""
    r, s = (int.from_bytes(half, "big") for half in (signature[:COORDINATE], signature[COORDINATE:]))
    if len(signature) != 2 * COORDINATE or not (0 < r < ORDER and 0 < s <= ORDER // 2):
        raise ValueError("a signature of another form")
    return encode_dss_signature(r, s)


def jwk(public_key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 7517) whose ``kid`` is its thumbprint."""
    return {**_members(public_key), "alg": "ES256", "kid": thumbprint(public_key)}


def thumbprint(public_key: ec.EllipticCurvePublicKey) -> str:
    """The RFC 7638 thumbprint (SHA-256, base64url) that names a key everywhere."""
    return base64url(hashlib.sha256(rfc8785.dumps(_members(public_key))).digest())


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _members(public_key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = public_key.public_numbers()
    x, y = (base64url(value.to_bytes(COORDINATE, "big")) for value in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}
