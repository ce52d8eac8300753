"""What a certificate's PDF carries to vouch for its signature and time stamps: certificates and revocation data."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from portal.certificates import long_term
from portal.certificates.keys import Issuer
from portal.certificates.signed_data import asn1_certificate
from portal.certificates.timestamp import Clock
from portal.certificates.waiting import wait

# How long what was gathered serves at most: a key that was revoked signs no longer than this.
LIFE = timedelta(hours=1)
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Vouchers:
    """In DER, for PDFs that are signed between ``since`` and ``until``.

    ``certificates`` has only those that neither the signature nor its time stamp brings along.
    """

    certificates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]
    answers: tuple[bytes, ...]
    since: datetime
    until: datetime


_lock = threading.Lock()
_kept: dict[object, Vouchers] = {}


def vouchers(issuer: Issuer, clock: Clock, *, now: datetime, afresh: bool = False) -> tuple[Vouchers, bool]:
    """What vouches for signatures of an issuer at ``now``, and whether it was gathered for an earlier one.

    Lists (CRL) and answers (OCSP) serve until the first of them runs out, and no longer than ``LIFE``.
    Raises what pyHanko raises where a list cannot be had, or a certificate is revoked.
    """
    key = (issuer.chain, issuer.trusted.roots, issuer.trusted.timestamp_roots, issuer.timestamp_url)
    with _lock:
        found = _kept.get(key)
        if found is not None and not afresh and found.since <= now < found.until:
            return found, True
    made = _own(issuer, now) or wait(_fetched(issuer, clock, now))
    with _lock:
        _kept.pop(key, None)
        _kept[key] = made
        while len(_kept) > _KEPT:
            del _kept[next(iter(_kept))]
    return made, False


def _own(issuer: Issuer, now: datetime) -> Vouchers | None:
    """The test authority's list; ``None`` where the authority is a real one, which publishes its own."""
    data = issuer.revocation_list(now)
    if data is None:
        return None
    return Vouchers((), (data,), (), now, _until(now, [asn1_crl.CertificateList.load(data)], ()))


async def _fetched(issuer: Issuer, clock: Clock, now: datetime) -> Vouchers:
    """Look at the paths of the signing certificate and of the time-stamping service, fetching what that takes."""
    roots = [asn1_certificate(root) for root in (*issuer.trusted.roots, *issuer.trusted.timestamp_roots)]
    chain = [asn1_certificate(certificate) for certificate in issuer.chain]
    context = ValidationContext(trust_roots=roots, other_certs=chain, allow_fetching=True, revocation_mode="hard-fail")
    validator: Any = CertificateValidator(chain[0], intermediate_certs=chain[1:], validation_context=context)
    paths: list[Any] = [await validator.async_validate_usage(set(long_term.KEY_USAGE))]
    paths += [path async for path in clock.validation_paths(context)]
    brought = {certificate.dump() for certificate in (*roots, *chain, *clock.cert_registry)}
    needed = dict.fromkeys(each.dump() for path in paths for each in path if each.dump() not in brought)
    lists, answers = context.crls, context.ocsps
    return Vouchers(
        tuple(needed),
        tuple(each.dump() for each in lists),
        tuple(each.dump() for each in answers),
        now,
        _until(now, lists, answers),
    )


def _until(
    now: datetime, lists: Iterable[asn1_crl.CertificateList], answers: Iterable[asn1_ocsp.OCSPResponse]
) -> datetime:
    ends: list[datetime | None] = [each["tbs_cert_list"]["next_update"].native for each in lists]
    for answer in answers:
        ends += [single["next_update"].native for single in answer.response_data["responses"]]
    return min([now + LIFE, *(end for end in ends if end is not None)])
