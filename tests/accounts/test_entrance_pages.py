"""Pages that are open to all: registration, sign-in and reset tell strangers nothing and never fail."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, User
from portal.audit.models import AuditEvent
from portal.config import Settings
from portal.db import utc_now
from tests.accounts.conftest import FIRM, PASSWORD, link_in

Mails = Callable[[], list[EmailMessage]]
FIELDS = {key: FIRM[key] for key in ("name", "name_en", "country", "identifier", "address", "person", "position")}
FIELDS["password"] = PASSWORD
NEW = "seven quiet lighthouses"


def _begin(client: FlaskClient, mails: Mails, email: str = "li.wei@example.com") -> str:
    assert client.post("/register", data={"email": email}).status_code == 200
    return link_in(mails()[-1])


def _errors(html: str) -> dict[str, str]:
    """Message by field id, for every field that both the summary and the field itself call wrong."""
    beside = dict(re.findall(r'<p id="(\w+)-error" class="govuk-error-message">.*?</span>\s*(.*?)\s*</p>', html, re.S))
    summary = dict(re.findall(r'<a href="#([\w-]+)">(.*?)</a>', html))
    assert beside == {key: text for key, text in summary.items() if key != "main-content"}
    return beside


def test_a_firm_registers_and_is_signed_in(client: FlaskClient, mails: Mails, database: Session) -> None:
    link = _begin(client, mails)
    assert client.get(link).status_code == 200
    answer = client.post(link, data=FIELDS)
    assert (answer.status_code, answer.location) == (303, "/organisation")
    page = client.get("/organisation").text
    assert "云南锗业光学有限公司" in page
    assert "91110000600037341L" in page
    assert client.get(link).status_code == 410
    assert client.post(link, data=FIELDS).status_code == 410
    verbs = set(database.scalars(select(AuditEvent.verb)))
    assert verbs == {"registration.begun", "person.added", "organisation.registered", "person.signed_in"}


def test_the_page_is_alike_for_a_known_address_and_the_owner_is_told(
    client: FlaskClient, firm: User, mails: Mails, settings: Settings, app: Flask
) -> None:
    app.extensions["portal_settings"] = settings.model_copy(update={"environment": "production"})
    known = client.post("/register", data={"email": "LI.wei@example.com"})
    new = client.post("/register", data={"email": "mo.wei@example.com"})
    assert known.status_code == new.status_code == 200
    assert known.text.replace("li.wei", "mo.wei") == new.text
    letters = mails()
    assert letters[0]["To"] == "li.wei@example.com"
    assert letters[0]["Subject"] == "您已有账户"
    assert "/register/" not in letters[0].get_content()
    assert link_in(letters[1]).startswith("/register/")


def test_a_known_organisation_is_told_to_ask_for_an_invitation(client: FlaskClient, firm: User, mails: Mails) -> None:
    answer = client.post(_begin(client, mails, "other@example.com"), data=FIELDS)
    assert answer.status_code == 422
    assert _errors(answer.text) == {
        "identifier": "This organisation is already registered. Ask its administrator for an invitation"
    }
    assert firm.email not in answer.text
    assert firm.name not in re.sub(r'value="[^"]*"', "", answer.text)


WRONG = [
    ({"name": " "}, "name", "Enter the name of the organisation"),
    ({"name": "a\x00b"}, "name", "Remove the invisible control characters"),
    ({"name": "a\u202eb"}, "name", "Remove the invisible control characters"),
    ({"name": "n" * 201}, "name", "Use at most 200 characters"),
    ({"country": "XX"}, "country", "Not a valid choice."),
    ({"country": ""}, "country", "Choose a country or territory"),
    ({"identifier": "123"}, "identifier", "A Unified Social Credit Code has 18 characters; this has 3"),
    ({"country": "DE"}, "identifier", "An LEI has 20 characters; this has 18"),
    (
        {"identifier": "91110000600037341M"},
        "identifier",
        "The last character does not fit the rest of the code. Check each character for a slip",
    ),
    ({"address": ""}, "address", "Enter the registered address"),
    ({"password": "too short"}, "password", "Use at least 12 characters"),
    ({"password": ""}, "password", "Enter a password"),
]


def test_what_is_wrong_is_said_beside_the_field_and_in_the_summary(client: FlaskClient, mails: Mails) -> None:
    link = _begin(client, mails)
    for change, field, message in WRONG:
        answer = client.post(link, data=FIELDS | change)
        assert answer.status_code == 422, change
        assert _errors(answer.text) == {field: message}
        assert "<title>Error:" in answer.text
        assert 'value="李伟"' in answer.text
        assert PASSWORD not in answer.text
    assert client.post(link, data=FIELDS).status_code == 303


def test_messages_are_in_the_language_of_the_page(client: FlaskClient, mails: Mails) -> None:
    link = _begin(client, mails)
    html = client.post(f"{link}?lang=zh", data=FIELDS | {"identifier": "123", "password": "x"}).text
    assert _errors(html) == {
        "identifier": "统一社会信用代码应为18位，您输入了3位",
        "password": "密码至少12个字符",
    }


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/password/forgotten"])
def test_a_hostile_address_is_answered_calmly(client: FlaskClient, mails: Mails, path: str) -> None:
    for email in ("", " ", "x", "x" * 10_000_000, "li\x00@example.com", "lі@example.com", "a@b\r\nBcc: c@d.example"):
        answer = client.post(path, data={"email": email, "password": PASSWORD})
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
    assert mails() == []


def test_megabytes_in_every_field(client: FlaskClient, mails: Mails) -> None:
    link = _begin(client, mails)
    for name in FIELDS:
        assert client.post(link, data=FIELDS | {name: "x" * 4_000_000}).status_code == 422
    assert client.post(link, data=dict.fromkeys(FIELDS, "x" * 4_000_000)).status_code == 413
    assert client.post(link, data=FIELDS).status_code == 303


def test_wrong_password_and_unknown_address_are_answered_alike(client: FlaskClient, firm: User) -> None:
    wrong = client.post("/sign-in", data={"email": firm.email, "password": "wrong"})
    unknown = client.post("/sign-in", data={"email": "xx.xxx@example.com", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(firm.email, "-") == unknown.text.replace("xx.xxx@example.com", "-")
    assert 'value="wrong"' not in wrong.text


def test_a_forgotten_password(client: FlaskClient, firm: User, mails: Mails, app: Flask) -> None:
    with client.post("/password/forgotten", data={"email": firm.email}) as answer:
        known = answer.text
    with client.post("/password/forgotten", data={"email": "xx.xxx@example.com"}) as answer:
        assert answer.text.replace("xx.xxx", "li.wei") == known
    (letter,) = mails()
    assert letter["Subject"] == "重设密码"
    link = link_in(letter)
    other = app.test_client()
    assert other.post("/sign-in", data={"email": firm.email, "password": PASSWORD}).status_code == 303
    assert client.get(link).status_code == 200
    weak = client.post(link, data={"password": "password1234"})
    assert weak.status_code == 422
    assert "password1234" not in weak.text
    with client.post(link, data={"password": NEW}) as answer:
        assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert other.get("/account").status_code == 303
    assert mails()[-1]["Subject"] == "密码已更改"
    assert client.get(link).status_code == 410
    assert client.post(link, data={"password": "eight loud lighthouses"}).status_code == 410
    assert client.post("/sign-in", data={"email": firm.email, "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": firm.email, "password": NEW}).status_code == 303


def test_links_never_take_their_host_from_the_request(client: FlaskClient, firm: User, mails: Mails) -> None:
    with client.post("/password/forgotten", data={"email": firm.email}, headers={"Host": "evil.example"}):
        pass
    assert "evil.example" not in mails()[0].get_content()


def test_a_link_that_never_was(client: FlaskClient, firm: User) -> None:
    for path in ("/register/", "/password/reset/", "/invitation/"):
        for token in ("x", "%00", "x" * 3000, "%E5%90%8D", "' OR 1=1 --"):
            assert client.get(path + token).status_code == 410, path + token
            assert client.post(path + token, data=FIELDS).status_code == 410, path + token


def test_an_over_old_registration_link_registers_nothing(client: FlaskClient, mails: Mails, database: Session) -> None:
    from portal.accounts.models import RegistrationLink

    link = _begin(client, mails)
    row = database.scalars(select(RegistrationLink)).one()
    row.expires_at = utc_now()
    database.commit()
    assert client.post(link, data=FIELDS).status_code == 410
    assert database.scalars(select(Organisation)).all() == []


def test_a_mail_that_cannot_be_sent_is_told_and_loses_nothing(
    app: Flask, client: FlaskClient, firm: User, settings: Settings
) -> None:
    app.extensions["portal_settings"] = settings.model_copy(update={"mail_url": "smtp://127.0.0.1:1"})
    answer = client.post("/register", data={"email": "new@example.com"})
    assert answer.status_code == 503
    assert "could not be sent" in answer.text
    assert 'value="new@example.com"' in answer.text
    with client.post("/password/forgotten", data={"email": firm.email}) as answer:
        assert answer.status_code == 200


def test_pages_with_secrets_stay_out_of_caches(client: FlaskClient, mails: Mails) -> None:
    link = _begin(client, mails)
    answer = client.get(link)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
