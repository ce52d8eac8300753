"""What a compliance officer's passkey has signed, and how a verifier checks it again from the statement alone.

**The circle, and how it is cut.** The certificate signs the statement; the statement holds the attestation; so the
attestation cannot be over the statement's own digest. It is over the digest of the *attested part*, which is the
statement without what comes after the officer's word:

- as they stand in the statement: ``revision``, ``exporter``, ``parties``, ``goods`` (without each line's
  ``control_state``), ``route``, ``end_use``, ``contract``, and ``answers_digest`` of the assessment;
- the officer's own ``officer`` and ``position``;
- ``file``: the digest of everything the officer had before them, digests of the documents included, which the portal
  keeps. It stands in the evidence, as the statement has no room for the file;
- ``judged``: the digest of what the portal concluded at that moment, namely ``purpose``, ``licence``, each line's
  ``control_state`` and the ``assessment`` without a ``review``. It stands in the evidence too, because an authority
  that clears a referral has everything judged anew, by the lists of that later day.

Not attested, as they are the issuer's alone: ``number``, ``issuer``, ``test``, the dates, ``supersedes``,
``status_address``, the moment of the attestation, and an authority's ``review``.

**The challenge** that the passkey signs (WebAuthn Level 3, section 7.2) is::

    SHA-256( "due-diligence-portal/attestation/v1" || 0x00 || D || N )

with D the 32 bytes of SHA-256 over the attested part in canonical form (RFC 8785), and N a nonce of 32 bytes that the
server drew for this one page. The label keeps a challenge of this kind from being taken for one of a sign-in, the
nonce keeps one assertion from serving twice, and D binds it to these facts and no others.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from portal import relying_party
from portal.certificates import statement, strict_json

METHOD = "passkey"
EVIDENCE = "evidence"
NONCE_BYTES = 32
_LABEL = b"due-diligence-portal/attestation/v1"
_AS_STATED = ("revision", "exporter", "parties", "route", "end_use", "contract")
_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04
_RP_HASH, _FLAGS, _COUNTER, _SHORTEST = slice(0, 32), 32, slice(33, 37), 37
_RSA_BITS = range(2048, 8193)


class EvidenceBroken(ValueError):
    """The evidence of a passkey does not show that it signed this statement's attested part; the message says why."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the evidence has shown.

    ``before_review``: an authority had the shipment judged anew after the officer's word. ``counter_stale``: the
    passkey's counter did not grow, so that it may have been copied (WebAuthn Level 3, section 6.1.1).
    """

    before_review: bool
    counter_stale: bool


def judged(facts: Mapping[str, Any]) -> str:
    """The digest of what the portal concluded, in hexadecimal digits."""
    assessment = {name: value for name, value in facts["assessment"].items() if name != "review"}
    return statement.digest(
        statement.canonical(
            {
                "purpose": facts["purpose"],
                "licence": facts["licence"],
                "control_states": [line["control_state"] for line in facts["goods"]],
                "assessment": assessment,
            }
        )
    )


def digest(facts: Mapping[str, Any], *, file: str, judged: str) -> bytes:
    """The digest of the attested part of a statement or of its draft: D above."""
    return bytes.fromhex(
        statement.digest(
            statement.canonical(
                {
                    **{name: facts[name] for name in _AS_STATED},
                    "goods": [_without(line, "control_state") for line in facts["goods"]],
                    "answers_digest": facts["assessment"]["answers_digest"],
                    "officer": facts["attestation"]["officer"],
                    "position": facts["attestation"]["position"],
                    "file": file,
                    "judged": judged,
                }
            )
        )
    )


def challenge(attested: bytes, nonce: bytes) -> bytes:
    """What the passkey is asked to sign for the digest of an attested part."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return hashlib.sha256(_LABEL + b"\x00" + attested + nonce).digest()


def check(facts: Mapping[str, Any]) -> Checked:
    """Check the evidence of a statement that was attested with a passkey, with nothing but the statement.

    1. Relying party and origin are those of the issuer's own site, which the statement's ``status_address`` names.
    2. The client data are of an assertion, made on that origin and in no frame of another one.
    3. Their challenge is the one that follows from the attested part and the nonce.
    4. What was judged is what the statement says, or an authority's review came between.
    5. The authenticator data are of that relying party; the user was present and verified.
    6. The signature over authenticator data and client data is that of the enclosed key.

    Whose key it is, the issuer vouches for by signing the statement. Raises ``EvidenceBroken``.
    """
    block = facts["attestation"]
    evidence = block.get(EVIDENCE)
    if not isinstance(evidence, Mapping):
        raise EvidenceBroken("no evidence is enclosed")
    site = relying_party.of_address(facts["status_address"])
    if (evidence["relying_party"], evidence["origin"]) != (site.id, site.origin):
        raise EvidenceBroken("it was made for another site than the issuer's")
    client_data = _bytes(evidence, "client_data")
    _check_client_data(client_data, site.origin, _expected(facts, evidence))
    again = judged(facts) != evidence["judged"]
    if again and "review" not in facts["assessment"]:
        raise EvidenceBroken("what was judged is not what the officer saw")
    authenticator = _bytes(evidence, "authenticator_data")
    count = _check_authenticator(authenticator, site.id)
    signed = authenticator + hashlib.sha256(client_data).digest()
    _check_signature(evidence["algorithm"], _bytes(evidence, "public_key"), _bytes(evidence, "signature"), signed)
    before = evidence["counter_before"]
    return Checked(again, (count > 0 or before > 0) and count <= before)


def text(data: bytes) -> str:
    """Bytes as the evidence writes them: base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _expected(facts: Mapping[str, Any], evidence: Mapping[str, Any]) -> bytes:
    nonce = _bytes(evidence, "nonce")
    if len(nonce) != NONCE_BYTES:
        raise EvidenceBroken("the nonce has another length")
    return challenge(digest(facts, file=evidence["file"], judged=evidence["judged"]), nonce)


def _check_client_data(data: bytes, origin: str, expected: bytes) -> None:
    try:
        client = strict_json.loads(data, max_bytes=4096)
    except strict_json.JsonRefused as error:
        raise EvidenceBroken(f"the client data are {error}") from error
    if not isinstance(client, dict) or client.get("type") != "webauthn.get":
        raise EvidenceBroken("the client data are of no assertion")
    if client.get("challenge") != text(expected):
        raise EvidenceBroken("another statement was signed")
    if client.get("origin") != origin or client.get("crossOrigin", False) is not False:
        raise EvidenceBroken("it was signed on another site")


def _check_authenticator(data: bytes, relying_party_id: str) -> int:
    """The counter of authenticator data that are for this site, with the user present and verified."""
    if len(data) < _SHORTEST:
        raise EvidenceBroken("the authenticator data are cut short")
    if data[_RP_HASH] != hashlib.sha256(relying_party_id.encode("utf-8")).digest():
        raise EvidenceBroken("the authenticator signed for another site")
    if not data[_FLAGS] & _USER_PRESENT:
        raise EvidenceBroken("nobody was present")
    if not data[_FLAGS] & _USER_VERIFIED:
        raise EvidenceBroken("the authenticator did not verify who was present")
    return int.from_bytes(data[_COUNTER], "big")


def _check_signature(algorithm: str, key: bytes, signature: bytes, signed: bytes) -> None:
    try:
        public = load_der_public_key(key)
        if algorithm == "ES256" and isinstance(public, ec.EllipticCurvePublicKey):
            if not isinstance(public.curve, ec.SECP256R1):
                raise EvidenceBroken("the key is not on the curve P-256")
            public.verify(signature, signed, ec.ECDSA(SHA256()))
        elif algorithm == "EdDSA" and isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, signed)
        elif algorithm == "RS256" and isinstance(public, rsa.RSAPublicKey) and public.key_size in _RSA_BITS:
            public.verify(signature, signed, padding.PKCS1v15(), SHA256())
        else:
            raise EvidenceBroken("the key does not fit its algorithm")
    except InvalidSignature as error:
        raise EvidenceBroken("the signature is not that of the passkey") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceBroken("the key cannot be read") from error


def _bytes(evidence: Mapping[str, Any], name: str) -> bytes:
    given = evidence[name]
    try:
        data = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvidenceBroken(f"{name} is not base64url") from error
    if text(data) != given:
        raise EvidenceBroken(f"{name} is not base64url in its one form")
    return data


def _without(line: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != name}
