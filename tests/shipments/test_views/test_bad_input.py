"""What is wrong is said beside the field and above, what was typed stays, and nothing is saved: 422, never 500."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.models import User
from portal.certificates import keys
from portal.certificates.signer import KeyRefused, KeyUnavailable
from tests.shipments.test_views.conftest import PASSWORD, Desk, fields_of

Enter = Callable[[User], FlaskClient]
HUGE = "x" * (10 * 1024 * 1024)

GOODS = {
    "name": "Lens blanks", "element": "Ge", "hs_code": "8112991000", "quantity": "12.5", "unit": "KGM",
    "net_weight_kg": "", "value": "100", "currency": "USD", "origin": "CN",
}  # fmt: skip
PARTY = {"roles": ["end_user"], "name": "Jena Optik", "country": "DE", "address": "Jena"}
CONTRACT = {"number": "K-1", "date-day": "1", "date-month": "10", "date-year": "2026", "incoterm": "FOB"}
ROUTE = {"departure": "CN", "destination": "DE", "mode": "sea", "transit-0": "SG"}
LICENCE = {
    "held": "yes", "number": "L-1", "valid_until-day": "1", "valid_until-month": "2", "valid_until-year": "2027",
    "scope": "yes", "quantity_left": "10", "unit": "KGM",
}  # fmt: skip

WRONG: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("/goods/add", GOODS, {"name": ""}, "name"),
    ("/goods/add", GOODS, {"name": "\u202egnp"}, "name"),
    ("/goods/add", GOODS, {"name": "n" * 301}, "name"),
    ("/goods/add", GOODS, {"name": HUGE}, "name"),
    ("/goods/add", GOODS, {"element": "Xx"}, "element"),
    ("/goods/add", GOODS, {"hs_code": "12"}, "hs_code"),
    ("/goods/add", GOODS, {"hs_code": "7712991000"}, "hs_code"),
    ("/goods/add", GOODS, {"control_code": "nonsense"}, "control_code"),
    ("/goods/add", GOODS, {"quantity": "-1"}, "quantity"),
    ("/goods/add", GOODS, {"quantity": "1e9"}, "quantity"),
    ("/goods/add", GOODS, {"quantity": HUGE}, "quantity"),
    ("/goods/add", GOODS, {"quantity": "999999999999", "unit": "TNE"}, "unit"),
    ("/goods/add", GOODS, {"quantity": "1.5", "unit": "H87"}, "unit"),
    ("/goods/add", GOODS, {"quantity": "1", "unit": "H87", "net_weight_kg": ""}, "net_weight_kg"),
    ("/goods/add", GOODS, {"net_weight_kg": "99"}, "net_weight_kg"),
    ("/goods/add", GOODS, {"currency": "XAU"}, "currency"),
    ("/goods/add", GOODS, {"origin": "ZZ"}, "origin"),
    ("/goods/add", GOODS, {"unit": ""}, "unit"),
    ("/parties/add", PARTY, {"roles": []}, "roles"),
    ("/parties/add", PARTY, {"roles": ["emperor"]}, "roles"),
    ("/parties/add", PARTY, {"name": "–"}, "name"),
    ("/parties/add", PARTY, {"aliases": "a\n" * 21}, "aliases"),
    ("/parties/add", PARTY, {"aliases": HUGE}, "aliases"),
    ("/parties/add", PARTY, {"country": "XX"}, "country"),
    ("/parties/add", PARTY, {"address": ""}, "address"),
    ("/parties/add", PARTY, {"identifiers-uscc": "91110000600037341X"}, "identifiers-uscc"),
    ("/parties/add", PARTY, {"identifiers-lei": "213800KUD8LAJWSQ9D16"}, "identifiers-lei"),
    ("/parties/add", PARTY, {"identifiers-imo": "IMO 1234568"}, "identifiers-imo"),
    ("/parties/add", PARTY, {"email": "nobody"}, "email"),
    ("/parties/add", PARTY, {"phone": "call me"}, "phone"),
    ("/parties/add", PARTY, {"website": "javascript:alert(1)"}, "website"),
    ("/parties/add", PARTY, {"owners-0-name": "", "owners-0-percent": "10"}, "owners-0-name"),
    ("/parties/add", PARTY, {"owners-1-name": "A", "owners-1-percent": "101"}, "owners-1-percent"),
    (
        "/parties/add", PARTY,
        {"owners-0-name": "A", "owners-0-percent": "60", "owners-1-name": "B", "owners-1-percent": "60"},
        "owners-0-percent",
    ),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-percent": "many"}, "owners-0-percent"),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-owns": "7"}, "owners-0-owns"),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-owns": "0"}, "owners-0-owns"),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-owns": "1" * 5000}, "owners-0-owns"),
    (
        "/parties/add", PARTY,
        {"owners-0-name": "A", "owners-0-owns": "1", "owners-1-name": "B", "owners-1-owns": "0"},
        "owners-0-owns",
    ),
    (
        "/parties/add", PARTY,
        {"owners-0-name": "A", "owners-2-name": "B", "owners-2-owns": "0", "owners-2-percent": "101"},
        "owners-2-percent",
    ),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-scheme": "lei"}, "owners-0-number"),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-number": "5"}, "owners-0-scheme"),
    ("/parties/add", PARTY, {"owners-0-name": "A", "owners-0-aliases": "–"}, "owners-0-aliases"),
    ("/parties/add", PARTY, {"former_names": "a\n" * 21}, "former_names"),
    ("/parties/add", PARTY, {"vessel_imo": "1234568"}, "vessel_imo"),
    ("/parties/add", PARTY, {"identifiers-bic": "DEUTDEFFX"}, "identifiers-bic"),
    ("/contract", CONTRACT, {"number": "  "}, "number"),
    ("/contract", CONTRACT, {"date-day": "30", "date-month": "2"}, "date"),
    ("/contract", CONTRACT, {"date-day": "x"}, "date"),
    ("/contract", CONTRACT, {"date-day": ""}, "date"),
    ("/contract", CONTRACT, {"date-day": HUGE}, "date"),
    ("/contract", CONTRACT, {"date-year": "2027"}, "date"),
    ("/contract", CONTRACT, {"date-day": "", "date-month": "", "date-year": ""}, "date"),
    ("/contract", CONTRACT, {"incoterm": "XYZ"}, "incoterm"),
    ("/route", ROUTE, {"destination": "CN"}, "destination"),
    ("/route", ROUTE, {"destination": "SG"}, "destination"),
    ("/route", ROUTE, {"transit-1": "SG"}, "transit-0"),
    ("/route", ROUTE, {"transit-1": "ZZ"}, "transit-1"),
    ("/route", ROUTE, {"transit-0": "CN"}, "transit-0"),
    ("/route", ROUTE, {"mode": "teleport"}, "mode"),
    ("/route", ROUTE, {"planned_on-day": "1"}, "planned_on"),
    ("/licence", LICENCE, {"held": ""}, "held"),
    ("/licence", LICENCE, {"held": "perhaps"}, "held"),
    ("/licence", LICENCE, {"number": ""}, "number"),
    ("/licence", LICENCE, {"scope": ""}, "scope"),
    ("/licence", LICENCE, {"quantity_left": "lots"}, "quantity_left"),
    ("/licence", LICENCE, {"unit": ""}, "unit"),
    ("/licence", LICENCE, {"valid_until-year": "27"}, "valid_until"),
]  # fmt: skip


def message_at(answer: TestResponse, field: str) -> str:
    """The message beside a field; its input must be tied to it."""
    found = re.search(rf'id="{re.escape(field)}-error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


@pytest.mark.parametrize("page", ["/goods/add", "/parties/add", "/contract", "/route", "/licence"])
def test_a_wrong_value_is_told_beside_its_field(enter: Enter, desk: Desk, database: Session, page: str) -> None:
    client = enter(desk.firm.preparer)
    version = desk.shipment.version
    seen = {name: value for name, value in fields_of(client.get(desk.path(page))).items() if name == "seen"}
    for path, right, wrong, field in WRONG:
        if path != page:
            continue
        case = f"{field} = {str(wrong)[:80]}"
        answer = client.post(desk.path(path) + "?lang=en", data={**seen, **right, **wrong})
        assert answer.status_code == 422, case
        assert message_at(answer, field), case
        assert "govuk-error-summary" in answer.text, case
        for name, value in right.items():
            plain = isinstance(value, str) and name not in wrong and "-" not in name and name not in ("held", "mode")
            assert not plain or value in answer.text, f"{case}: {name} was lost"
        chinese = client.post(desk.path(path) + "?lang=zh", data={**seen, **right, **wrong})
        assert re.search("[\u4e00-\u9fff]", message_at(chinese, field)), f"{case}: not in Chinese"
    database.expire_all()
    assert desk.shipment.version == version


@pytest.mark.parametrize(
    ("path", "right"),
    [("/goods/add", GOODS), ("/parties/add", PARTY), ("/contract", CONTRACT), ("/route", ROUTE), ("/licence", LICENCE)],
)
def test_the_same_values_without_a_fault_are_taken(enter: Enter, desk: Desk, path: str, right: dict[str, Any]) -> None:
    client = enter(desk.firm.preparer)
    hidden = {name: value for name, value in fields_of(client.get(desk.path(path))).items() if name == "seen"}
    assert client.post(desk.path(path), data={**hidden, **right}).status_code == 303


def test_no_licence_takes_the_licence_out(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    seen = fields_of(client.get(desk.path("/licence")))["seen"]
    assert client.post(desk.path("/licence"), data={**LICENCE, "seen": seen}).status_code == 303
    seen = fields_of(client.get(desk.path("/licence")))["seen"]
    assert client.post(desk.path("/licence"), data={"held": "no", "seen": seen}).status_code == 303
    database.expire_all()
    assert (desk.shipment.licence_number, desk.shipment.licence_valid_until) == ("", None)


def test_another_row_is_given_without_saving(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    version = desk.shipment.version
    more = client.post(desk.path("/parties/add"), data={**PARTY, "owners-0-name": "A", "more": "yes"})
    assert more.status_code == 200
    assert 'name="owners-1-name"' in more.text
    assert 'value="Jena Optik"' in more.text
    more = client.post(desk.path("/route"), data={**ROUTE, "more": "yes"})
    assert more.status_code == 200
    assert 'name="transit-1"' in more.text
    flood = client.post(desk.path("/parties/add"), data={**PARTY, "owners-99-name": "A", "owners-x-name": "B"})
    assert flood.status_code == 303
    database.expire_all()
    assert desk.shipment.version == version + 1


@pytest.mark.parametrize("page", ["/parties/add", "/route"])
def test_enter_in_a_text_field_saves(enter: Enter, desk: Desk, page: str) -> None:
    """A browser presses the first button of the form that submits, so that one must have no other purpose."""
    form = enter(desk.firm.preparer).get(desk.path(page)).text.split('<form method="post" novalidate')[1]
    first = re.search(r"<button[^>]*>", form)
    assert first is not None
    assert 'type="submit"' in first[0]
    assert "name=" not in first[0]
    assert "disabled" not in first[0]
    assert 'name="more"' in form


def test_a_chain_of_owners_is_kept_and_shown_again(enter: Enter, desk: Desk, database: Session) -> None:
    """Each row says what it owns, in any order; rows left empty count for nothing."""
    client = enter(desk.firm.preparer)
    rows = {
        "owners-0-name": "Top AG", "owners-0-owns": "3", "owners-0-percent": "", "owners-0-scheme": "registration",
        "owners-0-number": "HRB 1", "owners-2-name": "", "owners-3-name": "Middle GmbH", "owners-3-percent": "60",
        "owners-3-country": "DE", "owners-3-aliases": "Mitte\r\nZentrum",
    }  # fmt: skip
    more = {"former_names": "Old Name", "vessel": "Oxbow", "vessel_imo": "IMO 9074729"}
    assert client.post(desk.path("/parties/add"), data={**PARTY, **rows, **more}).status_code == 303
    database.expire_all()
    party = desk.shipment.parties[-1]
    top = {"name": "Top AG", "identifier": {"scheme": "registration", "value": "HRB 1"}, "country": "", "percent": ""}
    assert party.owners == [
        {"name": "Middle GmbH", "aliases": ["Mitte", "Zentrum"], "country": "DE", "percent": "60", "owners": [top]}
    ]
    assert (party.former_names, party.vessel, party.vessel_imo) == (["Old Name"], "Oxbow", "9074729")
    shown = fields_of(client.get(desk.path(f"/parties/{party.id}")))
    assert [shown[f"owners-{part}"] for part in ("0-name", "1-name", "1-owns")] == [["Middle GmbH"], ["Top AG"], ["0"]]
    kept = list(party.owners)
    assert client.post(desk.path(f"/parties/{party.id}"), data=shown).status_code == 303
    database.expire_all()
    assert desk.shipment.parties[-1].owners == kept


def test_a_reference_that_cannot_be_taken(enter: Enter, desk: Desk) -> None:
    client = enter(desk.firm.preparer)
    for reference in ("", "  ", "r" * 61, "a\u202eb", HUGE):
        answer = client.post("/shipments/new", data={"reference": reference})
        assert answer.status_code == 422, reference[:70]
        assert message_at(answer, "reference")


def test_a_reference_that_is_in_use(enter: Enter, desk: Desk) -> None:
    answer = enter(desk.firm.preparer).post("/shipments/new", data={"reference": desk.shipment.reference})
    assert answer.status_code == 422
    assert "already" in message_at(answer, "reference")


PNG = b"\x89PNG\r\n\x1a\n"


REFUSED_FILES = [
    (b"", "empty.pdf", "contract", "file"),
    (b"hello", "letter.pdf", "contract", "file"),
    (b"%PDF-1.7 broken", "broken.pdf", "contract", "file"),
    (b"<svg onload=alert(1)>", "picture.svg", "photograph", "file"),
    (PNG + b"\0" * 50, "cut.png", "photograph", "file"),
    (b"MZ\x90", "tool.exe", "other", "file"),
    (b"%PDF-1.7", "", "contract", "file"),
    (b"%PDF-1.7", "a.pdf", "", "kind"),
    (b"%PDF-1.7", "a.pdf", "treasure", "kind"),
]


def test_a_file_that_is_not_taken(enter: Enter, desk: Desk, database: Session) -> None:
    client = enter(desk.firm.preparer)
    for data, name, kind, field in REFUSED_FILES:
        form: dict[str, Any] = {"kind": kind, "belongs_to": "", "file": (io.BytesIO(data), name)}
        answer = client.post(desk.path("/documents/add"), data=form, content_type="multipart/form-data")
        assert answer.status_code == 422, name
        assert message_at(answer, field), name
    database.expire_all()
    assert desk.shipment.documents == []


def test_a_document_cannot_be_hung_on_what_is_not_offered(enter: Enter, make_desk: Callable[..., Desk]) -> None:
    desk, other = make_desk(), make_desk()
    client = enter(desk.firm.preparer)
    for forged in (f"party:{other.shipment.parties[0].id}", "party:x", "goods:", "nonsense", "n" * 5000):
        form: dict[str, Any] = {"kind": "contract", "belongs_to": forged, "file": (io.BytesIO(b"%PDF-"), "a.pdf")}
        answer = client.post(desk.path("/documents/add"), data=form, content_type="multipart/form-data")
        assert answer.status_code == 422, forged[:40]
        assert message_at(answer, "belongs_to")


def test_a_document_is_filed_handed_out_and_taken_out(enter: Enter, desk: Desk, database: Session) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(picture, "PNG")
    client = enter(desk.firm.preparer)
    form: dict[str, Any] = {
        "kind": "photograph",
        "belongs_to": f"party:{desk.shipment.parties[0].id}",
        "file": (io.BytesIO(picture.getvalue()), "厂房 <1>.png"),
    }
    filed = client.post(desk.path("/documents/add"), data=form, content_type="multipart/form-data")
    assert filed.status_code == 303
    database.expire_all()
    document = desk.shipment.documents[0]
    assert document.party_id == desk.shipment.parties[0].id
    got = client.get(desk.path(f"/documents/{document.id}/file"))
    assert got.data == picture.getvalue()
    assert got.content_type == "image/png"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert client.post(desk.path(f"/documents/{document.id}/remove")).status_code == 303
    assert client.get(desk.path(f"/documents/{document.id}/file")).status_code == 404


def test_a_reason_is_needed(enter: Enter, make_desk: Callable[..., Desk], database: Session) -> None:
    desk = make_desk(submitted=True)
    client = enter(desk.firm.officer)
    for path in ("/return", "/withdraw"):
        version = fields_of(client.get(desk.path(path)))["version"]
        for reason in ("", "   ", "r" * 2001, HUGE, "\u202e"):
            answer = client.post(desk.path(path), data={"reason": reason, "version": version})
            assert answer.status_code == 422, reason[:40]
            assert message_at(answer, "reason")
    database.expire_all()
    assert desk.shipment.state == "submitted"


def test_attestation_needs_box_and_password(enter: Enter, make_desk: Callable[..., Desk], database: Session) -> None:
    desk = make_desk(submitted=True)
    client = enter(desk.firm.officer)
    version = fields_of(client.get(desk.path("/attest")))["version"]
    wrong: list[dict[str, str]] = [
        {}, {"agreed": "y"}, {"agreed": "y", "password": ""}, {"password": PASSWORD}, {"agreed": "y", "password": HUGE},
    ]  # fmt: skip
    for given in wrong:
        assert client.post(desk.path("/attest"), data={**given, "version": version}).status_code == 422, str(given)[:60]
    database.expire_all()
    assert desk.shipment.state == "submitted"


@pytest.mark.parametrize("failure", [KeyUnavailable("the token did not answer"), KeyRefused("the PIN is wrong")])
def test_a_key_that_does_not_sign_attests_nothing_and_it_is_said(
    failure: Exception, enter: Enter, make_desk: Callable[..., Desk], database: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk(submitted=True)
    client = enter(desk.firm.officer)
    right = fields_of(client.get(desk.path("/attest"))) | {"agreed": "y", "password": PASSWORD}

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(keys, "open_issuer", fail)
    answer = client.post(desk.path("/attest"), data=right)
    assert answer.status_code == 503
    assert "Nothing was issued and nothing is lost" in answer.text
    assert str(failure) not in answer.text
    database.expire_all()
    assert desk.shipment.state == "submitted"
    assert desk.shipment.attestations == []
