"""Items of a new measure entered row by row, without script; faults beside their fields, YAML both ways."""

import html
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.controls.models import MeasureChange
from tests.controls.test_new_measure import GIVEN, ITEMS

SignIn = Callable[[User], FlaskClient]
People = Callable[..., User]
HEAD = {name: value for name, value in GIVEN.items() if name != "yaml"}
ITEM = {
    "items-0-title_en": "Niobium powder", "items-0-title_zh": "铌粉", "items-0-control_codes": "1C999.a, 1C999.b",
    "items-0-hs_codes": "8112.92.40.10", "items-0-terms_en": "niobium powder, Nb powder", "items-0-terms_zh": "铌粉",
    "items-0-elements": "Nb",
}  # fmt: skip
SIZE = {
    "items-0-parameters-0-text_en": "size of 0.05 mm or less", "items-0-parameters-0-text_zh": "粒径小于等于0.05毫米",
    "items-0-parameters-0-quantity": "particle_size", "items-0-parameters-0-op": "<=",
    "items-0-parameters-0-value": "0.05", "items-0-parameters-0-unit": "mm",
}  # fmt: skip
CRYSTAL = {
    "items-0-parameters-1-text_en": "single crystal", "items-0-parameters-1-text_zh": "单晶",
    "items-0-parameters-1-quantity": "crystal=single",
}  # fmt: skip


@pytest.fixture
def officer(people: People, sign_in: SignIn) -> FlaskClient:
    return sign_in(people("officer"))


def send(client: FlaskClient, **values: str) -> tuple[int, str]:
    answer = client.post("/controls/changes/new", data=HEAD | values)
    return answer.status_code, html.unescape(answer.text)


def drafted(database: Session) -> dict[str, object]:
    found: dict[str, object] = json.loads(database.scalars(select(MeasureChange)).one().content)
    return found


def test_rows_make_the_measure_that_yaml_would_make(officer: FlaskClient, database: Session) -> None:
    assert send(officer, **ITEM, **SIZE, **CRYSTAL, **{"destinations-0": "JP", "destinations-1": ""})[0] == 303
    made = drafted(database)
    assert made["destinations"] == ["JP"]
    assert made["items"] == [
        {
            "id": "niobium-powder", "title": {"en": "Niobium powder", "zh": "铌粉"}, "elements": ["Nb"],
            "control_codes": ["1C999.a", "1C999.b"], "hs_codes": ["8112924010"],
            "terms": {"en": ["niobium powder", "Nb powder"], "zh": ["铌粉"]},
            "parameters": [
                {"text": {"en": "size of 0.05 mm or less", "zh": "粒径小于等于0.05毫米"}, "quantity": "particle_size",
                 "op": "<=", "value": "50", "unit": "µm"},
                {"text": {"en": "single crystal", "zh": "单晶"}, "quantity": "crystal", "is": ["single"]},
            ],
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"items-0-title_zh": ""}, "items-0-title_zh", "Enter this"),
        ({"items-0-control_codes": "XC999"}, "items-0-control_codes", "Write control codes as"),
        ({"items-0-hs_codes": "81129"}, "items-0-hs_codes", "8 or 10 digits"),
        ({"items-0-elements": "Qq"}, "items-0-elements", "Qq is no element"),
        ({"items-0-note_en": "only one"}, "items-0-note_zh", "both languages"),
        ({"items-0-parameters-0-value": "much"}, "items-0-parameters-0-value", "Enter a number"),
        ({"items-0-parameters-0-unit": "kg"}, "items-0-parameters-0-unit", "is given in"),
        ({"items-0-parameters-0-quantity": "luck"}, "items-0-parameters-0-quantity", "Choose one"),
        ({"items-0-parameters-0-text_zh": ""}, "items-0-parameters-0-text_zh", "Enter this"),
        ({"items-1-title_en": "Niobium powder", "items-1-title_zh": "铌"}, "items-1-title_en", "Another item"),
    ],
)
def test_a_fault_in_a_row_stands_beside_its_field(
    officer: FlaskClient, database: Session, values: dict[str, str], field: str, says: str
) -> None:
    status, page = send(officer, **(ITEM | SIZE | values))
    assert status == 422
    beside = re.search(rf'id="{field}-error".*?</p>', page, re.DOTALL)
    assert beside, "the message stands beside the field"
    assert says in beside[0]
    assert f'href="#{field}"' in page, "the summary leads there"
    assert 'value="niobium powder, Nb powder"' in page
    assert database.scalars(select(MeasureChange)).all() == []


def test_rows_are_added_and_removed_without_losing_what_was_typed(officer: FlaskClient) -> None:
    status, page = send(officer, **ITEM, do="add-item")
    assert status == 200
    assert 'name="items-1-title_en"' in page
    assert 'value="Niobium powder"' in page
    assert 'name="items-0-parameters-0-value"' in send(officer, **ITEM, do="add-parameter-0")[1]
    assert 'name="items-0-parameters-0-value"' not in send(officer, **ITEM, **SIZE, do="remove-parameter-0-at-0")[1]
    assert "Niobium powder" not in send(officer, **ITEM, do="remove-item-at-0")[1]
    assert 'name="destinations-1"' in send(officer, do="add-destination", **{"destinations-0": "JP"})[1]
    for button in ("remove-item-at-99", "add-parameter-99", "remove-item", "add-everything"):
        assert send(officer, **ITEM, do=button)[0] in (200, 303, 422)


def test_yaml_goes_into_rows_and_back(officer: FlaskClient) -> None:
    nested = ITEMS + (
        '    - {text: {en: "either", zh: "任一"}, any: [{quantity: "crystal", is: ["single"]}, '
        '{quantity: "density", op: ">", value: "8", unit: "g/cm³"}]}\n'
    )
    page = send(officer, yaml=nested, do="read-yaml")[1]
    assert 'value="Niobium powder"' in page
    assert 'name="items-0-parameters-1-condition"' in page
    assert "A condition of several parts" in page
    assert "Line 5: " in send(officer, yaml=ITEMS.replace("8112924010", "1"), do="read-yaml")[1]
    back = send(officer, **ITEM, **SIZE, do="write-yaml")[1]
    assert "id: niobium-powder" in back
    assert 'value="Niobium powder"' not in back


def test_a_draft_that_came_to_nothing_is_drafted_again(officer: FlaskClient, database: Session) -> None:
    assert send(officer, **ITEM, **SIZE, **{"destinations-0": "JP"})[0] == 303
    again = officer.get(f"/controls/changes/new?from={database.scalars(select(MeasureChange.id)).one()}").text
    for said in ('value="Niobium powder"', "铌相关物项出口管制", 'value="2026-12-01"', 'value="50"'):
        assert said in again
    assert re.search(r'<option value="JP" selected', again)
    assert officer.get("/controls/changes/new?from=nothing").status_code == 200
