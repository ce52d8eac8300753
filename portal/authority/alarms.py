"""Word to the offices on both sides of an alarm: one mail to each of their officers.

Mail travels open, so it tells what to do and where to read it, and neither names nor goods.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from portal import mail
from portal.accounts import letters
from portal.accounts.letters import Letter
from portal.accounts.models import User
from portal.authority.endorse import TELL
from portal.authority.endorsement_models import EndorsementAlarm
from portal.jobs import register
from portal.jobs.registry import Work
from portal.text import Text

_SUBJECT = Text(
    "Alarm: endorsements of certificate {number} contradict one another", "警报：证书{number}的验放记录相互矛盾"
)
_BODY = Text(
    "What ports have recorded of certificate {number} contradicts itself or the certificate: more than was left, one "
    "declaration twice, two contents under one identity, or a certificate that was not in force.\n\n"
    "What to do: hold the goods that are still with you. Sign in, compare both sides and rule on the alarm:\n{link}",
    "各口岸就证书{number}登记的内容相互矛盾或与证书不符：超出剩余数量、同一报关单登记两次、同一标识有两种内容，或证书当时不在有效状态。\n\n"
    "您需要做的：暂扣仍在贵口岸的货物，登录门户比对双方记录，并对警报作出处理：\n{link}",
)


def wire() -> None:
    """Name who does the job."""
    register(TELL, handle)


def handle(work: Work, payload: Mapping[str, Any]) -> None:
    """The job of one mail."""
    with work.transaction() as session:
        alarm = session.get_one(EndorsementAlarm, uuid.UUID(payload["alarm"]))
        person = session.get_one(User, uuid.UUID(payload["person"]))
        letter = written(alarm, person, work.settings.public_address)
    mail.send(work.settings, to=letter.to, subject=letter.subject, body=letter.body)


def written(alarm: EndorsementAlarm, person: User, address: str) -> Letter:
    """The letter of an alarm in the language of the person."""
    number = alarm.endorsement.certificate.number
    link = f"{address}/authority/certificates/{number}"
    return letters.write(person.email, person.language, _SUBJECT, _BODY, number=number, link=link)
