"""Checkpoints, cosignatures and proofs: written so that a second implementation reads them, and read strictly."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tlog import Checkpoint as TheirCheckpoint

from portal.certificates.log.note import (
    LogProof,
    NoteRefused,
    NoteSignature,
    SignatureWrong,
    SignedCheckpoint,
    VerifierKey,
)
from tests.certificates.log.stand import ORIGIN, identity, stand_in
from tests.certificates.samples import NOW

LOG = identity()
NOTE = LOG.published(LOG.sign(7, bytes(range(32)), now=NOW), now=NOW)
PROOF = LogProof(5, (bytes(32), bytes(range(32))), LOG.sign(7, bytes(range(32)), now=NOW))


def test_a_second_implementation_reads_the_checkpoint_and_accepts_every_kind_of_signature() -> None:
    assert LOG.second is not None
    cosigners = [stand_in("witness.example/w1"), stand_in("witness.example/w2", post_quantum=True)]
    signatures = [one.signer.sign(NOTE.checkpoint, now=NOW) for one in cosigners]
    theirs = TheirCheckpoint.from_text(NOTE.with_signatures(signatures).text)
    assert (theirs.origin, theirs.size, theirs.root_hash) == (ORIGIN, 7, bytes(range(32)))
    keys = [LOG.first.key, LOG.second.key, *(one.signer.key for one in cosigners)]
    vkeys = [Vkey.from_string(key.text) for key in keys]
    assert [vkey.serialize() for vkey in vkeys] == [key.text for key in keys]
    accepted = VkeySet(*vkeys).verify(theirs.signatures, theirs)
    assert {vkey.serialize() for vkey, _ in accepted} == {key.text for key in keys}


def test_what_a_second_implementation_writes_is_read_and_accepted() -> None:
    from tlog_scales.signing import MLDSA44CosignatureSigner, PlainEd25519Signer

    one, two = PlainEd25519Signer(ORIGIN, bytes(range(32))), MLDSA44CosignatureSigner("w.example", bytes(range(32)))
    note = SignedCheckpoint.parse(TheirCheckpoint.make_signed(ORIGIN, 9, bytes(32), [one, two]).serialize())
    keys = [VerifierKey.parse(each.vkey.serialize()) for each in (one, two)]
    assert list(note.signed_by(keys)) == keys


def test_a_cosignature_tells_when_and_a_signature_of_the_log_does_not() -> None:
    stand = stand_in("witness.example/w1")
    note = NOTE.with_signatures([stand.signer.sign(NOTE.checkpoint, now=NOW)])
    assert note.signed_by([LOG.first.key, stand.signer.key]) == {LOG.first.key: None, stand.signer.key: NOW}


def test_a_signature_for_another_checkpoint_makes_the_note_worthless() -> None:
    stands = [stand_in("w.example"), stand_in("w.example", post_quantum=True)]
    for signer in (LOG.first, LOG.second, *(one.signer for one in stands)):
        assert signer is not None
        right = signer.sign(NOTE.checkpoint, now=NOW)
        for checkpoint in (replace(NOTE.checkpoint, size=8), replace(NOTE.checkpoint, root=bytes(32))):
            with pytest.raises(SignatureWrong):
                SignedCheckpoint(checkpoint, (right,)).signed_by([signer.key])
        for wrong in (right.signature[:-1], bytes(len(right.signature)), right.signature + b"\x00"):
            with pytest.raises(SignatureWrong):
                replace(NOTE, signatures=(replace(right, signature=wrong),)).signed_by([signer.key])


def test_the_time_of_a_cosignature_cannot_be_changed() -> None:
    stand = stand_in("w.example")
    line = stand.signer.sign(NOTE.checkpoint, now=NOW)
    earlier = int((NOW - timedelta(days=1)).timestamp()).to_bytes(8, "big")
    with pytest.raises(SignatureWrong):
        SignedCheckpoint(NOTE.checkpoint, (replace(line, signature=earlier + line.signature[8:]),)).signed_by(
            [stand.signer.key]
        )


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    stranger = NoteSignature(ORIGIN, b"\x00\x00\x00\x01", b"nonsense")
    assert list(NOTE.with_signatures([stranger]).signed_by([LOG.first.key])) == [LOG.first.key]
    assert NOTE.signed_by([stand_in("w.example").signer.key]) == {}


def test_notes_and_proofs_read_back_as_they_were_written() -> None:
    assert SignedCheckpoint.parse(NOTE.text) == NOTE
    assert LogProof.parse(PROOF.text) == PROOF
    first = PROOF.text.splitlines()
    assert (first[0], first[1], first[4]) == ("c2sp.org/tlog-proof@v1", "index 5", "")
    assert len(PROOF.text) < 500


SIGNED = LOG.sign(7, bytes(range(32)), now=NOW).text


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", SIGNED[:-1], SIGNED + "\n", SIGNED.replace("\n7\n", "\n07\n"), SIGNED.replace("\n7\n", "\n-7\n"),
        SIGNED.replace("\n7\n", "\n7 \n"), SIGNED.replace("\n7\n", "\n٧\n"), SIGNED.replace("8=\n\n", "9=\n\n"),
        SIGNED.replace(ORIGIN + "\n", "a b\n", 1), SIGNED.replace("\n\n", "\nextension\n\n"), SIGNED.replace("—", "-"),
        SIGNED.replace("\n", "\r\n"), SIGNED.replace("— ", "—  "), SIGNED + SIGNED.split("\n\n")[1] * 40,
        SIGNED.split("\n\n")[0] + "\n\n", SIGNED.replace("\n7\n", "\n" + "9" * 30 + "\n"), "x" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        SignedCheckpoint.parse(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"), ("index 5", "index 05"), ("index 5", "index -5"), ("index 5", "index"), ("index 5", "x"),
        ("index 5\n", "extra AAAA\nindex 5\n"), ("AAA=\n", "AAA\n"), ("AAA=\n", "AAA=\nAAAA\n"), ("\n\n", "\n"),
        ("AAA=\n", "AAA=\n" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 63),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused(old: str, new: str) -> None:
    assert old in PROOF.text
    with pytest.raises(NoteRefused):
        LogProof.parse(PROOF.text.replace(old, new, 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("+", "-"), lambda text: text[:-1], lambda text: text.replace(ORIGIN, "other.example"),
        lambda text: text + "A", lambda text: text.replace("+A", "+B"), lambda text: "",
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused(change: object) -> None:
    with pytest.raises(NoteRefused):
        VerifierKey.parse(change(LOG.first.key.text))  # type: ignore[operator]
