"""Judge a PDF's signature for the long term: ETSI EN 319 102-1 section 5.6.3, with nothing fetched from anywhere."""

import io
import logging
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.ades_past import past_validate
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from portal.certificates.signed_data import asn1_certificate

KEY_USAGE = frozenset({"digital_signature", "non_repudiation"})
# pyHanko tells of every step that it tries in vain; what counts is the outcome, which is returned.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


# When the signature is judged. pyHanko 0.38 asks the machine's clock in this one place whatever time it was given, so
# that a clock a second behind the time-stamping service's would refuse what was just signed.
_judged_at: ContextVar[datetime] = ContextVar("judged_at")


async def _past_validate(*arguments: Any, **options: Any) -> Any:
    return await past_validate(*arguments, **{**options, "init_control_time": _judged_at.get()})


ades.past_validate = _past_validate


class NotPassed(Exception):
    """The outcome is another than PASSED; the message names it."""


async def judge(
    data: bytes, *, roots: Sequence[x509.Certificate], timestamp_roots: Sequence[x509.Certificate]
) -> datetime:
    """Whether the first signature of a PDF passes for the long term; gives the time of its archive time stamp.

    The signature, its time stamp and the archive time stamp must be valid, their certificates lead to the roots, and
    none be revoked, by the lists that the file carries, at the time of the archive time stamp. What was changed
    between the signature and the archive time stamp is not judged here (see ``archive.read``).
    Raises ``NotPassed``, or what pyHanko raises for a file that it cannot read.
    """
    reader = PdfFileReader(io.BytesIO(data))
    signature, stamp = reader.embedded_signatures
    if stamp.sig_object_type != "/DocTimeStamp":
        raise NotPassed("the second signature is no archive time stamp")
    at = _time(stamp)
    _judged_at.set(at)
    found = await ades.ades_lta_validation(
        signature,
        PdfSignatureValidationSpec(_policy(roots, timestamp_roots), diff_policy=None),
        timing_info=ValidationTimingInfo(at, at, point_in_time_validation=False),
    )
    status = found.api_status
    if found.ades_subindic is not AdESPassed.OK or found.oldest_evidence_record_timestamp != at:
        raise NotPassed(f"{found.ades_subindic}: {found.failure_msg}")
    if status is None or not (status.intact and status.valid and status.trusted):
        raise NotPassed("the signature is not valid")
    own = status.timestamp_validity
    if own is None or not (own.intact and own.valid and own.trusted) or own.timestamp > at:
        raise NotPassed("the signature's own time stamp is not valid")
    return at


def _time(stamp: EmbeddedPdfSignature) -> datetime:
    signed: cms.SignedData = stamp.signed_data
    at = signed["encap_content_info"]["content"].parsed["gen_time"].native
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise NotPassed("the archive time stamp has no time")
    return at


def _policy(roots: Sequence[x509.Certificate], timestamp_roots: Sequence[x509.Certificate]) -> SignatureValidationSpec:
    known = [asn1_certificate(root) for root in dict.fromkeys((*roots, *timestamp_roots))]
    return SignatureValidationSpec(
        _trusting(roots),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        ts_cert_validation_policy=_trusting(timestamp_roots),
        local_knowledge=LocalKnowledge(known_certs=known),
        key_usage_settings=KeyUsageConstraints(key_usage=set(KEY_USAGE), match_all_key_usages=True),
    )


def _trusting(roots: Sequence[x509.Certificate]) -> CertValidationPolicySpec:
    anchors: Any = SimpleTrustManager.build(trust_roots=[asn1_certificate(root) for root in roots])
    rule = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    return CertValidationPolicySpec(anchors, CertRevTrustPolicy(RevocationCheckingPolicy(rule, rule)))
