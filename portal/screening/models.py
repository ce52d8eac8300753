"""Tables of the lists: an edition of a list, its entries, and what each entry is known by."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, new_id


class EditionState(StrEnum):
    """What became of a file: in use, replaced by a later one, refused, or not to be had from its publisher."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class Effect(StrEnum):
    """What being on a list means to the exporter (control list, watch list, information only)."""

    PROHIBITED = "prohibited"
    WATCH = "watch"
    INFORMS = "informs"


class Standing(StrEnum):
    """How an entry stands over an interval."""

    LISTED = "listed"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class ListEdition(Base):
    """One file of one list. ``digest`` (SHA-256, hex) covers the file and those beside it that belong to it.

    The ``restricted`` source has a single edition, whose ``edition`` and ``digest`` move on with every change.
    ``added``, ``removed`` and ``changed`` count entries against the edition before, empty for a first one.
    ``refusal`` is why a file was refused or could not be fetched, by code and with its place (see ``refusals``).
    ``checked_at`` is when the same bytes were last brought again, ``confirmed_at`` when the publisher last said that
    this is its newest edition.
    """

    __tablename__ = "list_edition"
    __table_args__ = (
        Index("ix_list_edition_source_state", "source", "state"),
        Index(  # two imports at once cannot both become the edition in use
            "uq_list_edition_current",
            "source",
            unique=True,
            sqlite_where=text("state = 'current'"),
            postgresql_where=text("state = 'current'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(String(32))
    edition: Mapped[str] = mapped_column(String(64))
    published: Mapped[date | None]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    imported_at: Mapped[datetime]
    state: Mapped[EditionState] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    entry_count: Mapped[int] = mapped_column(default=0)
    name_count: Mapped[int] = mapped_column(default=0)
    incomplete: Mapped[bool] = mapped_column(default=False)
    binding: Mapped[bool] = mapped_column(default=False)
    key_version: Mapped[str] = mapped_column(String(16), default="")
    imported_by: Mapped[str] = mapped_column(String(200), default="")
    added: Mapped[int | None]
    removed: Mapped[int | None]
    changed: Mapped[int | None]
    checked_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class ListEntry(Base):
    """One party on a list. ``uid`` is the publisher's own number or one made from the row's content.

    ``content`` (SHA-256, hex) covers all that the list says of the party: another one means that the entry changed.
    """

    __tablename__ = "list_entry"
    __table_args__ = (UniqueConstraint("edition_id", "uid"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_edition.id"), index=True)
    uid: Mapped[str] = mapped_column(String(96))
    kind: Mapped[str] = mapped_column(String(16))
    program: Mapped[str] = mapped_column(String(500))
    effect: Mapped[Effect] = mapped_column(String(16))
    whole: Mapped[bool] = mapped_column(default=True)
    mark: Mapped[str] = mapped_column(String(8), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(String(64), default="")

    edition: Mapped[ListEdition] = relationship()
    names: Mapped[list["ListName"]] = relationship(order_by="ListName.position")
    intervals: Mapped[list["ListInterval"]] = relationship(order_by="ListInterval.position")
    addresses: Mapped[list["ListAddress"]] = relationship(order_by="ListAddress.position")
    identifiers: Mapped[list["ListIdentifier"]] = relationship(order_by="ListIdentifier.position")


class ListName(Base):
    """A name of an entry as the list prints it, with the keys that matching works on (see ``names``)."""

    __tablename__ = "list_name"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(500))
    kind: Mapped[str] = mapped_column(String(16))
    script: Mapped[str] = mapped_column(String(16))
    mark: Mapped[str] = mapped_column(String(8), default="")
    key: Mapped[str] = mapped_column(String(1000))
    native: Mapped[str] = mapped_column(String(500))


class ListInterval(Base):
    """How an entry stood from one day to another, both included; ``until`` empty means without end."""

    __tablename__ = "list_interval"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    position: Mapped[int]
    standing: Mapped[Standing] = mapped_column(String(16))
    since: Mapped[date | None]
    until: Mapped[date | None]
    announcement: Mapped[str] = mapped_column(String(200), default="")


class ListAddress(Base):
    """An address of an entry. ``country`` is ISO 3166-1 alpha-2, empty where the list's own word is not known."""

    __tablename__ = "list_address"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(1000), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    country_name: Mapped[str] = mapped_column(String(200), default="")


class ListIdentifier(Base):
    """A number that names an entry exactly. ``value`` has no spaces or punctuation and is in capitals."""

    __tablename__ = "list_identifier"
    __table_args__ = (Index("ix_list_identifier_scheme_value", "scheme", "value"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    position: Mapped[int]
    scheme: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(String(500), default="")


class ListMark(Base):
    """What an entry is looked up by besides names and numbers (see ``particulars``): telephone, e-mail, address.

    ``text`` is the telephone number, e-mail address or site as the list prints it; for an address it is empty and
    ``address_id`` leads to it.
    """

    __tablename__ = "list_mark"
    __table_args__ = (Index("ix_list_mark_value_edition_id", "value", "edition_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_edition.id"))
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(500), default="")
    address_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("list_address.id"))


class AdjudicationState(StrEnum):
    """How far a judgement of a hit has come: one person proposed it, a second one decided or turned it down."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    REJECTED = "rejected"


class Verdict(StrEnum):
    """Whether the party is the one on the list."""

    SAME = "same"
    DIFFERENT = "different"


class Adjudication(Base):
    """What two people found of one pair of a party and an entry (``Hit.key``), with reason, evidence and a last day.

    ``content`` is the entry's when it was judged: the judgement no longer holds when the list says something else.
    ``sides`` is what was known of both, ``{"party": …, "listed": …}`` as ``sides.seen`` writes it. ``reason`` is read
    by every exporter whose party meets the entry, ``evidence`` by the authority alone.
    """

    __tablename__ = "adjudication"
    __table_args__ = (
        Index("ix_adjudication_source_entry", "source", "entry"),
        Index("ix_adjudication_pair", "pair", "state"),
        Index(  # one question about a pair at a time
            "uq_adjudication_proposed",
            "pair",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    pair: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(32))
    entry: Mapped[str] = mapped_column(String(96))
    content: Mapped[str] = mapped_column(String(64), default="")
    sides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    listed: Mapped[str] = mapped_column(String(500))
    party: Mapped[str] = mapped_column(String(500))
    score: Mapped[float]
    verdict: Mapped[Verdict] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    expires: Mapped[date]
    state: Mapped[AdjudicationState] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_name: Mapped[str] = mapped_column(String(200), default="")
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_name: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]
    rejection: Mapped[str] = mapped_column(Text, default="")
