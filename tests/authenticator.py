"""The demonstration's security key in the hands of tests: reads pages as a browser does, signs wrongly on request."""

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from portal.demonstration.authenticator import CREDENTIAL, PRESENT, VERIFIED, SoftwareAuthenticator, data_of, text

__all__ = ["CREDENTIAL", "PRESENT", "VERIFIED", "Authenticator", "ceremony", "options", "tampered", "text"]

OPTIONS = re.compile(r'data-passkey-options="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="ceremony" value="([^"]+)"')


@dataclass
class Authenticator(SoftwareAuthenticator):
    """One for the site that tests run."""

    origin: str = "http://localhost:8000"


def options(page: str) -> dict[str, Any]:
    """What a page hands to the browser."""
    found = OPTIONS.search(page)
    assert found is not None, "the page asks for no passkey"
    read: dict[str, Any] = json.loads(unescape(found.group(1)))
    return read


def ceremony(page: str) -> str:
    """The token that a page's passkey form carries."""
    found = HIDDEN.search(page)
    assert found is not None
    return unescape(found.group(1))


def tampered(answer: str, name: str) -> str:
    """The same answer with one bit of one part turned."""
    read = json.loads(answer)
    data = bytearray(data_of(read["response"][name]))
    data[-1] ^= 1
    read["response"][name] = text(bytes(data))
    return json.dumps(read)
