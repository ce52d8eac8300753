"""What a trust file says of a log: its name, its keys, its witnesses, and how many of them a proof must have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.note import ED25519, VerifierKey
from portal.certificates.statement import moment


@dataclass(frozen=True, slots=True)
class TermKey:
    """A key of a log or a witness, which counts for what was signed from ``begins`` to ``ends``, to the second."""

    key: VerifierKey
    begins: datetime
    ends: datetime | None

    def covers(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at <= self.ends)

    def to_json(self) -> dict[str, Any]:
        ends = moment(self.ends) if self.ends else None
        return {"vkey": self.key.text, "from": moment(self.begins), "to": ends}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """Raises ``ValueError``."""
        key = VerifierKey.parse(entry["vkey"])
        begins = datetime.fromisoformat(entry["from"])
        ends = datetime.fromisoformat(entry["to"]) if entry["to"] else None
        if ends is not None and ends < begins:
            raise ValueError("ends before it begins")
        return cls(key, begins, ends)


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A log that an issuer's certificates must be in. ``required`` counts witnesses, by their names."""

    origin: str
    keys: tuple[TermKey, ...]
    witnesses: tuple[TermKey, ...]
    required: int

    def to_json(self) -> dict[str, Any]:
        return {
            "origin": self.origin,
            "keys": [key.to_json() for key in self.keys],
            "witnesses": [key.to_json() for key in self.witnesses],
            "witnesses_required": self.required,
        }

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """Read an entry that keeps to the schema. Raises ``ValueError`` when it contradicts itself."""
        keys, witnesses = (tuple(TermKey.read(each) for each in entry[part]) for part in ("keys", "witnesses"))
        names = [(one.key.name, one.key.id) for one in (*keys, *witnesses)]
        if len(set(names)) != len(names):
            raise ValueError("a key is named twice")
        if any(one.key.name != entry["origin"] for one in keys):
            raise ValueError("a key of the log has another name")
        if any(one.key.kind == ED25519 or one.key.name == entry["origin"] for one in witnesses):
            # Else a log could be its own witness.
            raise ValueError("a witness has the key of a log")
        if entry["witnesses_required"] > len({one.key.name for one in witnesses}):
            raise ValueError("more witnesses are required than are named")
        return cls(entry["origin"], keys, witnesses, entry["witnesses_required"])


def registered(logs: tuple[TrustedLog, ...], identity: LogIdentity, *, now: datetime) -> tuple[TrustedLog, ...]:
    """The logs of an issuer with this one up to date: new keys begin now, keys that are gone end now."""
    own = [signer.key for signer in identity.signers]
    cosigners = [one.key for one in identity.witnesses.asked]
    found = next((log for log in logs if log.origin == identity.origin), TrustedLog(identity.origin, (), (), 0))
    newer = replace(
        found,
        keys=_renewed(found.keys, own, now),
        witnesses=_renewed(found.witnesses, cosigners, now),
        required=identity.witnesses.required,
    )
    return (*(log for log in logs if log.origin != identity.origin), newer)


def _renewed(known: tuple[TermKey, ...], used: Iterable[VerifierKey], now: datetime) -> tuple[TermKey, ...]:
    begins, used = now.replace(microsecond=0), list(used)
    kept = tuple(one if one.ends or one.key in used else replace(one, ends=begins) for one in known)
    running = {one.key for one in kept if one.ends is None}
    return kept + tuple(TermKey(key, begins, None) for key in used if key not in running)
