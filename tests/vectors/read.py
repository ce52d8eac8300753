"""Read the test vectors, and hold a report against what one expects."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from portal.certificates.trust import TrustRoot
from portal.verification import presented
from portal.verification.comparison import with_match
from portal.verification.listed import ListedStatus, Seen
from portal.verification.verify import verify

FOLDER = Path(__file__).parent
PARTS = ("integrity", "issuer", "status", "attestation", "match")


@dataclass(frozen=True)
class Vector:
    """One vector with the lists and proofs that it names."""

    group: str
    facts: dict[str, Any]
    lists: dict[str, str]
    proofs: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.group}: {self.facts['name']}"

    @property
    def evidence(self) -> bytes:
        given = self.facts["input"]
        if "file" in given:
            return (FOLDER / given["file"]).read_bytes() + base64.b64decode(given.get("appended", ""))
        return given["text"].encode("utf-8") if "text" in given else base64.b64decode(given["base64"])

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.facts["now"])

    @property
    def tokens(self) -> list[str] | None:
        """The status lists at hand; nothing where there are none at all."""
        named = self.facts["status_lists"]
        return None if named is None else [self.lists[name] for name in named]

    @property
    def log_proof(self) -> str:
        return self.proofs.get(self.facts.get("log_proof", ""), "")

    def report(self) -> dict[str, Any]:
        """What the portal's own verifier says."""
        return examined(self.facts, self.lists, self.proofs)

    def check(self, report: dict[str, Any], *, browser: bool = False) -> None:
        """Fail unless a report gives the codes that are expected, and the summary that follows from them."""
        expected = dict(self.facts["expected"])
        if browser and "browser" in self.facts:
            expected = dict(zip(PARTS, self.facts["browser"], strict=False))
        found = {part: report[part]["code"] for part in PARTS if report[part]}
        if report["match"]:
            found["fields"] = {field: verdict["code"] for field, verdict in report["match"]["fields"].items()}
        assert found == expected, f"{self.name}: {found}, not {expected}"
        answers = [report[part]["answer"] for part in ("integrity", "issuer", "status", "match") if report[part]]
        told = {"no": "not_valid"} if "no" in answers else {"could_not_tell": "could_not_tell"}
        assert report["summary"] == next((told[one] for one in answers if one in told), "valid"), self.name


def vectors() -> list[Vector]:
    """Every vector of every file."""
    shared = json.loads((FOLDER / "shared.json").read_text("utf-8"))
    return [
        Vector(path.stem.removeprefix("vectors-"), facts, **shared)
        for path in sorted(FOLDER.glob("vectors-*.json"))
        for facts in json.loads(path.read_text("utf-8"))["vectors"]
    ]


def examined(facts: dict[str, Any], lists: dict[str, str], proofs: dict[str, str]) -> dict[str, Any]:
    """The report of the portal's own verifier on a vector, as machines get it."""
    vector = Vector("", facts, lists, proofs)
    trust = TrustRoot.read(FOLDER / facts["trust"])
    with TemporaryDirectory() as folder:
        memory = Path(folder) / "seen.json"
        memory.write_text(json.dumps(facts.get("seen", {})), "utf-8")
        source = None if vector.tokens is None else ListedStatus(vector.tokens, trust, seen=Seen(memory))
        report = verify(vector.evidence, trust=trust, status=source, now=vector.now, log_proof=vector.log_proof)
    return with_match(report, presented.read(facts.get("presented", {}))).to_json()
