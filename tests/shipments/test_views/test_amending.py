"""Amend and supersede, end to end: what everybody, the exporter and the authority learn of the old certificate."""

import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certificates import issue, keys
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.jobs.models import Job
from portal.shipments import conduct
from portal.shipments.models import Shipment
from tests.shipments.test_views.conftest import Desk

Enter = Callable[[User], FlaskClient]


@pytest.fixture
def pair(make_desk: Callable[..., Desk], database: Session, settings: Settings, now: datetime) -> tuple[Desk, Shipment]:
    """A shipment that was certified, amended, and certified again."""
    desk = make_desk(submitted=True)
    told = {"officer": desk.firm.officer, "now": now, "issuer": keys.open_issuer(settings, now=now)}
    conduct.attest(database, desk.shipment, settings=settings, **told)  # type: ignore[arg-type]
    newer = conduct.amend(database, desk.shipment, by=desk.firm.preparer, now=now)
    conduct.submit(database, newer, by=desk.firm.preparer, now=now)
    conduct.attest(database, newer, settings=settings, **told)  # type: ignore[arg-type]
    database.commit()
    return desk, newer


def certificate(database: Session, shipment: Shipment) -> Certificate:
    found = conduct.certificate(database, shipment)
    assert found is not None
    return found


def test_the_old_certificate_names_the_new_one_only_to_those_who_may_know(
    pair: tuple[Desk, Shipment], client: FlaskClient, enter: Enter, database: Session, people: Callable[..., User]
) -> None:
    desk, newer = pair
    old, new = certificate(database, desk.shipment), certificate(database, newer)
    assert json.loads(new.statement)["supersedes"] == old.number
    files = issue.files(old)

    # Whoever has the number, the paper or a machine learns that it is superseded, and not by which.
    page = client.get(f"/verify/{old.number}").text
    assert "Superseded" in page
    assert new.number not in page
    told = client.get(f"/verify/{old.number}?format=json")
    assert told.json is not None
    assert told.json["state"] == "superseded"
    assert new.number not in told.text
    for kind in ("pdf", "json", "png"):
        sent = {"file": (io.BytesIO(files[kind]), f"old.{kind}")}
        result = client.post("/verify?format=json", data=sent, content_type="multipart/form-data")
        assert result.json is not None
        assert (result.json["summary"], result.json["status"]["code"]) == ("not_valid", 313), kind
        assert new.number not in result.text
    assert client.get(f"/verify/{new.number}?format=json").json["state"] == "valid"  # type: ignore[index]

    # The exporter and the authority are led to the new one.
    theirs = enter(desk.firm.preparer).get(desk.path("/decision")).text
    assert new.number in theirs
    assert f"/shipments/{newer.id}/decision" in theirs
    standing = enter(desk.firm.preparer).get(desk.path()).text
    assert f'href="/shipments/{newer.id}">See revision 2' in standing
    assert "Amend this shipment" not in standing
    assert "Amend this shipment" in enter(desk.firm.preparer).get(f"/shipments/{newer.id}").text
    own = enter(desk.firm.preparer).get(f"/shipments/{newer.id}/decision").text
    assert old.number not in own or "Superseded by" not in own
    assert new.number in enter(people("officer")).get(f"/authority/certificates/{old.number}").text


def test_both_are_handed_over_and_the_old_pack_says_what_became_of_it(
    pair: tuple[Desk, Shipment], enter: Enter, database: Session
) -> None:
    desk, newer = pair
    numbers = [certificate(database, each).number for each in (desk.shipment, newer)]
    planned = database.scalars(select(Job).where(Job.kind == "hand-over").order_by(Job.created_at, Job.id)).all()
    assert sorted(job.payload["number"] for job in planned) == sorted(numbers)
    packed = enter(desk.firm.preparer).get(desk.path("/certificate.zip"))
    assert packed.mimetype == "application/zip"
    assert b'"state": "superseded"' in packed.data
    assert numbers[1].encode() not in packed.data
