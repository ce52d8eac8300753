"""Signed JSON in compact form (RFC 7515): the credential and every word about status."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from portal.certificates import strict_json
from portal.certificates.signer import (
    ALGORITHMS,
    ES256,
    SIGNATURE_BYTES,
    Algorithm,
    PublicKey,
    algorithm_of,
    base64url,
    jwk,
    split,
    written,
)

MAX_BYTES = 1024 * 1024
FindKey = Callable[[str], PublicKey]
_BY_NAME = {algorithm.name: algorithm for algorithm in ALGORITHMS}


class TokenRefused(ValueError):
    """A token is not one of the portal's, or not what its signature covers. ``malformed`` tells the two apart."""

    def __init__(self, message: str, *, malformed: bool = True) -> None:
        super().__init__(message)
        self.malformed = malformed


class TokenSigner(Protocol):
    """A key with the address under which verifiers find it: ``<issuer id>#<thumbprint>``."""

    @property
    def kid(self) -> str: ...

    @property
    def algorithm(self) -> Algorithm: ...

    def sign(self, data: bytes) -> bytes: ...


def sign(facts: Mapping[str, Any], *, signer: TokenSigner, typ: str) -> str:
    """Sign JSON. Header and payload are canonical (RFC 8785), so that a verifier can refuse any other spelling."""
    header = rfc8785.dumps({"alg": signer.algorithm.name, "kid": signer.kid, "typ": typ})
    covered = f"{base64url(header)}.{base64url(rfc8785.dumps(dict(facts)))}"
    signature = written(signer.sign(covered.encode("ascii")), signer.algorithm)
    return f"{covered}.{base64url(signature)}"


def verify(token: str, *, typ: str, find_key: FindKey) -> dict[str, Any]:
    """The payload of a token once its signature is proven; nothing of it is used before.

    1. Size and three parts, each in the one correct base64url spelling.
    2. The header holds exactly ``alg``, ``kid`` and ``typ``: no algorithm that is not known, no key from the token.
    3. The key is found by ``kid`` among the trusted ones (``find_key`` raises its own error when it is not), and the
       algorithm named is the one that this key signs with.
    4. The signature is checked by joserfc, which is told the one algorithm.
    5. The payload is strict, canonical JSON.

    Raises ``TokenRefused``.
    """
    if len(token) > MAX_BYTES:
        raise TokenRefused(f"larger than {MAX_BYTES} bytes")
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenRefused("not three parts")
    header, payload, signature = (_decoded(part) for part in parts)

    members = _members(header, "header")
    algorithm = _BY_NAME.get(members["alg"]) if isinstance(members.get("alg"), str) else None
    if set(members) != {"alg", "kid", "typ"} or algorithm is None or members["typ"] != typ:
        raise TokenRefused("the header is not the one that is signed with")
    if not isinstance(members["kid"], str) or len(members["kid"]) > 300:
        raise TokenRefused("the key's name is not text")

    try:
        if len(signature) != SIGNATURE_BYTES:
            raise ValueError("a signature of another length")
        if algorithm == ES256:
            split(signature)
    except ValueError as error:
        raise TokenRefused(str(error), malformed=False) from error
    public_key = find_key(members["kid"])
    if algorithm_of(public_key) != algorithm:
        raise TokenRefused("the key signs with another algorithm")
    registry = jws.JWSRegistry(algorithms=[algorithm.name])
    registry.max_header_length = registry.max_payload_length = MAX_BYTES
    kind = ECKey if algorithm == ES256 else OKPKey
    try:
        jws.deserialize_compact(token, kind.import_key(dict(jwk(public_key))), registry=registry)
    except JoseError as error:
        raise TokenRefused("the signature does not fit", malformed=False) from error
    return _members(payload, "payload")


def _decoded(part: str) -> bytes:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenRefused("not base64url") from error
    if base64url(data) != part:
        raise TokenRefused("base64url that could be written otherwise")
    return data


def _members(data: bytes, part: str) -> dict[str, Any]:
    try:
        value = strict_json.loads(data, max_bytes=MAX_BYTES)
    except strict_json.JsonRefused as error:
        raise TokenRefused(f"{part}: {error}") from error
    if not isinstance(value, dict):
        raise TokenRefused(f"{part}: not an object")
    try:
        canonical = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise TokenRefused(f"{part}: {error}") from error
    if canonical != data:
        raise TokenRefused(f"{part}: not in canonical form")
    return value
