"""The compliance officer attests with a passkey, through the page: what the certificate proves, and every attack."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts import passkeys
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.certificates import attested, keys
from portal.config import Settings
from portal.relying_party import of_address
from portal.shipments import conduct
from portal.shipments.models import Shipment
from portal.shipments.states import State
from tests.authenticator import PRESENT, Authenticator, options, tampered
from tests.shipments.conftest import Firm
from tests.shipments.test_views.conftest import Desk, fields_of

SITE = of_address("http://127.0.0.1:8000")
Enter = Callable[[User], FlaskClient]


def registered(database: Session, owner: User, now: datetime) -> Authenticator:
    device, nonce = Authenticator(), owner.id.bytes * 2
    answer = device.create(passkeys.creation_options(owner, nonce, SITE, "Portal"))
    passkeys.register(database, owner, "Desk", answer, challenge=nonce, party=SITE, now=now)
    database.commit()
    return device


@pytest.fixture
def device(database: Session, firm: Firm, now: datetime) -> Authenticator:
    """The officer's own passkey."""
    return registered(database, firm.officer, now)


@pytest.fixture
def submitted(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(submitted=True)


def opened(client: FlaskClient, desk: Desk) -> TestResponse:
    return client.get(desk.path("/attest"), base_url=SITE.origin)


def send(client: FlaskClient, desk: Desk, page: TestResponse, answer: str, **changes: str) -> TestResponse:
    sent = {**fields_of(page), "agreed": "y", "passkey": answer, **changes}
    return client.post(desk.path("/attest"), data=sent, base_url=SITE.origin)


def stated(database: Session, shipment: Shipment) -> dict[str, Any]:
    database.expire_all()
    found = conduct.certificate(database, shipment)
    assert found is not None
    read: dict[str, Any] = json.loads(found.statement)
    return read


def verbs(database: Session) -> list[str]:
    return list(database.scalars(select(AuditEvent.verb).order_by(AuditEvent.sequence)))


def test_the_certificate_carries_a_proof_that_the_officer_attested_it(
    submitted: Desk, enter: Enter, device: Authenticator, database: Session
) -> None:
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    answer = send(client, submitted, page, device.get(options(page.text)))
    assert answer.status_code == 303
    facts = stated(database, submitted.shipment)
    assert facts["attestation"]["method"] == "passkey"
    assert attested.check(facts) == attested.Checked(before_review=False, counter_stale=False)
    (word,) = submitted.shipment.attestations
    assert word.passkey_id == submitted.firm.officer.passkeys[0].id
    assert facts["attestation"]["evidence"]["file"] == word.digest
    assert "shipment.attested" in verbs(database)


def refused(database: Session, desk: Desk, answer: TestResponse) -> None:
    """Nothing was attested, and it is on record that somebody tried."""
    assert answer.status_code == 422
    database.expire_all()
    assert desk.shipment.state == State.SUBMITTED
    assert desk.shipment.attestations == []
    assert verbs(database)[-1] == "passkey.refused"


def elsewhere(device: Authenticator) -> None:
    device.origin = "http://localhost:8001"


def unverified(device: Authenticator) -> None:
    device.flags = PRESENT


@pytest.mark.parametrize("spoil", [elsewhere, unverified])
def test_on_another_site_or_without_its_user_verified_it_attests_nothing(
    submitted: Desk, enter: Enter, device: Authenticator, database: Session, spoil: Callable[[Authenticator], None]
) -> None:
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    spoil(device)
    refused(database, submitted, send(client, submitted, page, device.get(options(page.text))))


def test_another_persons_passkey_attests_nothing(
    submitted: Desk, enter: Enter, device: Authenticator, database: Session, now: datetime
) -> None:
    other = registered(database, submitted.firm.second_officer, now)
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    refused(database, submitted, send(client, submitted, page, other.get(options(page.text))))


def test_a_tampered_signature_attests_nothing(
    submitted: Desk, enter: Enter, device: Authenticator, database: Session
) -> None:
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    refused(database, submitted, send(client, submitted, page, tampered(device.get(options(page.text)), "signature")))


def test_an_answer_for_one_shipment_does_not_attest_another(
    make_desk: Callable[..., Desk], enter: Enter, device: Authenticator, database: Session
) -> None:
    first, second = make_desk(submitted=True), make_desk(submitted=True)
    client = enter(first.firm.officer)
    page = opened(client, first)
    answer = device.get(options(page.text))
    refused(database, second, send(client, second, page, answer))
    # With the token of the other page the challenge is another one, as the facts are.
    refused(database, second, send(client, second, opened(client, second), answer))


def test_an_answer_serves_once(submitted: Desk, enter: Enter, device: Authenticator, database: Session) -> None:
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    answer = device.get(options(page.text))
    assert send(client, submitted, page, answer).status_code == 303
    assert send(client, submitted, page, answer).status_code == 409
    assert verbs(database).count("shipment.attested") == 1


def test_what_has_changed_since_the_page_was_read_is_not_attested(
    submitted: Desk, enter: Enter, device: Authenticator, database: Session
) -> None:
    """The passkey signs what was shown: a change that the version does not tell of is found all the same."""
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    submitted.shipment.goods[0].net_weight_kg += 1
    database.commit()
    refused(database, submitted, send(client, submitted, page, device.get(options(page.text))))


def test_a_counter_that_did_not_grow_is_noted_in_the_certificate(
    submitted: Desk, enter: Enter, device: Authenticator, database: Session
) -> None:
    submitted.firm.officer.passkeys[0].sign_count = 7
    database.commit()
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    assert send(client, submitted, page, device.get(options(page.text))).status_code == 303
    assert attested.check(stated(database, submitted.shipment)).counter_stale
    assert "passkey.counter_stale" in verbs(database)


def test_the_box_has_to_be_ticked(submitted: Desk, enter: Enter, device: Authenticator, database: Session) -> None:
    client = enter(submitted.firm.officer)
    page = opened(client, submitted)
    sent = {**fields_of(page), "passkey": device.get(options(page.text))}
    answer = client.post(submitted.path("/attest"), data=sent)
    assert answer.status_code == 422
    assert submitted.shipment.state == State.SUBMITTED


def test_who_has_no_passkey_is_told_of_them_and_attests_with_the_password(submitted: Desk, enter: Enter) -> None:
    page = opened(enter(submitted.firm.officer), submitted).text
    assert "/account/passkeys" in page
    assert "data-passkey=" not in page
    assert 'name="password"' in page


def test_after_an_authoritys_review_what_was_entered_is_still_proven(
    make_desk: Callable[..., Desk], enter: Enter, database: Session, now: datetime, settings: Settings,
    device: Authenticator, people: Callable[..., User],
) -> None:  # fmt: skip
    desk = make_desk("gallium-forwarder", submitted=True)
    client = enter(desk.firm.officer)
    page = opened(client, desk)
    assert send(client, desk, page, device.get(options(page.text))).status_code == 303
    database.expire_all()
    assert desk.shipment.state == State.REFERRED
    issuer = keys.open_issuer(settings, now=now)
    told = {"by": people("officer"), "now": now, "issuer": issuer, "settings": settings}
    desk.firm.organisation.name_en = "Renamed since"
    with pytest.raises(conduct.CannotIssue):
        conduct.certify_referral(database, desk.shipment, "Cleared", **told)  # type: ignore[arg-type]
    assert desk.shipment.state == State.REFERRED
    conduct.certify_referral(database, desk.shipment, "Cleared", **told)  # type: ignore[arg-type]
    assert not attested.check(stated(database, desk.shipment)).counter_stale
