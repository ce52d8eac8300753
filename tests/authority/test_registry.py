"""The registry finds certificates by what an officer knows, in the state that they are in at that moment."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.audit import Actor
from portal.authority import registry
from portal.certificates import status
from portal.certificates.models import Certificate
from tests.authority import filed
from tests.certificates.samples import NOW

OFFICER = Actor("user", "1", "陈昊")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def five(session: Session) -> list[Certificate]:
    """Certificates that stay valid, are suspended, revoked, reinstated and suspended before their term ended."""
    firm = filed.exporter(session, NOW)
    made = [filed.certified(session, firm, [("Jenaer Optikwerk GmbH", "DE")], NOW) for _ in range(5)]
    change = {"actor": OFFICER, "reason": "looked into", "now": LATER}
    registry.change(session, made[1], "suspend", reason_code="under-review", **change)
    registry.change(session, made[2], "revoke", reason_code="false-statement", **change)
    registry.change(session, made[3], "suspend", reason_code="under-review", **change)
    registry.change(session, made[3], "reinstate", reason_code="review-closed", **change)
    session.commit()
    return made


def found(session: Session, text: str, state: str, now: object = LATER) -> list[str]:
    return [one.number for one in session.scalars(registry.search(text, state, now))]  # type: ignore[arg-type]


def test_by_state(session: Session, five: list[Certificate]) -> None:
    numbers = [one.number for one in five]
    assert sorted(found(session, "", "valid")) == sorted([numbers[0], numbers[3], numbers[4]])
    assert found(session, "", "suspended") == [numbers[1]]
    assert found(session, "", "revoked") == [numbers[2]]
    assert found(session, "", "expired") == []
    assert len(found(session, "", "")) == 5
    assert len(found(session, "", "no-such-state")) == 5


def test_a_term_that_ended_shows_at_once(session: Session, five: list[Certificate]) -> None:
    after = NOW + timedelta(days=400)
    assert len(found(session, "", "expired", after)) == 4
    assert found(session, "", "valid", after) == []
    assert found(session, "", "revoked", after) == [five[2].number]
    for one in five:
        state = status.current(session, one, after).state
        assert one.number in found(session, "", state, after)


def test_the_search_agrees_with_the_status_of_each(session: Session, five: list[Certificate]) -> None:
    for one in five:
        assert one.number in found(session, "", status.current(session, one, LATER).state)
    counts = registry.counts(session, LATER)
    assert (counts.valid, counts.suspended, counts.revoked, counts.expired) == (3, 1, 1, 0)


@pytest.mark.parametrize("text", ["jenaer", "OPTIKWERK", "云南锗光", "de", "  DDC-2026-0000001 "])
def test_by_text(session: Session, five: list[Certificate], text: str) -> None:
    assert five[0].number in found(session, text, "")


@pytest.mark.parametrize("text", ["%", "_", "D_C", "nobody", "'; DROP TABLE certificate; --", "\\", "x" * 5000])
def test_text_is_taken_as_it_is(session: Session, five: list[Certificate], text: str) -> None:
    assert found(session, text, "") == []


@pytest.mark.parametrize(
    ("state", "deeds"),
    [
        ("valid", ("suspend", "revoke")),
        ("suspended", ("reinstate", "revoke")),
        ("revoked", ()),
        ("expired", ("revoke",)),
    ],
)
def test_only_possible_changes_are_offered(state: str, deeds: tuple[str, ...]) -> None:
    assert registry.possible_changes(state) == deeds


def test_a_revoked_certificate_stays_revoked(session: Session, five: list[Certificate]) -> None:
    with pytest.raises(status.StatusError):
        registry.change(
            session, five[2], "reinstate", reason_code="review-closed", reason="x", actor=OFFICER, now=LATER
        )
