"""No attack is accepted, none is answered with a crash, and each meets the reason that it should."""

import logging
import time

import pytest

from portal.certificates.trust import TrustRoot
from portal.verification.sources import StatusAnswer, StatusSource
from portal.verification.verify import verify
from tests.certificates.samples import NOW, Issued
from tests.verification.attacks import World
from tests.verification.every_attack import ATTACKS


class AlwaysValid(StatusSource):
    """The most credulous register, so that only integrity and issuer can save the verifier."""

    def __init__(self, issued: Issued) -> None:
        self._log_proof = issued.log_proof

    def ask(self, issuer: object, number: str, *, now: object, facts: object = None) -> StatusAnswer:
        return StatusAnswer("valid", NOW, NOW, log_proof=self._log_proof)


def test_there_is_an_attack_of_every_kind() -> None:
    assert len(ATTACKS) > 110
    for kind in ("seal", "credential", "picture", "pdf"):
        assert sum(name.startswith(kind) for name in ATTACKS) >= 8, kind


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_not_accepted(name: str, world: World, caplog: pytest.LogCaptureFixture) -> None:
    make, reasons = ATTACKS[name]
    evidence = make(world)
    began = time.thread_time()  # what other threads of the process do is not the attack's
    with caplog.at_level(logging.ERROR):
        report = verify(evidence, trust=world.issued.trust, status=AlwaysValid(world.issued), now=NOW)
    assert time.thread_time() - began < 2
    assert report.summary != "valid"
    assert {report.integrity.key, report.issuer.key} & reasons, (report.integrity.key, report.issuer.key)
    assert not caplog.records, "met a failure that was not foreseen"
    assert report.statement is None
    assert report.essentials is None
    assert "Jena" not in str(report.to_json())


def test_the_same_world_accepts_what_is_genuine(world: World) -> None:
    trust: TrustRoot = world.issued.trust
    for evidence in (world.issued.pdf, world.issued.png, world.issued.seal.encode(), world.issued.json):
        report = verify(evidence, trust=trust, status=AlwaysValid(world.issued), now=NOW)
        assert report.summary == "valid", report.to_json()
