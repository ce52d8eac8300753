"""Tables of organisations, the people in them, and the links that are sent to people."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, new_id


class Role(StrEnum):
    """What a person may do in an organisation. The last two exist only in an authority."""

    PREPARER = "preparer"
    COMPLIANCE_OFFICER = "compliance_officer"
    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"


EXPORTER_ROLES = (Role.PREPARER, Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR)
AUTHORITY_ROLES = (Role.OFFICER, Role.SUPERVISOR)


class Organisation(Base):
    """An exporter or an authority. ``identifier`` is a Unified Social Credit Code (GB 32100) or LEI (ISO 17442).

    ``agency`` says which an authority is where it is not the one that runs the portal (customs, police).
    """

    __tablename__ = "organisation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2))
    identifier_scheme: Mapped[str] = mapped_column(String(8), default="")
    identifier: Mapped[str | None] = mapped_column(String(20), unique=True)
    address: Mapped[str] = mapped_column(Text, default="")
    agency: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime]
    demonstration: Mapped[bool] = mapped_column(default=False)

    people: Mapped[list["User"]] = relationship(back_populates="organisation")


class User(Base):
    """A person who signs in, in exactly one organisation; has the attributes that Flask-Login asks for."""

    __tablename__ = "user_account"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    role_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str] = mapped_column(String(200))
    session_epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    totp_secret: Mapped[str] = mapped_column(String(400), default="")
    totp_step: Mapped[int] = mapped_column(default=0)
    recovery_digests: Mapped[list[str]] = mapped_column(JSON, default=list)

    organisation: Mapped[Organisation] = relationship(back_populates="people", lazy="joined")
    all_passkeys: Mapped[list["Passkey"]] = relationship(back_populates="user", order_by="Passkey.created_at")

    @property
    def passkeys(self) -> list["Passkey"]:
        """The passkeys that the person has not removed, the oldest first."""
        return [passkey for passkey in self.all_passkeys if passkey.removed_at is None]

    @property
    def roles(self) -> list[Role]:
        """The roles that the person holds."""
        return [Role(name) for name in self.role_names]

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in."""
        return self.active

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds at least one of the roles."""
        return any(role in self.role_names for role in roles)

    def get_id(self) -> str:
        """What the session cookie keeps: the epoch makes every older session end when it is raised."""
        return f"{self.id}:{self.session_epoch}"


class Passkey(Base):
    """A key that a person's device or security key keeps (WebAuthn credential), with its owner's name for it.

    ``public_key`` is a COSE key (RFC 9052), ``credential_id`` base64url. ``sign_count`` is what the authenticator's
    counter last stood at, 0 for one that does not count. A removed one stays, as attestations name it.
    """

    __tablename__ = "passkey"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str]] = mapped_column(JSON, default=list)
    synced: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="all_passkeys")


class SpentChallenge(Base):
    """A challenge that a passkey has signed and that was accepted: none is ever accepted twice."""

    __tablename__ = "spent_challenge"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Invitation(Base):
    """An invitation by e-mail to join an organisation. Only the digest of its token is kept."""

    __tablename__ = "invitation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2), default="en")
    role_names: Mapped[list[str]] = mapped_column(JSON)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()


class PasswordReset(Base):
    """A link to choose a new password, good once and for a short time."""

    __tablename__ = "password_reset"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class RegistrationLink(Base):
    """A link that proves an e-mail address before its owner registers an organisation."""

    __tablename__ = "registration_link"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MachineCredential(Base):
    """What a program or a device at a port shows in place of a person's session. Only the digest of its token is kept.

    ``prefix`` is the part of the token that may be shown, ``place`` the UN/LOCODE of a device at a port ("" for a
    program). ``responsible`` is the officer who answers for what it does.
    """

    __tablename__ = "machine_credential"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(5), default="")
    prefix: Mapped[str] = mapped_column(String(10), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    per_minute: Mapped[int]
    responsible_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("machine_credential.id"))
    last_used_at: Mapped[datetime | None]

    responsible: Mapped[User] = relationship(foreign_keys=[responsible_id], lazy="joined")

    def good(self, now: datetime) -> bool:
        """Whether its token opens anything: in term, not revoked, and somebody who is still there answers for it."""
        return self.revoked_at is None and now < self.expires_at and self.responsible.active


class MachineUse(Base):
    """How often a machine used one scope on one day (UTC); ``told`` once the audit chain has it."""

    __tablename__ = "machine_use"
    __table_args__ = (
        UniqueConstraint("credential_id", "day", "scope"),
        Index("ix_machine_use_told_day", "told", "day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    credential_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("machine_credential.id"))
    day: Mapped[date]
    scope: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    told: Mapped[bool] = mapped_column(default=False)
