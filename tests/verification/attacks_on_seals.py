"""Hostile seals: COSE confused, changed, wrapped, spelt otherwise, or signed by somebody else."""

import zlib
from typing import Any

import base45
import cbor2

from portal.certificates import seal
from portal.certificates.keys import Issuer
from portal.certificates.signer import ES256, ORDER, concatenated
from portal.certificates.trust import key_id
from tests.verification.attacks import World, attack


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
