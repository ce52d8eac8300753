"""A draft, an issuer and one issued certificate, shared by the tests of certificates and of verification."""

import copy
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.certificates import issue, keys, proof_code
from portal.certificates.keys import Issuer
from portal.certificates.log.note import LogProof
from portal.certificates.models import Certificate
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.db import Base, open_engine, session_factory

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NO_DIGEST = "0" * 64
END_USER = {
    "role": "end_user",
    "name": "Jenaer Optikwerk GmbH",
    "name_native": "Jenaer Optikwerk GmbH",
    "country": "DE",
    "address": "Am Planetarium 1, 07743 Jena",
}
GOODS = {
    "line": 1,
    "name": "Germanium lens blanks",
    "name_zh": "锗透镜毛坯",
    "element": "Ge",
    "chemical_form": "metal, single crystal",
    "purity": "99.999 %",
    "particle_size": "",
    "hs_code": "8112991000",
    "control_code": "",
    "control_state": "controlled",
    "quantity": {"value": "12.5", "unit": "KGM"},
    "net_weight_kg": "12.5",
    "value": {"amount": "15000.00", "currency": "USD"},
    "country_of_origin": "CN",
}
DRAFT: dict[str, Any] = {
    "purpose": "licence-application",
    "exporter": {
        "name": "云南锗光科技有限公司",
        "name_en": "Yunnan Zheguang Technology Co., Ltd.",
        "identifier": {"scheme": "USCC", "value": "91530100MA6K5X3T7Q"},
        "address": "昆明市高新区科医路9号",
        "country": "CN",
    },
    "parties": [END_USER],
    "goods": [GOODS],
    "route": {"from": "CN", "transit": ["SG"], "to": "DE", "mode": "sea"},
    "end_use": {"en": "Lenses for industrial thermography", "zh": "工业热成像镜头"},
    "contract": {"number": "ZG-2026-118", "date": "2026-10-01"},
    "licence": None,
    "assessment": {
        "band": "low",
        "points": 12,
        "outcome": "certify",
        "policy": {"id": "military-use", "version": "1.0.0", "digest": NO_DIGEST},
        "factors": [
            {
                "id": "dual-use-element",
                "kind": "factor",
                "points": 12,
                "text": {"en": "Germanium is used in infrared optics", "zh": "锗可用于红外光学"},
            }
        ],
        "lists": [
            {
                "source": "cn",
                "edition": "2026-08-22",
                "published": "2026-08-22",
                "entries": 203,
                "binding": True,
                "incomplete": True,
                "digest": NO_DIGEST,
            }
        ],
        "questionnaires": [{"id": "end-use", "version": "1.0.0", "digest": NO_DIGEST}],
        "answers_digest": NO_DIGEST,
    },
    "attestation": {
        "officer": "李雪",
        "position": "Compliance officer",
        "at": "2026-11-24T08:30:00Z",
        "method": "password",
    },
}


def draft(**changes: Any) -> dict[str, Any]:
    """A draft that can be certified, with members exchanged."""
    return {**copy.deepcopy(DRAFT), **changes}


def issue_one(
    session: Session, issuer: Issuer, settings: Settings, *, now: datetime = NOW, **changes: Any
) -> Certificate:
    """Issue a certificate in a session, which is not committed."""
    return issue.issue(
        session,
        draft(**changes),
        issuer=issuer,
        settings=settings,
        organisation_id=ORGANISATION,
        subject_id=uuid.uuid4(),
        now=now,
    )


ORGANISATION = uuid.UUID("01900000-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Issued:
    """One certificate as an exporter holds it, and what a verifier needs."""

    number: str
    digest: str
    pdf: bytes
    json: bytes
    png: bytes
    seal: str
    token: str
    statement: bytes
    log_proof: str
    proof_code: str
    trust: TrustRoot


def held(certificate: Certificate, trust: TrustRoot) -> Issued:
    """What an exporter holds of a certificate."""
    return Issued(
        number=certificate.number,
        digest=certificate.digest,
        seal=issue.seal_text(certificate),
        token=issue.credential_token(certificate),
        statement=certificate.statement.encode("utf-8"),
        log_proof=issue.log_proof(certificate),
        proof_code=str(proof_code.write(LogProof.parse(issue.log_proof(certificate)), witnesses=0)),
        trust=trust,
        **issue.files(certificate),
    )


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation whose keys and fonts are made once for all tests."""
    made = Settings(instance=tmp_path_factory.mktemp("instance"), public_address="http://127.0.0.1:8000")
    # Before an application opens them by the clock on the wall, since keys sign nothing from before they were made.
    keys.open_issuer(made, now=NOW)
    return made


@pytest.fixture(scope="session")
def issuer(settings: Settings) -> Issuer:
    return keys.open_issuer(settings, now=NOW)


@pytest.fixture(scope="session")
def trust(issuer: Issuer) -> TrustRoot:
    return TrustRoot.of(keys.trust(issuer, now=NOW))


@pytest.fixture(scope="session")
def issued(
    settings: Settings, issuer: Issuer, trust: TrustRoot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Issued]:
    """A certificate that no test alters."""
    path: Path = tmp_path_factory.mktemp("register") / "register.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        certificate = issue_one(session, issuer, settings)
        session.commit()
        yield held(certificate, trust)
    engine.dispose()
