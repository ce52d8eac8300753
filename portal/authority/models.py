"""Tables of cases: the file, its timeline, what it is about, and the hits that opened it."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

import portal.authority.endorsement_models  # noqa: F401 - tables of this room too
from portal.accounts.models import User
from portal.db import Base, new_id


class CaseState(StrEnum):
    """Whether a case is worked on, waits for somebody outside, or is closed."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Because(StrEnum):
    """Why a case was opened: a hit on a list, a report from outside, an officer's own finding, endorsements of a
    certificate that contradict one another, or a measure under which live certificates are judged more strictly.
    """

    HIT = "hit"
    REPORT = "report"
    OFFICER = "officer"
    ENDORSEMENT = "endorsement"
    MEASURE = "measure"


class Agency(StrEnum):
    """Who works on a case: the commerce authority that runs the portal, customs, or the police."""

    COMMERCE = "commerce"
    CUSTOMS = "customs"
    POLICE = "police"


class Outcome(StrEnum):
    """What came of a closed case."""

    UNFOUNDED = "unfounded"
    REMEDIED = "remedied"
    SANCTIONED = "sanctioned"
    HANDED_OVER = "handed_over"


class EventKind(StrEnum):
    """What one line of the timeline tells."""

    OPENED = "opened"
    HIT = "hit"
    SUSPENDED = "suspended"
    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    LINKED = "linked"
    NOTE = "note"
    ANSWER = "answer"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"


class LinkKind(StrEnum):
    """What a case may be about."""

    CERTIFICATE = "certificate"
    SHIPMENT = "shipment"
    PARTY = "party"
    ENTRY = "entry"


class CaseSequence(Base):
    """How many cases a year has had."""

    __tablename__ = "case_sequence"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Case(Base):
    """One enforcement file. ``topic`` is the list entry ("source:number"), certificate or measure it is about, or "".

    No two cases that are not closed have one topic.
    """

    __tablename__ = "enforcement_case"
    __table_args__ = (
        Index("ix_enforcement_case_state_updated_at", "state", "updated_at"),
        Index(
            "uq_enforcement_case_topic",
            "topic",
            unique=True,
            sqlite_where=text("state != 'closed' AND topic != ''"),
            postgresql_where=text("state != 'closed' AND topic != ''"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    topic: Mapped[str] = mapped_column(String(140), default="")
    because: Mapped[Because] = mapped_column(String(16))
    state: Mapped[CaseState] = mapped_column(String(16), default=CaseState.OPEN)
    agency: Mapped[Agency] = mapped_column(String(16), default=Agency.COMMERCE)
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[Outcome | None] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    assignee: Mapped[User | None] = relationship()
    events: Mapped[list["CaseEvent"]] = relationship(back_populates="case", order_by="CaseEvent.sequence")
    links: Mapped[list["CaseLink"]] = relationship(
        back_populates="case", order_by="(CaseLink.kind, CaseLink.linked_at, CaseLink.id)"
    )
    hits: Mapped[list["CaseHit"]] = relationship(back_populates="case", order_by="(CaseHit.found_at, CaseHit.id)")


class CaseEvent(Base):
    """One line of a case's timeline; lines are added and never changed.

    ``text`` is in the words of whoever wrote it, ``details`` what the portal itself has to tell. ``agencies`` names
    those that may read it; empty means all.
    """

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "sequence"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enforcement_case.id"))
    sequence: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(String(16))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    agencies: Mapped[list[str]] = mapped_column(JSON, default=list)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(200))

    case: Mapped[Case] = relationship(back_populates="events")


class CaseLink(Base):
    """Something that a case is about: ``reference`` is its number or identity, ``label`` the name it is shown by."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "reference"),
        Index("ix_case_link_kind_reference", "kind", "reference"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enforcement_case.id"))
    kind: Mapped[LinkKind] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(140))
    label: Mapped[str] = mapped_column(String(300))
    linked_at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="links")


class CaseHit(Base):
    """One party of a shipment met on a list, as it was found. ``mark`` keeps the same finding from being told twice.

    ``certificate`` is the number of the shipment's certificate, "" for a shipment that has none yet. ``strength`` is
    "match" or "possible"; ``pair`` names party and entry (``Hit.key``) for a judgement by two people.
    """

    __tablename__ = "case_hit"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enforcement_case.id"), index=True)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    shipment_id: Mapped[uuid.UUID] = mapped_column(index=True)
    certificate: Mapped[str] = mapped_column(String(24), index=True)
    party: Mapped[str] = mapped_column(String(300))
    roles: Mapped[list[str]] = mapped_column(JSON)
    pair: Mapped[str] = mapped_column(String(32), index=True)
    source: Mapped[str] = mapped_column(String(32))
    entry: Mapped[str] = mapped_column(String(96))
    edition: Mapped[str] = mapped_column(String(64))
    listed: Mapped[str] = mapped_column(String(500))
    score: Mapped[float]
    strength: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    why: Mapped[dict[str, str]] = mapped_column(JSON)
    found_at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="hits")


class AnswerFile(Base):
    """A file that an exporter attached to an answer about a certificate; the case's line names it by ``id``.

    ``stored`` is where its bytes lie (``shipments.documents``). It is never taken back, like the answer itself.
    """

    __tablename__ = "answer_file"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(200))
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime]


class ReportState(StrEnum):
    """Whether a report that a key may be in other hands waits, or what another supervisor said to it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class KeyReport(Base):
    """One supervisor's word that a key may be in other hands since a moment; it counts once another one confirms it.

    ``case_number`` is the case with the certificates that the confirmed report casts doubt on.
    """

    __tablename__ = "key_report"
    __table_args__ = (Index("ix_key_report_thumbprint_proposed_at", "thumbprint", "proposed_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    thumbprint: Mapped[str] = mapped_column(String(43))
    since: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[ReportState] = mapped_column(String(12), default=ReportState.PROPOSED)
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    case_number: Mapped[str] = mapped_column(String(24), default="")

    proposer: Mapped[User] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])
