"""The outcome of a verification: independent verdicts, and a summary that follows from them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from portal.certificates.seal import Essentials
from portal.certificates.statement import moment
from portal.text import Text
from portal.verification.reasons import Answer, reasons

Kind = Literal["pdf", "scan", "image", "seal", "credential", "number", "statement", "unknown"]
Summary = Literal["valid", "not_valid", "could_not_tell"]


# What anybody may learn of a certificate by its number.
PUBLIC = ("number", "digest", "issuer_id", "issued_at", "valid_until", "purpose", "exporter", "hs_codes",
          "status_address", "test")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer with its stable code and a text that tells what to do."""

    answer: Answer
    code: int
    key: str
    text: Text

    @classmethod
    def of(cls, key: str, **values: object) -> "Verdict":
        """The verdict of a reason, its placeholders filled."""
        reason = reasons()[key]
        text = reason.text.filled(**values)
        return cls(reason.answer, reason.code, reason.key, Text(text.en.strip(), text.zh.strip()))

    def to_json(self) -> dict[str, Any]:
        return {"answer": self.answer, "code": self.code, "key": self.key, "text": self.text.to_json()}


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that an officer put in (``field``), and whether the certificate says the same."""

    field: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether the certificate matches what lies before the officer: the verdict, and what it was made from."""

    verdict: Verdict
    fields: tuple[Compared, ...]

    def to_json(self) -> dict[str, Any]:
        return {**self.verdict.to_json(), "fields": {one.field: one.verdict.to_json() for one in self.fields}}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. ``statement`` and ``essentials`` are there only when integrity and issuer were verified.

    ``essentials`` is what a seal tells; the other kinds of evidence carry the whole ``statement`` as well. For a
    number alone both come from the register and not from the paper. ``status_as_of`` is when the status was known,
    ``log_index`` the certificate's place in the issuer's log, from 0. ``match`` is there when somebody said what lies
    before them (see ``comparison``). ``attestation`` is there when the evidence shows the statement: it counts against
    the certificate when the officer's word was falsified, and not when it merely cannot be checked.
    """

    kind: Kind
    integrity: Verdict
    issuer: Verdict
    status: Verdict
    checked_at: datetime
    essentials: Essentials | None = None
    statement: dict[str, Any] | None = None
    issuer_name: Text | None = None
    status_as_of: datetime | None = None
    match: Comparison | None = None
    log_index: int | None = None
    attestation: Verdict | None = None

    @property
    def summary(self) -> Summary:
        """Valid only when all answers are yes; one no is enough to be not valid."""
        answers = {self.integrity.answer, self.issuer.answer, self.status.answer}
        if self.match is not None:
            answers.add(self.match.verdict.answer)
        if self.attestation is not None and self.attestation.answer == "no":
            answers.add("no")
        if answers == {"yes"}:
            return "valid"
        return "not_valid" if "no" in answers else "could_not_tell"

    @property
    def number(self) -> str:
        return self.essentials.number if self.essentials else ""

    @property
    def digest(self) -> str:
        return self.essentials.digest if self.essentials else ""

    @property
    def test(self) -> bool:
        """Whether the certificate says of itself that it proves nothing outside a test."""
        return bool(self.essentials and self.essentials.test)

    @property
    def paper(self) -> bool:
        """Whether something that the issuer signed was shown, and not a number alone."""
        return self.integrity.key != "number-only"

    def to_public_json(self) -> dict[str, Any]:
        """The report for whoever put the evidence in: with a number alone, what the register tells everybody."""
        told = self.to_json()
        if not self.paper:
            known = told["essentials"] or {}
            told["statement"] = told["attestation"] = None
            told["essentials"] = {name: known[name] for name in PUBLIC if name in known} or None
        return told

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "summary": self.summary,
            "integrity": self.integrity.to_json(),
            "issuer": self.issuer.to_json(),
            "status": self.status.to_json(),
            "match": self.match.to_json() if self.match else None,
            "attestation": self.attestation.to_json() if self.attestation else None,
            "number": self.number,
            "digest": self.digest,
            "test": self.test,
            "log_index": self.log_index,
            "issuer_name": self.issuer_name.to_json() if self.issuer_name else None,
            "essentials": self.essentials.to_json() if self.essentials else None,
            "statement": self.statement,
            "checked_at": moment(self.checked_at),
            "status_as_of": moment(self.status_as_of) if self.status_as_of else None,
        }
