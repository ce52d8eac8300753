"""Hostile credentials: JWT confused, changed, named otherwise, or signed by somebody else."""

import base64
import hashlib
import hmac
import json
from typing import Any

import rfc8785

from portal.certificates import credential, status, tokens
from portal.certificates.keys import Issuer
from portal.certificates.signer import base64url, concatenated, jwk
from tests.verification.attacks import World, attack


def unsigned(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a compact token."""
    header, payload = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    return header, payload


def signed(header: Any, payload: Any, issuer: Issuer, canonical: bool = True) -> bytes:
    """A token that the issuer's key signed over a header and payload of the attacker's choice."""
    write = rfc8785.dumps if canonical else (lambda value: json.dumps(value, indent=1).encode("utf-8"))
    covered = ".".join(base64url(write(part)) for part in (header, payload))
    return f"{covered}.{base64url(concatenated(issuer.seal.sign(covered.encode())))}".encode()


@attack("changed")
def credential_with_another_end_user(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    payload["credentialSubject"][credential.STATEMENT_MEMBER]["parties"][0]["name"] = "Someone else"
    signature = world.issued.token.split(".")[2]
    return ".".join([base64url(rfc8785.dumps(header)), base64url(rfc8785.dumps(payload)), signature]).encode()


@attack("not-recognised")
def credential_with_algorithm_none(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return ".".join(
        [base64url(rfc8785.dumps({**header, "alg": "none"})), base64url(rfc8785.dumps(payload)), ""]
    ).encode()


@attack("credential-malformed")
def credential_with_algorithm_none_and_a_signature(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed({**header, "alg": "none"}, payload, world.mallory)


@attack("credential-malformed")
def credential_authenticated_with_the_public_key_as_a_secret(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    covered = ".".join(base64url(rfc8785.dumps(part)) for part in ({**header, "alg": "HS256"}, payload))
    secret = json.dumps(jwk(world.issuer.seal.signer.public_key)).encode()
    return f"{covered}.{base64url(hmac.new(secret, covered.encode(), hashlib.sha256).digest())}".encode()


@attack("credential-malformed")
def credential_with_a_key_in_its_header(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    key = jwk(world.mallory.seal.signer.public_key)
    return signed({**header, "jwk": key}, payload, world.mallory)


@attack("credential-malformed")
def credential_with_an_address_of_keys_in_its_header(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed({**header, "jku": "https://mallory.example/keys"}, payload, world.mallory)


@attack("credential-malformed")
def credential_with_a_certificate_in_its_header(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed({**header, "x5c": ["AAAA"]}, payload, world.mallory)


@attack("credential-malformed")
def credential_with_a_critical_header(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed({**header, "crit": ["b64"], "b64": False}, payload, world.issuer)


@attack("issuer-unknown")
def credential_of_an_unknown_issuer(world: World) -> bytes:
    _, payload = unsigned(world.issued.token)
    return tokens.sign(payload, signer=world.mallory.seal, typ=credential.JWT_TYPE).encode()


@attack("changed")
def credential_under_the_name_of_a_key_that_did_not_sign_it(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed(header, payload, world.mallory)


@attack("issuer-unknown")
def credential_whose_key_is_named_under_another_issuer(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    kid = "did:web:ministry.example#" + header["kid"].partition("#")[2]
    return signed({**header, "kid": kid}, payload, world.issuer)


@attack("issuer-unknown")
def credential_whose_key_is_a_path(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed({**header, "kid": "../../../dev/null"}, payload, world.mallory)


@attack("credential-malformed")
def credential_of_another_type(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed({**header, "typ": "JWT"}, payload, world.issuer)


@attack("credential-malformed")
def status_answer_passed_off_as_a_credential(world: World) -> bytes:
    _, payload = unsigned(world.issued.token)
    return tokens.sign(payload, signer=world.issuer.seal, typ=status.ANSWER_TYPE).encode()


@attack("credential-malformed")
def credential_in_another_spelling(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    return signed(header, payload, world.issuer, canonical=False)


@attack("credential-malformed")
def credential_that_says_more_than_its_statement(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    payload["credentialSubject"]["assessment"][0]["conformance"] = 1
    return signed(header, payload, world.issuer)


@attack("statement-malformed")
def credential_with_a_statement_against_its_schema(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    payload["credentialSubject"][credential.STATEMENT_MEMBER]["goods"] = []
    return signed(header, payload, world.issuer)


@attack("statement-malformed")
def credential_without_a_statement(world: World) -> bytes:
    header, _ = unsigned(world.issued.token)
    return signed(header, {"credentialSubject": []}, world.issuer)


@attack("credential-malformed")
def credential_in_base64_that_could_be_written_otherwise(world: World) -> bytes:
    header, payload, signature = world.issued.token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(signature[-1]) ^ 1]
    return f"{header}.{payload}.{signature[:-1]}{last}".encode()


@attack("not-recognised")
def envelope_with_a_member_too_many(world: World) -> bytes:
    document = {**json.loads(world.issued.json), "proof": {"type": "DataIntegrityProof"}}
    return json.dumps(document).encode()


@attack("not-recognised")
def envelope_that_names_a_member_twice(world: World) -> bytes:
    return world.issued.json.replace(b"{", b'{"id": "data:application/vc+jwt,a.b.c",', 1)


@attack("unsigned-statement")
def statement_without_a_signature(world: World) -> bytes:
    return world.issued.statement
