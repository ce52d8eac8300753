"""Verification by machine: every answer fits the description, every refusal is a problem with its place."""

import base64
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.audit import Actor
from portal.certificates import issue, status
from portal.certificates.models import Certificate
from portal.db import utc_now
from portal.verification.views import api
from portal.web import problems
from tests.verification.test_views import certificate, settings

__all__ = ["certificate", "settings"]

OFFICER = Actor("user", "1", "Officer")


def fits(answer: TestResponse, path: str, method: str = "get") -> Any:
    """The answer's JSON, after it was held against the description of its address and status."""
    described = api.description()["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = api.description()["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described["content"][answer.mimetype]["schema"]
    told = json.loads(answer.data)
    Draft202012Validator({**schema, "components": api.description()["components"]}).validate(told)
    return told


def test_the_description_is_openapi_with_sound_schemas(client: FlaskClient) -> None:
    told = client.get("/api/v1/openapi.json").get_json()
    assert told["openapi"].startswith("3.1.")
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    operations = [each["operationId"] for path in told["paths"].values() for each in path.values()]
    assert len(operations) == len(set(operations))


def test_what_is_described_is_routed_and_the_other_way_round(app: Flask) -> None:
    routed = {
        (rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routed == {(path, method) for path, item in api.description()["paths"].items() for method in item}


def test_each_kind_of_evidence_is_verified(client: FlaskClient, certificate: Certificate) -> None:
    files = issue.files(certificate)
    asked: list[dict[str, Any]] = [
        {"file": base64.b64encode(files["pdf"]).decode()},
        {"file": base64.b64encode(files["png"]).decode()},
        {"text": files["json"].decode()},
        {"text": issue.seal_text(certificate)},
    ]
    for body in asked:
        told = fits(client.post("/api/v1/verifications", json=body), "/verifications", "post")
        assert (told["summary"], told["number"]) == ("valid", certificate.number)
        assert told["match"] is None
    batch = fits(client.post("/api/v1/verifications/batch", json={"items": asked}), "/verifications/batch", "post")
    assert [one["report"]["summary"] for one in batch["items"]] == ["valid"] * 4


def test_what_lies_before_the_officer_is_compared(client: FlaskClient, certificate: Certificate) -> None:
    seal = issue.seal_text(certificate)
    for weight, answer, summary in (("12.5", "yes", "valid"), ("12.6", "no", "not_valid")):
        presented = {"hs_codes": ["811299"], "net_weight_kg": weight, "destination": "DE"}
        sent = client.post("/api/v1/verifications", json={"text": seal, "presented": presented})
        told = fits(sent, "/verifications", "post")
        assert (told["match"]["answer"], told["summary"]) == (answer, summary)
        assert told["match"]["fields"]["net_weight_kg"]["code"] in (421, 461)


def test_a_number_tells_only_what_everybody_may_know(client: FlaskClient, certificate: Certificate) -> None:
    presented = {"consignee": certificate.end_user_name, "destination": certificate.destination}
    sent = client.post("/api/v1/verifications", json={"text": certificate.number, "presented": presented})
    told = fits(sent, "/verifications", "post")
    assert told["summary"] == "could_not_tell"
    assert told["statement"] is None
    assert certificate.end_user_name not in sent.text
    assert {one["key"] for one in told["match"]["fields"].values()} == {"match-needs-paper"}


def test_the_status_of_a_number_is_signed(client: FlaskClient, certificate: Certificate, database: Session) -> None:
    told = fits(client.get(f"/api/v1/certificates/{certificate.number}"), "/certificates/{number}")
    assert (told["state"], told["token"].count(".")) == ("valid", 2)
    status.revoke(database, certificate, reason_code="court-order", reason="x", actor=OFFICER, now=utc_now())
    database.commit()
    told = fits(client.get(f"/api/v1/certificates/{certificate.number}"), "/certificates/{number}")
    assert told["state"] == "revoked"
    answer = client.get("/api/v1/certificates/DDC-2026-9999999-X")
    assert answer.status_code == 404
    told = fits(answer, "/certificates/{number}")
    assert told["type"].endswith("/not-a-number")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"text": "x", "file": "eA=="}, [""]),
        ({"text": 1}, ["/text"]),
        ({"text": ""}, ["/text"]),
        ({"text": "x", "other": 1}, [""]),
        ({"file": "not base64!"}, ["/file"]),
        ({"text": "x", "presented": {"hs_codes": ["81"]}}, ["/presented/hs_codes/0"]),
        ({"text": "x", "presented": {"net_weight_kg": "-1"}}, ["/presented/net_weight_kg"]),
        ({"text": "x", "presented": {"destination": "ZZ", "container": "NONE"}},
         ["/presented/destination", "/presented/container"]),
        ([], ["", ""]),
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_is_told_where(client: FlaskClient, body: Any, pointers: list[str]) -> None:
    answer = client.post("/api/v1/verifications", json=body)
    assert answer.status_code == 422
    told = fits(answer, "/verifications", "post")
    assert [error["pointer"] for error in told["errors"]] == pointers


@pytest.mark.parametrize(
    ("data", "kind", "status_code", "name"),
    [
        (b"{", "application/json", 400, "not-json"),
        (b'{"text": "a", "text": "b"}', "application/json", 400, "not-json"),
        (b'{"text": 1.5}', "application/json", 400, "not-json"),
        (b"[" * 100_000, "application/json", 400, "not-json"),
        (b"\xff", "application/json", 400, "not-json"),
        (b"text=x", "application/x-www-form-urlencoded", 415, "wrong-media-type"),
        (b'"' + b"x" * api.MAX_BODY + b'"', "application/json", 413, "too-large"),
    ],
    ids=["cut", "named twice", "a float", "a tower", "not text", "a form", "too large"],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    client: FlaskClient, data: bytes, kind: str, status_code: int, name: str
) -> None:
    answer = client.post("/api/v1/verifications", data=data, content_type=kind)
    assert answer.status_code == status_code
    assert fits(answer, "/verifications", "post")["type"] == f"/api/v1/problems/{name}"


def test_one_item_that_does_not_fit_does_not_stop_the_others(client: FlaskClient, certificate: Certificate) -> None:
    items = [{"file": "%"}, {"text": issue.seal_text(certificate)}, {"text": "nothing of the kind"}]
    told = fits(client.post("/api/v1/verifications/batch", json={"items": items}), "/verifications/batch", "post")
    first, second, third = told["items"]
    assert first["problem"]["errors"] == [{"pointer": "/items/0/file", "detail": "base64 (RFC 4648 section 4)"}]
    assert second["report"]["summary"] == "valid"
    assert third["report"]["integrity"]["key"] == "not-recognised"
    assert client.post("/api/v1/verifications/batch", json={"items": [{"text": "x"}] * 101}).status_code == 422


def test_what_is_not_there_is_a_problem_and_no_page(client: FlaskClient) -> None:
    for answer, name in (
        (client.get("/api/v1/nothing"), "not-found"),
        (client.get("/api/v1/problems/nothing"), "not-found"),
        (client.put("/api/v1/verifications"), "wrong-method"),
    ):
        assert answer.mimetype == problems.MEDIA_TYPE
        assert answer.get_json()["type"].endswith(name)


def test_every_problem_explains_itself(client: FlaskClient) -> None:
    for name, found in problems.problems().items():
        told = fits(client.get(f"/api/v1/problems/{name}"), "/problems/{name}")
        assert told["type"] == found.address
    assert len(fits(client.get("/api/v1/reasons"), "/reasons")) > 60
