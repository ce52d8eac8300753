"""A certificate's status from lists alone: what they say, and every list that must not be believed."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.certificates import issue, keys, status, tokens
from portal.certificates.keys import Issuer
from portal.certificates.seal import Essentials, essentials
from portal.certificates.statuslist import form, publish
from portal.certificates.statuslist.form import PURPOSES, Place, Purpose
from portal.certificates.trust import TrustRoot
from portal.config import Settings
from portal.verification.listed import ListedStatus, Seen
from portal.verification.verify import verify
from tests.certificates.samples import NOW, Issued, issue_one
from tests.certificates.test_status import OFFICER
from tests.verification.attacks import World

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


@pytest.fixture(scope="module")
def facts(issued: Issued) -> Essentials:
    return essentials(json.loads(issued.statement), issued.digest)


def moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(
    by: Issuer, facts: Essentials, purpose: Purpose, state: str = "valid", begins: datetime = NOW, **changes: Any
) -> str:
    """A list that says one state of the certificate, with members exchanged; those of its subject as ``subject``."""
    assert facts.place is not None
    lies_at = form.address(by.status_address, facts.place.number, purpose)
    values = form.values_of({facts.place.index: state}, purpose)
    terms = {"begins": moment(begins), "ends": moment(begins + form.LIFE)}
    told = form.content(by.id, lies_at, purpose, values, **terms)
    told["credentialSubject"] |= changes.pop("subject", {})
    return tokens.sign({**told, **changes}, signer=by.seal, typ=form.JWT_TYPE)


def code(
    issued: Issued,
    lists: list[str] | Path,
    *,
    seen: Seen | None = None,
    at: datetime = LATER,
    trust: TrustRoot | None = None,
) -> int:
    source = ListedStatus(lists, trust or issued.trust, seen=seen)
    report = verify(issued.token.encode(), trust=trust or issued.trust, status=source, now=at)
    assert (report.summary == "valid") == (report.status.code == 300)
    assert report.integrity.code == 100
    return report.status.code


@pytest.mark.parametrize(
    ("state", "told"), [("valid", 300), ("suspended", 310), ("revoked", 311), ("superseded", 313), ("used_up", 314)]
)
def test_each_state_is_its_own_answer_with_the_date_of_the_list(
    issued: Issued, issuer: Issuer, facts: Essentials, state: str, told: int
) -> None:
    lists = [signed(issuer, facts, purpose, state) for purpose in PURPOSES]
    assert code(issued, lists) == told
    source = ListedStatus(lists, issued.trust)
    for evidence in (issued.seal, issued.token):
        report = verify(evidence.encode(), trust=issued.trust, status=source, now=LATER, log_proof=issued.log_proof)
        assert (report.status.code, report.status_as_of) == (told, NOW)
        assert "2026-11-24 09:00 UTC" in report.status.text.en


def test_no_needs_one_list_and_yes_needs_both(issued: Issued, issuer: Issuer, facts: Essentials) -> None:
    assert code(issued, [signed(issuer, facts, "revocation", "superseded")]) == 318
    assert code(issued, [signed(issuer, facts, "suspension", "suspended")]) == 310
    for purpose in PURPOSES:
        assert code(issued, [signed(issuer, facts, purpose)]) == 368
    assert code(issued, []) == 368
    lists = [signed(issuer, facts, "revocation"), signed(issuer, facts, "suspension", begins=NOW + HOUR / 2)]
    assert code(issued, lists) == 300
    report = verify(issued.token.encode(), trust=issued.trust, status=ListedStatus(lists, issued.trust), now=LATER)
    assert report.status_as_of == NOW, "the older of the two is the date of the answer"


def zeros(count: int) -> bytes:
    return gzip.compress(bytes(count), mtime=0)


def spelt(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).decode().rstrip("=")


EMPTY = zeros(2**14)
OTHER = {"revocation": "suspension", "suspension": "revocation"}
HOSTILE: dict[str, tuple[int, Callable[[Issuer, Essentials, Purpose], str]]] = {
    "from the future": (364, lambda i, f, p: signed(i, f, p, begins=NOW + 24 * HOUR)),
    "made to last for years": (364, lambda i, f, p: signed(i, f, p, validUntil="2036-01-01T00:00:00Z")),
    "without an end": (364, lambda i, f, p: signed(i, f, p, validUntil=None)),
    "with an end before its beginning": (364, lambda i, f, p: signed(i, f, p, validUntil=moment(NOW - HOUR))),
    "with a day for a moment": (364, lambda i, f, p: signed(i, f, p, validFrom="2026-11-24")),
    "of another number": (368, lambda i, f, p: signed(i, replace(f, place=Place(99, 5)), p)),
    "of another address under this one's name": (
        361, lambda i, f, p: signed(i, f, p, subject={"statusPurpose": "refresh"})),
    "of the other purpose": (
        361, lambda i, f, p: signed(i, f, p, subject={"statusPurpose": OTHER[p]})),
    "of two purposes": (361, lambda i, f, p: signed(i, f, p, subject={"statusPurpose": ["revocation", "suspension"]})),
    "of another type": (364, lambda i, f, p: signed(i, f, p, type=["VerifiableCredential"])),
    "of an older standard": (364, lambda i, f, p: signed(i, f, p, subject={"type": "StatusList2021"})),
    "of another issuer by name": (364, lambda i, f, p: signed(i, f, p, issuer="did:web:mallory.example")),
    "with a subject that is text": (364, lambda i, f, p: signed(i, f, p, credentialSubject="valid")),
    "a bomb": (365, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(zeros(2**26))})),
    "twice as long": (365, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(zeros(2**15))})),
    "too short": (366, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(zeros(2**13))})),
    "empty": (366, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(zeros(0))})),
    "cut off": (364, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(EMPTY[:-9])})),
    "with something behind it": (364, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(EMPTY + EMPTY)})),
    "in another multibase": (364, lambda i, f, p: signed(i, f, p, subject={"encodedList": "z" + spelt(EMPTY)[1:]})),
    "not compressed": (364, lambda i, f, p: signed(i, f, p, subject={"encodedList": spelt(bytes(16 * 1024))})),
    "without bits": (364, lambda i, f, p: signed(i, f, p, subject={"encodedList": 7})),
    "one byte changed": (360, lambda i, f, p: signed(i, f, p)[:-6] + "AAAAAA"),
    "not a token": (364, lambda i, f, p: "<html>"),
}  # fmt: skip


@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_list_that_must_not_be_believed_is_no_answer(
    issued: Issued, issuer: Issuer, facts: Essentials, name: str, purpose: Purpose
) -> None:
    told, make = HOSTILE[name]
    others: list[Purpose] = ["suspension" if purpose == "revocation" else "revocation", "message"]
    good = [signed(issuer, facts, other) for other in others]
    assert code(issued, [make(issuer, facts, purpose), *good]) == told


def test_lists_of_mallory_or_of_a_key_that_was_not_in_use_do_not_count(
    issued: Issued, issuer: Issuer, facts: Essentials, world: World
) -> None:
    forged = [signed(world.mallory, facts, purpose) for purpose in PURPOSES]
    assert code(issued, forged) == 360
    both = [*forged, *(signed(issuer, facts, purpose) for purpose in PURPOSES)]
    assert code(issued, both) == 300, "a forged list beside a good one takes nothing from it"
    written = issued.trust.to_json(now=NOW)
    for key in written["issuers"][0]["keys"]:
        key["to"] = moment(NOW + HOUR / 2)
    retired = TrustRoot.of(written)
    assert code(issued, [signed(issuer, facts, purpose) for purpose in PURPOSES], trust=retired) == 300
    late = [signed(issuer, facts, purpose, begins=NOW + HOUR) for purpose in PURPOSES]
    assert code(issued, late, trust=retired) == 360


def test_a_certificate_beyond_the_end_of_the_list_is_no_answer(
    facts: Essentials, issuer: Issuer, issued: Issued
) -> None:
    beyond = replace(facts, place=Place(1, form.ENTRIES))
    lists = [signed(issuer, facts, purpose) for purpose in PURPOSES]
    source = ListedStatus(lists, issued.trust)
    with pytest.raises(Exception, match="status-list-range"):
        source.ask(issuer.trusted, facts.number, now=LATER, facts=beyond)


def test_an_older_list_than_one_that_was_believed_is_refused_for_ever(
    issued: Issued, issuer: Issuer, facts: Essentials, tmp_path: Path
) -> None:
    old = [signed(issuer, facts, purpose) for purpose in PURPOSES]
    new = [signed(issuer, facts, purpose, "revoked", begins=NOW + HOUR) for purpose in PURPOSES]
    memory = tmp_path / "seen.json"
    assert code(issued, old, seen=Seen(memory)) == 300
    assert code(issued, new, seen=Seen(memory)) == 311
    assert code(issued, old, seen=Seen(memory)) == 363
    assert code(issued, [*old, *new], seen=Seen(memory)) == 311
    assert code(issued, old, seen=Seen()) == 300, "another machine has not seen the newer one"
    memory.write_text("garbage")
    assert code(issued, old, seen=Seen(memory)) == 300


def test_a_list_from_before_the_certificate_does_not_vouch_for_it(
    issued: Issued, issuer: Issuer, facts: Essentials
) -> None:
    lists = [signed(issuer, facts, purpose) for purpose in PURPOSES]
    later = replace(facts, issued_at=NOW + HOUR / 2)
    with pytest.raises(Exception, match="status-stale"):
        ListedStatus(lists, issued.trust).ask(issuer.trusted, facts.number, now=LATER, facts=later)


def test_a_list_that_has_run_out_is_no_answer(issued: Issued, issuer: Issuer, facts: Essentials) -> None:
    lists = [signed(issuer, facts, purpose) for purpose in PURPOSES]
    assert code(issued, lists, at=NOW + 24 * HOUR) == 300
    assert code(issued, lists, at=NOW + 25 * HOUR) == 362


def test_a_certificate_from_before_there_were_lists_cannot_be_told(
    issued: Issued, issuer: Issuer, facts: Essentials
) -> None:
    lists = [signed(issuer, facts, purpose) for purpose in PURPOSES]
    with pytest.raises(Exception, match="status-no-list"):
        ListedStatus(lists, issued.trust).ask(issuer.trusted, facts.number, now=LATER, facts=replace(facts, place=None))


def test_a_term_that_has_ended_is_told_whatever_the_list_says(
    issued: Issued, issuer: Issuer, facts: Essentials
) -> None:
    late = datetime(2027, 6, 1, tzinfo=UTC)
    assert code(issued, [], at=late) == 312
    assert code(issued, [signed(issuer, facts, purpose, begins=late) for purpose in PURPOSES], at=late) == 312
    revoked = [signed(issuer, facts, purpose, "revoked", begins=late) for purpose in PURPOSES]
    assert code(issued, revoked, at=late) == 311


def test_what_the_portal_publishes_is_what_a_verifier_reads(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot, tmp_path: Path
) -> None:
    certificate = issue_one(session, issuer, settings)
    token, number = issue.credential_token(certificate), certificate.list_number
    assert number is not None

    def told(at: datetime) -> int:
        for purpose in PURPOSES:
            made = publish.published(session, number, purpose, issuer=issuer, now=at)
            assert made is not None
            (tmp_path / f"{purpose}.jwt").write_text(made.token)
        source = ListedStatus(tmp_path, trust, seen=Seen(tmp_path / "seen.json"))
        return verify(token.encode(), trust=trust, status=source, now=at).status.code

    assert told(LATER) == 300
    status.suspend(session, certificate, reason_code="under-review", reason="x", actor=OFFICER, now=LATER + HOUR)
    assert told(LATER + HOUR) == 310
    status.reinstate(session, certificate, reason_code="review-closed", reason="x", actor=OFFICER, now=LATER + 2 * HOUR)
    assert told(LATER + 2 * HOUR) == 300
    newer = issue_one(session, issuer, settings, revision=2, supersedes=certificate.number)
    assert told(LATER + 3 * HOUR) == 313
    assert newer.list_index != certificate.list_index
    assert keys.trust(issuer, now=NOW)
