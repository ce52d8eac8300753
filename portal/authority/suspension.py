"""What an exporter sees of the case behind a suspension: why, and what it has answered itself. Nothing else of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.audit import Actor
from portal.authority import cases
from portal.authority.models import AnswerFile, Because, Case, CaseEvent, CaseState, EventKind, LinkKind
from portal.certificates.models import Certificate, CertificateEvent
from portal.config import Settings
from portal.shipments import documents as stored
from portal.shipments import inspection
from portal.shipments.states import DocumentRefused
from portal.text import Language, Text

MOST_FILES, MOST_OF_ONE = 10, 200
TOO_MANY = Text("At most {most} files with one answer.", "每次答复最多附{most}个文件。")
FULL = Text(
    "There are {most} files on this certificate already. Write to the authority.",
    "该证书已有{most}个文件，请书面联系主管部门。",
)


def answer(
    session: Session,
    certificate: Certificate,
    text: str,
    documents: str,
    *,
    by: User,
    now: datetime,
    files: Sequence[tuple[bytes, str]] = (),
    settings: Settings | None = None,
) -> CaseEvent:
    """Put an exporter's answer into every case on its certificate that is not closed; opens one where there is none.

    ``files`` are (bytes, name), kept under ``settings``' instance. Gives the line in the first of the cases. Raises
    ``DocumentRefused`` for a file that is not taken; nothing is stored then.
    """
    kept = [_row(certificate, *file) for file in _taken(session, certificate, files, settings)]
    for row in kept:
        row.uploaded_by, row.uploaded_at = by.id, now
    session.add_all(kept)
    session.flush()
    actor = Actor("user", str(by.id), by.name)
    open_ones = [
        case
        for case in cases.about(session, LinkKind.CERTIFICATE, certificate.number)
        if case.state != CaseState.CLOSED
    ] or [_opened(session, certificate, now)]
    details = {
        "certificate": certificate.number,
        "organisation": str(by.organisation_id),
        "documents": [line.strip() for line in documents.splitlines() if line.strip()],
        "files": [
            {"id": str(row.id), "filename": row.filename, "size": row.size, "sha256": row.sha256} for row in kept
        ],
    }
    lines = [
        cases.add(session, case, EventKind.ANSWER, actor=actor, now=now, text=text, details=details)
        for case in open_ones
    ]
    return lines[0]


def file_of(session: Session, certificate: Certificate, file_id: uuid.UUID) -> AnswerFile | None:
    """A file of an answer about this certificate."""
    chosen = select(AnswerFile).where(AnswerFile.id == file_id, AnswerFile.certificate_id == certificate.id)
    return session.scalars(chosen).one_or_none()


def file_in(session: Session, case: Case, file_id: uuid.UUID) -> AnswerFile | None:
    """A file of an answer that stands in this case."""
    if not any(one["id"] == str(file_id) for event in case.events for one in event.details.get("files", ())):
        return None
    return session.get(AnswerFile, file_id)


def answers(session: Session, certificate: Certificate) -> Sequence[CaseEvent]:
    """What the exporter has answered about a certificate so far, the oldest first, each answer once."""
    found = [case.id for case in cases.about(session, LinkKind.CERTIFICATE, certificate.number)]
    chosen = select(CaseEvent).where(CaseEvent.case_id.in_(found), CaseEvent.kind == EventKind.ANSWER)
    given: dict[tuple[datetime, str], CaseEvent] = {}
    for event in session.scalars(chosen.order_by(CaseEvent.at, CaseEvent.id)):
        if event.details.get("certificate") == certificate.number:
            given.setdefault((event.at, event.text), event)
    return list(given.values())


def reason(event: CertificateEvent, language: Language) -> str:
    """Why a certificate was suspended; the portal's own reasons are kept in both languages, a line each."""
    lines = event.reason.splitlines()
    if event.actor_kind == "system" and len(lines) == 2:
        return lines[1] if language == "zh" else lines[0]
    return event.reason


def _taken(
    session: Session, certificate: Certificate, files: Sequence[tuple[bytes, str]], settings: Settings | None
) -> list[tuple[str, inspection.Kind, int, str, str]]:
    """Every file proved before the first is kept."""
    if not files or settings is None:
        return []
    if len(files) > MOST_FILES:
        raise DocumentRefused(TOO_MANY.filled(most=MOST_FILES))
    there = select(func.count()).select_from(AnswerFile).where(AnswerFile.certificate_id == certificate.id)
    if (session.scalar(there) or 0) + len(files) > MOST_OF_ONE:
        raise DocumentRefused(FULL.filled(most=MOST_OF_ONE))
    found = [_proved(data, name, settings.upload_limit) for data, name in files]
    return [
        (inspection.safe_name(name, kind), kind, len(data), *stored.put(data, settings))
        for (data, name), kind in zip(files, found, strict=True)
    ]


def _proved(data: bytes, name: str, limit: int) -> inspection.Kind:
    """What a file is. Raises ``DocumentRefused`` that names it: there may be several."""
    try:
        return inspection.inspect(data, name, limit=limit)
    except DocumentRefused as refused:
        plain = name.replace("\\", "/").rpartition("/")[2][:100]
        raise DocumentRefused(Text(f"{plain}: {refused.reason.en}", f"{plain}：{refused.reason.zh}")) from None


def _row(
    certificate: Certificate, filename: str, kind: inspection.Kind, size: int, sha256: str, where: str
) -> AnswerFile:
    return AnswerFile(
        certificate_id=certificate.id, filename=filename, media_type=kind.media_type, size=size, sha256=sha256,
        stored=where,
    )  # fmt: skip


def _opened(session: Session, certificate: Certificate, now: datetime) -> Case:
    """A case for an answer to a suspension that an officer made without one."""
    label = f"{certificate.exporter_name} → {certificate.end_user_name}"
    portal = Actor.system("portal")
    case = cases.open_case(session, title=label, because=Because.OFFICER, actor=portal, now=now)
    cases.link(session, case, LinkKind.CERTIFICATE, certificate.number, label, now)
    return case
