"""A case file: one whole shipment with its answers, for the command line. ``portal schema case`` prints its schema."""

from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator

from portal.accounts import identifiers
from portal.questionnaires import case as question_case
from portal.questionnaires import model
from portal.shipments import entries, json_text, values, vocabulary
from portal.shipments.entries import Contract, Country, Entry, Fault, GoodsEntry, Licence, Line, Name, PartyEntry, Route
from portal.shipments.values import Wrong
from portal.text import Text

_SHA256 = r"^[0-9a-f]{64}$"


class CaseRefused(ValueError):
    """A file that is no case; ``lines`` say where (JSON path, or line and column) and what, in English."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


class Identifier(Entry):
    """What names the exporter exactly."""

    scheme: Literal["USCC", "LEI"] = Field(description="USCC (GB 32100) in China, LEI (ISO 17442) elsewhere.")
    value: str = Field(max_length=40, description="The code; its check characters are proved.")

    @field_validator("value", mode="after")
    @classmethod
    def _holds_its_check(cls, value: str, info: Any) -> str:
        scheme = info.data.get("scheme")
        if scheme is None:
            return value
        try:
            return identifiers.check(scheme, value)
        except identifiers.WrongIdentifier as error:
            raise Wrong(error.text.en + ".", error.text.zh + "。") from None


class Exporter(Entry):
    """The firm that exports."""

    name: Name = Field(min_length=1, max_length=200, description="Name as registered, in its own script.")
    name_en: Line = Field(default="", max_length=200, description="Name in English.")
    country: Country = Field(default="CN", description="Country it is registered in, ISO 3166-1 alpha-2.")
    identifier: Identifier = Field(description="Its Unified Social Credit Code or LEI.")
    address: Line = Field(default="", max_length=500, description="Postal address in one line.")


class Person(Entry):
    """Somebody who answers for the case."""

    name: Name = Field(min_length=1, max_length=120, description="Full name.")
    position: Line = Field(default="", max_length=120, description="Position in the firm.")


class CaseShipment(Entry):
    """The consignment."""

    reference: Line = Field(min_length=1, max_length=60, description="The exporter's own reference.")
    contract: Contract = Field(description="Contract that the goods are sold under.")
    route: Route = Field(description="Way of the goods.")
    licence: Licence | None = Field(default=None, description="Export licence, where there is one.")


class Answers(Entry):
    """Answers by question id. A question asked of each goods line has an object with an answer under each line's
    number: ``{"1": …, "2": …}``. "I don't know" is "unknown" where one option is chosen, else ``{"unknown": true}``.
    """

    end_use: dict[str, Any] = Field(description="Answers to the questionnaire “end-use”.")
    end_user: dict[str, Any] = Field(description="Answers to the questionnaire “end-user”.")


def _beside_the_case(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value or not path.name:
        raise Wrong("Give a path below the folder of the case file.", "请填写案例文件所在文件夹下的相对路径。")
    return value


class CaseDocument(Entry):
    """A file that belongs to the case."""

    kind: Annotated[
        str,
        AfterValidator(values.document_kind),
        WithJsonSchema({"type": "string", "enum": list(vocabulary.document_kinds())}),
    ] = Field(description="What it is.")
    path: Annotated[str, AfterValidator(_beside_the_case)] = Field(
        min_length=1, max_length=300, description="Where it lies, relative to the case file."
    )
    sha256: str | None = Field(default=None, pattern=_SHA256, description="SHA-256 of its bytes, proved when given.")
    party: int | None = Field(default=None, ge=0, description="Index of the party that it belongs to, from 0.")
    goods: int | None = Field(default=None, ge=0, description="Index of the goods line that it belongs to, from 0.")


def _only_true(value: object) -> Literal[True]:
    if value is not True:
        raise Wrong("The compliance officer must attest the case: true.", "合规负责人须作出声明：true。")
    return True


class Case(Entry):
    """One shipment with everything that its due diligence needs. All texts may be in English or Chinese."""

    case: Literal["1"] = Field(default="1", description="Version of this form of file.")
    exporter: Exporter = Field(description="The firm that exports.")
    preparer: Person = Field(description="Who prepared the case.")
    compliance_officer: Person = Field(description="Who attests it; another person than the preparer.")
    shipment: CaseShipment = Field(description="The consignment.")
    goods: list[GoodsEntry] = Field(min_length=1, max_length=500, description="Goods, line by line.")
    parties: list[PartyEntry] = Field(
        min_length=1, max_length=100, description="Everybody with a role, among them end user and consignee."
    )
    answers: Answers = Field(description="Answers to both questionnaires.")
    documents: list[CaseDocument] = Field(default=[], max_length=200, description="Files that belong to it.")
    attestation: Annotated[Literal[True], BeforeValidator(_only_true), WithJsonSchema({"const": True})] = Field(
        description="The compliance officer's word that the answers are true and complete."
    )

    @field_validator("compliance_officer", mode="after")
    @classmethod
    def _two_people(cls, value: Person, info: Any) -> Person:
        preparer = info.data.get("preparer")
        if preparer is not None and preparer.name.casefold().split() == value.name.casefold().split():
            raise Wrong("Preparer and compliance officer must be two people.", "填报人与合规负责人须为不同的人员。")
        return value

    @field_validator("parties", mode="after")
    @classmethod
    def _end_user_and_consignee(cls, value: list[PartyEntry]) -> list[PartyEntry]:
        roles = {role for party in value for role in party.roles}
        if "end_user" not in roles:
            raise Wrong("One party must have the role end_user.", "须有一个参与方的角色为end_user（最终用户）。")
        if not roles & {"consignee", "ultimate_consignee"}:
            raise Wrong(
                "One party must have the role consignee or ultimate_consignee; it may be the end user.",
                "须有一个参与方的角色为consignee（收货人）或ultimate_consignee（最终收货人），可与最终用户为同一方。",
            )
        return value


def read(data: bytes, *, on: date | None = None) -> Case:
    """Read a case file. ``on`` is today, after which no contract can be signed.

    Raises ``CaseRefused``: for broken JSON with line, column and path reached, else with the path of every fault.
    """
    try:
        plain = json_text.loads(data)
    except json_text.JsonFault as fault:
        raise CaseRefused([str(fault)]) from None
    found, faults = check(plain, on=on)
    if found is None:
        raise CaseRefused([f"{fault.path}: {fault.text.en}" for fault in faults])
    return found


def check(plain: Any, *, on: date | None = None) -> tuple[Case | None, list[Fault]]:
    """Check a parsed case: the case, or ``None`` and every fault with its path."""
    found, faults = entries.read(Case, plain, on=on)
    if found is not None:
        faults = _astray(found)
    return (None, faults) if faults else (found, [])


def _astray(case: Case) -> list[Fault]:
    """Documents that belong to a party or a goods line that is not there."""
    faults = []
    for index, document in enumerate(case.documents):
        for name, item, there in (("party", document.party, case.parties), ("goods", document.goods, case.goods)):
            if item is not None and item >= len(there):
                text = Text(f"There is no item {item} in {name}.", f"{name}中不存在序号为{item}的项。")
                faults.append(Fault(("documents", index, name), text))
    return faults


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a case file, with the questions of the newest questionnaires."""
    own = Case.model_json_schema(by_alias=True, mode="validation")
    for member, questionnaire in (("end_use", "end-use"), ("end_user", "end-user")):
        own["$defs"]["Answers"]["properties"][member] = question_case.schema(model.load(questionnaire))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:due-diligence-portal:case:1",
        **own,
    }
