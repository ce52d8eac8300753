"""Passkeys: registered, removed, signed in with alone and after the password, and every attack on them refused."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import passkeys, passwords, second_factor
from portal.accounts.models import SpentChallenge, User
from portal.accounts.passkeys import CeremonyEnded, CounterStale, PasskeyRefused
from portal.accounts.passwords import Cost
from portal.audit.models import AuditEvent
from portal.relying_party import RelyingParty, of_address
from tests.authenticator import PRESENT, Authenticator, ceremony, options, tampered

CHEAP = Cost(passes=1, memory=8, lanes=1)
PASSWORD = "correct horse battery staple"
SITE = of_address("http://127.0.0.1:8000")
KEY = "k" * 40
HERE = "http://localhost:8000"


@pytest.fixture
def owner(people: Callable[..., User], database: Session, client: FlaskClient) -> User:
    client.application.config["PASSWORD_COST"] = CHEAP
    person = people("preparer")
    person.password_hash = passwords.keep(PASSWORD, CHEAP)
    database.commit()
    return person


@pytest.fixture
def registered(database: Session, owner: User, now: datetime) -> Authenticator:
    """A passkey of the owner, registered without the pages."""
    device = Authenticator()
    asked = passkeys.creation_options(owner, b"n" * 32, SITE, "Portal")
    answer = device.create(asked)
    passkeys.register(database, owner, "Desk", answer, challenge=b"n" * 32, party=SITE, now=now)
    database.commit()
    return device


def prove(
    database: Session, answer: str, now: datetime, challenge: bytes = b"c" * 32, owner: User | None = None
) -> passkeys.Assertion:
    return passkeys.prove(database, answer, challenge=challenge, party=SITE, now=now, owner=owner)


def asked(challenge: bytes = b"c" * 32) -> dict[str, object]:
    return passkeys.request_options(challenge, SITE)


@pytest.mark.parametrize(
    ("address", "party", "origin"),
    [
        ("http://127.0.0.1:8000/verify/x", "localhost", "http://localhost:8000"),
        ("https://Portal.Example/verify/", "portal.example", "https://portal.example"),
        ("https://portal.example:443", "portal.example", "https://portal.example"),
        ("https://portal.example:8443/a", "portal.example", "https://portal.example:8443"),
        ("http://[::1]:80", "localhost", "http://localhost"),
    ],
)
def test_the_site_that_passkeys_belong_to(address: str, party: str, origin: str) -> None:
    assert of_address(address) == RelyingParty(party, origin)


def test_a_passkey_is_asked_for_by_name_with_its_user_verified(owner: User) -> None:
    told = passkeys.creation_options(owner, b"n" * 32, SITE, "Portal")
    assert told["authenticatorSelection"]["userVerification"] == "required"
    assert told["authenticatorSelection"]["residentKey"] == "required"
    assert asked()["userVerification"] == "required"
    assert asked()["allowCredentials"] == []  # nobody learns who has an account


def test_a_proof(database: Session, owner: User, registered: Authenticator, now: datetime) -> None:
    found = prove(database, registered.get(asked()), now, owner=owner)
    assert found.passkey.user_id == owner.id
    assert (found.counter, found.counter_before, found.passkey.sign_count) == (1, 0, 1)
    assert found.passkey.last_used_at == now


def test_a_replayed_answer_is_refused(database: Session, registered: Authenticator, now: datetime) -> None:
    answer = registered.get(asked())
    prove(database, answer, now)
    with pytest.raises(CeremonyEnded):
        prove(database, answer, now)


def test_spent_challenges_are_forgotten_when_no_page_is_open_that_long(
    database: Session, registered: Authenticator, now: datetime
) -> None:
    prove(database, registered.get(asked()), now)
    later = now + 3 * passkeys.OPEN_FOR
    prove(database, registered.get(asked(b"d" * 32)), later, b"d" * 32)
    assert [spent.at for spent in database.scalars(select(SpentChallenge))] == [later]


@pytest.mark.parametrize("part", ["signature", "clientDataJSON", "authenticatorData"])
def test_a_tampered_answer_is_refused(database: Session, registered: Authenticator, now: datetime, part: str) -> None:
    with pytest.raises(PasskeyRefused):
        prove(database, tampered(registered.get(asked()), part), now)


def test_an_answer_to_another_challenge_is_refused(database: Session, registered: Authenticator, now: datetime) -> None:
    with pytest.raises(PasskeyRefused):
        prove(database, registered.get(asked(), b"other" * 6 + b"xx"), now)


def test_an_answer_on_another_site_is_refused(database: Session, registered: Authenticator, now: datetime) -> None:
    registered.origin = "http://localhost:8001"
    with pytest.raises(PasskeyRefused):
        prove(database, registered.get(asked()), now)


def test_an_answer_without_its_user_verified_is_refused(
    database: Session, registered: Authenticator, now: datetime
) -> None:
    registered.flags = PRESENT
    with pytest.raises(PasskeyRefused):
        prove(database, registered.get(asked()), now)


def test_another_persons_passkey_is_refused(
    database: Session, registered: Authenticator, now: datetime, people: Callable[..., User]
) -> None:
    with pytest.raises(PasskeyRefused):
        prove(database, registered.get(asked()), now, owner=people("preparer"))


def test_a_passkey_that_names_another_person_is_refused(
    database: Session, registered: Authenticator, now: datetime
) -> None:
    registered.user_handle = b"someone else 16b"
    with pytest.raises(PasskeyRefused):
        prove(database, registered.get(asked()), now)


def test_a_counter_that_does_not_grow_is_told(database: Session, registered: Authenticator, now: datetime) -> None:
    prove(database, registered.get(asked()), now)
    registered.counter = 0
    with pytest.raises(CounterStale):
        prove(database, registered.get(asked(b"d" * 32)), now, b"d" * 32)
    registered.counter = 0
    answer = registered.get(asked(b"e" * 32))
    noted = passkeys.prove(database, answer, challenge=b"e" * 32, party=SITE, now=now, counter_must_grow=False)
    assert noted.counter_stale
    verbs = database.scalars(select(AuditEvent.verb)).all()
    assert verbs.count("passkey.counter_stale") == 2


@pytest.mark.parametrize("answer", ["", "[]", "{", '{"id": 3, "response": {}}', '{"response": []}', "x" * 30_000])
def test_rubbish_is_refused(database: Session, registered: Authenticator, now: datetime, answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        prove(database, answer, now)


def test_a_removed_passkey_opens_nothing(
    database: Session, owner: User, registered: Authenticator, now: datetime
) -> None:
    second_factor.switch_all_off(database, owner, actor=passkeys.people.as_actor(owner), now=now)
    assert not second_factor.is_on(owner)
    with pytest.raises(PasskeyRefused):
        prove(database, registered.get(asked()), now)


def test_a_token_is_for_its_purpose_its_subject_and_its_hour(now: datetime) -> None:
    begun = passkeys.begin("attest", "shipment", key=KEY, now=now)
    assert passkeys.resume("attest", "shipment", begun.token, key=KEY, now=now) == begun.nonce
    for purpose, subject, key, at in (
        ("sign-in", "shipment", KEY, now),
        ("attest", "another", KEY, now),
        ("attest", "shipment", "l" * 40, now),
        ("attest", "shipment", KEY, now + passkeys.OPEN_FOR + timedelta(seconds=2)),
    ):
        with pytest.raises(CeremonyEnded):
            passkeys.resume(purpose, subject, begun.token, key=key, now=at)  # type: ignore[arg-type]


# ---- through the pages


def add(client: FlaskClient, device: Authenticator, name: str = "Desk") -> str:
    page = client.post("/account/passkeys/add", data={"name": name, "present": PASSWORD}, base_url=HERE).text
    answer = device.create(options(page))
    sent = {"name": name, "ceremony": ceremony(page), "passkey": answer}
    return client.post("/account/passkeys/new", data=sent, follow_redirects=True).text


def test_registering_gives_recovery_codes_once_and_removing_takes_the_password(
    owner: User, sign_in: Callable[[User], FlaskClient], database: Session
) -> None:
    client = sign_in(owner)
    assert len(re.findall(r"portal-number", add(client, Authenticator()))) == second_factor.RECOVERY_CODES
    assert "portal-number" not in add(client, Authenticator(), "Phone")
    database.expire_all()
    assert [passkey.name for passkey in owner.passkeys] == ["Desk", "Phone"]
    path = f"/account/passkeys/{owner.passkeys[0].id}/remove"
    assert client.post(path, data={"present": "wrong"}).status_code == 422
    assert client.post(path, data={"present": PASSWORD}).status_code == 303
    assert client.post(path, data={"present": PASSWORD}).status_code == 404
    database.expire_all()
    assert [passkey.name for passkey in owner.passkeys] == ["Phone"]
    assert owner.recovery_digests != []


def test_a_passkey_cannot_be_added_without_the_password_or_under_another_name(
    owner: User, sign_in: Callable[[User], FlaskClient], database: Session
) -> None:
    client = sign_in(owner)
    assert client.post("/account/passkeys/add", data={"name": "x", "present": "wrong"}).status_code == 422
    page = client.post("/account/passkeys/add", data={"name": "Desk", "present": PASSWORD}, base_url=HERE).text
    answer = Authenticator().create(options(page))
    client.post("/account/passkeys/new", data={"name": "Other", "ceremony": ceremony(page), "passkey": answer})
    client.post("/account/passkeys/new", data={"name": "Desk", "ceremony": "", "passkey": answer})
    database.expire_all()
    assert owner.passkeys == []


def test_signing_in_with_a_passkey_alone(client: FlaskClient, registered: Authenticator) -> None:
    page = client.get("/sign-in?next=/account", base_url=HERE).text
    sent = {"ceremony": ceremony(page), "passkey": registered.get(options(page))}
    answer = client.post("/sign-in/passkey?next=/account", data=sent)
    assert answer.location == "/account"
    assert client.get("/account").status_code == 200
    client.post("/sign-out")
    assert client.post("/sign-in/passkey", data=sent).location.startswith("/sign-in")
    assert client.get("/account").status_code == 303


def test_who_has_a_passkey_is_asked_for_it_after_the_password(
    client: FlaskClient, owner: User, registered: Authenticator
) -> None:
    first = client.post("/sign-in", data={"email": owner.email, "password": PASSWORD})
    assert "/sign-in/code" in first.location
    assert client.get("/account").status_code == 303
    page = client.get("/sign-in/code", base_url=HERE).text
    stranger = Authenticator()
    sent = {"ceremony": ceremony(page), "passkey": stranger.get(options(page))}
    assert client.post("/sign-in/code", data=sent).status_code == 422
    sent["passkey"] = registered.get(options(page))
    assert client.post("/sign-in/code", data=sent).status_code == 303
    assert client.get("/account").status_code == 200


def test_at_a_number_the_page_leads_to_the_name_where_passkeys_work(client: FlaskClient) -> None:
    page = client.get("/sign-in?next=/account", base_url="http://127.0.0.1:8000").text
    assert 'href="http://localhost:8000/sign-in?next=/account"' in page
    assert "data-passkey=" not in page


def test_moments_are_of_the_request(registered: Authenticator, owner: User, database: Session) -> None:
    assert owner.passkeys[0].created_at == datetime(2026, 11, 24, 9, tzinfo=UTC)
