"""Hand a certificate over: signed mail with the pack to each person who answers for it at the exporter."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal import jobs, mail
from portal.accounts import letters, people
from portal.accounts.letters import Letter
from portal.accounts.models import User
from portal.certificates import keys, mail_key, pack, status
from portal.certificates.models import Certificate
from portal.jobs.registry import Work
from portal.mail import Attachment
from portal.shipments.models import Shipment
from portal.text import Text

KIND, ONE = "hand-over", "hand-over-one"
# Names under .invalid never have a mail server (RFC 2606); people of a case file have such addresses.
_NOWHERE = ".invalid"
_SUBJECT = Text("Certificate {number} is issued", "证书{number}已签发")
_BODY = Text(
    "The due-diligence certificate {number} for your shipment {reference} is issued. It is valid until {until}.\n\n"
    "The attached pack holds the signed PDF, the credential, the seal, the statement, the proof that it is in the "
    "public log, and the issuer's word about its status. Keep it with the customs papers; README.txt in it says how "
    "each file is checked.\n\n"
    "{superseding}"
    "The shipment:\n{link}\n\n"
    "The certificate proves due diligence. It is not an export licence.{signed}",
    "贵单位货物批次{reference}的尽职调查证书{number}已签发，有效期至{until}。\n\n"
    "所附资料包内含经签名的PDF、电子凭证、数字印章、声明、公开日志证明以及签发机构关于证书状态的答复。"
    "请与报关资料一并保存；包内README.txt说明各文件的核验方法。\n\n"
    "{superseding}"
    "货物批次：\n{link}\n\n"
    "证书仅证明已开展尽职调查，不是出口许可证。{signed}",
)
_SUPERSEDING = Text(
    "It supersedes certificate {older}, which must no longer be presented.\n\n",
    "本证书取代证书{older}，原证书不得再行使用。\n\n",
)
_SIGNED = Text(
    "\n\nThis mail is signed. If your mail program reports that the signature is wrong, do not use what is attached.",
    "\n\n本邮件已签名。如邮件程序提示签名无效，请勿使用附件。",
)


def plan(session: Session, number: str, *, now: datetime) -> None:
    """Write down, with the certificate's own transaction, that it is to be handed over."""
    jobs.post(session, KIND, {"number": number}, now=now, key=f"{KIND}:{number}")


def wire() -> None:
    """Name who does these jobs."""
    jobs.register(KIND, handle)
    jobs.register(ONE, handle_one)


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of a certificate: one further job for each person, so that a mail that fails keeps none of the others."""
    number = payload["number"]
    with work.transaction() as session:
        found = _certificate(session, number)
        for person in people.who_answer(session, found.organisation_id):
            if person.email.endswith(_NOWHERE):
                continue
            told = {"number": number, "person": str(person.id)}
            jobs.post(session, ONE, told, now=work.now(), key=f"{KIND}:{number}:{person.id}")


def handle_one(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of one mail."""
    now = work.now()
    issuer = keys.open_issuer(work.settings, now=now)
    signer = mail_key.open_signer(work.settings, issuer, now=now)
    with work.transaction() as session:
        found = _certificate(session, payload["number"])
        person = session.get_one(User, uuid.UUID(payload["person"]))
        shipment = session.get_one(Shipment, found.subject_id)
        letter = written(found, shipment, person, work.settings.public_address, signed=signer is not None)
        packed = pack.make(session, found, issuer=issuer, now=now)
    mail.send(
        work.settings,
        to=letter.to,
        subject=letter.subject,
        body=letter.body,
        attachments=[Attachment(f"{found.number}.zip", pack.MEDIA_TYPE, packed)],
        signer=signer,
    )


def written(found: Certificate, shipment: Shipment, person: User, address: str, *, signed: bool) -> Letter:
    """The letter that goes with a certificate, in the language of the person."""
    older = json.loads(found.statement)["supersedes"]
    return letters.write(
        person.email,
        person.language,
        _SUBJECT,
        _BODY,
        number=found.number,
        reference=shipment.reference,
        until=found.valid_until.isoformat(),
        superseding=_SUPERSEDING.filled(older=older) if older else Text("", ""),
        link=f"{address}/shipments/{shipment.id}/decision",
        signed=_SIGNED if signed else Text("", ""),
    )


def _certificate(session: Session, number: str) -> Certificate:
    found = status.find(session, number)
    if found is None:
        raise LookupError(number)
    return found
