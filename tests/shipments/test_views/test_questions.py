"""Questionnaires page by page: saved as one goes, right or wrong, and shown again as they were left."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.shipments import answers, edit
from portal.shipments.models import Shipment
from tests.shipments.conftest import Firm
from tests.shipments.test_views.conftest import Desk, fields_of

Enter = Callable[[User], FlaskClient]
STATED = "/questionnaires/end-use/use/stated_use"


@pytest.fixture
def fresh(database: Session, firm: Firm, now: object) -> Desk:
    """A shipment in which nothing has been answered."""
    made: Shipment = edit.create(
        database, organisation_id=firm.organisation.id, reference="N-1", by=firm.preparer, now=firm.preparer.created_at
    )
    database.commit()
    return Desk(made, firm)


def test_an_incomplete_page_is_kept_for_later(enter: Enter, fresh: Desk) -> None:
    client = enter(fresh.firm.preparer)
    page = fields_of(client.get(fresh.path(STATED)))
    later = client.post(fresh.path(STATED), data=page | {"stated_end_use": "Lenses", "later": "yes"})
    assert later.status_code == 303
    assert later.location == fresh.path()
    assert "Lenses" in client.get(fresh.path(STATED)).text
    assert "In progress" in client.get(fresh.path("/questionnaires/end-use")).text


def test_a_wrong_answer_is_kept_and_told_again_on_return(enter: Enter, fresh: Desk) -> None:
    client = enter(fresh.firm.preparer)
    page = fields_of(client.get(fresh.path(STATED)))
    long = "word " * 5000
    wrong = client.post(fresh.path(STATED), data=page | {"stated_end_use": long})
    assert wrong.status_code == 422
    assert "govuk-error-summary" in wrong.text
    again = client.get(fresh.path(STATED))
    assert "word word" in again.text
    assert "govuk-error-message" in again.text
    assert "Needs correction" in client.get(fresh.path("/questionnaires/end-use")).text
    assert "Needs correction" in client.get(fresh.path("/questionnaires/end-use/answers")).text


def test_hostile_answers(enter: Enter, fresh: Desk) -> None:
    client = enter(fresh.firm.preparer)
    page = fields_of(client.get(fresh.path(STATED)))
    for text in ("x" * (10 * 1024 * 1024), "a\x00b", "\ud83d" * 3, "\u202egnp"):
        answer = client.post(fresh.path(STATED), data=page | {"stated_end_use": text.encode("utf-8", "replace")})
        assert answer.status_code in (422, 409), text[:10]
        page = fields_of(client.get(fresh.path(STATED)))
        assert client.get(fresh.path("/check")).status_code == 200
    forged = client.post(fresh.path(STATED), data=page | {"end_use_detail": "made up", "no_such_question": "1"})
    assert forged.status_code == 422


def test_asking_for_the_head_of_a_page_saves_nothing(enter: Enter, fresh: Desk) -> None:
    client = enter(fresh.firm.preparer)
    assert client.head(fresh.path(STATED)).status_code == 200
    assert "Not started" in client.get(fresh.path("/questionnaires/end-use")).text


def test_a_page_tells_where_one_is_and_why_it_is_asked(enter: Enter, fresh: Desk) -> None:
    page = enter(fresh.firm.preparer).get(fresh.path(STATED)).text
    assert re.search(r"Page \d+ of \d+", page)
    assert "Why we ask" in page
    assert "/guidance/end-use" in page


def test_changing_one_answer_leads_back_to_the_check(enter: Enter, desk: Desk) -> None:
    client = enter(desk.firm.preparer)
    listing = client.get(desk.path("/questionnaires/end-use/answers")).text
    assert f"{STATED}?back=answers" in listing
    path = desk.path(STATED) + "?back=answers"
    saved = client.post(path, data=fields_of(client.get(path)) | {"stated_end_use": "Other words"})
    assert saved.status_code == 303
    assert saved.location == desk.path("/questionnaires/end-use/answers")


def test_a_page_that_fell_off_the_path_leads_back(enter: Enter, fresh: Desk, database: Session) -> None:
    client = enter(fresh.firm.preparer)
    each = answers.answered(database, fresh.shipment, "end-use", fresh.shipment.created_at)
    on_path = {page.page.id for page in each.path.pages}
    hidden = next(
        (section.id, page.id)
        for section in each.questionnaire.sections
        if section.repeat is None
        for page in section.pages
        if page.id not in on_path
    )
    path = fresh.path(f"/questionnaires/end-use/{hidden[0]}/{hidden[1]}")
    assert client.get(path).location == fresh.path("/questionnaires/end-use")
    assert client.post(path, data={"seen": "0"}).status_code == 409


def test_a_goods_line_that_was_removed_is_no_longer_asked_about(enter: Enter, desk: Desk) -> None:
    client = enter(desk.firm.preparer)
    line = desk.shipment.goods[0]
    path = desk.path(f"/questionnaires/end-use/goods_need/item_fate/{line.id}")
    assert client.get(path).status_code == 200
    assert client.post(desk.path(f"/goods/{line.id}/remove")).status_code == 303
    assert client.get(path).status_code == 404
    page = client.get(desk.path("/check")).text
    assert "Add at least one goods line" in page
    assert 'name="declared"' not in page
    assert client.post(desk.path("/check"), data={"declared": "y", "version": "1"}).status_code == 422
