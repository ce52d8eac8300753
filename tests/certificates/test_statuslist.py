"""Status lists: the standard's own example, a second implementation, places, decoys, editions that follow at once."""

import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.ob3 import status as second
from openbadgeslib.ob3 import status_list as second_issuer
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.certificates import status, tokens
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.certificates.status import State
from portal.certificates.statuslist import decoys, form, place, publish
from portal.certificates.statuslist.form import ENTRIES, ListMalformed, Place, Purpose
from portal.certificates.statuslist.models import StatusList
from portal.db import open_engine, session_factory, transaction
from tests.certificates.samples import NOW
from tests.certificates.test_status import HOUR, OFFICER, change, registered

# Example 3 of the Recommendation of 15 May 2025: an empty list.
EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
SOME = st.dictionaries(st.integers(0, ENTRIES - 1), st.integers(1, 3), max_size=40)


def listed(session: Session, issuer: Issuer, count: int = 1) -> Certificate:
    """A certificate of the register with a place in the lists."""
    certificate = registered(session, issuer, count)
    given_place = place.allocate(session, issuer.id, certificate.valid_until)
    certificate.list_number, certificate.list_index = given_place.number, given_place.index
    session.flush()
    return certificate


def read(session: Session, issuer: Issuer, certificate: Certificate, purpose: Purpose, hours: float) -> int:
    """What the published list says of a certificate."""
    assert certificate.list_number is not None
    assert certificate.list_index is not None
    found = publish.published(session, certificate.list_number, purpose, issuer=issuer, now=NOW + hours * HOUR)
    assert found is not None
    facts = tokens.verify(found.token, typ="vc+jwt", find_key=lambda kid: issuer.seal.signer.public_key)
    bits = form.BITS[purpose]
    return form.value(form.unpack(facts["credentialSubject"]["encodedList"], bits), certificate.list_index, bits)


def test_the_example_of_the_standard_is_read() -> None:
    assert form.unpack(EXAMPLE, 1) == bytes(16 * 1024)
    assert len(form.unpack(form.pack({}, 1), 1)) * 8 == ENTRIES


@settings(max_examples=25, deadline=None)
@given(SOME)
def test_what_is_packed_is_read_back_and_a_second_implementation_reads_the_same(values: dict[int, int]) -> None:
    unpacked = form.unpack(form.pack(values, 2), 2)
    assert {at: found for at in (*values, 0, ENTRIES - 1) if (found := form.value(unpacked, at, 2))} == values
    ones = dict.fromkeys(values, 1)
    assert second.set_indices(second.decode_encoded_list(form.pack(ones, 1))) == set(values)
    theirs = form.unpack(second_issuer.encode_bitstring(values), 1)
    assert all(form.value(theirs, index, 1) for index in values)


def test_the_first_entry_is_the_leftmost_bit() -> None:
    assert form.unpack(form.pack({0: 1}, 1), 1)[0] == 0b1000_0000
    assert form.unpack(form.pack({1: 2}, 2), 2)[0] == 0b0010_0000
    with pytest.raises(ListMalformed, match="range"):
        form.value(bytes(16 * 1024), ENTRIES, 1)


def test_the_place_in_a_seal_is_one_number() -> None:
    for found in (Place(1, 0), Place(1, ENTRIES - 1), Place(203, 94567), Place(form.LARGEST_NUMBER, 5)):
        assert Place.of_code(found.code) == found
    for code in (-1, 0, ENTRIES - 1, Place(form.LARGEST_NUMBER, ENTRIES - 1).code + 1):
        with pytest.raises(ValueError, match="no place"):
            Place.of_code(code)


def test_places_are_random_free_and_begin_a_new_list_when_one_is_full(
    session: Session, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "CAPACITY", 3)
    found = [listed(session, issuer, count) for count in range(1, 6)]
    assert [one.list_number for one in found] == [1, 1, 1, 2, 2]
    indexes = [one.list_index for one in found]
    assert indexes != sorted(indexes, key=lambda index: index or 0) or len(set(indexes)) == 5
    kept = session.get_one(StatusList, 1)
    assert kept.taken == 3
    assert not any(decoys.holds(kept.decoys, one.list_index or 0) for one in found[:3])
    assert place.allocate(session, "did:web:another", date(2027, 1, 1)).number == 3
    assert publish.living(session, issuer.id, NOW.date()) == [1, 2]
    assert publish.living(session, issuer.id, date(2028, 1, 1)) == []


def test_decoys_are_set_and_move_by_the_rules_of_certificates() -> None:
    before = decoys.make()
    assert len(before) == 4 * decoys.COUNT
    first, last = (int.from_bytes(before[at : at + 3]) for at in (0, len(before) - 4))
    assert decoys.holds(before, first)
    assert decoys.holds(before, last)
    for _ in range(20):
        after = decoys.later(before)
        ended = {index for index, state in decoys.states(before).items() if state not in ("valid", "suspended")}
        assert ended <= set(decoys.states(after))
        assert [after[at : at + 3] for at in range(0, 40, 4)] == [before[at : at + 3] for at in range(0, 40, 4)]
        before = after


def test_a_change_of_status_is_in_the_next_answer_and_without_one_nothing_is_signed(
    session: Session, issuer: Issuer
) -> None:
    one, other = listed(session, issuer, 1), listed(session, issuer, 2)
    assert one.list_number is not None
    assert publish.outdated(session, NOW) == [1]
    assert (read(session, issuer, one, "revocation", 0), read(session, issuer, one, "suspension", 0)) == (0, 0)
    assert publish.outdated(session, NOW) == []
    before = publish.published(session, 1, "revocation", issuer=issuer, now=NOW)
    assert publish.published(session, 1, "revocation", issuer=issuer, now=NOW + HOUR) == before
    change(session, one, "suspend", 2)
    assert publish.outdated(session, NOW + 2 * HOUR) == [1]
    assert (read(session, issuer, one, "revocation", 2), read(session, issuer, one, "suspension", 2)) == (0, 1)
    assert read(session, issuer, other, "suspension", 2) == 0
    change(session, one, "revoke", 3)
    assert (read(session, issuer, one, "revocation", 3), read(session, issuer, one, "suspension", 3)) == (1, 0)
    assert read(session, issuer, one, "message", 3) == 0
    status.supersede(session, other, reason_code="amended", reason="x", actor=OFFICER, now=NOW + 4 * HOUR)
    assert (read(session, issuer, other, "revocation", 4), read(session, issuer, other, "message", 4)) == (1, 1)
    assert publish.outdated(session, NOW + 17 * HOUR) == [1], "half of its life gone, a list is made anew"
    assert publish.published(session, 2, "revocation", issuer=issuer, now=NOW) is None


def test_counting_bits_tells_little(session: Session, issuer: Issuer) -> None:
    certificate = listed(session, issuer)
    session.execute(update(StatusList).values(decoys=bytes.fromhex("0000070200000904")))
    found = publish.published(session, 1, "revocation", issuer=issuer, now=NOW)
    assert found is not None
    facts = tokens.verify(found.token, typ="vc+jwt", find_key=lambda kid: issuer.seal.signer.public_key)
    assert second.set_indices(form.unpack(facts["credentialSubject"]["encodedList"], 1)) == {7, 9}
    assert certificate.list_index not in {7, 9}


@pytest.mark.parametrize(("state", "refused"), [("valid", ""), ("revoked", "revo"), ("suspended", "suspen")])
def test_a_second_implementation_verifies_list_and_status(issuer: Issuer, state: State, refused: str) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    stands = Place(7, 94567)
    entries = form.entries(stands, issuer.status_address)[:2]  # it knows entries of one bit

    def fetch(address: str) -> bytes:
        purpose: Purpose = "revocation" if address.endswith("revocation.jwt") else "suspension"
        values = form.values_of({stands.index: state}, purpose)
        terms = {"begins": f"{began:%Y-%m-%dT%H:%M:%SZ}", "ends": f"{began + form.LIFE:%Y-%m-%dT%H:%M:%SZ}"}
        told = form.content(issuer.id, address, purpose, values, **terms)
        return tokens.sign(told, signer=issuer.seal, typ="vc+jwt").encode()

    class Issued:
        id = issuer.id

    class Credential:
        issuer = Issued
        credential_status = entries

    key = issuer.seal.signer.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    expected = pytest.raises(second.OB3VerificationError, match=refused) if refused else nullcontext()
    with expected:
        second.check_credential_status(Credential, fetch, verify_list=True, list_pubkey_pem=key)


def test_a_list_of_another_address_is_made_anew_when_the_portal_moves(session: Session, issuer: Issuer) -> None:
    listed(session, issuer)
    moved = replace(issuer, trusted=replace(issuer.trusted, status_address="https://portal.example/verify/"))
    before = publish.published(session, 1, "message", issuer=issuer, now=NOW)
    after = publish.published(session, 1, "message", issuer=moved, now=NOW)
    assert before is not None
    assert after is not None
    assert before.token != after.token


def test_lists_that_are_asked_for_at_once_are_made_once(database_url: str, issuer: Issuer) -> None:
    engine = open_engine(database_url)
    factory = session_factory(engine)
    with transaction(factory) as session:
        number = place.allocate(session, issuer.id, NOW.date()).number
    begin = threading.Barrier(6)
    made: list[object] = []

    def ask(purpose: Purpose) -> None:
        begin.wait()
        with transaction(factory) as own:
            found = publish.published(own, number, purpose, issuer=issuer, now=NOW)
            made.append(found and found.begins)

    asking = [threading.Thread(target=ask, args=(purpose,)) for purpose in form.PURPOSES * 2]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    engine.dispose()
    assert len(made) == 6
    assert len(set(made)) == 1
