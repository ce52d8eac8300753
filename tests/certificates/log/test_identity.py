"""The log's keys and witnesses by setting, from the instance folder to a certificate that a stranger verifies."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from sqlalchemy.orm import Session

from portal.certificates import issue, keys
from portal.certificates.log import witness
from portal.certificates.log.append import LogUnavailable
from portal.certificates.log.identity import origin
from portal.certificates.log.note import LogProof
from portal.certificates.log.trusted import TrustedLog, registered
from portal.certificates.trust import TrustError, TrustRoot
from portal.config import Settings
from tests.certificates.log.stand import identity, served, stand_in
from tests.certificates.samples import NOW, issue_one, settings

__all__ = ["settings"]

LATER = NOW + timedelta(days=1)


@pytest.fixture
def fresh(tmp_path: Path, settings: Settings) -> Settings:
    """An installation without keys, with the fonts of the shared one."""
    instance = tmp_path / "instance"
    instance.mkdir()
    issue.font_folder(settings)
    if (settings.instance / "fonts").exists():
        (instance / "fonts").symlink_to(settings.instance / "fonts")
    return Settings(instance=instance, public_address="https://portal.example/")


def test_a_log_keeps_its_name_and_its_keys(fresh: Settings) -> None:
    first = keys.open_issuer(fresh, now=NOW)
    moved = fresh.model_copy(update={"public_address": "https://elsewhere.example"})
    second = keys.open_issuer(moved, now=LATER)
    assert first.log.origin == second.log.origin == "portal.example/log"
    assert first.log.first.key == second.log.first.key
    assert keys.rotate(moved, now=LATER).trusted.logs == first.trusted.logs
    assert [key.begins for key in first.trusted.logs[0].keys] == [NOW, NOW]


def test_the_name_of_a_log_is_its_address_without_the_scheme() -> None:
    assert origin("https://portal.example/ddc") == "portal.example/ddc/log"
    assert origin("http://127.0.0.1:8000") == "127.0.0.1:8000/log"


def test_a_key_from_outside_follows_the_one_before(fresh: Settings, tmp_path: Path) -> None:
    keys.open_issuer(fresh, now=NOW)
    path = tmp_path / "log.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    changed = fresh.model_copy(update={"log_key": SecretStr(f"file:{path}")})
    issuer = keys.open_issuer(changed, now=LATER)
    terms = {(one.key.public, one.begins, one.ends) for one in issuer.trusted.logs[0].keys}
    assert (key.public_key().public_bytes_raw(), LATER, None) in terms
    assert {ends for _key, begins, ends in terms if begins == NOW} == {LATER}
    assert issuer.log.second is None
    assert (
        keys.open_issuer(fresh.model_copy(update={"log_key": SecretStr(f"file:{path}")}), now=LATER).trusted
        == issuer.trusted
    )


@pytest.mark.parametrize("content", [b"", b"no key", b"other"])
def test_a_key_of_another_kind_is_named(fresh: Settings, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.pem"
    keys.open_issuer(fresh, now=NOW)
    path.write_bytes((fresh.instance / "keys" / "root.key.pem").read_bytes() if content == b"other" else content)
    own = f"file:{fresh.instance}/keys/log.key.pem"
    for changes in ({"log_key": f"file:{path}"}, {"log_key": own, "log_second_key_file": path}):
        changed = fresh.model_copy(update={**changes, "log_key": SecretStr(str(changes["log_key"]))})
        with pytest.raises(keys.KeyRefused, match=r"log\.pem|PORTAL_LOG_KEY"):
            keys.open_issuer(changed, now=NOW)


def test_production_asks_for_witnesses_and_takes_no_test_issuer(fresh: Settings) -> None:
    issuer = keys.open_issuer(fresh, now=NOW)
    production = Settings(
        environment="production",
        instance=fresh.instance,
        secret_key=SecretStr("x" * 40),
        public_address="https://portal.example",
        mail_url="smtp://localhost",
    )
    with pytest.raises(keys.KeyRefused, match="PORTAL_ISSUER_KEY"):
        keys.open_issuer(production, now=NOW)
    folder = fresh.instance / "keys"
    (folder / "issuer.json").rename(folder / "before.json")
    (folder / "timestamp-roots.pem").write_bytes((folder / "root.pem").read_bytes())
    outside = production.model_copy(
        update={
            "issuer_key": SecretStr(f"file:{folder}/1/documents.key.pem"),
            "issuer_chain_file": folder / "1" / "documents.pem",
            "timestamp_url": "https://stamps.example",
        }
    )
    with pytest.raises(keys.KeyRefused, match="PORTAL_LOG_WITNESS_FILE"):
        keys.open_issuer(outside, now=NOW)
    assert keys.open_issuer(outside.model_copy(update={"environment": "development"}), now=NOW).chain == issuer.chain


VKEYS = [stand_in(name).signer.key.text for name in ("w1.example", "w2.example", "w3.example")]
THREE = "".join(f"witness W{n} {vkey} https://w{n}.example/\n" for n, vkey in enumerate(VKEYS, 1))


@pytest.mark.parametrize(
    ("lines", "asked", "required"),
    [
        (THREE + "group G 2 W1 W2 W3\nquorum G\n", 3, 2),
        (THREE + "group G all W1 W2 W3\nquorum G\n", 3, 3),
        (THREE + "# a remark\n\ngroup G any W1 W2 # another\nquorum G\n", 3, 1),
        (THREE + "quorum W2\n", 3, 1),
        (THREE + "quorum none\n", 3, 0),
        ("quorum none\n", 0, 0),
    ],
    ids=["two of three", "all", "any", "one named", "none of three", "none"],
)
def test_a_file_of_witnesses_is_read(tmp_path: Path, lines: str, asked: int, required: int) -> None:
    (tmp_path / "policy").write_text(lines, encoding="utf-8")
    found = witness.read(tmp_path / "policy")
    assert (len(found.asked), found.required) == (asked, required)
    assert all(one.address.endswith(".example") for one in found.asked)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "names no quorum"), (THREE, "names no quorum"), ("quorum G\n", "line 1"),
        (THREE + "quorum W1\nquorum W2\n", "line 5"), (THREE + "group G 4 W1 W2 W3\nquorum G\n", "line 4"),
        (THREE + "group G 0 W1\nquorum G\n", "line 4"), (THREE + "group G x W1\nquorum G\n", "line 4"),
        (THREE + "group G 1\nquorum G\n", "line 4"), (THREE + "group G 1 W9\nquorum G\n", "line 4"),
        (THREE + THREE, "line 4"), ("witness W x https://w.example\n", "line 1"),
        (f"witness W {VKEYS[0]} ftp://w.example\n", "line 1"), (f"witness W {VKEYS[0]}\n", "line 1"),
        (f"witness W {identity().first.key.text} https://w.example\n", "a log's key is no witness's"),
        ("nonsense\n", "line 1"),
    ],
    ids=lambda value: value if "line" in value and len(value) < 9 else "policy",
)  # fmt: skip
def test_a_file_of_witnesses_with_a_fault_is_refused(tmp_path: Path, fresh: Settings, lines: str, told: str) -> None:
    path = tmp_path / "policy"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(keys.KeyRefused, match=told):
        keys.open_issuer(fresh.model_copy(update={"log_witness_file": path}), now=NOW)


Spoil = Callable[[dict[str, object]], object]


def log_entry() -> dict[str, object]:
    (log,) = registered((), identity(stand_in("w1.example").witness, required=1), now=NOW)
    return log.to_json()


def test_a_log_reads_back_as_the_trust_file_tells_it() -> None:
    entry = log_entry()
    assert TrustedLog.read(entry).to_json() == entry


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entry: entry.update(origin="other.example/log"),
        lambda entry: entry.update(witnesses_required=2),
        lambda entry: entry.update(witnesses=entry["witnesses"] * 2),
        lambda entry: entry.update(witnesses=entry["keys"][:1]),
        lambda entry: entry.update(keys=entry["keys"] * 2),
        lambda entry: entry.update(keys=entry["witnesses"]),
        lambda entry: entry["keys"][0].update(vkey="x+00000000+AAAA"),
        lambda entry: entry["keys"][0].update(to="2020-01-01T00:00:00Z"),
        lambda entry: entry["keys"][0].update({"from": "2020-02-30T00:00:00Z"}),
    ],
)
def test_a_trust_file_whose_log_contradicts_itself_is_refused(fresh: Settings, spoil: Spoil) -> None:
    facts = keys.trust(keys.open_issuer(fresh, now=NOW), now=NOW)
    facts["issuers"][0]["logs"] = [log_entry()]
    TrustRoot.of(facts)
    spoil(facts["issuers"][0]["logs"][0])
    with pytest.raises(TrustError, match="logs"):
        TrustRoot.of(facts)


@pytest.mark.network
def test_witnesses_named_by_setting_cosign_what_is_handed_out(
    session: Session, fresh: Settings, tmp_path: Path
) -> None:
    stands = [stand_in("w1.example"), stand_in("w2.example", post_quantum=True)]
    log = keys.open_issuer(fresh, now=NOW).log
    with served(stands[0]), served(stands[1]):
        lines = [f"witness W{n} {one.signer.key.text} {one.address}" for n, one in enumerate(stands)]
        path = tmp_path / "policy"
        path.write_text("\n".join([*lines, "group G all W0 W1", "quorum G"]), encoding="utf-8")
        witnessed = fresh.model_copy(update={"log_witness_file": path})
        issuer = keys.open_issuer(witnessed, now=NOW)
        for one in stands:
            one.knows(log)
        proof = LogProof.parse(issue.log_proof(issue_one(session, issuer, witnessed)))
        assert proof.note.signed_by([one.signer.key for one in stands]) == {one.signer.key: NOW for one in stands}
        session.commit()
        stands[1].forced = (503, b"")
        with pytest.raises(LogUnavailable, match="2 witnesses must cosign"):
            issue_one(session, issuer, witnessed)
    trusted = TrustRoot.of(keys.trust(issuer, now=NOW)).issuers[0].logs[0]
    assert trusted.required == 2
    assert {term.key for term in trusted.witnesses} == {one.signer.key for one in stands}
