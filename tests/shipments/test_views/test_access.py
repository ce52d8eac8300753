"""Whose shipment it is, who may do what, and what its state allows."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.shipments import conduct
from tests.shipments.test_views.conftest import PASSWORD, Desk, fields_of

Enter = Callable[[User], FlaskClient]


def addresses(app: Flask, desk: Desk) -> Iterator[tuple[str, str]]:
    """Every address of the workspace under this shipment, with the methods it takes."""
    line, party = desk.shipment.goods[0], desk.shipment.parties[0]
    values = {
        "shipment_id": desk.shipment.id, "line_id": line.id, "party_id": party.id, "document_id": uuid.uuid4(),
        "name": "end-use", "section": "goods_need", "page": "item_fate", "item": str(line.id), "kind": "pdf",
        "pair": "0" * 32, "explanation_id": uuid.uuid4(),
    }  # fmt: skip
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("shipments.") and "shipment_id" in rule.arguments:
                built = rule.build({name: values[name] for name in rule.arguments})
                assert built is not None
                for method in (rule.methods or set()) & {"GET", "POST"}:
                    yield built[1], method


def test_another_firm_finds_nothing(
    app: Flask, enter: Enter, make_desk: Callable[..., Desk], elsewhere: User, database: Session
) -> None:
    desks = [make_desk(), make_desk(submitted=True)]
    client = enter(elsewhere)
    assert desks[0].shipment.reference not in client.get("/shipments/").text
    for desk in desks:
        tried = [(path, method) for path, method in addresses(app, desk)]
        assert len(tried) > 40
        for path, method in tried:
            answer = client.open(path, method=method)
            assert answer.status_code == 404, f"{method} {path}"
            assert desk.shipment.reference not in answer.text
    database.expire_all()
    assert [desk.shipment.state for desk in desks] == ["draft", "submitted"]


def test_the_authority_does_not_work_here(app: Flask, enter: Enter, desk: Desk, people: Callable[..., User]) -> None:
    for role in ("officer", "supervisor"):
        client = enter(people(role))
        for path, method in [*addresses(app, desk), ("/shipments/", "GET"), ("/shipments/new", "POST")]:
            assert client.open(path, method=method).status_code == 403, f"{role}: {method} {path}"


def test_who_has_not_signed_in_is_sent_to_sign_in(app: Flask, client: FlaskClient, desk: Desk) -> None:
    for path, method in addresses(app, desk):
        answer = client.open(path, method=method)
        assert answer.status_code == 303
        assert "/sign-in" in answer.location


def test_an_administrator_reads_and_changes_nothing(
    enter: Enter, desk: Desk, people: Callable[..., User], database: Session
) -> None:
    client = enter(people("administrator", organisation=desk.firm.organisation))
    assert client.get(desk.path()).status_code == 200
    assert "Start a shipment" not in client.get("/shipments/").text
    version = desk.shipment.version
    for path in ("/contract", "/goods/add", "/check", "/withdraw", "/attest", "/amend"):
        assert client.post(desk.path(path)).status_code == 403, path
    database.expire_all()
    assert desk.shipment.version == version


def test_ids_that_do_not_exist(enter: Enter, make_desk: Callable[..., Desk]) -> None:
    desk, other = make_desk(), make_desk()
    client = enter(desk.firm.preparer)
    line, party = other.shipment.goods[0].id, other.shipment.parties[0].id
    for path in (
        f"/goods/{line}", f"/goods/{line}/control", f"/goods/{line}/remove", f"/parties/{party}",
        f"/parties/{party}/remove", f"/documents/{uuid.uuid4()}/file", f"/goods/{uuid.uuid4()}", "/goods/1",
        "/questionnaires/end-of-days", "/questionnaires/end-use/no/such", "/questionnaires/end-use/use/nothing",
        f"/questionnaires/end-use/goods_need/item_fate/{line}", "/questionnaires/end-use/goods_need/item_fate",
        f"/questionnaires/end-use/use/stated_use/{desk.shipment.goods[0].id}", "/decision", "/certificate.pdf",
        "/certificate.exe", "/nothing",
    ):  # fmt: skip
        assert client.get(desk.path(path)).status_code == 404, path
        assert client.post(desk.path(path)).status_code in (404, 405), path


def test_what_the_state_does_not_allow_is_explained(enter: Enter, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(submitted=True)
    client = enter(desk.firm.preparer)
    line = desk.shipment.goods[0].id
    for path in (
        "/contract", "/route", "/licence", "/goods/add", f"/goods/{line}", f"/goods/{line}/remove", "/parties/add",
        "/documents/add", "/questionnaires/end-use/use/stated_use", "/check", "/amend",
    ):  # fmt: skip
        for method in ("GET", "POST"):
            answer = client.open(desk.path(path), method=method)
            assert answer.status_code == 409, f"{method} {path}"
            assert "A shipment that is submitted cannot be" in answer.text
    chinese = client.get(desk.path("/contract?lang=zh")).text
    assert "状态为“已提交”的货物批次不能修改" in chinese


def test_an_officer_who_edited_cannot_attest(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.officer)
    page = client.get(desk.path("/contract"))
    assert "cannot attest it" in page.text
    assert client.post(desk.path("/contract"), data=fields_of(page) | {"number": "K-2"}).status_code == 303
    answer = client.post(desk.path("/check"), data={"declared": "y", "version": "1"})
    assert answer.status_code == 403, "only a preparer submits"
    client = enter(desk.firm.preparer)
    sent = client.post(desk.path("/check"), data=fields_of(client.get(desk.path("/check"))) | {"declared": "y"})
    assert sent.status_code == 303

    client = enter(desk.firm.officer)
    page = client.get(desk.path("/attest"))
    assert "Another compliance officer must attest it" in page.text
    assert 'name="password"' not in page.text
    forged = {"agreed": "y", "password": PASSWORD, "version": str(desk.shipment.version + 2)}
    assert client.post(desk.path("/attest"), data=forged).status_code == 409
    assert "another officer must attest it" in client.get("/shipments/").text
    database.expire_all()
    assert desk.shipment.state == "submitted"

    client = enter(desk.firm.second_officer)
    page = client.get(desk.path("/attest"))
    done = client.post(desk.path("/attest"), data=fields_of(page) | {"agreed": "y", "password": PASSWORD})
    assert done.status_code == 303


def test_nobody_left_to_attest_is_said(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    assert "Nobody in your organisation could attest" not in client.get(desk.path()).text
    for officer in (desk.firm.officer, desk.firm.second_officer):
        officer.active = False
    database.commit()
    assert "Nobody in your organisation could attest" in client.get(desk.path()).text


def test_a_preparer_does_not_attest(enter: Enter, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(submitted=True)
    client = enter(desk.firm.preparer)
    for path in ("/attest", "/return"):
        assert client.get(desk.path(path)).status_code == 403
        assert client.post(desk.path(path)).status_code == 403


def test_the_list_filters_searches_and_pages(enter: Enter, make_desk: Callable[..., Desk], database: Session) -> None:
    draft, sent = make_desk(), make_desk(submitted=True)
    client = enter(draft.firm.preparer)
    page = client.get("/shipments/?state=submitted").text
    assert sent.shipment.reference in page
    assert draft.shipment.reference not in page
    assert draft.shipment.reference in client.get("/shipments/?state=nonsense&page=-3").text
    assert draft.shipment.reference in client.get("/shipments/?q=feinoptik").text
    empty = client.get("/shipments/?q=%25%5F%27nothing").text
    assert "No shipment matches" in empty
    conduct.withdraw(database, draft.shipment, "gone", by=draft.firm.preparer, now=draft.shipment.updated_at)
    database.commit()
    assert draft.shipment.reference in client.get("/shipments/?state=withdrawn").text


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 7*7 }}", "' OR 1=1 --"])
def test_what_is_typed_is_shown_as_text(enter: Enter, desk: Desk, database: Session, hostile: str) -> None:
    client = enter(desk.firm.preparer)
    line = desk.shipment.goods[0]
    page = client.get(desk.path(f"/goods/{line.id}"))
    assert client.post(desk.path(f"/goods/{line.id}"), data=fields_of(page) | {"name": hostile}).status_code == 303
    for path in ("/goods", f"/goods/{line.id}", f"/goods/{line.id}/control", f"/goods/{line.id}/remove", "/check"):
        shown = client.get(desk.path(path)).text
        assert "<script>alert" not in shown
        if hostile.startswith("{{"):
            assert "{{ 7*7 }}" in shown
