"""Two people at the same thing: the second one is told, loses nothing, and decides."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.shipments import conduct
from tests.shipments.test_views.conftest import PASSWORD, Desk, fields_of

Enter = Callable[[User], FlaskClient]


def test_a_goods_line_that_somebody_else_changed(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    path = desk.path(f"/goods/{desk.shipment.goods[0].id}")
    mine = fields_of(client.get(path))
    theirs = client.post(path, data=mine | {"purity": "99.9%"})
    assert theirs.status_code == 303

    answer = client.post(path, data=mine | {"name": "My own name", "purity": "99.99999%"})
    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert 'value="My own name"' in answer.text
    assert "Purity is now: 99.9%" in answer.text
    database.expire_all()
    assert desk.shipment.goods[0].purity == "99.9%"

    again = client.post(path, data=fields_of(answer))
    assert again.status_code == 303
    database.expire_all()
    assert (desk.shipment.goods[0].name, desk.shipment.goods[0].purity) == ("My own name", "99.99999%")


def test_different_things_do_not_collide(enter: Enter, desk: Desk) -> None:
    client = enter(desk.firm.preparer)
    goods, party = (
        desk.path(f"/goods/{desk.shipment.goods[0].id}"),
        desk.path(f"/parties/{desk.shipment.parties[0].id}"),
    )
    first, second = fields_of(client.get(goods)), fields_of(client.get(party))
    assert client.post(goods, data=first | {"purity": "5N"}).status_code == 303
    assert client.post(party, data=second | {"name": "Another GmbH"}).status_code == 303


def test_every_form_on_what_is_on_file_notices(enter: Enter, desk: Desk) -> None:
    client = enter(desk.firm.preparer)
    changes = {
        "/contract": {"number": "K-9"},
        "/route": {"departure_port": "Shanghai"},
        "/licence": {
            "held": "yes", "number": "L", "scope": "no", "valid_until-day": "1", "valid_until-month": "1",
            "valid_until-year": "2028",
        },
        f"/parties/{desk.shipment.parties[0].id}": {"address": "Elsewhere"},
    }  # fmt: skip
    for path, change in changes.items():
        opened = fields_of(client.get(desk.path(path)))
        assert client.post(desk.path(path), data=opened | change).status_code == 303, path
        late = client.post(desk.path(path), data=opened | change | {"number": "mine", "address": "mine"})
        assert late.status_code == 409, path
        unseen = {name: value for name, value in opened.items() if name != "seen"}
        assert client.post(desk.path(path), data=unseen | change).status_code == 409, path


def test_a_page_of_questions_that_somebody_else_answered(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    path = desk.path("/questionnaires/end-use/use/stated_use")
    mine = fields_of(client.get(path))
    assert client.post(path, data=mine | {"stated_end_use": "Their words"}).status_code == 303
    answer = client.post(path, data=mine | {"stated_end_use": "My words"})
    assert answer.status_code == 409
    assert "My words" in answer.text
    assert "Their words" in client.get(path).text
    assert client.post(path, data=fields_of(answer)).status_code == 303
    assert "My words" in client.get(path).text


def test_what_is_submitted_or_attested_is_what_was_read(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    read = fields_of(client.get(desk.path("/check"))) | {"declared": "y"}
    contract = fields_of(client.get(desk.path("/contract")))
    assert client.post(desk.path("/contract"), data=contract | {"number": "K-77"}).status_code == 303
    late = client.post(desk.path("/check"), data=read)
    assert late.status_code == 409
    assert "Read it again before you submit" in late.text
    assert client.post(desk.path("/check"), data=fields_of(late) | {"declared": "y"}).status_code == 303

    client = enter(desk.firm.officer)
    read = fields_of(client.get(desk.path("/attest")))
    database.expire_all()
    conduct.return_to_draft(
        database, desk.shipment, "once more", by=desk.firm.second_officer, now=desk.shipment.updated_at
    )
    conduct.submit(database, desk.shipment, by=desk.firm.preparer, now=desk.shipment.updated_at)
    database.commit()
    late = client.post(desk.path("/attest"), data=read | {"agreed": "y", "password": PASSWORD})
    assert late.status_code == 409
    assert "Read it again before you attest" in late.text
    for forged in ("", "x", "-1", "99999999999999999999"):
        answer = client.post(desk.path("/attest"), data={"agreed": "y", "password": PASSWORD, "version": forged})
        assert answer.status_code == 409
    database.expire_all()
    assert desk.shipment.state == "submitted"
