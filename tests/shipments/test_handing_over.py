"""A certificate is handed over by signed mail, which any S/MIME program can check."""

import io
import subprocess
import zipfile
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.certificates import key_folder, mail_key
from portal.certificates.keys import Issuer
from portal.certificates.signer import KeyRefused
from portal.config import Settings
from portal.db import session_factory
from portal.jobs.models import Job
from portal.jobs.registry import Work
from portal.mail import send
from portal.shipments import conduct, handing_over
from portal.shipments.models import Shipment
from tests.shipments.conftest import Firm


@pytest.fixture
def post(session: Session, shared_settings: Settings, now: datetime) -> Work:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return Work(shared_settings, session_factory(engine), lambda: now)


def verified(mail: Path, issuer: Issuer, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """What OpenSSL says of a mail, with the authority's root and nothing else."""
    assert issuer.authority is not None
    root = folder / "root.pem"
    root.write_bytes(issuer.authority.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "smime", "-verify", "-in", str(mail), "-CAfile", str(root), "-purpose", "smimesign"]
    return subprocess.run([*command, "-out", str(folder / "content")], capture_output=True)


def test_each_officer_gets_a_signed_mail_with_the_pack_once(
    session: Session, ready: Shipment, firm: Firm, issuer: Issuer, post: Work, now: datetime, tmp_path: Path
) -> None:
    firm.officer.language, firm.second_officer.email = "zh", "nobody@case.invalid"
    conduct.submit(session, ready, by=firm.preparer, now=now)
    decision = conduct.attest(session, ready, officer=firm.officer, now=now, issuer=issuer, settings=post.settings)
    number = decision.certificate_number
    session.commit()
    for _ in range(2):
        handing_over.handle(post, {"number": number})
    session.expire_all()
    jobs = session.scalars(select(Job).where(Job.kind.startswith("hand-over")).order_by(Job.created_at, Job.id)).all()
    assert [(job.kind, job.payload.get("person")) for job in jobs] == [
        ("hand-over", None), ("hand-over-one", str(firm.officer.id)),
    ]  # fmt: skip
    before = set((post.settings.instance / "mail").glob("*"))
    handing_over.handle_one(post, jobs[1].payload)
    (mail,) = set((post.settings.instance / "mail").glob("*")) - before
    told = verified(mail, issuer, tmp_path)
    assert told.returncode == 0, told.stderr
    outer = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert (outer["To"], outer.get_content_type()) == (firm.officer.email, "multipart/signed")
    assert number in outer["Subject"]
    inner = message_from_bytes((tmp_path / "content").read_bytes(), policy=policy.default)
    text = inner.get_body()
    assert text is not None
    assert f"尽职调查证书{number}已签发" in text.get_content()
    (packed,) = list(inner.iter_attachments())
    assert packed.get_filename() == f"{number}.zip"
    with zipfile.ZipFile(io.BytesIO(packed.get_content())) as archive:
        assert f"{number}/{number}.pdf" in archive.namelist()

    changed = tmp_path / "changed.eml"
    changed.write_bytes(mail.read_bytes().replace(b"UEsD", b"UEsC", 1))
    assert verified(changed, issuer, tmp_path).returncode != 0


def test_the_letter_names_what_is_superseded(
    session: Session, ready: Shipment, firm: Firm, issuer: Issuer, post: Work, now: datetime
) -> None:
    conduct.submit(session, ready, by=firm.preparer, now=now)
    first = conduct.attest(session, ready, officer=firm.officer, now=now, issuer=issuer, settings=post.settings)
    newer = conduct.amend(session, ready, by=firm.preparer, now=now)
    conduct.submit(session, newer, by=firm.preparer, now=now)
    conduct.attest(session, newer, officer=firm.officer, now=now, issuer=issuer, settings=post.settings)
    made = conduct.certificate(session, newer)
    assert made is not None
    letter = handing_over.written(made, newer, firm.officer, "https://portal.example", signed=False)
    assert f"supersedes certificate {first.certificate_number}" in letter.body
    assert f"https://portal.example/shipments/{newer.id}/decision" in letter.body
    assert "This mail is signed" not in letter.body


def test_a_key_for_mail_is_made_once_and_again_for_another_sender(
    issuer: Issuer, shared_settings: Settings, now: datetime
) -> None:
    first = mail_key.open_signer(shared_settings, issuer, now=now)
    again = mail_key.open_signer(shared_settings, issuer, now=now)
    assert again is not None
    assert first is not None
    assert first.certificate == again.certificate
    other = shared_settings.model_copy(update={"mail_sender": "Portal <mail@portal.example>"})
    second = mail_key.open_signer(other, issuer, now=now)
    assert second is not None
    assert first.certificate != second.certificate
    late = mail_key.open_signer(other, issuer, now=now + timedelta(days=6 * 365))
    assert late is not None
    assert late.certificate != second.certificate


def test_a_named_key_has_to_fit(issuer: Issuer, shared_settings: Settings, now: datetime, tmp_path: Path) -> None:
    mail_key.open_signer(shared_settings, issuer, now=now)
    with key_folder.locked(shared_settings.instance) as folder:
        key, chain = folder / mail_key.KEY_FILE, folder / mail_key.CHAIN_FILE
        copies = [tmp_path / path.name for path in (key, chain)]
        for path, copy in zip((key, chain), copies, strict=True):
            copy.write_bytes(path.read_bytes())
    named = {"mail_key_file": copies[0], "mail_chain_file": copies[1]}
    given = shared_settings.model_copy(update=named)
    assert mail_key.open_signer(given, issuer, now=now) is not None
    for wrong in (
        {**named, "mail_sender": "other@portal.example"},
        {**named, "mail_key_file": folder / "root.key.pem"},
        {**named, "mail_chain_file": None},
        {**named, "mail_key_file": tmp_path / "none"},
        {**named, "mail_chain_file": copies[0]},
    ):
        with pytest.raises(KeyRefused):
            mail_key.open_signer(shared_settings.model_copy(update=wrong), issuer, now=now)


@pytest.mark.parametrize("body", ["", "From here\n.\n", "长" * 3000, "a" * 2000 + "\n"])
def test_any_text_stays_as_it_was_signed(
    issuer: Issuer, shared_settings: Settings, now: datetime, tmp_path: Path, body: str
) -> None:
    signer = mail_key.open_signer(shared_settings, issuer, now=now)
    sent = send(shared_settings, to="li@example.com", subject="证书", body=body, signer=signer)
    assert sent is not None
    assert b"\n" not in sent.read_bytes().replace(b"\r\n", b"")
    assert verified(sent, issuer, tmp_path).returncode == 0
