"""What ``portal verify`` prints, and its exit codes."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.certificates import issue, keys, status
from portal.certificates.keys import Issuer
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.verification import command
from portal.verification.sources import DatabaseStatus, StatusSource
from tests.certificates.samples import NOW, Issued, issue_one
from tests.certificates.test_status import OFFICER


def run(
    path: Path, trust: TrustRoot, source: StatusSource | None = None, now: datetime = NOW, language: str = "en"
) -> tuple[str, int]:
    return command.run(path, trust=trust, status=source, as_json=False, language=language, now=now)


def test_each_kind_of_file_has_its_exit_code(
    session: Session, issuer: Issuer, settings: Settings, tmp_path: Path
) -> None:
    certificate = issue_one(session, issuer, settings)
    trust_file = tmp_path / "trust.json"
    trust_file.write_text(json.dumps(keys.trust(issuer, now=NOW)), encoding="utf-8")
    trust = TrustRoot.read(trust_file)
    register = DatabaseStatus(session, issuer_id=issuer.id)
    for kind, data in {**issue.files(certificate), "txt": issue.seal_text(certificate).encode()}.items():
        path = tmp_path / f"{certificate.number}.{kind}"
        path.write_bytes(data)
        text, code = run(path, trust, register)
        assert (code, text.splitlines()[0]) == (0, f"VALID {certificate.number}")
        assert "TEST certificate" in text
        text, code = run(path, trust)
        assert (code, text.splitlines()[0]) == (2, f"COULD NOT TELL {certificate.number}")
        text, code = run(path, trust, now=NOW + timedelta(days=300))
        assert (code, text.splitlines()[0]) == (1, f"NOT VALID {certificate.number}")
    status.revoke(session, certificate, reason_code="court-order", reason="x", actor=OFFICER, now=NOW)
    text, code = run(tmp_path / f"{certificate.number}.pdf", trust, register)
    assert code == 1
    assert "In force: NO [311] Revoked on 2026-11-24" in text


def test_it_speaks_chinese(issued: Issued, tmp_path: Path) -> None:
    (tmp_path / "seal").write_text(issued.seal, encoding="ascii")
    text, code = run(tmp_path / "seal", issued.trust, language="zh")
    assert code == 2
    assert text.startswith(f"无法判断 {issued.number}")
    assert "[350]" in text


@pytest.mark.parametrize(
    ("data", "code"), [(b"", 2), (b"hello", 2), (b"%PDF-1.7\n%%EOF\n", 1), (bytes(11 * 1024 * 1024), 2)]
)
def test_what_is_no_certificate_shows_nothing_of_itself(issued: Issued, tmp_path: Path, data: bytes, code: int) -> None:
    (tmp_path / "file").write_bytes(data)
    text, found = run(tmp_path / "file", issued.trust)
    assert found == code
    assert "hello" not in text
    assert len(text.splitlines()) == 4


def test_json_is_the_whole_report(issued: Issued, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(issued.json)
    text, code = command.run(tmp_path / "c.json", trust=issued.trust, status=None, as_json=True, language="en", now=NOW)
    told = json.loads(text)
    assert code == 2
    assert (told["summary"], told["status"]["code"], told["number"]) == ("could_not_tell", 350, issued.number)


def test_a_file_that_is_not_there_is_an_error_of_the_caller(issued: Issued, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        run(tmp_path / "nothing", issued.trust)
