"""The seal: the statement's essentials in a signed QR code that is read with no network.

A CBOR Web Token (RFC 8392) inside COSE_Sign1 (RFC 9052), written in base45 (RFC 9285) behind ``DDC1:``. The
layers are those of the EU's health certificates, so that readers exist for every platform, but for the compression:
it gains four characters in a hundred and no QR version, and would let a seal be spelt in several ways and unpack to
gigabytes. So every seal has exactly one text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import base45
import cbor2

from portal.certificates.keys import Issuer
from portal.certificates.signer import written
from portal.certificates.statement import Statement
from portal.certificates.statuslist.form import Place
from portal.certificates.trust import key_id

PREFIX = "DDC1:"
MEDIA_TYPE = "application/ddc-seal+cwt"
# Header and claim numbers: RFC 9052 table 2, RFC 9596, RFC 8392 section 4.
ALG, KID, TYP = 1, 4, 16
ISS, EXP, IAT, CTI = 1, 4, 6, 7
# Our own claims lie in the range for private use. In the first, members are numbered in the order of Essentials; the
# second is the certificate's place in the transparency log, as a seal has no room for the proof.
FACTS, LOG_INDEX = -65537, -65538
COSE_SIGN1 = 18
# The day from which CWT counts seconds, in the count of Python's calendar.
EPOCH = date(1970, 1, 1).toordinal()
DAY_SECONDS = 86_400
_TAGGED = bytes([0xC0 | COSE_SIGN1])
MAX_CODES = 20


@dataclass(frozen=True, slots=True)
class Essentials:
    """What a seal says. Every member is drawn from the statement whose digest it carries.

    ``goods_lines`` counts the statement's goods; ``hs_codes`` are the distinct codes, at most ``MAX_CODES``.
    ``net_weight_kg`` is the sum over all lines. ``place`` is where the issuer's status lists tell of the certificate;
    those from before there were lists have none.
    """

    digest: str
    number: str
    issuer_id: str
    issued_at: datetime
    valid_until: date
    purpose: str
    exporter: str
    exporter_id: str
    end_user: str
    end_user_country: str
    destination: str
    hs_codes: tuple[str, ...]
    goods_lines: int
    net_weight_kg: str
    band: str
    licence: str
    status_address: str
    test: bool
    place: Place | None

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "digest": self.digest,
            "issuer_id": self.issuer_id,
            "issued_at": self.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "valid_until": self.valid_until.isoformat(),
            "purpose": self.purpose,
            "exporter": self.exporter,
            "exporter_id": self.exporter_id,
            "end_user": self.end_user,
            "end_user_country": self.end_user_country,
            "destination": self.destination,
            "hs_codes": list(self.hs_codes),
            "goods_lines": self.goods_lines,
            "net_weight_kg": self.net_weight_kg,
            "band": self.band,
            "licence": self.licence,
            "status_address": self.status_address,
            "test": self.test,
            "status_list": self.place.to_json() if self.place else None,
        }


def essentials(facts: Mapping[str, Any], digest: str) -> Essentials:
    """Draw the essentials from a statement's facts."""
    end_user = next(party for party in facts["parties"] if party["role"] == "end_user")
    codes = dict.fromkeys(line["hs_code"] for line in facts["goods"])
    weight = sum((Decimal(line["net_weight_kg"]) for line in facts["goods"]), Decimal(0))
    return Essentials(
        digest=digest,
        number=facts["number"],
        issuer_id=facts["issuer"]["id"],
        issued_at=datetime.fromisoformat(facts["issued_at"]),
        valid_until=date.fromisoformat(facts["valid_until"]),
        purpose=facts["purpose"],
        exporter=facts["exporter"]["name"],
        exporter_id=facts["exporter"]["identifier"]["value"],
        end_user=end_user["name"],
        end_user_country=end_user["country"],
        destination=facts["route"]["to"],
        hs_codes=tuple(codes)[:MAX_CODES],
        goods_lines=len(facts["goods"]),
        net_weight_kg=format(weight, "f"),
        band=facts["assessment"]["band"],
        licence=facts["licence"]["number"] if facts["licence"] else "",
        status_address=facts["status_address"],
        test=facts["test"],
        place=Place.of_facts(facts),
    )


def seal(statement: Statement, issuer: Issuer, *, log_index: int) -> str:
    """The text of the QR code for a statement, whose digest is the ``log_index``-th entry of the log, from 0."""
    return write(sign(encode_claims(essentials(statement.facts, statement.digest), log_index), issuer))


def sign(claims: bytes, issuer: Issuer) -> bytes:
    """COSE_Sign1 over the claims. Only the protected header is used: nothing outside the signature says anything."""
    key, algorithm = key_id(issuer.seal.signer.thumbprint), issuer.seal.algorithm
    protected = encode({ALG: algorithm.cose, KID: key, TYP: MEDIA_TYPE})
    signature = written(issuer.seal.sign(to_be_signed(protected, claims)), algorithm)
    return message(protected, claims, signature)


def message(protected: bytes, claims: bytes, signature: bytes) -> bytes:
    """COSE_Sign1 as it is written, deterministic as it stands."""
    return _TAGGED + cbor2.dumps([protected, {}, claims, signature])


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052 section 4.4, without external data."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def encode_claims(facts: Essentials, log_index: int) -> bytes:
    """The claims of a CWT, deterministic as they stand. ``exp`` is the first second after the last day of the term."""
    return cbor2.dumps(
        {
            ISS: facts.issuer_id,
            EXP: (facts.valid_until.toordinal() + 1 - EPOCH) * DAY_SECONDS,
            IAT: int(facts.issued_at.timestamp()),
            CTI: bytes.fromhex(facts.digest),
            FACTS: [
                facts.number,
                facts.purpose,
                facts.exporter,
                facts.exporter_id,
                facts.end_user,
                facts.end_user_country,
                facts.destination,
                list(facts.hs_codes),
                facts.goods_lines,
                facts.net_weight_kg,
                facts.band,
                facts.licence,
                facts.status_address,
                facts.test,
                *([facts.place.code] if facts.place else []),
            ],
            LOG_INDEX: log_index,
        }
    )


def encode(value: Any) -> bytes:
    """Deterministic CBOR (RFC 8949 section 4.2): a verifier refuses any other spelling of the same facts."""
    return cbor2.dumps(value, canonical=True)


def write(token: bytes) -> str:
    """Spell a token as the text of a QR code."""
    text: bytes = base45.b45encode(token)
    return PREFIX + text.decode("ascii")
