"""Make the test vectors anew, with keys that are made for them alone: ``python -m tests.vectors.make``.

What each vector must give is declared here, or beside the attack that it comes from; the verifier's own answer is
only compared with that.
"""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from portal.certificates import credential, keys, seal
from portal.certificates.keys import Issuer
from portal.certificates.seal import Essentials, essentials
from portal.certificates.statuslist import form
from portal.certificates.statuslist.form import PURPOSES
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.db import Base, open_engine, session_factory
from portal.verification.reasons import reasons
from tests.certificates.samples import NOW, Issued, draft, held, issue_one
from tests.certificates.test_attested import sealed
from tests.vectors.read import FOLDER, examined, vectors
from tests.verification import scans
from tests.verification.attacks import World
from tests.verification.attacks_on_pictures import picture
from tests.verification.attacks_on_scans import sheet
from tests.verification.attacks_on_seals import proper_header, resealed
from tests.verification.every_attack import ATTACKS
from tests.verification.test_listed import moment, signed, spelt, zeros

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + HOUR
# Bytes. Larger attacks are tested where they are made.
LARGEST = 16 * 1024
VALID = ["valid/revocation", "valid/suspension", "valid/message"]
# A browser examines no PDF, and does not decode what is left of this picture; neither is an answer.
NO_PDF, UNREADABLE = (123, 220, 355), {"picture cut off"}
# PDFs are files of their own; what an attacker appended to the genuine one is told beside its name.
GENUINE = "genuine.pdf"
WHOLE = {"pdf with the seal of another certificate on its page": "other-seal.pdf"}
PRESENTED = {"hs_codes": "811299", "net_weight_kg": "12", "consignee": "JENAER OPTIKWERK GMBH", "destination": "DE"}


Evidence = bytes | str | dict[str, str]


@contextmanager
def issuing(folder: Path, name: str, **settings: Any) -> Iterator[tuple[Any, Issuer, Settings]]:
    """A register of its own, with an issuer whose keys nobody else has."""
    made = Settings(instance=folder / name, public_address="http://127.0.0.1:8000", **settings)
    issuer = keys.open_issuer(made, now=NOW)
    engine = open_engine(f"sqlite:///{folder / name}.sqlite3")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        yield session, issuer, made
    engine.dispose()


class Maker:
    """Collects vectors by the file that they go into, and what they share."""

    def __init__(self) -> None:
        self.groups: dict[str, list[dict[str, Any]]] = {}
        self.lists: dict[str, str] = {}
        self.proofs: dict[str, str] = {}

    def add(
        self, group: str, name: str, evidence: bytes | str | dict[str, str], told: tuple[int, int, int], **more: Any
    ) -> None:
        """One vector; ``told`` are the codes of integrity, issuer and status that it must give."""
        expected = dict(zip(("integrity", "issuer", "status"), told, strict=True)) | more.pop("expected", {})
        terms = {"trust": "trust.json", "now": moment(LATER), "status_lists": VALID, **more}
        self.groups.setdefault(group, []).append(
            {"name": name, "input": _input(evidence), **terms, "expected": expected}
        )


def _input(evidence: Evidence) -> dict[str, str]:
    if isinstance(evidence, dict):
        return evidence
    data = evidence.encode("utf-8") if isinstance(evidence, str) else evidence
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _file(name: str, data: bytes) -> dict[str, str]:
    (FOLDER / name).write_bytes(data)
    return {"file": name}


def _small(name: str, evidence: bytes, genuine: bytes) -> Evidence | None:
    """How an attack is written down; nothing for one that is too large."""
    if name in WHOLE:
        return _file(WHOLE[name], evidence)
    rest = evidence[len(genuine) :]
    if evidence.startswith(genuine) and len(rest) <= LARGEST:
        return {"file": GENUINE, "appended": base64.b64encode(rest).decode("ascii")}
    return evidence if len(evidence) <= LARGEST else None


def genuine(make: Maker, world: World) -> None:
    one = world.issued
    both = f"{one.seal}\n{one.proof_code}"
    make.add("genuine", "seal and proof code", both, (100, 201, 300))
    make.add("genuine", "proof code and seal", f"{one.proof_code}\r\n{one.seal}\n", (100, 201, 300))
    make.add("genuine", "seal with the proof from elsewhere", one.seal, (100, 201, 300), log_proof="genuine")
    make.add("genuine", "seal without proof of the log", one.seal, (122, 201, 300))
    make.add("genuine", "proof code alone", one.proof_code, (118, 220, 355))
    make.add("genuine", "picture of the seal", one.png, (122, 201, 300))
    make.add("genuine", "picture of both codes", picture(one.seal, one.proof_code), (100, 201, 300))
    weak = {"attestation": 510}
    make.add("genuine", "credential", one.token, (100, 201, 300), expected=weak)
    make.add("genuine", "credential as a file", one.json, (100, 201, 300), expected=weak)
    make.add("genuine", "credential without status lists", one.token, (100, 201, 350), expected=weak, status_lists=None)
    make.add("genuine", "number alone", one.number, (110, 220, 356))
    make.add("genuine", "statement without signature", one.statement, (111, 220, 355))
    ended = moment(NOW + 200 * DAY)
    make.add("genuine", "expired", one.token, (100, 201, 312), expected=weak, now=ended, status_lists=None)
    make.add("genuine", "expired seal with lists", both, (100, 201, 312), now=ended)
    make.add("genuine", "not yet valid", both, (100, 201, 317), now=moment(NOW - HOUR))
    given = _file(GENUINE, one.pdf)
    make.add("pdf", "genuine", given, (100, 201, 300), expected=weak, browser=NO_PDF)
    paper = scans.scanned(sheet(one.seal, one.proof_code), kind="fax")
    make.add("pdf", "scan of the two codes", paper, (101, 201, 300), browser=NO_PDF)
    alone = scans.scanned(sheet(one.seal), kind="fax")
    make.add("pdf", "scan of the seal alone", alone, (122, 201, 300), browser=NO_PDF)


def compared(make: Maker, world: World) -> None:
    one = world.issued
    both, weak = f"{one.seal}\n{one.proof_code}", {"attestation": 510}
    fields = {"hs_codes": 420, "net_weight_kg": 421, "consignee": 422, "destination": 424}
    found = {"match": 400, "fields": fields}
    make.add("compared", "everything agrees", one.token, (100, 201, 300), presented=PRESENTED, expected=weak | found)
    make.add("compared", "everything agrees with the seal", both, (100, 201, 300), presented=PRESENTED, expected=found)
    other = {
        "hs_codes": "810110 8112991000", "net_weight_kg": "12.50000001", "consignee": "Jenaer Optikwerke GmbH",
        "destination": "RU", "container": "CSQU3054383", "declaration": "530120261180000001",
    }  # fmt: skip
    fields = {
        "hs_codes": 460, "net_weight_kg": 461, "consignee": 431, "destination": 464, "container": 433,
        "declaration": 434,
    }  # fmt: skip
    found = {"match": 450, "fields": fields}
    make.add("compared", "most of it differs", one.token, (100, 201, 300), presented=other, expected=weak | found)
    found = {"match": 410, "fields": {"consignee": 432, "container": 433}}
    told = {"consignee": "Straße & Söhne KG", "container": "CSQU3054383"}
    make.add("compared", "a seal names only the end user", both, (100, 201, 300), presented=told, expected=found)
    told, found = {"consignee": "Straße & Söhne KG"}, {"match": 450, "fields": {"consignee": 463}}
    make.add("compared", "another consignee", one.token, (100, 201, 300), presented=told, expected=weak | found)
    make.add("compared", "not verified", one.number, (110, 220, 356), presented=PRESENTED,
             expected={"match": 411, "fields": {}})  # fmt: skip


def listed(make: Maker, world: World, facts: Essentials) -> None:
    """Every state that the lists can tell, and every list that must not be believed."""
    assert facts.place is not None

    def put(group: str, *, begins: datetime = NOW, by: Issuer = world.issuer, **more: Any) -> list[str]:
        """Lists of a name; ``more`` exchanges members of the first."""
        names = []
        for purpose in PURPOSES:
            changes = more if purpose == PURPOSES[0] else {"state": more.get("state", "valid")}
            make.lists[f"{group}/{purpose}"] = signed(by, facts, purpose, begins=begins, **changes)
            names.append(f"{group}/{purpose}")
        return names

    def tell(name: str, code: int, lists: list[str], **more: Any) -> None:
        told = (100, 201, code)
        make.add("status", name, world.issued.token, told, status_lists=lists, expected={"attestation": 510}, **more)

    put("valid")
    for state, code in (("suspended", 310), ("revoked", 311), ("superseded", 313), ("used_up", 314)):
        tell(state.replace("_", " "), code, put(state, state=state))
    tell("ended for a reason that is not told", 318, ["revoked/revocation", "valid/suspension"])
    tell("one list is enough for no", 310, ["suspended/suspension"])
    tell("yes needs both lists", 368, ["valid/revocation"])
    tell("no list of this address", 368, [])
    tell("expired list", 362, VALID, now=moment(NOW + DAY + HOUR))
    tell("list from the future", 364, put("ahead", begins=NOW + 2 * HOUR))
    tell("list made to last too long", 364, put("lasting", validUntil=moment(NOW + 30 * DAY)))
    lies_at = form.address(world.issuer.status_address, facts.place.number, "revocation")
    tell("rolled back list", 363, VALID, seen={lies_at: int((NOW + HOUR / 2).timestamp())})
    tell("list from before the certificate", 360, put("before", begins=NOW - HOUR))
    tell("list of another issuer of the same name", 360, put("mallory", by=world.mallory))
    tell("list of another purpose", 361, put("purpose", subject={"statusPurpose": "suspension"}))
    tell("list of another address", 368, put("address", id=f"{lies_at}x"))
    tell("list that unpacks to gigabytes", 365, put("bomb", subject={"encodedList": spelt(zeros(2_000_000))}))
    tell("list that is too short", 366, put("short", subject={"encodedList": spelt(zeros(100))}))
    tell("list that is not compressed", 364, put("plain", subject={"encodedList": "uAAAA"}))
    tell("list of another type", 364, put("type", type=["VerifiableCredential"]))
    text = make.lists["valid/revocation"]
    make.lists["cut"] = text[:-22]
    tell("list that was cut off", 360, ["cut", *VALID[1:]])


def trusted(make: Maker, world: World, facts: dict[str, Any]) -> None:
    """The same certificate under trust files that say other things of its key."""

    def file(name: str, **changes: Any) -> str:
        told = json.loads(json.dumps(facts))
        for key in told["issuers"][0]["keys"]:
            if key["use"] == "seal":
                key.update(changes)
        _write(f"{name}.json", told)
        return f"{name}.json"

    one, none = world.issued, None
    ended = file("trust-key-ended", **{"from": moment(NOW - 30 * DAY), "to": moment(NOW - DAY)})
    begun = file("trust-key-not-begun", **{"from": moment(NOW + DAY)})
    for name, path in (("ended", ended), ("begins later", begun)):
        make.add("keys", f"credential whose key {name}", one.token, (100, 211, 355), trust=path, status_lists=none)
        make.add("keys", f"seal whose key {name}", one.seal, (100, 211, 355), trust=path, status_lists=none)
    before = file("trust-compromised-before", compromised={"since": moment(NOW - HOUR), "log_entries": 0})
    make.add("keys", "key in other hands before", one.token, (100, 214, 355), trust=before, status_lists=none)
    after = file("trust-compromised-after", compromised={"since": moment(NOW + HOUR), "log_entries": 1})
    weak = {"attestation": 510}
    make.add(
        "keys", "older than the compromise", one.token, (100, 202, 350), trust=after, status_lists=none, expected=weak
    )
    make.add("keys", "age unproven", one.seal, (122, 221, 350), trust=after, status_lists=none)
    late = file("trust-compromised-late", compromised={"since": moment(NOW + HOUR), "log_entries": 0})
    make.add(
        "keys", "entered after the compromise", one.token, (100, 214, 350), trust=late, status_lists=none, expected=weak
    )


def attacked(make: Maker, world: World) -> None:
    """Every attack of the tests that is small, with the reasons that its maker has declared."""
    codes = {reason.key: reason.code for reason in reasons().values()}
    for name, (attack, declared) in ATTACKS.items():
        evidence = attack(world)
        given = _small(name, evidence, world.issued.pdf)
        if given is None:
            continue
        group = next(
            (kind for kind in ("seal", "credential", "picture", "pdf", "scan") if name.startswith(kind)), "other"
        )
        vector = {"name": name, "input": _input(given), "trust": "trust.json", "now": moment(NOW + HOUR / 4)}
        vector |= {"status_lists": VALID, "log_proof": "genuine", "expected": {}}
        found = examined(vector, make.lists, make.proofs)
        told = tuple(found[part]["code"] for part in ("integrity", "issuer", "status"))
        if not {codes[key] for key in declared} & set(told[:2]) or found["summary"] == "valid":
            raise AssertionError(f"{name}: {told}, not {sorted(declared)}")
        vector["expected"] = dict(zip(("integrity", "issuer", "status"), told, strict=True))
        if evidence.startswith(b"%PDF-"):
            vector["browser"] = NO_PDF
        elif name in UNREADABLE:
            vector["browser"] = (112, 220, 355)
        make.groups.setdefault(f"hostile-{group}s" if group != "other" else "hostile-others", []).append(vector)


def _write(name: str, told: Any) -> None:
    (FOLDER / name).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def more_issuers(make: Maker, folder: Path) -> None:
    """Certificates of an issuer that seals with Ed25519, and of one whose officer attested with a passkey."""
    with issuing(folder, "ed25519", seal_algorithm="Ed25519") as (session, issuer, settings):
        trust = keys.trust(issuer, now=NOW)
        _write("trust-ed25519.json", trust)
        one = held(issue_one(session, issuer, settings), TrustRoot.of(trust))
        both = f"{one.seal}\n{one.proof_code}"
        own = {"trust": "trust-ed25519.json", "status_lists": None}
        make.add("ed25519", "seal and proof code", both, (100, 201, 350), **own)
        make.add("ed25519", "credential", one.token, (100, 201, 350), expected={"attestation": 510}, **own)
        broken = one.token[:-4] + ("AAAA" if not one.token.endswith("AAAA") else "BBBA")
        make.add("ed25519", "credential with another signature", broken, (150, 220, 355), **own)
    with issuing(folder, "passkey") as (session, issuer, settings):
        trust = keys.trust(issuer, now=NOW)
        _write("trust-passkey.json", trust)
        own = {"trust": "trust-passkey.json", "status_lists": None}
        one = held(issue_one(session, issuer, settings, **sealed(draft())), TrustRoot.of(trust))
        make.add("passkeys", "attested", one.token, (100, 201, 350), expected={"attestation": 500}, **own)
        stale = held(issue_one(session, issuer, settings, **sealed(draft(), counter_before=9_999)), one.trust)
        make.add(
            "passkeys", "counter that did not grow", stale.token, (100, 201, 350), expected={"attestation": 511}, **own
        )


def older(make: Maker, world: World, facts: Essentials) -> None:
    """A seal from before there were status lists."""
    claims = seal.encode_claims(replace(facts, place=None), 0)
    evidence = resealed(world, world.issuer, proper_header(world.issuer), claims)
    make.add("genuine", "seal from before there were lists", evidence, (100, 201, 359), log_proof="genuine")


def main() -> None:
    """Write every file of the folder anew."""
    for path in (*FOLDER.glob("*.json"), *FOLDER.glob("*.pdf")):
        path.unlink()
    folder, make = Path(tempfile.mkdtemp()), Maker()
    with issuing(folder, "issuer") as (session, issuer, settings):
        trust = keys.trust(issuer, now=NOW)
        _write("trust.json", trust)
        one: Issued = held(issue_one(session, issuer, settings), TrustRoot.of(trust))
        mallory = keys.open_issuer(
            Settings(instance=folder / "mallory", public_address=settings.public_address), now=NOW
        )
        world = World(one, issuer, mallory, settings)
        facts = essentials(json.loads(one.statement), one.digest)
        make.proofs["genuine"] = credential.enclosed_log_proof(one.json)
        listed(make, world, facts)
        later = held(issue_one(session, issuer, settings, now=LATER), one.trust)
        told, more = (100, 201, 353), {"now": moment(LATER + HOUR), "expected": {"attestation": 510}}
        make.add("status", "list from before a later certificate", later.token, told, **more)
        genuine(make, world)
        older(make, world, facts)
        compared(make, world)
        trusted(make, world, trust)
        attacked(make, world)
    more_issuers(make, folder)
    _write("shared.json", {"lists": make.lists, "proofs": make.proofs})
    for group, found in make.groups.items():
        _write(f"vectors-{group}.json", {"vectors": found})
    for vector in vectors():
        vector.check(vector.report())
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
