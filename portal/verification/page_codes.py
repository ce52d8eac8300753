"""Compare the codes that a certificate's page shows with the statement in the same file."""

from portal.certificates import proof_code, shown
from portal.certificates import seal as seals
from portal.certificates.log.note import LogProof, NoteRefused
from portal.certificates.seal import Essentials
from portal.certificates.trust import TrustRoot
from portal.verification import seal
from portal.verification.evidence import Evidence, of_text
from portal.verification.reasons import IssuerNotAccepted, NotVerified


def compare(pdf: bytes, *, facts: Essentials, log_index: int, log_proof: str, trust: TrustRoot) -> bool:
    """Whether the seal on the page could be read, and is of this very certificate.

    The issuer has signed the page, codes and all, so this finds the issuer's own mistake, or somebody within who
    draws another certificate's seal: whoever scans the print would be shown other facts than the file attests.

    1. Each seal is signed with a trusted key. It says byte for byte what the statement does, and names the same place
       in the log. Whether the key was in use is told by whoever is shown the seal alone.
    2. Each proof code is of the log's proof that is attached.
    3. No address of another certificate is shown. Codes of other kinds are nothing of a certificate's.

    ``False`` when no seal could be read. ``facts`` and ``log_proof`` are verified before. Raises ``NotVerified``.
    """
    texts = shown.codes(pdf, seals.PREFIX)
    own = seals.encode_claims(facts, log_index)
    for text in texts:
        if text.startswith(seals.PREFIX):
            same = _claims(text, trust) == own
        elif text.startswith(proof_code.PREFIX):
            same = _proves(text, log_proof)
        else:
            named = _other(text)
            same = named is None or named.sort != "number" or named.text == facts.number
        if not same:
            raise NotVerified("page-codes", "a code on the page is of another certificate")
    return any(text.startswith(seals.PREFIX) for text in texts)


def _claims(text: str, trust: TrustRoot) -> bytes | None:
    try:
        return seal.proven(text, trust=trust)[2]
    except (NotVerified, IssuerNotAccepted):
        return None


def _proves(text: str, log_proof: str) -> bool:
    try:
        code, attached = proof_code.read(text), LogProof.parse(log_proof)
    except NoteRefused:
        return False
    same = (attached.index, attached.path, attached.note.checkpoint)
    return (code.index, code.path, code.note.checkpoint) == same


def _other(text: str) -> Evidence | None:
    try:
        return of_text(text)
    except NotVerified:
        return None
