"""The main job without a browser: certify or assess a case file. Exit 0 = certified, 1 = refused or referred, 2 = could
not tell.
"""

import hashlib
import json
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.audit import Actor
from portal.certificates import fonts, issue, keys, pack, page, signer
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.risk import explain, policy
from portal.screening import lists
from portal.shipments import assess as judgement
from portal.shipments import case as cases
from portal.shipments import conduct, intake
from portal.shipments.assess import Judged
from portal.shipments.case import Case, CaseRefused
from portal.shipments.intake import Pair
from portal.shipments.models import Decision, Shipment
from portal.shipments.states import CannotIssue, ShipmentChanged, ShipmentRefused, State
from portal.text import Text

YES, NO, COULD_NOT_TELL = 0, 1, 2
_ATTEMPTS = 5
T = TypeVar("T")

_ISSUE_FAILS = (
    fonts.FontsUnavailable,
    page.NotCertified,
    signer.SigningFailed,
    signer.KeyRefused,
)
_CERTIFIED = Text("Certified: {number}, valid until {until}.", "已出具证书：{number}，有效期至{until}。")
_AGAIN = Text(
    "This case is already certified; its certificate is given again.", "该案例此前已出证，现再次输出同一证书。"
)
_TEST = Text(
    "TEST: the issuer's keys are those of a test, so this certificate proves nothing outside it.",
    "测试：签发密钥为测试密钥，本证书仅供测试，不具证明效力。",
)
_REFERRED = Text("No certificate: the shipment is referred to the authority.", "未出具证书：本批货物移送主管部门审查。")
_REFUSED = Text("No certificate: the shipment is refused.", "未出具证书：本批货物不予通过。")
_NOT_LOADED = Text("Not loaded, so nothing is known from it: {list}.", "未载入，无法据以得出任何信息：{list}。")
_REQUIRED = Text("A list that is required is not on file: {list}.", "缺少必备名单：{list}。")
_PURPOSES = {
    "shipment-uncontrolled": Text("Purpose: this shipment of uncontrolled goods.", "用途：本批非管制货物。"),
    "shipment-under-licence": Text(
        "Purpose: this shipment under its export licence.", "用途：凭出口许可证出口本批货物。"
    ),
    "licence-application": Text(
        "Purpose: applying for an export licence. It allows no shipment.", "用途：申请出口许可证，不得据以出口。"
    ),
}


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command prints on standard output and on standard error, and its exit code."""

    lines: tuple[str, ...]
    errors: tuple[str, ...]
    code: int


class ListMissing(RuntimeError):
    """A list without which nothing can be told is not on file."""


class Busy(RuntimeError):
    """Others kept changing the same things."""


def certify(
    case: Path,
    out: Path,
    *,
    factory: sessionmaker[Session],
    settings: Settings,
    now: datetime,
    language: str = "en",
    packed: bool = False,
) -> CommandResult:
    """Do the whole main job for a case file; ``<number>.pdf``, ``.json`` and ``.png`` go into the folder ``out``.

    With ``packed`` the whole as one ``.zip`` goes there as well.

    The files are written beside their place, the database is committed, and then they are moved into place: after an
    interruption there is no certificate, or one that the same command hands out again.
    """
    try:
        read = _Read.of(case, settings, now)
        out.mkdir(parents=True, exist_ok=True)
        place = _Out(out, settings, now, packed)
        return _once_more(factory, now, lambda session: _certify(session, read, place, settings, now, language))
    except (CaseRefused, ListMissing, Busy, OSError, *_ISSUE_FAILS) as error:
        return _failed(error)


def assess(
    case: Path,
    *,
    factory: sessionmaker[Session],
    settings: Settings,
    now: datetime,
    as_json: bool = False,
    language: str = "en",
) -> CommandResult:
    """Screen and assess a case file, explained; nothing but a list that was missing is kept."""
    try:
        read = _Read.of(case, settings, now)
        judged = _once_more(factory, now, lambda session: _judge(session, read, settings, now))
    except (CaseRefused, ListMissing, Busy, OSError) as error:
        return _failed(error)
    lines = [json.dumps(_as_json(judged), ensure_ascii=False, indent=2)] if as_json else [*_explained(judged, language)]
    return CommandResult(tuple(lines), (), YES if judged.outcome.state is State.CERTIFIED else NO)


# ---- steps


@dataclass(frozen=True, slots=True)
class _Out:
    """The folder that the files of a certificate go to, and whether the pack goes with them."""

    folder: Path
    settings: Settings
    now: datetime
    packed: bool

    def contents(self, session: Session, made: Certificate) -> dict[str, bytes]:
        found = issue.files(made)
        if self.packed:
            issuer = keys.open_issuer(self.settings, now=self.now)
            found["zip"] = pack.make(session, made, issuer=issuer, now=self.now)
        return found


@dataclass(frozen=True, slots=True)
class _Read:
    """A case file that has been read and checked whole."""

    case: Case
    digest: str
    answers: dict[str, dict[tuple[str, str], Any]]
    files: dict[int, bytes]

    @classmethod
    def of(cls, path: Path, settings: Settings, now: datetime) -> "_Read":
        data = _bytes(path)
        case = cases.read(data, on=now.date())
        answers = intake.check_answers(case, now)
        files = intake.read_files(case, path.parent, settings)
        parts = [data, *(files[index] for index in sorted(files))]
        digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
        return cls(case, digest, answers, files)


def _once_more(factory: sessionmaker[Session], now: datetime, work: Callable[[Session], T]) -> T:
    """Do the work in a session of its own; when another command was quicker, look again at what there is now."""
    for _ in range(_ATTEMPTS):
        try:
            with factory() as session:
                _ready_lists(session, now)
                return work(session)
        except (IntegrityError, OperationalError, ShipmentChanged):
            continue
    raise Busy("the database is busy or cannot be written; try again")


def _judge(session: Session, read: _Read, settings: Settings, now: datetime) -> Judged:
    """Judge the case without keeping it, under a reference of its own since the shipment may be on file already."""
    shipment = read.case.shipment.model_copy(update={"reference": uuid.uuid4().hex})
    draft, _ = _on_file(session, replace(read, case=read.case.model_copy(update={"shipment": shipment})), settings, now)
    judged = judgement.preview(session, draft, now)
    session.rollback()
    return judged


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaseRefused([f"{path}: the file cannot be read ({error.strerror})"]) from None


def _ready_lists(session: Session, now: datetime) -> None:
    """Load the list that the portal ships when none is on file; a required list that is still missing ends it."""
    missing = {status.source for status in lists.show(session, now) if status.required and status.state == "missing"}
    if missing:
        lists.load_shipped(session, actor=Actor.command("portal certify"), now=now)
        session.commit()
    left = [status for status in lists.show(session, now) if status.required and status.state == "missing"]
    if left:
        raise ListMissing("; ".join(_REQUIRED.filled(list=status.title).en for status in left))


def _on_file(session: Session, read: _Read, settings: Settings, now: datetime) -> tuple[Shipment, Pair]:
    home = intake.organisation(session, read.case, now)
    pair = intake.people(session, home, read.case, now)
    draft = intake.begin(session, home, read.case.shipment.reference, pair, now)
    intake.fill(session, draft, read.case, read.answers, read.files, by=pair.preparer, now=now, settings=settings)
    return draft, pair


def _certify(
    session: Session, read: _Read, out: _Out, settings: Settings, now: datetime, language: str
) -> CommandResult:
    home = intake.organisation(session, read.case, now)
    before = intake.standing(session, home, read.case.shipment.reference)
    if before is not None and (given := _given_before(session, before, read, out, language)):
        return given
    issuer = keys.open_issuer(settings, now=now)
    try:
        draft, pair = _on_file(session, read, settings, now)
        draft.case_digest = read.digest
        left = conduct.submit(session, draft, by=pair.preparer, now=now)
        if left:
            raise CaseRefused([f"$: {missing.text.en}" for missing in left])
        decision = conduct.attest(
            session, draft, officer=pair.officer, now=now, issuer=issuer, settings=settings, method="case-file"
        )
    except ShipmentChanged:
        raise
    except ShipmentRefused as error:
        session.rollback()
        code = COULD_NOT_TELL if isinstance(error, CannotIssue) else NO
        return CommandResult((), (error.reason[language],), code)
    notes = _notes(session, now, language)
    made = conduct.certificate(session, draft)
    if made is None:
        session.commit()
        return CommandResult((*_reasons(decision, language), *notes), (), NO)
    files = _hand_out(session, made, out)
    return CommandResult((*_told(made, decision, files, language), *notes), (), YES)


def _given_before(session: Session, shipment: Shipment, read: _Read, out: _Out, language: str) -> CommandResult | None:
    """What an earlier run, or the site, already made of this reference; ``None`` when the case starts afresh."""
    decision = shipment.decision
    if shipment.state == State.CERTIFIED and shipment.case_digest == read.digest and decision is not None:
        made = conduct.certificate(session, shipment)
        if made is not None:
            files = _hand_out(session, made, out)
            return CommandResult((_AGAIN[language], *_told(made, decision, files, language)), (), YES)
    if shipment.state == State.REFERRED and decision is not None:
        return CommandResult((intake.refused(shipment).reason[language], *_reasons(decision, language)), (), NO)
    if shipment.state in (State.DRAFT, State.SUBMITTED, State.RETURNED, State.ATTESTED):
        return CommandResult((), (intake.refused(shipment).reason[language],), COULD_NOT_TELL)
    return None


def _hand_out(session: Session, made: Certificate, place: _Out) -> list[Path]:
    """Write the files, commit, and move them into place."""
    contents, out = place.contents(session, made), place.folder
    staged: list[tuple[Path, Path]] = []
    try:
        for kind, data in contents.items():
            handle, name = tempfile.mkstemp(dir=out, prefix=f".{made.number}-")
            staged.append((Path(name), out / f"{made.number}.{kind}"))
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
        session.commit()
        for temporary, final in staged:
            temporary.replace(final)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
    return [final for _, final in staged]


# ---- what is printed


def _told(made: Certificate, decision: Decision, files: list[Path], language: str) -> Iterator[str]:
    yield _CERTIFIED.filled(number=made.number, until=made.valid_until)[language]
    if made.test:
        yield _TEST[language]
    yield _PURPOSES[decision.purpose][language]
    yield from (str(path) for path in files)


def _reasons(decision: Decision, language: str) -> Iterator[str]:
    yield (_REFERRED if decision.outcome == State.REFERRED else _REFUSED)[language]
    yield from ("  " + Text.read(reason)[language] for reason in decision.reasons)


def _notes(session: Session, now: datetime, language: str) -> tuple[str, ...]:
    """Lists that only inform and are not on file are named, never passed over."""
    missing = [status for status in lists.show(session, now) if status.state == "missing" and not status.required]
    return tuple(_NOT_LOADED.filled(list=status.title)[language] for status in missing)


def _explained(judged: Judged, language: str) -> Iterator[str]:
    yield from explain.lines(judged.assessment, policy.load(judged.assessment.policy_version), language)
    yield ""
    for status in judged.ground.lists:
        if status.state == "missing":
            yield _NOT_LOADED.filled(list=status.title)[language]
    yield from (reason[language] for reason in judged.outcome.reasons)


def _as_json(judged: Judged) -> Mapping[str, Any]:
    ground = judged.ground
    return {
        "outcome": str(judged.outcome.state),
        "purpose": judged.outcome.purpose,
        "reasons": [reason.to_json() for reason in judged.outcome.reasons],
        "assessment": judged.assessment.to_json(),
        "facts": ground.facts.to_json(),
        "controls": [judgement.control_json(line, found) for line, found in ground.judgements],
        "lists": [judgement.list_json(status) for status in ground.lists],
    }


def _failed(error: Exception) -> CommandResult:
    """Every fault of a case is a line; anything else is one line."""
    lines = error.lines if isinstance(error, CaseRefused) else [str(error).splitlines()[0] if str(error) else "failed"]
    return CommandResult((), tuple(lines), COULD_NOT_TELL)
