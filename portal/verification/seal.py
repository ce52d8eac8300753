"""Verify a seal, with nothing but the trust file."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature

from portal.certificates import base45_text, seal
from portal.certificates import number as numbers
from portal.certificates.seal import Essentials
from portal.certificates.signer import ALGORITHMS, SIGNATURE_BYTES, algorithm_of, check_written
from portal.certificates.statuslist.form import Place
from portal.certificates.trust import KEY_ID_BYTES, TrustedIssuer, TrustedKey, TrustRoot
from portal.verification.proof import Proof, accept_issuer
from portal.verification.reasons import IssuerNotAccepted, NotVerified

# A QR code holds at most so many characters.
MAX_TEXT = 4296
MAX_DEPTH = 4
_ALGORITHMS = frozenset(algorithm.cose for algorithm in ALGORITHMS)
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?")


def verify(text: str, *, trust: TrustRoot) -> Proof:
    """Verify the text of a seal.

    1. The text is spelt back: prefix, base45, no longer than a QR code.
    2. COSE_Sign1 in its one deterministic spelling: tag 18, four parts, empty unprotected header, 64 signature bytes.
    3. The protected header holds a known algorithm, key identifier and type, and nothing else.
    4. The key is looked up in the trust file; whatever the seal says about keys is not used. The algorithm named is
       the one that this key signs with.
    5. The signature is verified over what was received.
    6. Only now the claims are read, as strictly as they were written.
    7. The issuer is accepted: named in the claims, its key in use on the day of issue.

    That the certificate is in the issuer's log is claimed and not proven: a seal has no room for the proof.
    Raises ``NotVerified`` or ``IssuerNotAccepted``.
    """
    issuer, key, claims = proven(text, trust=trust)

    facts, log_index = _read_claims(claims)

    accept_issuer(issuer, key, facts, signed_at=facts.issued_at)
    return Proof(issuer, facts, None, log_index, key, logged=False)


def proven(text: str, *, trust: TrustRoot) -> tuple[TrustedIssuer, TrustedKey, bytes]:
    """The first five steps alone: who signed the claims, with which key, and the claims as they are written.

    Whether the key was in use then is not looked at. Raises ``NotVerified`` or ``IssuerNotAccepted``.
    """
    token = _spelt_back(text)

    protected, claims, signature = _parts(token)

    identifier, algorithm = _key_identifier(protected)

    found = trust.key_by_id("seal", identifier)
    if found is None:
        raise IssuerNotAccepted("issuer-unknown")
    issuer, key = found
    if algorithm_of(key.public_key).cose != algorithm:
        raise NotVerified("seal-malformed", "the key signs with another algorithm")

    try:
        check_written(signature, seal.to_be_signed(protected, claims), key.public_key)
    except (InvalidSignature, ValueError) as error:
        raise NotVerified("changed", "the seal's signature does not fit") from error
    return issuer, key, claims


def _spelt_back(text: str) -> bytes:
    if not text.startswith(seal.PREFIX) or len(text) > MAX_TEXT:
        raise NotVerified("seal-malformed", "prefix or length")
    try:
        return base45_text.decode(text.removeprefix(seal.PREFIX))
    except ValueError as error:
        raise NotVerified("seal-malformed", "not base45") from error


def _decoded(data: bytes) -> Any:
    """One CBOR item. That it has its one spelling, with nothing behind it, shows when it is written again."""
    try:
        return cbor2.loads(data, max_depth=MAX_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise NotVerified("seal-malformed", "not the CBOR that is written") from error


def _parts(token: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, claims and signature of COSE_Sign1."""
    message = _decoded(token)
    if not isinstance(message, cbor2.CBORTag) or message.tag != seal.COSE_SIGN1:
        raise NotVerified("seal-malformed", "not COSE_Sign1")
    value = message.value
    if not isinstance(value, list | tuple) or len(value) != 4:  # inside a tag cbor2 gives a tuple
        raise NotVerified("seal-malformed", "not four parts")
    protected, unprotected, claims, signature = value
    kinds = (type(protected), type(claims), type(signature))
    if kinds != (bytes, bytes, bytes) or unprotected != {} or len(signature) != SIGNATURE_BYTES:
        raise NotVerified("seal-malformed", "parts of another kind")
    if seal.message(protected, claims, signature) != token:
        raise NotVerified("seal-malformed", "CBOR that could be written otherwise")
    return protected, claims, signature


@lru_cache(maxsize=64)  # a key has one header, and a port sees few keys
def _key_identifier(protected: bytes) -> tuple[bytes, int]:
    """Key identifier and algorithm."""
    header = _decoded(protected)
    if not isinstance(header, dict) or set(header) != {seal.ALG, seal.KID, seal.TYP}:
        raise NotVerified("seal-malformed", "another header")
    identifier = header[seal.KID]
    algorithm = header[seal.ALG]
    if type(algorithm) is not int or algorithm not in _ALGORITHMS or header[seal.TYP] != seal.MEDIA_TYPE:
        raise NotVerified("seal-malformed", "another algorithm or type")
    if not isinstance(identifier, bytes) or len(identifier) != KEY_ID_BYTES:
        raise NotVerified("seal-malformed", "no key identifier")
    if seal.encode(header) != protected:
        raise NotVerified("seal-malformed", "a header that could be written otherwise")
    return identifier, algorithm


def _read_claims(data: bytes) -> tuple[Essentials, int]:
    claims = _decoded(data)
    try:
        facts, log_index = _essentials(claims), claims[seal.LOG_INDEX]
        if type(log_index) is not int or log_index < 0:
            raise TypeError("no place in a log")
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, OSError) as error:
        raise NotVerified("seal-malformed", "claims of another kind") from error
    if seal.encode_claims(facts, log_index) != data:
        raise NotVerified("seal-malformed", "claims that do not agree")
    return facts, log_index


def _essentials(claims: Any) -> Essentials:
    """The members in the order of ``seal.FACTS``, each of the kind that is written."""
    (
        number, purpose, exporter, exporter_id, end_user, country, destination,
        codes, lines, weight, band, licence, address, test, *place,
    ) = claims[seal.FACTS]  # fmt: skip
    texts = (claims[seal.ISS], number, purpose, exporter, exporter_id, end_user, country, destination, weight, band,
             licence, address, *codes)  # fmt: skip
    if set(map(type, texts)) != {str} or type(lines) is not int or type(test) is not bool:
        raise TypeError("a member of another kind")
    if not _DECIMAL.fullmatch(weight):
        raise ValueError("no weight")
    return Essentials(
        digest=claims[seal.CTI].hex(),
        number=numbers.check(number),
        issuer_id=claims[seal.ISS],
        issued_at=datetime.fromtimestamp(claims[seal.IAT], UTC),
        valid_until=_last_day(claims[seal.EXP]),
        purpose=purpose,
        exporter=exporter,
        exporter_id=exporter_id,
        end_user=end_user,
        end_user_country=country,
        destination=destination,
        hs_codes=tuple(codes),
        goods_lines=lines,
        net_weight_kg=weight,
        band=band,
        licence=licence,
        status_address=address,
        test=test,
        place=_place(place),
    )


def _place(values: list[Any]) -> Place | None:
    """The place in the status lists, which seals from before there were lists do not name."""
    if not values:
        return None
    [code] = values
    if type(code) is not int:
        raise TypeError("no place in a status list")
    return Place.of_code(code)


def _last_day(expires: int) -> date:
    return date.fromordinal(expires // seal.DAY_SECONDS - 1 + seal.EPOCH)
