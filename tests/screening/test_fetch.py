"""Lists are fetched from publishers that misbehave in every way; what stood there stands until a whole file came."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.screening import lists, renew
from portal.screening.fetch import FetchFailed, Limits, fetch
from tests.screening.conftest import ACTOR, DATA

pytestmark = pytest.mark.network
BODY = (DATA / "published" / "un.xml").read_bytes()
QUICK = Limits(step_seconds=1.0, try_seconds=3.0, tries=3, pause_seconds=0.0)
Act = Callable[["Answering"], None]


class Publisher:
    """A server that answers each request by the next act, then by the last one again, and keeps what was asked."""

    def __init__(self, *acts: Act) -> None:
        self.acts = list(acts)
        self.asked: list[dict[str, str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.server.daemon_threads = True
        self.server.publisher = self  # type: ignore[attr-defined]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/lists/un.xml"


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        publisher: Publisher = self.server.publisher  # type: ignore[attr-defined]
        publisher.asked.append({**dict(self.headers.items()), "path": self.path})
        act = publisher.acts.pop(0) if len(publisher.acts) > 1 else publisher.acts[0]
        with contextlib.suppress(OSError):  # the other side has gone, as it should
            act(self)
        self.close_connection = True

    def begin(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        del args


def tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def proper(body: bytes = BODY) -> Act:
    """A publisher that does all as it should."""

    def act(to: Answering) -> None:
        if to.headers.get("If-None-Match") == tag(body):
            to.begin(304, ETag=tag(body))
            return
        asked = to.headers.get("Range", "")
        if asked and to.headers.get("If-Range") == tag(body):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            length = str(len(body) - start)
            where = f"bytes {start}-{len(body) - 1}/{len(body)}"
            to.begin(206, ETag=tag(body), Content_Length=length, Content_Range=where)
            to.wfile.write(body[start:])
            return
        to.begin(200, ETag=tag(body), Content_Length=str(len(body)))
        to.wfile.write(body)

    return act


def status(code: int, **headers: str) -> Act:
    return lambda to: to.begin(code, Content_Length="0", **headers)


def breaks_off(to: Answering) -> None:
    to.begin(200, ETag=tag(BODY), Content_Length=str(len(BODY)))
    to.wfile.write(BODY[:500])


def silent(to: Answering) -> None:
    del to
    time.sleep(4)


def drips(to: Answering) -> None:
    to.begin(200, Content_Length=str(len(BODY)))
    for at in range(len(BODY)):
        to.wfile.write(BODY[at : at + 1])
        time.sleep(0.3)


def drips_headers(to: Answering) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(60):
        to.wfile.write(b"X-Slow: 1\r\n")
        time.sleep(0.3)


def drips_without_a_length(to: Answering) -> None:
    to.begin(200)
    for at in range(60):
        to.wfile.write(BODY[at : at + 1])
        time.sleep(0.1)


def endless(to: Answering) -> None:
    to.begin(200)
    while True:
        to.wfile.write(b"<more>" * 1000)


def zipped(to: Answering) -> None:
    to.begin(200, Content_Encoding="gzip", Content_Length="4")
    to.wfile.write(b"\x1f\x8b\x00\x00")


def nonsense(to: Answering) -> None:
    to.wfile.write(b"\x00\x01\x02 what\r\n\r\n")


def wrong_range(to: Answering) -> None:
    to.begin(206, ETag=tag(BODY), Content_Length="5", Content_Range=f"bytes 0-4/{len(BODY)}")
    to.wfile.write(BODY[:5])


@pytest.fixture
def publisher() -> Iterator[Callable[..., Publisher]]:
    opened: list[Publisher] = []

    def open_one(*acts: Act) -> Publisher:
        opened.append(Publisher(*acts))
        return opened[-1]

    yield open_one
    for one in opened:
        one.server.shutdown()
        one.server.server_close()


def get(address: str, path: Path, limits: Limits = QUICK) -> bool:
    return fetch(address, path, limits=limits, pause=lambda seconds: None).changed


def test_a_file_is_fetched_whole_and_asked_for_again_only_when_it_changed(
    publisher: Callable[..., Publisher], tmp_path: Path
) -> None:
    server = publisher(proper())
    path = tmp_path / "un.xml"
    assert get(server.address, path) is True
    assert path.read_bytes() == BODY
    assert get(server.address, path) is False
    assert server.asked[1]["If-None-Match"] == tag(BODY)
    server.acts = [proper(BODY + b"\n")]
    assert get(server.address, path) is True
    assert path.read_bytes() == BODY + b"\n"


def test_without_a_tag_the_day_of_the_last_change_is_asked_for(
    publisher: Callable[..., Publisher], tmp_path: Path
) -> None:
    day = "Tue, 20 Oct 2026 08:00:00 GMT"

    def dated(to: Answering) -> None:
        if to.headers.get("If-Modified-Since") == day:
            to.begin(304)
            return
        to.begin(200, Last_Modified=day, Content_Length=str(len(BODY)))
        to.wfile.write(BODY)

    server = publisher(dated)
    assert get(server.address, tmp_path / "un.xml") is True
    assert get(server.address, tmp_path / "un.xml") is False


def test_a_transfer_that_broke_off_goes_on_where_it_was(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    server = publisher(breaks_off, proper())
    assert get(server.address, tmp_path / "un.xml") is True
    assert server.asked[1]["Range"] == "bytes=500-"
    assert (tmp_path / "un.xml").read_bytes() == BODY
    assert not (tmp_path / "un.xml.part").exists()


def test_it_goes_on_in_another_run_too(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    server = publisher(breaks_off)
    with pytest.raises(FetchFailed, match="broke off"):
        get(server.address, tmp_path / "un.xml", Limits(tries=1))
    server.acts = [proper()]
    assert get(server.address, tmp_path / "un.xml") is True
    assert server.asked[-1]["Range"] == "bytes=500-"
    assert (tmp_path / "un.xml").read_bytes() == BODY


def test_parts_of_two_editions_are_never_joined(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    newer = BODY.replace(b"TESTLAND", b"OTHERLAND")
    server = publisher(breaks_off, proper(newer))
    assert get(server.address, tmp_path / "un.xml") is True
    assert (tmp_path / "un.xml").read_bytes() == newer


@pytest.mark.parametrize("second", [wrong_range, status(416)])
def test_a_range_that_was_not_asked_for_is_not_joined(
    publisher: Callable[..., Publisher], tmp_path: Path, second: Act
) -> None:
    server = publisher(breaks_off, second, proper())
    assert get(server.address, tmp_path / "un.xml") is True
    assert (tmp_path / "un.xml").read_bytes() == BODY


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (silent, "connection failed"),
        (drips, "connection failed: took too long|broke off"),
        (drips_headers, "connection failed"),
        (drips_without_a_length, "connection failed: took too long"),
        (breaks_off, "broke off"),
        (nonsense, "connection failed"),
        (endless, "more than the limit"),
        (zipped, "another encoding"),
        (status(200), "is empty"),
        (status(404), "answered 404"),
        (status(503), "answered 503"),
        (status(429), "answered 429"),
        (status(206), "answered 206"),
        (status(302, Location="/again"), "redirects without end"),
        (status(302), "redirects to"),
        (status(302, Location="file:///etc/passwd"), "no address"),
    ],
)
def test_what_stood_there_stays_whatever_the_publisher_does(
    publisher: Callable[..., Publisher], tmp_path: Path, act: Act, reason: str
) -> None:
    path = tmp_path / "un.xml"
    path.write_bytes(b"the last good one")
    server = publisher(act)
    limits = Limits(step_seconds=1.0, try_seconds=1.5, tries=1, most_bytes=1_000_000)
    begun = time.monotonic()
    with pytest.raises(FetchFailed, match=reason):
        get(server.address, path, limits)
    assert time.monotonic() - begun < 6
    assert path.read_bytes() == b"the last good one"


def test_one_that_is_busy_is_asked_again_and_one_that_refuses_is_not(
    publisher: Callable[..., Publisher], tmp_path: Path
) -> None:
    server = publisher(status(503), status(429), proper())
    assert get(server.address, tmp_path / "un.xml") is True
    refusing = publisher(status(403))
    with pytest.raises(FetchFailed):
        get(refusing.address, tmp_path / "other.xml")
    assert len(refusing.asked) == 1


def test_nobody_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="connection failed"):
        get("http://127.0.0.1:9/un.xml", tmp_path / "un.xml")
    with pytest.raises(FetchFailed, match="no address"):
        get("ftp://127.0.0.1/un.xml", tmp_path / "un.xml")


def test_lists_are_brought_up_to_date_one_by_one(
    session: Session, now: datetime, publisher: Callable[..., Publisher], tmp_path: Path
) -> None:
    good, gone = publisher(proper()), publisher(status(404))
    csv = (DATA / "published" / "us-csl.csv").read_bytes()
    page = publisher(proper(b"<html>We are moving</html>"))
    at = {"us-csl": gone.address, "un": good.address, "eu-fsf": page.address}
    only = set(at)

    def run() -> dict[str, str]:
        found = renew.update(
            session, tmp_path, actor=ACTOR, now=now, only=only, at=at, limits=QUICK, pause=lambda seconds: None
        )
        return {one.source: one.outcome for one in found}

    assert run() == {"us-csl": "unreachable", "un": "imported", "eu-fsf": "refused"}
    assert [edition.source for edition in lists.current(session)] == ["un"]
    assert session.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "list.unreachable")).all()
    gone.acts = [proper(csv)]
    at["us-csl"] = gone.address.replace("un.xml", "consolidated.csv")
    good.acts = [proper(b"<CONSOLIDATED_LIST")]
    assert run() == {"us-csl": "imported", "un": "refused", "eu-fsf": "refused"}
    assert {edition.source for edition in lists.current(session)} == {"un", "us-csl"}
    assert run()["un"] == "refused", "the same broken file is told of again"
    good.acts = [proper()]
    assert run() == {"us-csl": "unchanged", "un": "unchanged", "eu-fsf": "refused"}


def test_publishers_addresses_are_safe_ones() -> None:
    assert {"un", "ofac-sdn", "us-csl"} <= renew.addresses().keys()
    assert all(address.startswith("https://") for address in renew.addresses().values())
