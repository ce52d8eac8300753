"""The whole way on the site: two people, from an empty shipment to a verified certificate."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.questionnaires import fields, model
from portal.shipments import conduct
from portal.shipments.models import Shipment
from tests.shipments.conftest import Firm, plain_case
from tests.shipments.test_views.conftest import PASSWORD, Desk, fields_of

Enter = Callable[[User], FlaskClient]
CASE = plain_case("germanium-lens-blanks")


def send(client: FlaskClient, path: str, **values: Any) -> TestResponse:
    """Open a page, fill its form in and send it, as a browser would."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    return client.post(path, data=fields_of(page) | values)


def day(name: str, iso: str) -> dict[str, str]:
    year, month, date = iso.split("-")
    return {f"{name}-day": date, f"{name}-month": month, f"{name}-year": year}


def describe(client: FlaskClient, base: str) -> None:
    """Contract, route, goods and parties of the case, typed in."""
    contract, route = CASE["shipment"]["contract"], CASE["shipment"]["route"]
    typed: dict[str, Any] = {"number": contract["number"], "incoterm": contract.get("incoterm", "")}
    assert send(client, f"{base}/contract", **typed, **day("date", contract["date"])).status_code == 303
    typed = {"departure": route["from"], "destination": route["to"], "mode": route["mode"]}
    for row, country in enumerate(route.get("transit", [])):
        typed[f"transit-{row}"] = country
    assert send(client, f"{base}/route", **typed).status_code == 303
    for line in CASE["goods"]:
        saved = send(client, f"{base}/goods/add", **{name: str(value) for name, value in line.items()})
        assert saved.status_code == 303
        assert saved.location.endswith("/control")
    for party in CASE["parties"]:
        plain = {name: value for name, value in party.items() if isinstance(value, str)}
        numbers = {f"identifiers-{scheme}": value for scheme, value in party.get("identifiers", {}).items()}
        owners = {
            f"owners-{row}-{part}": str(value)
            for row, owner in enumerate(party.get("owners", []))
            for part, value in owner.items()
        }
        aliases = "\n".join(party.get("aliases", []))
        saved = send(client, f"{base}/parties/add", **plain, **numbers, **owners, aliases=aliases, roles=party["roles"])
        assert saved.status_code == 303, saved.text


def answer_all(client: FlaskClient, base: str, name: str, lines: list[str]) -> int:
    """Answer page after page with the case's answers, following the site's own links; tells how many there were."""
    given: dict[str, Any] = CASE["answers"][name.replace("-", "_")]
    questionnaire, pages = model.load(name), 0
    start = client.get(f"{base}/questionnaires/{name}")
    path = start.text.split('draggable="false" data-module="govuk-button" href="')[1].split('"')[0]
    while not path.endswith("/answers"):
        item = path.rpartition("/")[2]
        values: dict[str, Any] = {}
        for question in questionnaire.questions:
            value = given.get(question.id)
            if isinstance(value, dict) and item in lines:
                value = value.get(str(lines.index(item) + 1))
            elif isinstance(value, dict) and questionnaire.section_of(question.id).repeat:  # type: ignore[union-attr]
                continue
            for box, texts in fields.typed(question, value).items():
                values[f"{question.id}-{box}" if box else question.id] = texts
        saved = send(client, path, **values)
        assert saved.status_code == 303, saved.text
        assert saved.location != path, f"{path} leads to itself"
        path, pages = saved.location, pages + 1
    return pages


@pytest.fixture
def submitted(enter: Enter, firm: Firm, database: Session) -> Desk:
    """A shipment that a preparer has typed in page by page and submitted."""
    client = enter(firm.preparer)
    begun = send(client, "/shipments/new", reference="2026-0417")
    assert begun.status_code == 303
    base = begun.location
    describe(client, base)
    shipment = database.scalars(select(Shipment)).one()
    lines = [str(line.id) for line in shipment.goods]
    assert answer_all(client, base, "end-use", lines) > 10
    assert answer_all(client, base, "end-user", lines) > 5
    assert "cannot start yet" not in client.get(base).text.lower()
    assert send(client, f"{base}/check").status_code == 422, "the declaration is required"
    assert send(client, f"{base}/check", declared="y").status_code == 303
    database.expire_all()
    assert shipment.state == "submitted"
    return Desk(shipment, firm)


def test_from_the_first_entry_to_the_certificate(enter: Enter, submitted: Desk, database: Session) -> None:
    client = enter(submitted.firm.officer)
    assert "Awaiting your attestation" in client.get("/shipments/").text
    page = client.get(submitted.path("/attest"))
    assert page.status_code == 200
    assert "I have read the goods" in page.text
    wrong = client.post(submitted.path("/attest"), data=fields_of(page) | {"agreed": "y", "password": "not this one"})
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.text
    database.expire_all()
    assert submitted.shipment.state == "submitted"

    done = client.post(submitted.path("/attest"), data=fields_of(page) | {"agreed": "y", "password": PASSWORD})
    assert done.status_code == 303, done.text
    database.expire_all()
    assert submitted.shipment.state == "certified"
    number = conduct.certificate(database, submitted.shipment).number  # type: ignore[union-attr]
    decision = client.get(done.location)
    assert number in decision.text
    assert "licence" in decision.text

    client = enter(submitted.firm.preparer)
    pdf = client.get(submitted.path("/certificate.pdf"))
    assert pdf.data.startswith(b"%PDF-")
    assert number in pdf.headers["Content-Disposition"]
    assert number in client.get(submitted.path("/certificate.json")).headers["Content-Disposition"]
    assert client.get(submitted.path("/certificate.png")).data.startswith(b"\x89PNG")
    verbs = [event.verb for event in database.scalars(select(AuditEvent).order_by(AuditEvent.sequence))]
    assert verbs.count("document.downloaded") == 3
    for path in ("", "/decision", "/file", "/history", "/amend", "/goods", "/parties", "/documents"):
        for language in ("en", "zh"):
            assert client.get(submitted.path(path) + f"?lang={language}").status_code == 200, path


def test_amending_makes_a_revision_that_the_preparer_goes_on_with(
    enter: Enter, submitted: Desk, database: Session
) -> None:
    client = enter(submitted.firm.officer)
    assert send(client, submitted.path("/attest"), agreed="y", password=PASSWORD).status_code == 303
    client = enter(submitted.firm.preparer)
    amended = client.post(submitted.path("/amend"))
    assert amended.status_code == 303
    newer = database.scalars(select(Shipment).where(Shipment.revision == 2)).one()
    page = client.get(f"/shipments/{newer.id}")
    assert "revision 2" in page.text
    assert "Everything that is required is there" in page.text
    again = client.post(submitted.path("/amend"))
    assert again.status_code == 409


def test_a_shipment_for_a_listed_maker_is_refused_with_reasons(
    enter: Enter, make_desk: Callable[..., Desk], database: Session
) -> None:
    desk = make_desk("samarium-cobalt-magnets", submitted=True)
    client = enter(desk.firm.officer)
    done = send(client, desk.path("/attest"), agreed="y", password=PASSWORD)
    assert done.status_code == 303
    page = client.get(done.location + "?lang=zh")
    database.expire_all()
    assert desk.shipment.state == "refused"
    assert desk.shipment.decision is not None
    for reason in desk.shipment.decision.reasons:
        assert reason["zh"] in page.text
    assert client.get(desk.path("/certificate.pdf")).status_code == 404


def test_a_doubtful_shipment_is_referred(enter: Enter, make_desk: Callable[..., Desk], database: Session) -> None:
    desk = make_desk("gallium-forwarder", submitted=True)
    client = enter(desk.firm.officer)
    assert "Referred" in client.get(desk.path("/attest")).text
    assert send(client, desk.path("/attest"), agreed="y", password=PASSWORD).status_code == 303
    database.expire_all()
    assert desk.shipment.state == "referred"
    assert "The goods must not leave meanwhile" in client.get(desk.path()).text


def test_returned_with_a_reason_and_submitted_again(
    enter: Enter, make_desk: Callable[..., Desk], database: Session
) -> None:
    desk = make_desk(submitted=True)
    client = enter(desk.firm.officer)
    assert send(client, desk.path("/return"), reason="  ").status_code == 422
    assert send(client, desk.path("/return"), reason="Ask for the end user's <licence>.").status_code == 303
    client = enter(desk.firm.preparer)
    assert "Returned to be corrected" in client.get("/shipments/").text
    page = client.get(desk.path())
    assert "&lt;licence&gt;" in page.text
    assert send(client, desk.path("/check"), declared="y").status_code == 303
    database.expire_all()
    assert desk.shipment.state == "submitted"


def test_withdrawn_for_good(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    assert send(client, desk.path("/withdraw"), reason="The order was cancelled").status_code == 303
    database.expire_all()
    assert desk.shipment.state == "withdrawn"
    assert client.get(desk.path("/contract")).status_code == 409
