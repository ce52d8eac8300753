"""Sign the certificate's PDF: PAdES B-LTA (ETSI EN 319 142-1), certified so that no change is allowed.

Time stamp and revocation data lie inside what is signed. Behind the signature stands the archive time stamp and
nothing else, in bytes that follow from what is before them (see ``archive``), so that a verifier refuses any other
without having to compare revisions, which takes a tagged page most of a second.
"""

import hashlib
import io
from datetime import datetime
from typing import Any

import pikepdf
from asn1crypto import cms

from portal.certificates import archive, der, long_term, revision, signed_data, vouching
from portal.certificates.keys import Issuer
from portal.certificates.revision import ATTACHMENT, PROOF_ATTACHMENT, SIGNATURE_FIELD
from portal.certificates.signer import SigningFailed
from portal.certificates.timestamp import Clock
from portal.certificates.waiting import wait

__all__ = ["ATTACHMENT", "PROOF_ATTACHMENT", "SIGNATURE_FIELD", "attachments", "sign"]

_TIME_STAMP = cms.CMSAttributeType("signature_time_stamp_token").dump()
_ATTEMPTS = 3


def sign(pdf: bytes, issuer: Issuer, *, log_proof: str, now: datetime) -> bytes:
    """Sign a PDF and prove the result. ``now`` is the time that is written into the file and the test time stamp.

    ``log_proof``, the proof that the attached statement is in the log, is attached in the revision that is signed.
    What vouches for the signature may have been gathered for an earlier one; when the result does not verify with it,
    it is gathered afresh and the PDF signed once more.
    Raises ``SigningFailed`` when anything goes wrong: then there is no certificate.
    """
    try:
        drawn = revision.read(pdf)
        try:
            return _proven(drawn, issuer, log_proof, now, afresh=False)
        except _Outdated:
            return _proven(drawn, issuer, log_proof, now, afresh=True)
    except SigningFailed:
        raise
    except Exception as error:
        raise SigningFailed(f"the PDF could not be signed: {error}") from error


def attachments(pdf: bytes) -> dict[str, bytes]:
    """The files attached to a PDF: of a certificate, the statement and the log's proof.

    Raises ``SigningFailed`` unless the file associates exactly those that it embeds, as PDF/A-3 asks.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}
        associated: Any = document.Root.get("/AF", [])
        if len(associated) != len(found):
            raise SigningFailed(f"the PDF associates {len(associated)} files and embeds {len(found)}")
        return found


class _Outdated(Exception):
    """What was gathered for an earlier signature does not prove this one."""


def _proven(drawn: revision.Drawn, issuer: Issuer, log_proof: str, now: datetime, *, afresh: bool) -> bytes:
    """Sign, and judge the finished file by what everybody knows of the issuer, as a stranger would."""
    clock = issuer.timestamper(now)
    vouchers, earlier = vouching.vouchers(issuer, clock, now=now, afresh=afresh)
    signed = wait(_sign(drawn, issuer, clock, vouchers, log_proof, now))
    try:
        wait(long_term.judge(signed, roots=issuer.trusted.roots, timestamp_roots=issuer.trusted.timestamp_roots))
    except long_term.NotPassed as error:
        if earlier:
            raise _Outdated from error
        raise SigningFailed(f"the finished PDF does not verify: {error}") from error
    return signed


async def _sign(
    drawn: revision.Drawn, issuer: Issuer, clock: Clock, vouchers: vouching.Vouchers, log_proof: str, now: datetime
) -> bytes:
    longest = bytes(signed_data.LONGEST_SIGNATURE)
    space = len(_written(issuer, bytes(32), longest, stamp=bytes(await clock.room())))
    for _ in range(_ATTEMPTS):
        made = revision.frame(
            drawn, log_proof=log_proof.encode(), vouchers=vouchers, name=issuer.name.en, space=space, now=now
        )
        signature = issuer.documents.sign(_covered(issuer, made.digest))
        stamp = await clock.async_timestamp(hashlib.sha256(signature).digest(), "sha256")
        written = _written(issuer, made.digest, signature, stamp=stamp.dump())
        if len(written) <= space:
            return await archive.extend(made.filled(written), clock)
        space = len(written)
    raise SigningFailed("the time-stamping service gives stamps of ever other lengths")


def _covered(issuer: Issuer, digest: bytes) -> bytes:
    return signed_data.covered(signed_data.DATA, digest, issuer.chain[0])


def _written(issuer: Issuer, digest: bytes, signature: bytes, *, stamp: bytes) -> bytes:
    """The signature with its time stamp and the certificates up to the root, which a verifier has."""
    return signed_data.written(
        signed_data.DATA,
        None,
        _covered(issuer, digest),
        signature,
        issuer.chain[0],
        others=issuer.chain[1:-1],
        unsigned=[der.sequence(_TIME_STAMP, der.set_of(stamp))],
    )
