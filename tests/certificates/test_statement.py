"""The statement: one canonical form, plain text, real dates, closed objects."""

import json
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from portal.certificates import number, statement
from portal.certificates.keys import Issuer
from portal.certificates.statuslist.form import Place
from tests.certificates.samples import END_USER, GOODS, NOW, draft

NUMBER = number.compose(2026, 123)


def completed(issuer: Issuer, **changes: Any) -> statement.Statement:
    return statement.complete(
        draft(**changes),
        number=NUMBER,
        issuer=issuer,
        issued_at=NOW,
        valid_until=date(2027, 5, 23),
        place=Place(1, 94567),
    )


def test_completing_adds_what_only_the_issuer_knows(issuer: Issuer) -> None:
    facts = completed(issuer).facts
    assert facts["number"] == NUMBER
    assert facts["issuer"] == {"id": issuer.id, "name": issuer.name.to_json()}
    assert facts["test"] is True
    assert (facts["issued_at"], facts["valid_until"]) == ("2026-11-24T09:00:00Z", "2027-05-23")
    assert facts["status_address"] == f"http://127.0.0.1:8000/verify/{NUMBER}"
    assert (facts["revision"], facts["supersedes"]) == (1, None)
    assert facts["status_list"] == {"number": 1, "index": 94567}


def test_a_draft_cannot_choose_what_only_the_issuer_knows(issuer: Issuer) -> None:
    facts = completed(issuer, test=False, number="DDC-2026-9999999-A", issued_at="1999-01-01T00:00:00Z").facts
    assert (facts["test"], facts["number"], facts["issued_at"]) == (True, NUMBER, "2026-11-24T09:00:00Z")


def test_the_digest_is_that_of_the_canonical_bytes_and_reading_gives_the_same(issuer: Issuer) -> None:
    made = completed(issuer)
    assert statement.read(made.canonical) == made
    assert made.digest == statement.digest(made.canonical)
    assert len(made.digest) == 64
    made.facts["number"] = "altered"
    assert made.facts["number"] == NUMBER


def test_text_is_brought_to_one_form(issuer: Issuer) -> None:
    name = " Mu\u0308ller\u200b & So\u0308hne\r\nGmbH "
    facts = completed(issuer, parties=[{**END_USER, "name": name}]).facts
    assert facts["parties"][0]["name"] == unicodedata.normalize("NFC", "Mu\u0308ller & So\u0308hne\nGmbH")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"purpose": "export"}, "$.purpose"),
        ({"goods": []}, "$.goods"),
        ({"goods": [{**GOODS, "net_weight_kg": 12.5}]}, "$.goods[0].net_weight_kg"),
        ({"goods": [{**GOODS, "net_weight_kg": "-1"}]}, "$.goods[0].net_weight_kg"),
        ({"goods": [{**GOODS, "net_weight_kg": "1e3"}]}, "$.goods[0].net_weight_kg"),
        ({"goods": [{**GOODS, "colour": "grey"}]}, "$.goods[0]"),
        ({"goods": [{**GOODS, "hs_code": "81.12"}]}, "$.goods[0].hs_code"),
        ({"parties": [{**END_USER, "role": "consignee"}]}, "$.parties"),
        ({"parties": [{**END_USER, "country": "Germany"}]}, "$.parties[0].country"),
        ({"contract": {"number": "1", "date": "2026-02-30"}}, "$.contract.date"),
        ({"contract": {"number": "1"}}, "$.contract"),
        ({"purpose": "shipment-under-licence"}, "$.licence"),
        ({"licence": {"number": "L1", "valid_until": "2026-13-01"}}, "$.licence.valid_until"),
        ({"end_use": {"en": "abc\u202edef", "zh": "用途"}}, "$.end_use.en"),
        ({"end_use": {"en": "bell\x07", "zh": "用途"}}, "$.end_use.en"),
        ({"end_use": {"en": "", "zh": "用途"}}, "$.end_use.en"),
        ({"supersedes": "DDC-2026-1-Z"}, "$.supersedes"),
        ({"extra": 1}, "$"),
    ],
)
def test_a_fault_is_named_with_its_path(issuer: Issuer, changes: dict[str, Any], path: str) -> None:
    with pytest.raises(statement.StatementError) as error:
        completed(issuer, **changes)
    assert error.value.path == path


def altered(made: statement.Statement) -> Iterator[tuple[str, bytes]]:
    facts = made.facts
    yield "space", made.canonical.replace(b'":', b'": ', 1)
    yield "order", json.dumps(dict(reversed(facts.items())), separators=(",", ":"), ensure_ascii=False).encode()
    yield "escape", made.canonical.replace("锗".encode(), b"\\u9517", 1)
    yield "twice", made.canonical.replace(b'{"assessment"', b'{"test":true,"assessment"', 1)
    yield "float", made.canonical.replace(b'"points":12', b'"points":12.0', 1)
    yield "exponent", made.canonical.replace(b'"points":12', b'"points":12e0', 1)
    yield "huge", made.canonical.replace(b'"points":12', b'"points":' + b"9" * 5000, 1)
    yield "nan", made.canonical.replace(b'"points":12', b'"points":NaN', 1)
    yield "surrogate", made.canonical.replace("锗".encode(), b"\\ud800", 1)
    yield "not utf-8", made.canonical.replace("锗".encode(), b"\xff", 1)
    yield "byte-order mark", b"\xef\xbb\xbf" + made.canonical
    yield "cut off", made.canonical[:-1]
    yield "more", made.canonical + b" "
    yield "deep", b"[" * 100_000
    yield "not NFC", made.canonical.replace(b"Jenaer", "Jena\u0308r".encode(), 1)
    yield "padded", made.canonical.replace(b"Jenaer", b" Jenaer", 1)
    yield "list", b"[]"


def test_only_the_canonical_form_is_read(issuer: Issuer) -> None:
    made = completed(issuer)
    for name, data in altered(made):
        assert data != made.canonical, name
        with pytest.raises(statement.StatementError):
            statement.read(data)


def test_the_number_and_the_term_are_checked(issuer: Issuer) -> None:
    facts = completed(issuer).facts
    wrong_letter = NUMBER[:-1] + ("A" if NUMBER[-1] != "A" else "B")
    with pytest.raises(statement.StatementError, match=r"^\$\.number"):
        statement.check({**facts, "number": wrong_letter})
    with pytest.raises(statement.StatementError, match=r"^\$\.valid_until"):
        statement.check({**facts, "valid_until": "2026-11-23"})


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and len(schema.get("properties", {})) > 1:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_every_object_of_the_schema_is_closed_and_every_string_bounded() -> None:
    found = list(objects(statement.schema()))
    assert len(found) > 15
    for entry in found:
        assert entry.get("additionalProperties") is False, entry
        for name, value in entry["properties"].items():
            if value.get("type") == "string":
                assert "maxLength" in value, name
