"""What the trust file asks of a log's proof: its key's term, and witnesses who saw it when it was issued."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.certificates.keys import Issuer
from portal.certificates.log import merkle, tiles
from portal.certificates.log.note import LogProof
from portal.certificates.log.trusted import TermKey, TrustedLog
from portal.certificates.seal import Essentials
from portal.certificates.trust import TrustedIssuer
from portal.verification import log, seal
from portal.verification.reasons import NotVerified
from portal.verification.verify import verify
from tests.certificates.log.stand import StandIn, stand_in
from tests.certificates.samples import NOW, Issued
from tests.verification.test_attacks import AlwaysValid

HOUR = timedelta(hours=1)
STANDS = [stand_in("w1.example"), stand_in("w2.example", post_quantum=True), stand_in("w3.example")]


@pytest.fixture
def facts(issued: Issued) -> Essentials:
    return seal.verify(issued.seal, trust=issued.trust).essentials


def cosigned(issued: Issued, *stands: StandIn, at: datetime = NOW) -> str:
    proof = LogProof.parse(issued.log_proof)
    lines = [stand.signer.sign(proof.note.checkpoint, now=at) for stand in stands]
    return replace(proof, note=proof.note.with_signatures(lines)).text


def asking(issuer: Issuer, required: int, *, begins: datetime = NOW - HOUR, **changes: object) -> TrustedIssuer:
    (own,) = issuer.trusted.logs
    witnesses = tuple(TermKey(stand.signer.key, begins, None) for stand in STANDS)
    made: TrustedLog = replace(own, witnesses=witnesses, required=required, **changes)  # type: ignore[arg-type]
    return replace(issuer.trusted, logs=(made,))


def refused(text: str, issuer: TrustedIssuer, facts: Essentials) -> str:
    with pytest.raises(NotVerified) as refusal:
        log.verify(text, issuer=issuer, facts=facts)
    return refusal.value.key


def test_as_many_witnesses_as_the_trust_file_asks_for_must_have_cosigned(
    issued: Issued, issuer: Issuer, facts: Essentials
) -> None:
    for required in range(4):
        for count in range(4):
            text, trusted = cosigned(issued, *STANDS[:count]), asking(issuer, required)
            if count >= required:
                assert log.verify(text, issuer=trusted, facts=facts) == 0
            else:
                assert refused(text, trusted, facts) == "log-witness-missing"


def test_one_witness_who_signs_twice_is_one(issued: Issued, issuer: Issuer, facts: Essentials) -> None:
    text = cosigned(issued, STANDS[0], STANDS[0])
    assert refused(text, asking(issuer, 2), facts) == "log-witness-missing"


def test_a_witness_counts_only_while_its_key_is_in_use(issued: Issued, issuer: Issuer, facts: Essentials) -> None:
    text = cosigned(issued, *STANDS)
    assert refused(text, asking(issuer, 1, begins=NOW + HOUR), facts) == "log-witness-missing"


def test_a_certificate_that_was_dated_back_meets_a_later_time(
    issued: Issued, issuer: Issuer, facts: Essentials
) -> None:
    assert log.verify(cosigned(issued, *STANDS, at=NOW + HOUR / 10), issuer=asking(issuer, 3), facts=facts) == 0
    for at in (NOW + HOUR, NOW - HOUR / 2):
        assert refused(cosigned(issued, *STANDS, at=at), asking(issuer, 3), facts) == "log-date-disagrees"


def test_a_cosignature_that_is_false_makes_the_proof_worthless(
    issued: Issued, issuer: Issuer, facts: Essentials
) -> None:
    proof = LogProof.parse(cosigned(issued, STANDS[0]))
    line = proof.note.signatures[-1]
    forged = replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    note = replace(proof.note, signatures=(*proof.note.signatures[:-1], forged))
    assert refused(replace(proof, note=note).text, asking(issuer, 0), facts) == "log-signature"


def test_the_log_signs_with_a_key_that_was_in_use_on_the_day(issued: Issued, issuer: Issuer, facts: Essentials) -> None:
    (own,) = issuer.trusted.logs
    ended = tuple(replace(key, begins=NOW - 2 * HOUR, ends=NOW - HOUR) for key in own.keys)
    assert refused(issued.log_proof, asking(issuer, 0, keys=ended), facts) == "log-key-out-of-term"
    still = tuple(replace(key, ends=NOW + HOUR) for key in own.keys)
    assert log.verify(issued.log_proof, issuer=asking(issuer, 0, keys=still), facts=facts) == 0


def test_an_issuer_without_a_log_proves_nothing(issued: Issued, issuer: Issuer, facts: Essentials) -> None:
    assert refused(issued.log_proof, replace(issuer.trusted, logs=()), facts) == "log-unknown"


def test_the_entry_is_digest_and_time_and_nothing_else(issued: Issued, facts: Essentials) -> None:
    proof = LogProof.parse(issued.log_proof)
    entry = int(NOW.timestamp()).to_bytes(8, "big") + bytes.fromhex(issued.digest)
    assert tiles.read_entry(entry) == (bytes.fromhex(issued.digest), int(NOW.timestamp()))
    merkle.check_inclusion(0, 1, merkle.leaf_hash(entry), proof.path, proof.note.checkpoint.root)


def test_all_three_encodings_name_the_same_place(issued: Issued) -> None:
    for evidence in (issued.pdf, issued.json, issued.png):
        report = verify(evidence, trust=issued.trust, status=AlwaysValid(issued), now=NOW)
        assert (report.summary, report.log_index, report.to_json()["log_index"]) == ("valid", 0, 0)
