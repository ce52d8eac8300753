"""RFC 3161 time stamps: from a service, or from the test authority's own clock."""

import hashlib
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper

from portal.certificates.signer import Signer

# 2.25.<UUID> (ITU-T X.667) needs no registration; it says that the stamp comes from a test clock.
TEST_POLICY = "2.25.223663413560230286138512418764394742337"
_MAX_ANSWER = 64 * 1024
_SECONDS = 10


class LocalTimeStamper(DummyTimeStamper):  # type: ignore[misc]
    """A time stamp at the moment given, signed by the test authority.

    A clock of the issuer's own cannot show that the issuer did not back-date: production names a service.
    pyHanko's stand-in signs with RSA only and reads its key anew for every stamp, which costs more than the rest.
    """

    def __init__(self, certificate: x509.Certificate, signer: Signer, *, now: datetime) -> None:
        self._signer = signer
        super().__init__(asn1_certificate(certificate), tsa_key=None, fixed_dt=now)

    def _build_tst_info(self, message_imprint: Any, dt: datetime, req: Any) -> Any:
        info = super()._build_tst_info(message_imprint, dt, req)
        info["policy"] = tsp.ObjectIdentifier(TEST_POLICY)
        return info

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, Any]:
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(self.tsa_cert)),
                simple_cms_attribute("message_digest", hashlib.new(md_algorithm, tst_info_data).digest()),
            ]
        )
        return self._signer.sign(attributes.dump()), attributes

    def _build_signed_data(self, *arguments: Any) -> dict[str, Any]:
        data: dict[str, Any] = super()._build_signed_data(*arguments)
        data["signer_infos"][0]["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        return data


class HttpTimeStamper(TimeStamper):  # type: ignore[misc]
    """A time-stamping service that is asked by HTTP (RFC 3161 section 3.4)."""

    def __init__(self, address: str) -> None:
        if not address.startswith(("https://", "http://")):
            raise ValueError("the address of a time-stamping service begins with https:// or http://")
        self._address = address
        super().__init__()

    async def async_request_tsa_response(self, req: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked, the address is a setting
            self._address, data=req.dump(), headers={"Content-Type": "application/timestamp-query"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                return tsp.TimeStampResp.load(response.read(_MAX_ANSWER))
        except (OSError, ValueError, urllib.error.URLError) as error:
            raise OSError(f"the time-stamping service did not answer: {error}") from error


def asn1_certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The same certificate in the form that pyHanko works with."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
