"""An organisation keeps its people; only its administrator does, and nobody reaches into another."""

import re
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import registration
from portal.accounts.models import Invitation, User
from portal.config import Settings
from tests.accounts.conftest import OTHER_FIRM, PASSWORD, link_in

Mails = Callable[[], list[EmailMessage]]
SignIn = Callable[[User], FlaskClient]
INVITE = {"email": "wang@example.com", "roles": ["compliance_officer"], "language": "zh"}
ACCEPT = {"name": "王芳", "position": "合规官", "password": PASSWORD}
NEW = "seven quiet lighthouses"


@pytest.fixture
def other_firm(database: Session, now: datetime) -> User:
    user = registration.register(database, **OTHER_FIRM, now=now)
    database.commit()
    return user


def _invitation(database: Session) -> Invitation:
    database.expire_all()
    return database.scalars(select(Invitation).order_by(Invitation.created_at.desc())).first()  # type: ignore[return-value]


def test_a_person_is_invited_and_arrives(
    app: Flask, sign_in: SignIn, firm: User, mails: Mails, database: Session
) -> None:
    client = sign_in(firm)
    assert "Nobody here is compliance officer yet" in client.get("/organisation").text
    assert client.get("/organisation/people/invite").status_code == 200
    assert client.post("/organisation/people/invite", data=INVITE).status_code == 303
    letter = mails()[-1]
    assert letter["To"] == "wang@example.com"
    assert letter["Subject"] == "邀请您加入云南锗业光学有限公司"
    assert "wang@example.com" in client.get("/organisation").text
    guest = app.test_client()
    link = link_in(letter)
    assert "Compliance officer" in guest.get(link).text
    bad = guest.post(link, data=ACCEPT | {"password": "wang@example.com"})
    assert bad.status_code == 422
    assert 'value="王芳"' in bad.text
    assert guest.post(link, data=ACCEPT).status_code == 303
    page = guest.get("/organisation").text
    assert "Nobody here is compliance officer yet" not in page
    assert "/organisation/people/invite" not in page
    assert guest.get(link).status_code == 410


def test_a_withdrawn_and_a_renewed_link(
    app: Flask, sign_in: SignIn, firm: User, mails: Mails, database: Session
) -> None:
    client = sign_in(firm)
    client.post("/organisation/people/invite", data=INVITE)
    place = f"/organisation/people/invitations/{_invitation(database).id}"
    assert client.post(f"{place}/resend").status_code == 303
    first, second = (link_in(mail) for mail in mails())
    assert app.test_client().get(first).status_code == 410
    assert app.test_client().get(second).status_code == 200
    assert client.post(f"{place}/withdraw").status_code == 303
    assert app.test_client().get(second).status_code == 410
    assert client.post(f"{place}/withdraw").status_code == 404
    assert client.post(f"{place}/resend").status_code == 404


def test_a_wrong_invitation_is_kept_on_the_page(sign_in: SignIn, firm: User, mails: Mails) -> None:
    client = sign_in(firm)
    for change, message in (
        ({"email": "x"}, "Enter an e-mail address like"),
        ({"email": "li.wei@example.com"}, "This person is already in your organisation"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["supervisor"]}, "not a valid choice"),
        ({"roles": ["preparer", "x"]}, "not a valid choice"),
        ({"language": "fr"}, "Not a valid choice"),
    ):
        data = INVITE | change
        answer = client.post("/organisation/people/invite", data=data)
        assert answer.status_code == 422, change
        assert message in answer.text
        assert f'value="{data["email"]}"' in answer.text
    assert mails() == []


def test_the_inviter_does_not_learn_of_accounts_elsewhere(
    sign_in: SignIn, firm: User, other_firm: User, mails: Mails, settings: Settings, app: Flask
) -> None:
    app.extensions["portal_settings"] = settings.model_copy(update={"environment": "production"})
    client = sign_in(firm)
    pages = []
    for email in (other_firm.email, "anne@example.org"):
        assert client.post("/organisation/people/invite", data=INVITE | {"email": email}).location == "/organisation"
        pages.append(client.get("/organisation").text)
    assert "The invitation to anna@example.org has been sent" in pages[0]
    assert "The invitation to anne@example.org has been sent" in pages[1]
    assert "/invitation/" not in mails()[0].get_content()
    assert "/invitation/" in mails()[1].get_content()


def test_an_invitation_outlives_a_mail_that_fails(
    sign_in: SignIn, firm: User, settings: Settings, app: Flask, database: Session
) -> None:
    app.extensions["portal_settings"] = settings.model_copy(update={"mail_url": "smtp://127.0.0.1:1"})
    client = sign_in(firm)
    client.post("/organisation/people/invite", data=INVITE)
    assert "its mail could not be sent" in client.get("/organisation").text
    assert _invitation(database).email == "wang@example.com"


def test_roles_and_shutting_out(sign_in: SignIn, firm: User, colleague: Callable[..., User], database: Session) -> None:
    other = colleague(firm, "compliance_officer")
    client = sign_in(firm)
    place = f"/organisation/people/{other.id}"
    page = client.get(place).text
    assert re.search(r'value="compliance_officer"[^>]*checked', page)
    assert client.post(place, data={"roles": ["preparer", "administrator"]}).status_code == 303
    assert database.get_one(User, other.id, populate_existing=True).role_names == ["preparer", "administrator"]
    assert client.post(f"{place}/deactivate").status_code == 303
    assert "Access removed" in client.get("/organisation").text
    assert not database.get_one(User, other.id, populate_existing=True).active
    assert client.post(f"{place}/reactivate").status_code == 303
    assert database.get_one(User, other.id, populate_existing=True).active


def test_the_last_administrator_is_told_so(sign_in: SignIn, firm: User, database: Session) -> None:
    client = sign_in(firm)
    place = f"/organisation/people/{firm.id}"
    for answer in (client.post(place, data={"roles": ["preparer"]}), client.post(f"{place}/deactivate")):
        assert answer.status_code == 422
        assert "This is the last administrator" in answer.text
    kept = database.get_one(User, firm.id, populate_existing=True)
    assert kept.active
    assert kept.has_role("administrator")


def test_only_an_administrator_changes_anything(
    sign_in: SignIn, firm: User, colleague: Callable[..., User], database: Session
) -> None:
    other = colleague(firm, "preparer", "compliance_officer")
    client = sign_in(other)
    assert client.get("/organisation").status_code == 200
    place = f"/organisation/people/{firm.id}"
    for path in ("/organisation/details", "/organisation/people/invite", place):
        assert client.get(path).status_code == 403
        assert client.post(path, data=INVITE).status_code == 403
    for path in (f"{place}/deactivate", f"{place}/reactivate"):
        assert client.post(path).status_code == 403


def test_nobody_reaches_into_another_organisation(
    app: Flask, sign_in: SignIn, firm: User, other_firm: User, mails: Mails, database: Session
) -> None:
    sign_in(firm).post("/organisation/people/invite", data=INVITE)
    invitation = _invitation(database)
    client = sign_in(other_firm)
    for path in (f"/organisation/people/{firm.id}", f"/organisation/people/{other_firm.organisation_id}"):
        assert client.get(path).status_code == 404
        assert client.post(path, data={"roles": ["preparer"]}).status_code == 404
        assert client.post(f"{path}/deactivate").status_code == 404
        assert client.post(f"{path}/reactivate").status_code == 404
    for deed in ("resend", "withdraw"):
        assert client.post(f"/organisation/people/invitations/{invitation.id}/{deed}").status_code == 404
    page = client.get("/organisation").text
    assert firm.email not in page
    assert "wang@example.com" not in page
    assert database.get_one(User, firm.id, populate_existing=True).active


def test_details_of_the_organisation(sign_in: SignIn, firm: User, database: Session) -> None:
    client = sign_in(firm)
    given = {"name": "云南锗业", "name_en": "Yunnan Ge", "address": "昆明\n高新区"}
    assert client.post("/organisation/details", data=given | {"name_en": ""}).status_code == 422
    assert client.post("/organisation/details", data=given | {"identifier": "X", "country": "DE"}).status_code == 303
    database.expire_all()
    own = database.get_one(User, firm.id).organisation
    assert (own.name, own.name_en, own.identifier, own.country) == ("云南锗业", "Yunnan Ge", "91110000600037341L", "CN")


def test_a_supervisor_keeps_the_people_of_an_authority(
    people: Callable[..., User], sign_in: SignIn, mails: Mails
) -> None:
    supervisor, officer = people("supervisor"), people("officer")
    client = sign_in(supervisor)
    assert "Officer" in client.get("/organisation/people/invite").text
    data = INVITE | {"roles": ["officer"], "email": "o@example.com"}
    assert client.post("/organisation/people/invite", data=data).status_code == 303
    assert client.post("/organisation/people/invite", data=INVITE).status_code == 422
    assert "This is the last supervisor" in client.post(f"/organisation/people/{supervisor.id}/deactivate").text
    assert sign_in(officer).get("/organisation/people/invite").status_code == 403


def test_own_details_and_language(sign_in: SignIn, firm: User, database: Session) -> None:
    client = sign_in(firm)
    assert client.get("/account/details").status_code == 200
    assert client.post("/account/details", data={"name": "", "position": "x", "language": "zh"}).status_code == 422
    given = {"name": "Li Wei", "position": "Manager", "language": "en"}
    assert client.post("/account/details", data=given).status_code == 303
    assert "Your account" in client.get("/account").text
    assert client.post("/account/details", data=given | {"language": "zh"}).status_code == 303
    assert 'lang="zh-Hans"' in client.get("/account").text


def test_own_password(app: Flask, client: FlaskClient, firm: User, mails: Mails) -> None:
    elsewhere = app.test_client()
    for browser in (client, elsewhere):
        assert browser.get("/sign-in?lang=en").status_code == 200
        assert browser.post("/sign-in", data={"email": firm.email, "password": PASSWORD}).status_code == 303
    wrong = client.post("/account/password", data={"present": "wrong", "password": NEW})
    assert wrong.status_code == 422
    assert "This is not your present password" in wrong.text
    assert NEW not in wrong.text
    weak = client.post("/account/password", data={"present": PASSWORD, "password": "password1234"})
    assert weak.status_code == 422
    with client.post("/account/password", data={"present": PASSWORD, "password": NEW}) as answer:
        assert answer.status_code == 303
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert mails()[-1]["Subject"] == "密码已更改"
