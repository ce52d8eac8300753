"""The register that the views of this room ask."""

from flask import abort

from portal.certificates.signer import KeyRefused
from portal.certificates.trust import TrustError
from portal.verification.register import Register, open_register
from portal.web.requests import now, settings


def register() -> Register:
    """This installation's register; 503 while its keys or trust file cannot be used."""
    try:
        return open_register(settings(), now=now())
    except (KeyRefused, TrustError):
        abort(503)
