"""Make and keep the signed editions of status lists, to be served as they are."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from portal.certificates import statement as statements
from portal.certificates import tokens
from portal.certificates.models import Certificate, CertificateEvent
from portal.certificates.statuslist import decoys, form
from portal.certificates.statuslist.form import PURPOSES, Purpose
from portal.certificates.statuslist.models import StatusEdition, StatusList


class ListSigner(Protocol):
    """What of an issuer is needed to sign a list."""

    @property
    def id(self) -> str: ...
    @property
    def status_address(self) -> str: ...
    @property
    def seal(self) -> tokens.TokenSigner: ...


@dataclass(frozen=True, slots=True)
class Published:
    """A signed list as it is served; ``digest`` is the SHA-256 of ``token``, ``begins`` when it was made."""

    token: str
    digest: str
    begins: datetime


def published(
    session: Session, number: int, purpose: Purpose, *, issuer: ListSigner, now: datetime
) -> Published | None:
    """The edition to serve, made anew first where a status has changed since or it has grown old.

    Nothing where the issuer has no list of the number.
    """
    found = _edition(session, number, purpose, issuer)
    if found is None or not _serves(session, found, purpose, issuer, now):
        if not make(session, number, issuer=issuer, now=now):
            return None
        found = _edition(session, number, purpose, issuer)
    return None if found is None else Published(found.token, found.digest, found.begins)


def make(session: Session, number: int, *, issuer: ListSigner, now: datetime) -> bool:
    """Make every purpose's edition of a list, all of one moment; says whether there is such a list.

    The list is locked meanwhile, so that editions follow one another. Whoever waited for the lock makes none twice.
    """
    kept = _locked(session, number)
    if kept is None or kept.issuer_id != issuer.id:
        return False
    editions = {purpose: _edition(session, number, purpose, issuer) for purpose in PURPOSES}
    if all(found is not None and _serves(session, found, purpose, issuer, now) for purpose, found in editions.items()):
        return True
    kept.decoys = decoys.later(kept.decoys)
    states = {**decoys.states(kept.decoys), **dict(_exceptions(session, number))}
    # No two editions have one moment, or a verifier could not tell the older from the newer.
    later = (edition.begins + form.STEP for edition in editions.values() if edition is not None)
    begins = max([now.replace(microsecond=0), *later])
    ends = begins + form.LIFE
    for purpose, edition in editions.items():
        lies_at = form.address(issuer.status_address, number, purpose)
        terms = {"begins": statements.moment(begins), "ends": statements.moment(ends)}
        facts = form.content(issuer.id, lies_at, purpose, form.values_of(states, purpose), **terms)
        token = tokens.sign(facts, signer=issuer.seal, typ=form.JWT_TYPE)
        if edition is None:
            edition = StatusEdition(number=number, purpose=purpose)
            session.add(edition)
        edition.address, edition.begins, edition.changes, edition.key = lies_at, begins, kept.changes, issuer.seal.kid
        edition.token, edition.digest = token, hashlib.sha256(token.encode("ascii")).hexdigest()
    session.flush()
    return True


def living(session: Session, issuer_id: str, today: date) -> list[int]:
    """The lists that hold a certificate whose term has not ended, in order of their numbers."""
    chosen = select(StatusList.number).where(StatusList.issuer_id == issuer_id, StatusList.last_day >= today)
    return list(session.scalars(chosen.order_by(StatusList.number)))


def outdated(session: Session, now: datetime) -> list[int]:
    """The living lists of which an edition is missing, behind or old."""
    behind = or_(
        StatusEdition.number.is_(None),
        StatusEdition.changes != StatusList.changes,
        StatusEdition.begins <= now - form.LIFE / 2,
    )
    one = and_(StatusEdition.number == StatusList.number, StatusEdition.purpose == PURPOSES[0])
    chosen = select(StatusList.number).outerjoin(StatusEdition, one)
    return list(session.scalars(chosen.where(behind, StatusList.last_day >= now.date()).order_by(StatusList.number)))


def note_change(session: Session, number: int) -> None:
    """Count a change of status in a list, whose editions are then out of date."""
    session.execute(update(StatusList).where(StatusList.number == number).values(changes=StatusList.changes + 1))


def _locked(session: Session, number: int) -> StatusList | None:
    """The list, for this transaction alone to change. It is written, as SQLite locks nothing that is only read."""
    session.execute(update(StatusList).where(StatusList.number == number).values(changes=StatusList.changes))
    chosen = select(StatusList).where(StatusList.number == number)
    return session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()


def _edition(session: Session, number: int, purpose: Purpose, issuer: ListSigner) -> StatusEdition | None:
    chosen = select(StatusEdition).join(StatusList, StatusList.number == StatusEdition.number)
    mine = chosen.where(StatusList.issuer_id == issuer.id, StatusEdition.number == number)
    return session.scalars(
        mine.where(StatusEdition.purpose == purpose).execution_options(populate_existing=True)
    ).one_or_none()


def _serves(session: Session, edition: StatusEdition, purpose: Purpose, issuer: ListSigner, now: datetime) -> bool:
    changes = session.scalar(select(StatusList.changes).where(StatusList.number == edition.number))
    return (
        edition.changes == changes
        and edition.key == issuer.seal.kid
        and edition.address == form.address(issuer.status_address, edition.number, purpose)
        and now < edition.begins + form.LIFE / 2
    )


def _exceptions(session: Session, number: int) -> Iterator[tuple[int, str]]:
    """Index and state of every certificate of a list that is not valid."""
    newest = (
        select(func.max(CertificateEvent.sequence))
        .where(CertificateEvent.certificate_id == Certificate.id)
        .correlate(Certificate)
        .scalar_subquery()
    )
    chosen = (
        select(Certificate.list_index, CertificateEvent.state)
        .join(CertificateEvent, CertificateEvent.certificate_id == Certificate.id)
        .where(Certificate.list_number == number, CertificateEvent.state != "valid")
        .where(CertificateEvent.sequence == newest)
    )
    for index, state in session.execute(chosen):
        if index is not None:
            yield index, state
