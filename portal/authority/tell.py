"""Word to the exporter that a certificate was suspended: one mail to each person who answers for it.

Mail travels open, so it tells what to do and where to read why, and neither names nor findings.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from portal import jobs, mail
from portal.accounts import letters, people
from portal.accounts.letters import Letter
from portal.accounts.models import User
from portal.authority.consequences import TELL
from portal.certificates.models import CertificateEvent
from portal.jobs.registry import Work
from portal.shipments.models import Shipment
from portal.text import Text

ONE = "tell-suspended-one"
_SUBJECT = Text("Certificate {number} is suspended", "证书{number}已被中止")
_BODY = Text(
    "The due-diligence certificate {number} for your shipment {reference} was suspended on {day}.\n\n"
    "What this means: whoever verifies the certificate now sees that it is suspended. Do not ship goods under it, and "
    "do not use it for a licence application, until it is reinstated.\n\n"
    "What to do: sign in, read the reason and answer it:\n{link}\n\n"
    "If the goods have left already, say so in your answer, with the declaration number and where they are now.",
    "贵单位货物批次{reference}的尽职调查证书{number}已于{day}被中止。\n\n"
    "这意味着：任何人查验该证书时都会看到其已中止。在恢复之前，请勿凭该证书出运货物，也不要用于申请出口许可证。\n\n"
    "您需要做的：登录门户，查看原因并作出答复：\n{link}\n\n"
    "如货物已经出运，请在答复中说明，并注明报关单号和货物目前所在地。",
)


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of a suspension: one further job for each person, so that a mail that fails keeps none of the others."""
    with work.transaction() as session:
        event = session.get_one(CertificateEvent, uuid.UUID(payload["event"]))
        for person in people.who_answer(session, event.certificate.organisation_id):
            told = {"event": str(event.id), "person": str(person.id)}
            jobs.post(session, ONE, told, now=work.now(), key=f"{TELL}:{event.id}:{person.id}")


def handle_one(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of one mail."""
    with work.transaction() as session:
        event = session.get_one(CertificateEvent, uuid.UUID(payload["event"]))
        person = session.get_one(User, uuid.UUID(payload["person"]))
        shipment = session.get_one(Shipment, event.certificate.subject_id)
        letter = written(event, shipment, person, work.settings.public_address)
    mail.send(work.settings, to=letter.to, subject=letter.subject, body=letter.body)


def written(event: CertificateEvent, shipment: Shipment, person: User, address: str) -> Letter:
    """The letter of a suspension in the language of the person."""
    return letters.write(
        person.email,
        person.language,
        _SUBJECT,
        _BODY,
        number=event.certificate.number,
        reference=shipment.reference,
        day=event.at.date().isoformat(),
        link=f"{address}/shipments/{shipment.id}/suspension",
    )
