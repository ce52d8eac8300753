"""Documents of a shipment: proved by content, kept by digest outside the web root, expired but never erased."""

import hashlib
import os
import tempfile
import uuid
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.config import Settings
from portal.shipments import inspection, values
from portal.shipments.change import changing
from portal.shipments.models import Document, GoodsLine, Party, Shipment
from portal.shipments.states import Deed, DocumentRefused
from portal.text import Text

MAX_DOCUMENTS = 200
FOLDER = "documents"


class DocumentDamaged(RuntimeError):
    """The stored bytes are gone or are not those that were uploaded."""


def keep(
    session: Session,
    shipment: Shipment,
    *,
    data: bytes,
    filename: str,
    kind: str,
    by: User,
    now: datetime,
    settings: Settings,
    party: Party | None = None,
    goods: GoodsLine | None = None,
    version: int | None = None,
) -> Document:
    """Take a file in. Raises ``DocumentRefused`` with the reason; nothing is stored then.

    The bytes are written before the row: an interruption leaves at most bytes that nothing names.
    """
    _check_room(shipment, party, goods)
    found = inspection.inspect(data, filename, limit=settings.upload_limit)
    digest = hashlib.sha256(data).hexdigest()
    if any(document.sha256 == digest and document.kind == kind for document in shipment.documents):
        raise DocumentRefused(Text("This file is already there.", "该文件已上传。"))
    document = Document(
        shipment_id=shipment.id,
        kind=values.document_kind(kind),
        filename=inspection.safe_name(filename, found),
        media_type=found.media_type,
        size=len(data),
        sha256=digest,
        stored=f"{digest[:2]}/{digest}",
        party_id=party.id if party else None,
        goods_id=goods.id if goods else None,
        uploaded_by=by.id,
        uploaded_at=now,
    )
    details = {"kind": kind, "sha256": digest, "size": len(data)}
    with changing(
        session, shipment, Deed.EDIT, "shipment.document_added", by=by, now=now, version=version, details=details
    ):
        _write(settings.instance / FOLDER / document.stored, data)
        shipment.all_documents.append(document)
    return document


def remove(session: Session, document: Document, *, by: User, now: datetime, version: int | None = None) -> None:
    """Take a document out of the shipment. It expires: bytes and row stay for as long as records are kept."""
    details = {"kind": document.kind, "sha256": document.sha256}
    with changing(
        session,
        document.shipment,
        Deed.EDIT,
        "shipment.document_removed",
        by=by,
        now=now,
        version=version,
        details=details,
    ):
        document.removed_at = now


class Kept(Protocol):
    """A row that names bytes on file."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def sha256(self) -> str: ...
    @property
    def stored(self) -> str: ...


def put(data: bytes, settings: Settings) -> tuple[str, str]:
    """Keep bytes outside the web root; gives their SHA-256 and where they lie under ``FOLDER``."""
    digest = hashlib.sha256(data).hexdigest()
    stored = f"{digest[:2]}/{digest}"
    _write(settings.instance / FOLDER / stored, data)
    return digest, stored


def read(document: Kept, settings: Settings) -> bytes:
    """The bytes as they were uploaded. Raises ``DocumentDamaged`` when they are not."""
    try:
        data = (settings.instance / FOLDER / document.stored).read_bytes()
    except OSError as error:
        raise DocumentDamaged(f"document {document.id} cannot be read") from error
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise DocumentDamaged(f"document {document.id} is not what was uploaded")
    return data


def _check_room(shipment: Shipment, *owners: Party | GoodsLine | None) -> None:
    if len(shipment.documents) >= MAX_DOCUMENTS:
        raise DocumentRefused(Text(f"At most {MAX_DOCUMENTS} documents.", f"最多{MAX_DOCUMENTS}份文件。"))
    if any(owner is not None and owner.shipment_id != shipment.id for owner in owners):
        raise DocumentRefused(Text("It belongs to another shipment.", "所选对象属于其他货物批次。"))


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all: to a file beside it, to the disk, then into place."""
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".upload-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
