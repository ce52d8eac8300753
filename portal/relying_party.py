"""Where passkeys belong: the site that asks for them, as a browser names it (WebAuthn Level 3, section 5)."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """``id`` is the domain that passkeys are bound to, ``origin`` the scheme, host and port of the pages that ask."""

    id: str
    origin: str


def of_address(address: str) -> RelyingParty:
    """The relying party of a web address, whatever path follows it.

    A browser binds passkeys to names and never to numbers, so that an installation at a loopback number is known by
    the name ``localhost``, where the same pages answer.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    host = "localhost" if _is_loopback(host) else host
    port = parts.port
    place = host if port is None or port == _PORTS.get(parts.scheme) else f"{host}:{port}"
    return RelyingParty(host, f"{parts.scheme}://{place}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
