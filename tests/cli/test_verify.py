"""``portal verify``: every kind of evidence, with and without a register, and what is none."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Prepared


@pytest.fixture
def evidence(prepared: Prepared, seal: str, tmp_path: Path) -> Callable[[str], Path]:
    """The certificate as a file of one kind."""

    def give(kind: str) -> Path:
        if kind in ("pdf", "json", "png"):
            return prepared.file(kind)
        path = tmp_path / f"{kind}.txt"
        path.write_text({"seal": seal, "number": prepared.number}[kind], encoding="utf-8")
        return path

    return give


@pytest.fixture(scope="module")
def trust(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = prepared.portal.call("keys", "show", "--trust")
    assert (told.code, told.err) == (0, "")
    path = tmp_path_factory.mktemp("trust") / "trust.json"
    path.write_text(told.out, encoding="utf-8")
    return path


def test_the_issuer_verifies_as_a_person_runs_it(prepared: Prepared) -> None:
    told = prepared.portal.run("verify", prepared.file("png"))
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == f"VALID {prepared.number}"
    assert lines[1].startswith("TEST certificate")
    assert "Saale Feinoptik GmbH (DE)" in told.out


@pytest.mark.parametrize("kind", ["pdf", "json", "png", "seal"])
def test_every_kind_is_valid_with_the_register(prepared: Prepared, evidence: Callable[[str], Path], kind: str) -> None:
    told = prepared.portal.call("verify", evidence(kind), "--json")
    assert (told.code, told.err) == (0, "")
    report = json.loads(told.out)
    assert report["summary"] == "valid"
    assert report["number"] == prepared.number
    assert [report[name]["answer"] for name in ("integrity", "issuer", "status")] == ["yes"] * 3


@pytest.mark.parametrize("kind", ["pdf", "json", "png", "seal"])
def test_offline_the_status_cannot_be_told(
    prepared: Prepared, evidence: Callable[[str], Path], trust: Path, tmp_path: Path, kind: str
) -> None:
    elsewhere = type(prepared.portal)(tmp_path / "elsewhere")
    told = elsewhere.call("verify", evidence(kind), "--trust", trust, "--offline", "--json")
    assert told.code == 2
    report = json.loads(told.out)
    assert report["summary"] == "could_not_tell"
    assert [report[name]["answer"] for name in ("issuer", "status")] == ["yes", "could_not_tell"]
    # A seal has no room for the log's proof; with the credential at hand it is complete.
    assert (report["integrity"]["answer"] == "yes") == (kind in ("pdf", "json"))
    beside = ("--log-proof", evidence("json"))
    told = elsewhere.call("verify", evidence(kind), "--trust", trust, "--offline", "--json", *beside)
    assert json.loads(told.out)["integrity"]["answer"] == "yes"


def test_offline_as_a_person_runs_it_needs_no_installation(prepared: Prepared, trust: Path, tmp_path: Path) -> None:
    elsewhere = type(prepared.portal)(tmp_path / "elsewhere")
    told = elsewhere.run("verify", prepared.file("pdf"), "--trust", trust, "--offline")
    assert told.code == 2
    assert told.out.startswith(f"COULD NOT TELL {prepared.number}")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kind", ["pdf", "json", "png", "seal"])
def test_another_issuer_s_trust_file_makes_it_not_valid(
    prepared: Prepared, evidence: Callable[[str], Path], stranger: Path, kind: str
) -> None:
    told = prepared.portal.call("verify", evidence(kind), "--trust", stranger, "--offline", "--json")
    assert told.code == 1
    report = json.loads(told.out)
    assert report["issuer"]["answer"] == "no"
    assert report["statement"] is None
    assert report["essentials"] is None


def test_a_number_alone_is_never_valid(prepared: Prepared, evidence: Callable[[str], Path]) -> None:
    told = prepared.portal.call("verify", evidence("number"))
    assert told.code == 2
    assert told.out.startswith("COULD NOT TELL")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_languages(prepared: Prepared, language: str) -> None:
    told = prepared.portal.call("verify", prepared.file("json"), "--language", language)
    assert told.out.startswith({"en": "VALID", "zh": "有效"}[language])
    assert ("最终用户" in told.out) == (language == "zh")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99, 0.9999])
def test_a_truncated_pdf_is_not_valid(prepared: Prepared, tmp_path: Path, share: float) -> None:
    whole = prepared.file("pdf").read_bytes()
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(whole[: int(len(whole) * share)])
    told = prepared.portal.call("verify", cut, "--json")
    assert told.code in (1, 2)
    report = json.loads(told.out)
    assert report["integrity"]["answer"] != "yes"
    assert report["statement"] is None


@pytest.mark.parametrize("place", range(6))
def test_a_flipped_byte_is_not_valid(prepared: Prepared, tmp_path: Path, place: int) -> None:
    whole = bytearray(prepared.file("pdf").read_bytes())
    whole[random.Random(place).randrange(20, len(whole) - 20)] ^= 0x20  # noqa: S311 - repeatable, not secret
    path = tmp_path / "flipped.pdf"
    path.write_bytes(whole)
    told = prepared.portal.call("verify", path, "--json")
    assert told.code in (1, 2)
    assert json.loads(told.out)["integrity"]["answer"] != "yes"


STRANGE = {
    "nothing": b"",
    "random bytes": random.Random(1).randbytes(4096),  # noqa: S311
    "a text": "Certificate? Trust me. 证书".encode(),
    "json of something else": b'{"hello": "world"}',
    "an empty pdf": b"%PDF-1.7\n%%EOF\n",
    "a broken picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
    "a seal of nothing": b"DDC1:" + b"0" * 4000,
    "too much": b"x" * (10 * 1024 * 1024 + 1),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_certificate_is_never_valid(prepared: Prepared, tmp_path: Path, name: str) -> None:
    path = tmp_path / "evidence"
    path.write_bytes(STRANGE[name])
    told = prepared.portal.call("verify", path, "--json")
    assert told.code in (1, 2)
    report = json.loads(told.out)
    assert report["summary"] in ("not_valid", "could_not_tell")
    assert report["integrity"]["answer"] != "yes"
    assert report["number"] == ""


@pytest.mark.parametrize("content", [b"", b"garbage", b"{}", b"[]", b'{"issuers": 7}'])
def test_a_broken_trust_file_is_told_in_a_line(prepared: Prepared, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(content)
    told = prepared.portal.call("verify", prepared.file("json"), "--trust", path, "--offline")
    assert (told.code, told.out) == (2, "")
    assert told.complaint


def test_a_broken_status_file_leaves_the_status_open(prepared: Prepared, tmp_path: Path) -> None:
    path = tmp_path / "status"
    path.write_bytes(b"garbage")
    told = prepared.portal.call("verify", prepared.file("json"), "--status-list", path)
    assert told.code == 2


def test_a_certificate_of_an_emptied_register_is_not_valid(own: Prepared) -> None:
    own.portal.sql("DELETE FROM certificate_event", "DELETE FROM certificate_file", "DELETE FROM certificate")
    told = own.portal.call("verify", own.file("pdf"), "--json")
    assert told.code == 1
    assert json.loads(told.out)["status"]["key"] == "not-registered"
