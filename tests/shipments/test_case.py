"""A case file: what is refused, and that the place of each fault is named."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from portal.shipments import case as cases
from portal.shipments import json_text
from portal.shipments.case import CaseRefused
from tests.shipments.conftest import CASES, plain_case

TODAY = date(2026, 11, 24)
NAMES = ("germanium-lens-blanks", "gallium-forwarder", "samarium-cobalt-magnets")
Plain = dict[str, Any]


def put(path: str, value: object) -> Callable[[Plain], None]:
    """Set what is at a path like ``goods.0.hs_code``; ``...`` takes it out."""

    def change(plain: Plain) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = plain
        for step in way:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value

    return change


def chain(*percents: str) -> Plain:
    """Owners one above the other with these shares, the owner of the party first."""
    owner: Plain = {}
    for percent in reversed(percents):
        owner = {"name": "Holding", "percent": percent, "owners": [owner] if owner else []}
    return owner


WRONG = [
    ("no goods", put("goods", []), "$.goods"),
    ("goods missing", put("goods", ...), "$.goods"),
    ("goods no list", put("goods", {}), "$.goods"),
    ("HS code too short", put("goods.0.hs_code", "8112"), "$.goods[0].hs_code"),
    ("HS code of no chapter", put("goods.0.hs_code", "7712991000"), "$.goods[0].hs_code"),
    ("HS code as a number", put("goods.0.hs_code", 8112991000), "$.goods[0].hs_code"),
    ("control code of no shape", put("goods.0.control_code", "Ga-1"), "$.goods[0].control_code"),
    ("element of no symbol", put("goods.0.element", "Germanium"), "$.goods[0].element"),
    ("quantity zero", put("goods.0.quantity", "0"), "$.goods[0].quantity"),
    ("quantity below zero", put("goods.0.quantity", -3), "$.goods[0].quantity"),
    ("quantity with a comma", put("goods.0.quantity", "12,5"), "$.goods[0].quantity"),
    ("quantity true", put("goods.0.quantity", True), "$.goods[0].quantity"),
    ("quantity beyond any ship", put("goods.0.quantity", "900000000"), "$.goods[0].unit"),
    ("half a piece", put("goods.0.unit", "H87"), "$.goods[0].unit"),
    ("unit of no code", put("goods.0.unit", "kilo"), "$.goods[0].unit"),
    ("net weight that disagrees", put("goods.0.net_weight_kg", "99"), "$.goods[0].net_weight_kg"),
    ("value of no number", put("goods.0.value", "a lot"), "$.goods[0].value"),
    ("value beyond reason", put("goods.0.value", "900000000000"), "$.goods[0].value"),
    ("currency that is gold", put("goods.0.currency", "XAU"), "$.goods[0].currency"),
    ("origin of no country", put("goods.0.origin", "ZZ"), "$.goods[0].origin"),
    ("name empty", put("goods.0.name", ""), "$.goods[0].name"),
    ("name too long", put("goods.0.name", "x" * 301), "$.goods[0].name"),
    ("name that turns", put("goods.0.name", "lens \u202eknalb"), "$.goods[0].name"),
    ("a member too many", put("goods.0.colour", "grey"), "$.goods[0].colour"),
    ("no end user", put("parties.0.roles", ["consignee"]), "$.parties"),
    ("no consignee", put("parties.0.roles", ["end_user"]), "$.parties"),
    ("a role that is none", put("parties.0.roles", ["friend"]), "$.parties[0].roles[0]"),
    ("no role", put("parties.1.roles", []), "$.parties[1].roles"),
    ("country of a party", put("parties.1.country", "Germany"), "$.parties[1].country"),
    ("address missing", put("parties.1.address", ...), "$.parties[1].address"),
    ("e-mail", put("parties.0.email", "not an address"), "$.parties[0].email"),
    ("web site", put("parties.0.website", "ftp://x"), "$.parties[0].website"),
    (
        "USCC of no check abroad",
        put("parties.0.identifiers", {"uscc": "91530100MA6EX0GE14"}),
        "$.parties[0].identifiers.uscc",
    ),
    ("USCC abroad", put("parties.0.identifiers", {"uscc": "91530100MA6EX0GE10"}), "$.parties[0].identifiers"),
    ("LEI of no check", put("parties.0.identifiers", {"lei": "5" * 20}), "$.parties[0].identifiers.lei"),
    ("owners above all", put("parties.0.owners", [{"name": "A", "percent": "101"}]), "$.parties[0].owners[0].percent"),
    (
        "owner of an owner above all",
        put("parties.0.owners", [chain("50", "101")]),
        "$.parties[0].owners[0].owners[0].percent",
    ),
    (
        "owners of an owner above all",
        put(
            "parties.0.owners",
            [{"name": "A", "owners": [{"name": "B", "percent": "60"}, {"name": "C", "percent": "41"}]}],
        ),
        "$.parties[0].owners[0].owners",
    ),
    ("owners without end", put("parties.0.owners", [chain(*["50"] * 9)]), "$.parties[0].owners"),
    (
        "owner's number of no kind",
        put("parties.0.owners", [{"name": "A", "identifier": {"scheme": "x", "value": "1"}}]),
        "$.parties[0].owners[0].identifier.scheme",
    ),
    (
        "owner's number of no check",
        put("parties.0.owners", [{"name": "A", "identifier": {"scheme": "lei", "value": "213800KUD8LAJWSQ9D16"}}]),
        "$.parties[0].owners[0].identifier.value",
    ),
    ("former name empty", put("parties.0.former_names", [""]), "$.parties[0].former_names[0]"),
    ("ship of no number", put("parties.0.vessel_imo", "1234568"), "$.parties[0].vessel_imo"),
    ("owners together above all", put("parties.0.owners", [{"name": "A", "percent": "60"}] * 2), "$.parties[0].owners"),
    ("route to where it began", put("shipment.route.to", "CN"), "$.shipment.route.to"),
    ("transit twice", put("shipment.route.transit", ["SG", "SG"]), "$.shipment.route.transit"),
    ("transit that is the end", put("shipment.route.transit", ["DE"]), "$.shipment.route.to"),
    ("mode", put("shipment.route.mode", "teleport"), "$.shipment.route.mode"),
    ("planned day", put("shipment.route.planned_on", "2027-02-30"), "$.shipment.route.planned_on"),
    ("contract of tomorrow", put("shipment.contract.date", "2026-11-25"), "$.shipment.contract.date"),
    ("contract without a number", put("shipment.contract.number", " "), "$.shipment.contract.number"),
    ("Incoterm of 2010", put("shipment.contract.incoterm", "DAT"), "$.shipment.contract.incoterm"),
    (
        "licence without a term",
        put("shipment.licence", {"number": "1", "scope": "yes"}),
        "$.shipment.licence.valid_until",
    ),
    (
        "licence scope",
        put("shipment.licence", {"number": "1", "scope": "maybe", "valid_until": "2027-01-01"}),
        "$.shipment.licence.scope",
    ),
    (
        "licence quantity without unit",
        put("shipment.licence", {"number": "1", "scope": "yes", "valid_until": "2027-01-01", "quantity_left": "5"}),
        "$.shipment.licence",
    ),
    ("USCC of no check", put("exporter.identifier.value", "91530100MA6EX0GE19"), "$.exporter.identifier.value"),
    ("identifier scheme", put("exporter.identifier.scheme", "DUNS"), "$.exporter.identifier.scheme"),
    ("one person twice", put("compliance_officer.name", " 李晓岚 "), "$.compliance_officer"),
    ("not attested", put("attestation", False), "$.attestation"),
    ("attested by text", put("attestation", "true"), "$.attestation"),
    ("document outside", put("documents", [{"kind": "contract", "path": "../../etc/passwd"}]), "$.documents[0].path"),
    ("document from the root", put("documents", [{"kind": "contract", "path": "/etc/passwd"}]), "$.documents[0].path"),
    ("document of no kind", put("documents", [{"kind": "poem", "path": "a.pdf"}]), "$.documents[0].kind"),
    (
        "document of no party",
        put("documents", [{"kind": "contract", "path": "a.pdf", "party": 9}]),
        "$.documents[0].party",
    ),
    ("answers missing", put("answers.end_user", ...), "$.answers.end_user"),
    ("answers no object", put("answers.end_use", []), "$.answers.end_use"),
    ("another form", put("case", "2"), "$.case"),
]


@pytest.mark.parametrize(("change", "path"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_case_names_the_path(change: Callable[[Plain], None], path: str) -> None:
    plain = plain_case("germanium-lens-blanks")
    change(plain)
    with pytest.raises(CaseRefused) as refused:
        cases.read(json.dumps(plain).encode(), on=TODAY)
    assert [line.partition(": ")[0] for line in refused.value.lines] == [path]
    assert "Traceback" not in str(refused.value)


def test_every_fault_is_told_at_once() -> None:
    plain = plain_case("germanium-lens-blanks")
    plain["goods"][0]["hs_code"] = "1"
    plain["goods"][0]["currency"] = "?"
    plain["parties"][1]["country"] = ""
    with pytest.raises(CaseRefused) as refused:
        cases.read(json.dumps(plain).encode(), on=TODAY)
    assert len(refused.value.lines) == 3


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_are_read_and_keep_to_the_schema(name: str) -> None:
    assert cases.read((CASES / f"{name}.json").read_bytes(), on=TODAY).attestation is True
    Draft202012Validator.check_schema(cases.schema())
    assert list(Draft202012Validator(cases.schema()).iter_errors(plain_case(name))) == []


def test_the_schema_knows_every_question_and_documents_every_member() -> None:
    schema = cases.schema()
    assert "stated_end_use" in schema["$defs"]["Answers"]["properties"]["end_use"]["properties"]
    assert "undertaking_signed" in schema["$defs"]["Answers"]["properties"]["end_user"]["properties"]
    for name, part in schema["$defs"].items():
        assert all("description" in member for member in part["properties"].values()), name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "line 1, column 1, at $: the file ends too early"),
        (b'{"goods": [1, {"name": "x', "line 1, column 26, at $.goods[1].name: the file ends within text"),
        (b'{"a": 1,\n "a": 2}', "line 2, column 2, at $.a: this member is named twice"),
        (b'{"a": 1e5}', "line 1, column 7, at $.a: write the number without an exponent"),
        (b'{"a": NaN}', "line 1, column 7, at $.a: a value is expected"),
        (b"[1,]", "line 1, column 4, at $[1]: a value is expected"),
        (b'{"a" 1}', "line 1, column 6, at $.a: : is expected"),
        (b'{"a": 1 "b": 2}', "line 1, column 9, at $: , or } is expected"),
        (b"{'a': 1}", "line 1, column 2, at $: the name of a member is expected, in double quotes"),
        (b'{"a": "\xff"}', "line 1, column 8, at $: the file is not UTF-8 text"),
        (b'{"a": "\\ud800"}', "line 1, column 7, at $.a: half of a surrogate pair"),
        (b'{"a": "\n"}', "line 1, column 8, at $.a: text is broken here"),
        (b'{"a": "\\x"}', "line 1, column 8, at $.a: text is broken here"),
        (b"{} {}", "line 1, column 4, at $: there is more after the end"),
        (b"[" * 100_000, "line 1, column 25, at $" + "[0]" * 24 + ": nested too deeply"),
        (b"1" * 100, "line 1, column 1, at $: this number is too long"),
        (b" " * (json_text.MAX_BYTES + 1), "line 1, column 1, at $: the file is larger than 1048576 bytes"),
    ],
)
def test_broken_json_is_placed(text: bytes, said: str) -> None:
    with pytest.raises(CaseRefused) as refused:
        cases.read(text)
    assert refused.value.lines == [said]


WHOLE = (CASES / "germanium-lens-blanks.json").read_bytes()


@given(st.integers(min_value=0, max_value=len(WHOLE.rstrip()) - 1))
@settings(max_examples=300, deadline=None)
def test_any_truncation_is_refused_with_line_and_column(length: int) -> None:
    with pytest.raises(CaseRefused) as refused:
        cases.read(WHOLE[:length], on=TODAY)
    (line,) = refused.value.lines
    assert line.startswith("line ")
    assert "column " in line
    assert " at $" in line


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(json_values)
def test_the_reader_agrees_with_the_standard_one(value: Any) -> None:
    for written in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert json_text.loads(written.encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        json_text.loads(data)
    except json_text.JsonFault as fault:
        place = (fault.line, fault.column)
    else:
        place = (1, 1)
    assert min(place) >= 1


@given(json_values, st.sampled_from(["goods", "parties", "shipment", "answers", "exporter", "documents", "licence"]))
@settings(deadline=None)
def test_any_value_in_any_place_is_refused_without_a_crash(value: Any, member: str) -> None:
    plain = plain_case("germanium-lens-blanks")
    plain[member] = value
    found, faults = cases.check(plain, on=TODAY)
    assert (found is None) == bool(faults)
    assert all(fault.path.startswith("$") and fault.text.en and fault.text.zh for fault in faults)
