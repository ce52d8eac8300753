"""Every page of the site on the demonstration: its address, and who looks at it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import invitations, machines, people, registration, reset
from portal.accounts.models import Organisation, Passkey, User
from portal.accounts.passwords import Cost
from portal.audit import Actor
from portal.authority import endorse, hits, key_reports, registry
from portal.authority.models import Case, CaseState
from portal.certificates import compromise, status
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.controls import catalogue, change, overlay
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change
from portal.db import new_id, utc_now
from portal.guidance import content
from portal.screening import restricted
from portal.screening.models import Adjudication
from portal.shipments import conduct, documents
from portal.shipments.models import PartyHit, Shipment
from tests.web.world import picture

BY = Actor.system("test")
# What is no page for people: files and answers for programs.
NO_PAGES = {
    "static", "web.health", "shipments.document", "shipments.certificate_file", "authority.document",
    "authority.certificate_file", "authority.explanation_file", "authority.answer_file", "answers.file",
    "authority.false_alerts_json",
    "shipments.explanation_file", "verification.trust_file", "status_lists.index", "status_lists.status_list",
    "verification.revocation_list", "verification.credential_context", "controls.measures_json",
    "api.openapi", "api.reason_codes", "api.problem", "api.certificate", "log.checkpoint", "log.tile",
    "offline.worker", "offline.reader", "offline.rules", "offline.manifest", "endorsements.pack",
}  # fmt: skip
# Reached only in the middle of something; the room's own tests and the journey see it.
ON_THE_WAY = {"accounts.sign_in_code"}
# Of a person who has a passkey, which signing in asks for: ``page_of_a_passkey`` makes it afterwards.
AFTER_SIGN_IN = {"accounts.remove_passkey"}
KEEPER = "preparer@xiangti.example"
STAFF, CHIEF = "officer@authority.example", "supervisor@authority.example"


@dataclass(frozen=True)
class Place:
    """One page. ``who`` is the address of the person who is signed in, "" for nobody."""

    endpoint: str
    path: str
    who: str = ""


def places(app: Flask, session: Session, settings: Settings, now: datetime) -> Iterator[Place]:
    """Every page once, some in several states. Puts on file what the demonstration lacks."""
    shown = {
        **_open_pages(session, now), **_own_pages(session, now), **_workspace(session, settings, now),
        **_authority(session, settings), **_controls(session, now),
    }  # fmt: skip
    session.commit()
    asked = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    missing = asked - set(shown) - NO_PAGES - ON_THE_WAY - AFTER_SIGN_IN
    assert not missing, f"new pages: add them to tests/browser/places.py: {sorted(missing)}"
    with app.test_request_context():
        for endpoint, visits in shown.items():
            for who, values in visits:
                yield Place(endpoint, app.url_for(endpoint, **values), who)


def page_of_a_passkey(app: Flask, session: Session, now: datetime) -> Place:
    """The page on which a person who has signed in removes a passkey."""
    clerk = session.scalars(select(User).where(User.email == KEEPER)).one()
    passkey = Passkey(user=clerk, name="Desk", credential_id="cGxhY2Vz", public_key=b"", created_at=now)
    session.add(passkey)
    session.commit()
    with app.test_request_context():
        return Place("accounts.remove_passkey", app.url_for("accounts.remove_passkey", passkey_id=passkey.id), KEEPER)


Visits = dict[str, list[tuple[str, dict[str, Any]]]]


def _open_pages(session: Session, now: datetime) -> Visits:
    clerk = session.scalars(select(User).where(User.email == KEEPER)).one()
    _invitation, token = invitations.invite(
        session, clerk.organisation, email="new@xiangti.example", roles=["preparer"], language="en", actor=BY, now=now
    )
    session.flush()
    begun = reset.begin(session, clerk.email, now=now)
    assert begun is not None
    link = registration.begin(session, "new@firm.example", now=now)
    states = {state: _certificate(session, state) for state in ("valid", "suspended", "revoked", "superseded")}
    return {
        "web.home": [("", {})],
        "web.accessibility": [("", {})],
        "web.privacy": [("", {})],
        "guidance.index": [("", {}), ("", {"q": "end user"}), ("", {"q": "nothing-like-it"})],
        "guidance.page": [("", {"slug": slug}) for slug in _slugs()],
        "verification.verify": [("", {})],
        "log.index": [("", {})],
        "offline.page": [("", {})],
        "verification.by_number": [("", {"number": one.number}) for one in states.values()]
        + [("", {"number": "DDC-2026-0999999-X"})],
        "accounts.sign_in": [("", {})],
        "accounts.register": [("", {})],
        "accounts.register_organisation": [("", {"token": link}), ("", {"token": "over"})],
        "accounts.forgotten_password": [("", {})],
        "accounts.reset_password": [("", {"token": begun[1]})],
        "accounts.invitation": [("", {"token": token})],
    }


def _slugs() -> list[str]:
    return [summary.slug for summary in content.summaries("en")]


def _own_pages(session: Session, now: datetime) -> Visits:
    clerk = session.scalars(select(User).where(User.email == KEEPER)).one()
    colleague = session.scalars(select(User).where(User.email == "officer@xiangti.example")).one()
    keeper = clerk.email
    return {
        "accounts.account": [(keeper, {})],
        "accounts.account_details": [(keeper, {})],
        "accounts.account_password": [(keeper, {})],
        "accounts.account_second_factor": [(keeper, {})],
        "accounts.account_second_factor_off": [(keeper, {})],
        "accounts.account_passkeys": [(keeper, {})],
        "accounts.add_passkey": [(keeper, {})],
        "accounts.organisation": [(keeper, {}), (CHIEF, {})],
        "accounts.organisation_details": [(keeper, {})],
        "accounts.invite": [(keeper, {})],
        "accounts.person": [(keeper, {"person_id": colleague.id})],
    }


def _workspace(session: Session, settings: Settings, now: datetime) -> Visits:
    """Pages of the workspace, each looked at by somebody of the exporter that has a shipment in the right state."""
    draft = _shipment(session, "draft", goods=True)
    clerk = session.get_one(User, draft.created_by)
    filed = documents.keep(
        session, draft, data=picture(), filename="检测报告.png", kind="other", by=clerk, now=now, settings=settings
    )
    submitted, returned = _shipment(session, "submitted"), _shipment(session, "returned")
    certified, referred = _shipment(session, "certified"), _shipment(session, "referred")
    refused, withdrawn = _shipment(session, "refused"), _shipment(session, "withdrawn")
    empty = _shipment(session, "draft", goods=False)

    def of(shipment: Shipment, **more: Any) -> tuple[str, dict[str, Any]]:
        return _person(session, shipment, "preparer"), {"shipment_id": shipment.id, **more}

    def officer(shipment: Shipment) -> tuple[str, dict[str, Any]]:
        return _person(session, shipment, "compliance_officer"), {"shipment_id": shipment.id}

    met = _hit(session)
    line, party = draft.goods[0].id, draft.parties[0].id
    question = {"name": "end-use", "section": "goods_need", "page": "item_fate", "item": str(line)}
    return {
        "shipments.index": [(clerk.email, {}), (officer(submitted)[0], {}), (clerk.email, {"q": "none"})],
        "shipments.new": [(clerk.email, {})],
        "shipments.shipment": [
            of(each) for each in (draft, empty, submitted, returned, certified, referred, refused, withdrawn)
        ] + [officer(submitted)],
        "shipments.contract": [of(draft)],
        "shipments.route": [of(draft)],
        "shipments.licence": [of(draft)],
        "shipments.goods": [of(draft), of(empty)],
        "shipments.add_goods": [of(draft)],
        "shipments.change_goods": [of(draft, line_id=line)],
        "shipments.goods_control": [of(draft, line_id=line)],
        "shipments.remove_goods": [of(draft, line_id=line)],
        "shipments.parties": [of(draft), of(empty)],
        "shipments.add_party": [of(draft)],
        "shipments.change_party": [of(draft, party_id=party)],
        "shipments.remove_party": [of(draft, party_id=party)],
        "shipments.documents": [of(draft), of(empty)],
        "shipments.add_document": [of(draft)],
        "shipments.remove_document": [of(draft, document_id=filed.id)],
        "shipments.questionnaire": [of(draft, name="end-use"), of(empty, name="end-user")],
        "shipments.questionnaire_answers": [of(draft, name="end-use")],
        "shipments.question_page": [
            of(draft, **question), of(draft, name="end-use", section="use", page="stated_use"),
            of(draft, name="end-use", section="use", page="grave_uses"),
        ],
        "shipments.check": [of(draft), of(empty)],
        "shipments.withdraw": [of(draft)],
        "shipments.attest": [officer(submitted)],
        "shipments.return_shipment": [officer(submitted)],
        "shipments.hit": [of(met.shipment, pair=met.pair)],
        "shipments.decision": [of(certified), of(referred), of(refused)],
        "shipments.file": [of(certified)],
        "shipments.history": [of(certified)],
        "shipments.amend": [of(certified)],
    }  # fmt: skip


def _shipment(session: Session, state: str, *, goods: bool | None = None) -> Shipment:
    found = session.scalars(select(Shipment).where(Shipment.state == state).order_by(Shipment.created_at.desc()))
    for each in found:
        if goods is None or bool(each.goods) == goods:
            if state == "certified" and _state_of(session, each) != "valid":
                continue
            return each
    raise AssertionError(f"the demonstration has no shipment that is {state}")


def _state_of(session: Session, shipment: Shipment) -> str:
    found = conduct.certificate(session, shipment)
    newer = session.scalars(select(Shipment).where(Shipment.previous_id == shipment.id)).first()
    return status.current(session, found, utc_now()).state if found and not newer else ""


def _person(session: Session, shipment: Shipment, role: str) -> str:
    home: Organisation = session.get_one(Organisation, shipment.organisation_id)
    return next(person.email for person in home.people if person.active and person.has_role(role))


def _certificate(session: Session, state: str) -> Certificate:
    for each in session.scalars(select(Certificate)):
        if status.current(session, each, utc_now()).state == state:
            return each
    raise AssertionError(f"the demonstration has no certificate that is {state}")


def _alarm(session: Session, number: str) -> uuid.UUID:
    """An alarm: a certificate was presented while it was suspended."""
    officer = session.scalars(select(User).where(User.email == STAFF)).one()
    certificate = registry.find(session, number)
    assert certificate is not None
    line, moment = endorse.left(session, certificate)[0], utc_now()
    found = endorse.Presented(
        new_id(), number, "223120260000123456", "CNSHA", moment, {line.number: ("1", line.unit)}, "王海", "3号窗口"
    )
    endorse.record(session, found, by=officer, actor=people.as_actor(officer), now=moment)
    raised: uuid.UUID = session.scalars(endorse.open_alarms(session)).first().id
    return raised


def _keys(session: Session, settings: Settings) -> Visits:
    """A key that was reported and waits for a second supervisor, and one of which there is nothing to tell."""
    chief = session.scalars(select(User).where(User.email == CHIEF)).one()
    moment = utc_now()
    other = people.add(
        session, chief.organisation, email="second@authority.example", name="王主管", position="主管",
        roles=["supervisor"], password="glass river under moss", language="zh", now=moment, actor=BY,
        cost=Cost(passes=1, memory=8, lanes=1),
    )  # fmt: skip
    seal, key = (next(compromise.opened_register(settings).keys_for(use)) for use in ("seal", "documents"))
    reported = key_reports.propose(session, key, since=moment - timedelta(days=1), reason="遗失", by=other, now=moment)
    return {
        "authority.keys": [(CHIEF, {}), (STAFF, {})],
        "authority.key": [(CHIEF, {"thumbprint": key.thumbprint}), (STAFF, {"thumbprint": seal.thumbprint})],
        "authority.report_key": [(CHIEF, {"thumbprint": seal.thumbprint})],
        "authority.decide_key": [(CHIEF, {"report_id": reported.id})],
    }


def _machines(session: Session) -> Visits:
    chief = session.scalars(select(User).where(User.email == CHIEF)).one()
    moment = utc_now()
    wanted = machines.Wanted("3号卡口", "CNSHA", machines.SCOPES, 60, chief, moment + timedelta(days=30))
    made, _ = machines.make(session, wanted, by=chief, now=moment)
    machines.count(session, made.id, "verify", 3, moment)
    one = {"credential_id": made.id}
    return {
        "authority.machines": [(CHIEF, {}), (STAFF, {})],
        "authority.machine": [(CHIEF, one)],
        "authority.new_machine": [(CHIEF, {})],
        "authority.rotate_machine": [(CHIEF, one)],
    }


def _authority(session: Session, settings: Settings) -> Visits:
    valid, suspended = _certificate(session, "valid").number, _certificate(session, "suspended").number
    entry: uuid.UUID = restricted.entries(session)[0].id
    met = _hit(session)
    hit = {"shipment_id": met.shipment_id, "pair": met.pair}
    judged = {"judgement_id": session.scalars(select(Adjudication.id).where(Adjudication.state == "proposed")).first()}
    return {
        "authority.index": [(STAFF, {})],
        "authority.certificates": [(STAFF, {}), (STAFF, {"q": "nothing-like-it"})],
        "authority.certificate": [(STAFF, {"number": valid}), (STAFF, {"number": suspended})],
        "authority.change": [
            (STAFF, {"number": valid, "deed": "revoke"}), (STAFF, {"number": suspended, "deed": "reinstate"}),
        ],
        "authority.endorse_certificate": [(STAFF, {"number": valid})],
        "authority.endorsements": [(STAFF, {})],
        "authority.endorsement_alarm": [(STAFF, {"alarm_id": _alarm(session, suspended)})],
        **_machines(session), **_keys(session, settings),
        "authority.referrals": [(STAFF, {})],
        "authority.referral": [(STAFF, {"shipment_id": _shipment(session, "referred").id})],
        "authority.hits": [(STAFF, {}), (STAFF, {"q": "nothing-like-it"})],
        "authority.hit": [(STAFF, hit)],
        "authority.judgements": [(STAFF, {}), (STAFF, {"q": "nothing-like-it"})],
        "authority.judgement": [(STAFF, judged), (CHIEF, judged)],
        "authority.false_alerts": [(STAFF, {})],
        "authority.restricted": [(CHIEF, {})],
        "authority.restricted_add": [(STAFF, {})],
        "authority.restricted_remove": [(CHIEF, {"entry_id": entry})],
        "authority.lists": [(STAFF, {})],
        "authority.list_history": [(STAFF, {"source": "un"}), (CHIEF, {"source": "cn"})],
        "authority.list_load": [(CHIEF, {"source": "cn"})],
        "authority.trail": [(CHIEF, {}), (CHIEF, {"check": "yes"})],
        **_cases(session),
    }  # fmt: skip


def _cases(session: Session) -> Visits:
    open_one = session.scalars(select(Case).where(Case.state != CaseState.CLOSED).order_by(Case.number)).first()
    closed = session.scalars(select(Case).where(Case.state == CaseState.CLOSED).order_by(Case.number)).first()
    assert open_one, "the demonstration has no open case"
    assert closed, "the demonstration has no closed case"
    number, over = {"number": open_one.number}, {"number": closed.number}
    suspended = _certificate(session, "suspended")
    exporter = _person(session, session.get_one(Shipment, suspended.subject_id), "compliance_officer")
    return {
        "authority.cases": [(STAFF, {}), (STAFF, {"q": "nothing-like-it"})],
        "authority.case": [(CHIEF, number), (CHIEF, over)],
        "authority.open_case": [(STAFF, {})],
        "authority.case_note": [(STAFF, number)],
        "authority.case_link": [(STAFF, number)],
        "authority.case_assign": [(STAFF, number)],
        "authority.case_state": [(STAFF, {**number, "deed": "wait"})],
        "authority.case_close": [(CHIEF, number)],
        "authority.case_reopen": [(CHIEF, over)],
        "authority.jobs": [(CHIEF, {})],
        "answers.page": [(exporter, {"shipment_id": suspended.subject_id})],
    }


def _hit(session: Session) -> PartyHit:
    """A hit that waits to be judged."""
    return session.scalars(hits.queue(utc_now().date())).first() or session.scalars(select(PartyHit)).one()


def _controls(session: Session, now: datetime) -> Visits:
    officer = session.scalars(select(User).where(User.email == STAFF)).one()
    compared = Change("57/2025", ChangeKind.CHECK, now.date(), None, "", "", "Gazette", "V")
    drafted = change.draft(session, compared, reason="Compared", by=officer, now=now)
    found = [measure.number for measure in catalogue.newest_first(overlay.current(session, now), "")]
    return {
        "controls.index": [("", {}), ("", {"element": "Ge"}), (STAFF, {})],
        "controls.measure": [("", {"name": catalogue.slug(number)}) for number in found[:2]],
        "controls.assistant": [
            ("", {}), ("", {"text": "gallium arsenide wafer"}), ("", {"text": "Sb2O3", "step": "values"}),
            ("", {"text": "germanium lens blanks", "step": "answer"}), ("", {"text": "umbrella"}),
        ],
        "controls.changes": [(STAFF, {}), (CHIEF, {})],
        "controls.one_change": [(STAFF, {"change_id": drafted.id}), (CHIEF, {"change_id": drafted.id})],
        "controls.new_measure": [(STAFF, {})],
        "controls.draft_change": [(STAFF, {"name": "2024-46"})],
    }  # fmt: skip
