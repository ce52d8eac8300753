"""Tables of what ports record of certificates: endorsements, and the alarms that they raise."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import MachineCredential
from portal.certificates.models import Certificate
from portal.db import Base, new_id


class AlarmKind(StrEnum):
    """What is wrong with an endorsement: more than was left, a declaration named twice, one identity with two
    contents, or a certificate that was not in force at that moment.
    """

    EXCESS = "excess"
    SAME_DECLARATION = "same_declaration"
    ALTERED = "altered"
    NOT_IN_FORCE = "not_in_force"


class Ruling(StrEnum):
    """What an officer decided on an alarm: everything stands as it is, or one side was a mistake and counts no more."""

    STANDS = "stands"
    WITHDRAWN = "withdrawn"


class Endorsement(Base):
    """Customs' record that a certificate was presented; never changed once it is here.

    ``reference`` is the identity that the port gave it (UUID version 7), ``digest`` the SHA-256 of its content: one
    reference with two contents is kept as two and raises an alarm. ``quantities`` are decimal numbers as text by the
    number of the goods line, in the units of the statement. ``place`` is a UN/LOCODE, ``at`` the moment at the port.
    ``credential_id`` is the machine that sent it with a token, for which ``received_by`` answers.
    """

    __tablename__ = "endorsement"
    __table_args__ = (
        UniqueConstraint("reference", "digest"),
        Index("ix_endorsement_certificate_id_at", "certificate_id", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[uuid.UUID]
    digest: Mapped[str] = mapped_column(String(64))
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"))
    declaration: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(5))
    at: Mapped[datetime]
    quantities: Mapped[dict[str, str]] = mapped_column(JSON)
    officer: Mapped[str] = mapped_column(String(120))
    device: Mapped[str] = mapped_column(String(60))
    received_at: Mapped[datetime]
    received_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    credential_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("machine_credential.id"))
    withdrawn_at: Mapped[datetime | None]

    certificate: Mapped[Certificate] = relationship()
    credential: Mapped[MachineCredential | None] = relationship()
    alarms: Mapped[list["EndorsementAlarm"]] = relationship(
        back_populates="endorsement", order_by="EndorsementAlarm.kind"
    )


class EndorsementAlarm(Base):
    """Something that is wrong with an endorsement, until an officer has ruled on it."""

    __tablename__ = "endorsement_alarm"
    __table_args__ = (
        UniqueConstraint("endorsement_id", "kind"),
        Index("ix_endorsement_alarm_ruling_raised_at", "ruling", "raised_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    endorsement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("endorsement.id"))
    kind: Mapped[AlarmKind] = mapped_column(String(20))
    raised_at: Mapped[datetime]
    ruling: Mapped[Ruling | None] = mapped_column(String(12))
    ruled_at: Mapped[datetime | None]
    ruled_by: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")

    endorsement: Mapped[Endorsement] = relationship(back_populates="alarms")
