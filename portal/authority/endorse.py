"""Customs' record that a certificate was presented: taken in one by one or in batches, in any order and repetition."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import audit, countries, jobs
from portal.accounts.models import User
from portal.authority import cases, registry, standing
from portal.authority.endorsement_models import Endorsement, EndorsementAlarm, Ruling
from portal.authority.models import Agency, Because, Case, CaseState, LinkKind
from portal.authority.standing import Finding, Line
from portal.certificates import number as numbers
from portal.certificates import statement as statements
from portal.certificates import status, wording
from portal.certificates.models import Certificate
from portal.text import Text

TELL = "tell-endorsement-alarm"
CLOCKS = timedelta(minutes=10)  # how far the clock of a port may be off
LONGEST = {"declaration": 40, "officer": 120, "device": 60}
LONGEST_REASON = 2000
PORTAL = audit.Actor.system("portal")
_PLACE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
_QUANTITY = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?")


class EndorsementRefused(ValueError):
    """An endorsement that cannot be taken in; ``field`` is where the fault lies, ``text`` says it in both languages."""

    def __init__(self, field: str, text: Text) -> None:
        super().__init__(f"{field}: {text.en}")
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Presented:
    """What an officer records at a port. ``quantities`` are by the number of the goods line, with the unit of each."""

    reference: uuid.UUID
    number: str
    declaration: str
    place: str
    at: datetime
    quantities: Mapping[int, tuple[str, str]]
    officer: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: whether it is new here, what is wrong with it, and what is left of the certificate."""

    endorsement: Endorsement
    new: bool
    left: tuple[Line, ...]
    findings: tuple[Finding, ...] = field(default=())


def record(
    session: Session,
    found: Presented,
    *,
    by: User,
    actor: audit.Actor,
    now: datetime,
    through: uuid.UUID | None = None,
) -> Outcome:
    """Take an endorsement in. What is known already changes nothing; what contradicts another raises an alarm.

    A port has let the goods pass by then, so that more than was left, or a certificate that was not in force, is kept
    as it happened and told, not refused. ``through`` is the credential of the machine that sent it, for which ``by``
    answers. Raises ``EndorsementRefused`` for what cannot be true.
    """
    certificate = _certificate(session, found.number)
    _lock(session, certificate)
    checked = _checked(certificate, found, now)
    digest = statements.digest(statements.canonical(checked))
    known = _by_content(session, found.reference, digest)
    if known is not None:
        return _outcome(session, known, new=False)
    made = Endorsement(
        reference=found.reference,
        digest=digest,
        certificate_id=certificate.id,
        declaration=checked["declaration"],
        place=checked["place"],
        at=found.at.astimezone(UTC).replace(microsecond=0),
        quantities=checked["quantities"],
        officer=checked["officer"],
        device=checked["device"],
        received_at=now,
        received_by=by.id,
        organisation_id=by.organisation_id,
        credential_id=through,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor=actor,
        verb="certificate.endorsed",
        subject=f"certificate:{certificate.number}",
        now=now,
        details={**checked, **({"responsible": by.name} if through else {})},
        organisation_id=certificate.organisation_id,
    )
    settle(session, certificate, now)
    return _outcome(session, made, new=True)


def is_known(session: Session, reference: uuid.UUID) -> bool:
    """Whether an endorsement of this identity is on file."""
    return session.scalars(select(Endorsement.id).where(Endorsement.reference == reference)).first() is not None


def check_now(session: Session, found: Presented, now: datetime) -> None:
    """Whether goods that lie here now may pass: in force, and no more than is left. Raises ``EndorsementRefused``.

    For an officer who has a connection; what has happened already goes to ``record`` as it is.
    """
    certificate = _certificate(session, found.number)
    _lock(session, certificate)
    _checked(certificate, found, now)
    state = status.current(session, certificate, now).state
    if state != "valid":
        raise EndorsementRefused("number", Text("The certificate is not in force", "证书当前不在有效状态"))
    for line in left(session, certificate):
        value, _ = found.quantities.get(line.number, ("0", ""))
        if Decimal(value) > line.left:
            told = Text("Only {left} {unit} are left of this line", "本项仅余{left}{unit}")
            named = wording.word(wording.UNITS, line.unit)
            unit = Text(named.en, named.zh or named.en)
            raise EndorsementRefused(f"line-{line.number}", told.filled(left=format(line.left, "f"), unit=unit))
    same = select(Endorsement.id).where(
        Endorsement.certificate_id == certificate.id, Endorsement.declaration == found.declaration.strip(),
        Endorsement.withdrawn_at.is_(None),
    )  # fmt: skip
    if session.scalars(same).first() is not None:
        raise EndorsementRefused(
            "declaration",
            Text("This declaration is recorded for the certificate already", "该报关单已在本证书项下登记"),
        )


def left(session: Session, certificate: Certificate) -> tuple[Line, ...]:
    """What is left of each line of a certificate."""
    kept = endorsements(session, certificate)
    return standing.lines(registry.statement(certificate), kept, carried(session, certificate))


def carried(session: Session, certificate: Certificate) -> dict[str, Decimal]:
    """What was presented under the older revisions that a certificate supersedes: it is the same shipment, so that an
    amendment gives nobody a quantity twice.

    By the number of the line, as far as the unit is still the same.
    """
    newest = registry.statement(certificate)
    units = {str(goods["line"]): goods["quantity"]["unit"] for goods in newest["goods"]}
    spent: dict[str, Decimal] = {}
    number = newest.get("supersedes")
    while number is not None and (older := registry.find(session, number)) is not None:
        statement = registry.statement(older)
        same = {
            str(goods["line"])
            for goods in statement["goods"]
            if units.get(str(goods["line"])) == goods["quantity"]["unit"]
        }
        for line, quantity in standing.used(endorsements(session, older)).items():
            if line in same:
                spent[line] = spent.get(line, Decimal(0)) + quantity
        number = statement.get("supersedes")
    return spent


def endorsements(session: Session, certificate: Certificate) -> list[Endorsement]:
    """Everything that ports recorded of a certificate, by the moments at the ports."""
    chosen = select(Endorsement).where(Endorsement.certificate_id == certificate.id)
    return list(session.scalars(chosen.order_by(Endorsement.at, Endorsement.reference, Endorsement.digest)))


def findings(session: Session, certificate: Certificate) -> list[Finding]:
    """What is wrong with them, each with its other side."""
    events = status.history(session, certificate)
    kept, before = endorsements(session, certificate), carried(session, certificate)
    return standing.findings(registry.statement(certificate), kept, events, certificate.valid_until, before)


def settle(session: Session, certificate: Certificate, now: datetime) -> None:
    """Raise the alarms that are not raised yet, and mark the certificate as used up when nothing is left of it.

    Used up is for good, as the status list that tells of it knows no way back: whoever finds that a quantity was
    recorded by mistake has the certificate amended.
    """
    raised = 0
    for finding in findings(session, certificate):
        known = select(EndorsementAlarm.id).where(
            EndorsementAlarm.endorsement_id == finding.endorsement.id, EndorsementAlarm.kind == finding.kind
        )
        if session.scalars(known).first() is None:
            raised += 1
            _raise(session, certificate, finding, now)
    if raised:
        _open_case(session, certificate, now)
    worth = status.current(session, certificate, now).state
    # One that is suspended waits until that ends: used up, it could be superseded by a new revision.
    if worth in ("valid", "expired") and standing.used_up(left(session, certificate)):
        status.use_up(session, certificate, reason_code="used-up", reason="", actor=PORTAL, now=now)


def open_alarms(session: Session) -> Any:
    """The alarms on which nobody has ruled, the newest first, as a selection."""
    chosen = select(EndorsementAlarm).where(EndorsementAlarm.ruling.is_(None))
    return chosen.order_by(EndorsementAlarm.raised_at.desc(), EndorsementAlarm.id)


def rule(
    session: Session,
    alarm: EndorsementAlarm,
    reason: str,
    *,
    withdrawn: Endorsement | None,
    actor: audit.Actor,
    now: datetime,
) -> None:
    """Decide on an alarm: one of its sides was recorded by mistake and is withdrawn, or (``None``) all stand.

    What is withdrawn stays on file and counts no more. Raises ``EndorsementRefused`` without a reason, or where
    somebody has ruled already.
    """
    session.refresh(alarm, with_for_update=True)
    if alarm.ruling is not None:
        raise EndorsementRefused("ruling", Text("Somebody has ruled on this already", "该警报已有处理结论"))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise EndorsementRefused(
            "reason", Text("Say why, in 2,000 characters or fewer", "请说明理由，不超过2000个字符")
        )
    ruling = Ruling.STANDS if withdrawn is None else Ruling.WITHDRAWN
    alarm.ruling, alarm.ruled_at, alarm.ruled_by, alarm.reason = ruling, now, actor.name, reason.strip()
    certificate = alarm.endorsement.certificate
    if withdrawn is not None:
        if withdrawn.certificate_id != certificate.id:
            raise EndorsementRefused("withdrawn", Text("Choose one of the two sides", "请选择其中一方"))
        withdrawn.withdrawn_at = withdrawn.withdrawn_at or now
    session.flush()
    endorsement = withdrawn or alarm.endorsement
    audit.record(
        session,
        actor=actor,
        verb="certificate.endorsement_ruled",
        subject=f"certificate:{certificate.number}",
        now=now,
        details={
            "endorsement": str(endorsement.reference),
            "kind": alarm.kind,
            "ruling": ruling,
            "reason": alarm.reason,
        },
        organisation_id=certificate.organisation_id,
    )


def _certificate(session: Session, typed: str) -> Certificate:
    try:
        found = registry.find(session, numbers.parse(typed))
    except numbers.NumberError as error:
        raise EndorsementRefused("number", Text(str(error), "证书编号有误")) from error
    if found is None:
        raise EndorsementRefused("number", Text("There is no certificate of this number", "没有该编号的证书"))
    return found


def _lock(session: Session, certificate: Certificate) -> None:
    """Ports that record at once do it one after the other, each seeing what the last one left."""
    session.execute(select(Certificate.id).where(Certificate.id == certificate.id).with_for_update())


def _checked(certificate: Certificate, found: Presented, now: datetime) -> dict[str, Any]:
    """The content in its one spelling. Raises ``EndorsementRefused``."""
    if found.reference.version != 7:
        raise EndorsementRefused("id", Text("Use a UUID of version 7", "请使用第7版UUID"))
    told = {"declaration": found.declaration.strip(), "officer": found.officer.strip(), "device": found.device.strip()}
    for name, longest in LONGEST.items():
        if len(told[name]) > longest or not (told[name].isprintable() and (told[name] or name == "device")):
            raise EndorsementRefused(
                name, Text("Enter 1 to {longest} characters", "请填写1至{longest}个字符").filled(longest=longest)
            )
    place = found.place.strip().upper().replace(" ", "")
    if not _PLACE.fullmatch(place) or not countries.exists(place[:2]):
        raise EndorsementRefused("place", Text("Enter a UN/LOCODE, such as CNSHA", "请填写联合国口岸代码，例如CNSHA"))
    if found.at.tzinfo is None or not certificate.issued_at - CLOCKS <= found.at <= now + CLOCKS:
        raise EndorsementRefused(
            "at", Text("The moment must lie between the day of issue and now", "时间应在签发之后、当前时间之前")
        )
    at = statements.moment(found.at)
    return {
        "id": str(found.reference), "number": certificate.number, "place": place, "at": at, **told,
        "quantities": _quantities(certificate, found.quantities),
    }  # fmt: skip


def _quantities(certificate: Certificate, given: Mapping[int, tuple[str, str]]) -> dict[str, str]:
    goods = {line["line"]: line for line in registry.statement(certificate)["goods"]}
    told: dict[str, str] = {}
    for number, (value, unit) in sorted(given.items()):
        at = f"line-{number}"
        if number not in goods:
            raise EndorsementRefused(at, Text("The certificate has no such line of goods", "证书没有该项货物"))
        if unit != goods[number]["quantity"]["unit"]:
            raise EndorsementRefused(at, Text("Use the unit of the certificate", "请使用证书所载的计量单位"))
        try:
            quantity = Decimal(value) if _QUANTITY.fullmatch(value) else None
        except InvalidOperation:
            quantity = None
        if quantity is None:
            raise EndorsementRefused(
                at, Text("Enter a number with at most 8 decimal places", "请填写数字，小数不超过8位")
            )
        if quantity:
            told[str(number)] = format(quantity.normalize(), "f")
    if not told:
        raise EndorsementRefused("lines", Text("Enter the quantity of at least one line", "请至少填写一项数量"))
    return told


def _by_content(session: Session, reference: uuid.UUID, digest: str) -> Endorsement | None:
    chosen = select(Endorsement).where(Endorsement.reference == reference, Endorsement.digest == digest)
    return session.scalars(chosen).one_or_none()


def _outcome(session: Session, endorsement: Endorsement, *, new: bool) -> Outcome:
    certificate = session.get_one(Certificate, endorsement.certificate_id)
    mine = (one for one in findings(session, certificate) if one.endorsement.id == endorsement.id)
    return Outcome(endorsement, new, left(session, certificate), tuple(mine))


def _raise(session: Session, certificate: Certificate, finding: Finding, now: datetime) -> None:
    alarm = EndorsementAlarm(endorsement_id=finding.endorsement.id, kind=finding.kind, raised_at=now)
    session.add(alarm)
    session.flush()
    session.expire(finding.endorsement, ["alarms"])
    sides = [str(one.reference) for one in (finding.endorsement, *finding.others)]
    audit.record(
        session,
        actor=PORTAL,
        verb="certificate.endorsement_alarm",
        subject=f"certificate:{certificate.number}",
        now=now,
        details={"kind": finding.kind, "endorsements": sides},
        organisation_id=certificate.organisation_id,
    )
    offices = {one.organisation_id for one in (finding.endorsement, *finding.others)}
    for person in _officers(session, offices):
        told = {"alarm": str(alarm.id), "person": str(person.id)}
        jobs.post(session, TELL, told, now=now, key=f"{TELL}:{alarm.id}:{person.id}")


def _officers(session: Session, offices: set[uuid.UUID]) -> Sequence[User]:
    chosen = select(User).where(User.organisation_id.in_(offices), User.active.is_(True))
    return session.scalars(chosen.order_by(User.id)).all()


def _open_case(session: Session, certificate: Certificate, now: datetime) -> None:
    """One case on the certificate, with customs, as long as the last one is not closed."""
    topic = f"endorsement:{certificate.number}"
    known = select(func.count()).select_from(Case).where(Case.topic == topic, Case.state != CaseState.CLOSED)
    if session.scalar(known):
        return
    title = f"{certificate.number}: 验放记录相互矛盾 / endorsements that contradict one another"
    made = cases.open_case(
        session, title=title, because=Because.ENDORSEMENT, actor=PORTAL, now=now, agency=Agency.CUSTOMS, topic=topic
    )
    label = f"{certificate.number} · {certificate.exporter_name}"
    cases.link(session, made, LinkKind.CERTIFICATE, certificate.number, label, now)
