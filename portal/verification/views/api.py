"""Verification by machine: ``/api/v1``, described by OpenAPI 3.1, problems by RFC 9457. Nothing is kept."""

import base64
import binascii
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import yaml
from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from werkzeug.exceptions import HTTPException

from portal.certificates import number as numbers
from portal.certificates import status as statuses
from portal.certificates import strict_json
from portal.verification import comparison, presented
from portal.verification.evidence import MAX_BYTES
from portal.verification.presented import NOTHING, Presented, PresentedRefused
from portal.verification.reasons import reasons
from portal.verification.register import Register
from portal.verification.views import opened
from portal.web import access, machines, problems
from portal.web.limits import limiter
from portal.web.published import same_for_everybody
from portal.web.requests import language, now
from portal.web.session import db_session

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
RATE = "120 per minute"
BATCH_RATE = "12 per minute"
BATCH_ITEMS = 10  # a batch weighs as much as so many requests
# Bytes of a request's body: one file of the largest size in base64, and room for the rest.
MAX_BODY = MAX_BYTES * 4 // 3 + 1024 * 1024


class RequestRefused(Exception):
    """A request that does not fit its description; ``errors`` are pairs of JSON pointer and what is wrong."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description, which also judges every request."""
    text = resources.files("portal.verification").joinpath("data/openapi.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@blueprint.get("/openapi.json")
@access.public
@same_for_everybody
def openapi() -> ResponseReturnValue:
    """The description of this interface."""
    return _json(description(), cached=True)


@blueprint.get("/reasons")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def reason_codes() -> ResponseReturnValue:
    """Every reason code with its text."""
    told = [{"code": r.code, "key": r.key, "answer": r.answer, "text": r.text.to_json()} for r in reasons().values()]
    return _json(told, cached=True)


@blueprint.get("/problems/<name>")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def problem(name: str) -> ResponseReturnValue:
    """What a type of problem means."""
    found = problems.problems().get(name) or abort(404)
    return _json({"type": found.address, "title": found.title.to_json(), "detail": found.detail.to_json()}, cached=True)


@blueprint.get("/certificates/<number>")
@access.public_or_machine(machines.STATUS)
@limiter.limit(machines.rate(RATE))
def certificate(number: str) -> ResponseReturnValue:
    """The signed status of a certificate."""
    try:
        parsed = numbers.parse(number)
    except numbers.NumberError as error:
        return problems.answer("not-a-number", detail=str(error))
    told = statuses.answer(db_session, parsed, issuer=opened.register().issuer, now=now())
    return _json(told, 404 if told["state"] == statuses.NOT_REGISTERED else 200)


@blueprint.post("/verifications")
@access.public_or_machine(machines.VERIFY)
@limiter.limit(machines.rate(RATE))
def verify() -> ResponseReturnValue:
    """Verify one certificate."""
    asked = body("Verification")
    return _json(_examined(asked, opened.register(), ""))


@blueprint.post("/verifications/batch")
@access.public_or_machine(machines.VERIFY)
@limiter.limit(machines.rate(BATCH_RATE, each=BATCH_ITEMS))
def verify_batch() -> ResponseReturnValue:
    """Verify many; one that cannot be read does not stop the others."""
    asked, register = body("Batch"), opened.register()
    machines.counts_as(len(asked["items"]))
    items: list[dict[str, Any]] = []
    for at, item in enumerate(asked["items"]):
        try:
            items.append({"report": _examined(item, register, f"/items/{at}")})
        except RequestRefused as refused:
            items.append({"problem": problems.told("invalid-request", refused.errors)})
    return _json({"items": items})


@blueprint.errorhandler(RequestRefused)
def refused(error: RequestRefused) -> ResponseReturnValue:
    """A request that does not fit its description."""
    return problems.answer("invalid-request", error.errors)


def body(schema: str) -> Any:
    """The request's JSON, judged by the description. Aborts or raises ``RequestRefused``."""
    if request.mimetype != "application/json":
        abort(415)
    request.max_content_length = MAX_BODY
    try:
        asked = strict_json.loads(request.get_data(cache=False), max_bytes=MAX_BODY)
    except strict_json.JsonRefused as error:
        raise _Unreadable(response=problems.answer("not-json", detail=f"{error}")) from error
    errors = list(faults(schema, asked))
    if errors:
        raise RequestRefused(errors)
    return asked


class _Unreadable(HTTPException):
    code = 400


@cache
def _judge(schema: str) -> Draft202012Validator:
    components = description()["components"]
    batch = description()["paths"]["/verifications/batch"]["post"]["requestBody"]["content"]["application/json"]
    whole = batch["schema"] if schema == "Batch" else {"$ref": f"#/components/schemas/{schema}"}
    return Draft202012Validator({**whole, "components": components})


def faults(schema: str, asked: Any) -> Iterator[tuple[str, str]]:
    """What does not fit a schema of the description: pairs of JSON pointer and what is wrong."""
    for error in sorted(_judge(schema).iter_errors(asked), key=lambda each: list(map(str, each.absolute_path))):
        yield "".join(f"/{_escaped(part)}" for part in error.absolute_path), _what(error)


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")[:100]


def _what(error: ValidationError) -> str:
    """What is wrong, without the value itself, which may be megabytes long."""
    if error.validator == "oneOf":
        return "exactly one of text and file"
    if error.validator in ("required", "additionalProperties"):
        return str(error.message)[:300]
    return f"{error.validator}: {json.dumps(error.validator_value)}"[:300]


def _examined(asked: dict[str, Any], register: Register, at: str) -> dict[str, Any]:
    evidence = _evidence(asked, at)
    before = _presented(asked.get("presented", {}), at)
    report = register.examine(evidence, db_session, now=now())
    return comparison.with_match(report, before, paper=report.paper).to_public_json()


def _evidence(asked: dict[str, Any], at: str) -> bytes:
    if "text" in asked:
        return str(asked["text"]).encode("utf-8")
    try:
        return base64.b64decode(asked["file"], validate=True)[: MAX_BYTES + 1]
    except (binascii.Error, ValueError) as error:
        raise RequestRefused([(f"{at}/file", "base64 (RFC 4648 section 4)")]) from error


def _presented(asked: dict[str, Any], at: str) -> Presented:
    if not asked:
        return NOTHING
    try:
        return presented.read({**asked, "hs_codes": " ".join(asked.get("hs_codes", ()))})
    except PresentedRefused as error:
        faults = [(f"{at}/presented/{field}", text[language()]) for field, text in error.errors.items()]
        raise RequestRefused(faults) from error


def _json(told: object, code: int = 200, *, cached: bool = False) -> Response:
    response = make_response(json.dumps(told, ensure_ascii=False), code)
    response.content_type = "application/json"
    response.headers["Cache-Control"] = "public, max-age=300" if cached else "no-store"
    if cached:
        response.add_etag()
        response.make_conditional(request)
    return response
