"""A publisher of lists on the loopback interface that misbehaves in every way that a test can think of."""

import contextlib
import gzip
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.screening.conftest import DATA

BODY = (DATA / "published" / "un.xml").read_bytes()
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
        return self.named("un.xml")

    def named(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/lists/{name}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


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


# ---- publishers that do as they should


def proper(body: bytes = BODY, **headers: str) -> Act:
    """All as it should be: tags, ranges, lengths."""

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
        to.begin(200, ETag=tag(body), Content_Length=str(len(body)), **headers)
        to.wfile.write(body)

    return act


def several(files: dict[str, bytes]) -> Act:
    """A folder of files, each by its name."""

    def act(to: Answering) -> None:
        body = files.get(to.path.partition("?")[0].rpartition("/")[2])
        (proper(body) if body is not None else status(404))(to)

    return act


def chunked(body: bytes = BODY, **headers: str) -> Act:
    """Piece by piece, without a length but with an end."""

    def act(to: Answering) -> None:
        to.begin(200, Transfer_Encoding="chunked", **headers)
        for at in range(0, len(body), 700):
            _chunk(to, body[at : at + 700])
        to.wfile.write(b"0\r\n\r\n")

    return act


def packed(body: bytes = BODY) -> Act:
    """Compressed, though that was not asked for."""
    return proper(gzip.compress(body), Content_Encoding="gzip")


def status(code: int, **headers: str) -> Act:
    return lambda to: to.begin(code, Content_Length="0", **headers)


# ---- and those that do not


def breaks_off(to: Answering) -> None:
    to.begin(200, ETag=tag(BODY), Content_Length=str(len(BODY)))
    to.wfile.write(BODY[:500])


def resets(to: Answering) -> None:
    """Half of the file, then the connection is torn down, not closed."""
    to.begin(200, ETag=tag(BODY), Content_Length=str(len(BODY)))
    to.wfile.write(BODY[:500])
    to.wfile.flush()
    time.sleep(0.1)
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.connection.close()


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


def drips_in_chunks(to: Answering) -> None:
    to.begin(200, Transfer_Encoding="chunked")
    for at in range(60):
        _chunk(to, BODY[at : at + 1])
        time.sleep(0.1)


def without_a_length(to: Answering) -> None:
    """A part of the file that looks like the whole: nothing says where it ends."""
    to.begin(200)
    to.wfile.write(BODY[:500])


def endless(to: Answering) -> None:
    to.begin(200, Transfer_Encoding="chunked")
    while True:
        _chunk(to, b"<more>" * 1000)


def endless_headers(to: Answering) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for at in range(5000):
        to.wfile.write(f"X-{at}: 1\r\n".encode())


def too_long(to: Answering) -> None:
    to.begin(200, Content_Length=str(10**12))
    to.wfile.write(BODY)


def ends_between_chunks(to: Answering) -> None:
    to.begin(200, Transfer_Encoding="chunked")
    _chunk(to, BODY[:500])


def nonsense(to: Answering) -> None:
    to.wfile.write(b"\x00\x01\x02 what\r\n\r\n")


def nothing_to_unpack(to: Answering) -> None:
    to.begin(200, Content_Encoding="gzip", Content_Length="4")
    to.wfile.write(b"what")


def packed_in_half(to: Answering) -> None:
    body = gzip.compress(BODY)[:-100]
    to.begin(200, Content_Encoding="gzip", Content_Length=str(len(body)))
    to.wfile.write(body)


def packed_with_more(to: Answering) -> None:
    proper(gzip.compress(BODY) + b"more", Content_Encoding="gzip")(to)


def bomb(to: Answering) -> None:
    """Twenty megabytes in twenty kilobytes."""
    proper(gzip.compress(bytes(20_000_000)), Content_Encoding="gzip")(to)


def brotli(to: Answering) -> None:
    proper(BODY, Content_Encoding="br")(to)


def wrong_range(to: Answering) -> None:
    to.begin(206, ETag=tag(BODY), Content_Length="5", Content_Range=f"bytes 0-4/{len(BODY)}")
    to.wfile.write(BODY[:5])


def part_of_another(etag: str = "", whole: int = len(BODY)) -> Act:
    """The rest of a file, which is not the one that was begun."""

    def act(to: Answering) -> None:
        rest = b"x" * (whole - 500)
        to.begin(
            206, ETag=etag or tag(BODY), Content_Length=str(len(rest)), Content_Range=f"bytes 500-{whole - 1}/{whole}"
        )
        to.wfile.write(rest)

    return act


def page(kind: str = "text/html; charset=utf-8") -> Act:
    """A page for people, with all the signs of success."""
    return proper(
        b"\n<!DOCTYPE html><html><body>We are moving. Please come back later.</body></html>", Content_Type=kind
    )


def _chunk(to: Answering, body: bytes) -> None:
    to.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
