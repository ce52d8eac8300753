"""The pack for the customs file: complete, checkable with what every system has, and the same bytes each time."""

import io
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.certificates import issue, pack, status
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.db import Base, open_engine, session_factory
from portal.verification.verify import verify
from tests.certificates.samples import NOW, issue_one


@pytest.fixture
def registered(tmp_path: Path, issuer: Issuer, settings: Settings) -> Iterator[tuple[Session, Certificate]]:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        yield session, issue_one(session, issuer, settings)
    engine.dispose()


def test_the_pack_holds_everything_and_its_sums_are_right(
    registered: tuple[Session, Certificate], issuer: Issuer, trust: TrustRoot, tmp_path: Path
) -> None:
    session, made = registered
    with zipfile.ZipFile(io.BytesIO(pack.make(session, made, issuer=issuer, now=NOW))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    folder = tmp_path / "out" / made.number
    assert {path.name.replace(made.number, "N") for path in folder.iterdir()} == {
        "README.txt", "N.pdf", "N.json", "N-seal.png", "N-statement.json", "N.tlog-proof", "N-status.json",
        "SHA-256SUMS",
    }  # fmt: skip
    checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA-256SUMS"], cwd=folder, capture_output=True)
    assert checked.returncode == 0
    assert checked.stdout.count(b"OK") == 7
    assert (folder / f"{made.number}-statement.json").read_text("utf-8") == made.statement
    proof = (folder / f"{made.number}.tlog-proof").read_text("utf-8")
    for name in (f"{made.number}.pdf", f"{made.number}.json", f"{made.number}-seal.png"):
        report = verify((folder / name).read_bytes(), trust=trust, status=None, now=NOW, log_proof=proof)
        assert (report.integrity.answer, report.digest) == ("yes", made.digest), name
    readme = (folder / "README.txt").read_text("utf-8")
    assert f"尽职调查证书 {made.number}" in readme
    assert "It is not an export licence." in readme
    assert "2026-11-24T09:00:00Z" in readme


def test_the_same_word_makes_the_same_bytes(registered: tuple[Session, Certificate], issuer: Issuer) -> None:
    session, made = registered
    told = status.answer(session, made.number, issuer=issuer, now=NOW)
    assert pack.build(made, told) == pack.build(made, told)
    later = status.answer(session, made.number, issuer=issuer, now=NOW + timedelta(days=1))
    assert pack.build(made, told) != pack.build(made, later)


def test_what_others_typed_does_not_become_a_path(registered: tuple[Session, Certificate], issuer: Issuer) -> None:
    session, made = registered
    with zipfile.ZipFile(io.BytesIO(pack.make(session, made, issuer=issuer, now=NOW))) as archive:
        assert all(name.startswith(f"{made.number}/") and ".." not in name for name in archive.namelist())
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(2026, 11, 24)}
    assert issue.files(made).keys() == {"pdf", "json", "png"}
