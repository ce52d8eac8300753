"""The published test vectors in a browser: the page's own modules say word for word what the portal says."""

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from portal.certificates.log.note import Checkpoint, MlDsaSigner, NoteSignature, SignedCheckpoint
from tests.browser.conftest import Visit
from tests.certificates.samples import NOW
from tests.vectors.read import FOLDER, vectors

pytestmark = pytest.mark.browser
RUN = """async ({ vectors, trusts }) => {
  const at = (name) => import(`/static/offline/${name}.js`);
  const [{ verify }, { withMatch }, { readPresented }, { StatusLists }, { Trust }, { readPicture }] = await Promise.all(
    ["verify", "comparison", "presented", "status", "trust", "pictures"].map(at));
  const rules = await (await fetch("/verify/offline/rules.json")).json();
  const known = {};
  for (const [name, text] of Object.entries(trusts)) known[name] = await Trust.read(text, rules.trust_schema);
  const reports = [];
  for (const { evidence, trust, now, tokens, seen, logProof, presented } of vectors) {
    const bytes = Uint8Array.from(atob(evidence), (letter) => letter.charCodeAt(0));
    const memory = new Map(Object.entries(seen).map(([address, seconds]) => [address, seconds * 1000]));
    const status = tokens && new StatusLists(tokens, memory);
    const world = { rules, trust: known[trust], status, now: Date.parse(now), logProof, readPicture };
    reports.push(withMatch(await verify(bytes, world), readPresented(presented).presented, rules));
  }
  return reports;
}"""


def test_the_browser_says_what_the_portal_says(visit: Visit) -> None:
    page = visit().open("/verify/offline/")
    known = vectors()
    given = [
        {
            "evidence": base64.b64encode(vector.evidence).decode("ascii"),
            "trust": vector.facts["trust"],
            "now": vector.facts["now"],
            "tokens": vector.tokens,
            "seen": vector.facts.get("seen", {}),
            "logProof": vector.log_proof,
            "presented": vector.facts.get("presented", {}),
        }
        for vector in known
    ]
    trusts = {path.name: path.read_text("utf-8") for path in Path(FOLDER).glob("trust*.json")}
    reports: list[dict[str, Any]] = page.evaluate(RUN, {"vectors": given, "trusts": trusts})
    differing = []
    for vector, report in zip(known, reports, strict=True):
        vector.check(report, browser=True)
        if "browser" not in vector.facts and report != vector.report():
            differing.append(vector.name)
    assert not differing


SIGNED = """async ({ keys, notes }) => {
  const { readNote, signedBy, verifierKey } = await import("/static/offline/note.js");
  const known = await Promise.all(keys.map(verifierKey));
  const times = async (note) => [...(await signedBy(readNote(note), known)).values()];
  return Promise.all(notes.map((note) => times(note).catch((error) => error.message)));
}"""


def test_cosignatures_by_ml_dsa_are_counted_and_a_wrong_one_is_told(visit: Visit) -> None:
    page = visit().open("/verify/offline/")
    checkpoint, witness = (
        Checkpoint("log.example", 7, bytes(range(32))),
        MlDsaSigner("w.example", MLDSA44PrivateKey.generate()),
    )
    good = witness.sign(checkpoint, now=NOW)
    later = (int(NOW.timestamp()) + 1).to_bytes(8, "big")
    moved = NoteSignature(good.name, good.key_id, later + good.signature[8:])
    larger = Checkpoint(checkpoint.origin, 8, checkpoint.root)
    notes = [SignedCheckpoint(*one).text for one in ((checkpoint, (good,)), (checkpoint, (moved,)), (larger, (good,)))]
    told = page.evaluate(SIGNED, {"keys": [witness.key.text], "notes": notes})
    assert told == [[NOW.timestamp() * 1000], "w.example", "w.example"]
