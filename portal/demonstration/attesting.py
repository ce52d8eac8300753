"""How the demonstration's compliance officers attest: with a passkey each, or by password where they have none."""

import secrets
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import passkeys, people, second_factor
from portal.accounts.models import Role, User
from portal.certificates import attested
from portal.certificates.keys import Issuer
from portal.config import Settings
from portal.demonstration.authenticator import SoftwareAuthenticator
from portal.relying_party import of_address
from portal.shipments import assess, conduct, signing
from portal.shipments.models import Shipment

NAME = "演示软件密钥 / software key of the demonstration"


class Keyring:
    """The officers' security keys while the month is told. They are kept nowhere."""

    def __init__(self, settings: Settings) -> None:
        self.party = of_address(settings.public_address)
        self._keys: dict[uuid.UUID, SoftwareAuthenticator] = {}

    def hand_out(self, session: Session, officer: User, now: datetime) -> None:
        """Register a key of a compliance officer, by the same ceremony as a page does."""
        key, nonce = SoftwareAuthenticator(self.party.origin), secrets.token_bytes(passkeys.NONCE_BYTES)
        asked = passkeys.creation_options(officer, nonce, self.party, NAME)
        passkeys.register(session, officer, NAME, key.create(asked), challenge=nonce, party=self.party, now=now)
        self._keys[officer.id] = key

    def attest(self, session: Session, shipment: Shipment, officer: User, issuer: Issuer, settings: Settings,
               now: datetime) -> None:  # fmt: skip
        """Attest as the officer: over the statement with the key, if there is one."""
        key, signed = self._keys.get(officer.id), None
        if key is not None:
            seen = signing.shown(shipment, assess.preview(session, shipment, now), officer=officer, now=now)
            nonce = secrets.token_bytes(passkeys.NONCE_BYTES)
            asked = passkeys.request_options(attested.challenge(seen.digest, nonce), self.party, officer.passkeys)
            signed = signing.Signed(key.get(asked), nonce, self.party)
        conduct.attest(session, shipment, officer=officer, now=now, issuer=issuer, settings=settings, signed=signed)

    def put_away(self, session: Session, now: datetime) -> None:
        """Remove the keys: whoever tries the demonstration signs in by password and registers a key of their own.

        What they have attested stays proven.
        """
        for officer in (session.get_one(User, identity) for identity in self._keys):
            for passkey in officer.passkeys:
                second_factor.remove_passkey(session, passkey, actor=people.as_actor(officer), now=now)
        self._keys.clear()


def officers(staff: list[User]) -> list[User]:
    """The compliance officers among an exporter's people."""
    return [person for person in staff if person.has_role(Role.COMPLIANCE_OFFICER)]
