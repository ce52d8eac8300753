"""Keys on a PKCS#11 token: everything is signed with them, and whatever is wrong with a token is said in its words."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from sqlalchemy.orm import Session

from portal.certificates import custody, issue
from portal.certificates.custody import token
from portal.certificates.keys import Issuer, NamedKey
from portal.certificates.log.identity import LogSigner
from portal.certificates.log.trusted import registered
from portal.certificates.signer import (
    ED25519,
    ES256,
    KeyRefused,
    KeyUnavailable,
    Signer,
    SigningFailed,
    check_written,
    written,
)
from portal.certificates.trust import TrustedKey, TrustRoot, Use
from portal.config import Settings
from portal.verification.verify import verify
from tests.certificates.custody.conftest import PIN, SoftToken
from tests.certificates.samples import NOW, issue_one


def opened(address: str) -> Signer:
    return custody.open_signer(SecretStr(address), "PORTAL_ISSUER_KEY")


@pytest.mark.parametrize(("name", "algorithm"), [("issuer", ES256), ("log", ED25519)])
def test_a_key_on_a_token_signs(soft_token: SoftToken, name: str, algorithm: object) -> None:
    signer = opened(soft_token.address(name))
    assert signer.algorithm == algorithm
    assert signer.public_key == soft_token.public[name]
    check_written(written(signer.sign(b"data"), signer.algorithm), b"data", soft_token.public[name])


@pytest.fixture(scope="module")
def on_token(soft_token: SoftToken, settings: Settings, issuer: Issuer) -> Issuer:
    """The TEST issuer with every key on the token, certified by the same authority."""
    documents = opened(soft_token.address("issuer"))
    log = replace(issuer.log, first=LogSigner(issuer.log.origin, opened(soft_token.address("log"))))
    assert issuer.authority is not None
    assert isinstance(documents.public_key, ec.EllipticCurvePublicKey)
    leaf = issuer.authority.issue_signing(documents.public_key, "TEST Token", list_address="http://a.example", now=NOW)
    uses: tuple[Use, ...] = ("documents", "seal")
    own = tuple(TrustedKey(use, documents.public_key, documents.thumbprint, NOW, None) for use in uses)
    logs = registered(issuer.trusted.logs, log, now=NOW)
    return replace(
        issuer,
        trusted=replace(issuer.trusted, keys=own, logs=logs),
        documents=documents,
        chain=(leaf, issuer.chain[-1]),
        seal=NamedKey(f"{issuer.id}#{documents.thumbprint}", documents),
        log=log,
    )


def test_a_certificate_signed_on_a_token_verifies_in_every_encoding(
    on_token: Issuer, settings: Settings, session: Session
) -> None:
    certificate = issue_one(session, on_token, settings)
    trust = TrustRoot((on_token.trusted,))
    files = issue.files(certificate)
    for evidence in (files["pdf"], files["json"], issue.seal_text(certificate).encode()):
        report = verify(evidence, trust=trust, status=None, now=NOW, log_proof=issue.log_proof(certificate))
        assert (report.integrity.key, report.issuer.key) == ("intact", "issuer-test")


def test_a_stranger_finds_the_token_s_signature_valid(
    on_token: Issuer, settings: Settings, session: Session, tmp_path: Path
) -> None:
    """The published checkpoint and the PDF are checked by programs that others wrote."""
    (tmp_path / "certificate.pdf").write_bytes(issue.files(issue_one(session, on_token, settings))["pdf"])
    told = subprocess.run(["pdfsig", "-nocert", "certificate.pdf"], cwd=tmp_path, capture_output=True, text=True)
    assert "Signature Validation: Signature is Valid." in told.stdout


WRONG = {
    "no such token": ("token=Nobody;object=issuer", "PIN", "0 tokens"),
    "no such key": ("token=Authority;object=nobody", "PIN", "0 private keys"),
    "two keys of one name": ("token=Authority;object=twice", "PIN", "2 private keys"),
    "a wrong PIN": ("token=Authority;object=issuer", "0000", "PIN is wrong"),
    "no key named": ("token=Authority", "PIN", "must name the token"),
    "a part that is unknown": ("token=Authority;object=issuer;colour=red", "PIN", "'colour'"),
    "a public key": ("token=Authority;object=issuer;type=public", "PIN", "private key"),
}


@pytest.mark.usefixtures("logged_out")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_token_is_told_without_its_pin(soft_token: SoftToken, name: str) -> None:
    path, pin, told = WRONG[name]
    pin = pin.replace("PIN", PIN)
    with pytest.raises(KeyRefused, match=told) as refused:
        opened(f"pkcs11:{path}?module-path={soft_token.module}&pin-value={pin}")
    assert pin not in str(refused.value)
    assert "PORTAL_ISSUER_KEY" in str(refused.value)


@pytest.mark.usefixtures("logged_out")
def test_a_wrong_pin_is_offered_once_so_that_the_token_does_not_lock(soft_token: SoftToken) -> None:
    for told in ("is wrong", "not tried again", "not tried again"):
        with pytest.raises(KeyRefused, match=told):
            opened(soft_token.address("issuer", pin="1111"))
    token._wrong_pins.clear()
    assert opened(soft_token.address("issuer")).sign(b"data")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("pkcs11:token=a;object=b", "module-path"),
        ("pkcs11:token=a;object=b?module-path=/none.so", "cannot be used"),
        ("pkcs11:token=a;token=b;object=b?module-path=/none.so", "stands twice"),
        ("pkcs11:token=a;object=b?module-path=/none.so&pin-value=1&pin-source=file:/none", "both"),
        ("pkcs11:token=a;object=b?module-path=/none.so&pin-source=file:/none", "pin-source"),
        ("pkcs11:token=a;object=b?module=/none.so", "'module'"),
        ("/keys/issuer.pem", "must begin with file:"),
        ("file:", "must begin with file:"),
        ("https://a.example", "must begin with file:"),
    ],
)
def test_an_address_that_is_not_understood_is_named(address: str, told: str) -> None:
    with pytest.raises(KeyRefused, match=told):
        opened(address)


def test_without_the_package_the_one_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch, soft_token: SoftToken
) -> None:
    monkeypatch.delitem(sys.modules, "portal.certificates.custody.token")
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(KeyRefused, match=r"due-diligence-portal\[pkcs11\]"):
        opened("pkcs11:token=a;object=b?module-path=/none.so")


# python-pkcs11 cannot end a search in a session that is gone, and says so in a destructor.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_hangs_or_is_gone_is_unavailable_and_comes_back(soft_token: SoftToken) -> None:
    address = token.TokenAddress.parse(soft_token.address("issuer"))
    held, hanging = token.Token(address, seconds=0.2), threading.Event()
    with pytest.raises(KeyUnavailable, match=r"did not answer within 0\.2 seconds"):
        held.call(lambda _session: hanging.wait(5))
    hanging.set()
    patient = token.Token(address)
    patient.call(lambda session: session.close())
    signer = token.TokenSigner(patient, "issuer", b"", soft_token.public["issuer"])
    assert signer.sign(b"data")
    gone = token.TokenSigner(patient, "nobody", b"", soft_token.public["issuer"])
    with pytest.raises(KeyRefused, match="0 private keys"):
        gone.sign(b"data")


def test_a_key_that_does_not_fit_its_public_key_signs_nothing(soft_token: SoftToken) -> None:
    signer = opened(soft_token.address("issuer"))
    assert isinstance(signer, token.TokenSigner)
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(SigningFailed, match="does not fit"):
        replace(signer, public_key=other).sign(b"data")
