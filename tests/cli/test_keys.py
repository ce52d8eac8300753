"""``portal keys``: made once, rotated without harm to what was signed before."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import GERMANIUM, Portal, Prepared


def trust_file(portal: Portal, path: Path) -> Path:
    told = portal.call("keys", "show", "--trust")
    assert (told.code, told.err) == (0, "")
    path.write_text(told.out, encoding="utf-8")
    return path


def test_keys_are_made_once_and_marked_test(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "instance")
    first = portal.call("keys", "init")
    assert (first.code, first.err) == (0, "")
    assert "TEST" in first.out.splitlines()[0]
    assert portal.call("keys", "init").out == first.out
    assert portal.call("keys", "show").out == first.out


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "instance")
    portal.call("keys", "init")
    private = [path for path in portal.instance.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert private
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in private} == {0}


def test_the_trust_file_holds_no_secret(prepared: Prepared, tmp_path: Path) -> None:
    text = trust_file(prepared.portal, tmp_path / "trust.json").read_text(encoding="utf-8")
    assert json.loads(text)
    assert "PRIVATE" not in text
    assert '"d":' not in text


def test_old_certificates_stay_valid_after_rotation(own: Prepared, tmp_path: Path) -> None:
    before = trust_file(own.portal, tmp_path / "before.json")
    told = own.portal.call("keys", "rotate")
    assert (told.code, told.err) == (0, "")
    after = trust_file(own.portal, tmp_path / "after.json")
    assert after.read_text(encoding="utf-8") != before.read_text(encoding="utf-8")
    for kind in ("pdf", "json", "png"):
        assert own.portal.call("verify", own.file(kind)).code == 0
        offline = own.portal.call("verify", own.file(kind), "--trust", after, "--offline", "--json")
        assert offline.code == 2
        assert json.loads(offline.out)["issuer"]["answer"] == "yes"


def test_a_certificate_of_the_new_keys_needs_the_new_trust_file(own: Prepared, tmp_path: Path) -> None:
    before = trust_file(own.portal, tmp_path / "before.json")
    assert own.portal.call("keys", "rotate").code == 0
    after = trust_file(own.portal, tmp_path / "after.json")
    case = tmp_path / "case.json"
    plain = json.loads(GERMANIUM.read_text(encoding="utf-8"))
    plain["shipment"]["reference"] = "ROTATED"
    case.write_text(json.dumps(plain), encoding="utf-8")
    assert own.portal.call("certify", case, "--out", tmp_path / "new").code == 0
    for path in (tmp_path / "new").iterdir():
        assert own.portal.call("verify", path).code == 0
        answers = [
            json.loads(own.portal.call("verify", path, "--trust", trust, "--offline", "--json").out)["issuer"]["answer"]
            for trust in (before, after)
        ]
        assert answers[0] != "yes"
        assert answers[1] == "yes"


@pytest.mark.parametrize("command", [("keys", "init"), ("keys", "rotate")])
def test_keys_of_the_settings_that_are_not_there_are_named(
    prepared: Prepared, tmp_path: Path, command: tuple[str, ...]
) -> None:
    gone = tmp_path / "no-such-key.pem"
    told = prepared.portal.call(*command, PORTAL_ISSUER_KEY_FILE=str(gone), PORTAL_ISSUER_CHAIN_FILE=str(gone))
    assert (told.code, told.out) == (2, "")
    assert told.complaint


def test_a_key_is_declared_compromised_and_its_certificates_are_listed(own: Prepared, tmp_path: Path) -> None:
    portal = own.portal
    kid = json.loads(trust_file(portal, tmp_path / "trust.json").read_text("utf-8"))["issuers"][0]["keys"][0]["jwk"][
        "kid"
    ]
    assert portal.call("keys", "compromised", kid, "--since", "2099-01-01T00:00:00Z").code == 2
    assert portal.call("keys", "compromised", "no-such-key", "--since", "2020-01-01").code == 2
    assert portal.call("keys", "affected", kid, "--json").out.strip() == "[]", "nothing is in doubt before"
    told = portal.call("keys", "compromised", kid, "--since", "2020-01-01T00:00:00Z", "--json")
    assert told.code == 0, told.err
    [row] = json.loads(told.out)
    assert row["state"] == "valid"
    again = portal.call("keys", "affected", kid[:12])
    assert (again.code, row["number"] in again.out) == (0, True)
    assert "1 certificates are in doubt" in again.out
    assert "compromised since 2020-01-01 00:00 UTC" in portal.call("keys", "show").out
    after = json.loads(trust_file(portal, tmp_path / "after.json").read_text("utf-8"))["issuers"][0]["keys"]
    assert [one["compromised"]["log_entries"] for one in after if one["jwk"]["kid"] == kid and "compromised" in one]
    assert portal.call("verify", own.file("pdf")).code == 1
