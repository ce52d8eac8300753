"""From draft to decision: what is certified, referred or refused, what is kept, and that nothing is half done."""

import copy
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.certificates import credential, issue, page, seal, sign
from portal.certificates import number as numbers
from portal.certificates import status as statuses
from portal.certificates.keys import Issuer
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.screening import restricted
from portal.shipments import answers, assess, attestation, certify, conduct, documents, edit, find
from portal.shipments.assess import ReplayDiffers
from portal.shipments.completeness import missing
from portal.shipments.entries import PartyEntry
from portal.shipments.models import Assessment, Attestation, Decision, Shipment
from portal.shipments.states import (
    CannotIssue,
    NotEntitled,
    ShipmentRefused,
    State,
)
from tests.shipments.conftest import Attest, Firm, drafted


def statement(session: Session, shipment: Shipment) -> dict[str, Any]:
    found = conduct.certificate(session, shipment)
    assert found is not None
    read: dict[str, Any] = json.loads(found.statement)
    return read


def answer(name: str, member: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        plain["answers"][member][name] = value

    return change


# ---- outcomes


def test_a_controlled_item_without_a_licence_is_certified_for_its_application(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    decision = attest(submitted, firm.officer)
    assert submitted.state == State.CERTIFIED
    assert (decision.outcome, decision.purpose) == (State.CERTIFIED, "licence-application")
    assert any("allows no shipment" in reason["en"] for reason in decision.reasons)
    said = statement(session, submitted)
    assert said["number"] == decision.certificate_number
    assert said["purpose"] == "licence-application"
    assert said["licence"] is None
    assert said["goods"][0]["control_state"] == "controlled"
    assert [party["role"] for party in said["parties"]][:2] == ["end_user", "ultimate_consignee"]
    assert said["attestation"]["officer"] == firm.officer.name
    assert {each["id"] for each in said["assessment"]["questionnaires"]} == {"end-use", "end-user"}
    assert {each["source"] for each in said["assessment"]["lists"]} == {"cn", "restricted"}
    verbs = [event.verb for event in find.history(session, submitted)]
    assert verbs[-3:] == ["shipment.submitted", "shipment.attested", "shipment.certified"]


def test_under_a_valid_licence_the_purpose_is_the_shipment_and_the_term_the_licences(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None
) -> None:
    def licensed(plain: dict[str, Any]) -> None:
        plain["shipment"]["licence"] = {
            "number": "26AA000118", "issued_by": "MOFCOM", "valid_until": "2027-01-31", "scope": "yes",
            "quantity_left": "0.1", "unit": "TNE",
        }  # fmt: skip

    shipment = drafted(session, firm, now, shared_settings, change=licensed)
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    assert attest(shipment, firm.officer).purpose == "shipment-under-licence"
    said = statement(session, shipment)
    assert said["licence"] == {"number": "26AA000118", "valid_until": "2027-01-31"}
    assert said["valid_until"] == "2027-01-31"


@pytest.mark.parametrize(
    ("licence", "outcome"),
    [
        ({"valid_until": "2026-11-23", "scope": "yes"}, State.REFUSED),
        ({"valid_until": "2027-01-31", "scope": "no"}, State.REFUSED),
        ({"valid_until": "2027-01-31", "scope": "unknown"}, State.REFERRED),
        ({"valid_until": "2027-01-31", "scope": "yes", "quantity_left": "12.4", "unit": "KGM"}, State.REFUSED),
        ({"valid_until": "2027-01-31", "scope": "yes", "quantity_left": "12499", "unit": "GRM"}, State.REFUSED),
    ],
)
def test_a_licence_that_does_not_cover_the_goods_certifies_nothing(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None,
    licence: dict[str, Any], outcome: State,
) -> None:  # fmt: skip
    def licensed(plain: dict[str, Any]) -> None:
        plain["shipment"]["licence"] = {"number": "26AA000118", **licence}

    shipment = drafted(session, firm, now, shared_settings, change=licensed)
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    assert attest(shipment, firm.officer).outcome == outcome
    assert conduct.certificate(session, shipment) is None


def test_goods_that_no_measure_speaks_of_are_certified_as_uncontrolled(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None
) -> None:
    def tiles(plain: dict[str, Any]) -> None:
        plain["goods"][0].update(
            name="Ceramic floor tiles", name_zh="陶瓷地砖", element="other", chemical_form="", purity="",
            hs_code="6907210000",
        )  # fmt: skip

    shipment = drafted(session, firm, now, shared_settings, change=tiles)
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    assert attest(shipment, firm.officer).purpose == "shipment-uncontrolled"
    assert statement(session, shipment)["goods"][0]["element"] == ""


@pytest.mark.parametrize(
    ("name", "outcome", "said"),
    [
        ("gallium-forwarder", State.REFERRED, "vague"),
        ("samarium-cobalt-magnets", State.REFUSED, "Lockheed Martin"),
    ],
)
def test_referred_and_refused_carry_reasons_in_both_languages(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None,
    name: str, outcome: State, said: str,
) -> None:  # fmt: skip
    shipment = drafted(session, firm, now, shared_settings, name)
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    decision = attest(shipment, firm.officer)
    assert (shipment.state, decision.outcome, decision.certificate_number) == (outcome, outcome, "")
    assert said in " ".join(reason["en"] for reason in decision.reasons)
    assert all(reason["zh"] for reason in decision.reasons)
    assert conduct.certificate(session, shipment) is None


def test_a_listed_owner_is_seen(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None
) -> None:
    def owned(plain: dict[str, Any]) -> None:
        plain["parties"][0]["owners"] = [{"name": "Huntington Ingalls Industries", "percent": "60", "country": "US"}]

    shipment = drafted(session, firm, now, shared_settings, change=owned)
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    decision = attest(shipment, firm.officer)
    assert decision.outcome == State.REFERRED
    said = " ".join(reason["en"] for reason in decision.reasons)
    assert "An owner, Huntington Ingalls Industries" in said
    assert "own 60% of Saale Feinoptik GmbH" in said
    assert "Huntington Ingalls Industries holds 60% of Saale Feinoptik GmbH" in said


@pytest.mark.parametrize("where", ["name_native", "aliases"])
def test_a_listed_name_is_seen_in_every_script_and_alias(
    session: Session, firm: Firm, now: datetime, shared_settings: Settings, lists_loaded: None, where: str
) -> None:
    def named(plain: dict[str, Any]) -> None:
        plain["parties"][2][where] = "洛克希德·马丁公司" if where == "name_native" else ["Lockheed Martin Corporation"]

    shipment = drafted(session, firm, now, shared_settings, change=named)
    judged = assess.preview(session, shipment, now)
    assert judged.outcome.state is not State.CERTIFIED


def test_without_lists_nothing_is_certified(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings
) -> None:
    shipment = drafted(session, firm, now, shared_settings)
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    decision = attest(shipment, firm.officer)
    assert decision.outcome == State.REFERRED
    assert "could not be screened" in " ".join(reason["en"] for reason in decision.reasons)


# ---- all or nothing

STEPS: list[tuple[Any, str]] = [
    (assess, "preview"),
    (assess, "snapshot"),
    (certify, "draft"),
    (numbers, "allocate"),
    (seal, "seal"),
    (credential, "issue"),
    (page, "render"),
    (sign, "sign"),
    (statuses, "first_event"),
]


def test_an_interruption_at_any_step_leaves_no_certificate(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest
) -> None:
    session.commit()
    for module, step in STEPS:
        for after_it in (False, True):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, step, cut(getattr(module, step), after_it))
                with pytest.raises(KeyboardInterrupt):
                    attest(submitted, firm.officer)
            session.commit()  # a caller who goes on regardless keeps nothing of it
            session.expire_all()
            assert submitted.state == State.SUBMITTED, step
            for table in (Certificate, Decision, Assessment, Attestation):
                assert session.scalar(select(func.count()).select_from(table)) == 0, step
            verbs = set(session.scalars(select(AuditEvent.verb)))
            assert not verbs & {"shipment.attested", "shipment.certified", "certificate.issued"}, step
    assert attest(submitted, firm.officer).certificate_number == "DDC-2026-0000001-L"


def cut(real: Callable[..., Any], after_it: bool) -> Callable[..., Any]:
    """The step, cut off before it begins or as soon as it is done."""

    def interrupted(*args: Any, **named: Any) -> Any:
        if after_it:
            real(*args, **named)
        raise KeyboardInterrupt

    return interrupted


def test_a_whole_certificate_is_kept(session: Session, submitted: Shipment, firm: Firm, attest: Attest) -> None:
    attest(submitted, firm.officer)
    session.commit()
    session.expire_all()
    found = conduct.certificate(session, submitted)
    assert found is not None
    assert set(issue.files(found)) == {"pdf", "json", "png"}
    assert audit.check(session) is None


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [("name", "\U00013000 Optik GmbH", "U+13000"), ("address", "x" * 499 + "\U00013000", "U+13000")],
)
def test_what_cannot_be_printed_is_a_reason_and_leaves_nothing(
    session: Session, ready: Shipment, firm: Firm, attest: Attest, now: datetime, where: str, value: str, said: str
) -> None:
    entry = {**edit.party_entry(ready.parties[0]), where: value}
    edit.change_party(session, ready.parties[0], PartyEntry.model_validate(entry), by=firm.preparer, now=now)
    conduct.submit(session, ready, by=firm.preparer, now=now)
    session.commit()
    with pytest.raises(CannotIssue) as refused:
        attest(ready, firm.officer)
    assert said in refused.value.reason.zh
    assert ready.state == State.SUBMITTED
    assert session.scalar(select(func.count()).select_from(Decision)) == 0


# ---- amending


def test_amending_supersedes_the_certificate_only_when_the_new_one_is_there(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    attest(submitted, firm.officer)
    old = conduct.certificate(session, submitted)
    assert old is not None
    newer = conduct.amend(session, submitted, by=firm.preparer, now=now)
    assert (newer.revision, newer.state, newer.previous_id) == (2, State.DRAFT, submitted.id)
    assert missing(session, newer, now) == (), "goods, parties and answers came along"
    assert newer.goods[0].id != submitted.goods[0].id
    with pytest.raises(ShipmentRefused):
        conduct.amend(session, submitted, by=firm.preparer, now=now)
    assert statuses.current(session, old, now).state == "valid"
    conduct.submit(session, newer, by=firm.preparer, now=now)
    attest(newer, firm.officer)
    assert statuses.current(session, old, now).state == "superseded"
    said = statement(session, newer)
    assert (said["revision"], said["supersedes"]) == (2, old.number)
    assert [each.revision for each in find.revisions(session, newer)] == [1, 2]


def test_a_suspended_certificate_cannot_be_amended_away(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    attest(submitted, firm.officer)
    newer = conduct.amend(session, submitted, by=firm.preparer, now=now)
    conduct.submit(session, newer, by=firm.preparer, now=now)
    old = conduct.certificate(session, submitted)
    assert old is not None
    code = statuses.reasons_for("suspend")[0].code
    statuses.suspend(session, old, reason_code=code, reason="A doubt", actor=audit.Actor.system("t"), now=now)
    session.commit()
    with pytest.raises(ShipmentRefused) as refused:
        attest(newer, firm.officer)
    assert old.number in refused.value.reason.zh
    assert newer.state == State.SUBMITTED
    conduct.withdraw(session, newer, "no use", by=firm.preparer, now=now)
    with pytest.raises(ShipmentRefused) as refused:
        conduct.amend(session, submitted, by=firm.preparer, now=now)
    assert "suspended or revoked" in refused.value.reason.en


# ---- referrals


def referral(session: Session, firm: Firm, now: datetime, settings: Settings, attest: Attest) -> Shipment:
    shipment = drafted(session, firm, now, settings, "gallium-forwarder")
    conduct.submit(session, shipment, by=firm.preparer, now=now)
    attest(shipment, firm.officer)
    return shipment


def test_the_authority_settles_a_referral(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None,
    authority_officer: User,
) -> None:  # fmt: skip
    refused = referral(session, firm, now, shared_settings, attest)
    with pytest.raises(NotEntitled):
        conduct.refuse_referral(session, refused, "mine", by=firm.officer, now=now)
    decision = conduct.refuse_referral(session, refused, "No end user is known.", by=authority_officer, now=now)
    assert (refused.state, decision.sequence) == (State.REFUSED, 2)
    assert refused.decision is decision
    given_back = referral(session, firm, now, shared_settings, attest)
    conduct.return_referral(session, given_back, "Name the customers.", by=authority_officer, now=now)
    assert given_back.state == State.RETURNED
    answers.save(session, given_back, "end-use", {("secrecy", ""): "no"}, by=firm.preparer, now=now)
    assert given_back.state == State.DRAFT


def test_the_authority_clears_a_referral_and_the_certificate_says_who(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None,
    authority_officer: User, issuer: Issuer,
) -> None:  # fmt: skip
    waiting = referral(session, firm, now, shared_settings, attest)
    settled = {"issuer": issuer, "settings": shared_settings}
    with pytest.raises(NotEntitled):
        conduct.certify_referral(session, waiting, "mine", by=firm.officer, now=now, **settled)  # type: ignore[arg-type]
    later = now + timedelta(days=3)
    reason = "The ministry confirmed the end user in writing."
    decision = conduct.certify_referral(session, waiting, reason, by=authority_officer, now=later, **settled)  # type: ignore[arg-type]
    assert (waiting.state, decision.sequence, decision.purpose) == (State.CERTIFIED, 2, "licence-application")
    assert reason in decision.reasons[0]["zh"]
    said = statement(session, waiting)
    assert said["assessment"]["outcome"] == "refer"
    assert said["assessment"]["review"] == {
        "authority": authority_officer.organisation.name,
        "officer": authority_officer.name,
        "at": "2026-11-27T09:00:00Z",
        "reason": reason,
    }
    assert len(waiting.assessments) == 2


def test_what_is_forbidden_by_now_is_not_cleared(
    session: Session, firm: Firm, attest: Attest, now: datetime, shared_settings: Settings, lists_loaded: None,
    authority_officer: User, issuer: Issuer,
) -> None:  # fmt: skip
    waiting = referral(session, firm, now, shared_settings, attest)
    restricted.add(
        session, names=["Marmara Elektronik Malzeme Ticaret Ltd. Şti."], country="TR", reason="Diversion",
        actor=audit.Actor.system("t"), now=now,
    )  # fmt: skip
    session.commit()
    with pytest.raises(ShipmentRefused) as refused:
        conduct.certify_referral(
            session, waiting, "Cleared", by=authority_officer, now=now, issuer=issuer, settings=shared_settings
        )
    assert "Marmara" in refused.value.reason.zh
    assert waiting.state == State.REFERRED
    assert conduct.certificate(session, waiting) is None


# ---- replay


def test_an_assessment_is_replayed_years_later_without_lists_or_shipment(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest
) -> None:
    attest(submitted, firm.officer)
    session.commit()
    session.expire_all()
    stored = submitted.assessment
    assert stored is not None
    assert assess.replay(stored) == assess.result(stored)
    altered = copy.deepcopy(stored.facts)
    altered["goods"][0]["quantity"] = "1"
    stored.facts = altered
    with pytest.raises(ReplayDiffers):
        assess.replay(stored)
    session.rollback()


def test_the_attestation_is_for_exactly_what_was_there(
    session: Session, ready: Shipment, firm: Firm, now: datetime, settings: Settings
) -> None:
    def digest() -> str:
        return assess.digest(attestation.attested(ready, answers.both(session, ready, now)))

    seen = [digest()]
    assert digest() == seen[0]
    answers.save(session, ready, "end-use", {("place_of_use", ""): "Elsewhere"}, by=firm.preparer, now=now)
    seen.append(digest())
    ready.parties[0].owners = []
    seen.append(digest())
    ready.licence_number = "26AA000118"
    seen.append(digest())
    edit.remove_party(session, ready.parties[2], by=firm.preparer, now=now)
    seen.append(digest())
    documents.keep(
        session,
        ready,
        data=b"contract",
        filename="c.txt",
        kind="contract",
        by=firm.preparer,
        now=now,
        settings=settings,
    )
    seen.append(digest())
    assert len(set(seen)) == len(seen)


def test_later_days_judge_answers_by_the_day_of_their_submission(
    session: Session, submitted: Shipment, firm: Firm, attest: Attest, now: datetime
) -> None:
    decision = attest(submitted, firm.officer, now + timedelta(days=20))
    stored = submitted.assessment
    assert stored is not None
    assert decision.outcome == State.CERTIFIED
    assert stored.facts["on"] == (now.date() + timedelta(days=20)).isoformat()
    (submission, _) = (each.submission for each in answers.both(session, submitted, now))
    assert answers.today(submission, now + timedelta(days=20)) == now.date()
    assert answers.today(None, now + timedelta(days=20)) == now.date() + timedelta(days=20)


def test_a_preview_writes_nothing(session: Session, ready: Shipment, now: datetime) -> None:
    session.commit()
    before = session.scalar(select(func.count()).select_from(AuditEvent))
    judged = assess.preview(session, ready, now)
    assert judged.outcome.state == State.CERTIFIED
    assert not session.new
    assert not session.dirty
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_parties_change_in_place_and_are_found_by_name(
    session: Session, ready: Shipment, firm: Firm, now: datetime
) -> None:
    party = ready.parties[1]
    entry = {**edit.party_entry(party), "name": "Ilse Reinhold", "name_native": "伊尔莎·莱因霍尔德"}
    edit.change_party(session, party, PartyEntry.model_validate(entry), by=firm.preparer, now=now)
    home = firm.organisation.id
    assert session.scalars(find.of_organisation(home, text="ilse rein")).all() == [ready]
    assert session.scalars(find.of_organisation(home, text="莱因霍尔德")).all() == [ready]
    assert session.scalars(find.of_organisation(home, text="100%")).all() == []
    assert session.scalars(find.of_organisation(home, state="certified")).all() == []
    assert session.scalars(find.of_organisation(home, state="nonsense")).all() == [ready]
    assert find.party(ready, party.id) is party
    assert find.goods_line(ready, uuid.uuid4()) is None
    assert find.counts(session, home)[State.DRAFT] == 1
