"""Send mail: through an SMTP server where one is set, else into files under the instance folder."""

import logging
import secrets
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from portal.config import Settings

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10


class MailNotSent(RuntimeError):
    """The mail did not leave the portal; the reason is in the log, without the mail's text."""


def send(settings: Settings, *, to: str, subject: str, body: str) -> Path | None:
    """Send one plain-text mail; gives back the file it was written to, or ``None`` when a server took it.

    ``settings.mail_url`` is ``smtp://user:password@host:port?starttls=1`` or ``smtps://…``. Raises
    ``MailNotSent`` when the server cannot be reached or refuses.
    """
    try:
        message = _message(settings, to, subject, body)
        if not settings.mail_url:
            return _keep(settings.instance / "mail", message)
        _deliver(settings.mail_url, message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        log.error("mail not sent: %s", type(error).__name__)
        raise MailNotSent(type(error).__name__) from error
    return None


def _message(settings: Settings, to: str, subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=parseaddr(settings.mail_sender)[1].rpartition("@")[2] or "localhost")
    # RFC 3834: keeps out-of-office answers from coming back.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def _keep(folder: Path, message: EmailMessage) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
    path.touch(mode=0o600)
    path.write_bytes(message.as_bytes())
    return path


def _deliver(url: str, message: EmailMessage) -> None:
    place = urlsplit(url)
    with _connect(place) as server:
        if parse_qs(place.query).get("starttls") == ["1"]:
            server.starttls(context=ssl.create_default_context())
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        server.send_message(message)


def _connect(place: SplitResult) -> smtplib.SMTP:
    if place.scheme not in ("smtp", "smtps") or not place.hostname:
        raise ValueError("PORTAL_MAIL_URL must begin with smtp:// or smtps:// and name a host")
    if place.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(place.hostname, place.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(place.hostname, place.port or 25, timeout=TIMEOUT_SECONDS)
