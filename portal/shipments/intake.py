"""Put a case file on file: its exporter and people, then the shipment with goods, parties, answers and documents."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import Organisation, Role, User
from portal.config import Settings
from portal.questionnaires import case as question_case
from portal.questionnaires import model
from portal.questionnaires.path import Item, Key
from portal.shipments import answers, conduct, documents, edit, find
from portal.shipments.case import Case, CaseDocument, CaseRefused, Person
from portal.shipments.models import GoodsLine, Party, Shipment
from portal.shipments.states import DocumentRefused, ShipmentRefused, State
from portal.text import Text

MEMBERS = {"end-use": "end_use", "end-user": "end_user"}
NO_PASSWORD = "!"  # noqa: S105 - marks an account that nobody can sign in to
Files = Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two people of a case."""

    preparer: User
    officer: User


def check_answers(case: Case, now: datetime) -> dict[str, dict[Key, Any]]:
    """The answers to both questionnaires, keyed by the numbers of the goods lines. Raises ``CaseRefused``."""
    items = {
        "goods": [
            Item(str(at), Text(goods.name, goods.name_zh or goods.name)) for at, goods in enumerate(case.goods, 1)
        ],
        "parties": [Item(str(at), Text(party.name, party.name)) for at, party in enumerate(case.parties, 1)],
    }
    found: dict[str, dict[Key, Any]] = {}
    faults: list[str] = []
    for name, member in MEMBERS.items():
        try:
            found[name] = question_case.validate_case(
                model.load(name),
                getattr(case.answers, member),
                items,
                today=now.date(),
                meta={"today": now.date().isoformat()},
                at=f"$.answers.{member}",
            )
        except question_case.AnswerError as error:
            faults += [str(fault) for fault in error.faults]
    if faults:
        raise CaseRefused(faults)
    return found


def read_files(case: Case, folder: Path, settings: Settings) -> dict[int, bytes]:
    """The bytes of the case's documents by their index, read from below the case's folder. Raises ``CaseRefused``."""
    found: dict[int, bytes] = {}
    faults: list[str] = []
    for index, document in enumerate(case.documents):
        try:
            found[index] = _read(document, folder.resolve(), settings.upload_limit)
        except (OSError, ValueError) as error:
            why = "the file cannot be read" if isinstance(error, OSError) else str(error)
            faults.append(f"$.documents[{index}].path: {document.path}: {why}")
    if faults:
        raise CaseRefused(faults)
    return found


def organisation(session: Session, case: Case, now: datetime) -> Organisation:
    """The exporter with the case's identifier, put on file when it is not there yet."""
    exporter = case.exporter
    found = session.scalars(select(Organisation).where(Organisation.identifier == exporter.identifier.value)).first()
    if found is not None:
        if found.kind != "exporter":
            raise CaseRefused(["$.exporter.identifier.value: this identifier is not that of an exporter"])
        return found
    made = Organisation(
        kind="exporter",
        name=exporter.name,
        name_en=exporter.name_en,
        country=exporter.country,
        identifier_scheme=exporter.identifier.scheme,
        identifier=exporter.identifier.value,
        address=exporter.address,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, made, "organisation.registered", f"organisation:{made.id}", now, {"name": made.name})
    return made


def people(session: Session, home: Organisation, case: Case, now: datetime) -> Pair:
    """The case's two people in their organisation, put on file when they are not there yet."""
    return Pair(
        _person(session, home, case.preparer, Role.PREPARER, now),
        _person(session, home, case.compliance_officer, Role.COMPLIANCE_OFFICER, now),
    )


def begin(session: Session, home: Organisation, reference: str, pair: Pair, now: datetime) -> Shipment:
    """An empty draft under the reference: new, or the next revision of a shipment that is no longer open.

    Raises ``ShipmentRefused`` while one is open: a referral cannot be left behind by handing the case in again.
    """
    same = (Shipment.organisation_id == home.id, Shipment.reference == reference)
    newest = session.scalars(select(Shipment).where(*same).order_by(Shipment.revision.desc()).limit(1)).first()
    if newest is None or newest.state != State.CERTIFIED:
        return edit.create(session, organisation_id=home.id, reference=reference, by=pair.preparer, now=now)
    draft = conduct.amend(session, newest, by=pair.preparer, now=now)
    for line in draft.goods:
        edit.remove_goods(session, line, by=pair.preparer, now=now)
    for party in draft.parties:
        edit.remove_party(session, party, by=pair.preparer, now=now)
    for document in draft.documents:
        documents.remove(session, document, by=pair.preparer, now=now)
    return draft


def fill(
    session: Session,
    draft: Shipment,
    case: Case,
    given: Mapping[str, Mapping[Key, Any]],
    files: Files,
    *,
    by: User,
    now: datetime,
    settings: Settings,
) -> None:
    """Put everything of the case into the draft. Raises ``CaseRefused`` for a document that is not taken."""
    edit.set_contract(session, draft, case.shipment.contract, by=by, now=now)
    edit.set_route(session, draft, case.shipment.route, by=by, now=now)
    edit.set_licence(session, draft, case.shipment.licence, by=by, now=now)
    goods = [edit.add_goods(session, draft, entry, by=by, now=now) for entry in case.goods]
    parties = [edit.add_party(session, draft, entry, by=by, now=now) for entry in case.parties]
    for name, values in given.items():
        renamed = {
            (question, _item(name, question, item, goods, parties)): value for (question, item), value in values.items()
        }
        answers.save(session, draft, name, renamed, by=by, now=now)
    for index, document in enumerate(case.documents):
        try:
            documents.keep(
                session,
                draft,
                data=files[index],
                filename=document.path,
                kind=document.kind,
                by=by,
                now=now,
                settings=settings,
                party=parties[document.party] if document.party is not None else None,
                goods=goods[document.goods] if document.goods is not None else None,
            )
        except DocumentRefused as refused:
            raise CaseRefused([f"$.documents[{index}].path: {document.path}: {refused.reason.en}"]) from None


def standing(session: Session, home: Organisation, reference: str) -> Shipment | None:
    """The newest shipment of the organisation under this reference."""
    found = session.scalars(find.of_organisation(home.id).where(Shipment.reference == reference)).all()
    return max(found, key=lambda shipment: shipment.revision, default=None)


def _item(name: str, question: str, item: str, goods: list[GoodsLine], parties: list[Party]) -> str:
    """The id of the goods line or party that the case names by its number."""
    if not item:
        return ""
    section = model.load(name).section_of(question)
    items: list[Any] = list(parties) if section is not None and section.repeat == "parties" else list(goods)
    return str(items[int(item) - 1].id)


def _read(document: CaseDocument, folder: Path, limit: int) -> bytes:
    path = (folder / document.path).resolve()
    if not path.is_relative_to(folder):
        raise ValueError("it lies outside the folder of the case")
    if not path.is_file():
        raise ValueError("there is no such file")
    if path.stat().st_size > limit:
        raise ValueError(f"it is larger than {limit} bytes")
    data = path.read_bytes()
    if document.sha256 is not None and hashlib.sha256(data).hexdigest() != document.sha256:
        raise ValueError("its SHA-256 is another one than the case names")
    return data


def _person(session: Session, home: Organisation, person: Person, role: Role, now: datetime) -> User:
    named = select(User).where(User.organisation_id == home.id, User.name == person.name).order_by(User.created_at)
    for user in session.scalars(named):
        if user.has_role(role):
            return user
    made = User(
        organisation=home,
        email=f"{uuid.uuid4().hex}@case.invalid",
        name=person.name,
        position=person.position,
        role_names=[role.value],
        password_hash=NO_PASSWORD,
        active=False,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, home, "person.named", f"person:{made.id}", now, {"role": role.value})
    return made


def _record(
    session: Session, home: Organisation, verb: str, subject: str, now: datetime, details: Mapping[str, Any]
) -> None:
    actor = audit.Actor.command("portal certify")
    audit.record(session, actor=actor, verb=verb, subject=subject, now=now, details=details, organisation_id=home.id)


def refused(shipment: Shipment) -> ShipmentRefused:
    """Why an open shipment under the case's reference bars the case."""
    if shipment.state == State.REFERRED:
        return ShipmentRefused(
            Text(
                "This shipment is referred to the authority; it stays so until the authority has settled it.",
                "该货物批次已移送主管部门审查，处理完毕前不再受理。",
            )
        )
    return ShipmentRefused(
        Text(
            "A shipment with this reference is open on the portal; finish or withdraw it there.",
            "平台上存在使用该编号且尚未办结的货物批次，请先办结或撤回。",
        )
    )
