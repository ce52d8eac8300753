"""The trust file: which issuers a verifier believes, with which keys, from when to when."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from jsonschema import Draft202012Validator

from portal.certificates import strict_json
from portal.certificates.log.trusted import TrustedLog
from portal.certificates.signer import COORDINATE, ES256, PublicKey, algorithm_of, jwk, thumbprint
from portal.text import Text

TYPE = "due-diligence-trust"
SCHEMA = "1"
MAX_BYTES = 2 * 1024 * 1024
KEY_ID_BYTES = 8
Use = Literal["documents", "seal"]


class TrustError(ValueError):
    """A trust file cannot be read or contradicts itself; the message names the place."""


@dataclass(frozen=True, slots=True)
class Compromise:
    """From when on somebody else may have signed with a key.

    ``log_entries`` is how many entries the issuer's log had then: what is proven to lie before them was signed in time.
    """

    since: datetime
    log_entries: int


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One key of an issuer. What it signed counts if signed from ``begins`` to ``ends``, both to the second.

    What was signed with a compromised key counts only when it is proven to be older than the compromise.
    """

    use: Use
    public_key: PublicKey
    thumbprint: str
    begins: datetime
    ends: datetime | None
    compromise: Compromise | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether the key was in use, and not yet known to be in other hands."""
        return self.begins <= moment and (self.ends is None or moment <= self.ends) and not self.suspect(moment)

    def suspect(self, moment: datetime) -> bool:
        """Whether somebody else may have signed at a moment."""
        return self.compromise is not None and moment >= self.compromise.since

    def to_json(self) -> dict[str, Any]:
        found = self.compromise
        told = {"since": _moment(found.since), "log_entries": found.log_entries} if found else None
        return {
            "use": self.use,
            "from": _moment(self.begins),
            "to": _moment(self.ends) if self.ends else None,
            # Left out of the entry of a good key, so that verifiers of the first release can read the file.
            **({"compromised": told} if told else {}),
            "jwk": jwk(self.public_key),
        }


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One issuer: names, keys, roots of its certificates and time stamps, where status is asked, and its logs."""

    id: str
    name: Text
    test: bool
    status_address: str
    roots: tuple[x509.Certificate, ...]
    timestamp_roots: tuple[x509.Certificate, ...]
    keys: tuple[TrustedKey, ...]
    logs: tuple[TrustedLog, ...]

    def log(self, origin: str) -> TrustedLog | None:
        """The issuer's log of a name."""
        return next((log for log in self.logs if log.origin == origin), None)

    def keys_for(self, use: Use) -> Iterator[TrustedKey]:
        return (key for key in self.keys if key.use == use)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name.to_json(),
            "test": self.test,
            "status_address": self.status_address,
            "roots": [_pem(root) for root in self.roots],
            "timestamp_roots": [_pem(root) for root in self.timestamp_roots],
            "keys": [key.to_json() for key in self.keys],
            "logs": [log.to_json() for log in self.logs],
        }


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """Everything that a verifier believes. Whoever holds the file chose it; nothing in a certificate adds to it."""

    issuers: tuple[TrustedIssuer, ...]

    @classmethod
    def read(cls, source: Path | bytes) -> "TrustRoot":
        """Read a trust file, strictly. Raises ``TrustError``."""
        try:
            data = source if isinstance(source, bytes) else source.read_bytes()
            facts = strict_json.loads(data, max_bytes=MAX_BYTES)
        except OSError as error:
            raise TrustError(f"the trust file cannot be read: {error}") from error
        except strict_json.JsonRefused as error:
            raise TrustError(f"the trust file is {error}") from error
        return cls.of(facts)

    @classmethod
    def of(cls, facts: Any) -> "TrustRoot":
        """The same from JSON values, as ``keys.trust`` gives them."""
        errors = sorted(_validator().iter_errors(facts), key=lambda error: error.json_path)
        if errors:
            raise TrustError(f"{errors[0].json_path}: {errors[0].message[:200]}")
        issuers = tuple(_issuer(f"$.issuers[{n}]", entry) for n, entry in enumerate(facts["issuers"]))
        root = cls(issuers)
        _unambiguous(root)
        return root

    def to_json(self, *, now: datetime) -> dict[str, Any]:
        """The file's content, with the day on which it was written."""
        return {
            "type": TYPE,
            "schema": SCHEMA,
            "written_at": _moment(now),
            "issuers": [issuer.to_json() for issuer in self.issuers],
        }

    def issuer(self, identifier: str) -> TrustedIssuer | None:
        return next((issuer for issuer in self.issuers if issuer.id == identifier), None)

    def key(self, use: Use, name: str) -> tuple[TrustedIssuer, TrustedKey] | None:
        """The key of a use by its full thumbprint."""
        return next(((i, k) for i, k in self._keys(use) if k.thumbprint == name), None)

    def key_by_id(self, use: Use, identifier: bytes) -> tuple[TrustedIssuer, TrustedKey] | None:
        """The key of a use by the short identifier that a seal carries."""
        for issuer in self.issuers:
            for key in issuer.keys:
                if key.use == use and key_id(key.thumbprint) == identifier:
                    return issuer, key
        return None

    def _keys(self, use: Use) -> Iterator[tuple[TrustedIssuer, TrustedKey]]:
        return ((issuer, key) for issuer in self.issuers for key in issuer.keys_for(use))


@lru_cache(maxsize=1024)
def key_id(name: str) -> bytes:
    """The first bytes of a key's thumbprint, which is what a seal has room for."""
    return base64.urlsafe_b64decode(name + "=")[:KEY_ID_BYTES]


def _issuer(path: str, entry: Mapping[str, Any]) -> TrustedIssuer:
    address = urlsplit(entry["status_address"])
    if address.username or address.password or address.query or address.fragment or not address.hostname:
        raise TrustError(f"{path}.status_address: is not a plain address")
    return TrustedIssuer(
        id=entry["id"],
        name=Text.read(entry["name"]),
        test=entry["test"],
        status_address=entry["status_address"],
        roots=tuple(_certificate(f"{path}.roots[{n}]", pem) for n, pem in enumerate(entry["roots"])),
        timestamp_roots=tuple(
            _certificate(f"{path}.timestamp_roots[{n}]", pem) for n, pem in enumerate(entry["timestamp_roots"])
        ),
        keys=tuple(_key(f"{path}.keys[{n}]", key) for n, key in enumerate(entry["keys"])),
        logs=tuple(_log(f"{path}.logs[{n}]", log) for n, log in enumerate(entry["logs"])),
    )


def _log(path: str, entry: Mapping[str, Any]) -> TrustedLog:
    try:
        return TrustedLog.read(entry)
    except ValueError as error:
        raise TrustError(f"{path}: {error}") from error


def _certificate(path: str, pem: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise TrustError(f"{path}: is no certificate of an authority") from error
    if not constraints.ca:
        raise TrustError(f"{path}: is no certificate of an authority")
    return certificate


def _key(path: str, entry: Mapping[str, Any]) -> TrustedKey:
    try:
        public_key = _public_key(entry["jwk"])
    except ValueError as error:
        raise TrustError(f"{path}.jwk: is no point of its curve") from error
    if entry["use"] == "documents" and algorithm_of(public_key) != ES256:
        raise TrustError(f"{path}.jwk: documents are signed with ES256 alone")
    if thumbprint(public_key) != entry["jwk"]["kid"]:
        raise TrustError(f"{path}.jwk.kid: is not the key's thumbprint")
    begins, ends = _read_moment(path, entry["from"]), entry["to"] and _read_moment(path, entry["to"])
    if ends is not None and ends < begins:
        raise TrustError(f"{path}.to: lies before 'from'")
    told = entry.get("compromised")
    found = Compromise(_read_moment(path, told["since"]), told["log_entries"]) if told else None
    return TrustedKey(entry["use"], public_key, entry["jwk"]["kid"], begins, ends, found)


def _public_key(members: Mapping[str, str]) -> PublicKey:
    if members["kty"] == "OKP":
        return Ed25519PublicKey.from_public_bytes(_coordinate(members["x"]))
    x, y = (int.from_bytes(_coordinate(members[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _coordinate(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=")
    if len(data) != COORDINATE:
        raise ValueError("a coordinate of another length")
    return data


def _unambiguous(root: TrustRoot) -> None:
    names = [issuer.id for issuer in root.issuers]
    if len(set(names)) != len(names):
        raise TrustError("$.issuers: an issuer is named twice")
    if any(len({log.origin for log in issuer.logs}) != len(issuer.logs) for issuer in root.issuers):
        raise TrustError("$.issuers: a log is named twice")
    uses: tuple[Use, ...] = ("documents", "seal")
    for use in uses:
        short = [key_id(key.thumbprint) for issuer in root.issuers for key in issuer.keys_for(use)]
        if len(set(short)) != len(short):
            raise TrustError(f"$.issuers: a key for '{use}' is named twice")


def _read_moment(path: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise TrustError(f"{path}: {text} is no moment") from error


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


@cache
def _validator() -> Draft202012Validator:
    text = resources.files("portal.certificates").joinpath("data/trust.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))
