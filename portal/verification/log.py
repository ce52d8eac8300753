"""Verify that a certificate is in its issuer's transparency log, with nothing but the trust file."""

from portal.certificates import proof_code
from portal.certificates.log import merkle, tiles
from portal.certificates.log.note import ED25519, LogProof, NoteRefused, SignatureWrong
from portal.certificates.log.trusted import TrustedLog
from portal.certificates.seal import Essentials
from portal.certificates.trust import TrustedIssuer
from portal.verification.proof import SKEW
from portal.verification.reasons import NotVerified


def verify(text: str, *, issuer: TrustedIssuer, facts: Essentials, index: int | None = None) -> int:
    """Verify the proof that a certificate's digest is in the log; gives its place there, from 0.

    1. The proof is read in its one spelling; where the certificate names its place, it is the same.
    2. The log is one that the trust file names for the issuer.
    3. The checkpoint is signed with a key of the log (Ed25519) that was in use on the day of issue, and every other
       signature of a known key on it fits.
    4. The path leads from digest and time of issue to the checkpoint's root.
    5. As many witnesses have cosigned as the trust file asks for, with keys that were in use then.
    6. They cosigned when the certificate says it was issued: a certificate dated back meets a later time.

    Raises ``NotVerified``.
    """
    try:
        proof = LogProof.parse(text)
    except NoteRefused as error:
        raise NotVerified("log-proof-wrong", str(error)) from error
    if index is not None and proof.index != index:
        raise NotVerified("log-proof-wrong", "the proof is of another place in the log")
    _check(proof, issuer, facts)
    return proof.index


def verify_code(text: str, *, issuer: TrustedIssuer, facts: Essentials, index: int) -> None:
    """Verify the code that stands beside a seal, by the same steps.

    A sound proof of something else is told apart, since two papers on one desk are mixed up sooner than forged.
    Raises ``NotVerified``.
    """
    try:
        proof = proof_code.read(text)
    except NoteRefused as error:
        raise NotVerified("log-proof-wrong", str(error)) from error
    if proof.index != index:
        raise NotVerified("codes-disagree", "the proof is of another place in the log")
    try:
        _check(proof, issuer, facts)
    except _OfAnother as error:
        raise NotVerified("codes-disagree", str(error)) from error


class _OfAnother(NotVerified):
    """The log's word is sound, and is about something else."""

    def __init__(self, detail: str) -> None:
        super().__init__("log-proof-wrong", detail)


def _check(proof: LogProof, issuer: TrustedIssuer, facts: Essentials) -> None:
    checkpoint = proof.note.checkpoint
    log = issuer.log(checkpoint.origin)
    if log is None:
        raise NotVerified("log-unknown")

    try:
        times = proof.note.signed_by([one.key for one in (*log.keys, *log.witnesses)])
    except SignatureWrong as error:
        raise NotVerified("log-signature", str(error)) from error
    own = [one for one in log.keys if one.key in times and one.key.kind == ED25519]
    if not own:
        raise NotVerified("log-signature", "no key of the log has signed")
    if not any(one.covers(facts.issued_at) for one in own):
        raise NotVerified("log-key-out-of-term")

    entry = tiles.entry(bytes.fromhex(facts.digest), int(facts.issued_at.timestamp()))
    try:
        leaf = merkle.leaf_hash(entry)
        merkle.check_inclusion(proof.index, checkpoint.size, leaf, proof.path, checkpoint.root)
    except merkle.ProofWrong as error:
        raise _OfAnother(str(error)) from error

    _check_witnesses(log, proof, facts)


def _check_witnesses(log: TrustedLog, proof: LogProof, facts: Essentials) -> None:
    times = proof.note.signed_by([one.key for one in log.witnesses])
    seen = {one.key: at for one in log.witnesses if (at := times.get(one.key)) is not None and one.covers(at)}
    if len({key.name for key in seen}) < log.required:
        raise NotVerified("log-witness-missing", f"{len(seen)} of {log.required}")
    if any(abs(at - facts.issued_at) > SKEW for at in seen.values()):
        raise NotVerified("log-date-disagrees")
