"""``portal lists update``: from publishers on this machine that do well, send rubbish, or are not there."""

import json
from collections.abc import Iterator

import pytest

from portal.screening.renew import addresses
from tests.cli.conftest import Portal, Prepared, Told
from tests.cli.test_lists import listed
from tests.screening import publisher as how
from tests.screening.publisher import BODY, Publisher, proper

pytestmark = pytest.mark.network
OFAC = how.DATA / "published" / "ofac-advanced.xml"
CSL = how.DATA / "published" / "us-csl.json"


@pytest.fixture
def server() -> Iterator[Publisher]:
    opened = Publisher(
        how.several({"un.xml": BODY, "sdn_advanced.xml": OFAC.read_bytes(), "consolidated.json": CSL.read_bytes()})
    )
    yield opened
    opened.close()


def at(server: Publisher, **names: str) -> str:
    """The setting that leads each list to this server, and the others nowhere."""
    return json.dumps({**dict.fromkeys(addresses(), ""), **{name: server.named(file) for name, file in names.items()}})


def update(portal: Portal, setting: str, *arguments: str) -> Told:
    return portal.call("lists", "update", *arguments, PORTAL_LIST_ADDRESSES=setting)


def test_every_list_is_fetched_once_and_then_left_as_it_is(own: Prepared, server: Publisher) -> None:
    setting = at(server, un="un.xml", **{"ofac-sdn": "sdn_advanced.xml", "us-csl": "consolidated.json"})
    told = update(own.portal, setting)
    assert (told.code, told.err) == (0, "")
    assert [line.split(":")[0] for line in told.out.splitlines()] == ["ofac-sdn", "un", "us-csl"]
    assert "new edition" in told.out
    again = update(own.portal, setting)
    assert (again.code, again.err) == (0, "")
    assert again.out.count("unchanged since") == 3
    assert listed(own.portal, "un")["state"] != "missing"
    assert own.portal.sql("SELECT DISTINCT imported_by FROM list_edition WHERE source = 'un'") == [
        ("portal lists update",)
    ]


def test_what_is_refused_and_what_cannot_be_had_is_told_each_in_its_line(own: Prepared, server: Publisher) -> None:
    setting = at(server, un="un.xml", **{"us-csl": "gone.json"})
    half = update(own.portal, setting)
    assert half.code == 2
    assert half.complaint == "portal: us-csl: could not be fetched: the publisher answered 404; no edition is on file"
    assert half.out.startswith("un: new edition 2026-10-01")
    server.acts = [how.several({"un.xml": BODY[:-20], "consolidated.json": CSL.read_bytes()})]
    setting = at(server, un="un.xml", **{"us-csl": "consolidated.json"})
    refused = update(own.portal, setting)
    assert refused.code == 1
    assert refused.complaint.startswith("portal: un: refused: un.xml, line ")
    assert "broken XML" in refused.complaint
    assert refused.complaint.endswith("; the last good edition, of 2026-10-01, stays")
    assert refused.out.startswith("us-csl: new edition")
    assert str(listed(own.portal, "un")["refused"]).startswith("un.xml, line ")
    shown = own.portal.call("lists", "show").out
    assert "was refused, and this edition stays" in shown
    both = update(own.portal, at(server, un="un.xml", **{"us-csl": "gone.json"}), "--json")
    assert both.code == 1
    assert {one["source"]: one["outcome"] for one in json.loads(both.out)} == {"un": "refused", "us-csl": "unreachable"}


def test_only_what_is_asked_for_is_fetched(own: Prepared, server: Publisher) -> None:
    server.acts = [proper()]
    assert update(own.portal, at(server, un="un.xml", **{"us-csl": "gone.json"}), "un").code == 0
    assert {asked["path"] for asked in server.asked} == {"/lists/un.xml"}


@pytest.mark.parametrize(
    ("setting", "arguments", "says"),
    [
        ("{}", ["eu-fsf"], "needs a token of yours"),
        ("{}", ["us-dpl"], "no address is known for us-dpl"),
        ('{"nope": "https://lists.example/"}', ["un"], "no list named nope"),
        ('{"un": "ftp://lists.example/un.xml"}', ["un"], "PORTAL_LIST_ADDRESSES"),
        ("no json", ["un"], "PORTAL_LIST_ADDRESSES: is not written as JSON"),
    ],
)
def test_an_address_that_is_wrong_or_lacking_is_said_so(
    own: Prepared, setting: str, arguments: list[str], says: str
) -> None:
    told = update(own.portal, setting, *arguments)
    assert (told.code, told.out) == (2, "")
    assert says in told.complaint
