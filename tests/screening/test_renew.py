"""All lists are brought up to date in one run; whatever befalls one of them, its last good edition stays and counts."""

import fcntl
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.screening import history, lists, renew, sources
from portal.screening.fetch import Limits
from portal.screening.models import EditionState, ListEdition
from tests.renewed import renewed_list
from tests.screening import publisher as how
from tests.screening.conftest import ACTOR, DATA
from tests.screening.publisher import Publisher, proper, status

pytestmark = pytest.mark.network
QUICK = Limits(step_seconds=1.0, try_seconds=3.0, tries=2, pause_seconds=0.0)
CSV = (DATA / "published" / "us-csl.csv").read_bytes()


@pytest.fixture
def publisher() -> Iterator[Callable[..., Publisher]]:
    opened: list[Publisher] = []

    def open_one(*acts: how.Act) -> Publisher:
        opened.append(Publisher(*acts))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


Run = Callable[..., dict[str, renew.Renewed]]


@pytest.fixture
def run(session: Session, now: datetime, tmp_path: Path) -> Run:
    """An update of the lists at the given addresses."""

    def update(at: dict[str, str], day: int = 0) -> dict[str, renew.Renewed]:
        found = renew.update(
            session, tmp_path, actor=ACTOR, now=now + timedelta(days=day), only=set(at), at=at, limits=QUICK,
            pause=lambda seconds: None,
        )  # fmt: skip
        return {one.source: one for one in found}

    return update


def stands(session: Session, now: datetime, source: str = "un", day: int = 0) -> lists.ListStatus:
    return next(one for one in lists.show(session, now + timedelta(days=day)) if one.source == source)


def entry(number: int, name: str = "TEST") -> bytes:
    return (
        f"<ENTITY><DATAID>{number}</DATAID><FIRST_NAME>{name} {number}</FIRST_NAME>"
        f"<REFERENCE_NUMBER>TEe.{number}</REFERENCE_NUMBER></ENTITY>"
    ).encode()


def united_nations(numbers: range, name: str = "TEST", day: str = "2026-10-01") -> bytes:
    """A list of these entries in the United Nations' format."""
    listed = b"".join(entry(number, name) for number in numbers)
    start = f'<CONSOLIDATED_LIST dateGenerated="{day}T00:00:00Z"><INDIVIDUALS/><ENTITIES>'.encode()
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + start + listed + b"</ENTITIES></CONSOLIDATED_LIST>"


def test_each_list_has_its_own_fate(
    session: Session, now: datetime, publisher: Callable[..., Publisher], run: Run
) -> None:
    good, gone, page = publisher(proper()), publisher(status(404)), publisher(proper(b"<lists>Nothing</lists>"))
    at = {"us-csl": gone.named("consolidated.csv"), "un": good.address, "eu-fsf": page.address}

    def outcomes() -> dict[str, str]:
        return {source: one.outcome for source, one in run(at).items()}

    assert outcomes() == {"us-csl": "unreachable", "un": "imported", "eu-fsf": "refused"}
    assert [edition.source for edition in lists.current(session)] == ["un"]
    gone.acts = [proper(CSV)]
    good.acts = [proper(b"<CONSOLIDATED_LIST")]
    assert outcomes() == {"us-csl": "imported", "un": "refused", "eu-fsf": "refused"}
    assert {edition.source for edition in lists.current(session)} == {"un", "us-csl"}
    assert outcomes()["un"] == "refused", "the same broken file is told of again"
    good.acts = [proper()]
    assert outcomes() == {"us-csl": "unchanged", "un": "unchanged", "eu-fsf": "refused"}
    verbs = set(session.scalars(select(AuditEvent.verb)))
    assert {"list.unreachable", "list.refused", "list.imported"} <= verbs


def test_a_new_edition_tells_what_came_went_and_changed(
    session: Session, now: datetime, publisher: Callable[..., Publisher], run: Run
) -> None:
    server = publisher(proper(united_nations(range(100))))
    first = run({"un": server.address})["un"]
    assert (first.outcome, first.entries, first.change) == ("imported", 100, None)
    body = united_nations(range(5, 115)).replace(b"TEST 50<", b"TEST FIFTY<").replace(b"TEST 51<", b"TEST FIFTY-ONE<")
    server.acts = [proper(body)]
    second = run({"un": server.address}, day=1)["un"]
    assert (second.outcome, second.entries, second.change) == ("imported", 110, history.Change(15, 5, 2))
    edition = session.scalars(select(ListEdition).where(ListEdition.state == EditionState.CURRENT)).one()
    assert (edition.added, edition.removed, edition.changed, edition.imported_by) == (15, 5, 2, "test")


MISDEEDS: tuple[tuple[list[how.Act], str, str], ...] = (
    ([proper(united_nations(range(80)))], "refused", "shrank"),
    ([proper(united_nations(range(0)))], "refused", "no entry"),
    ([proper(united_nations(range(100))[:-30])], "refused", "broken XML"),
    ([proper(united_nations(range(99), day="2026-09-01"))], "refused", "older than the edition of 2026-10-01"),
    ([proper(united_nations(range(99), day="2027-09-01"))], "refused", "a day yet to come"),
    ([proper(CSV)], "refused", "not XML"),
    ([how.packed(b'<!DOCTYPE l [<!ENTITY a "a">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>')], "refused", "entities"),
    ([proper(b"PK\x03\x04" + bytes(200))], "refused", "not XML"),
    ([how.page()], "unreachable", "a page for people"),
    ([how.resets], "unreachable", "connection failed"),
    ([status(500)], "unreachable", "answered 500"),
    ([how.breaks_off, how.part_of_another(etag='"other"')], "unreachable", "another part"),
)


def test_the_last_good_edition_stays_and_a_warning_tells_why(
    session: Session, now: datetime, publisher: Callable[..., Publisher], run: Run
) -> None:
    server = publisher(proper(united_nations(range(100))))
    run({"un": server.address})
    before = stands(session, now)
    for day, (acts, outcome, reason) in enumerate(MISDEEDS, start=1):
        server.acts = list(acts)
        told = run({"un": server.address}, day=2 * day)["un"]
        assert (told.outcome, told.day, told.entries) == (outcome, date(2026, 10, 1), 100)
        assert reason in told.reason
        after = stands(session, now)
        assert reason in (after.refused if outcome == "refused" else after.unreachable)
        assert (after.edition_id, after.entries, after.state) == (before.edition_id, 100, before.state)
        assert after.tried == now.date() + timedelta(days=2 * day)
        server.acts = [proper(united_nations(range(100)))]
        assert run({"un": server.address}, day=2 * day + 1)["un"].outcome == "unchanged"
        good = stands(session, now)
        assert (good.refused, good.unreachable, good.tried) == ("", "", None), "the publisher was heard again since"


def test_what_the_publisher_confirms_stays_young_but_not_for_ever(
    session: Session, now: datetime, publisher: Callable[..., Publisher], run: Run
) -> None:
    published = date(2026, 10, 1)
    source = sources.sources()["un"]
    assert source.max_age_days is not None
    server = publisher(proper(united_nations(range(100))))
    for day, kept in ((0, now.date()), (60, now.date() + timedelta(days=60)), (900, published + timedelta(days=180))):
        run({"un": server.address}, day=day)
        status = stands(session, now, day=day)
        assert status.stale_on == kept + timedelta(days=source.max_age_days + 1)
        assert status.state == ("stale" if day == 900 else "loaded")
        assert status.age_days == (now.date() + timedelta(days=day) - published).days, "it is as old as it is"
    assert len(server.asked) == 3
    assert source.quiet_days == 180


def test_a_list_of_several_files_is_fetched_as_one(
    session: Session, now: datetime, publisher: Callable[..., Publisher], run: Run, tmp_path: Path
) -> None:
    """An authority may keep China's list on a server of its own: the file and its description beside it."""
    folder = tmp_path / "kept"
    folder.mkdir()
    csv = renewed_list(folder, until=now.date() - timedelta(days=2))
    files = {path.name: path.read_bytes() for path in (csv, csv.with_suffix(".yaml"))}
    server = publisher(how.several(files))
    address = f"{server.named('renewed.csv')}?token=secret"
    assert run({"cn": address})["cn"].outcome == "imported"
    assert [asked["path"] for asked in server.asked] == [
        "/lists/renewed.csv?token=secret", "/lists/renewed.yaml?token=secret",
    ]  # fmt: skip
    assert stands(session, now, "cn").published == now.date() - timedelta(days=2)
    server.acts = [how.several({"renewed.csv": files["renewed.csv"]})]
    told = run({"cn": address})["cn"]
    assert (told.outcome, told.reason) == ("unreachable", "the publisher answered 404")


@pytest.mark.parametrize("name", ["..", ".", "", "%2e%2e", "..%2fkey", ".hidden", "a" * 300, "名单.xml"])
def test_no_name_of_a_publisher_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    kept = renew._name(f"https://lists.example/a/{name}?token=x/../y", "un")
    assert (tmp_path / kept).resolve().parent == tmp_path.resolve()
    assert kept == "un"


def test_two_updates_never_run_at_once(session: Session, now: datetime, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(renew.UpdateRunning):
            renew.update(session, tmp_path, actor=ACTOR, now=now, only=["un"])


def test_a_list_without_an_address_is_said_so_before_anything_is_fetched(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    asked: list[tuple[list[str], dict[str, str], str]] = [
        (["us-dpl"], {}, "PORTAL_LIST_ADDRESSES"),
        (["eu-fsf"], {}, "token of yours"),
        (["restricted"], {}, "no address"),
        (["nope"], {}, "no address"),
        ([], {"nope": "https://lists.example/x"}, "no list named nope"),
        (["un"], {"un": ""}, "no address"),
    ]
    for only, at, says in asked:
        with pytest.raises(renew.NoAddress, match=says):
            renew.update(session, tmp_path, actor=ACTOR, now=now, only=only, at=at)


def test_publishers_addresses_are_safe_ones_and_say_how_sure_they_are() -> None:
    own = renew.addresses()
    assert set(own) == {"ofac-sdn", "ofac-cons", "un", "us-csl"}
    assert all(address.startswith("https://") for address in own.values())
    known = sources.sources().values()
    assert all(bool(one.address or one.token_address) == bool(one.address_mark) for one in known)
    assert all(one.expected for one in known if one.address or one.required)
