"""A statement and the pages drawn from it, shared by the tests of what they show and of how the file is made."""

import copy
import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import rfc8785

from portal.certificates import fonts, page, wording

DIGEST = "a3f5" * 16
QR_TEXT = "DDC1:" + ("6BFOXN%TSMAHN-H3ZSUZK+.V0ET9%6-AH-R61ROR$SIOOP-I" * 20)[:840]
NUMBER = "DDC-2026-0000123-S"
STATEMENT: dict[str, Any] = {
    "type": "due-diligence-statement",
    "schema": "1",
    "test": True,
    "number": NUMBER,
    "revision": 1,
    "supersedes": None,
    "issuer": {
        "id": "test",
        "name": {"en": "Due-diligence portal (test issuer)", "zh": "尽职调查平台（测试签发机构）"},
    },
    "issued_at": "2026-11-24T09:00:00Z",
    "valid_until": "2027-05-23",
    "purpose": "licence-application",
    "exporter": {
        "name": "云南滇锗光电材料有限公司",
        "name_en": "Yunnan Dianzhe Optoelectronic Materials Co., Ltd",
        "identifier": {"scheme": "USCC", "value": "91530100MA6K2XYT3X"},
        "address": "云南省昆明市高新技术产业开发区科医路88号",
        "country": "CN",
    },
    "parties": [
        {
            "role": "end_user",
            "name": "Feinoptik Jena GmbH",
            "name_native": "",
            "country": "DE",
            "address": "07745 Jena",
        },
        {
            "role": "freight_forwarder",
            "name": "Kunming Air Logistics Co., Ltd",
            "name_native": "昆明航空物流有限公司",
            "country": "CN",
            "address": "昆明市官渡区",
        },
    ],
    "goods": [
        {
            "line": 1,
            "name": "Germanium lens blanks",
            "name_zh": "锗透镜毛坯",
            "element": "Ge",
            "chemical_form": "single crystal",
            "purity": "99.999 %",
            "particle_size": "",
            "hs_code": "8112991000",
            "control_code": "",
            "control_state": "controlled",
            "quantity": {"value": "240", "unit": "C62"},
            "net_weight_kg": "36.5",
            "value": {"amount": "87600.00", "currency": "USD"},
            "country_of_origin": "CN",
        }
    ],
    "route": {"from": "CN", "transit": ["SG"], "to": "DE", "mode": "air"},
    "end_use": {"en": "Infrared lenses for building inspection.", "zh": "用于建筑检测的红外镜头。"},
    "contract": {"number": "DZ-2026-1187", "date": "2026-10-01"},
    "licence": None,
    "assessment": {
        "band": "low",
        "points": 12,
        "outcome": "certify",
        "policy": {"id": "military-use", "version": "1.0.0", "digest": DIGEST},
        "factors": [
            {
                "id": "infrared",
                "kind": "factor",
                "points": 12,
                "text": {"en": "The goods have known military uses.", "zh": "货物已知可用于军事用途。"},
            }
        ],
        "lists": [
            {
                "source": "cn",
                "edition": "2026-08-22",
                "published": "2026-08-22",
                "entries": 203,
                "binding": True,
                "incomplete": True,
                "digest": DIGEST,
            }
        ],
        "questionnaires": [{"id": "end-use", "version": "1.0.0", "digest": DIGEST}],
        "answers_digest": DIGEST,
    },
    "attestation": {"officer": "王海燕", "position": "合规负责人", "at": "2026-11-24T08:41:00Z", "method": "password"},
    "status_address": f"https://portal.example.org/verify/{NUMBER}",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fonts")
    fonts.build(target)
    return target


def statement(**changes: Any) -> dict[str, Any]:
    """A copy of the statement with members replaced; ``exporter__name`` reaches inside."""
    facts = copy.deepcopy(STATEMENT)
    for path, value in changes.items():
        *steps, last = path.split("__")
        place = facts
        for step in steps:
            place = place[step]
        place[last] = value
    return facts


def drawn(facts: dict[str, Any], folder: Path) -> bytes:
    return page.render(rfc8785.dumps(facts), qr_text=QR_TEXT, font_folder=folder)


def pages_text(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        texts = []
        for number in range(len(document)):
            sheet = document[number]
            words = sheet.get_textpage()
            texts.append(re.sub(r"\s+", " ", words.get_text_range().replace("\ufffe", "")))
            words.close()
            sheet.close()
        return texts


@pytest.fixture(scope="session")
def certificate(folder: Path) -> bytes:
    return drawn(STATEMENT, folder)


def extreme(letters: str, *, rows: int) -> dict[str, Any]:
    """The longest statement that the schema allows, made of ``letters``."""

    def text(length: int) -> str:
        return (letters * (length // len(letters) + 1))[:length].strip()

    facts = statement(purpose="shipment-under-licence", supersedes="DDC-2026-0000099-K", revision=2)
    facts["issuer"]["name"] = {"en": text(4000), "zh": text(4000)}
    facts["exporter"].update(name=text(200), name_en="E" + text(199), address=text(500))
    facts["status_address"] = "https://" + "a" * 400
    roles = list(wording.ROLES)
    party = {"name": text(200), "name_native": "甲" + text(199), "country": "GB", "address": text(500)}
    facts["parties"] = [{**party, "role": roles[number % len(roles)]} for number in range(rows)]
    amount = "123456789012345.12345678"
    line = {
        **facts["goods"][0],
        "name": text(300),
        "name_zh": "乙" + text(299),
        "element": text(40),
        "chemical_form": text(200),
        "purity": text(100),
        "particle_size": text(100),
        "control_code": text(40),
        "quantity": {"value": amount, "unit": "KGM"},
        "net_weight_kg": amount,
    }
    currencies = ("USD", "EUR", "CNY", "JPY")
    facts["goods"] = [
        {**line, "line": n + 1, "value": {"amount": amount, "currency": currencies[n % 4]}} for n in range(rows)
    ]
    facts["route"]["transit"] = ["GB"] * 20
    facts["end_use"] = {"en": text(4000), "zh": "丙" + text(3999)}
    facts["contract"]["number"] = text(100)
    facts["licence"] = {"number": text(100), "valid_until": "2027-01-01"}
    assessment = facts["assessment"]
    assessment["factors"] = [
        {"id": "a", "kind": "factor", "points": -1000, "text": {"en": text(4000), "zh": text(4000)}}
    ] * (2 * rows)
    assessment["lists"] = [{**assessment["lists"][0], "source": text(40), "edition": text(100)}] * 50
    assessment["questionnaires"] = [{"id": text(80), "version": text(40), "digest": DIGEST}] * 20
    facts["attestation"].update(officer=text(120), position=text(120))
    return facts
