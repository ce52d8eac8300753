"""The public verification pages, with certificates that were really issued."""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.audit import Actor
from portal.certificates import issue, keys, status
from portal.certificates.models import Certificate
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.db import utc_now
from portal.verification.sources import HttpStatus
from tests.certificates.samples import ORGANISATION, draft

OFFICER = Actor("user", "1", "Officer")
MULTIPART = "multipart/form-data; boundary=x"
FILES = ("pdf", "json", "png")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own for each test, since some of them change its keys."""
    return Settings(instance=tmp_path / "instance", public_address="http://127.0.0.1:8000")


@pytest.fixture
def certificate(app: Flask, database: Session, settings: Settings) -> Certificate:
    """A certificate in the application's own register, issued now."""
    now = utc_now()
    made = issue.issue(
        database,
        draft(),
        issuer=keys.open_issuer(settings, now=now),
        settings=settings,
        organisation_id=ORGANISATION,
        subject_id=ORGANISATION,
        now=now,
    )
    database.commit()
    return made


@pytest.fixture
def upload(client: FlaskClient) -> Callable[..., TestResponse]:
    def send(content: bytes, name: str = "certificate.pdf") -> TestResponse:
        return client.post("/verify", data=multipart(content, name), content_type=MULTIPART)

    return send


def multipart(content: bytes, name: str) -> bytes:
    """The body of an upload, made by hand: the test client would leave a temporary file open."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def headline(answer: TestResponse) -> str:
    found = re.search(r'verify-verdict__word">(.*?)</p>', answer.text, re.S)
    assert found, "no verdict on the page"
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(1))).strip()


def test_the_form_is_open_to_everybody(client: FlaskClient) -> None:
    answer = client.get("/verify")
    assert answer.status_code == 200
    assert 'name="file"' in answer.text
    assert 'name="text"' in answer.text
    assert 'enctype="multipart/form-data"' in answer.text


@pytest.mark.parametrize("kind", FILES)
def test_every_file_of_a_certificate_is_found_valid(
    certificate: Certificate, upload: Callable[..., TestResponse], kind: str
) -> None:
    answer = upload(issue.files(certificate)[kind], f"x.{kind}")
    assert answer.status_code == 200
    assert headline(answer) == "✓ Valid TEST"
    shown = words(answer)
    for fact in (certificate.number, "8112991000", "Jenaer Optikwerk GmbH (Germany)", "12.5 kg", certificate.digest):
        assert fact in shown
    assert "proves nothing outside a test" in shown
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_text_of_a_seal_is_taken(certificate: Certificate, client: FlaskClient) -> None:
    answer = client.post("/verify", data={"text": issue.seal_text(certificate) + "\r\n"})
    assert headline(answer) == "✓ Valid TEST"


def test_a_changed_file_is_not_valid_and_shows_nothing_of_it(
    certificate: Certificate, upload: Callable[..., TestResponse]
) -> None:
    content = bytearray(issue.files(certificate)["pdf"])
    content[len(content) // 2] ^= 1
    answer = upload(bytes(content))
    assert answer.status_code == 200
    assert headline(answer).startswith("✕ Not valid")
    assert certificate.number not in answer.text
    assert "Jenaer" not in answer.text


def test_an_unknown_issuer_is_never_valid(
    certificate: Certificate, settings: Settings, client: FlaskClient, upload: Callable[..., TestResponse]
) -> None:
    content = issue.files(certificate)
    (settings.instance / "keys").rename(settings.instance / "other-keys")
    for kind in FILES:
        assert "Valid" not in headline(upload(content[kind], f"x.{kind}")).split()
    assert headline(client.get(f"/verify/{certificate.number}")) != "✓ Valid TEST"


def test_without_a_register_entry_it_is_not_valid(
    certificate: Certificate, database: Session, upload: Callable[..., TestResponse]
) -> None:
    content = issue.files(certificate)["pdf"]
    for item in [*certificate.contents, *certificate.events]:
        database.delete(item)
    database.delete(certificate)
    database.commit()
    answer = upload(content)
    assert headline(answer) == "✕ Not valid TEST"
    assert "Code 315" in words(answer)


def test_a_revocation_is_seen_at_once(
    certificate: Certificate, database: Session, client: FlaskClient, upload: Callable[..., TestResponse]
) -> None:
    address = f"/verify/{certificate.number}"
    assert headline(client.get(address)) == "✓ Valid TEST"
    changes = ((status.suspend, "under-review", "‖ Suspended"), (status.revoke, "false-statement", "✕ Revoked"))
    for change, reason, shown in changes:
        change(database, certificate, reason_code=reason, reason="secret words", actor=OFFICER, now=utc_now())
        database.commit()
        answer = client.get(address)
        assert headline(answer).startswith(shown)
        assert "secret words" not in answer.text
        assert headline(upload(issue.files(certificate)["pdf"])) == "✕ Not valid TEST"


def test_a_number_tells_little_and_that_the_paper_was_not_examined(
    certificate: Certificate, client: FlaskClient
) -> None:
    shown = words(client.get(f"/verify/{certificate.number}"))
    for fact in (certificate.number, "云南锗光科技有限公司", "8112991000", "Your paper was not examined", "Code 110"):
        assert fact in shown
    for secret in ("Jenaer", "15000", "15,000", "Thermal", "ZG-2026-118"):
        assert secret not in shown


def test_a_typed_number_is_led_to_its_address(certificate: Certificate, client: FlaskClient) -> None:
    typed = certificate.number.lower().replace("-", " ")
    answer = client.post("/verify", data={"text": typed})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/verify/{certificate.number}"
    assert client.get(f"/verify/{certificate.number.lower()}").headers["Location"] == f"/verify/{certificate.number}"


def test_a_number_that_was_never_given_is_not_found(certificate: Certificate, client: FlaskClient) -> None:
    from portal.certificates import number

    answer = client.get(f"/verify/{number.compose(2026, 9_999_999)}")
    assert answer.status_code == 404
    assert headline(answer) == "✕ Not valid"
    assert "holds no such certificate" in answer.text


@pytest.mark.parametrize("typed", ["DDC-2026-0000123-A", "nonsense", "DDC-2026-0000123"])
def test_a_mistyped_number_is_told_beside_the_field(client: FlaskClient, typed: str) -> None:
    for answer, code in ((client.post("/verify", data={"text": typed}), 422), (client.get(f"/verify/{typed}"), 404)):
        assert answer.status_code == code
        assert 'id="text-error"' in answer.text
        assert 'href="#text"' in answer.text
        assert typed in answer.text
        assert "<title>Error:" in answer.text


def test_nothing_and_too_much_are_told_beside_the_field(client: FlaskClient, certificate: Certificate) -> None:
    assert 'id="file-error"' in client.post("/verify", data={}).text
    both = client.post("/verify", data={"file": (io.BytesIO(b"%PDF-"), "a.pdf"), "text": certificate.number})
    assert both.status_code == 422
    assert "not both" in both.text


def code_of(text: str) -> bytes:
    target = io.BytesIO()
    segno.make(text).save(target, kind="png", scale=4)
    return target.getvalue()


def blank() -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (200, 200), 255).save(target, "png")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"\x00\x01\x02\xff\xfe", "not a certificate, seal or number"),
        (b"MZ\x90\x00 executable", "not a certificate, seal or number"),
        (b"PK\x03\x04", "not a certificate, seal or number"),
        (code_of("https://example.org/menu"), "not a seal of the due-diligence portal"),
        (blank(), "No seal was found in the picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "not a certificate, seal or number"),
        (b"{" * 100_000, "not a certificate, seal or number"),
        (b"x" * (10 * 1024 * 1024 + 1), "too large"),
    ],
    ids=["empty", "binary", "program", "archive", "another code", "blank picture", "broken picture", "braces", "large"],
)
def test_what_is_no_evidence_is_told_beside_the_field(
    upload: Callable[..., TestResponse], content: bytes, told: str
) -> None:
    answer = upload(content)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'id="file-error"' in answer.text


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n%%EOF", b"%PDF-" + b"\xff" * 5000, b'{"type":"due-diligence-statement"}']
)
def test_broken_and_unsigned_evidence_is_never_valid(upload: Callable[..., TestResponse], content: bytes) -> None:
    answer = upload(content)
    assert answer.status_code == 200
    assert headline(answer).split()[1:2] != ["Valid"]


def test_a_body_beyond_the_limit_is_413(client: FlaskClient) -> None:
    answer = client.post("/verify", data=multipart(b"x" * (13 * 1024 * 1024), "a.pdf"), content_type=MULTIPART)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_text_of_ten_megabytes_is_refused_and_not_sent_back(client: FlaskClient) -> None:
    answer = client.post("/verify", data={"text": "9" * (10 * 1024 * 1024)})
    assert answer.status_code in (413, 422)
    assert len(answer.data) < 100_000


def test_hostile_text_is_shown_as_text(client: FlaskClient) -> None:
    answer = client.post("/verify", data={"text": "<script>alert(1)</script>{{7*7}}"})
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert "{{7*7}}" in answer.text


def test_a_code_that_only_holds_the_address_leads_to_the_register(
    certificate: Certificate, upload: Callable[..., TestResponse]
) -> None:
    answer = upload(code_of(f"https://portal.example/verify/{certificate.number}"), "x.png")
    assert answer.status_code == 200
    assert headline(answer) == "? Could not tell TEST"
    assert "Code 110" in words(answer)


def test_machines_get_the_report(certificate: Certificate, client: FlaskClient) -> None:
    content = issue.files(certificate)["pdf"]
    for address, headers in (("/verify?format=json", {}), ("/verify", {"Accept": "application/json"})):
        answer = client.post(address, data={"file": (io.BytesIO(content), "x.pdf")}, headers=headers)
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["summary"] == "valid"
        assert answer.json["statement"]["number"] == certificate.number
    refused = client.post("/verify?format=json", data={"file": (io.BytesIO(b"nonsense"), "x.pdf")})
    assert refused.status_code == 422
    assert json.loads(refused.data)["integrity"]["code"] == 112
    assert list(json.loads(client.post("/verify?format=json").data)["errors"]) == ["file"]


def test_machines_get_a_signed_status(
    certificate: Certificate, client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/verify/{certificate.number}"
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.content_type == "application/json"
    assert answer.json is not None
    assert answer.json["state"] == "valid"
    anew = {name: answer.json[name] for name in ("token", "as_of")}
    assert answer.json == {**client.get(f"{address}?format=json").json, **anew}
    trust = TrustRoot.of(keys.trust(keys.open_issuer(settings, now=utc_now()), now=utc_now()))
    source = HttpStatus(trust)
    monkeypatch.setattr(source, "_fetch", lambda _: (answer.json["token"], answer.json["log_proof"]))
    told = source.ask(trust.issuers[0], certificate.number, now=utc_now() + timedelta(minutes=1))
    assert (told.state, told.digest) == ("valid", certificate.digest)
    assert told.log_proof == issue.log_proof(certificate)


def test_machines_learn_that_a_number_is_unknown_or_none(certificate: Certificate, client: FlaskClient) -> None:
    from portal.certificates import number

    unknown = client.get(f"/verify/{number.compose(2026, 9_999_999)}?format=json")
    assert unknown.status_code == 404
    assert unknown.json is not None
    assert unknown.json["state"] == "not_registered"
    assert unknown.json["token"]
    wrong = client.get("/verify/DDC-1?format=json")
    assert wrong.status_code == 404
    assert wrong.content_type == "application/problem+json"
    redirected = client.get(f"/verify/{certificate.number.lower()}?format=json")
    assert redirected.headers["Location"].endswith("?format=json")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_speaks_the_readers_language(
    certificate: Certificate, client: FlaskClient, upload: Callable[..., TestResponse], language: str
) -> None:
    client.get(f"/verify?lang={language}")
    pages = [
        client.get("/verify"),
        client.get(f"/verify/{certificate.number}"),
        upload(issue.files(certificate)["pdf"]),
        client.post("/verify", data={"text": "nonsense"}),
    ]
    for answer in pages:
        assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}"' in answer.text
        assert len(re.findall(r"<h1", answer.text)) == 1
    shown = " ".join(words(answer) for answer in pages)
    if language == "zh":
        for text in ("核验结果", "内容是否完整", "本证书为测试证书", "与纸质证书比对", "登记内容"):
            assert text in shown
        assert "Unchanged?" not in shown
    else:
        assert not re.search(r"[\u4e00-\u9fff]", shown.replace("中文", "").replace("云南锗光科技有限公司", ""))


def test_a_new_generation_of_keys_is_believed_at_once(
    certificate: Certificate, settings: Settings, upload: Callable[..., TestResponse]
) -> None:
    assert headline(upload(issue.files(certificate)["pdf"])) == "✓ Valid TEST"
    keys.rotate(settings, now=utc_now() + timedelta(seconds=2))
    assert headline(upload(issue.files(certificate)["pdf"])) == "✓ Valid TEST"


def test_too_many_checks_are_slowed_down(settings: Settings) -> None:
    settings.instance.mkdir(parents=True)
    guarded = create_app(settings, TESTING=True)
    client = guarded.test_client()
    codes = [client.post("/verify").status_code for _ in range(31)]
    assert codes == [422] * 30 + [429]
    assert client.get("/verify").status_code == 200
    guarded.extensions["portal_engine"].dispose()


def test_programs_need_no_token(settings: Settings) -> None:
    settings.instance.mkdir(parents=True)
    guarded = create_app(settings, TESTING=True, RATELIMIT_ENABLED=False)
    assert guarded.test_client().post("/verify", data={"text": "nonsense"}).status_code == 422
    guarded.extensions["portal_engine"].dispose()
