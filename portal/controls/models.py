"""Table of the authority's changes to measures: an overlay over the measures that ship with the portal."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, new_id


class ChangeState(StrEnum):
    """Where a change stands. Only an approved one has an effect; nothing is ever deleted."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ChangeKind(StrEnum):
    """What a change does to a measure (see ``overlay``)."""

    SUSPENSION = "suspension"
    EXTENSION = "extension"
    RESUMPTION = "resumption"
    END = "end"
    REPLACEMENT = "replacement"
    CHECK = "check"
    NEW = "new"


class MeasureChange(Base):
    """One dated change to one measure. ``effective`` is its first day, ``until`` the last one where it has an end.

    ``content`` is the whole of a new measure as JSON by the schema of the files, empty for other kinds.
    ``fingerprint`` is of the measure as the drafter saw it. Two different people draft and decide.
    """

    __tablename__ = "measure_change"
    __table_args__ = (
        Index("ix_measure_change_state_decided_at", "state", "decided_at"),
        CheckConstraint("decided_by IS NULL OR decided_by <> drafted_by OR state = 'withdrawn'", name="two_people"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[ChangeKind] = mapped_column(String(16))
    effective: Mapped[date]
    until: Mapped[date | None]
    announcement: Mapped[str] = mapped_column(String(64), default="")
    successor: Mapped[str] = mapped_column(String(64), default="")
    source: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(String(2))
    content: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[ChangeState] = mapped_column(String(16))
    drafted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it off the class


class MeasurePreview(Base):
    """What a change would touch, as it was last worked out (see ``preview``).

    ``counted_at`` is empty until the first count. ``version`` and ``digest`` are of the measures that held then.
    """

    __tablename__ = "measure_preview"

    change_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("measure_change.id"), primary_key=True)
    asked_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    version: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    effects: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
