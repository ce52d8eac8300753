"""Keys in services: AWS's protocol as moto speaks it, and a stand-in for Vault's transit engine."""

import base64
import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from portal.certificates import custody
from portal.certificates.custody import awskms, service
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

pytestmark = pytest.mark.network
REGION = "eu-central-1"


def opened(address: str) -> Signer:
    return custody.open_signer(SecretStr(address), "PORTAL_ISSUER_KEY")


def check(signer: Signer, algorithm: object) -> None:
    assert signer.algorithm == algorithm
    check_written(written(signer.sign(b"data"), signer.algorithm), b"data", signer.public_key)
    assert isinstance(signer, service.ServiceSigner)
    other: ec.EllipticCurvePrivateKey | Ed25519PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if algorithm == ED25519:
        other = Ed25519PrivateKey.generate()
    with pytest.raises(SigningFailed, match="does not fit"):
        replace(signer, public_key=other.public_key()).sign(b"data")


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The address of a server that speaks the protocol of AWS."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


def test_a_key_in_aws_kms_signs_and_what_is_wrong_is_told(aws: str) -> None:
    client = boto3.client("kms", region_name=REGION, endpoint_url=aws)
    made = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    signer = opened(f"awskms:{made}?endpoint={aws}")
    assert isinstance(signer, service.ServiceSigner)
    assert isinstance(signer.public_key, ec.EllipticCurvePublicKey)
    # moto hashes a digest once more, where Amazon signs it as it is; so its signature is over the digest's digest.
    digest = hashlib.sha256(b"data").digest()
    signer.public_key.verify(signer.service.sign(b"data", ES256), digest, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(SigningFailed, match="does not fit"):
        signer.sign(b"data")
    wrong = {
        f"awskms:{made[:-4]}0000?endpoint={aws}": "NotFoundException",
        "awskms:alias/issuer": "must be awskms:arn",
        f"awskms:{made}?region=x": "must be awskms:arn",
    }
    for address, told in wrong.items():
        with pytest.raises(KeyRefused, match=told):
            opened(address)
    rsa = client.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    with pytest.raises(KeyRefused, match="another kind of key"):
        opened(f"awskms:{rsa}?endpoint={aws}")
    with pytest.raises(KeyUnavailable, match="does not answer"):
        opened(f"awskms:{made}?endpoint=http://127.0.0.1:9")


class Amazon:
    """The two operations as Amazon documents them: a digest is signed as it is."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, **asked: Any) -> dict[str, bytes]:
        assert asked["KeyId"] == "arn"
        if isinstance(self._key, Ed25519PrivateKey):
            assert (asked["MessageType"], asked["SigningAlgorithm"]) == ("RAW", "ED25519_SHA_512")
            return {"Signature": self._key.sign(asked["Message"])}
        assert (asked["MessageType"], asked["SigningAlgorithm"]) == ("DIGEST", "ECDSA_SHA_256")
        return {"Signature": self._key.sign(asked["Message"], ec.ECDSA(Prehashed(hashes.SHA256())))}


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), Ed25519PrivateKey.generate()])
def test_amazon_is_asked_to_sign_a_digest_or_a_message_by_the_kind_of_key(
    key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey,
) -> None:
    signer = service.ServiceSigner(awskms.AwsKms("arn", Amazon(key)), key.public_key())
    check_written(written(signer.sign(b"data"), signer.algorithm), b"data", key.public_key())


def test_without_the_package_for_aws_the_one_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "portal.certificates.custody.awskms", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(KeyRefused, match=r"due-diligence-portal\[aws\]"):
        opened("awskms:arn:aws:kms:eu-central-1:1:key/none")


@dataclass
class StandIn:
    """Vault's transit engine with two keys, the first in two versions, and a mood of its own."""

    address: str = ""
    status: int = 200
    version: str = "v1"
    issuer: list[ec.EllipticCurvePrivateKey] = field(
        default_factory=lambda: [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    )
    log: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def keys(self, name: str) -> dict[str, Any]:
        if name == "log":
            raw = base64.b64encode(self.log.public_key().public_bytes_raw()).decode()
            return {"type": "ed25519", "latest_version": 1, "keys": {"1": {"public_key": raw}}}
        pem = [key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in self.issuer]
        versions = {str(n): {"public_key": each.decode()} for n, each in enumerate(pem, 1)}
        return {"type": "ecdsa-p256", "latest_version": 2, "keys": versions}

    def sign(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        data, version = base64.b64decode(asked["input"]), asked["key_version"]
        if name == "log":
            signature = self.log.sign(data)
        else:
            assert (asked["hash_algorithm"], asked["marshaling_algorithm"]) == ("sha2-256", "asn1")
            signature = self.issuer[version - 1].sign(data, ec.ECDSA(hashes.SHA256()))
        return {"signature": f"vault:v{version}:{base64.b64encode(signature).decode()}"}


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[StandIn]:
    stand = StandIn()
    (tmp_path / "token").write_text("s.token\n")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(stand.keys)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(lambda name: stand.sign(name, asked))

        def answer(self, give: Any) -> None:
            name = self.path.rpartition("/")[2]
            right = self.headers["X-Vault-Token"] == "s.token"
            code = stand.status if right else 403
            code = 404 if name not in ("issuer", "log") else code
            body = json.dumps({"data": give(name)} if code == 200 else {"errors": []}).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stand.address = f"vault:http://127.0.0.1:{server.server_port}/transit/keys/"
    yield stand
    server.shutdown()
    server.server_close()


def test_a_key_in_vault_signs_in_the_version_that_was_certified(vault: StandIn, tmp_path: Path) -> None:
    token = f"?token-file={tmp_path}/token"
    check(opened(f"{vault.address}log{token}"), ED25519)
    check(opened(f"{vault.address}issuer{token}"), ES256)
    first = opened(f"{vault.address}issuer{token}&version=1")
    assert first.public_key == vault.issuer[0].public_key()
    check(first, ES256)


def test_a_vault_that_is_sealed_or_refuses_issues_nothing_and_says_why(
    vault: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = f"?token-file={tmp_path}/token"
    signer = opened(f"{vault.address}issuer{token}&version=2")
    for status, kind, told in ((503, KeyUnavailable, "is sealed"), (500, KeyUnavailable, "does not sign"),
                               (403, KeyRefused, "does not accept the token")):  # fmt: skip
        vault.status = status
        with pytest.raises(kind, match=told):
            signer.sign(b"data")
    vault.status = 200
    assert signer.sign(b"data")
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    wrong = {
        f"{vault.address}nobody{token}": "no such key",
        f"{vault.address}issuer{token}&version=9": "no version 9",
        f"{vault.address}issuer": "needs a token",
        f"{vault.address}issuer?token-file=/none": "token-file",
        f"vault:http://vault.example/transit/keys/issuer{token}": "must begin with vault:https",
        f"vault:https://vault.example/issuer{token}": "must be vault:https",
    }
    for address, told in wrong.items():
        with pytest.raises(KeyRefused, match=told):
            opened(address)
    with pytest.raises(KeyUnavailable, match="does not answer"):
        opened(f"vault:http://127.0.0.1:9/transit/keys/issuer{token}")
