"""What audit events are about, by the names that people know: a shipment's reference, a person, a file."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.models import Organisation, User
from portal.audit import words
from portal.audit.models import AuditEvent
from portal.questionnaires.models import Submission
from portal.screening import sources
from portal.screening.models import Adjudication, ListEntry, ListName
from portal.shipments.models import Document, Shipment
from portal.text import Text


def named(session: Session, events: Iterable[AuditEvent]) -> dict[str, Text]:
    """Each event's subject in words. One whose row is not found keeps its identifier: an event is never hidden."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for event in events:
        kind, _, identifier = event.subject.partition(":")
        wanted[kind].append(identifier)
    found = {
        f"{kind}:{one}": words.subject(f"{kind}:{one}") for kind, identifiers in wanted.items() for one in identifiers
    }
    for kind, identifiers in wanted.items():
        for one, name in _names(session, kind, identifiers):
            found[f"{kind}:{one}"] = words.subject(f"{kind}:{name}")
    for one in wanted["list"]:
        if (source := sources.sources().get(one)) is not None:
            found[f"list:{one}"] = source.title
    return found


def _names(session: Session, kind: str, identifiers: list[str]) -> Iterator[tuple[str, str]]:
    ids = [found for identifier in identifiers if (found := _id(identifier))]
    columns: dict[str, tuple[InstrumentedAttribute[uuid.UUID], InstrumentedAttribute[str]]] = {
        "person": (User.id, User.name),
        "organisation": (Organisation.id, Organisation.name),
        "document": (Document.id, Document.filename),
        "adjudication": (Adjudication.id, Adjudication.party),
    }
    if kind in columns:
        key, name = columns[kind]
        for found, text in session.execute(select(key, name).where(key.in_(ids))):
            yield str(found), text
    elif kind == "shipment":
        shipments = select(Shipment.id, Shipment.reference, Organisation.name).join(Shipment.organisation)
        for found, reference, owner in session.execute(shipments.where(Shipment.id.in_(ids))):
            yield str(found), f"{reference} ({owner})"
    elif kind == "submission":
        answered = select(Submission.id, Submission.questionnaire_id, Shipment.reference)
        answered = answered.join(Shipment, Shipment.id == Submission.owner_id)
        for found, questionnaire, reference in session.execute(answered.where(Submission.id.in_(ids))):
            yield str(found), f"{questionnaire}, {reference}"
    elif kind == "list-entry":
        listed = select(ListEntry.uid, ListName.name).join(ListName, ListName.entry_id == ListEntry.id)
        chosen = listed.where(ListEntry.uid.in_(identifiers), ListName.position == 0)
        for row in session.execute(chosen):
            yield row[0], row[1]


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
