"""Every page of the workspace answers, in both languages, for those who may see it and for nobody else."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import User
from tests.shipments.test_views.conftest import Desk

Enter = Callable[[User], FlaskClient]

DRAFT_PAGES = [
    "", "/contract", "/route", "/licence", "/goods", "/goods/add", "/parties", "/parties/add", "/documents",
    "/documents/add", "/questionnaires/end-use", "/questionnaires/end-use/answers", "/questionnaires/end-user",
    "/questionnaires/end-user/answers", "/questionnaires/end-use/use/stated_use", "/check", "/withdraw", "/history",
    "/file",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_of_a_draft_answer(enter: Enter, desk: Desk, language: str) -> None:
    client = enter(desk.firm.preparer)
    line, party = desk.shipment.goods[0], desk.shipment.parties[0]
    single = [f"/goods/{line.id}", f"/goods/{line.id}/control", f"/goods/{line.id}/remove", f"/parties/{party.id}"]
    for path in [*DRAFT_PAGES, *single, f"/questionnaires/end-use/goods_need/item_fate/{line.id}"]:
        answer = client.get(desk.path(path) + f"?lang={language}")
        assert answer.status_code == 200, path
        assert answer.text.count("<h1") == 1, path
    for path in ("/shipments/", "/shipments/new"):
        assert client.get(f"{path}?lang={language}").status_code == 200
