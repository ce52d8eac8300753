"""A certificate is issued and verified whether or not an event loop runs in the thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.certificates import issue
from portal.certificates.keys import Issuer
from portal.certificates.trust import TrustRoot
from portal.certificates.waiting import wait
from portal.config import Settings
from portal.verification.verify import verify
from tests.certificates.samples import NOW, issue_one


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread of its own: in that of the tests a browser's loop may be running already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_issue_and_verify_inside_a_running_loop(
    session: Session, issuer: Issuer, settings: Settings, trust: TrustRoot
) -> None:
    async def inside() -> str:
        made = issue_one(session, issuer, settings)
        return verify(issue.files(made)["pdf"], trust=trust, status=None, now=NOW).integrity.answer

    assert run(inside()) == "yes"


@pytest.mark.parametrize("nested", [False, True])
def test_an_error_reaches_the_caller(nested: bool) -> None:
    async def fails() -> None:
        raise LookupError("of the work")

    async def inside() -> None:
        wait(fails())

    with pytest.raises(LookupError, match="of the work"):
        run(inside()) if nested else wait(fails())
