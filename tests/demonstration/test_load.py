"""What stands after ``portal demo``: a month of work in every state, sound from the first event to the last."""

import itertools
import stat
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts import authentication
from portal.accounts.models import Organisation, Passkey, User
from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.authority import endorse
from portal.certificates import issue, keys, status
from portal.certificates.models import Certificate
from portal.config import SOURCE_ROOT, Settings
from portal.db import Base, open_engine, session_factory, utc_now
from portal.demonstration import load
from portal.demonstration.cases import read
from portal.demonstration.steps import DemonstrationRefused
from portal.screening import lists
from portal.screening.match import Screener
from portal.shipments import assess, revisions
from portal.shipments.models import Assessment, Attestation, Shipment
from portal.shipments.states import State
from portal.verification.sources import DatabaseStatus
from portal.verification.verify import verify
from tests.conftest import CHEAP, Loaded

WITHOUT_PASSKEY = next(home for home in read("world")["exporters"].values() if not home["passkey"])
PASSING = {State.ATTESTED}  # lasts only while the decision is made


def test_there_are_forty_shipments_of_five_exporters(filled: Session) -> None:
    shipments = filled.scalars(select(Shipment)).all()
    assert len(shipments) >= 40
    assert len({shipment.organisation_id for shipment in shipments}) == 5
    assert filled.scalar(select(func.count()).select_from(Organisation).where(~Organisation.demonstration)) == 0


def test_every_state_that_lasts_is_there(filled: Session) -> None:
    states = Counter(filled.scalars(select(Shipment.state)))
    assert set(states) == {str(state) for state in set(State) - PASSING}
    assert states[State.CERTIFIED] > states[State.REFERRED] > states[State.REFUSED]


def test_every_preserved_moment_lies_in_the_month_before(filled: Session, loaded: Loaded) -> None:
    for shipment in filled.scalars(select(Shipment)):
        moments = [shipment.created_at, shipment.submitted_at, shipment.attested_at, shipment.decided_at]
        told = [moment for moment in moments if moment is not None]
        assert told == sorted(told)
        assert loaded.now - load.MONTH <= told[0] <= told[-1] < loaded.now


def test_certificates_are_in_every_state_that_a_month_can_bring(filled: Session, loaded: Loaded) -> None:
    certificates = filled.scalars(select(Certificate)).all()
    found = Counter(status.current(filled, certificate, loaded.now).state for certificate in certificates)
    assert {"valid", "suspended", "revoked", "superseded", "used_up"} <= set(found)
    assert found["valid"] > len(certificates) / 2
    assert all(certificate.test for certificate in certificates)
    certified = filled.scalars(select(Shipment.id).where(Shipment.state == State.CERTIFIED)).all()
    assert {certificate.subject_id for certificate in certificates} == set(certified)


def test_one_was_suspended_and_reinstated(filled: Session) -> None:
    histories = [[event.state for event in status.history(filled, one)] for one in filled.scalars(select(Certificate))]
    assert ["valid", "suspended", "valid"] in histories


def test_every_certificate_verifies(filled: Session, loaded: Loaded) -> None:
    issuer = keys.open_issuer(loaded.settings, now=loaded.now)
    source = DatabaseStatus(filled, issuer_id=issuer.id)
    trust = keys.trust_root(loaded.settings, now=loaded.now)
    for certificate in filled.scalars(select(Certificate)):
        state = status.current(filled, certificate, loaded.now).state
        for kind, data in issue.files(certificate).items():
            report = verify(data, trust=trust, status=source, now=loaded.now)
            assert report.integrity.answer == report.issuer.answer == "yes", (certificate.number, kind, report)
            assert report.number == certificate.number
            assert report.summary == ("valid" if state == "valid" else "not_valid"), (kind, state)
            assert report.status.key == f"status-{state.replace('_', '-')}"


def test_officers_attest_with_passkeys_that_are_put_away_and_one_exporter_without(filled: Session) -> None:
    assert filled.scalars(select(Passkey).where(Passkey.removed_at.is_(None))).all() == []
    words = filled.scalars(select(Attestation)).all()
    homes = {word.officer_id: filled.get_one(User, word.officer_id).organisation.name for word in words}
    without = {homes[word.officer_id] for word in words if word.evidence is None}
    assert without == {WITHOUT_PASSKEY["name"]}
    assert len(words) > 2 * sum(word.evidence is None for word in words)


def test_ports_let_goods_pass_in_parts_used_up_and_once_beyond_what_was_left(filled: Session) -> None:
    left = {}
    for shipment in filled.scalars(select(Shipment).where(Shipment.state == State.CERTIFIED)):
        made = revisions.certificate(filled, shipment)
        assert made is not None
        left[shipment.reference, shipment.revision] = [str(line.left) for line in endorse.left(filled, made)]
    assert left["HA-2026-128", 1] == ["0"]
    assert left["YU-2026-105", 2] == ["9"], "what was presented under the first revision counts for the second"
    assert [alarm.kind for alarm in filled.scalars(endorse.open_alarms(filled))] == ["excess"]


def test_every_assessment_replays(filled: Session) -> None:
    stored = filled.scalars(select(Assessment)).all()
    assert len(stored) >= 25
    for one in stored:
        assess.replay(one)


def test_the_audit_chain_holds_and_is_in_order(filled: Session) -> None:
    assert audit.check(filled) is None
    moments = filled.scalars(select(AuditEvent.at).order_by(AuditEvent.sequence)).all()
    assert len(moments) > 300
    verbs = set(filled.scalars(select(AuditEvent.verb)))
    assert {"certificate.issued", "certificate.revoked", "certificate.suspended", "list.imported"} <= verbs


def test_deeds_are_told_in_the_order_in_which_they_were_done(filled: Session) -> None:
    chosen = select(AuditEvent.at).where(AuditEvent.subject.like("certificate:%")).order_by(AuditEvent.sequence)
    moments = filled.scalars(chosen).all()
    assert all(before <= after for before, after in itertools.pairwise(moments))


def test_preparer_and_officer_are_two_people_everywhere(filled: Session) -> None:
    for shipment in filled.scalars(select(Shipment).where(Shipment.attested_at.is_not(None))):
        for attestation in shipment.attestations:
            assert str(attestation.officer_id) not in shipment.editors


def test_lists_are_on_file_and_the_restricted_parties_are_found(filled: Session, loaded: Loaded) -> None:
    assert all(one.state == "loaded" for one in lists.show(filled, loaded.now) if one.required)
    screener = Screener.open(filled)
    for party in read("world")["restricted"]:
        assert screener.screen(party["names"][:1], party["country"], loaded.now.date()).state == "match"


def test_everybody_signs_in_with_the_password_that_was_printed(filled: Session, loaded: Loaded) -> None:
    everybody = filled.scalars(select(User)).all()
    assert len(everybody) >= 12
    for person in everybody:
        assert authentication.authenticate(filled, person.email, loaded.password, loaded.now, cost=CHEAP) is person
    assert (
        authentication.authenticate(filled, everybody[0].email, loaded.password + "x", loaded.now, cost=CHEAP) is None
    )


@pytest.fixture
def demonstration_app(loaded: Loaded) -> Flask:
    return create_app(
        loaded.settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PASSWORD_COST=CHEAP
    )


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_those_that_are_printed_sign_in_on_the_site(loaded: Loaded, demonstration_app: Flask, place: int) -> None:
    email = loaded.lines[place + 1].split()[-1]
    client = demonstration_app.test_client()
    came = client.post("/sign-in", data={"email": email, "password": loaded.password})
    assert came.status_code == 303
    home = client.get(came.location, follow_redirects=True)
    assert home.status_code == 200
    demonstration_app.extensions["portal_engine"].dispose()


def test_once_does_nothing_the_second_time(filled: Session, loaded: Loaded) -> None:
    count = select(func.count()).select_from(AuditEvent)
    before = filled.scalar(count)
    said: list[str] = []
    again = load.load(filled, settings=loaded.settings, once=True, now=loaded.now, say=said.append)
    assert tuple(again) == loaded.lines
    assert said == []
    assert not filled.new
    assert not filled.dirty
    assert filled.scalar(count) == before


def test_without_once_a_second_load_is_refused(filled: Session, loaded: Loaded) -> None:
    with pytest.raises(DemonstrationRefused, match="already"):
        load.load(filled, settings=loaded.settings, once=False, now=loaded.now, say=str)


@pytest.fixture
def empty(tmp_path: Path) -> Session:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    Base.metadata.create_all(engine)
    return session_factory(engine)()


@pytest.mark.parametrize("once", [True, False])
def test_production_refuses_it_and_keeps_nothing(tmp_path: Path, empty: Session, once: bool) -> None:
    settings = Settings(
        instance=tmp_path / "instance",
        environment="production",
        secret_key="a" * 40,
        public_address="https://portal.example",
        mail_url="smtp://mail.example",
    )
    with pytest.raises(DemonstrationRefused, match="production"):
        load.load(empty, settings=settings, once=once, now=utc_now(), say=str)
    assert not settings.instance.exists()
    assert empty.scalar(select(func.count()).select_from(Organisation)) == 0
    engine = empty.get_bind()
    empty.close()
    engine.dispose()  # type: ignore[union-attr]


def test_the_password_is_of_this_installation_alone(loaded: Loaded, tmp_path: Path) -> None:
    kept = loaded.settings.instance / "demonstration-password"
    assert kept.read_text(encoding="ascii") == loaded.password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    other = load._password(Settings(instance=tmp_path / "other"))
    assert other != loaded.password
    assert len(other) >= 16


def test_no_password_of_the_demonstration_is_in_the_tree(loaded: Loaded) -> None:
    asked = ["git", "grep", "-lF", "--untracked", "--", loaded.password]
    found = subprocess.run(asked, cwd=SOURCE_ROOT, capture_output=True, check=False)
    assert (found.returncode, found.stdout) == (1, b"")
    for name in ("world", "shipments", "answers"):
        text = (SOURCE_ROOT / "portal" / "demonstration" / "data" / f"{name}.yaml").read_text(encoding="utf-8")
        assert "password" not in text.lower()
