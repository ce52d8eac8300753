"""Tables of answers: one submission of a questionnaire, and a row for each answer in it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, new_id


class Submission(Base):
    """One questionnaire being answered for one owner (a shipment, an undertaking), pinned to its version.

    ``frozen`` is what was submitted (see ``freeze``) and ``frozen_digest`` the SHA-256 of its canonical form.
    """

    __tablename__ = "questionnaire_submission"
    __table_args__ = (UniqueConstraint("owner_id", "questionnaire_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID]
    questionnaire_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    frozen: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    frozen_digest: Mapped[str | None] = mapped_column(String(64))


class Answer(Base):
    """The answer to one question, for one item where its section repeats (else ``item_id`` is empty).

    ``state`` is ``valid`` (``value`` holds), ``empty`` (left empty on purpose), ``invalid`` (``typed`` holds what
    could not be taken) or ``withdrawn`` (taken back; the row stays so that ``revision`` only ever grows).
    """

    __tablename__ = "questionnaire_answer"
    __table_args__ = (UniqueConstraint("submission_id", "question_id", "item_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("questionnaire_submission.id", ondelete="CASCADE"))
    question_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(9))
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    typed: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(String(64))

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it off the class
