"""Who attested, and what of it can be checked: the verdict on the compliance officer's word."""

from collections.abc import Mapping
from typing import Any

from portal.certificates import attested, wording
from portal.verification.report import Verdict


def examine(facts: Mapping[str, Any] | None) -> Verdict | None:
    """The verdict on the attestation in a verified statement; ``None`` where the evidence shows no statement.

    A passkey's evidence is checked again from the statement alone. Of every weaker way there is only the issuer's
    word, so that it cannot be told whether the officer gave it.
    """
    if facts is None:
        return None
    method = facts["attestation"]["method"]
    if method != attested.METHOD:
        return Verdict.of("attestation-weak", method=wording.word(wording.METHODS, method))
    try:
        found = attested.check(facts)
    except attested.EvidenceBroken:
        return Verdict.of("passkey-evidence-broken")
    if found.counter_stale:
        return Verdict.of("passkey-counter-stale")
    return Verdict.of("attested-before-review" if found.before_review else "attested-by-passkey")
