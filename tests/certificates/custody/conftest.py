"""One SoftHSM token for all tests, with the keys that an authority needs on it."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from portal.certificates.custody import token
from portal.certificates.signer import PublicKey
from tests.certificates.samples import issuer, settings, trust

__all__ = ["issuer", "settings", "trust"]

PIN = "48151623"
CURVES = {"issuer": (KeyType.EC, "secp256r1"), "log": (KeyType.EC_EDWARDS, "1.3.101.112")}


@dataclass(frozen=True)
class SoftToken:
    """A token with a key for the issuer (P-256), one for the log (Ed25519), and two keys of one name."""

    module: str
    pin_file: Path
    public: dict[str, PublicKey]

    def address(self, key: str, *, named: str = "Authority", pin: str | None = None) -> str:
        secret = f"pin-source=file:{self.pin_file}" if pin is None else f"pin-value={pin}"
        return f"pkcs11:token={named};object={key};type=private?module-path={self.module}&{secret}"


@pytest.fixture(scope="session")
def soft_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    (folder / "pin").write_text(PIN + "\n")
    found = [*Path("/usr/lib").glob("softhsm/libsofthsm2.so"), *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")]
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    made = ["softhsm2-util", "--init-token", "--free", "--label", "Authority", "--so-pin", "271828", "--pin", PIN]
    subprocess.run(made, check=True, capture_output=True)
    session = pkcs11.lib(str(found[0])).get_token(token_label="Authority").open(user_pin=PIN, rw=True)
    public = {name: _made(session, name, *kind) for name, kind in CURVES.items()}
    for identifier in (b"\x08", b"\x09"):
        _made(session, "twice", KeyType.EC, "secp256r1", identifier)
    session.close()
    yield SoftToken(str(found[0]), folder / "pin", public)
    del os.environ["SOFTHSM2_CONF"]


def _made(session: Any, name: str, kind: KeyType, curve: str, identifier: bytes | None = None) -> PublicKey:
    parameters = session.create_domain_parameters(
        kind, {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
    )
    pair = parameters.generate_keypair(label=name, id=identifier or name.encode(), store=True)
    if kind == KeyType.EC_EDWARDS:
        return Ed25519PublicKey.from_public_bytes(bytes(pair[0][Attribute.EC_POINT])[2:])
    found = load_der_public_key(encode_ec_public_key(pair[0]))
    assert not isinstance(found, Ed25519PublicKey)
    return found  # type: ignore[return-value]


@pytest.fixture
def logged_out(soft_token: SoftToken) -> Iterator[None]:
    """No session is open before, and no wrong PIN is remembered behind: a login holds for the whole process."""
    session = pkcs11.lib(soft_token.module).get_token(token_label="Authority").open()
    for known in token._tokens.values():
        if known._session is not None:
            known._session.close()
            known._session = None
    session.close()
    yield
    token._wrong_pins.clear()
