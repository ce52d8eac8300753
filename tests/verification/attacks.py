"""Hostile seals, credentials, pictures and files, each with a name and the reason that it must meet.

They are made here from a genuine certificate, never kept as files. ``ATTACKS`` maps the name to the maker and to the
reason keys one of which must be given, for integrity or for the issuer.
"""

import base64
import hashlib
import hmac
import io
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import base45
import cbor2
import rfc8785
from PIL import Image

from portal.certificates import credential, qr, seal, status, tokens
from portal.certificates.keys import Issuer
from portal.certificates.signer import ES256, ORDER, base64url, concatenated, jwk
from portal.certificates.trust import key_id
from portal.config import Settings
from tests.certificates.samples import Issued


@dataclass(frozen=True)
class World:
    """A genuine certificate with its issuer, and Mallory, who has a whole authority of the same names."""

    issued: Issued
    issuer: Issuer
    mallory: Issuer
    settings: Settings


Maker = Callable[[World], bytes]
ATTACKS: dict[str, tuple[Maker, frozenset[str]]] = {}


def attack(*reasons: str) -> Callable[[Maker], Maker]:
    """Register a maker under its function's name."""

    def register(maker: Maker) -> Maker:
        ATTACKS[maker.__name__.replace("_", " ")] = (maker, frozenset(reasons))
        return maker

    return register


# --- seals -----------------------------------------------------------------------------------------------------


def unsealed(text: str) -> list[Any]:
    """Protected header, unprotected header, claims and signature of a seal."""
    token = base45.b45decode(text.removeprefix(seal.PREFIX))
    return list(cbor2.loads(token[1:]))


def sealed(parts: Any, tag: int = seal.COSE_SIGN1) -> bytes:
    return seal.write(seal.encode(cbor2.CBORTag(tag, parts))).encode("ascii")


def resealed(world: World, issuer: Issuer, header: dict[Any, Any], claims: bytes, unprotected: Any = None) -> bytes:
    """A seal that the issuer's key signed over a header and claims of the attacker's choice."""
    protected = seal.encode(header)
    signature = concatenated(issuer.seal.sign(seal.to_be_signed(protected, claims)))
    return sealed([protected, unprotected or {}, claims, signature])


def proper_header(issuer: Issuer) -> dict[Any, Any]:
    return {seal.ALG: ES256.cose, seal.KID: key_id(issuer.seal.signer.thumbprint), seal.TYP: seal.MEDIA_TYPE}


def claims_of(world: World) -> bytes:
    return bytes(unsealed(world.issued.seal)[2])


def changed_claims(world: World, **changes: Any) -> bytes:
    """Claims in proper form with other facts in them."""
    claims = cbor2.loads(claims_of(world))
    for name, value in changes.items():
        if name == "number":
            claims[seal.FACTS][0] = value
        elif name == "facts":
            claims[seal.FACTS] = value
        else:
            claims[getattr(seal, name)] = value
    return seal.encode(claims)


@attack("changed")
def seal_with_another_end_user(world: World) -> bytes:
    protected, unprotected, claims, signature = unsealed(world.issued.seal)
    return sealed([protected, unprotected, claims.replace(b"Jenaer", b"Yanaer"), signature])


@attack("changed")
def seal_with_the_signature_of_zeros(world: World) -> bytes:
    protected, unprotected, claims, _ = unsealed(world.issued.seal)
    return sealed([protected, unprotected, claims, bytes(64)])


@attack("changed")
def seal_with_the_other_half_of_its_signature(world: World) -> bytes:
    protected, unprotected, claims, signature = unsealed(world.issued.seal)
    twin = ORDER - int.from_bytes(signature[32:], "big")
    return sealed([protected, unprotected, claims, signature[:32] + twin.to_bytes(32, "big")])


@attack("issuer-unknown")
def seal_of_an_unknown_issuer(world: World) -> bytes:
    return resealed(world, world.mallory, proper_header(world.mallory), claims_of(world))


@attack("changed")
def seal_under_the_name_of_a_key_that_did_not_sign_it(world: World) -> bytes:
    return resealed(world, world.mallory, proper_header(world.issuer), claims_of(world))


@attack("seal-malformed")
def seal_without_an_algorithm(world: World) -> bytes:
    header = proper_header(world.issuer)
    del header[seal.ALG]
    return resealed(world, world.mallory, header, claims_of(world))


@attack("seal-malformed")
def seal_with_algorithm_none(world: World) -> bytes:
    header = seal.encode({**proper_header(world.issuer), seal.ALG: 0})
    return sealed([header, {}, claims_of(world), b""])


@attack("seal-malformed")
def seal_with_another_algorithm(world: World) -> bytes:
    return resealed(world, world.issuer, {**proper_header(world.issuer), seal.ALG: -35}, claims_of(world))


@attack("seal-malformed")
def seal_with_its_algorithm_outside_the_signature(world: World) -> bytes:
    header = proper_header(world.issuer)
    del header[seal.ALG]
    return resealed(world, world.issuer, header, claims_of(world), {seal.ALG: ES256.cose})


@attack("seal-malformed")
def seal_with_a_key_in_its_header(world: World) -> bytes:
    numbers = world.mallory.seal.signer.public_key.public_numbers()
    key = {1: 2, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    return resealed(world, world.mallory, {**proper_header(world.issuer), -65000: key}, claims_of(world))


@attack("seal-malformed")
def seal_with_a_certificate_in_its_header(world: World) -> bytes:
    return resealed(world, world.mallory, {**proper_header(world.issuer), 33: b"certificate"}, claims_of(world))


@attack("seal-malformed")
def seal_with_a_second_key_identifier_outside(world: World) -> bytes:
    other = key_id(world.mallory.seal.signer.thumbprint)
    return resealed(world, world.mallory, proper_header(world.issuer), claims_of(world), {seal.KID: other})


@attack("seal-malformed")
def seal_of_another_type(world: World) -> bytes:
    header = {**proper_header(world.issuer), seal.TYP: "application/cwt"}
    return resealed(world, world.issuer, header, claims_of(world))


@attack("seal-malformed")
def seal_without_its_tag(world: World) -> bytes:
    return seal.write(seal.encode(unsealed(world.issued.seal))).encode("ascii")


@attack("seal-malformed")
def seal_tagged_as_another_message(world: World) -> bytes:
    return sealed(unsealed(world.issued.seal), tag=98)


@attack("seal-malformed")
def seal_wrapped_in_a_second_tag(world: World) -> bytes:
    return sealed(cbor2.CBORTag(seal.COSE_SIGN1, unsealed(world.issued.seal)), tag=61)


@attack("seal-malformed")
def seal_with_something_behind_the_token(world: World) -> bytes:
    token = seal.encode(cbor2.CBORTag(seal.COSE_SIGN1, unsealed(world.issued.seal)))
    return seal.write(token + b"\x00").encode("ascii")


@attack("seal-malformed")
def seal_compressed(world: World) -> bytes:
    token = base45.b45decode(world.issued.seal.removeprefix(seal.PREFIX))
    return seal.write(zlib.compress(token, 9)).encode("ascii")


@attack("seal-malformed")
def seal_cut_off(world: World) -> bytes:
    return world.issued.seal[:-30].encode("ascii")


@attack("seal-malformed")
def seal_that_names_a_header_twice(world: World) -> bytes:
    _, unprotected, claims, signature = unsealed(world.issued.seal)
    protected = b"\xa4\x01\x26\x01\x26\x04\x48" + bytes(8) + b"\x10\x60"
    return sealed([protected, unprotected, claims, signature])


@attack("seal-malformed")
def seal_in_indefinite_length(world: World) -> bytes:
    parts = unsealed(world.issued.seal)
    token = b"\xd2\x9f" + b"".join(seal.encode(part) for part in parts) + b"\xff"
    return seal.write(token).encode("ascii")


@attack("seal-malformed")
def seal_with_numbers_written_long(world: World) -> bytes:
    parts = unsealed(world.issued.seal)
    token = b"\xd2\x98\x04" + b"".join(seal.encode(part) for part in parts)
    return seal.write(token).encode("ascii")


@attack("seal-malformed")
def seal_with_claims_signed_in_another_spelling(world: World) -> bytes:
    claims = cbor2.loads(claims_of(world))
    spelt = cbor2.dumps(dict(reversed(claims.items())))
    return resealed(world, world.issuer, proper_header(world.issuer), spelt)


@attack("seal-malformed")
def seal_longer_than_any_code(world: World) -> bytes:
    return seal.write(bytes(400_000)).encode("ascii")


@attack("seal-malformed")
def seal_nested_without_end(world: World) -> bytes:
    return seal.write(b"\x81" * 2000 + b"\x00").encode("ascii")


@attack("seal-malformed")
def seal_of_a_shared_reference_bomb(world: World) -> bytes:
    return seal.write(b"\xd8\x1c\x82\xd8\x1d\x00\xd8\x1d\x00").encode("ascii")


@attack("seal-malformed")
def seal_with_an_enormous_array(world: World) -> bytes:
    return seal.write(b"\xd2\x9b\x7f\xff\xff\xff\xff\xff\xff\xff").encode("ascii")


@attack("seal-malformed")
def seal_with_an_impossible_date(world: World) -> bytes:
    claims = changed_claims(world, EXP=2**62)
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("seal-malformed")
def seal_with_members_of_another_kind(world: World) -> bytes:
    claims = changed_claims(world, facts=[1] * 14)
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("seal-malformed")
def seal_with_a_member_too_many(world: World) -> bytes:
    facts = [*cbor2.loads(claims_of(world))[seal.FACTS], "more"]
    return resealed(world, world.issuer, proper_header(world.issuer), changed_claims(world, facts=facts))


@attack("seal-malformed")
def seal_with_a_number_whose_letter_is_wrong(world: World) -> bytes:
    claims = changed_claims(world, number="DDC-2026-0000001-A")
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("issuer-disagrees")
def seal_that_names_another_issuer(world: World) -> bytes:
    claims = changed_claims(world, ISS="did:web:ministry.example")
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("issuer-disagrees")
def seal_of_a_test_issuer_that_claims_to_be_real(world: World) -> bytes:
    facts = [False if value is True else value for value in cbor2.loads(claims_of(world))[seal.FACTS]]
    return resealed(world, world.issuer, proper_header(world.issuer), changed_claims(world, facts=facts))


@attack("key-out-of-term")
def seal_from_before_its_key_was_in_use(world: World) -> bytes:
    claims = changed_claims(world, IAT=1_700_000_000)
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("seal-malformed", "not-recognised")
def seal_in_small_letters(world: World) -> bytes:
    return (seal.PREFIX + world.issued.seal.removeprefix(seal.PREFIX).lower()).encode("ascii")


@attack("not-recognised")
def seal_behind_a_look_alike_prefix(world: World) -> bytes:
    return world.issued.seal.replace("DDC1:", "DDС1:").encode("utf-8")  # a Cyrillic letter


# --- credentials -----------------------------------------------------------------------------------------------


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


# --- pictures and other files ----------------------------------------------------------------------------------


def picture(*texts: str, kind: str = "png") -> bytes:
    """A picture of QR codes side by side."""
    codes = [Image.open(io.BytesIO(qr.png(text))).convert("L") for text in texts]
    whole = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 255)
    for index, code in enumerate(codes):
        whole.paste(code, (sum(other.width for other in codes[:index]), 0))
    data = io.BytesIO()
    whole.save(data, kind)
    return data.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@attack("changed")
def picture_of_a_forged_seal(world: World) -> bytes:
    return picture(seal_with_another_end_user(world).decode())


@attack("several-seals")
def picture_of_two_seals(world: World) -> bytes:
    return picture(world.issued.seal, seal_of_an_unknown_issuer(world).decode())


@attack("foreign-code")
def picture_of_another_code(world: World) -> bytes:
    return picture("https://mallory.example/pay?amount=100")


@attack("no-seal-in-picture")
def picture_of_nothing(world: World) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(data, "jpeg")
    return data.getvalue()


@attack("too-large")
def picture_that_unpacks_to_gigabytes(world: World) -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@attack("not-recognised", "no-seal-in-picture")
def picture_with_a_text_that_unpacks_to_gigabytes(world: World) -> bytes:
    genuine = world.issued.png
    bomb = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(200_000_000), 9))
    return genuine[:33] + bomb + genuine[33:200]


@attack("not-recognised", "no-seal-in-picture")
def picture_cut_off(world: World) -> bytes:
    return world.issued.png[: len(world.issued.png) // 2]


@attack("not-recognised")
def picture_of_an_impossible_kind(world: World) -> bytes:
    data = io.BytesIO()
    Image.open(io.BytesIO(world.issued.png)).save(data, "gif")
    return data.getvalue()


@attack("not-recognised")
def nothing_at_all(world: World) -> bytes:
    return b""


@attack("not-recognised")
def bytes_of_zero(world: World) -> bytes:
    return bytes(100_000)


@attack("too-large")
def ten_megabytes_of_text(world: World) -> bytes:
    return b"A" * (10 * 1024 * 1024)


@attack("too-large")
def more_than_any_file(world: World) -> bytes:
    return b"%PDF-1.7" + bytes(10 * 1024 * 1024)


@attack("not-recognised")
def json_nested_without_end(world: World) -> bytes:
    return b'{"a":' * 50_000


@attack("not-recognised")
def number_with_a_slip(world: World) -> bytes:
    return world.issued.number.replace("0000001", "0000007").encode()


@attack("not-recognised")
def script_as_a_number(world: World) -> bytes:
    return b"<script>alert(1)</script>"
