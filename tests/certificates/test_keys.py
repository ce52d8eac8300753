"""The issuer's keys: made once, kept from others, fitting their certificates, and changed without breaking."""

import json
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import SecretStr

from portal.certificates import keys, signer
from portal.certificates.ca import DOCUMENT_SIGNING, TestAuthority
from portal.certificates.trust import TrustError, TrustRoot
from portal.config import Settings
from tests.certificates.samples import NOW


@pytest.fixture
def fresh(tmp_path: Path) -> Settings:
    return Settings(instance=tmp_path / "instance", public_address="https://portal.example:8443")


def test_a_first_run_makes_a_test_issuer_and_a_second_finds_it(fresh: Settings) -> None:
    made = keys.open_issuer(fresh, now=NOW)
    found = keys.open_issuer(fresh, now=NOW + timedelta(days=30))
    assert made.trusted == found.trusted
    assert made.documents.thumbprint == found.documents.thumbprint
    assert made.id == "did:web:portal.example%3A8443"
    assert made.status_address == "https://portal.example:8443/verify/"
    assert made.test
    for name in (made.name.en, made.chain[0].subject.rfc4514_string(), made.chain[-1].subject.rfc4514_string()):
        assert "TEST" in name
    assert "测试" in made.name.zh


def test_nobody_else_can_read_the_keys(fresh: Settings) -> None:
    keys.open_issuer(fresh, now=NOW)
    keys.rotate(fresh, now=NOW + timedelta(days=1))
    folder = fresh.instance / "keys"
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert len(modes) == 1 + 5 + 2 + 2 * 5
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert [path.name for path in fresh.instance.iterdir()] in (["keys", "keys.lock"], ["keys.lock", "keys"])


def test_the_certificates_are_for_their_purpose_alone(fresh: Settings) -> None:
    issuer = keys.open_issuer(fresh, now=NOW)
    leaf, root = issuer.chain
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert DOCUMENT_SIGNING in usage
    assert ExtendedKeyUsageOID.TIME_STAMPING not in usage
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert issuer.timestamp_certificate is not None
    stamps = issuer.timestamp_certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert stamps.critical
    assert list(stamps.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    assert len({issuer.documents.thumbprint, issuer.seal.signer.thumbprint}) == 2


def _open(address: str) -> str:
    return keys.open_issuer(Settings(instance=Path(address)), now=NOW).documents.thumbprint


def test_first_runs_at_once_end_with_one_authority(tmp_path: Path) -> None:
    # The lock is on the open file, so threads keep each other out just as processes do.
    with ThreadPoolExecutor(8) as pool:
        thumbprints = list(pool.map(_open, [str(tmp_path / "instance")] * 24))
    assert len(set(thumbprints)) == 1
    assert sorted(path.name for path in (tmp_path / "instance").iterdir()) == ["keys", "keys.lock"]


def test_rotation_signs_with_new_keys_and_keeps_the_old_ones_trusted(fresh: Settings) -> None:
    old = keys.open_issuer(fresh, now=NOW)
    later = NOW + timedelta(days=100)
    new = keys.rotate(fresh, now=later)
    assert keys.open_issuer(fresh, now=later).documents.thumbprint == new.documents.thumbprint
    assert new.documents.thumbprint != old.documents.thumbprint
    trust = TrustRoot.of(keys.trust(new, now=later))
    for use, name in (("documents", old.documents.thumbprint), ("seal", old.seal.signer.thumbprint)):
        found = trust.key(use, name)  # type: ignore[arg-type]
        assert found is not None
        assert found[1].covers(NOW)
        assert found[1].covers(later)
        assert not found[1].covers(later + timedelta(seconds=1))
    assert [key.ends is None for key in trust.issuers[0].keys] == [False, False, True, True]


def test_a_rotation_that_was_interrupted_changes_nothing(fresh: Settings) -> None:
    old = keys.open_issuer(fresh, now=NOW)
    register = (fresh.instance / "keys" / "issuer.json").read_bytes()
    keys.rotate(fresh, now=NOW + timedelta(days=1))
    (fresh.instance / "keys" / "issuer.json").write_bytes(register)
    assert keys.open_issuer(fresh, now=NOW).documents.thumbprint == old.documents.thumbprint
    keys.rotate(fresh, now=NOW + timedelta(days=2))
    assert sorted(path.name for path in (fresh.instance / "keys").iterdir() if path.is_dir()) == ["1", "2", "3"]


def test_a_key_that_does_not_fit_its_certificate_is_refused(fresh: Settings) -> None:
    keys.open_issuer(fresh, now=NOW)
    place = fresh.instance / "keys" / "1"
    shutil.copy(place / "timestamp.pem", place / "documents.pem")
    with pytest.raises(keys.KeyRefused, match=r"documents\.pem: the first certificate is not that of the key"):
        keys.open_issuer(fresh, now=NOW)


def test_a_signature_that_does_not_fit_is_never_given_out(fresh: Settings) -> None:
    one, other = (signer.FileSigner(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
    with pytest.raises(signer.SigningFailed):
        signer.proven(one.sign(b"data"), b"data", other.public_key)


def test_production_makes_no_test_issuer(tmp_path: Path) -> None:
    production = Settings(
        environment="production",
        instance=tmp_path,
        secret_key=SecretStr("x" * 40),
        public_address="https://portal.example",
        mail_url="smtp://localhost",
    )
    with pytest.raises(keys.KeyRefused, match="PORTAL_ISSUER_KEY "):
        keys.open_issuer(production, now=NOW)
    assert not (tmp_path / "keys").exists()


def pem(key: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.fixture
def outside(tmp_path: Path) -> Settings:
    """Key and chain as a real authority would hand them over, and the roots of a time-stamping service."""
    authority = TestAuthority.make(now=NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = authority.issue_signing(key.public_key(), "Signer", list_address="https://ca.example/list.crl", now=NOW)
    root = authority.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "key.pem").write_bytes(pem(key))
    (tmp_path / "chain.pem").write_bytes(leaf.public_bytes(Encoding.PEM) + root)
    folder = tmp_path / "instance" / "keys"
    folder.mkdir(parents=True)
    (folder / "timestamp-roots.pem").write_bytes(root)
    return Settings(
        instance=tmp_path / "instance",
        public_address="https://portal.example",
        issuer_key=SecretStr(f"file:{tmp_path}/key.pem"),
        issuer_chain_file=tmp_path / "chain.pem",
        timestamp_url="https://stamps.example",
    )


def test_keys_from_outside_are_taken_and_a_change_of_them_is_a_rotation(outside: Settings, tmp_path: Path) -> None:
    first = keys.open_issuer(outside, now=NOW)
    assert not first.test
    assert first.revocation_list(NOW) is None
    assert keys.open_issuer(outside, now=NOW).trusted == first.trusted
    other = TestAuthority.make(now=NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = other.issue_signing(key.public_key(), "Signer 2", list_address="https://ca.example/2.crl", now=NOW)
    (tmp_path / "key.pem").write_bytes(pem(key))
    chain = leaf.public_bytes(Encoding.PEM) + other.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "chain.pem").write_bytes(chain)
    second = keys.open_issuer(outside, now=NOW + timedelta(days=1))
    assert len(second.trusted.keys) == 4
    assert len(second.trusted.roots) == 2
    assert second.trusted.keys[0].ends == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("key.pem", pem(rsa.generate_private_key(65537, 2048)), "P-256"),
        ("key.pem", pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        ("key.pem", pem(ec.generate_private_key(ec.SECP256R1())), "not that of the key"),
        ("key.pem", b"no key", "key.pem"),
        ("chain.pem", b"no chain", "chain.pem"),
    ],
    ids=["rsa", "p-384", "another key", "no key", "no chain"],
)
def test_a_wrong_file_from_outside_is_named(
    outside: Settings, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(keys.KeyRefused, match=message):
        keys.open_issuer(outside, now=NOW)


def test_a_broken_chain_from_outside_is_refused(outside: Settings, tmp_path: Path) -> None:
    leaf = (tmp_path / "chain.pem").read_bytes().split(b"-----END CERTIFICATE-----\n")[0]
    other = TestAuthority.make(now=NOW).certificate.public_bytes(Encoding.PEM)
    (tmp_path / "chain.pem").write_bytes(leaf + b"-----END CERTIFICATE-----\n" + other)
    with pytest.raises(keys.KeyRefused, match="do not lead"):
        keys.open_issuer(outside, now=NOW)


def test_what_is_missing_is_named(outside: Settings, fresh: Settings) -> None:
    with pytest.raises(keys.KeyRefused, match="set together"):
        keys.open_issuer(outside.model_copy(update={"issuer_chain_file": None}), now=NOW)
    with pytest.raises(keys.KeyRefused, match="PORTAL_TIMESTAMP_URL"):
        keys.open_issuer(outside.model_copy(update={"timestamp_url": ""}), now=NOW)
    (outside.instance / "keys" / "timestamp-roots.pem").unlink()
    with pytest.raises(keys.KeyRefused, match=r"timestamp-roots\.pem"):
        keys.open_issuer(outside, now=NOW)
    with pytest.raises(keys.KeyRefused, match="naming the new ones"):
        keys.rotate(outside, now=NOW)


def test_the_trust_file_is_read_as_it_was_written(fresh: Settings, tmp_path: Path) -> None:
    issuer = keys.open_issuer(fresh, now=NOW)
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(keys.trust(issuer, now=NOW)), encoding="utf-8")
    assert TrustRoot.read(path).issuers == (issuer.trusted,)
    assert keys.trust_root(fresh, now=NOW) == TrustRoot.read(path)
    assert keys.trust_root(fresh.model_copy(update={"trust_file": path}), now=NOW) == TrustRoot.read(path)
    assert "PRIVATE" not in path.read_text(encoding="utf-8")


def spoilt(facts: dict[str, Any], name: str) -> Any:
    issuer = facts["issuers"][0]
    key = issuer["keys"][0]
    changes: dict[str, Any] = {
        "another type": lambda: facts.update(type="trust"),
        "unknown member": lambda: issuer.update(note="x"),
        "no issuer": lambda: facts.update(issuers=[]),
        "issuer twice": lambda: facts["issuers"].append(issuer),
        "no certificate": lambda: issuer.update(roots=["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]),
        "address with a query": lambda: issuer.update(status_address="https://a.example/verify/?x=/"),
        "address with a password": lambda: issuer.update(status_address="https://a:b@a.example/verify/"),
        "ftp": lambda: issuer.update(status_address="ftp://a.example/"),
        "private key": lambda: key["jwk"].update(d="AAAA"),
        "other thumbprint": lambda: key["jwk"].update(kid="A" * 43),
        "no point": lambda: key["jwk"].update(x="A" * 43),
        "ends before it begins": lambda: key.update(to="2020-01-01T00:00:00Z"),
        "no date": lambda: key.update({"from": "2026-02-30T00:00:00Z"}),
        "key twice": lambda: issuer["keys"].append(key),
    }
    changes[name]()
    return facts


@pytest.mark.parametrize(
    "name",
    [
        "another type", "unknown member", "no issuer", "issuer twice", "no certificate", "address with a query",
        "address with a password", "ftp", "private key", "other thumbprint", "no point", "ends before it begins",
        "no date", "key twice",
    ],
)  # fmt: skip
def test_a_trust_file_with_a_fault_is_refused(trust: TrustRoot, name: str) -> None:
    facts = spoilt(trust.to_json(now=NOW), name)
    with pytest.raises(TrustError):
        TrustRoot.read(json.dumps(facts).encode("utf-8"))


@pytest.mark.parametrize("data", [b"", b"{", b"[1.5]", b'{"a":1,"a":2}', b"\xff", b"[" * 5000])
def test_what_is_no_trust_file_is_refused(data: bytes) -> None:
    with pytest.raises(TrustError):
        TrustRoot.read(data)


def test_a_signing_certificate_is_no_root(trust: TrustRoot, fresh: Settings) -> None:
    facts = trust.to_json(now=NOW)
    leaf = keys.open_issuer(fresh, now=NOW).chain[0]
    facts["issuers"][0]["roots"] = [leaf.public_bytes(Encoding.PEM).decode("ascii")]
    with pytest.raises(TrustError, match="no certificate of an authority"):
        TrustRoot.of(facts)
