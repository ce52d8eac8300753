"""Lists are fetched from publishers that misbehave in every way; what stood there stands until a whole file came."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.screening.fetch import FetchFailed, Limits, fetch
from tests.screening import publisher as how
from tests.screening.publisher import BODY, Act, Publisher, breaks_off, proper, status, tag

pytestmark = pytest.mark.network
QUICK = Limits(step_seconds=1.0, try_seconds=3.0, tries=3, pause_seconds=0.0)


@pytest.fixture
def publisher() -> Iterator[Callable[..., Publisher]]:
    opened: list[Publisher] = []

    def open_one(*acts: Act) -> Publisher:
        opened.append(Publisher(*acts))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


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

    def dated(to: how.Answering) -> None:
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


@pytest.mark.parametrize(
    "second",
    [
        how.wrong_range,
        status(416),
        how.part_of_another(etag='"another"'),
        how.part_of_another(whole=len(BODY) + 9),
    ],
)
def test_a_range_that_was_not_asked_for_is_not_joined(
    publisher: Callable[..., Publisher], tmp_path: Path, second: Act
) -> None:
    server = publisher(breaks_off, second, proper())
    assert get(server.address, tmp_path / "un.xml") is True
    assert (tmp_path / "un.xml").read_bytes() == BODY


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (how.silent, "connection failed"),
        (how.drips, "connection failed: took too long|broke off"),
        (how.drips_headers, "connection failed"),
        (how.drips_in_chunks, "connection failed"),
        (how.without_a_length, "does not say where the file ends"),
        (how.ends_between_chunks, "connection failed"),
        (breaks_off, "broke off"),
        (how.resets, "connection failed: .*reset"),
        (how.nonsense, "connection failed"),
        (how.endless, "more than the limit"),
        (how.endless_headers, "connection failed"),
        (how.too_long, "more than the limit"),
        (how.brotli, "another encoding"),
        (how.nothing_to_unpack, "compressed file is broken"),
        (how.packed_in_half, "broke off inside"),
        (how.packed_with_more, "more follows"),
        (how.bomb, "more than the limit"),
        (how.page(), "a page for people"),
        (how.page("application/xml"), "a page for people"),
        (how.packed(b"<html>moved</html>"), "a page for people"),
        (status(200), "is empty"),
        (status(404), "answered 404"),
        (status(503), "answered 503"),
        (status(429), "answered 429"),
        (status(206), "answered 206"),
        (status(302, Location="/again"), "redirects without end"),
        (status(302), "redirects to ''"),
        (status(302, Location="http://localhost/un.xml?token=secret"), "redirects to 'http://localhost/un.xml',"),
        (status(302, Location="http://[::1/"), "connection failed: Invalid"),
        (status(302, Location="/\u00e9.xml"), "connection failed"),
        (status(302, Location="file:///etc/passwd"), "redirects to"),
        (status(302, Location="ftp://127.0.0.1/un.xml"), "redirects to"),
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


def test_a_file_in_pieces_or_compressed_is_taken_as_it_is(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    for act in (how.chunked(), how.packed(), how.chunked(Content_Type="text/plain")):
        server = publisher(act)
        path = tmp_path / hashlib.sha256(server.address.encode()).hexdigest()
        assert get(server.address, path) is True
        assert path.read_bytes() == BODY


def test_a_compressed_transfer_is_begun_again_and_never_gone_on_with(
    publisher: Callable[..., Publisher], tmp_path: Path
) -> None:
    server = publisher(how.packed_in_half, how.packed())
    assert get(server.address, tmp_path / "un.xml") is True
    assert "Range" not in server.asked[1]
    assert (tmp_path / "un.xml").read_bytes() == BODY


def test_a_connection_that_was_torn_down_is_gone_on_with(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    server = publisher(how.resets, proper())
    assert get(server.address, tmp_path / "un.xml") is True
    assert server.asked[1]["Range"] == "bytes=500-"
    assert (tmp_path / "un.xml").read_bytes() == BODY


def test_not_modified_is_no_answer_where_nothing_stands(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    server = publisher(proper(), status(304), proper())
    path = tmp_path / "un.xml"
    assert get(server.address, path) is True
    path.unlink()
    with pytest.raises(FetchFailed, match="answered 304"):
        get(server.address, path)
    assert get(server.address, path) is True


def test_what_a_publisher_said_of_another_address_counts_for_nothing(
    publisher: Callable[..., Publisher], tmp_path: Path
) -> None:
    """A mirror's tag is not the publisher's; neither may say of the other's file that it is still the same."""
    first, second = publisher(proper()), publisher(proper(BODY + b"\n"))
    assert get(first.address, tmp_path / "un.xml") is True
    assert get(second.address, tmp_path / "un.xml") is True
    assert "If-None-Match" not in second.asked[0]
    assert (tmp_path / "un.xml").read_bytes() == BODY + b"\n"


def test_a_token_is_neither_written_down_nor_told_of(publisher: Callable[..., Publisher], tmp_path: Path) -> None:
    server = publisher(proper())
    get(f"{server.address}?token=secret", tmp_path / "un.xml")
    assert "token=secret" in server.asked[0]["path"]
    assert not [path for path in tmp_path.iterdir() if b"secret" in path.read_bytes()]
    with pytest.raises(FetchFailed) as failure:
        get("gopher://somebody:secret@127.0.0.1/un.xml?token=secret", tmp_path / "un.xml")
    assert "secret" not in str(failure.value)
