"""The codes are read from the page as a viewer draws it, and no certificate is issued whose page shows others."""

import io

import pikepdf
import pytest
from sqlalchemy.orm import Session

from portal.certificates import page, proof_code, qr, seal, shown
from portal.certificates.keys import Issuer
from portal.certificates.signer import SigningFailed
from portal.config import Settings
from tests.certificates.samples import Issued, issue_one


def altered(pdf: bytes, operators: bytes, number: int = 0) -> bytes:
    """The PDF with more drawn on a page, which breaks its signature."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.pages[number].contents_add(b"q", prepend=True)
        document.pages[number].contents_add(b"Q " + operators)
        output = io.BytesIO()
        document.save(output)
    return output.getvalue()


def test_both_codes_are_read_from_an_issued_certificate(issued: Issued) -> None:
    assert set(shown.codes(issued.pdf, seal.PREFIX, proof_code.PREFIX)) == {issued.seal, issued.proof_code}


def test_what_covers_a_code_hides_it(issued: Issued) -> None:
    covered = altered(issued.pdf, b"q 1 g 390 50 200 200 re f Q")
    assert shown.codes(covered, seal.PREFIX) == (issued.proof_code,)
    assert shown.codes(altered(covered, b"q 1 g 0 0 600 850 re f Q")) == ()


def test_a_code_elsewhere_is_found_when_the_foot_has_none(issued: Issued) -> None:
    moved = altered(issued.pdf, b"q 1 g 390 50 200 200 re f Q")
    with pikepdf.open(io.BytesIO(moved)) as document:
        back = document.pages[1]
        with pikepdf.open(io.BytesIO(issued.pdf)) as source:
            back.add_overlay(source.pages[0], pikepdf.Rectangle(0, 300, 595, 842))
        output = io.BytesIO()
        document.save(output)
    assert issued.seal in shown.codes(output.getvalue(), seal.PREFIX)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(5_000)])
def test_what_cannot_be_drawn_shows_nothing(pdf: bytes) -> None:
    assert shown.codes(pdf, seal.PREFIX) == ()


def test_a_page_of_enormous_size_is_drawn_small(issued: Issued) -> None:
    with pikepdf.open(io.BytesIO(issued.pdf)) as document:
        for sheet in document.pages:
            sheet.mediabox = pikepdf.Array([0, 0, 1_000_000, 1_000_000])
        output = io.BytesIO()
        document.save(output)
    assert shown.codes(output.getvalue(), seal.PREFIX) == ()


@pytest.mark.parametrize("place", [page.SEAL_ADDRESS, page.PROOF_ADDRESS])
def test_a_page_that_shows_another_code_is_no_certificate(
    session: Session, issuer: Issuer, settings: Settings, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    drawn, drawing = [], qr.png

    def another(text: str, *arguments: int, **options: str) -> bytes:
        drawn.append(text)
        other = text[:-1] + ("A" if text[-1] != "A" else "B")
        wrong = {page.SEAL_ADDRESS: seal.PREFIX, page.PROOF_ADDRESS: proof_code.PREFIX}[place]
        return drawing(other if text.startswith(wrong) else text, *arguments, **options)

    monkeypatch.setattr(qr, "png", another)
    with pytest.raises(SigningFailed, match="the page shows 2 codes"):
        issue_one(session, issuer, settings)
    assert len(drawn) == 2
