"""Fetch a list file from its publisher: only when it changed, within limits, going on where a transfer broke off.

What is known of a file stands beside it (``NAME.json``), an unfinished transfer in ``NAME.part``. A file takes its
name only when the whole of it is there, so what stands under a name is always complete (RFC 9110: conditional
requests, sections 13.1; ranges, section 14). An address may hold a token: none is written down or told of, only its
digest.
"""

import hashlib
import http.client
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from portal.screening.refusals import Refusal

CHUNK = 1 << 16
REDIRECTS = 5
MOVED = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT,
         HTTPStatus.PERMANENT_REDIRECT}  # fmt: skip
AGENT = "due-diligence-portal"
PAGE = (b"<!doctype html", b"<html")  # how a page for people begins, whatever type it is sent as
BLANKS = b"\xef\xbb\xbf \r\n\t"
GZIP = 16 + zlib.MAX_WBITS
Progress = Callable[[int, int | None], None]


class FetchFailed(Exception):
    """A file that could not be fetched; what stood there before still stands. ``again`` says that trying may help."""

    def __init__(self, code: str, *, again: bool = True, **values: str | int) -> None:
        self.refusal, self.again = Refusal.of(code, "", 0, **values), again
        super().__init__(self.refusal.told.en)


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
    """What the publisher said of a file: its entity tag and when it was last changed; ``origin`` is the digest of the
    address that it came from, ``bytes`` its whole length, 0 where that was not said.
    """

    origin: str
    etag: str = ""
    modified: str = ""
    bytes: int = 0


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
    raise FetchFailed("no_try", again=False)


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
            raise FetchFailed("no_range")
        resumed = answer.status == HTTPStatus.PARTIAL_CONTENT and begun and offset
        if not resumed and answer.status != HTTPStatus.OK:
            busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            raise FetchFailed("answered", again=busy, status=answer.status)
        if resumed and begun and not _continues(answer, begun, offset):
            part.unlink(missing_ok=True)
            raise FetchFailed("other_part")
        packed = _packed(answer)
        # Parts of a compressed transfer say nothing of the file's own bytes, so it is never gone on with.
        etag = "" if packed else _strong(answer.getheader("ETag"))
        length = offset + (answer.length or 0) if resumed else answer.length or 0
        told = Known(_origin(address), etag, answer.getheader("Last-Modified") or "", 0 if packed else length)
        _keep(part, told)
        _receive(answer, part, offset if resumed else 0, packed, limits, progress)
    os.replace(part, path)
    _keep(path, told)
    _beside(part, ".json").unlink(missing_ok=True)
    return Fetched(path, changed=True)


def _continues(answer: http.client.HTTPResponse, begun: Known, offset: int) -> bool:
    """Whether a part is the rest of the file that was begun: its place, its whole length and its tag agree."""
    place, _, whole = (answer.getheader("Content-Range") or "").partition("/")
    same_length = not begun.bytes or whole in ("*", str(begun.bytes))
    same_tag = answer.getheader("ETag") in (None, begun.etag)
    return (
        place.startswith(f"bytes {offset}-") and same_length and same_tag and not answer.getheader("Content-Encoding")
    )


def _packed(answer: http.client.HTTPResponse) -> bool:
    """Whether the transfer is compressed. Refuses what is no file of a list, or could not be told to be whole."""
    if (answer.getheader("Content-Type") or "").partition(";")[0].strip().casefold() == "text/html":
        raise FetchFailed("page_for_people", again=False)
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().casefold()
    if encoding not in ("identity", "gzip"):
        raise FetchFailed("other_encoding", again=False)
    if answer.length is None and not answer.chunked:
        raise FetchFailed("no_end", again=False)
    return encoding == "gzip"


def _receive(
    answer: http.client.HTTPResponse, part: Path, offset: int, packed: bool, limits: Limits, progress: Progress
) -> None:
    length = answer.length
    whole = offset + length if length is not None and not packed else None
    if whole is not None and whole > limits.most_bytes:
        raise FetchFailed("too_large", again=False, whole=whole, limit=limits.most_bytes)
    done, received = offset, offset
    unpacking = zlib.decompressobj(GZIP) if packed else None
    with part.open("ab" if offset else "wb") as stream:
        while block := answer.read1(CHUNK):
            received += len(block)
            for piece in _pieces(block, unpacking):
                if not done and piece.lstrip(BLANKS)[:20].lower().startswith(PAGE):
                    raise FetchFailed("page_for_people", again=False)
                done += len(piece)
                if done > limits.most_bytes:
                    raise FetchFailed("grew_too_large", again=False, limit=limits.most_bytes)
                stream.write(piece)
                progress(done, whole)
    if whole is not None and done != whole:
        raise FetchFailed("broke_off", done=done, whole=whole)
    if unpacking and received and not unpacking.eof:
        raise FetchFailed("broke_off_compressed")
    if not done:
        raise FetchFailed("file_empty")


def _pieces(block: bytes, unpacking: "zlib._Decompress | None") -> Iterator[bytes]:
    """The bytes of the file in a block, a bounded number at a time: a small block may unpack to very many."""
    if unpacking is None:
        yield block
        return
    if unpacking.eof:
        raise FetchFailed("more_follows", again=False)
    more = True
    try:
        while more and not unpacking.eof:
            piece = unpacking.decompress(block, CHUNK)
            if piece:
                yield piece
            block = unpacking.unconsumed_tail
            more = bool(block) or len(piece) == CHUNK
    except zlib.error as error:
        raise FetchFailed("broken_compressed", error=str(error)) from error
    if unpacking.unused_data:
        raise FetchFailed("more_follows", again=False)


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
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise FetchFailed("no_connection", error=str(error) or type(error).__name__) from error
        finally:
            if late:
                late.cancel()
            connection.close()
    raise FetchFailed("redirects_endless", again=False)


def _in_time(ends: float) -> None:
    if time.monotonic() >= ends:
        raise TimeoutError("took too long")


def _connection(address: str, limits: Limits) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed("no_address", again=False, address=_plain(address))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=min(limits.step_seconds, limits.try_seconds))


def _moved(address: str, to: str) -> str:
    """Where a redirect leads. Another host, or one asked without encryption before, is followed over https only."""
    target = urljoin(address, to)
    before, after = urlsplit(address), urlsplit(target)
    stays = (before.scheme, before.netloc) == (after.scheme, after.netloc)
    if not to or not (stays or after.scheme == "https"):
        raise FetchFailed("redirect_refused", again=False, address=_plain(to))
    return target


def _plain(address: str) -> str:
    """An address without what may be secret in it."""
    return address.partition("?")[0].rpartition("@")[2][:200]


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
    return known if known.origin == _origin(address) else None


def _origin(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()


def _keep(path: Path, known: Known) -> None:
    beside = _beside(path, ".json")
    beside.write_text(json.dumps(asdict(known)), encoding="utf-8")
