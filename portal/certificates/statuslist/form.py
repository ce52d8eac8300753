"""How a status list is written, and how a certificate names its place in one (W3C Bitstring Status List v1.0).

A certificate has one place, an index in a list of a number, and the list is published once for each purpose:
``revocation`` and ``suspension`` with one bit an entry, and ``message`` with two, which tells a certificate that was
superseded or used up from one that was revoked.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from portal.certificates.signer import base64url

Purpose = Literal["revocation", "suspension", "message"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
# The least number of entries that the standard allows (section 3.2), which is 16 kB unpacked at one bit an entry.
ENTRIES = 131_072
BITS: Mapping[Purpose, int] = {"revocation": 1, "suspension": 1, "message": 2}
SUPERSEDED, USED_UP = 1, 2
MESSAGES = ({"status": "0x0", "message": "none"}, {"status": "0x1", "message": "superseded"},
            {"status": "0x2", "message": "used_up"}, {"status": "0x3", "message": "undefined"})  # fmt: skip
ENTRY_TYPE, LIST_TYPE, SUBJECT_TYPE = "BitstringStatusListEntry", "BitstringStatusListCredential", "BitstringStatusList"
JWT_TYPE = "vc+jwt"
CONTEXT = "https://www.w3.org/ns/credentials/v2"
FOLDER = "/.well-known/due-diligence/status/"
LIFE = timedelta(days=1)  # half of it gone, a list is made anew
LONGEST_LIFE = timedelta(days=7)  # a verifier believes no list that was made to last longer
STEP = timedelta(seconds=1)  # moments are written in whole seconds
KEPT = timedelta(minutes=5)  # how long a cache may answer without asking again
LARGEST_NUMBER = 2**31 - 1
_MULTIBASE = "u"  # base64url without padding
_GZIP = 16 + zlib.MAX_WBITS


class ListMalformed(ValueError):
    """A list cannot be unpacked; ``key`` names the reason for a verdict."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Place:
    """Where a certificate stands: the number of the list, from 1, and the index in it, from 0."""

    number: int
    index: int

    @property
    def code(self) -> int:
        """The place as the one whole number that a seal has room for."""
        return self.number * ENTRIES + self.index

    @classmethod
    def of_code(cls, code: int) -> "Place":
        """The place that a seal names. Raises ``ValueError`` for what is none."""
        number, index = divmod(code, ENTRIES)
        if not 1 <= number <= LARGEST_NUMBER:
            raise ValueError(f"{code} is no place in a status list")
        return cls(number, index)

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> "Place | None":
        """The place that a statement names; none in statements from before there were lists."""
        found = facts.get("status_list")
        return cls(found["number"], found["index"]) if found else None

    def to_json(self) -> dict[str, int]:
        return {"number": self.number, "index": self.index}


def address(status_address: str, number: int, purpose: Purpose) -> str:
    """Where a list lies. ``status_address`` is the issuer's, as the trust file names it."""
    return f"{_origin(status_address)}{FOLDER}{number}/{purpose}.jwt"


def index_address(status_address: str) -> str:
    """Where it is told which lists there are."""
    return f"{_origin(status_address)}{FOLDER}index.json"


def directory(numbers: list[int]) -> str:
    """What is told of which lists there are, as JSON. Not signed: a list that it leaves out only leaves a question."""
    return json.dumps({"type": "due-diligence-status-lists", "lists": numbers, "purposes": list(PURPOSES)})


def entries(place: Place, status_address: str) -> list[dict[str, Any]]:
    """A credential's ``credentialStatus``: one entry for each purpose."""
    told = []
    for purpose in PURPOSES:
        lies_at = address(status_address, place.number, purpose)
        entry: dict[str, Any] = {
            "id": f"{lies_at}#{place.index}",
            "type": ENTRY_TYPE,
            "statusPurpose": purpose,
            "statusListIndex": str(place.index),
            "statusListCredential": lies_at,
        }
        if purpose == "message":
            entry |= {"statusSize": BITS[purpose], "statusMessage": list(MESSAGES)}
        told.append(entry)
    return told


def content(
    issuer_id: str, lies_at: str, purpose: Purpose, values: Mapping[int, int], *, begins: str, ends: str
) -> dict[str, Any]:
    """A status list credential, to be signed. ``values`` are those that are not 0, ``begins``, ``ends`` moments."""
    subject: dict[str, Any] = {
        "id": f"{lies_at}#list",
        "type": SUBJECT_TYPE,
        "statusPurpose": purpose,
        "encodedList": pack(values, BITS[purpose]),
        "ttl": int(KEPT.total_seconds() * 1000),
    }
    return {
        "@context": [CONTEXT],
        "id": lies_at,
        "type": ["VerifiableCredential", LIST_TYPE],
        "issuer": issuer_id,
        "validFrom": begins,
        "validUntil": ends,
        "credentialSubject": subject,
    }


def pack(values: Mapping[int, int], bits: int) -> str:
    """A whole list of entries of so many bits, the first entry leftmost, compressed and spelt (section 3.3)."""
    unpacked = bytearray(ENTRIES * bits // 8)
    for index, value in values.items():
        at = index * bits
        unpacked[at // 8] |= value << (8 - bits - at % 8)
    # Without a time of its own the same list is always the same text.
    return _MULTIBASE + base64url(gzip.compress(bytes(unpacked), compresslevel=9, mtime=0))


def unpack(encoded: str, bits: int) -> bytes:
    """The list unpacked: never more than it may be, and never less. Raises ``ListMalformed``."""
    size = ENTRIES * bits // 8
    if not encoded.startswith(_MULTIBASE):
        raise ListMalformed("status-list-malformed")
    try:
        packed = base64.b64decode(encoded[1:] + "=" * (-(len(encoded) - 1) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj(_GZIP)
        unpacked = reader.decompress(packed, size + 1)
    except (ValueError, zlib.error) as error:
        raise ListMalformed("status-list-malformed") from error
    if len(unpacked) > size:
        raise ListMalformed("status-list-bomb")
    if not reader.eof or reader.unused_data:
        raise ListMalformed("status-list-malformed")
    if len(unpacked) != size:
        raise ListMalformed("status-list-length")
    return unpacked


def value(unpacked: bytes, index: int, bits: int) -> int:
    """The value of an entry. Raises ``ListMalformed`` beyond the end."""
    at = index * bits
    if not 0 <= at < len(unpacked) * 8:
        raise ListMalformed("status-list-range")
    return unpacked[at // 8] >> (8 - bits - at % 8) & (1 << bits) - 1


def values_of(states: Mapping[int, str], purpose: Purpose) -> dict[int, int]:
    """What stands in a list for certificates that are not valid, by their index and their state.

    Whatever has ended for good is set as revoked, since the standard has no purpose for it; ``message`` tells more.
    """
    told: Mapping[str, int] = {
        "revocation": {"revoked": 1, "superseded": 1, "used_up": 1},
        "suspension": {"suspended": 1},
        "message": {"superseded": SUPERSEDED, "used_up": USED_UP},
    }[purpose]
    return {index: told[state] for index, state in states.items() if state in told}


def purpose_of(text: str) -> Purpose | None:
    """The purpose of a name; nothing for any other text."""
    return next((purpose for purpose in PURPOSES if purpose == text), None)


def _origin(status_address: str) -> str:
    return status_address.removesuffix("/").removesuffix("/verify")
