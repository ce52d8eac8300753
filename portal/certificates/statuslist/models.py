"""Tables of the status lists."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class StatusList(Base):
    """One list, numbered from 1. ``taken`` counts the certificates in it, of which the last ends on ``last_day``.

    ``changes`` counts how often one of them changed its status, by which an edition is seen to be out of date.
    ``decoys`` are the entries that no certificate ever gets (see ``decoys.py``).
    """

    __tablename__ = "status_list"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issuer_id: Mapped[str] = mapped_column(String(200), index=True)
    taken: Mapped[int]
    changes: Mapped[int]
    last_day: Mapped[date]
    decoys: Mapped[bytes] = mapped_column(LargeBinary)


class StatusEdition(Base):
    """The newest signed edition of a list for one purpose, as it is served.

    ``changes`` is how often the list had changed when it was made, ``key`` the address of the key that signed it, and
    ``digest`` the SHA-256 of ``token``.
    """

    __tablename__ = "status_edition"

    number: Mapped[int] = mapped_column(ForeignKey("status_list.number"), primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    address: Mapped[str] = mapped_column(String(500))
    begins: Mapped[datetime]
    changes: Mapped[int]
    key: Mapped[str] = mapped_column(String(300))
    digest: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(Text)
