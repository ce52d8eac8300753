"""The signature of a PDF: its gap fits, and what vouches for it is gathered once for many."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto.cms import ContentInfo
from pyhanko_certvalidator import ValidationContext

from portal.certificates import long_term, sign, vouching
from portal.certificates.keys import Issuer
from portal.certificates.timestamp import HttpTimeStamper
from portal.certificates.vouching import LIFE, Vouchers, vouchers
from portal.certificates.waiting import wait
from tests.certificates.samples import NOW, Issued


class Service(HttpTimeStamper):
    """The test authority's clock in the place of a time-stamping service."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__("https://stamps.example")
        self._clock, self.asked = issuer.timestamper(NOW), 0

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> ContentInfo:
        self.asked += 1
        return await self._clock.async_timestamp(message_digest, md_algorithm)


@pytest.fixture(autouse=True)
def _nothing_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouching, "_kept", {})


def unsigned(issued: Issued) -> bytes:
    return issued.pdf[: issued.pdf.index(b"%%EOF") + 6]


def test_the_gap_of_the_signature_fits_to_a_few_bytes(issued: Issued) -> None:
    for gap in re.findall(rb"/Contents <([0-9A-Fa-f]+)>", issued.pdf):
        data = bytes.fromhex(gap.decode("ascii"))
        assert len(data) - len(ContentInfo.load(data).dump()) <= 8


def test_what_vouches_is_gathered_once_in_an_hour_and_never_past_the_end_of_a_list(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real authority's lists are fetched; here the fetching is left out, and the list is there already."""
    crl = asn1_crl.CertificateList.load(issuer.revocation_list(NOW))
    contexts = []

    def context(**given: Any) -> ValidationContext:
        assert given.pop("allow_fetching")
        contexts.append(ValidationContext(**given, moment=NOW, crls=[crl]))
        return contexts[-1]

    monkeypatch.setattr(vouching, "ValidationContext", context)
    real, service = replace(issuer, authority=None, timestamp_url="https://stamps.example"), Service(issuer)
    made, earlier = vouchers(real, service, now=NOW)
    assert (made.revocation_lists, made.answers, made.certificates) == ((crl.dump(),), (), ())
    assert (made.since, made.until, earlier) == (NOW, NOW + LIFE, False)
    assert vouchers(real, service, now=NOW + LIFE - timedelta(seconds=1)) == (made, True)
    assert len(contexts) == service.asked == 1
    for now, afresh in ((NOW + LIFE, False), (NOW - timedelta(seconds=1), False), (NOW, True)):
        assert not vouchers(real, service, now=now, afresh=afresh)[1]
    ends = crl["tbs_cert_list"]["next_update"].native
    assert vouching._until(ends - timedelta(minutes=1), [crl], ()) == ends


def test_what_no_longer_vouches_is_gathered_afresh_and_the_pdf_signed_once_more(
    issued: Issued, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (issuer.chain, issuer.trusted.roots, issuer.trusted.timestamp_roots, issuer.timestamp_url)
    nothing = Vouchers((), (), (), NOW, NOW + LIFE)
    vouching._kept[key] = nothing
    made = sign.sign(unsigned(issued), issuer, log_proof=issued.log_proof, now=NOW)
    roots = {"roots": issuer.trusted.roots, "timestamp_roots": issuer.trusted.timestamp_roots}
    assert wait(long_term.judge(made, **roots)) == NOW
    monkeypatch.setattr(vouching, "_own", lambda *_: nothing)
    with pytest.raises(sign.SigningFailed, match="does not verify"):
        sign.sign(unsigned(issued), issuer, log_proof=issued.log_proof, now=NOW + LIFE)
