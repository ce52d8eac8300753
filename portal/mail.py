"""Send mail: through an SMTP server where one is set, else into files under the instance folder."""

import logging
import secrets
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from portal.config import Settings
from portal.smime import MailSigner, signed

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10


class MailNotSent(RuntimeError):
    """The mail did not leave the portal; the reason is in the log, without the mail's text."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail. ``media_type`` as ``application/zip``."""

    name: str
    media_type: str
    content: bytes


def send(
    settings: Settings,
    *,
    to: str,
    subject: str,
    body: str,
    attachments: Sequence[Attachment] = (),
    signer: MailSigner | None = None,
) -> Path | None:
    """Send one mail; gives back the file it was written to, or ``None`` when a server took it.

    ``settings.mail_url`` is ``smtp://user:password@host:port?starttls=1`` or ``smtps://…``. With a ``signer`` text and
    attachments are signed (see ``smime``). Raises ``MailNotSent`` when the server cannot be reached or refuses.
    """
    try:
        message, content = _headers(settings, to, subject), _content(body, attachments)
        mail = signed(message, content, signer) if signer else _joined(message, content)
        if not settings.mail_url:
            return _keep(settings.instance / "mail", mail if signer else mail.replace(b"\r\n", b"\n"))
        _deliver(settings.mail_url, parseaddr(settings.mail_sender)[1], parseaddr(to)[1], mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        log.error("mail not sent: %s", type(error).__name__)
        raise MailNotSent(type(error).__name__) from error
    return None


def _headers(settings: Settings, to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=parseaddr(settings.mail_sender)[1].rpartition("@")[2] or "localhost")
    # RFC 3834: keeps out-of-office answers from coming back.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _content(body: str, attachments: Sequence[Attachment]) -> EmailMessage:
    content = EmailMessage()
    content.set_content(body)
    for each in attachments:
        kind, _, detail = each.media_type.partition("/")
        content.add_attachment(each.content, maintype=kind, subtype=detail, filename=each.name)
    return content


def _joined(headers: EmailMessage, content: EmailMessage) -> bytes:
    for name, value in headers.items():
        content[name] = value
    return content.as_bytes(policy=SMTP)


def _keep(folder: Path, mail: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
    path.touch(mode=0o600)
    path.write_bytes(mail)
    return path


def _deliver(url: str, sender: str, to: str, mail: bytes) -> None:
    place = urlsplit(url)
    with _connect(place) as server:
        if parse_qs(place.query).get("starttls") == ["1"]:
            server.starttls(context=ssl.create_default_context())
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        server.sendmail(sender, [to], mail)


def _connect(place: SplitResult) -> smtplib.SMTP:
    if place.scheme not in ("smtp", "smtps") or not place.hostname:
        raise ValueError("PORTAL_MAIL_URL must begin with smtp:// or smtps:// and name a host")
    if place.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(place.hostname, place.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(place.hostname, place.port or 25, timeout=TIMEOUT_SECONDS)
