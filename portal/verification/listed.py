"""The status lists that a verifier has at hand, and what they say of a certificate without asking anybody."""

import base64
import binascii
import fcntl
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from portal.certificates import strict_json, tokens
from portal.certificates.seal import Essentials
from portal.certificates.signer import PublicKey
from portal.certificates.status import State
from portal.certificates.statuslist import form
from portal.certificates.statuslist.form import ListMalformed, Place, Purpose
from portal.certificates.trust import TrustedIssuer, TrustRoot
from portal.verification.proof import SKEW
from portal.verification.sources import StatusAnswer, StatusSource, StatusUnavailable

log = logging.getLogger(__name__)
MAX_LIST = 256 * 1024  # bytes of one signed list
MAX_FILES = 20_000
# In the instance folder: where fetched lists lie, and what was believed before.
FOLDER, MEMORY = "status-lists", "status-lists-seen.json"
GRACE = timedelta(minutes=1)
_MESSAGES: dict[int, State] = {0: "revoked", form.SUPERSEDED: "superseded", form.USED_UP: "used_up"}


class Seen:
    """When the newest edition of each list was made that this verifier ever believed, so that none is rolled back.

    Kept in a file on the verifier's own machine, never beside the lists: whoever brings old lists could bring an old
    memory with them. Without a file it lasts as long as the object.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, int] = {}

    def newest(self, address: str) -> datetime | None:
        """The moment of the newest edition believed so far."""
        if self._path is not None:
            self._known.update(_remembered(self._path))
        found = self._known.get(address)
        return None if found is None else datetime.fromtimestamp(found, UTC)

    def note(self, address: str, begins: datetime) -> None:
        """Remember an edition. What cannot be written is remembered as long as this object lives."""
        moment = int(begins.timestamp())
        if moment <= self._known.get(address, -1):
            return
        self._known[address] = moment
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                known = _remembered(self._path)
                known[address] = max(moment, known.get(address, 0))
                beside = self._path.with_suffix(".new")
                beside.write_text(json.dumps(known, indent=1), "utf-8")
                beside.replace(self._path)
        except OSError as error:
            log.warning("which status lists were believed cannot be remembered: %s", error)


def at_hand(instance: Path, trust: TrustRoot, source: Path | None = None) -> "ListedStatus | None":
    """The lists of a source, else those that were fetched into the instance folder; nothing where there are none."""
    found = source or instance / FOLDER
    return ListedStatus(found, trust, seen=Seen(instance / MEMORY)) if found.exists() else None


def _remembered(path: Path) -> dict[str, int]:
    try:
        found = strict_json.loads(path.read_bytes(), max_bytes=16 * 1024 * 1024)
    except (OSError, strict_json.JsonRefused):
        return {}
    return {name: at for name, at in found.items() if type(at) is int and 0 < at < 2**40} if found else {}


@dataclass(frozen=True, slots=True)
class _Read:
    """What a list that can be believed says of one entry, and when it was made."""

    begins: datetime
    value: int


class ListedStatus(StatusSource):
    """Status lists that were fetched while there was a network: a file, or a folder of them."""

    def __init__(self, source: Iterable[str] | Path, trust: TrustRoot, *, seen: Seen | None = None) -> None:
        """``source`` holds signed lists, or is a file or a folder of ``.jwt`` files that is read when it is needed."""
        self._trust = trust
        self._seen = seen or Seen()
        self._source = source

    @cached_property
    def _kept(self) -> dict[str, list[str]]:
        kept: dict[str, list[str]] = {}
        for token in _tokens(self._source) if isinstance(self._source, Path) else self._source:
            kept.setdefault(_claimed_address(token), []).append(token)
        return kept

    def ask(
        self, issuer: TrustedIssuer, number: str, *, now: datetime, facts: Essentials | None = None
    ) -> StatusAnswer:
        if facts is None or facts.place is None:
            raise StatusUnavailable("number-needs-register" if facts is None else "status-no-list")
        revoked, suspended = (self._read(issuer, facts, facts.place, one, now) for one in ("revocation", "suspension"))
        # One list is enough for "no"; "yes" needs both.
        if isinstance(revoked, _Read) and revoked.value:
            return StatusAnswer(self._ended(issuer, facts, facts.place, now), None, revoked.begins)
        if isinstance(suspended, _Read) and suspended.value:
            return StatusAnswer("suspended", None, suspended.begins)
        if isinstance(revoked, StatusUnavailable):
            raise revoked
        if isinstance(suspended, StatusUnavailable):
            raise suspended
        return StatusAnswer("valid", None, min(revoked.begins, suspended.begins))

    def _read(
        self, issuer: TrustedIssuer, facts: Essentials, place: Place, purpose: Purpose, now: datetime
    ) -> "_Read | StatusUnavailable":
        """What a list says and of when it is, or why it says nothing."""
        bits = form.BITS[purpose]
        try:
            begins, encoded = self._newest(issuer, facts, place, purpose, now)
            return _Read(begins, form.value(form.unpack(encoded, bits), place.index, bits))
        except ListMalformed as error:
            return StatusUnavailable(error.key)
        except StatusUnavailable as error:
            return error

    def _ended(self, issuer: TrustedIssuer, facts: Essentials, place: Place, now: datetime) -> State | Literal["ended"]:
        """Why a certificate has ended for good; without the list of messages only that it has."""
        found = self._read(issuer, facts, place, "message", now)
        return _MESSAGES.get(found.value, "ended") if isinstance(found, _Read) else "ended"

    def _newest(
        self, issuer: TrustedIssuer, facts: Essentials, place: Place, purpose: Purpose, now: datetime
    ) -> tuple[datetime, str]:
        """When the newest list that can be believed was made, and its bits; else why the last one cannot be.

        1. It is signed by a key of the certificate's own issuer that was in use when the list was made.
        2. It is the list of this address and purpose.
        3. It has begun and not ended, and was not made to last longer than lists do.
        4. It is not older than one that was believed before, nor than the certificate.
        """
        lies_at = form.address(issuer.status_address, place.number, purpose)
        fault, found = StatusUnavailable("status-list-missing"), []
        for token in (*self._kept.get("", ()), *self._kept.get(lies_at, ())):
            try:
                found.append(read_list(token, lies_at, purpose, issuer, self._trust, now))
            except StatusUnavailable as error:
                fault = error
        if not found:
            raise fault
        begins, encoded = max(found)
        before = self._seen.newest(lies_at)
        if before is not None and begins < before:
            raise StatusUnavailable("status-list-rolled-back", as_of=begins)
        self._seen.note(lies_at, begins)
        if begins < facts.issued_at - SKEW:
            raise StatusUnavailable("status-stale", as_of=begins)
        return begins, encoded


def _tokens(source: Path) -> Iterator[str]:
    files = sorted(source.rglob("*.jwt"))[:MAX_FILES] if source.is_dir() else [source]
    for file in files:
        try:
            with file.open("rb") as opened:
                yield opened.read(MAX_LIST + 1).decode("ascii", errors="replace").strip()
        except OSError:
            continue  # a list that cannot be read is one that is not there


def _claimed_address(token: str) -> str:
    """Which list a text claims to be, so that it is looked at when that list is needed; empty where it says nothing."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        facts = strict_json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return ""
    found = facts.get("id") if isinstance(facts, dict) else None
    return found if isinstance(found, str) else ""


def read_list(
    token: str, lies_at: str, purpose: Purpose, issuer: TrustedIssuer, trust: TrustRoot, now: datetime
) -> tuple[datetime, str]:
    """When a list was made, and its bits, once it is certain that it is the issuer's list of this address and purpose.

    Raises ``StatusUnavailable``.
    """
    name = ""

    def find_key(kid: str) -> PublicKey:
        nonlocal name
        issuer_id, _, name = kid.partition("#")
        found = trust.key("seal", name)
        if found is None or issuer_id != issuer.id or found[0].id != issuer.id:
            raise StatusUnavailable("status-list-signer")
        return found[1].public_key

    try:
        facts = tokens.verify(token, typ=form.JWT_TYPE, find_key=find_key)
    except tokens.TokenRefused as error:
        raise StatusUnavailable("status-list-malformed" if error.malformed else "status-list-signer") from error
    subject = facts.get("credentialSubject")
    if not isinstance(subject, dict) or facts.get("issuer") != issuer.id:
        raise StatusUnavailable("status-list-malformed")
    shape = {"@context": [form.CONTEXT], "type": ["VerifiableCredential", form.LIST_TYPE]}
    if any(facts.get(member) != told for member, told in shape.items()) or subject.get("type") != form.SUBJECT_TYPE:
        raise StatusUnavailable("status-list-malformed")
    if facts.get("id") != lies_at or subject.get("statusPurpose") != purpose:
        raise StatusUnavailable("status-list-purpose")
    begins, ends, encoded = (
        _read_moment(facts, "validFrom"),
        _read_moment(facts, "validUntil"),
        subject.get("encodedList"),
    )
    if not isinstance(encoded, str) or not begins < ends <= begins + form.LONGEST_LIFE or begins > now + SKEW:
        raise StatusUnavailable("status-list-malformed")
    signed_with = trust.key("seal", name)
    if signed_with is None or not signed_with[1].covers(begins):
        raise StatusUnavailable("status-list-signer")
    if now > ends + GRACE:
        raise StatusUnavailable("status-list-expired", as_of=begins)
    return begins, encoded


def _read_moment(facts: dict[str, Any], member: str) -> datetime:
    try:
        return datetime.strptime(facts.get(member, ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise StatusUnavailable("status-list-malformed") from error
