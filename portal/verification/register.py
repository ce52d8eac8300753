"""What this installation believes and answers for: its trust root, and its own register of certificates."""

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from portal.certificates import custody, keys
from portal.certificates.keys import Issuer
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.verification.listed import at_hand
from portal.verification.report import Report
from portal.verification.sources import DatabaseStatus, FirstAnswer, StatusSource
from portal.verification.verify import verify

_lock = threading.Lock()
_opened: dict[tuple[object, ...], "Register"] = {}


@dataclass(frozen=True, slots=True)
class Register:
    """The issuer whose certificates this installation keeps, and every issuer that it trusts."""

    issuer: Issuer
    trust: TrustRoot
    instance: Path

    def examine(self, evidence: bytes, session: Session, *, now: datetime) -> Report:
        """Verify evidence against the trust root, with the register itself as the source of status.

        For certificates of other issuers the status lists serve that were fetched from them.
        """
        status: StatusSource = DatabaseStatus(session, issuer_id=self.issuer.id)
        listed = at_hand(self.instance, self.trust)
        if listed is not None:
            status = FirstAnswer(status, listed)
        return verify(evidence, trust=self.trust, status=status, now=now)


def open_register(settings: Settings, *, now: datetime) -> Register:
    """The register of an installation, read again only when a file that it rests on has changed.

    Raises ``KeyRefused`` or ``TrustError`` when keys or trust file cannot be used.
    """
    with _lock:
        key = _stamp(settings)
        found = _opened.get(key)
        if found is None:
            found = Register(keys.open_issuer(settings, now=now), keys.trust_root(settings, now=now), settings.instance)
            # A first run makes the keys, so that the stamp differs from the one before.
            _opened.clear()
            _opened[_stamp(settings)] = found
        return found


def _stamp(settings: Settings) -> tuple[object, ...]:
    register = settings.instance / "keys" / "issuer.json"
    addresses = (settings.issuer_key, settings.seal_key, settings.log_key, settings.log_former_key)
    key_files = (custody.file_behind(address) for address in addresses)
    files = (register, settings.issuer_chain_file, settings.trust_file, *key_files)
    return (settings.public_address, *addresses, *(_changed(path) for path in files))


def _changed(path: Path | None) -> tuple[str, int, int] | None:
    """Name, time of change and size of a file; nothing where there is none."""
    if path is None or not path.exists():
        return None
    found = path.stat()
    return str(path), found.st_mtime_ns, found.st_size
