"""What is genuine is reported so, and what became of it is told by every source, on both databases."""

import io
import json
from datetime import timedelta

import pypdfium2
import pytest
from PIL import Image, ImageFilter
from sqlalchemy.orm import Session

from portal import audit
from portal.certificates import issue, keys, page, qr, sign, status
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.certificates.seal import essentials
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.verification.listed import ListedStatus
from portal.verification.report import Report
from portal.verification.sources import DatabaseStatus, FirstAnswer, StatusSource
from portal.verification.verify import verify
from tests.certificates.samples import NOW, Issued, issue_one

OFFICER = audit.Actor("user", "42", "Officer Wang")
DAY = timedelta(days=1)
KINDS = ("pdf", "json", "png", "seal")


def evidence(certificate: Certificate, kind: str) -> bytes:
    return issue.seal_text(certificate).encode() if kind == "seal" else issue.files(certificate)[kind]


def codes(report: Report) -> tuple[int, int, int]:
    return report.integrity.code, report.issuer.code, report.status.code


@pytest.mark.parametrize("kind", KINDS)
def test_a_genuine_certificate_is_valid_until_its_status_changes(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot, kind: str
) -> None:
    certificate = issue_one(session, issuer, settings)
    data = evidence(certificate, kind)
    register = DatabaseStatus(session, issuer_id=issuer.id)

    def told(days: int) -> Report:
        return verify(data, trust=trust, status=register, now=NOW + days * DAY)

    report = told(1)
    assert (report.summary, codes(report)) == ("valid", (100, 201, 300))
    assert report.essentials == essentials(json.loads(certificate.statement), certificate.digest)
    assert (report.statement is None) == (kind in ("png", "seal"))
    assert report.test
    status.suspend(session, certificate, reason_code="under-review", reason="x", actor=OFFICER, now=NOW + 2 * DAY)
    report = told(3)
    assert (report.summary, codes(report)) == ("not_valid", (100, 201, 310))
    assert "being reviewed" in report.status.text.en
    status.reinstate(session, certificate, reason_code="review-closed", reason="x", actor=OFFICER, now=NOW + 4 * DAY)
    assert told(5).summary == "valid"
    assert (told(200).summary, codes(told(200))) == ("not_valid", (100, 201, 312))
    status.revoke(session, certificate, reason_code="false-statement", reason="x", actor=OFFICER, now=NOW + 6 * DAY)
    assert (told(7).summary, codes(told(7))) == ("not_valid", (100, 201, 311))
    assert codes(told(200)) == (100, 201, 311)


def test_a_superseded_certificate_says_so(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot
) -> None:
    older = issue_one(session, issuer, settings)
    issue_one(session, issuer, settings, revision=2, supersedes=older.number)
    register = DatabaseStatus(session, issuer_id=issuer.id)
    report = verify(evidence(older, "seal"), trust=trust, status=register, now=NOW)
    assert codes(report) == (100, 201, 313)


@pytest.mark.parametrize("kind", ["pdf", "json", "png", "seal"])
def test_offline_the_status_cannot_be_told_but_the_term_can(issued: Issued, kind: str) -> None:
    data = issued.seal.encode() if kind == "seal" else getattr(issued, kind)
    # A seal has no room for the log's proof, so without a register its integrity stays open.
    integrity = 122 if kind in ("png", "seal") else 100
    report = verify(data, trust=issued.trust, status=None, now=NOW)
    assert (report.summary, codes(report)) == ("could_not_tell", (integrity, 201, 350))
    report = verify(data, trust=issued.trust, status=None, now=NOW + 200 * DAY)
    assert (report.summary, codes(report)) == ("not_valid", (integrity, 201, 312))


def page_of(pdf: bytes) -> bytes:
    """Page 1 as a desk scanner hands it over."""
    target = io.BytesIO()
    with pypdfium2.PdfDocument(pdf) as document:
        sheet = document[0]
        sheet.render(scale=150 / 72).to_pil().convert("L").save(target, "png")
        sheet.close()
    return target.getvalue()


@pytest.mark.parametrize("shown", ["page", "seal first", "proof first", "other code between"])
def test_both_codes_of_a_paper_prove_it_with_no_network(issued: Issued, shown: str) -> None:
    lines = {
        "seal first": f"{issued.seal}\r\n{issued.proof_code}\n",
        "proof first": f"\n{issued.proof_code}\n{issued.seal}",
        "other code between": f"{issued.seal}\nhttps://example.org/parcel/1\n{issued.proof_code}",
    }
    data = page_of(issued.pdf) if shown == "page" else lines[shown].encode("ascii")
    report = verify(data, trust=issued.trust, status=None, now=NOW)
    assert (report.kind, codes(report)) == ("image" if shown == "page" else "seal", (100, 201, 350))


def test_a_proof_alone_asks_for_the_seal(issued: Issued) -> None:
    report = verify(issued.proof_code.encode(), trust=issued.trust, status=None, now=NOW)
    assert (report.summary, report.integrity.code, report.number) == ("could_not_tell", 118, "")


def test_a_certificate_from_the_future_is_not_valid(issued: Issued) -> None:
    report = verify(issued.seal.encode(), trust=issued.trust, status=None, now=NOW - DAY)
    assert codes(report) == (122, 201, 317)


def test_an_unknown_issuer_is_never_valid(issued: Issued, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Settings(instance=tmp_path_factory.mktemp("other"))
    trust = keys.trust_root(other, now=NOW)
    for data in (issued.pdf, issued.json, issued.png, issued.seal.encode()):
        report = verify(data, trust=trust, status=None, now=NOW)
        assert (report.summary, codes(report)) == ("not_valid", (121, 210, 355))
        assert report.essentials is None


def test_a_register_without_the_certificate_or_with_another_says_so(
    session: Session, issuer: Issuer, settings: Settings, issued: Issued
) -> None:
    register = DatabaseStatus(session, issuer_id=issuer.id)
    data = issued.seal.encode()
    assert codes(verify(data, trust=issued.trust, status=register, now=NOW)) == (122, 201, 315)
    other = issue_one(session, issuer, settings, contract={"number": "other", "date": "2026-10-01"})
    assert other.number == issued.number
    assert codes(verify(data, trust=issued.trust, status=register, now=NOW)) == (122, 201, 316)
    elsewhere = DatabaseStatus(session, issuer_id="did:web:another")
    session.delete(other.events[0])
    for content in list(other.contents):
        session.delete(content)
    session.delete(other)
    session.flush()
    assert codes(verify(data, trust=issued.trust, status=elsewhere, now=NOW)) == (122, 201, 354)


def test_a_number_shows_the_register_but_not_that_the_paper_is_genuine(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot
) -> None:
    certificate = issue_one(session, issuer, settings)
    register = DatabaseStatus(session, issuer_id=issuer.id)
    for typed in (certificate.number.lower(), f"https://portal.example/verify/{certificate.number}?format=json"):
        report = verify(typed.encode(), trust=trust, status=register, now=NOW)
        assert (report.kind, report.summary, codes(report)) == ("number", "could_not_tell", (110, 201, 300))
        assert report.number == certificate.number
    status.revoke(session, certificate, reason_code="court-order", reason="x", actor=OFFICER, now=NOW)
    assert verify(certificate.number.encode(), trust=trust, status=register, now=NOW).summary == "not_valid"


def test_a_number_without_a_register_says_nothing(issued: Issued, session: Session, issuer: Issuer) -> None:
    report = verify(issued.number.encode(), trust=issued.trust, status=None, now=NOW)
    assert (report.summary, codes(report)) == ("could_not_tell", (110, 220, 356))
    listed = ListedStatus((), issued.trust)
    report = verify(issued.number.encode(), trust=issued.trust, status=listed, now=NOW)
    assert (report.summary, codes(report)) == ("could_not_tell", (110, 220, 356))
    register = DatabaseStatus(session, issuer_id=issuer.id)
    report = verify(issued.number.encode(), trust=issued.trust, status=register, now=NOW)
    assert (report.summary, codes(report)) == ("not_valid", (110, 220, 315))


def test_sources_are_asked_in_order_until_one_answers(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot
) -> None:
    certificate = issue_one(session, issuer, settings)
    nowhere: StatusSource = DatabaseStatus(session, issuer_id="did:web:another")
    broken = ListedStatus(["nothing"], trust)
    here = DatabaseStatus(session, issuer_id=issuer.id)
    data = evidence(certificate, "seal")
    assert verify(data, trust=trust, status=FirstAnswer(broken, here), now=NOW).summary == "valid"
    assert verify(data, trust=trust, status=FirstAnswer(broken), now=NOW).status.code == 364
    assert verify(data, trust=trust, status=FirstAnswer(), now=NOW).status.code == 354
    assert FirstAnswer(nowhere, here).credential(certificate.number) == issue.credential_token(certificate)


def test_certificates_of_old_keys_stay_valid_after_a_rotation(
    session: Session, tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> None:
    own = Settings(instance=tmp_path_factory.mktemp("rotated"), public_address=settings.public_address)
    (own.instance / "fonts").symlink_to(settings.instance / "fonts")
    old = issue_one(session, keys.open_issuer(own, now=NOW), own)
    new_issuer = keys.rotate(own, now=NOW + 30 * DAY)
    trust = TrustRoot.of(keys.trust(new_issuer, now=NOW + 30 * DAY))
    register = DatabaseStatus(session, issuer_id=new_issuer.id)
    for kind in KINDS:
        report = verify(evidence(old, kind), trust=trust, status=register, now=NOW + 31 * DAY)
        assert report.summary == "valid", report.to_json()


def test_years_later_the_signature_is_still_intact(issued: Issued) -> None:
    report = verify(issued.pdf, trust=issued.trust, status=None, now=NOW + 3650 * DAY)
    assert codes(report) == (100, 201, 312)


@pytest.mark.parametrize("degrees", [0, 4, 90, 180])
def test_a_photograph_of_the_seal_is_read(
    issued: Issued, degrees: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("photo")
    (folder / "seal.png").write_bytes(issued.png)
    photo = Image.open(folder / "seal.png").convert("L").rotate(degrees, expand=True, fillcolor=255)
    photo.filter(ImageFilter.GaussianBlur(1.5)).save(folder / "photo.jpg", quality=45)
    report = verify((folder / "photo.jpg").read_bytes(), trust=issued.trust, status=None, now=NOW)
    assert report.number == issued.number


def test_text_around_a_seal_or_a_credential_does_not_matter(issued: Issued) -> None:
    for text in (f"  {issued.seal}\n", f"\ufeff{issued.seal}", f"\n{issued.token}\n", issued.token):
        assert verify(text.encode(), trust=issued.trust, status=None, now=NOW).number == issued.number


def test_the_report_is_json_and_complete(issued: Issued) -> None:
    told = json.loads(json.dumps(verify(issued.pdf, trust=issued.trust, status=None, now=NOW).to_json()))
    assert told["statement"] == json.loads(issued.statement)
    assert told["essentials"]["net_weight_kg"] == "12.5"
    assert told["issuer"]["text"]["zh"]
    assert (told["number"], told["digest"], told["test"]) == (issued.number, issued.digest, True)


def test_a_page_whose_seal_cannot_be_read_is_told_and_believed_no_more(
    issued: Issued, issuer: Issuer, settings: Settings, trust: TrustRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = io.BytesIO()
    Image.new("1", (100, 100), 1).save(blank, "png")
    with monkeypatch.context() as patch:
        patch.setattr(qr, "png", lambda *given, **options: blank.getvalue())
        folder = issue.font_folder(settings)
        drawn = page.render(issued.statement, qr_text=issued.seal, proof_text=issued.proof_code, font_folder=folder)
    pdf = sign.sign(drawn, issuer, log_proof=issued.log_proof, now=NOW)
    report = verify(pdf, trust=trust, status=None, now=NOW)
    assert codes(report) == (102, 201, 350)
    assert report.summary == "could_not_tell"
