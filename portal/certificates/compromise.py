"""What to do when a key may be in other hands: say since when, and find every certificate that it casts doubt on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from portal import audit
from portal.certificates import key_folder, keys
from portal.certificates.log.models import LogEntry
from portal.certificates.models import Certificate
from portal.certificates.signer import KeyRefused
from portal.certificates.trust import Compromise, TrustedIssuer, TrustedKey
from portal.config import Settings

VERB = "key.compromised"


def declare(
    session: Session, settings: Settings, name: str, *, since: datetime, actor: audit.Actor, now: datetime
) -> tuple[TrustedKey, ...]:
    """Write down that a key may be in other hands since a moment, and end its term; gives the key in each of its uses.

    ``name`` is the key's thumbprint or the beginning of it. A TEST issuer whose key this is gets new keys at once; a
    real one issues nothing before the settings name another key. A moment that was declared before is only ever moved
    back. Raises ``KeyRefused``.
    """
    if since > now:
        raise KeyRefused("the moment lies in the future")
    # Nothing here asks for a key: the token that holds it may be the very thing that was stolen.
    register = opened_register(settings)
    found = matching(register, name)
    entries = entries_before(session, since)
    if register.test and any(key.ends is None for key in found):
        keys.rotate(settings, now=now)
    with key_folder.locked(settings.instance) as folder:
        register = key_folder.read_register(folder)
        changed = tuple(
            _compromised(key, since, entries, now) if key.thumbprint == found[0].thumbprint else key
            for key in register.keys
        )
        key_folder.write_register(folder, replace(register, keys=changed))
    audit.record(
        session,
        actor=actor,
        verb=VERB,
        subject=f"key:{found[0].thumbprint}",
        now=now,
        details={"since": since.isoformat(), "log_entries": entries, "uses": [key.use for key in found]},
    )
    return tuple(key for key in changed if key.thumbprint == found[0].thumbprint)


def opened_register(settings: Settings) -> TrustedIssuer:
    """Every key that the issuer ever had, without opening one. Raises ``KeyRefused`` where there is no register."""
    with key_folder.locked(settings.instance) as folder:
        if not (folder / "issuer.json").exists():
            raise KeyRefused(f"{folder} holds no register of keys")
        return key_folder.read_register(folder)


def matching(issuer: TrustedIssuer, name: str) -> tuple[TrustedKey, ...]:
    """The key of a thumbprint, or of the beginning of one, in each of its uses. Raises ``KeyRefused``."""
    found = tuple(key for key in issuer.keys if name and key.thumbprint.startswith(name))
    if len({key.thumbprint for key in found}) != 1:
        raise KeyRefused(f"{name} names {'no key' if not found else 'several keys'} of {issuer.id}")
    return found


def affected(session: Session, issuer: TrustedIssuer, key: TrustedKey) -> list[Certificate]:
    """The certificates of the register that a compromised key signed since then, the oldest first."""
    return list(session.scalars(in_doubt(issuer, [key])))


def in_doubt(issuer: TrustedIssuer, found: Sequence[TrustedKey]) -> Select[Certificate]:
    """The same for several keys, or one in several uses, each certificate once."""
    terms = [
        (Certificate.issued_at >= max(key.compromise.since, key.begins))
        & (Certificate.issued_at <= (key.ends or datetime.max.replace(tzinfo=key.begins.tzinfo)))
        for key in found
        if key.compromise is not None
    ]
    chosen = select(Certificate).where(Certificate.issuer_id == issuer.id, or_(false(), *terms))
    return chosen.order_by(Certificate.log_index)


def entries_before(session: Session, moment: datetime) -> int:
    """How many entries the log had at a moment: as many as lie before the first that is not older."""
    later = select(func.min(LogEntry.index)).where(LogEntry.issued >= int(moment.timestamp()))
    first = session.scalar(later)
    if first is not None:
        return first
    return session.scalar(select(func.count()).select_from(LogEntry)) or 0


def _compromised(key: TrustedKey, since: datetime, entries: int, now: datetime) -> TrustedKey:
    earlier = key.compromise
    if earlier is not None and earlier.since <= since:
        return key
    ends = key.ends or now.replace(microsecond=0)
    return replace(key, ends=ends, compromise=Compromise(since.replace(microsecond=0), entries))
