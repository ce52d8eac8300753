"""Endorsements at ports: counted down, never below nothing, the same in the end whatever the order of the uploads."""

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.audit import Actor
from portal.audit.models import AuditEvent
from portal.authority import alarms, endorse
from portal.authority.endorse import EndorsementRefused, Presented
from portal.authority.endorsement_models import Endorsement, EndorsementAlarm
from portal.authority.models import Case
from portal.certificates import status
from portal.certificates.models import Certificate
from portal.db import open_engine, session_factory
from portal.jobs.models import Job
from portal.tables import metadata
from tests.authority import filed
from tests.certificates.samples import GOODS, NOW

HOUR = timedelta(hours=1)
LATE = NOW + 48 * HOUR
OFFICER = Actor("user", "1", "陈昊")
LINES = (("1", "100", "KGM"), ("2", "8", "NMB"))


def reference(count: int) -> uuid.UUID:
    return uuid.UUID(f"01938000-0000-7000-8000-{count:012x}")


def certified(session: Session) -> Certificate:
    """A certificate for 100 kg of one thing and 8 pieces of another."""
    made = filed.certified(session, filed.exporter(session, NOW), [("Jenaer Optikwerk GmbH", "DE")], NOW)
    goods = [{**GOODS, "line": int(n), "quantity": {"value": value, "unit": unit}} for n, value, unit in LINES]
    made.statement = json.dumps({"goods": goods})
    session.flush()
    return made


def at_port(
    of: str,
    count: int,
    place: str = "CNSHA",
    hours: float = 1,
    kilograms: str = "60",
    pieces: str = "0",
    **changes: object,
) -> Presented:
    made = Presented(
        reference(count), of, f"2231{count:014d}", place, NOW + hours * HOUR,
        {1: (kilograms, "KGM"), 2: (pieces, "NMB")}, "王海", "tablet 7",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def officer(session: Session) -> User:
    return filed.authority(session, NOW, "officer", agency="customs")


def left(session: Session, certificate: Certificate) -> list[Decimal]:
    return [line.left for line in endorse.left(session, certificate)]


def kinds(session: Session) -> list[tuple[int, str]]:
    found = select(EndorsementAlarm).join(Endorsement).order_by(Endorsement.reference, EndorsementAlarm.kind)
    return [(alarm.endorsement.reference.int & 0xFFFF, str(alarm.kind)) for alarm in session.scalars(found)]


def send(session: Session, found: Presented, by: User) -> endorse.Outcome:
    return endorse.record(session, found, by=by, actor=OFFICER, now=LATE)


def test_the_quantity_is_counted_down_line_by_line_until_nothing_is_left(session: Session, officer: User) -> None:
    certificate = certified(session)
    first = send(session, at_port(certificate.number, 1, kilograms="60.5", pieces="8"), officer)
    assert (first.new, first.findings) == (True, ())
    assert left(session, certificate) == [Decimal("39.5"), Decimal(0)]
    assert filed.state(session, certificate, LATE) == "valid"
    second = send(session, at_port(certificate.number, 2, "CNTAO", 2, "39.5"), officer)
    assert [line.left for line in second.left] == [0, 0]
    assert filed.state(session, certificate, LATE) == "used_up"
    assert session.scalar(select(func.count()).select_from(Case)) == 0
    verbs = session.scalars(select(AuditEvent.verb).where(AuditEvent.subject == f"certificate:{certificate.number}"))
    assert list(verbs) == ["certificate.endorsed", "certificate.endorsed", "certificate.used_up"]


def test_an_amendment_gives_nobody_a_quantity_twice(session: Session, officer: User) -> None:
    """What was presented under the old revision, even late, is gone for the new one, too; a late excess is told."""
    older, newer = certified(session), certified(session)
    send(session, at_port(older.number, 1, kilograms="60"), officer)
    facts = json.loads(newer.statement)
    facts["goods"][1]["quantity"]["unit"] = "KGM"  # another unit cannot be counted against pieces
    newer.statement = json.dumps({**facts, "supersedes": older.number})
    assert left(session, newer) == [40, 8]
    status.supersede(session, older, reason_code="amended", reason="x", actor=OFFICER, now=NOW + 5 * HOUR)
    send(session, at_port(older.number, 2, hours=2, kilograms="30", pieces="8"), officer)
    assert left(session, newer) == [10, 8]
    late = at_port(newer.number, 3, hours=6, quantities={1: ("11", "KGM")})
    with pytest.raises(EndorsementRefused) as refused:
        endorse.check_now(session, late, LATE)
    assert refused.value.field == "line-1"
    told = send(session, late, officer)
    assert [(one.kind, one.others) for one in told.findings] == [("excess", ())]


def test_sent_again_it_changes_nothing(session: Session, officer: User) -> None:
    certificate = certified(session)
    found = at_port(certificate.number, 1, "cn sha", kilograms="60.50")
    again = replace(found, place="CNSHA", quantities={1: ("60.5", "KGM")}, at=found.at + timedelta(microseconds=7))
    assert [send(session, one, officer).new for one in (found, again, found)] == [True, False, False]
    assert left(session, certificate) == [Decimal("39.5"), Decimal(8)]
    assert session.scalar(select(func.count()).select_from(Endorsement)) == 1


def test_double_use_raises_an_alarm_in_both_offices_with_a_case_and_is_ruled_once(session: Session) -> None:
    certificate = certified(session)
    one, two = (filed.authority(session, NOW, "officer", agency="customs") for _ in range(2))
    send(session, at_port(certificate.number, 1, "CNSHA", 1), one)
    outcome = send(session, at_port(certificate.number, 2, "CNTAO", 2), two)
    assert left(session, certificate) == [0, 8]
    (finding,) = outcome.findings
    assert (finding.kind, [each.place for each in finding.others]) == ("excess", ["CNSHA"])
    told = select(Job.payload).where(Job.kind == endorse.TELL)
    assert {job["person"] for job in session.scalars(told)} == {str(one.id), str(two.id)}
    case = session.scalars(select(Case)).one()
    assert (case.agency, case.because, [link.reference for link in case.links]) == (
        "customs", "endorsement", [certificate.number],
    )  # fmt: skip
    send(session, at_port(certificate.number, 3, "CNNGB", 3), two)
    assert session.scalar(select(func.count()).select_from(Case)) == 1
    alarm, other = session.scalars(endorse.open_alarms(session))
    letter = alarms.written(alarm, one, "https://portal.example")
    assert certificate.number in letter.subject
    assert f"https://portal.example/authority/certificates/{certificate.number}" in letter.body
    with pytest.raises(EndorsementRefused, match="reason"):
        endorse.rule(session, alarm, " ", withdrawn=alarm.endorsement, actor=OFFICER, now=LATE)
    endorse.rule(session, alarm, "Typed twice.", withdrawn=alarm.endorsement, actor=OFFICER, now=LATE)
    with pytest.raises(EndorsementRefused, match="ruling"):
        endorse.rule(session, alarm, "Again.", withdrawn=None, actor=OFFICER, now=LATE)
    endorse.rule(session, other, "The goods are held.", withdrawn=None, actor=OFFICER, now=LATE)
    assert list(session.scalars(endorse.open_alarms(session))) == []
    assert left(session, certificate) == [0, 8]
    again = send(session, at_port(certificate.number, 3, "CNNGB", 3), two)
    assert (again.new, list(session.scalars(endorse.open_alarms(session)))) == (False, [])


def test_a_suspended_certificate_is_used_up_only_when_the_suspension_ends(session: Session, officer: User) -> None:
    certificate = certified(session)
    send(session, at_port(certificate.number, 1, kilograms="60", pieces="8"), officer)
    status.suspend(session, certificate, reason_code="under-review", reason="x", actor=OFFICER, now=NOW + 5 * HOUR)
    send(session, at_port(certificate.number, 2, hours=4, kilograms="40"), officer)
    assert filed.state(session, certificate, LATE) == "suspended"
    status.reinstate(session, certificate, reason_code="review-closed", reason="x", actor=OFFICER, now=LATE)
    endorse.settle(session, certificate, LATE)
    assert filed.state(session, certificate, LATE) == "used_up"


def test_each_contradiction_has_a_name_of_its_own(session: Session, officer: User) -> None:
    certificate = certified(session)
    first = at_port(certificate.number, 1, kilograms="10")
    send(session, first, officer)
    send(session, replace(first, place="CNTAO"), officer)
    send(session, at_port(certificate.number, 2, hours=2, kilograms="10", declaration=first.declaration), officer)
    assert sorted(kinds(session)) == [(1, "altered"), (2, "same_declaration")]
    assert left(session, certificate) == [80, 8], "one identity with two contents counts once"
    status.suspend(session, certificate, reason_code="under-review", reason="x", actor=OFFICER, now=NOW + 5 * HOUR)
    send(session, at_port(certificate.number, 3, hours=4, kilograms="1"), officer)
    assert len(kinds(session)) == 2
    send(session, at_port(certificate.number, 4, hours=6, kilograms="1"), officer)
    assert (4, "not_in_force") in kinds(session)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "DDC-2026-0000001"}, "number"),
        ({"number": "DDC-2026-0000099-A"}, "number"),
        ({"reference": uuid.uuid4()}, "id"),
        ({"declaration": " "}, "declaration"),
        ({"declaration": "x" * 41}, "declaration"),
        ({"declaration": "1\u202e2"}, "declaration"),
        ({"officer": ""}, "officer"),
        ({"place": "Shanghai"}, "place"),
        ({"place": "XXSHA"}, "place"),
        ({"place": "CN1"}, "place"),
        ({"at": NOW - HOUR}, "at"),
        ({"at": LATE + HOUR}, "at"),
        ({"at": datetime(2026, 11, 24, 12)}, "at"),  # noqa: DTZ001 - without a zone, as a careless device sends it
        ({"quantities": {}}, "lines"),
        ({"quantities": {1: ("0", "KGM")}}, "lines"),
        ({"quantities": {3: ("1", "KGM")}}, "line-3"),
        ({"quantities": {1: ("1", "TNE")}}, "line-1"),
        ({"quantities": {1: ("-1", "KGM")}}, "line-1"),
        ({"quantities": {1: ("1e3", "KGM")}}, "line-1"),
        ({"quantities": {1: ("NaN", "KGM")}}, "line-1"),
        ({"quantities": {1: ("١", "KGM")}}, "line-1"),
    ],
)
def test_what_cannot_be_true_is_refused_at_its_field(
    session: Session, officer: User, changes: dict[str, object], field: str
) -> None:
    certificate = certified(session)
    with pytest.raises(EndorsementRefused) as refused:
        send(session, at_port(certificate.number, 1, **changes), officer)
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(Endorsement)) == 0


def test_with_a_connection_no_more_passes_than_is_left(session: Session, officer: User) -> None:
    certificate = certified(session)
    first = at_port(certificate.number, 1)
    endorse.check_now(session, first, LATE)
    send(session, first, officer)
    too_much = at_port(certificate.number, 2)
    twice = at_port(certificate.number, 2, kilograms="40", declaration=first.declaration)
    for found, field in ((too_much, "line-1"), (twice, "declaration")):
        with pytest.raises(EndorsementRefused) as refused:
            endorse.check_now(session, found, LATE)
        assert refused.value.field == field
    endorse.check_now(session, at_port(certificate.number, 2, kilograms="40"), LATE)
    status.suspend(session, certificate, reason_code="under-review", reason="x", actor=OFFICER, now=LATE)
    with pytest.raises(EndorsementRefused, match="in force"):
        endorse.check_now(session, at_port(certificate.number, 2, kilograms="40"), LATE)


# --- any order and repetition of uploads gives the same end ------------------------------------------------------


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A register with a certificate, to which every example comes back."""
    path: Path = tmp_path_factory.mktemp("endorsements") / "register.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with session_factory(engine)() as session:
        certified(session)
        filed.authority(session, NOW, "officer", agency="customs")
        session.commit()
        yield session
    engine.dispose()


ONE = st.builds(
    lambda count, hours, kilograms, pieces, place, declaration: at_port(
        "", count, place, hours, str(kilograms), str(pieces), declaration=declaration
    ),
    st.integers(1, 4), st.integers(1, 5), st.sampled_from([1, 40, 60, 100]), st.sampled_from([0, 4, 8]),
    st.sampled_from(["CNSHA", "CNTAO", "VNHPH"]), st.sampled_from(["A1", "B2", "C3"]),
)  # fmt: skip


def end(session: Session, uploads: list[Presented]) -> object:
    """The end state after uploads, and the register as it was before them."""
    certificate = session.scalars(select(Certificate)).one()
    by = session.scalars(select(User).where(User.role_names.isnot(None)).order_by(User.id.desc())).first()
    assert by is not None
    for one in uploads:
        send(session, replace(one, number=certificate.number), by)
    kept = [(one.reference, one.place, one.at) for one in endorse.endorsements(session, certificate)]
    raised = session.execute(select(Endorsement.reference, Endorsement.digest, EndorsementAlarm.kind).join(Endorsement))
    told = (
        kept, left(session, certificate), sorted(tuple(map(str, row)) for row in raised),
        filed.state(session, certificate, LATE), session.scalar(select(func.count()).select_from(Case)),
    )  # fmt: skip
    session.rollback()
    return told


@settings(max_examples=40, deadline=None)
@given(st.lists(ONE, min_size=1, max_size=5), st.data())
def test_any_order_and_repetition_of_uploads_gives_the_same_end(
    register: Session, sent: list[Presented], data: st.DataObject
) -> None:
    expected = end(register, sent)
    again = data.draw(st.permutations([*sent, *data.draw(st.lists(st.sampled_from(sent), max_size=3))]))
    assert end(register, list(again)) == expected


def test_every_order_of_three_ports_gives_the_same_end(register: Session) -> None:
    sent = [at_port("", 1), at_port("", 2, "CNTAO", 2), at_port("", 3, "CNNGB", 3, "40", "8")]
    ends = [end(register, list(order)) for order in itertools.permutations(sent)]
    assert all(one == ends[0] for one in ends)
