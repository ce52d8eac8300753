"""A certificate is issued and verified whether or not an event loop runs in the thread."""

import asyncio

import pytest
from sqlalchemy.orm import Session

from portal.certificates import issue
from portal.certificates.keys import Issuer
from portal.certificates.trust import TrustRoot
from portal.certificates.waiting import wait
from portal.config import Settings
from portal.verification.verify import verify
from tests.certificates.samples import NOW, issue_one


def test_issue_and_verify_inside_a_running_loop(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot
) -> None:
    async def inside() -> str:
        made = issue_one(session, issuer, settings)
        return verify(issue.files(made)["pdf"], trust=trust, status=None, now=NOW).integrity.answer

    assert asyncio.run(inside()) == "yes"


@pytest.mark.parametrize("nested", [False, True])
def test_an_error_reaches_the_caller(nested: bool) -> None:
    async def fails() -> None:
        raise LookupError("of the work")

    async def inside() -> None:
        wait(fails())

    with pytest.raises(LookupError, match="of the work"):
        asyncio.run(inside()) if nested else wait(fails())
