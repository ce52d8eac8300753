"""A paper that was scanned to a PDF is judged by its codes, and the report says that it was a scan."""

import io
import subprocess

import pikepdf
import pytest

from portal.verification import scan
from portal.verification.report import Report
from portal.verification.verify import verify
from tests.certificates.samples import NOW, Issued
from tests.verification import scans
from tests.verification.test_attacks import AlwaysValid


def told(pdf: bytes, issued: Issued, *, online: bool = False) -> Report:
    return verify(pdf, trust=issued.trust, status=AlwaysValid(issued) if online else None, now=NOW)


@pytest.mark.parametrize(("kind", "dots"), [("jpeg", 150), ("fax", 200), ("jpx", 200)])
def test_a_scan_is_proven_by_its_two_codes(issued: Issued, kind: str, dots: int) -> None:
    report = told(scans.scanned(scans.paper(issued.pdf, dots=dots), kind=kind), issued, online=True)
    assert (report.kind, report.integrity.code, report.summary) == ("scan", 101, "valid")
    assert report.number == issued.number
    assert report.statement is None, "a scan shows what the seal holds"


def test_words_that_a_scanner_recognised_do_not_make_it_another_thing(issued: Issued) -> None:
    with pikepdf.open(io.BytesIO(scans.scanned(scans.paper(issued.pdf, number=1), scans.paper(issued.pdf)))) as made:
        for page in made.pages:
            page.Resources.Font = pikepdf.Dictionary(
                F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Courier)
            )
            page.contents_add(b"BT 3 Tr /F 12 Tf 100 700 Td (Certificate) Tj ET")
        pdf = scans.saved(made)
    report = told(pdf, issued)
    assert (report.kind, report.integrity.code, report.summary) == ("scan", 101, "could_not_tell")


def test_a_scan_of_the_seal_alone_waits_for_the_log(issued: Issued) -> None:
    paper = scans.paper(issued.pdf)
    paper.paste(255, (0, paper.height // 2, paper.width // 2, paper.height))
    assert told(scans.scanned(paper), issued).integrity.code == 122


def test_the_signed_file_is_never_read_as_a_scan(issued: Issued) -> None:
    assert told(issued.pdf, issued).kind == "pdf"
    assert not scan.unsigned(issued.pdf)


@pytest.mark.parametrize("failure", ["killed", "late"])
def test_a_reader_that_took_too_much_is_no_answer(
    issued: Issued, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        if failure == "late":
            raise subprocess.TimeoutExpired(command, scan.PATIENCE)
        return subprocess.CompletedProcess(command, -9, b"", b"")

    monkeypatch.setattr(subprocess, "run", run)
    report = told(b"%PDF-1.7\n", issued)
    assert (report.integrity.code, report.summary) == (113, "could_not_tell")
