"""Tables of certificates, what was handed out for each, and how each one's status changed."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.certificates.log.models import LogEntry, LogHead, LogShown, LogTile
from portal.certificates.statuslist.models import StatusEdition, StatusList
from portal.db import Base, new_id

__all__ = [
    "Certificate", "CertificateEvent", "CertificateFile", "LogEntry", "LogHead", "LogShown", "LogTile",
    "NumberSequence", "StatusEdition", "StatusList",
]  # fmt: skip


class NumberSequence(Base):
    """How many certificates a year has had."""

    __tablename__ = "certificate_number_sequence"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Certificate(Base):
    """One certificate. ``statement`` is the canonical text that was signed, ``digest`` its SHA-256.

    The columns beside it repeat what the registry searches by. ``subject_id`` is the thing certified (a shipment),
    ``log_index`` its place in the transparency log, from 0. ``list_number`` and ``list_index`` are its place in the
    status lists, which certificates from before there were lists do not have.
    """

    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("list_number", "list_index"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    statement: Mapped[str] = mapped_column(Text)
    organisation_id: Mapped[uuid.UUID] = mapped_column(index=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    issuer_id: Mapped[str] = mapped_column(String(200))
    test: Mapped[bool]
    purpose: Mapped[str] = mapped_column(String(32))
    exporter_name: Mapped[str] = mapped_column(String(200))
    end_user_name: Mapped[str] = mapped_column(String(200))
    destination: Mapped[str] = mapped_column(String(2), index=True)
    band: Mapped[str] = mapped_column(String(16))
    issued_at: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[date] = mapped_column(index=True)
    log_index: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), unique=True)
    list_number: Mapped[int | None] = mapped_column(ForeignKey("status_list.number"))
    list_index: Mapped[int | None]

    events: Mapped[list["CertificateEvent"]] = relationship(
        back_populates="certificate", order_by="CertificateEvent.sequence"
    )
    contents: Mapped[list["CertificateFile"]] = relationship(back_populates="certificate")


class CertificateFile(Base):
    """One thing that was handed out: the PDF, the credential or the seal's text.

    Kept in the database so that certificate and files are committed in one transaction or not at all.
    """

    __tablename__ = "certificate_file"
    __table_args__ = (UniqueConstraint("certificate_id", "kind"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"))
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)

    certificate: Mapped[Certificate] = relationship(back_populates="contents")


class CertificateEvent(Base):
    """One change of a certificate's status: to what, when, why and by whom. ``sequence`` counts from 1."""

    __tablename__ = "certificate_event"
    __table_args__ = (
        UniqueConstraint("certificate_id", "sequence"),
        Index("ix_certificate_event_state_at", "state", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"))
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    reason_code: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(200))

    certificate: Mapped[Certificate] = relationship(back_populates="events")
