"""A referred shipment is certified only when the authority cleared it, and the certificate says so."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal.certificates import issue, statement
from portal.certificates.keys import Issuer
from portal.config import Settings
from tests.certificates.samples import draft, issue_one

REVIEW = {
    "authority": "演示主管部门",
    "officer": "陈昊",
    "at": "2026-11-24T09:00:00Z",
    "reason": "Site visit report of 20 November seen.",
}


def referred(**more: object) -> dict[str, object]:
    return {**draft()["assessment"], "outcome": "refer", **more}


def test_a_referral_alone_is_not_certified(session: Session, issuer: Issuer, settings: Settings) -> None:
    with pytest.raises(issue.IssueRefused, match="not 'refer'"):
        issue_one(session, issuer, settings, assessment=referred())


def test_a_refusal_is_not_certified_even_with_a_review(session: Session, issuer: Issuer, settings: Settings) -> None:
    assessment = {**referred(review=REVIEW), "outcome": "refuse"}
    with pytest.raises(issue.IssueRefused, match="not 'refuse'"):
        issue_one(session, issuer, settings, assessment=assessment)


def test_a_cleared_referral_is_certified_and_printed(session: Session, issuer: Issuer, settings: Settings) -> None:
    made = issue_one(session, issuer, settings, assessment=referred(review=REVIEW))
    assert statement.read(made.statement.encode()).facts["assessment"]["review"] == REVIEW
    text = PdfReader(io.BytesIO(issue.files(made)["pdf"])).pages[1].extract_text()
    assert "cleared by" in text
    assert "Site visit report" in text


@pytest.mark.parametrize("missing", sorted(REVIEW))
def test_a_review_is_whole(session: Session, issuer: Issuer, settings: Settings, missing: str) -> None:
    review = {name: value for name, value in REVIEW.items() if name != missing}
    with pytest.raises(statement.StatementError, match="review"):
        issue_one(session, issuer, settings, assessment=referred(review=review))
