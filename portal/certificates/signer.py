"""Keys that sign for an issuer, and the algorithms that they sign with.

Where a private key lies is the business of ``custody``: a file, a token or a key service offers the same four things.
"""

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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_ECDSA = ec.ECDSA(hashes.SHA256())
COORDINATE = 32
SIGNATURE_BYTES = 64
# The order of the curve P-256 (SP 800-186 section 3.2.1.3).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PublicKey = ec.EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | Ed25519PrivateKey
_OTHER_KIND = "the portal signs with ECDSA on the curve P-256 or with Ed25519; this is another kind of key"


class SigningFailed(RuntimeError):
    """A key gave a signature that its own public key does not accept, or none at all."""


class KeyRefused(ValueError):
    """A key cannot be had or used, or is of a kind that the portal does not sign with; the message says what to do."""


class KeyUnavailable(KeyRefused, SigningFailed):
    """A token or a key service does not answer now: nothing is issued, and a later attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How a key signs: its names in JOSE (RFC 7518, RFC 9864) and in COSE (RFC 9053, RFC 9864).

    Both write a signature in 64 bytes.
    """

    name: str
    cose: int


ES256 = Algorithm("ES256", -7)
ED25519 = Algorithm("Ed25519", -19)
ALGORITHMS = (ES256, ED25519)


class Signer(Protocol):
    """A key that signs. ``sign`` gives a signature that has been verified, as CMS writes it: of ECDSA in DER.

    Nothing else of a key is ever used, so that a PKCS#11 token or a key service can stand in its place.
    """

    @property
    def algorithm(self) -> Algorithm: ...

    @property
    def public_key(self) -> PublicKey: ...

    @property
    def thumbprint(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class FileSigner:
    """A key that lives in this process's memory, read from a file."""

    private_key: PrivateKey

    @classmethod
    def read(cls, path: Path) -> "FileSigner":
        """Read an unencrypted PEM file. Raises ``KeyRefused`` naming the file."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise KeyRefused(f"{path}: {error}") from error
        if not isinstance(key, PrivateKey):
            raise KeyRefused(f"{path}: {_OTHER_KIND}")
        try:
            known(key.public_key())
        except KeyRefused as error:
            raise KeyRefused(f"{path}: {error}") from error
        return cls(key)

    @property
    def algorithm(self) -> Algorithm:
        return algorithm_of(self.public_key)

    @cached_property
    def public_key(self) -> PublicKey:
        return self.private_key.public_key()

    @cached_property
    def thumbprint(self) -> str:
        return thumbprint(self.public_key)

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.private_key, Ed25519PrivateKey):
            return proven(self.private_key.sign(data), data, self.public_key)
        signature = self.private_key.sign(data, ec.ECDSA(hashes.SHA256()))
        return proven(signature, data, self.public_key)


def known(public_key: object) -> PublicKey:
    """The key, when it is of a kind that the portal signs with. Raises ``KeyRefused``."""
    if isinstance(public_key, Ed25519PublicKey):
        return public_key
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1):
        return public_key
    raise KeyRefused(_OTHER_KIND)


def algorithm_of(public_key: PublicKey) -> Algorithm:
    """The one algorithm that a key signs with."""
    return ED25519 if isinstance(public_key, Ed25519PublicKey) else ES256


def proven(signature: bytes, data: bytes, public_key: PublicKey) -> bytes:
    """The signature, once the public key has accepted it: a token's key need not fit its certificate."""
    try:
        _verify(public_key, signature, data)
    except InvalidSignature as error:
        raise SigningFailed("the key's signature does not fit its public key") from error
    return signature


def _verify(public_key: PublicKey, signature: bytes, data: bytes) -> None:
    if isinstance(public_key, Ed25519PublicKey):
        public_key.verify(signature, data)
    else:
        public_key.verify(signature, data, _ECDSA)


def written(signature: bytes, algorithm: Algorithm) -> bytes:
    """A signature as JOSE and COSE write it, in 64 bytes."""
    return concatenated(signature) if algorithm == ES256 else signature


def check_written(signature: bytes, data: bytes, public_key: PublicKey) -> None:
    """Verify a signature of 64 bytes. Raises ``InvalidSignature``, or ``ValueError`` for one of another form."""
    if isinstance(public_key, Ed25519PublicKey):
        public_key.verify(signature, data)
    else:
        public_key.verify(split(signature), data, _ECDSA)


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


def jwk(public_key: PublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 7517) whose ``kid`` is its thumbprint."""
    return {**_members(public_key), "alg": algorithm_of(public_key).name, "kid": thumbprint(public_key)}


def thumbprint(public_key: PublicKey) -> str:
    """The RFC 7638 thumbprint (SHA-256, base64url) that names a key everywhere."""
    return base64url(hashlib.sha256(rfc8785.dumps(_members(public_key))).digest())


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _members(public_key: PublicKey) -> dict[str, str]:
    if isinstance(public_key, Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": base64url(public_key.public_bytes_raw())}  # RFC 8037
    numbers = public_key.public_numbers()
    x, y = (base64url(value.to_bytes(COORDINATE, "big")) for value in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}
