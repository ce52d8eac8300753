"""What a page needs in order to ask for a passkey, and what it does with the answer."""

from typing import Any

from flask import request

from portal import relying_party
from portal.accounts import passkeys
from portal.accounts.models import User
from portal.relying_party import RelyingParty
from portal.web import requests
from portal.web.session import db_session

ANYBODY = "anybody"


def site() -> RelyingParty:
    """The relying party of this installation."""
    return relying_party.of_address(requests.settings().public_address)


def elsewhere() -> str:
    """This page's address where passkeys work, when the reader came by another name of the site; else nothing."""
    here = request.host_url.rstrip("/")
    return "" if here == site().origin else site().origin + request.full_path.rstrip("?")


def asking(purpose: passkeys.Purpose, subject: str, user: User | None = None) -> dict[str, Any]:
    """What a page needs in order to ask for a passkey: the ceremony's token and the options for the browser."""
    begun = passkeys.begin(purpose, subject, key=requests.settings().session_key, now=requests.now())
    options = passkeys.request_options(begun.nonce, site(), user.passkeys if user else ())
    return {"ceremony": begun.token, "options": options, "elsewhere": elsewhere()}


def proven(
    purpose: passkeys.Purpose, subject: str, ceremony: str, given: str, user: User | None = None
) -> passkeys.Assertion:
    """The person's passkey, once it has answered the ceremony of a page. Raises ``PasskeyRefused``."""
    key, now = requests.settings().session_key, requests.now()
    nonce = passkeys.resume(purpose, subject, ceremony, key=key, now=now)
    return passkeys.prove(db_session, given, challenge=nonce, party=site(), now=now, owner=user)
