"""Put a letter in the post from a view: after the commit, and without losing the request when it fails."""

import logging
from pathlib import Path
from typing import Any

from flask import Response, after_this_request, url_for

from portal import mail
from portal.accounts.letters import Letter
from portal.web import requests
from portal.web.session import db_session

log = logging.getLogger(__name__)


def address_of(endpoint: str, **values: Any) -> str:
    """A full address for a mail, from the settings: the request's own host name could be forged."""
    return requests.settings().public_address + url_for(endpoint, **values)


def send(letter: Letter) -> Path | None:
    """Commit, then send: a link must be known before it arrives, and no lock is held while a server is slow.

    Raises ``MailNotSent``; what was committed stays.
    """
    db_session.commit()
    return mail.send(requests.settings(), to=letter.to, subject=letter.subject, body=letter.body)


def send_after_answer(letter: Letter) -> None:
    """Send when the answer has gone out, so that the time it takes tells nobody that there was a letter."""
    settings = requests.settings()

    def send_quietly() -> None:
        try:
            mail.send(settings, to=letter.to, subject=letter.subject, body=letter.body)
        except mail.MailNotSent:
            log.error("a letter that was promised could not be sent")

    @after_this_request
    def arrange(response: Response) -> Response:
        response.call_on_close(send_quietly)
        return response


def shows_mail() -> bool:
    """Whether pages may show where a mail went: only on a developer's or demonstration's own machine."""
    settings = requests.settings()
    return settings.environment == "development" and not settings.mail_url
