"""A measure that was not on file: drafted whole, faults told beside their field, in effect only after two people."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.controls import overlay
from portal.controls.judge import GoodsItem, judge
from portal.controls.measures import load
from portal.controls.models import ChangeKind, MeasureChange
from portal.controls.overlay import Change, ChangeRefused
from tests.controls.samples import approve, compared
from tests.controls.test_views import words

ITEMS = """- id: "niobium-powder"
  title: {en: "Niobium powder", zh: "铌粉"}
  terms: {en: ["niobium powder"], zh: ["铌粉"]}
  control_codes: ["1C999.a"]
  hs_codes: ["8112924010"]
  parameters:
    - {text: {en: "purity of 99.9 % or more", zh: "纯度大于等于99.9%"},
       quantity: "purity", op: ">=", value: "99.9", unit: "%"}
"""
GIVEN = {
    "number": "9/2026", "title_en": "Export control of niobium", "title_zh": "铌相关物项出口管制",
    "authority_en": "Ministry of Commerce", "authority_zh": "商务部", "issued": "2026-11-20",
    "effective": "2026-12-01", "effect": "licence", "yaml": ITEMS, "source": "the official announcement",
    "mark": "V", "reason": "Announced",
}  # fmt: skip
POWDER = GoodsItem("Niobium powder", purity="99.95 %", hs_code="8112924010")
SignIn = Callable[[User], FlaskClient]
People = Callable[..., User]


def post(client: FlaskClient, **values: str) -> tuple[int, str]:
    answer = client.post("/controls/changes/new", data={**GIVEN, **values})
    return answer.status_code, answer.headers["Location"] if answer.status_code == 303 else answer.text


def test_from_draft_to_judgement(people: People, sign_in: SignIn, client: FlaskClient, database: Session) -> None:
    officer, supervisor = people("officer"), people("supervisor")
    status, address = post(sign_in(officer))
    assert status == 303
    page = words(client.get(address).text)
    for said in (
        "New measure",
        "Not on file.",
        "1 Dec 2026",
        "Niobium powder",
        "铌",
        "1C999.a",
    ):
        assert said in page
    assert client.get("/controls/measures/2026-9").status_code == 404, "a draft has no effect"
    client.post(f"{address}/propose")
    assert client.post(f"{address}/approve").status_code == 403, "nobody approves alone"
    sign_in(supervisor).post(f"{address}/approve", data={"unseen": "no worker runs in this test"})
    public = words(client.get("/controls/measures/2026-9").text)
    assert "purity of 99.9 % or more" in public
    made = overlay.current(database, datetime.max.replace(tzinfo=officer.created_at.tzinfo, year=2100))
    assert judge(POWDER, "DE", date(2026, 11, 30), made).state == "not_controlled"
    after = judge(POWDER, "DE", date(2026, 12, 1), made)
    assert (after.state, after.control_codes) == ("controlled", ("1C999.a",))


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"number": "nine"}, "number", "Write number/year"),
        ({"title_zh": ""}, "title_zh", "Enter this"),
        ({"issued": "soon"}, "issued", "Not a valid date"),
        ({"until": "2026-11-30"}, "until", "The last day lies before the first"),
        ({"destinations-0": "XX"}, "destinations-0", "Choose a country"),
        ({"yaml": "- id: [\n"}, "yaml", "Line 1:"),
        ({"yaml": ITEMS.replace('"8112924010"', '"81129"')}, "yaml", "Line 5: 0/hs_codes/0"),
        ({"yaml": ITEMS.replace("1C999.a", "XC999")}, "yaml", "Line 4: 0/control_codes/0"),
        ({"yaml": ITEMS.replace('purity", op', 'luck", op')}, "yaml", "no quantity on file"),
        ({"yaml": ITEMS.replace('unit: "%"', 'unit: "kg"')}, "yaml", "compared in %"),
        ({"yaml": "plain words"}, "yaml", "Write a list of items"),
        ({"yaml": "a: &a [*a]"}, "yaml", "Write a list of items"),
        ({"note_en": "only one language"}, "note_zh", "both languages"),
        ({"effect": ""}, "effect", "Choose one"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_is_lost(
    people: People, sign_in: SignIn, database: Session, values: dict[str, str], field: str, says: str
) -> None:
    status, page = post(sign_in(people("officer")), **values)
    assert status == 422
    beside = re.search(rf'id="{field}-error".*?</p>', page, re.DOTALL)
    assert beside, "the message stands beside the field"
    assert says in html.unescape(beside[0])
    for value in ("Export control of niobium", "the official announcement", values.get("yaml", "niobium-powder")):
        assert html.escape(value.strip()).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")[:40] in page
    assert database.scalars(select(MeasureChange)).all() == []


def new(**values: str) -> Change:
    row = {
        "number": "9/2026", "kind": "items", "authority": {"en": "M", "zh": "商"}, "title": {"en": "T", "zh": "题"},
        "issued": "2026-11-20", "in_force": [{"from": "2026-11-20", "to": None}], "effect": "licence",
        "source": "text", "mark": "V", "checked": None,
        "items": [{"id": "powder", "title": {"en": "Niobium powder", "zh": "铌粉"}, "hs_codes": ["8112924010"],
                   "terms": {"en": ["niobium powder"]},
                   "parameters": [{"text": {"en": "purity", "zh": "纯度"}, "quantity": "purity", "op": ">=",
                                   "value": "99.9", "unit": "%"}]}],
    }  # fmt: skip
    day = date(2026, 11, 20)
    change = Change("9/2026", ChangeKind.NEW, day, None, "9/2026", "", "text", "V", json.dumps(row))
    return replace(change, **values)


def test_what_lies_outside_passes_only_after_two_people_compared_the_new_measure(
    session: Session, now: datetime
) -> None:
    impure, on = replace(POWDER, purity="99 %"), now.date()
    assert judge(impure, "DE", on, overlay.current(session, now)).state == "not_controlled", "no measure names it"
    approve(session, new(), now)
    before = judge(impure, "DE", on, overlay.current(session, now))
    assert before.state == "review"
    assert "No person has yet compared this measure with the official text" in before.reasons[0].en
    approve(session, compared("9/2026", now), now)
    after = judge(impure, "DE", on, overlay.current(session, now))
    assert after.state == "not_controlled"
    assert "Not controlled as Niobium powder" in after.reasons[0].en
    assert judge(POWDER, "DE", on, overlay.current(session, now)).state == "controlled"


@pytest.mark.parametrize(
    ("what", "why"),
    [(new(number="18/2025"), "on file already"), (new(content='{"number": "9/2026"}'), "not whole"),
     (new(source=""), "where the text was read")],
)  # fmt: skip
def test_what_is_known_or_broken_is_refused(what: Change, why: str) -> None:
    with pytest.raises(ChangeRefused, match=why):
        overlay.apply(load(), [what])


def test_a_new_measure_can_be_suspended_and_may_replace_another() -> None:
    suspended = replace(
        new(), kind=ChangeKind.SUSPENSION, effective=date(2026, 12, 1), until=date(2027, 1, 1), content=""
    )
    replaced = Change("10/2025", ChangeKind.REPLACEMENT, date(2026, 11, 25), None, "9/2026", "9/2026", "text", "V")
    made = {one.number: one for one in overlay.apply(load(), [new(), suspended, replaced]).measures}
    assert made["9/2026"].standing(date(2026, 12, 5)) == "suspended"
    assert made["10/2025"].standing(date(2026, 11, 25)) == "ended"
