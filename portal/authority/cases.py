"""Enforcement cases: open one, add to its timeline, link what it is about, hand it on, close it with an outcome.

The timeline is only ever added to. Every deed also leaves an audit event of the case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, distinct, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import AUTHORITY_ROLES, Organisation, User
from portal.authority.models import (
    Agency,
    Because,
    Case,
    CaseEvent,
    CaseHit,
    CaseLink,
    CaseSequence,
    CaseState,
    EventKind,
    LinkKind,
    Outcome,
)
from portal.screening.models import Adjudication, AdjudicationState
from portal.text import Text

LONGEST_TITLE = 300


class CaseRefused(ValueError):
    """A deed that the case does not allow; ``text`` says why in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


_CLOSED = Text("The case is closed. Reopen it first.", "案件已结案，请先重新立案。")
_NOT_CLOSED = Text("The case is not closed.", "案件尚未结案。")
_SUPERVISOR = Text("A supervisor has to do this.", "须由主管人员办理。")
_NOT_OPEN = Text("The case is not open.", "案件并非办理中。")
_NOT_WAITING = Text("The case does not wait.", "案件并非等待中。")
_NOT_STAFF = Text("Choose somebody who works at the authority.", "请选择主管机关的在职人员。")


def open_case(
    session: Session,
    *,
    title: str,
    because: Because,
    actor: audit.Actor,
    now: datetime,
    agency: Agency = Agency.COMMERCE,
    topic: str = "",
    text: str = "",
) -> Case:
    """A new case; ``topic`` names the list entry that it is about, "" for none. ``text`` is the first word in it."""
    case = Case(
        number=_allocate(session, now.year),
        title=title.strip()[:LONGEST_TITLE],
        topic=topic,
        because=because,
        state=CaseState.OPEN,
        agency=agency,
        opened_at=now,
        updated_at=now,
    )
    session.add(case)
    session.flush()
    add(session, case, EventKind.OPENED, actor=actor, now=now, text=text, details={"because": because.value})
    return case


def add(
    session: Session,
    case: Case,
    kind: EventKind,
    *,
    actor: audit.Actor,
    now: datetime,
    text: str = "",
    details: Mapping[str, Any] | None = None,
    agencies: Sequence[Agency] = (),
) -> CaseEvent:
    """Add a line to the timeline. ``agencies`` are those that may read it, none for all."""
    case.updated_at = now
    session.flush()
    # Two who write at once get lines one after the other.
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
    last = session.scalar(select(func.max(CaseEvent.sequence)).where(CaseEvent.case_id == case.id)) or 0
    event = CaseEvent(
        case_id=case.id,
        sequence=last + 1,
        kind=kind,
        at=now,
        text=text.strip(),
        details=dict(details or {}),
        agencies=[agency.value for agency in agencies],
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )
    session.add(event)
    session.flush()
    session.expire(case, ["events"])
    # What is said in confidence stays in the case; the trail tells that something was said.
    told = {} if agencies else {"text": event.text} if event.text else {}
    audit.record(
        session, actor=actor, verb=f"case.{kind.value}", subject=f"case:{case.number}", now=now,
        details={**event.details, **told},
    )  # fmt: skip
    return event


def link(session: Session, case: Case, kind: LinkKind, reference: str, label: str, now: datetime) -> bool:
    """Link something that the case is about; says whether it is new in the case."""
    known = select(CaseLink.id).where(
        CaseLink.case_id == case.id, CaseLink.kind == kind, CaseLink.reference == reference
    )
    if session.scalars(known).first() is not None:
        return False
    session.add(CaseLink(case_id=case.id, kind=kind, reference=reference, label=label[:300], linked_at=now))
    session.flush()
    session.expire(case, ["links"])
    return True


def link_certificate(
    session: Session, case: Case, number: str, label: str, *, actor: audit.Actor, now: datetime
) -> None:
    """Link a certificate by hand. Raises ``CaseRefused`` for a closed case."""
    _lock(session, case)
    _not_closed(case)
    if link(session, case, LinkKind.CERTIFICATE, number, label, now):
        add(session, case, EventKind.LINKED, actor=actor, now=now, details={"certificate": number})


def note(
    session: Session, case: Case, text: str, *, agencies: Sequence[Agency] = (), actor: audit.Actor, now: datetime
) -> CaseEvent:
    """An officer's note, to be read by some agencies or (with none named) by all."""
    return add(session, case, EventKind.NOTE, actor=actor, now=now, text=text, agencies=agencies)


def assign(
    session: Session, case: Case, *, agency: Agency, assignee: User | None, actor: audit.Actor, now: datetime
) -> None:
    """Hand the case to an agency and to a person of it (or nobody yet). Raises ``CaseRefused``."""
    _lock(session, case)
    _not_closed(case)
    if assignee is not None and not (assignee.active and assignee.has_role(*AUTHORITY_ROLES)):
        raise CaseRefused(_NOT_STAFF)
    case.agency, case.assignee_id = agency, assignee.id if assignee else None
    details = {"agency": agency.value, "assignee": assignee.name if assignee else ""}
    add(session, case, EventKind.ASSIGNED, actor=actor, now=now, details=details)
    session.expire(case, ["assignee"])


def wait(session: Session, case: Case, reason: str, *, actor: audit.Actor, now: datetime) -> None:
    """The case waits for somebody outside, with what for. Raises ``CaseRefused``."""
    _lock(session, case)
    if case.state != CaseState.OPEN:
        raise CaseRefused(_NOT_OPEN)
    case.state = CaseState.WAITING
    add(session, case, EventKind.WAITING, actor=actor, now=now, text=reason)


def resume(session: Session, case: Case, reason: str, *, actor: audit.Actor, now: datetime) -> None:
    """The waiting has ended. Raises ``CaseRefused``."""
    _lock(session, case)
    if case.state != CaseState.WAITING:
        raise CaseRefused(_NOT_WAITING)
    case.state = CaseState.OPEN
    add(session, case, EventKind.RESUMED, actor=actor, now=now, text=reason)


def close(session: Session, case: Case, outcome: Outcome, reason: str, *, by: User, now: datetime) -> None:
    """Close the case with its outcome and why: a supervisor's deed. It changes no certificate.

    Raises ``CaseRefused`` for a closed case, or anybody else.
    """
    _supervisor(by)
    _lock(session, case)
    _not_closed(case)
    case.state, case.outcome, case.closed_at = CaseState.CLOSED, outcome, now
    actor = audit.Actor("user", str(by.id), by.name)
    add(session, case, EventKind.CLOSED, actor=actor, now=now, text=reason, details={"outcome": outcome.value})


def reopen(session: Session, case: Case, reason: str, *, by: User, now: datetime) -> None:
    """Open a closed case again: a supervisor's deed. Raises ``CaseRefused``, also where a newer case has its topic."""
    _supervisor(by)
    _lock(session, case)
    if case.state != CaseState.CLOSED:
        raise CaseRefused(_NOT_CLOSED)
    newer = of_topic(session, case.topic) if case.topic else None
    if newer is not None:
        raise CaseRefused(
            Text("Case {number} is open on the same list entry.", "就同一名单条目已另有案件{number}。").filled(
                number=newer.number
            )
        )
    case.state, case.outcome, case.closed_at = CaseState.OPEN, None, None
    actor = audit.Actor("user", str(by.id), by.name)
    add(session, case, EventKind.REOPENED, actor=actor, now=now, text=reason)


def find(session: Session, number: str) -> Case | None:
    """The case with a number; ``None`` when there is none."""
    return session.scalars(select(Case).where(Case.number == number)).one_or_none()


def of_topic(session: Session, topic: str) -> Case | None:
    """The case on a list entry that is not closed, if there is one."""
    return session.scalars(select(Case).where(Case.topic == topic, Case.state != CaseState.CLOSED)).one_or_none()


def about(session: Session, kind: LinkKind, reference: str) -> Sequence[Case]:
    """The cases that something is linked in, newest first."""
    linked = select(CaseLink.case_id).where(CaseLink.kind == kind, CaseLink.reference == reference)
    return session.scalars(select(Case).where(Case.id.in_(linked)).order_by(Case.opened_at.desc(), Case.id)).all()


def search(text: str = "", state: str = "", agency: str = "", because: str = "") -> Select[Case]:
    """Cases by number, title or what is linked in them, and by state, agency and reason; the latest changed first.

    ``text`` is taken as it is: ``%`` and ``_`` stand for themselves. A filter that names nothing known is none.
    """
    found = select(Case).order_by(Case.updated_at.desc(), Case.id.desc())
    words = text.strip()[:100]
    if words:
        linked = select(CaseLink.case_id).where(
            CaseLink.label.icontains(words, autoescape=True) | CaseLink.reference.icontains(words, autoescape=True)
        )
        by_text = [column.icontains(words, autoescape=True) for column in (Case.number, Case.title)]
        found = found.where(or_(*by_text, Case.id.in_(linked)))
    if state in list(CaseState):
        found = found.where(Case.state == state)
    if agency in list(Agency):
        found = found.where(Case.agency == agency)
    if because in list(Because):
        found = found.where(Case.because == because)
    return found


def alike(case: Case) -> list[list[CaseHit]]:
    """The hits of a case, those together that say the same of the same party in several shipments."""
    found: dict[tuple[str, ...], list[CaseHit]] = {}
    for hit in case.hits:
        found.setdefault((hit.party, hit.pair, hit.strength, hit.why["en"]), []).append(hit)
    return list(found.values())


def linked(case: Case) -> dict[str, list[CaseLink]]:
    """What a case is about, by kind; a party that is in several shipments under one name is named once."""
    found: dict[str, dict[str, CaseLink]] = {}
    for one in case.links:
        same = one.label if one.kind == LinkKind.PARTY else one.reference
        found.setdefault(one.kind, {}).setdefault(same, one)
    return {kind: list(links.values()) for kind, links in found.items()}


def number_open(session: Session) -> int:
    """How many cases are not closed."""
    return session.scalar(select(func.count()).select_from(Case).where(Case.state != CaseState.CLOSED)) or 0


def number_to_judge(session: Session) -> int:
    """How many possible matches in cases that are not closed wait for a judgement by two people."""
    judged = exists().where(Adjudication.pair == CaseHit.pair, Adjudication.state == AdjudicationState.DECIDED)
    chosen = select(func.count(distinct(CaseHit.pair))).join(Case, Case.id == CaseHit.case_id)
    waiting = chosen.where(CaseHit.strength == "possible", Case.state != CaseState.CLOSED, ~judged)
    return session.scalar(waiting) or 0


def readable(case: Case, agency: Agency) -> list[CaseEvent]:
    """The timeline, newest first, as far as an agency may read it."""
    return [event for event in reversed(case.events) if not event.agencies or agency in event.agencies]


def agency_of(person: User) -> Agency:
    """The agency that somebody works for; an authority of no other kind is the commerce authority."""
    known = person.organisation.agency
    return Agency(known) if known in list(Agency) else Agency.COMMERCE


def staff(session: Session) -> Sequence[User]:
    """Everybody who may be given a case, by name."""
    chosen = select(User).join(Organisation).where(Organisation.kind == "authority", User.active.is_(True))
    return [person for person in session.scalars(chosen.order_by(User.name)) if person.has_role(*AUTHORITY_ROLES)]


def _allocate(session: Session, year: int) -> str:
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    session.execute(insert(CaseSequence).values(year=year, last=0).on_conflict_do_nothing())
    counted = update(CaseSequence).where(CaseSequence.year == year).values(last=CaseSequence.last + 1)
    return f"CASE-{year}-{session.execute(counted.returning(CaseSequence.last)).scalar_one():06d}"


def _lock(session: Session, case: Case) -> None:
    """The case as it is now, kept from others until the transaction ends."""
    session.flush()
    session.refresh(case, with_for_update=True)


def _not_closed(case: Case) -> None:
    if case.state == CaseState.CLOSED:
        raise CaseRefused(_CLOSED)


def _supervisor(by: User) -> None:
    if not by.has_role("supervisor"):
        raise CaseRefused(_SUPERVISOR)
