"""The statement: the canonical facts that a certificate signs, and the digest that is the certificate's identity."""

import copy
import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Any, Protocol, cast

import rfc8785
from jsonschema import Draft202012Validator

from portal.certificates import number as numbers
from portal.certificates import strict_json
from portal.certificates.statuslist.form import Place
from portal.text import Text

TYPE = "due-diligence-statement"
SCHEMA = "1"
MAX_BYTES = 512 * 1024
# Invisible letters would let two different names look the same on paper; those that only shape or space text are
# dropped from a draft, those that turn its direction are refused.
_INVISIBLE = frozenset("\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_TURNING = frozenset(chr(code) for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_HIDDEN = _INVISIBLE | _TURNING


class StatementError(ValueError):
    """A statement breaks its schema; ``path`` is the JSON path of the first fault."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Named(Protocol):
    """What a statement says of its issuer. ``status_address`` ends with a slash; the number is put behind it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> Text: ...
    @property
    def test(self) -> bool: ...
    @property
    def status_address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Statement:
    """One checked statement: its canonical bytes (RFC 8785) and their SHA-256 in hexadecimal digits."""

    canonical: bytes
    digest: str

    @property
    def facts(self) -> dict[str, Any]:
        """The statement as JSON values; a fresh copy each time, so nobody can alter what was signed."""
        return cast(dict[str, Any], json.loads(self.canonical))


def complete(
    draft: Mapping[str, Any], *, number: str, issuer: Named, issued_at: datetime, valid_until: date, place: Place
) -> Statement:
    """Put what the issuer adds to a draft and check the whole.

    The draft holds every member but ``type``, ``schema``, ``test``, ``number``, ``issuer``, ``issued_at``,
    ``valid_until``, ``status_address`` and ``status_list``; ``revision`` (1) and ``supersedes`` (none) may be left
    out. Text is brought to Unicode NFC, without invisible letters. Raises ``StatementError`` with the path of the
    first fault.
    """
    facts = {
        "revision": 1,
        "supersedes": None,
        **copy.deepcopy(dict(draft)),
        "type": TYPE,
        "schema": SCHEMA,
        "test": issuer.test,
        "number": number,
        "issuer": {"id": issuer.id, "name": issuer.name.to_json()},
        "issued_at": moment(issued_at),
        "valid_until": valid_until.isoformat(),
        "status_address": issuer.status_address + number,
        "status_list": place.to_json(),
    }
    facts = normal(facts)
    check(facts)
    data = canonical(facts)
    return Statement(data, digest(data))


def read(data: bytes) -> Statement:
    """Take canonical bytes as they were signed; anything but the one canonical form is refused."""
    try:
        facts = strict_json.loads(data, max_bytes=MAX_BYTES)
    except strict_json.JsonRefused as error:
        raise StatementError("$", str(error)) from error
    check(facts)
    if canonical(facts) != data:
        raise StatementError("$", "is not in canonical form (RFC 8785)")
    return Statement(data, digest(data))


def check(facts: Any) -> None:
    """Raise ``StatementError`` unless the facts keep to the schema, to real dates and to plain, normal text."""
    errors = sorted(_validator().iter_errors(facts), key=lambda error: error.json_path)
    if errors:
        raise StatementError(errors[0].json_path, _shortened(errors[0].message))
    for path, value in _strings(facts, "$"):
        _check_text(path, value)
    for path, value in _dates(facts):
        try:
            date.fromisoformat(value[:10])
            if "T" in value:
                datetime.fromisoformat(value)
        except ValueError:
            raise StatementError(path, f"{value} is no date of the calendar") from None
    try:
        numbers.check(facts["number"])
    except numbers.NumberError as error:
        raise StatementError("$.number", str(error)) from error
    if facts["valid_until"] < facts["issued_at"][:10]:
        raise StatementError("$.valid_until", "lies before the day of issue")


def certifiable(assessment: Mapping[str, Any]) -> bool:
    """Whether an assessment may be certified: it came out so, or it was referred and the authority cleared it."""
    outcome = assessment.get("outcome")
    return outcome == "certify" or (outcome == "refer" and bool(assessment.get("review")))


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The one serialisation of the facts (RFC 8785). Raises ``StatementError`` for what has none."""
    try:
        return rfc8785.dumps(dict(facts))
    except rfc8785.CanonicalizationError as error:
        raise StatementError("$", str(error)) from error


def digest(data: bytes) -> str:
    """SHA-256 of canonical bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def moment(value: datetime) -> str:
    """A moment as statements write it: UTC, whole seconds, ``Z``."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a statement."""
    text = resources.files("portal.certificates").joinpath("data/statement.schema.json").read_text("utf-8")
    return cast(dict[str, Any], json.loads(text))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def _shortened(message: str) -> str:
    return message if len(message) <= 200 else message[:197] + "…"


def normal(value: Any) -> Any:
    """Text as statements write it: NFC, no invisible letters, no blanks around it, plain line ends."""
    if isinstance(value, str):
        text = "".join(letter for letter in value if letter not in _INVISIBLE)
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        return unicodedata.normalize("NFC", text).strip()
    if isinstance(value, Mapping):
        return {name: normal(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [normal(item) for item in value]
    return value


def _check_text(path: str, value: str) -> None:
    if not unicodedata.is_normalized("NFC", value):
        raise StatementError(path, "is not in Unicode normal form C")
    if value != value.strip():
        raise StatementError(path, "begins or ends with white space")
    for letter in value:
        if letter in _HIDDEN or (letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs")):
            raise StatementError(path, f"holds the hidden character U+{ord(letter):04X}")


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _strings(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, f"{path}[{index}]")


def _dates(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "$.issued_at", facts["issued_at"]
    yield "$.valid_until", facts["valid_until"]
    yield "$.contract.date", facts["contract"]["date"]
    yield "$.attestation.at", facts["attestation"]["at"]
    if facts["licence"] is not None:
        yield "$.licence.valid_until", facts["licence"]["valid_until"]
    for index, entry in enumerate(facts["assessment"]["lists"]):
        if entry["published"] is not None:
            yield f"$.assessment.lists[{index}].published", entry["published"]
