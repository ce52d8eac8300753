"""The authority's editor: drafted by one, approved by another, shown to everybody from then on."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.controls.models import ChangeState, MeasureChange
from portal.db import utc_now
from tests.controls.test_views import words

CHECK = {
    "kind": "check",
    "effective": utc_now().date().isoformat(),
    "source": "the official announcement",
    "mark": "V",
    "reason": "Compared line by line",
}
EXTENSION = {**CHECK, "kind": "extension", "effective": "2026-11-11", "until": "2099-11-10", "announcement": "TEST 1"}
UNSEEN = {"unseen": "no worker runs in this test"}
SignIn = Callable[[User], FlaskClient]
People = Callable[..., User]


def draft(client: FlaskClient, name: str, **values: str) -> str:
    """The address of the change that was drafted."""
    answer = client.post(f"/controls/measures/{name}/change", data=values)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["Location"])


@pytest.mark.parametrize("path", ["/controls/changes", "/controls/measures/2025-57/change"])
def test_only_the_authority_may_enter(client: FlaskClient, people: People, sign_in: SignIn, path: str) -> None:
    assert client.get(path).status_code == 303
    assert sign_in(people("compliance_officer", "administrator")).get(path).status_code == 403
    assert sign_in(people("officer")).get(path).status_code == 200
    assert "Draft a change" not in sign_in(people("preparer")).get("/controls/measures/2025-57").text


def test_from_draft_to_what_everybody_sees(
    client: FlaskClient, people: People, sign_in: SignIn, database: Session
) -> None:
    officer, supervisor = people("officer"), people("supervisor")
    address = draft(sign_in(officer), "2025-57", **EXTENSION)
    page = words(client.get(address).text)
    assert "In force again: check now today" in page
    assert re.search(r"After the change .* Suspended today suspended by TEST 1 from 11 Nov 2026 to 10 Nov 2099", page)
    assert "Approve the change" not in page
    assert client.post(f"{address}/propose").status_code == 303
    assert "waits for a supervisor" in client.get(address).text
    assert client.post(f"{address}/approve").status_code == 403
    assert "TEST 1" not in client.get("/controls/measures/2025-57").text
    sign_in(supervisor)
    assert "2025-57" not in client.get("/controls/changes").text
    assert "Announcement 57/2025" in client.get("/controls/changes").text
    assert client.post(f"{address}/approve", data=UNSEEN).status_code == 303
    client.get("/sign-out")
    with client.session_transaction() as cookie:
        cookie.clear()
    public = words(client.get("/controls/measures/2025-57").text)
    assert "Suspended by TEST 1 from 11 Nov 2026 to 10 Nov 2099." in public
    assert "+1" in client.get("/controls/").text
    assert database.scalars(select(MeasureChange.state)).all() == [ChangeState.APPROVED]


def test_a_comparison_lets_the_assistant_say_what_lies_outside(people: People, sign_in: SignIn) -> None:
    query = "/controls/classify?text=Sb2O3&item=33/2024:antimony-oxide&step=answer&purity=99.5"
    client = sign_in(people("officer"))
    assert "Not settled" in client.get(query).text
    address = draft(client, "2024-33", **CHECK)
    client.post(f"{address}/propose")
    client = sign_in(people("supervisor"))
    client.post(f"{address}/approve", data=UNSEEN)
    answer = words(client.get(query).text)
    assert "Not found to be controlled by the measures on file" in answer
    assert "+1" in answer


def test_a_draft_that_does_not_fit_is_shown_as_typed_with_why(
    people: People, sign_in: SignIn, database: Session
) -> None:
    client = sign_in(people("officer"))
    wrong = client.post("/controls/measures/2025-57/change", data={**EXTENSION, "effective": "2026-12-24"})
    assert wrong.status_code == 422
    assert "An extension begins on the day after the suspension that it extends, 11 Nov 2026." in wrong.text
    assert 'value="2026-12-24"' in wrong.text
    empty = client.post("/controls/measures/2025-57/change", data={})
    assert empty.status_code == 422
    assert "Say why the change is made" in empty.text
    assert database.scalars(select(MeasureChange)).all() == []


def test_a_rejection_needs_a_reason_and_is_told(people: People, sign_in: SignIn) -> None:
    client = sign_in(people("officer"))
    address = draft(client, "2025-57", **EXTENSION)
    client.post(f"{address}/propose")
    client = sign_in(people("supervisor"))
    assert client.post(f"{address}/reject", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/reject", data={"reason": "Not the official text"}).status_code == 303
    page = words(client.get(address).text)
    assert "Rejected" in page
    assert "Not the official text" in page


def test_a_draft_can_be_withdrawn_and_an_unknown_change_is_not_found(people: People, sign_in: SignIn) -> None:
    client = sign_in(people("officer"))
    address = draft(client, "2025-57", **EXTENSION)
    assert client.post(f"{address}/withdraw").status_code == 303
    assert "Withdrawn" in words(client.get("/controls/measures/2025-57").text)
    assert client.get("/controls/changes/00000000-0000-7000-8000-000000000000").status_code == 404
    assert client.post(f"{address}/delete").status_code == 404


def test_a_reason_of_megabytes_is_refused(people: People, sign_in: SignIn, database: Session) -> None:
    client = sign_in(people("officer"))
    address = draft(client, "2025-57", **EXTENSION)
    client.post(f"{address}/propose")
    answer = sign_in(people("supervisor")).post(f"{address}/reject", data={"reason": "a" * 1_000_000})
    assert answer.status_code == 422
    assert "Use 2,000 characters or fewer" in answer.text
