"""From a goods line to the classification assistant and back with its answer, which a person checks and saves."""

import html
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.shipments.models import GoodsLine
from tests.shipments.test_views.conftest import Desk, fields_of

Enter = Callable[[User], FlaskClient]


def linked(page: str, words: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{words}', page)
    assert found, f"no link “{words}”"
    return html.unescape(found[1])


def test_the_assistant_opens_with_what_the_line_says_and_its_answer_is_taken_over(
    enter: Enter, desk: Desk, database: Session
) -> None:
    client, line = enter(desk.firm.preparer), desk.shipment.goods[0]
    for page in (f"/goods/{line.id}/control", f"/goods/{line.id}"):
        address = linked(client.get(desk.path(page)).text, "Check whether this is controlled")
    asked = client.get(address)
    assert fields_of(asked)["destination"] == ["DE"]
    assert "Germanium lens blanks 锗透镜毛坯" in fields_of(asked)["text"][0]
    goods = parse_qs(urlsplit(address).query)["goods"][0]
    assert goods == f"{desk.shipment.id}/{line.id}"
    answer = client.get(
        "/controls/classify",
        query_string={"text": "InP wafer", "goods": goods, "step": "answer", "item": "10/2025:indium-phosphide"},
    )
    over = linked(answer.text, "Take this over into the goods line")
    form = client.get(over)
    filled = fields_of(form)
    assert "Check it against your papers, then save." in form.text
    assert (filled["element"], filled["hs_code"], filled["control_code"]) == (["In"], ["2853904051"], ["3C004.a"])
    assert filled["name"] == ["Germanium lens blanks"]
    database.expire_all()
    assert database.get_one(GoodsLine, line.id).hs_code == "8112991000", "nothing is saved before a person saves it"
    assert client.post(over, data=filled).status_code == 303
    database.expire_all()
    assert database.get_one(GoodsLine, line.id).control_code == "3C004.a"


def test_a_line_that_is_yet_to_be_added_is_filled_in_too(enter: Enter, desk: Desk) -> None:
    client = enter(desk.firm.preparer)
    address = linked(client.get(desk.path("/goods/add")).text, "Check whether this is controlled")
    assert parse_qs(urlsplit(address).query)["goods"] == [str(desk.shipment.id)]
    answer = client.get(f"/controls/classify?text=GeO2&step=answer&goods={desk.shipment.id}")
    filled = fields_of(client.get(linked(answer.text, "Take this over into the goods line")))
    assert (filled["element"], filled["chemical_form"]) == (["Ge"], ["GeO2"])


@pytest.mark.parametrize("query", ["element=Xx&taken=yes", "element=Ge", "hs_code=1"])
def test_what_nobody_took_over_or_is_none_of_the_choices_is_left_out(enter: Enter, desk: Desk, query: str) -> None:
    client = enter(desk.firm.preparer)
    assert fields_of(client.get(desk.path(f"/goods/add?{query}")))["element"] == [""]


def test_another_firm_and_nobody_get_nowhere(enter: Enter, desk: Desk, elsewhere: User, client: FlaskClient) -> None:
    asked = f"/controls/classify?text=GeO2&step=answer&goods={desk.shipment.id}"
    assert "Take this over" not in client.get(asked).text
    stranger = enter(elsewhere)
    over = linked(stranger.get(asked).text, "Take this over into the goods line")
    assert stranger.get(over).status_code == 404
