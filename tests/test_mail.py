"""Mail goes through a server where one is set, else into files; a failure is told and not hidden."""

import socket
import ssl
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from portal.config import Settings
from portal.mail import MailNotSent, send

MESSAGE = {"to": "li@example.com", "subject": "邀请您加入\r\nBcc: x@example.com", "body": "请打开链接\n.\nEnd\n"}


@dataclass
class Server:
    """A mail server on the loopback that keeps what it gets, or refuses it."""

    refuse: bool = False
    received: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return "554 no"
        self.received.append(envelope)
        return "250 taken"


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        right = data.login == b"portal" and data.password == b"p@ss:word"
        return AuthResult(success=right, handled=False)

    handler = Server()
    # The controller cannot be given port 0, since it connects to itself to see that it is up.
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        authenticator=check,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],
    )
    controller.start()
    yield handler, port
    controller.stop()


def _settings(tmp_path: Path, url: str = "") -> Settings:
    return Settings(instance=tmp_path, mail_url=url, mail_sender="Portal <portal@example.org>")


def test_without_a_server_mail_is_kept_in_a_private_file(tmp_path: Path) -> None:
    path = send(_settings(tmp_path), **MESSAGE)
    assert path is not None
    assert path.parent == tmp_path / "mail"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["To"] == "li@example.com"
    assert mail["Bcc"] is None
    assert mail["Subject"] == "邀请您加入 Bcc: x@example.com"
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content() == MESSAGE["body"]


@pytest.mark.network
@pytest.mark.parametrize("login", ["", "portal:p%40ss%3Aword@"])
def test_a_server_takes_it(tmp_path: Path, server: tuple[Server, int], login: str) -> None:
    handler, port = server
    assert send(_settings(tmp_path, f"smtp://{login}127.0.0.1:{port}"), **MESSAGE) is None
    envelope = handler.received[0]
    assert envelope.rcpt_tos == ["li@example.com"]
    assert envelope.mail_from == "portal@example.org"
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail.get_content().replace("\r\n", "\n") == MESSAGE["body"]
    assert not (tmp_path / "mail").exists()


@pytest.mark.network
def test_a_server_that_refuses_or_wants_another_password(tmp_path: Path, server: tuple[Server, int]) -> None:
    handler, port = server
    with pytest.raises(MailNotSent):
        send(_settings(tmp_path, f"smtp://portal:wrong@127.0.0.1:{port}"), **MESSAGE)
    handler.refuse = True
    with pytest.raises(MailNotSent):
        send(_settings(tmp_path, f"smtp://127.0.0.1:{port}"), **MESSAGE)
    assert handler.received == []


@pytest.mark.network
def test_encryption_that_was_asked_for_is_never_left_out(tmp_path: Path, server: tuple[Server, int]) -> None:
    handler, port = server
    with pytest.raises(MailNotSent):
        send(_settings(tmp_path, f"smtp://127.0.0.1:{port}?starttls=1"), **MESSAGE)
    with pytest.raises(MailNotSent) as caught:
        send(_settings(tmp_path, f"smtps://127.0.0.1:{port}"), **MESSAGE)
    assert isinstance(caught.value.__cause__, ssl.SSLError | OSError)
    assert handler.received == []


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "http://127.0.0.1", "smtp://", "smtp://127.0.0.1:port", "x"])
def test_no_server_to_be_reached(tmp_path: Path, url: str) -> None:
    with pytest.raises(MailNotSent):
        send(_settings(tmp_path, url), **MESSAGE)


def test_an_address_that_would_add_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MailNotSent):
        send(_settings(tmp_path), to="li@example.com\nBcc: x@example.com", subject="s", body="b")
