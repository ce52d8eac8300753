"""Certificates that the issuer's own keys have signed, as whoever stole them could, but that the log does not hold."""

import zlib
from dataclasses import replace

import base45

from portal.certificates import credential, number, proof_code, sign
from portal.certificates.log import merkle, tiles
from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.merkle import Frontier
from portal.certificates.log.note import LogProof, SignedCheckpoint
from tests.certificates.log.stand import identity
from tests.certificates.samples import NOW
from tests.verification.attacks import World, attack
from tests.verification.attacks_on_credentials import signed, unsigned
from tests.verification.attacks_on_pictures import picture
from tests.verification.attacks_on_seals import changed_claims, proper_header, resealed
from tests.verification.hostile_pdf import signed_otherwise, with_attachments
from tests.verification.hostile_pdf import unsigned as unsigned_pdf


def proof_of(world: World, digest: bytes, log: LogIdentity | None = None, at: int | None = None) -> LogProof:
    """A proof that is right in itself, for a digest of the attacker's choice in a log of two entries."""
    log = log or world.issuer.log
    tree = Frontier()
    tree.append(bytes(32))
    path = tree.proof_of_next()
    tree.append(merkle.leaf_hash(tiles.entry(digest, at or int(NOW.timestamp()))))
    return LogProof(1, tuple(path), log.sign(2, tree.root(), now=NOW))


def own_digest(world: World) -> bytes:
    return bytes.fromhex(world.issued.digest)


def with_evidence(world: World, evidence: object) -> bytes:
    header, payload = unsigned(world.issued.token)
    payload["evidence"] = evidence
    return signed(header, payload, world.issuer)


def with_proof(world: World, proof: str) -> bytes:
    return with_evidence(world, [{"type": [credential.LOG_PROOF_TYPE], credential.LOG_PROOF_MEMBER: proof}])


def pdf_with_proof(world: World, proof: str) -> bytes:
    return sign.sign(unsigned_pdf(world), world.issuer, log_proof=proof, now=NOW)


@attack("log-proof-missing")
def credential_without_the_proof_of_the_log(world: World) -> bytes:
    header, payload = unsigned(world.issued.token)
    del payload["evidence"]
    return signed(header, payload, world.issuer)


@attack("credential-malformed")
def credential_with_evidence_of_another_kind(world: World) -> bytes:
    return with_evidence(world, [{"type": ["Evidence"], "id": "https://mallory.example/"}])


@attack("credential-malformed")
def credential_with_two_proofs(world: World) -> bytes:
    _, payload = unsigned(world.issued.token)
    return with_evidence(world, payload["evidence"] * 2)


@attack("log-proof-wrong")
def credential_with_an_empty_proof(world: World) -> bytes:
    return with_proof(world, "")


@attack("log-proof-wrong")
def credential_with_the_proof_of_another_certificate(world: World) -> bytes:
    return with_proof(world, proof_of(world, bytes(32)).text)


@attack("log-proof-wrong")
def credential_logged_under_another_time(world: World) -> bytes:
    return with_proof(world, proof_of(world, own_digest(world), at=int(NOW.timestamp()) + 86_400).text)


@attack("log-proof-wrong")
def credential_with_a_proof_of_another_place(world: World) -> bytes:
    return with_proof(world, replace(proof_of(world, own_digest(world)), index=0).text)


@attack("log-proof-wrong")
def credential_with_a_proof_that_is_too_long(world: World) -> bytes:
    proof = proof_of(world, own_digest(world))
    return with_proof(world, replace(proof, path=(*proof.path, bytes(32))).text)


@attack("log-proof-wrong")
def credential_with_a_proof_in_another_spelling(world: World) -> bytes:
    return with_proof(world, world.issued.log_proof.replace("\n", "\r\n"))


@attack("log-proof-wrong")
def credential_with_extra_data_in_its_proof(world: World) -> bytes:
    return with_proof(world, world.issued.log_proof.replace("index", "extra AAAA\nindex", 1))


@attack("log-proof-wrong")
def credential_with_a_proof_of_a_million_lines(world: World) -> bytes:
    return with_proof(world, world.issued.log_proof + "A" * 100_000)


@attack("log-signature")
def credential_with_the_proof_of_a_forked_log(world: World) -> bytes:
    """A log of the same name with another key: a fork that only its maker has signed."""
    log = world.issuer.log
    own = replace(log, first=replace(world.mallory.log.first, name=log.origin))  # type: ignore[type-var]
    return with_proof(world, proof_of(world, own_digest(world), own).text)


@attack("log-unknown")
def credential_with_the_proof_of_a_log_of_another_name(world: World) -> bytes:
    log = world.mallory.log
    other = replace(
        log,
        origin="mallory.example/log",
        first=replace(log.first, name="mallory.example/log"),  # type: ignore[type-var]
    )
    return with_proof(world, proof_of(world, own_digest(world), other).text)


@attack("log-signature")
def credential_with_a_checkpoint_whose_signature_is_of_another(world: World) -> bytes:
    proof = proof_of(world, own_digest(world))
    other = world.issuer.log.sign(3, bytes(32), now=NOW)
    forged = SignedCheckpoint(proof.note.checkpoint, other.signatures)
    return with_proof(world, replace(proof, note=forged).text)


@attack("log-signature")
def credential_with_a_checkpoint_that_only_the_second_key_signed(world: World) -> bytes:
    proof, log = proof_of(world, own_digest(world)), world.issuer.log
    assert log.second is not None
    line = log.second.sign(proof.note.checkpoint, now=NOW)
    return with_proof(world, replace(proof, note=replace(proof.note, signatures=(line,))).text)


@attack("log-proof-missing")
def pdf_without_the_proof_of_the_log(world: World) -> bytes:
    return signed_otherwise(unsigned_pdf(world), world.issuer)


@attack("log-proof-wrong")
def pdf_with_the_proof_of_another_certificate(world: World) -> bytes:
    return pdf_with_proof(world, proof_of(world, bytes(32)).text)


@attack("log-proof-wrong")
def pdf_with_an_empty_proof(world: World) -> bytes:
    return pdf_with_proof(world, "")


@attack("attachment")
def pdf_whose_proof_has_another_name(world: World) -> bytes:
    files = {sign.ATTACHMENT: world.issued.statement, "proof.txt": world.issued.log_proof.encode()}
    return signed_otherwise(with_attachments(unsigned_pdf(world), files), world.issuer)


@attack("log-proof-wrong")
def seal_that_names_another_place_in_the_log(world: World) -> bytes:
    claims = changed_claims(world, LOG_INDEX=7)
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("log-proof-wrong")
def seal_of_a_certificate_that_was_never_logged(world: World) -> bytes:
    claims = changed_claims(world, CTI=bytes(32))
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("seal-malformed")
def seal_whose_place_in_the_log_is_no_number(world: World) -> bytes:
    claims = changed_claims(world, LOG_INDEX=True)
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


@attack("seal-malformed")
def seal_whose_place_in_the_log_is_negative(world: World) -> bytes:
    claims = changed_claims(world, LOG_INDEX=-1)
    return resealed(world, world.issuer, proper_header(world.issuer), claims)


# --- the second code of a paper -----------------------------------------------------------------------------------


def code_of(proof: LogProof) -> str:
    return str(proof_code.write(proof, witnesses=0))


def beside_the_seal(world: World, code: str) -> bytes:
    return f"{world.issued.seal}\r\n{code}\r\n".encode("ascii")


def proof_of_first(world: World, log: LogIdentity) -> LogProof:
    tree = Frontier()
    tree.append(merkle.leaf_hash(tiles.entry(own_digest(world), int(NOW.timestamp()))))
    return LogProof(0, (), log.sign(1, tree.root(), now=NOW))


def code_of_another(world: World) -> str:
    """A code in all ways right, of another certificate that stands where this one is in its log."""
    tree = Frontier()
    tree.append(merkle.leaf_hash(tiles.entry(bytes(32), int(NOW.timestamp()))))
    return code_of(LogProof(0, (), world.issuer.log.sign(1, tree.root(), now=NOW)))


@attack("codes-disagree")
def seal_beside_the_proof_code_of_another_certificate(world: World) -> bytes:
    return beside_the_seal(world, code_of_another(world))


@attack("codes-disagree")
def picture_of_a_seal_beside_the_proof_code_of_another_certificate(world: World) -> bytes:
    return picture(code_of_another(world), world.issued.seal)


@attack("codes-disagree")
def picture_of_a_paper_with_the_genuine_seal_of_another_certificate_pasted_on_it(world: World) -> bytes:
    """The seal alone would be good: what it stands beside shows that it was not printed there."""
    claims = changed_claims(world, CTI=bytes(32), number=number.compose(2026, 2))
    other = resealed(world, world.issuer, proper_header(world.issuer), claims).decode("ascii")
    return picture(world.issued.proof_code, other)


@attack("codes-disagree")
def seal_beside_a_proof_code_of_another_place(world: World) -> bytes:
    return beside_the_seal(world, code_of(proof_of(world, own_digest(world))))


@attack("codes-disagree")
def seal_beside_a_proof_code_with_a_path_too_many(world: World) -> bytes:
    proof = LogProof.parse(world.issued.log_proof)
    return beside_the_seal(world, code_of(replace(proof, path=(*proof.path, bytes(32)))))


@attack("log-signature")
def seal_beside_the_proof_code_of_a_forked_log(world: World) -> bytes:
    """Mallory's log has the same name and holds the certificate at its place, under a key of her own."""
    forked = proof_of_first(world, world.mallory.log)
    assert forked.note.checkpoint.origin == world.issuer.log.origin
    return beside_the_seal(world, code_of(forked))


@attack("log-signature")
def seal_beside_a_proof_code_with_another_root(world: World) -> bytes:
    proof = LogProof.parse(world.issued.log_proof)
    note = replace(proof.note, checkpoint=replace(proof.note.checkpoint, root=bytes(32)))
    return beside_the_seal(world, code_of(replace(proof, note=note)))


@attack("log-unknown")
def seal_beside_the_proof_code_of_a_log_nobody_knows(world: World) -> bytes:
    return beside_the_seal(world, code_of(proof_of_first(world, identity())))


@attack("log-signature", "log-proof-wrong")
def seal_beside_an_edited_proof_code(world: World) -> bytes:
    code = code_of(LogProof.parse(world.issued.log_proof))
    return beside_the_seal(world, code[:-1] + ("1" if code.endswith("0") else "0"))


@attack("log-proof-wrong")
def seal_beside_a_proof_code_longer_than_any(world: World) -> bytes:
    return beside_the_seal(world, proof_code.PREFIX + "0" * 500_000)


@attack("log-proof-wrong")
def seal_beside_a_proof_code_that_unpacks_to_gigabytes(world: World) -> bytes:
    bomb = base45.b45encode(b"\x86" + b"\x5b\x00\x00\x00\xff" + bytes(4)).decode()
    return beside_the_seal(world, proof_code.PREFIX + bomb)


@attack("log-proof-wrong")
def seal_beside_a_compressed_proof_code(world: World) -> bytes:
    bomb = base45.b45encode(zlib.compress(bytes(100_000_000), 9)[:1000]).decode()
    return beside_the_seal(world, proof_code.PREFIX + bomb)


@attack("several-seals")
def seal_beside_two_proof_codes(world: World) -> bytes:
    own = code_of(LogProof.parse(world.issued.log_proof))
    return beside_the_seal(world, f"{own}\n{code_of_another(world)}")


@attack("seal-missing")
def picture_of_a_proof_code_alone(world: World) -> bytes:
    return picture(code_of(LogProof.parse(world.issued.log_proof)))
