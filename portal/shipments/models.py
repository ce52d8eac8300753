"""Tables of shipments: what is sent, by and to whom, what was judged, attested and decided."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from portal.accounts.models import Organisation, User
from portal.db import Base, new_id
from portal.shipments.states import State


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number kept as text, since SQLite would make a binary fraction of it."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Shipment(Base):
    """One consignment under one contract, in one revision.

    ``version`` rises with every change, and a change based on an older one fails. ``editors`` holds the ids of all
    who changed this revision: none of them may attest it. ``previous_id`` is the revision that this one amends.
    ``case_digest`` is the SHA-256 of the case file that it was read from, empty for one entered on the site.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "reference", "revision"),
        Index("ix_shipment_organisation_id_state_updated_at", "organisation_id", "state", "updated_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    reference: Mapped[str] = mapped_column(String(60))
    revision: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shipment.id"), index=True)
    state: Mapped[State] = mapped_column(String(16), default=State.DRAFT)
    version: Mapped[int] = mapped_column(default=1)

    contract_number: Mapped[str] = mapped_column(String(100), default="")
    contract_date: Mapped[date | None]
    incoterm: Mapped[str] = mapped_column(String(3), default="")

    departure: Mapped[str] = mapped_column(String(2), default="")
    departure_port: Mapped[str] = mapped_column(String(100), default="")
    transit: Mapped[list[str]] = mapped_column(JSON, default=list)
    destination: Mapped[str] = mapped_column(String(2), default="")
    mode: Mapped[str] = mapped_column(String(8), default="")
    planned_on: Mapped[date | None]

    licence_number: Mapped[str] = mapped_column(String(100), default="")
    licence_issuer: Mapped[str] = mapped_column(String(200), default="")
    licence_valid_until: Mapped[date | None]
    licence_scope: Mapped[str] = mapped_column(String(8), default="")
    licence_quantity_left: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    licence_unit: Mapped[str] = mapped_column(String(3), default="")

    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    editors: Mapped[list[str]] = mapped_column(JSON, default=list)
    submitted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(Text, default="")
    attested_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    case_digest: Mapped[str] = mapped_column(String(64), default="")

    organisation: Mapped[Organisation] = relationship()
    creator: Mapped[User] = relationship(foreign_keys=[created_by])
    submitter: Mapped[User | None] = relationship(foreign_keys=[submitted_by])
    previous: Mapped["Shipment | None"] = relationship(remote_side=[id])
    all_goods: Mapped[list["GoodsLine"]] = relationship(back_populates="shipment", order_by="GoodsLine.line")
    all_parties: Mapped[list["Party"]] = relationship(back_populates="shipment", order_by="Party.position")
    all_documents: Mapped[list["Document"]] = relationship(
        back_populates="shipment", order_by="(Document.uploaded_at, Document.id)"
    )
    assessments: Mapped[list["Assessment"]] = relationship(back_populates="shipment", order_by="Assessment.made_at")
    attestations: Mapped[list["Attestation"]] = relationship(back_populates="shipment", order_by="Attestation.at")
    decisions: Mapped[list["Decision"]] = relationship(back_populates="shipment", order_by="Decision.sequence")
    hits: Mapped[list["PartyHit"]] = relationship(back_populates="shipment", order_by="PartyHit.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it off the class

    @property
    def goods(self) -> list["GoodsLine"]:
        """The goods lines that count, in order of their numbers."""
        return sorted((line for line in self.all_goods if line.removed_at is None), key=lambda line: line.line)

    @property
    def parties(self) -> list["Party"]:
        """The parties that count, in the order in which they were entered."""
        return sorted((party for party in self.all_parties if party.removed_at is None), key=lambda p: p.position)

    @property
    def documents(self) -> list["Document"]:
        """The documents that count."""
        return [document for document in self.all_documents if document.removed_at is None]

    @property
    def decision(self) -> "Decision | None":
        """The newest decision; a referral may have been settled after it."""
        return max(self.decisions, key=lambda decision: decision.sequence, default=None)

    @property
    def assessment(self) -> "Assessment | None":
        """The newest stored assessment."""
        return self.assessments[-1] if self.assessments else None


class GoodsLine(Base):
    """One line of goods. ``quantity`` in ``unit`` (UN/ECE Rec. 20), ``net_weight_kg`` in kilograms.

    Its id is also the item id under which a repeated question is answered. A removed line stays, dated.
    """

    __tablename__ = "goods_line"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    line: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    name_zh: Mapped[str] = mapped_column(String(300), default="")
    element: Mapped[str] = mapped_column(String(8))
    chemical_form: Mapped[str] = mapped_column(String(200), default="")
    purity: Mapped[str] = mapped_column(String(100), default="")
    particle_size: Mapped[str] = mapped_column(String(100), default="")
    hs_code: Mapped[str] = mapped_column(String(10))
    control_code: Mapped[str] = mapped_column(String(40), default="")
    quantity: Mapped[Decimal] = mapped_column(ExactDecimal)
    unit: Mapped[str] = mapped_column(String(3))
    net_weight_kg: Mapped[Decimal] = mapped_column(ExactDecimal)
    value: Mapped[Decimal] = mapped_column(ExactDecimal)
    currency: Mapped[str] = mapped_column(String(3))
    origin: Mapped[str] = mapped_column(String(2))
    removed_at: Mapped[datetime | None]

    shipment: Mapped[Shipment] = relationship(back_populates="all_goods")


class Party(Base):
    """An organisation or person with one or more roles. A removed party expires, it is never erased.

    ``identifiers`` maps a scheme (uscc, lei, registration, imo, bic) to its value. ``owners`` holds
    ``{"name": …, "percent": "50", "country": …}`` with its other names and number, and under ``owners`` those who own
    it in turn; an empty ``percent`` is a share that is not known. ``vessel`` and ``vessel_imo`` name a carrier's ship.
    """

    __tablename__ = "shipment_party"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    position: Mapped[int]
    roles: Mapped[list[str]] = mapped_column(JSON)
    name: Mapped[str] = mapped_column(String(200))
    name_native: Mapped[str] = mapped_column(String(200), default="")
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    former_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    country: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(String(500), default="")
    identifiers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    owners: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    vessel: Mapped[str] = mapped_column(String(200), default="")
    vessel_imo: Mapped[str] = mapped_column(String(20), default="")
    removed_at: Mapped[datetime | None]

    shipment: Mapped[Shipment] = relationship(back_populates="all_parties")


class Document(Base):
    """One uploaded file: what it is, and where its bytes lie under the instance folder (``stored``)."""

    __tablename__ = "shipment_document"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    stored: Mapped[str] = mapped_column(String(200))
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shipment_party.id"))
    goods_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("goods_line.id"))
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    shipment: Mapped[Shipment] = relationship(back_populates="all_documents")
    party: Mapped[Party | None] = relationship()
    goods: Mapped[GoodsLine | None] = relationship()


class Assessment(Base):
    """Everything that a judgement was made from and what it gave, so that it can be replayed years later.

    ``digest`` is the SHA-256 of facts, questionnaires, lists, controls, policy and result in canonical JSON.
    """

    __tablename__ = "shipment_assessment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    made_at: Mapped[datetime]
    policy_id: Mapped[str] = mapped_column(String(80))
    policy_version: Mapped[str] = mapped_column(String(40))
    policy_digest: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    questionnaires: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    answers_digest: Mapped[str] = mapped_column(String(64))
    lists: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    controls: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    outcome: Mapped[str] = mapped_column(String(16))
    band: Mapped[str] = mapped_column(String(16))
    points: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))

    shipment: Mapped[Shipment] = relationship(back_populates="assessments")


class Attestation(Base):
    """The compliance officer's signed word. ``digest`` is of the shipment and answers as they stood then.

    ``evidence`` is what the officer's passkey signed, as the statement carries it (``certificates.attested``).
    """

    __tablename__ = "shipment_attestation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    officer_name: Mapped[str] = mapped_column(String(120))
    position: Mapped[str] = mapped_column(String(120))
    text_version: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    passkey_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("passkey.id"))
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    shipment: Mapped[Shipment] = relationship(back_populates="attestations")


class Decision(Base):
    """What came of the assessment, why, and the number of the certificate where there is one.

    ``reasons`` holds ``{"en": …, "zh": …}``. ``sequence`` counts from 1; a settled referral has two decisions.
    """

    __tablename__ = "shipment_decision"
    __table_args__ = (UniqueConstraint("shipment_id", "sequence"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment_assessment.id"))
    sequence: Mapped[int]
    outcome: Mapped[State] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(32))
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(200))
    certificate_number: Mapped[str] = mapped_column(String(24), default="")

    shipment: Mapped[Shipment] = relationship(back_populates="decisions")
    assessment: Mapped[Assessment] = relationship()


class PartyHit(Base):
    """A hit that the newest assessment of a shipment met, so that it can be found, judged and answered to.

    ``subject`` is the id of what was screened (see ``screened.Subject``). ``pair`` names party and entry as they are
    (``screening.match.Hit.key``). A hit that the newest assessment no longer met is dated by ``gone_at``, not erased.
    """

    __tablename__ = "shipment_hit"
    __table_args__ = (UniqueConstraint("shipment_id", "subject", "source", "entry"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment.id"), index=True)
    subject: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(500))
    roles: Mapped[list[str]] = mapped_column(JSON)
    country: Mapped[str] = mapped_column(String(2), default="")
    pair: Mapped[str] = mapped_column(String(32), index=True)
    source: Mapped[str] = mapped_column(String(32))
    entry: Mapped[str] = mapped_column(String(96))
    listed: Mapped[str] = mapped_column(String(500))
    score: Mapped[float]
    strength: Mapped[str] = mapped_column(String(16))
    binding: Mapped[bool]
    met_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]

    shipment: Mapped[Shipment] = relationship(back_populates="hits")
    explanations: Mapped[list["HitExplanation"]] = relationship(
        back_populates="hit", order_by="(HitExplanation.at, HitExplanation.id)"
    )


class HitExplanation(Base):
    """What the exporter says of a hit, with a file as evidence where there is one. It clears nothing by itself."""

    __tablename__ = "shipment_hit_explanation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    hit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipment_hit.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    filename: Mapped[str] = mapped_column(String(200), default="")
    media_type: Mapped[str] = mapped_column(String(100), default="")
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    stored: Mapped[str] = mapped_column(String(200), default="")

    hit: Mapped[PartyHit] = relationship(back_populates="explanations")
    author: Mapped[User] = relationship()
