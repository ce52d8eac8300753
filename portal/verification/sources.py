"""Where a verifier learns a certificate's status. A source that has no answer says so; it never guesses."""

import ipaddress
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certificates import credential, status, strict_json, tokens
from portal.certificates.credential import DATA_PREFIX
from portal.certificates.models import Certificate, CertificateFile
from portal.certificates.seal import Essentials
from portal.certificates.signer import PublicKey
from portal.certificates.status import State
from portal.certificates.trust import TrustedIssuer, TrustRoot
from portal.text import Text
from portal.verification.proof import SKEW

MAX_ANSWER = 256 * 1024
NOT_FOUND = 404
_SECONDS = 5.0
_STATES = frozenset({"valid", "suspended", "revoked", "expired", "superseded", "used_up"})


class StatusUnavailable(Exception):
    """No status could be had; ``key`` names the reason for the verdict."""

    def __init__(self, key: str, *, as_of: datetime | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.as_of = as_of


class NotRegistered(Exception):
    """The issuer's register has no certificate of this number."""


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """What a source says; "ended" is for one that knows that a certificate is over for good, and not why.

    ``digest`` is that of the registered statement, empty where the source cannot know it.

    ``log_proof`` is the proof that the certificate is in the log, from sources that have it: a seal has no room for it.
    """

    state: State | Literal["ended"]
    since: datetime | None
    as_of: datetime
    digest: str = ""
    reason: Text | None = None
    log_proof: str = ""


class StatusSource(ABC):
    """Answers for the status of certificates of some issuers."""

    @abstractmethod
    def ask(
        self, issuer: TrustedIssuer, number: str, *, now: datetime, facts: Essentials | None = None
    ) -> StatusAnswer:
        """The status of a certificate. ``facts`` are what is proven of it, nothing where only its number is known.

        Raises ``StatusUnavailable`` or ``NotRegistered``.
        """

    def credential(self, number: str) -> str | None:
        """The register's own copy of the credential, from sources that have one."""
        return None


class DatabaseStatus(StatusSource):
    """The register itself, inside the portal of the issuer ``issuer_id``."""

    def __init__(self, session: Session, *, issuer_id: str) -> None:
        self._session = session
        self._issuer_id = issuer_id

    def ask(
        self, issuer: TrustedIssuer, number: str, *, now: datetime, facts: Essentials | None = None
    ) -> StatusAnswer:
        certificate = status.find(self._session, number)
        if certificate is None or certificate.issuer_id != issuer.id:
            if issuer.id != self._issuer_id:
                raise StatusUnavailable("status-no-source")
            raise NotRegistered(number)
        found = status.current(self._session, certificate, now)
        kept = self._credential(number)
        proof = credential.enclosed_log_proof(kept) if kept else ""
        return StatusAnswer(found.state, found.since, now, certificate.digest, found.reason_text, proof)

    def credential(self, number: str) -> str | None:
        content = self._credential(number)
        return None if content is None else str(strict_json.loads(content)["id"]).removeprefix(DATA_PREFIX)

    def _credential(self, number: str) -> bytes | None:
        kept = (
            select(CertificateFile.content)
            .join(Certificate, Certificate.id == CertificateFile.certificate_id)
            .where(Certificate.number == number, CertificateFile.kind == "json")
        )
        return self._session.scalars(kept).one_or_none()


class HttpStatus(StatusSource):
    """The issuer's register, asked over the network.

    The address comes from the trust file, never from a certificate, so nobody can make a verifier call somewhere.
    The answer counts only under the issuer's signature, and while it is fresh.
    """

    def __init__(self, trust: TrustRoot, *, timeout: float = _SECONDS) -> None:
        self._trust = trust
        self._timeout = timeout
        self._opener = urllib.request.build_opener(NoRedirect)

    def ask(
        self, issuer: TrustedIssuer, number: str, *, now: datetime, facts: Essentials | None = None
    ) -> StatusAnswer:
        address = issuer.status_address + number + "?format=json"
        if not may_be_asked(address):
            raise StatusUnavailable("status-no-source")
        token, log_proof = self._fetch(address)
        told = _signed(token, status.ANSWER_TYPE, issuer, self._trust)
        as_of = _fresh(told, now)
        if told.get("number") == number and told.get("state") == status.NOT_REGISTERED:
            raise NotRegistered(number)
        if told.get("number") != number or told.get("state") not in _STATES:
            raise StatusUnavailable("status-untrusted")
        return StatusAnswer(
            cast(State, told["state"]),
            _moment(told.get("since")),
            as_of,
            str(told.get("digest", "")),
            _reason(told.get("reason_code")),
            log_proof,
        )

    def _fetch(self, address: str) -> tuple[str, str]:
        """The token of an answer and the log's proof beside it.

        "Not found" has a token too, so that nobody else can say it for the register.
        """
        request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 - checked
        try:
            try:
                response = self._opener.open(request, timeout=self._timeout)
            except urllib.error.HTTPError as error:
                if error.code != NOT_FOUND:
                    error.close()
                    raise StatusUnavailable("status-unreachable") from error
                response = error
            with response:
                document = strict_json.loads(response.read(MAX_ANSWER + 1), max_bytes=MAX_ANSWER)
        except (OSError, ValueError) as error:
            raise StatusUnavailable("status-unreachable") from error
        token = document.get("token") if isinstance(document, dict) else None
        if not isinstance(token, str):
            raise StatusUnavailable("status-untrusted")
        proof = document.get("log_proof")
        return token, proof if isinstance(proof, str) else ""


class FirstAnswer(StatusSource):
    """Several sources in order: the first that has an answer gives it."""

    def __init__(self, *sources: StatusSource) -> None:
        self._sources = sources

    def ask(
        self, issuer: TrustedIssuer, number: str, *, now: datetime, facts: Essentials | None = None
    ) -> StatusAnswer:
        last = StatusUnavailable("status-no-source")
        for source in self._sources:
            try:
                return source.ask(issuer, number, now=now, facts=facts)
            except StatusUnavailable as error:
                last = error
        raise last

    def credential(self, number: str) -> str | None:
        return next((token for source in self._sources if (token := source.credential(number))), None)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would lead to an address that the trust file does not name."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def may_be_asked(address: str) -> bool:
    """HTTPS anywhere; plain HTTP only on this machine, where the portal runs before it has a certificate."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    host = parts.hostname or ""
    if parts.scheme != "http":
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _signed(token: str, typ: str, issuer: TrustedIssuer, trust: TrustRoot) -> dict[str, Any]:
    def find_key(kid: str) -> PublicKey:
        issuer_id, _, name = kid.partition("#")
        found = trust.key("seal", name)
        if found is None or issuer_id != issuer.id or found[0].id != issuer.id or found[1].ends is not None:
            raise StatusUnavailable("status-untrusted")
        return found[1].public_key

    try:
        facts = tokens.verify(token, typ=typ, find_key=find_key)
    except tokens.TokenRefused as error:
        raise StatusUnavailable("status-untrusted") from error
    if facts.get("iss") != issuer.id:
        raise StatusUnavailable("status-untrusted")
    return facts


def _fresh(facts: dict[str, Any], now: datetime) -> datetime:
    """When the answer was given, if it still counts at ``now``."""
    given, ends = facts.get("iat"), facts.get("exp")
    if type(given) is not int or type(ends) is not int or not 0 < given < ends < 2**40:
        raise StatusUnavailable("status-untrusted")
    as_of = datetime.fromtimestamp(given, UTC)
    if now > datetime.fromtimestamp(ends, UTC) + timedelta(minutes=1):
        raise StatusUnavailable("status-stale", as_of=as_of)
    if as_of > now + SKEW:
        raise StatusUnavailable("status-untrusted")
    return as_of


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def _reason(code: Any) -> Text | None:
    found = status.reasons().get(code) if isinstance(code, str) else None
    return found.text if found else None
