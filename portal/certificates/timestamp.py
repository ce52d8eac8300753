"""RFC 3161 time stamps: from a service, or from the test authority's own clock."""

import hashlib
import os
import urllib.error
import urllib.request
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms, core, tsp
from cryptography import x509
from pyhanko.sign.timestamps import TimeStamper

from portal.certificates import der, signed_data
from portal.certificates.signer import Signer

# 2.25.<UUID> (ITU-T X.667) needs no registration; it says that the stamp comes from a test clock.
TEST_POLICY = "2.25.223663413560230286138512418764394742337"
_POLICY = tsp.ObjectIdentifier(TEST_POLICY).dump()
_MAX_ANSWER = 64 * 1024
# Stamps of one service differ in length by their numbers and signatures.
_SLACK = 64
_SECONDS = 10


class LocalTimeStamper(TimeStamper):  # type: ignore[misc]
    """A time stamp at the moment given, signed by the test authority.

    A clock of the issuer's own cannot show that the issuer did not back-date: production names a service.
    """

    def __init__(self, certificate: x509.Certificate, signer: Signer, *, now: datetime) -> None:
        self._certificate, self._signer, self._now = certificate, signer, now
        super().__init__()

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        if md_algorithm != "sha256":
            raise ValueError(f"the test authority's clock stamps SHA-256, not {md_algorithm}")
        info = self._info(message_digest)
        covered = self._covered(info)
        return cms.ContentInfo.load(self._written(info, covered, self._signer.sign(covered)))

    async def room(self) -> int:
        """Bytes that no stamp exceeds."""
        info = self._info(bytes(32))
        return len(self._written(info, self._covered(info), bytes(signed_data.LONGEST_SIGNATURE)))

    def _info(self, digest: bytes) -> bytes:
        """TSTInfo (RFC 3161 section 2.4.2)."""
        return der.sequence(
            der.integer(1),
            _POLICY,
            der.sequence(signed_data.SHA256, der.wrapped(der.OCTET_STRING, digest)),
            der.integer(int.from_bytes(b"\x01" + os.urandom(7), "big")),  # of one length always
            core.GeneralizedTime(self._now).dump(),
        )

    def _covered(self, info: bytes) -> bytes:
        at = signed_data.attribute("signing_time", cms.Time({"utc_time": core.UTCTime(self._now)}))
        return signed_data.covered(signed_data.TST_INFO, hashlib.sha256(info).digest(), self._certificate, at)

    def _written(self, info: bytes, covered: bytes, signature: bytes) -> bytes:
        return signed_data.written(signed_data.TST_INFO, info, covered, signature, self._certificate)


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

    async def room(self) -> int:
        """Bytes that a stamp most likely takes, by the first one that the service gave."""
        return len((await self.async_dummy_response("sha256")).dump()) + _SLACK


Clock = LocalTimeStamper | HttpTimeStamper


@lru_cache(maxsize=4)
def service(address: str) -> HttpTimeStamper:
    """The service at an address; it is asked once for a stamp that serves to know what its stamps are like."""
    return HttpTimeStamper(address)
