"""The register of attacks, each with a name and the reason that it must meet.

They are made from a genuine certificate, never kept as files. ``ATTACKS`` maps the name to the maker and to the reason
keys one of which must be given, for integrity or for the issuer. ``every_attack`` has it filled.
"""

from collections.abc import Callable
from dataclasses import dataclass

from portal.certificates.keys import Issuer
from portal.config import Settings
from tests.certificates.samples import Issued


@dataclass(frozen=True)
class World:
    """A genuine certificate with its issuer, and Mallory, who has a whole authority of the same names."""

    issued: Issued
    issuer: Issuer
    mallory: Issuer
    settings: Settings


Maker = Callable[[World], bytes]
ATTACKS: dict[str, tuple[Maker, frozenset[str]]] = {}


def attack(*reasons: str) -> Callable[[Maker], Maker]:
    """Register a maker under its function's name."""

    def register(maker: Maker) -> Maker:
        ATTACKS[maker.__name__.replace("_", " ")] = (maker, frozenset(reasons))
        return maker

    return register
