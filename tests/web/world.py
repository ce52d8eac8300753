"""A populated portal: two exporters, an authority, and of the first exporter a shipment in every state.

Everything is put on file through the same functions as real work. Each text of the first exporter (``ALFA``) holds a
mark that no page of anybody else may show, and letters that try to become markup, script or template.
"""

import io
import json
import shutil
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from portal import jobs
from portal.accounts import invitations, machines, people, registration, reset, second_factor
from portal.accounts.models import Organisation, Passkey, User
from portal.accounts.passwords import Cost
from portal.app import create_app
from portal.audit import Actor
from portal.authority import cases as enforcement
from portal.authority import endorse, key_reports, registry, suspension
from portal.authority.models import Agency, Because, Outcome
from portal.certificates import compromise, keys, status
from portal.certificates.log import append
from portal.certificates.statuslist import publish
from portal.config import Settings
from portal.controls import change
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change
from portal.db import Base, new_id, utc_now
from portal.jobs import outbox
from portal.screening import adjudicate, lists, restricted
from portal.screening.models import Verdict
from portal.shipments import case as cases
from portal.shipments import conduct, documents, edit, hits, intake
from portal.shipments.models import Shipment

CASES = Path(__file__).parents[1] / "data" / "cases"
CHEAP = Cost(passes=1, memory=8, lanes=1)
PASSWORD = "glass river under moss"
PRODUCT = 7919 * 7907
HOSTILE = "\"'><script>x7()</script>{{7919*7907}}"
ALFA = f"ALFA-ONLY {HOSTILE}"
LISTED = "RESTRICTED-ONLY <img src=q onerror=x7()>"
BY = Actor.system("test")
EXPORTER_ROLES = ("preparer", "compliance_officer", "administrator")


@dataclass
class World:
    """The application, who is in it (by "alfa.preparer" and the like), and what there is (by name)."""

    app: Flask
    settings: Settings
    people: dict[str, User] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    kept: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:", check_same_thread=False))

    @property
    def path(self) -> Path:
        return self.settings.instance / "portal.sqlite3"

    @property
    def _keys(self) -> Path:
        return self.settings.instance / "keys"

    def keep(self) -> None:
        """Remember the database and the issuer's keys as they are now."""
        with _opened(self.path) as database:
            database.backup(self.kept)
        shutil.copytree(self._keys, self._keys.with_name("keys.kept"))

    def restore(self) -> None:
        """Put the database and the issuer's keys back to what was kept."""
        self.app.extensions["portal_engine"].dispose()
        with _opened(self.path) as database:
            self.kept.backup(database)
        kept = self._keys.with_name("keys.kept")
        if (kept / "issuer.json").read_bytes() != (self._keys / "issuer.json").read_bytes():
            shutil.rmtree(self._keys)
            shutil.copytree(kept, self._keys)

    def contents(self) -> dict[str, int]:
        """A digest of each table, to tell whether a request has changed anything."""
        with _opened(self.path) as database:
            names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: hash(tuple(database.execute(f'SELECT * FROM "{name}"'))) for name in names}  # noqa: S608

    def size(self) -> int:
        """Bytes of the database file."""
        self.app.extensions["portal_engine"].dispose()
        return self.path.stat().st_size

    def verbs(self) -> list[str]:
        """The verbs of all audit events in their order."""
        with _opened(self.path) as database:
            return [row[0] for row in database.execute("SELECT verb FROM audit_event ORDER BY sequence")]

    def client(self, who: str = "") -> FlaskClient:
        """A client, with a person signed in as the sign-in page would leave it."""
        client = self.app.test_client()
        if who:
            with client.session_transaction() as cookie:
                cookie["_user_id"] = self.people[who].get_id()
                cookie["_fresh"] = True
                cookie["signed_in_at"] = utc_now().timestamp()
        return client


class _opened:
    """A connection of its own that is closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)

    def __enter__(self) -> sqlite3.Connection:
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.commit()
        self.connection.close()


def build(folder: Path, **config: Any) -> World:
    """Make the world in a new instance folder."""
    settings = Settings(instance=folder, public_address="http://127.0.0.1:8000")
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(settings, **{"TESTING": True, "RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False} | config)
    app.config["PASSWORD_COST"] = CHEAP
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a failure is answered with 500, as outside a test
    engine = app.extensions["portal_engine"]
    Base.metadata.create_all(engine)
    world = World(app, settings)
    began = utc_now() - timedelta(days=3)
    with app.extensions["portal_sessions"]() as session:
        _organisations(session, world, began)
        _accounts(session, world, utc_now())
        _restricted_list(session, world, began)
        _changes(session, world, began)
        _shipments(session, world, began)
        _cases(session, world, began)
        session.commit()
    world.keep()
    return world


def _organisations(session: Session, world: World, now: datetime) -> None:
    alfa = _exporter(session, ALFA, "91530100MA6EX0GE10", now)
    beta = _exporter(session, "Beta Metals", "91110000600037341L", now)
    authority = registration.create_authority(
        session, name="Authority", name_en="Authority", country="CN", now=now, actor=BY
    )
    for home, short in ((alfa, "alfa"), (beta, "beta")):
        name = ALFA if home is alfa else "Beta person"
        for role in EXPORTER_ROLES:
            world.people[f"{short}.{role}"] = _person(session, home, f"{role}@{short}.example", name, role, now)
    world.people["alfa.colleague"] = _person(session, alfa, "colleague@alfa.example", ALFA, "preparer", now)
    world.people["alfa.gone"] = _person(session, alfa, "gone@alfa.example", ALFA, "preparer", now)
    world.people["authority.chief"] = _person(session, authority, "chief@authority.example", "chief", "supervisor", now)
    for role in ("officer", "supervisor"):
        world.people[f"authority.{role}"] = _person(session, authority, f"{role}@authority.example", role, role, now)


def _exporter(session: Session, name: str, identifier: str, now: datetime) -> Organisation:
    home = Organisation(
        kind="exporter", name=name, name_en=name, country="CN", identifier_scheme="USCC", identifier=identifier,
        address=f"{name} street 1", created_at=now,
    )  # fmt: skip
    session.add(home)
    session.flush()
    return home


def _person(session: Session, home: Organisation, email: str, name: str, role: str, now: datetime) -> User:
    return people.add(
        session, home, email=email, name=name, position=name, roles=[role], password=PASSWORD, language="en",
        now=now, actor=BY, cost=CHEAP,
    )  # fmt: skip


def _accounts(session: Session, world: World, now: datetime) -> None:
    """Open links of every kind, somebody who is shut out, and somebody with a second factor."""
    alfa = world.people["alfa.administrator"]
    invitation, world.ids["invitation_token"] = invitations.invite(
        session, alfa.organisation, email="alfa-only@alfa.example", roles=["preparer"], language="en", actor=BY, now=now
    )
    world.ids["invitation"] = invitation.id
    world.ids["registration_token"] = registration.begin(session, "somebody@gamma.example", now=now)
    begun = reset.begin(session, "colleague@alfa.example", now=now)
    assert begun is not None
    world.ids["reset_token"] = begun[1]
    people.deactivate(session, world.people["alfa.gone"], actor=BY, now=now)
    secret, guarded = second_factor.new_secret(), world.people["alfa.colleague"]
    code = pyotp.TOTP(secret).at(now)
    world.ids["recovery_codes"] = second_factor.switch_on(
        session, guarded, secret, code, key=world.settings.session_key, now=now
    )
    passkey = Passkey(user=guarded, name=ALFA, credential_id="d29ybGQ", public_key=b"", created_at=now)
    session.add(passkey)
    session.flush()
    world.ids["passkey"] = passkey.id


def _restricted_list(session: Session, world: World, now: datetime) -> None:
    lists.load_shipped(session, actor=BY, now=now)
    entry = restricted.add(session, names=[LISTED], country="KG", reason=LISTED, actor=BY, now=now)
    world.ids["restricted"] = entry.id


def _changes(session: Session, world: World, now: datetime) -> None:
    officer = world.people["authority.officer"]
    for name, number in (("draft_change", "57/2025"), ("proposed_change", "18/2025")):
        compared = Change(number, ChangeKind.CHECK, now.date(), None, "", "", LISTED, "V")
        row = change.draft(session, compared, reason=LISTED, by=officer, now=now)
        world.ids[name] = row.id
        if name == "proposed_change":
            change.propose(session, row, by=officer, now=now)


def _shipments(session: Session, world: World, now: datetime) -> None:
    desk = _Desk(session, world, now, "alfa")
    desk.draft("draft")
    desk.bare("bare")
    desk.submit(desk.draft("submitted"))
    returned = desk.draft("returned")
    desk.submit(returned)
    conduct.return_to_draft(session, returned, ALFA, by=desk.officer, now=now)
    for name in ("certified", "suspended"):
        desk.attest(desk.draft(name))
    suspended = conduct.certificate(session, world.shipments["suspended"])
    assert suspended is not None
    status.suspend(session, suspended, reason_code="under-review", reason=ALFA, actor=BY, now=now)
    desk.attest(desk.draft("referred", "gallium-forwarder"))
    desk.attest(desk.draft("refused", "samarium-cobalt-magnets"))
    withdrawn = desk.draft("withdrawn")
    conduct.withdraw(session, withdrawn, ALFA, by=desk.preparer, now=now)
    _hits(session, world, now)
    other = _Desk(session, world, now, "beta")
    other.draft("beta.draft")
    other.submit(other.draft("beta.submitted"))
    world.ids["number"] = _number(session, world.shipments["certified"])
    world.ids["suspended_number"] = _number(session, world.shipments["suspended"])
    world.ids["bundle"] = f"000.p/{append.size(session)}"


def _cases(session: Session, world: World, now: datetime) -> None:
    """An open case, one that waits, a closed one, each on the suspended certificate, and a job that was given up."""
    officer, chief = world.people["authority.officer"], world.people["authority.supervisor"]
    for name in ("open_case", "waiting_case", "closed_case"):
        case = enforcement.open_case(session, title=LISTED, because=Because.REPORT, text=LISTED, actor=BY, now=now)
        enforcement.link_certificate(session, case, world.ids["suspended_number"], LISTED, actor=BY, now=now)
        enforcement.note(session, case, LISTED, agencies=[Agency.COMMERCE], actor=people.as_actor(officer), now=now)
        world.ids[name] = case.number
        if name == "waiting_case":
            enforcement.wait(session, case, LISTED, actor=people.as_actor(officer), now=now)
        elif name == "closed_case":
            enforcement.close(session, case, Outcome.UNFOUNDED, LISTED, by=chief, now=now)
    _endorsement(session, world, now)
    _machine(session, world, now)
    _key_report(session, world, now)
    publish.make(session, 1, issuer=keys.open_issuer(world.settings, now=now), now=utc_now())
    job = jobs.post(session, "unknown", {}, now=now)
    job.attempts = outbox.ATTEMPTS
    outbox.fail(session, job.id, LookupError(LISTED), now)
    world.ids["job"] = job.id
    _answered(session, world, now)


def _answered(session: Session, world: World, now: datetime) -> None:
    """The exporter of the suspended certificate has answered, with a file."""
    shipment = world.shipments["suspended"]
    certificate = conduct.certificate(session, shipment)
    assert certificate is not None
    event = suspension.answer(
        session, certificate, ALFA, "", by=world.people["alfa.compliance_officer"], now=now,
        files=[(picture("green"), "ALFA-ANSWER.png")], settings=world.settings,
    )  # fmt: skip
    world.ids["answer_file"] = event.details["files"][0]["id"]


def _key_report(session: Session, world: World, now: datetime) -> None:
    """The documents' key is reported by a supervisor who has left since, the seal's key is not."""
    register = compromise.opened_register(world.settings)
    key, other = (next(register.keys_for(use)) for use in ("documents", "seal"))
    chief = world.people["authority.chief"]
    made = key_reports.propose(session, key, since=now - timedelta(hours=1), reason=LISTED, by=chief, now=now)
    world.ids |= {"key": key.thumbprint, "other_key": other.thumbprint, "key_report": made.id}


def _machine(session: Session, world: World, now: datetime) -> None:
    wanted = machines.Wanted(
        LISTED, "CNSHA", machines.SCOPES, 60, world.people["authority.officer"], now + timedelta(days=30)
    )
    made, world.ids["token"] = machines.make(session, wanted, by=world.people["authority.supervisor"], now=now)
    world.ids["machine"] = made.id


def _endorsement(session: Session, world: World, now: datetime) -> None:
    """The suspended certificate was presented at a port all the same, which raises an alarm."""
    officer, number = world.people["authority.officer"], world.ids["suspended_number"]
    certificate = registry.find(session, number)
    assert certificate is not None
    line = endorse.left(session, certificate)[0]
    found = endorse.Presented(new_id(), number, LISTED[:40], "CNSHA", now, {line.number: ("1", line.unit)}, LISTED)
    outcome = endorse.record(session, found, by=officer, actor=people.as_actor(officer), now=now)
    world.ids["alarm"] = session.scalars(endorse.open_alarms(session)).one().id
    world.ids["line"], world.ids["unit"] = line.number, line.unit
    assert outcome.new


def _hits(session: Session, world: World, now: datetime) -> None:
    """Of the refused shipment's two hits: one explained with a file and proposed, one that nobody has taken up."""
    refused, officer = world.shipments["refused"], world.people["authority.officer"]
    proposed, untouched = sorted(row.pair for row in refused.hits)
    said = hits.explain(
        session, refused, proposed, ALFA, by=world.people["alfa.preparer"], now=now, settings=world.settings,
        file=(picture("grey"), "ALFA-ONLY.png"),
    )  # fmt: skip
    found = hits.live(session, refused, proposed, now.date())
    assert found is not None
    judged = adjudicate.propose(
        session, found[1], found[0].party, verdict=Verdict.SAME, reason=ALFA, evidence=ALFA,
        expires=now.date() + timedelta(days=60), actor=people.as_actor(officer), now=now,
    )  # fmt: skip
    world.ids |= {"hit": untouched, "explained_hit": proposed, "explanation": said.id, "judgement": judged.id}


def _number(session: Session, shipment: Shipment) -> str:
    found = conduct.certificate(session, shipment)
    assert found is not None, f"{shipment.reference} was to be certified and is {shipment.state}"
    return found.number


class _Desk:
    """The two people of an exporter at work."""

    def __init__(self, session: Session, world: World, now: datetime, short: str) -> None:
        self.session, self.world, self.now, self.short = session, world, now, short
        self.preparer = world.people[f"{short}.preparer"]
        self.officer = world.people[f"{short}.compliance_officer"]

    def bare(self, name: str) -> Shipment:
        reference = f"{name} {ALFA}"[:60] if self.short == "alfa" else f"BETA-{name}"
        home = self.preparer.organisation_id
        made = edit.create(self.session, organisation_id=home, reference=reference, by=self.preparer, now=self.now)
        self.world.shipments[name] = made
        return made

    def draft(self, name: str, case: str = "germanium-lens-blanks") -> Shipment:
        made = self.bare(name)
        given = cases.read(json.dumps(self._plain(case)).encode(), on=self.now.date())
        answers = intake.check_answers(given, self.now)
        intake.fill(
            self.session, made, given, answers, {}, by=self.preparer, now=self.now, settings=self.world.settings
        )
        documents.keep(
            self.session, made, data=picture(), filename=f"{self.short.upper()}-ONLY.png", kind="other",
            by=self.preparer, now=self.now, settings=self.world.settings, party=made.parties[0],
        )  # fmt: skip
        return made

    def _plain(self, case: str) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads((CASES / f"{case}.json").read_text("utf-8"))
        if self.short == "alfa":
            plain["shipment"]["contract"]["number"] = "ALFA-ONLY<b>"
            for each in (*plain["goods"], *plain["parties"]):
                each["name"] = f"{each['name']} {ALFA}"
            plain["answers"]["end_use"]["stated_end_use"] += ALFA
        return plain

    def submit(self, shipment: Shipment) -> None:
        left = conduct.submit(self.session, shipment, by=self.preparer, now=self.now)
        assert not left, left

    def attest(self, shipment: Shipment) -> None:
        self.submit(shipment)
        issuer = keys.open_issuer(self.world.settings, now=self.now)
        conduct.attest(
            self.session, shipment, officer=self.officer, now=self.now, issuer=issuer, settings=self.world.settings
        )


def picture(colour: str = "white") -> bytes:
    """A small PNG."""
    made = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(made, "PNG")
    return made.getvalue()


def nothing() -> uuid.UUID:
    """The id of nothing."""
    return uuid.UUID(int=0)
