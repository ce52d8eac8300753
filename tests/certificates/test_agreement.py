"""The credential and the status lists, judged by a published implementation of W3C's data model and of JSON-LD.

Digital Bazaar's ``vc`` and ``jsonld`` bring W3C's own context. No registry of packages has the context and the schema
of the UN Transparency Protocol's release 0.6.0: a stand-in here names its words that are used, so what is shown of
them is only that no word of the credential is without a meaning. The nearest that a package has are types made from the
schema of release 0.5.0, which the credential is held to with the name of the release exchanged.
"""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.certificates import credential
from portal.certificates.keys import Issuer
from portal.certificates.seal import essentials
from portal.certificates.statuslist.form import PURPOSES
from tests import foreign
from tests.certificates.samples import NOW, Issued
from tests.verification.test_listed import signed

UNTP = "https://test.uncefact.org/vocabulary/untp/core/0/"
WORDS = (
    "CredentialIssuer", "DigitalConformityCredential", "ConformityAttestation", "Attestation", "ConformityAssessment",
    "Declaration", "assessorLevel", "assessmentLevel", "attestationType", "issuedToParty", "registeredId", "assessment",
    "conformityTopic", "conformance",
)  # fmt: skip
STAND_IN = {"@context": {"@protected": True, **{word: UNTP + word for word in WORDS}}}
Change = Callable[[dict[str, Any]], Any]


def payload(token: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==")))


# What is changed, and a word of what is said of it: by the data model, or (after "dropped") by JSON-LD.
CHANGES: dict[str, tuple[Change, str]] = {
    "no type": (lambda d: d.pop("type"), '"type" property'),
    "another type": (lambda d: d.update(type=["DigitalConformityCredential"]), "VerifiableCredential"),
    "no issuer": (lambda d: d.pop("issuer"), '"issuer" property'),
    "an issuer that is no address": (lambda d: d["issuer"].update(id="somebody"), "issuer"),
    "no subject": (lambda d: d.pop("credentialSubject"), "credentialSubject"),
    "an empty subject": (lambda d: d.update(credentialSubject={}), "credentialSubject"),
    "without W3C's context": (lambda d: d["@context"].pop(0), "context"),
    "contexts in another order": (lambda d: d["@context"].reverse(), "context"),
    "a day without a time": (lambda d: d.update(validFrom="2026-11-24"), "validFrom"),
    "a day that is none": (lambda d: d.update(validUntil="soon"), "validUntil"),
    "not begun": (lambda d: d.update(validFrom="2027-01-01T00:00:00Z"), "before"),
    "ended": (lambda d: d.update(validUntil="2026-11-01T00:00:00Z"), "after"),
    "a status without a type": (lambda d: d["credentialStatus"][0].pop("type"), "type"),
    "a status of an unknown place": (lambda d: d["credentialStatus"][0].update(id="nowhere"), "credentialStatus.id"),
    "evidence without a type": (lambda d: d["evidence"][0].pop("type"), "evidence"),
    "a word without a meaning": (lambda d: d.update(risk="none"), "dropped"),
    "a word without a meaning inside": (lambda d: d["credentialSubject"].update(licence="granted"), "dropped"),
    "our words without our context": (lambda d: d["@context"].pop(), "dropped"),
}


@pytest.fixture(scope="module")
def told(issued: Issued, issuer: Issuer) -> dict[str, dict[str, Any]]:
    """What the others say of everything, asked at once."""
    facts = json.loads(issued.statement)
    essential = essentials(facts, issued.digest)
    asked = {"credential": payload(issued.token)}
    asked |= {f"list of {each}": payload(signed(issuer, essential, each, begins=NOW)) for each in PURPOSES}
    before_lists = {name: value for name, value in facts.items() if name != "status_list"}
    asked["older"] = credential.build(before_lists, issued.digest, issued.log_proof)
    for name, (change, _) in CHANGES.items():
        changed = copy.deepcopy(asked["credential"])
        change(changed)
        asked[name] = changed
    own = asked["credential"]["@context"][2]
    contexts = {credential.CONFORMITY_CONTEXT: STAND_IN, own: credential.context()}
    return dict(
        zip(asked, foreign.judged(list(asked.values()), contexts=contexts, now="2026-11-25T00:00:00Z"), strict=True)
    )


@pytest.mark.parametrize("name", ["credential", "older", *(f"list of {each}" for each in PURPOSES)])
def test_what_is_issued_is_accepted_and_every_word_of_it_has_a_meaning(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    assert (told[name]["refused"], told[name]["dropped"]) == ("", "")


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_tampered_with_is_refused(told: dict[str, dict[str, Any]], name: str) -> None:
    found, word = told[name], CHANGES[name][1]
    if word == "dropped":
        assert found["dropped"]
    else:
        assert word in found["refused"]


def test_the_statement_keeps_its_every_byte_in_json_ld(told: dict[str, dict[str, Any]], issued: Issued) -> None:
    (whole,) = told["credential"]["expanded"]
    (subject,) = whole["https://www.w3.org/2018/credentials#credentialSubject"]
    (literal,) = subject["urn:due-diligence-portal:v1:statement"]
    assert literal == {"@type": "@json", "@value": json.loads(issued.statement)}


UNTYPED: dict[str, tuple[Change, str]] = {
    "an assessment without a topic": (
        lambda d: d["credentialSubject"]["assessment"][0].pop("conformityTopic"), "conformityTopic"
    ),
    "a topic that is none": (
        lambda d: d["credentialSubject"]["assessment"][0].update(conformityTopic="export.control"), "export.control"
    ),
    "an assessor of no level": (lambda d: d["credentialSubject"].update(assessorLevel="4thParty"), "4thParty"),
    "an issuer without a name": (lambda d: d["issuer"].pop("name"), "name"),
    "a party without a name": (lambda d: d["credentialSubject"]["issuedToParty"].pop("name"), "name"),
    "conformance in words": (
        lambda d: d["credentialSubject"]["assessment"][0].update(conformance="yes"), "boolean"
    ),
}  # fmt: skip


def test_the_types_of_the_transparency_protocol_take_what_is_issued_and_nothing_else(
    issued: Issued, tmp_path: Path
) -> None:
    good = payload(issued.token)
    good["@context"] = [good["@context"][0], good["@context"][1].replace("0.6.0", "0.5.0")]
    asked = [good]
    for change, _ in UNTYPED.values():
        asked.append(copy.deepcopy(good))
        change(asked[-1])
    accepted, *refused = foreign.mistyped(asked, tmp_path)
    assert accepted == []
    for (name, (_, word)), told in zip(UNTYPED.items(), refused, strict=True):
        assert any(word in line for line in told), (name, told)
