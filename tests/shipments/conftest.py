"""A firm with its people, lists on file, an issuer, and a shipment that is ready to be submitted."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, User
from portal.audit import Actor
from portal.certificates import keys
from portal.certificates.keys import Issuer
from portal.config import Settings
from portal.screening import lists
from portal.shipments import case as cases
from portal.shipments import conduct, edit, intake
from portal.shipments.models import Decision, Shipment

Attest = Callable[..., Decision]

CASES = Path(__file__).parents[1] / "data" / "cases"


@pytest.fixture(autouse=True)
def _one_page(one_page: None) -> None:
    """What a certificate's page shows is tested with the certificates."""


@dataclass(frozen=True)
class Firm:
    """An exporter, one who prepares, and two who may attest."""

    organisation: Organisation
    preparer: User
    officer: User
    second_officer: User


@pytest.fixture(scope="session")
def shared_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One instance folder for the keys, which are slow to make."""
    return Settings(instance=tmp_path_factory.mktemp("instance"), public_address="http://127.0.0.1:8000")


@pytest.fixture(scope="session")
def issuer(shared_settings: Settings) -> Issuer:
    return keys.open_issuer(shared_settings, now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
def make_firm(session: Session, now: datetime) -> Callable[[], Firm]:
    def make() -> Firm:
        home = Organisation(
            kind="exporter",
            name=f"云岭锗光 {uuid.uuid4().hex[:6]}",
            name_en="Yunling Germanium",
            country="CN",
            identifier_scheme="USCC",
            identifier=None,
            address="昆明市高新区示例路18号",
            created_at=now,
        )
        session.add(home)
        people = [person(home, now, role) for role in ("preparer", "compliance_officer", "compliance_officer")]
        session.add_all(people)
        session.flush()
        return Firm(home, *people)

    return make


@pytest.fixture
def firm(make_firm: Callable[[], Firm]) -> Firm:
    return make_firm()


@pytest.fixture
def authority_officer(session: Session, now: datetime) -> User:
    home = Organisation(kind="authority", name="Authority", country="CN", created_at=now)
    officer = person(home, now, "officer")
    session.add_all([home, officer])
    session.flush()
    return officer


@pytest.fixture
def lists_loaded(session: Session, now: datetime) -> None:
    lists.load_shipped(session, actor=Actor.system("test"), now=now)


@pytest.fixture
def ready(session: Session, firm: Firm, now: datetime, shared_settings: Settings, lists_loaded: None) -> Shipment:
    """The germanium case as a complete draft."""
    return drafted(session, firm, now, shared_settings)


def person(home: Organisation, now: datetime, *roles: str) -> User:
    return User(
        organisation=home,
        email=f"{uuid.uuid4().hex}@example.org",
        name=f"{roles[0]} {uuid.uuid4().hex[:4]}",
        position="Manager",
        role_names=list(roles),
        password_hash="!",
        created_at=now,
    )


def plain_case(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    return read


def drafted(
    session: Session,
    firm: Firm,
    now: datetime,
    settings: Settings,
    name: str = "germanium-lens-blanks",
    change: Callable[[dict[str, Any]], None] = lambda plain: None,
) -> Shipment:
    """A case file as a complete draft of the firm, after ``change`` has been made to its JSON."""
    plain = plain_case(name)
    change(plain)
    case = cases.read(json.dumps(plain).encode(), on=now.date())
    answers = intake.check_answers(case, now)
    reference = f"{case.shipment.reference}-{uuid.uuid4().hex[:6]}"
    draft = edit.create(session, organisation_id=firm.organisation.id, reference=reference, by=firm.preparer, now=now)
    intake.fill(session, draft, case, answers, {}, by=firm.preparer, now=now, settings=settings)
    return draft


@pytest.fixture
def attest(session: Session, now: datetime, issuer: Issuer, shared_settings: Settings) -> Attest:
    def do(shipment: Shipment, officer: User, at: datetime | None = None) -> Decision:
        return conduct.attest(
            session, shipment, officer=officer, now=at or now, issuer=issuer, settings=shared_settings
        )

    return do


@pytest.fixture
def submitted(session: Session, ready: Shipment, firm: Firm, now: datetime) -> Shipment:
    assert conduct.submit(session, ready, by=firm.preparer, now=now) == ()
    return ready
