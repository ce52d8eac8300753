"""Fetch a list file from its publisher: only when it changed, within limits, going on where a transfer broke off.

What is known of a file stands beside it (``NAME.json``), an unfinished transfer in ``NAME.part``. A file takes its
name only when the whole of it is there, so what stands under a name is always complete (RFC 9110: conditional
requests, sections 13.1; ranges, section 14).
"""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin, urlsplit

CHUNK = 1 << 16
REDIRECTS = 5
MOVED = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT,
         HTTPStatus.PERMANENT_REDIRECT}  # fmt: skip
AGENT = "due-diligence-portal"
Progress = Callable[[int, int | None], None]


class FetchFailed(Exception):
    """A file that could not be fetched; what stood there before still stands. ``again`` says that trying may help."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one step and for one try as a whole, bytes for a file, tries, and seconds between them."""

    step_seconds: float = 20.0
    try_seconds: float = 600.0
    most_bytes: int = 2_000_000_000
    tries: int = 4
    pause_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Known:
    """What the publisher said of a file: where it came from, its entity tag, and when it was last changed."""

    address: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete file; ``changed`` is false where the publisher said that it is still the one that was there."""

    path: Path
    changed: bool


def fetch(
    address: str,
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress = lambda done, whole: None,
    pause: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Have the file at ``address`` stand at ``path``. Raises ``FetchFailed`` after the last try."""
    held = limits or Limits()
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in reversed(range(held.tries)):
        try:
            return _once(address, path, held, progress)
        except FetchFailed as failure:
            if not left or not failure.again:
                raise
            pause(held.pause_seconds * (held.tries - left))
    raise FetchFailed("no try was allowed", again=False)


def _once(address: str, path: Path, limits: Limits, progress: Progress) -> Fetched:
    part, known = _beside(path, ".part"), _known(path, address)
    begun = _known(part, address)
    headers = _conditions(path, known)
    offset = part.stat().st_size if begun and begun.etag and part.exists() else 0
    if offset and begun:
        headers |= {"Range": f"bytes={offset}-", "If-Range": begun.etag}
    with _answer(address, headers, limits) as answer:
        if answer.status == HTTPStatus.NOT_MODIFIED and path.exists():
            return Fetched(path, changed=False)
        if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            raise FetchFailed("the publisher has no such range; beginning again")
        resumed = answer.status == HTTPStatus.PARTIAL_CONTENT and offset
        if not resumed and answer.status != HTTPStatus.OK:
            busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            raise FetchFailed(f"the publisher answered {answer.status}", again=busy)
        if resumed and not (answer.getheader("Content-Range") or "").startswith(f"bytes {offset}-"):
            part.unlink(missing_ok=True)
            raise FetchFailed("the publisher sent another range than was asked for")
        told = Known(address, _strong(answer.getheader("ETag")), answer.getheader("Last-Modified") or "")
        _keep(part, told)
        _receive(answer, part, offset if resumed else 0, limits, progress)
    os.replace(part, path)
    _keep(path, told)
    _beside(part, ".json").unlink(missing_ok=True)
    return Fetched(path, changed=True)


def _receive(answer: http.client.HTTPResponse, part: Path, offset: int, limits: Limits, progress: Progress) -> None:
    if (answer.getheader("Content-Encoding") or "identity") != "identity":
        raise FetchFailed("the publisher sent another encoding than was asked for", again=False)
    length = answer.length
    whole = offset + length if length is not None else None
    if whole is not None and whole > limits.most_bytes:
        raise FetchFailed(f"the file has {whole} bytes, more than the limit of {limits.most_bytes}", again=False)
    done = offset
    with part.open("ab" if offset else "wb") as stream:
        while block := answer.read1(CHUNK):
            done += len(block)
            if done > limits.most_bytes:
                raise FetchFailed(f"the file has more than the limit of {limits.most_bytes} bytes", again=False)
            stream.write(block)
            progress(done, whole)
    if whole is not None and done != whole:
        raise FetchFailed(f"the transfer broke off after {done} of {whole} bytes")
    if not done:
        raise FetchFailed("the file is empty")


@contextmanager
def _answer(address: str, headers: dict[str, str], limits: Limits) -> Iterator[http.client.HTTPResponse]:
    """The publisher's answer, redirects followed; the time for the whole try ends the connection from outside, so
    that neither a silent server nor one that sends a byte now and then can hold it.
    """
    ends = time.monotonic() + limits.try_seconds
    for _ in range(REDIRECTS + 1):
        connection = _connection(address, limits)
        late: threading.Timer | None = None
        try:
            connection.connect()
            late = threading.Timer(max(0.0, ends - time.monotonic()), _break_off, (connection.sock,))
            late.daemon = True
            late.start()
            target = urlsplit(address)
            asked = f"{target.path or '/'}?{target.query}" if target.query else target.path or "/"
            connection.request("GET", asked, None, headers)
            answer = connection.getresponse()
            _in_time(ends)
            if answer.status not in MOVED:
                yield answer
                _in_time(ends)  # without a length, a connection broken off looks like the end of the file
                return
            address = _moved(address, answer.getheader("Location") or "")
        except (OSError, http.client.HTTPException) as error:
            raise FetchFailed(f"the connection failed: {str(error) or type(error).__name__}") from error
        finally:
            if late:
                late.cancel()
            connection.close()
    raise FetchFailed("the publisher redirects without end", again=False)


def _in_time(ends: float) -> None:
    if time.monotonic() >= ends:
        raise TimeoutError("took too long")


def _connection(address: str, limits: Limits) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed(f"{address!r} is no address of a file", again=False)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=min(limits.step_seconds, limits.try_seconds))


def _moved(address: str, to: str) -> str:
    target = urljoin(address, to)
    if not to or (urlsplit(address).scheme == "https" and urlsplit(target).scheme != "https"):
        raise FetchFailed(f"the publisher redirects to {to!r}, which is not followed", again=False)
    return target


def _break_off(connected: socket.socket) -> None:
    with suppress(OSError):  # closed in the meantime
        connected.shutdown(socket.SHUT_RDWR)


def _conditions(path: Path, known: Known | None) -> dict[str, str]:
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
    if known and path.exists():
        if known.etag:
            headers["If-None-Match"] = known.etag
        elif known.modified:
            headers["If-Modified-Since"] = known.modified
    return headers


def _strong(etag: str | None) -> str:
    """An entity tag by which parts may be joined; a weak one does not promise the same bytes."""
    return etag if etag and not etag.startswith("W/") else ""


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _known(path: Path, address: str) -> Known | None:
    """What is known of the file, where it is of this address."""
    try:
        known = Known(**json.loads(_beside(path, ".json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return known if known.address == address else None


def _keep(path: Path, known: Known) -> None:
    beside = _beside(path, ".json")
    beside.write_text(json.dumps(asdict(known)), encoding="utf-8")
