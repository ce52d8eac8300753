"""Seal, credential and PDF, read by software that is not ours."""

import io
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import base45
import cbor2
import jwt as pyjwt
import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey
from PIL import Image
from pycose.keys import EC2Key
from pycose.messages import Sign1Message
from pypdf import PdfReader

from portal.certificates import credential, qr, seal, sign, signer
from portal.certificates.keys import Issuer, NamedKey
from tests.certificates.samples import NOW, Issued

# Version 25 is 117 modules across; on 47 mm of paper a module is then 0.4 mm, which a photocopier still keeps.
LARGEST_VERSION = 25


def token_of(text: str) -> bytes:
    return bytes(base45.b45decode(text.removeprefix(seal.PREFIX)))


def second_reader(token: bytes, public_key: ec.EllipticCurvePublicKey) -> Sign1Message:
    numbers = public_key.public_numbers()
    # Its own decode() knows only what cbor2 gave inside tags before version 6, so the tag is taken off for it.
    assert token[0] == 0xC0 | seal.COSE_SIGN1
    message = Sign1Message.from_cose_obj(cbor2.loads(token[1:]), True)
    message.key = EC2Key(crv="P_256", x=numbers.x.to_bytes(32, "big"), y=numbers.y.to_bytes(32, "big"))
    return message


def test_pycose_accepts_the_seal_and_reads_the_same(issued: Issued, issuer: Issuer) -> None:
    message = second_reader(token_of(issued.seal), issuer.seal.signer.public_key)
    assert message.verify_signature()
    claims = cbor2.loads(message.payload)
    assert claims[seal.CTI].hex() == issued.digest
    assert issued.number in claims[seal.FACTS]


def test_pycose_refuses_the_seal_under_another_key(issued: Issued, issuer: Issuer) -> None:
    assert not second_reader(token_of(issued.seal), issuer.documents.public_key).verify_signature()


def test_the_picture_of_the_seal_is_read_back_and_is_no_denser_than_paper_bears(issued: Issued) -> None:
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(issued.png)))
    assert [code.text for code in codes] == [issued.seal]
    assert segno.make(issued.seal, error=qr.ERROR_LEVEL, boost_error=False).version <= LARGEST_VERSION


def test_the_seal_on_the_page_is_the_seal(issued: Issued, tmp_path: Path) -> None:
    (tmp_path / "certificate.pdf").write_bytes(issued.pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "certificate.pdf", "page"], cwd=tmp_path, check=True)
    texts = {c.text for path in tmp_path.glob("page*.png") for c in zxingcpp.read_barcodes(Image.open(path))}
    assert issued.seal in texts


def test_a_plain_jose_library_verifies_the_credential(issued: Issued, issuer: Issuer) -> None:
    token = jwt.decode(issued.token, ECKey.import_key(signer.jwk(issuer.seal.signer.public_key)))
    assert token.header["typ"] == "vc+jwt"
    assert token.header["kid"] == f"{issuer.id}#{issuer.seal.signer.thumbprint}"
    subject = token.claims["credentialSubject"]
    assert subject[credential.STATEMENT_MEMBER] == json.loads(issued.statement)
    assert subject[credential.DIGEST_MEMBER] == issued.digest


def test_a_second_jose_library_verifies_the_credential_and_refuses_what_was_tampered_with(
    issued: Issued, issuer: Issuer
) -> None:
    """The portal itself reads tokens with joserfc."""
    key = issuer.seal.signer.public_key
    told = pyjwt.decode_complete(issued.token, key, algorithms=["ES256"])
    assert told["header"]["typ"] == "vc+jwt"
    assert told["payload"]["credentialSubject"][credential.DIGEST_MEMBER] == issued.digest
    header, body, signature = issued.token.split(".")
    for token in (
        f"{header}.{body[:-8]}AAAA{body[-4:]}.{signature}",
        f"{header}.{body}.{signature[:-8]}AAAA{signature[-4:]}",
    ):
        with pytest.raises(pyjwt.InvalidTokenError):
            pyjwt.decode(token, key, algorithms=["ES256"])
    with pytest.raises(pyjwt.InvalidTokenError):
        pyjwt.decode(issued.token, issuer.documents.public_key, algorithms=["ES256"])


def test_the_credential_has_what_w3c_and_untp_require(issued: Issued, issuer: Issuer) -> None:
    facts = json.loads(issued.statement)
    made = credential.build(facts, issued.digest, issued.log_proof)
    assert made["@context"][:2] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/",
    ]
    assert made["type"] == ["DigitalConformityCredential", "VerifiableCredential"]
    assert set(made["issuer"]) == {"type", "id", "name"}
    assert made["issuer"]["id"].startswith("did:web:")
    subject = made["credentialSubject"]
    assert {"id", "assessorLevel", "assessmentLevel", "attestationType", "issuedToParty"} <= set(subject)
    assert {"id", "conformityTopic", "conformance"} <= set(subject["assessment"][0])
    assert (made["validFrom"], made["validUntil"]) == ("2026-11-24T09:00:00Z", "2027-05-23T23:59:59Z")
    words = credential.context()["@context"]
    assert {credential.STATEMENT_MEMBER, credential.DIGEST_MEMBER} <= set(words)
    assert [entry["type"] for entry in made["credentialStatus"]] == ["BitstringStatusListEntry"] * 3


def test_the_file_of_the_credential_is_an_enveloped_one(issued: Issued) -> None:
    document = json.loads(issued.json)
    assert set(document) == {"@context", "id", "type"}
    assert document["type"] == "EnvelopedVerifiableCredential"
    assert document["id"] == f"data:application/vc+jwt,{issued.token}"


def test_a_second_pdf_library_finds_the_two_attachments(issued: Issued) -> None:
    reader = PdfReader(io.BytesIO(issued.pdf))
    assert len(reader.pages) == 2
    assert {name: content[0] for name, content in reader.attachments.items()} == {
        "statement.json": issued.statement,
        "statement.tlog-proof": issued.log_proof.encode(),
    }


def nss(folder: Path, issuer: Issuer) -> Path:
    """A certificate store of poppler's that trusts the root of the test authority."""
    store = folder / "nss"
    store.mkdir()
    (folder / "root.pem").write_bytes(issuer.chain[-1].public_bytes(Encoding.PEM))
    subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
    add = ["certutil", "-A", "-d", f"sql:{store}", "-n", "root", "-t", "CT,C,C", "-i", str(folder / "root.pem")]
    subprocess.run(add, check=True)
    return store


def judged_by_poppler(pdf: bytes, folder: Path, store: Path) -> str:
    (folder / "certificate.pdf").write_bytes(pdf)
    command = ["pdfsig", "-no-ocsp", "-nssdir", f"sql:{store}", str(folder / "certificate.pdf")]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_pdfsig_agrees_and_one_flipped_byte_is_enough(issued: Issued, issuer: Issuer, tmp_path: Path) -> None:
    store = nss(tmp_path, issuer)
    told = judged_by_poppler(issued.pdf, tmp_path, store)
    for line in ("Signature is Valid", "Certificate is Trusted", "Total document signed", "ETSI.CAdES.detached"):
        assert line in told, told
    signed = issued.pdf[: issued.pdf.rindex(b"%%EOF", 0, len(issued.pdf) - 10)]
    for place in (len(issued.pdf) // 3, issued.pdf.index(b"stream") + 20, len(signed) - 5):
        changed = bytearray(issued.pdf)
        changed[place] ^= 1
        told = judged_by_poppler(bytes(changed), tmp_path, store)
        assert "Signature is Valid" not in told, (place, told)


def test_a_signer_whose_key_is_not_that_of_its_certificate_signs_nothing(issued: Issued, issuer: Issuer) -> None:
    class Stale:
        """A token with an old key in it: it signs, and says nothing of it."""

        public_key = issuer.documents.public_key
        thumbprint = issuer.documents.thumbprint

        def sign(self, data: bytes) -> bytes:
            return signer.FileSigner(ec.generate_private_key(ec.SECP256R1())).sign(data)

    unsigned = issued.pdf[: issued.pdf.index(b"%%EOF") + 6]
    with pytest.raises(signer.SigningFailed, match="does not verify"):
        sign.sign(unsigned, replace(issuer, documents=Stale()), log_proof=issued.log_proof, now=NOW)
    assert NamedKey("x#y", Stale()).sign(b"") != b""


def test_signing_something_that_is_no_pdf_fails_as_signing_failed(issuer: Issuer) -> None:
    with pytest.raises(signer.SigningFailed):
        sign.sign(b"%PDF-1.7 nothing", issuer, log_proof="", now=NOW)
