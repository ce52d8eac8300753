"""Who may change a shipment, when, and what becomes of two who do it at once."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.db import session_factory
from portal.shipments import answers, conduct, edit, find
from portal.shipments.completeness import missing
from portal.shipments.entries import GoodsEntry
from portal.shipments.models import Shipment
from portal.shipments.states import (
    IllegalTransition,
    NotEntitled,
    SamePerson,
    ShipmentChanged,
    ShipmentRefused,
    State,
)
from tests.shipments.conftest import Attest, Firm, person

# ---- what is missing


def test_an_empty_draft_is_not_submitted_and_says_what_is_missing(session: Session, firm: Firm, now: datetime) -> None:
    draft = edit.create(session, organisation_id=firm.organisation.id, reference="E", by=firm.preparer, now=now)
    left = conduct.submit(session, draft, by=firm.preparer, now=now)
    assert [each.place for each in left] == ["contract", "route", "goods", "parties", "parties", "end-use", "end-user"]
    assert all(each.text.en and each.text.zh for each in left)
    assert draft.state == State.DRAFT
    assert draft.submitted_at is None


def test_a_new_goods_line_asks_its_own_questions(session: Session, ready: Shipment, firm: Firm, now: datetime) -> None:
    assert missing(session, ready, now) == ()
    entry = GoodsEntry.model_validate(
        {
            "name": "Germanium dioxide",
            "element": "Ge",
            "hs_code": "2825600002",
            "quantity": "1",
            "unit": "KGM",
            "value": "900",
            "currency": "USD",
            "origin": "CN",
        }
    )
    line = edit.add_goods(session, ready, entry, by=firm.preparer, now=now)
    assert [each.place for each in missing(session, ready, now)] == ["end-use"]
    edit.remove_goods(session, line, by=firm.preparer, now=now)
    assert missing(session, ready, now) == ()
    assert line in ready.all_goods, "a removed line stays on file"


# ---- people and states


def test_whoever_prepared_cannot_attest(
    session: Session, ready: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    firm.preparer.role_names = ["preparer", "compliance_officer"]
    conduct.submit(session, ready, by=firm.preparer, now=now)
    with pytest.raises(SamePerson) as refused:
        attest(ready, firm.preparer)
    assert refused.value.reason.zh
    assert ready.state == State.SUBMITTED


def test_an_officer_who_changed_an_answer_cannot_attest_but_another_can(
    session: Session, ready: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    answers.save(session, ready, "end-use", {("secrecy", ""): "no"}, by=firm.officer, now=now)
    answers.save(session, ready, "end-use", {("secrecy", ""): "no"}, by=firm.preparer, now=now)
    conduct.submit(session, ready, by=firm.preparer, now=now)
    with pytest.raises(SamePerson):
        attest(ready, firm.officer)
    assert attest(ready, firm.second_officer).outcome == State.CERTIFIED


def test_roles_are_held_to(session: Session, submitted: Shipment, firm: Firm, attest: Attest, now: datetime) -> None:
    administrator = person(firm.organisation, now, "administrator")
    session.add(administrator)
    session.flush()
    for deed in (
        lambda: attest(submitted, administrator),
        lambda: conduct.withdraw(session, submitted, "no", by=administrator, now=now),
        lambda: conduct.return_to_draft(session, submitted, "no", by=firm.preparer, now=now),
        lambda: conduct.refuse_referral(session, submitted, "no", by=firm.officer, now=now),
    ):
        with pytest.raises((NotEntitled, ShipmentRefused)):
            deed()
    assert submitted.state == State.SUBMITTED


def test_nobody_of_another_firm_sees_or_touches_it(
    session: Session, submitted: Shipment, make_firm: Callable[[], Firm], attest: Attest, now: datetime
) -> None:
    stranger = make_firm()
    home = stranger.organisation.id
    assert find.find(session, submitted.id, home) is None
    assert find.find(session, submitted.id, submitted.organisation_id) is submitted
    assert session.scalars(find.of_organisation(home)).all() == []
    assert set(find.counts(session, home).values()) == {0}
    with pytest.raises(NotEntitled):
        attest(submitted, stranger.officer)
    with pytest.raises(NotEntitled):
        conduct.withdraw(session, submitted, "mine", by=stranger.preparer, now=now)
    with pytest.raises(NotEntitled):
        edit.create(session, organisation_id=submitted.organisation_id, reference="X", by=stranger.preparer, now=now)


def test_a_submitted_shipment_takes_no_change(session: Session, submitted: Shipment, firm: Firm, now: datetime) -> None:
    for deed in (
        lambda: edit.set_licence(session, submitted, None, by=firm.preparer, now=now),
        lambda: edit.remove_goods(session, submitted.goods[0], by=firm.preparer, now=now),
        lambda: edit.remove_party(session, submitted.parties[0], by=firm.preparer, now=now),
        lambda: answers.save(session, submitted, "end-use", {("secrecy", ""): "yes"}, by=firm.preparer, now=now),
        lambda: conduct.submit(session, submitted, by=firm.preparer, now=now),
        lambda: conduct.amend(session, submitted, by=firm.preparer, now=now),
    ):
        with pytest.raises(IllegalTransition):
            deed()


def test_returned_with_a_reason_corrected_and_submitted_again(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    conduct.return_to_draft(session, submitted, "Name the model.", by=firm.officer, now=now)
    assert (submitted.state, submitted.return_reason) == (State.RETURNED, "Name the model.")
    answers.save(session, submitted, "end-use", {("place_of_use", ""): "Jena, hall 2"}, by=firm.preparer, now=now)
    assert submitted.state == State.DRAFT
    assert conduct.submit(session, submitted, by=firm.preparer, now=now) == ()
    assert attest(submitted, firm.officer).outcome == State.CERTIFIED


def test_a_reference_is_taken_once_and_free_after_withdrawal(session: Session, firm: Firm, now: datetime) -> None:
    where = {"organisation_id": firm.organisation.id, "reference": "R", "by": firm.preparer, "now": now}
    first = edit.create(session, **where)  # type: ignore[arg-type]
    with pytest.raises(ShipmentRefused):
        edit.create(session, **where)  # type: ignore[arg-type]
    conduct.withdraw(session, first, "a slip", by=firm.preparer, now=now)
    assert edit.create(session, **where).revision == 2  # type: ignore[arg-type]


# ---- two at once


def test_a_change_based_on_an_older_version_is_refused(
    session: Session, ready: Shipment, firm: Firm, now: datetime
) -> None:
    seen = ready.version
    edit.set_licence(session, ready, None, by=firm.preparer, now=now, version=seen)
    with pytest.raises(ShipmentChanged):
        edit.set_licence(session, ready, None, by=firm.preparer, now=now, version=seen)


def test_of_two_who_decide_at_the_same_moment_one_wins(
    session: Session, submitted: Shipment, firm: Firm, now: datetime, issuer: Issuer, shared_settings: Settings
) -> None:
    session.commit()
    other = session_factory(session.get_bind())()  # type: ignore[arg-type]
    with other:
        theirs = other.get_one(Shipment, submitted.id)
        officer = other.get_one(User, firm.second_officer.id)
        assert theirs.all_goods
        conduct.withdraw(session, submitted, "quicker", by=firm.preparer, now=now)
        session.commit()
        with pytest.raises(ShipmentChanged):
            conduct.attest(other, theirs, officer=officer, now=now, issuer=issuer, settings=shared_settings)
    session.expire_all()
    assert submitted.state == State.WITHDRAWN
    assert session.scalar(select(func.count()).select_from(Certificate)) == 0


def test_answers_saved_on_an_older_page_are_refused(
    session: Session, ready: Shipment, firm: Firm, now: datetime
) -> None:
    key = ("secrecy", "")
    seen = answers.answered(session, ready, "end-use", now).draft.seen([key])
    answers.save(session, ready, "end-use", {key: "yes"}, by=firm.preparer, now=now, seen=seen)
    session.commit()
    with pytest.raises(ShipmentChanged):
        answers.save(session, ready, "end-use", {key: "unknown"}, by=firm.preparer, now=now, seen=seen)
    assert answers.answered(session, ready, "end-use", now).path.answers[key] == "yes"
