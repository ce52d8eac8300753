"""The main job without a browser: certify and assess case files."""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from portal import audit
from portal.accounts.models import Organisation, User
from portal.certificates import issue, keys
from portal.certificates.models import Certificate
from portal.config import Settings
from portal.db import Base, open_engine, session_factory
from portal.screening import lists
from portal.screening.sources import sources
from portal.shipments import command, conduct
from portal.shipments.command import CommandResult
from portal.shipments.models import Shipment
from portal.shipments.states import State
from portal.verification.verify import verify
from tests.shipments.conftest import CASES, plain_case

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Desk:
    """An installation at the command line."""

    factory: sessionmaker[Session]
    settings: Settings
    folder: Path
    now: datetime

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def certify(self, case: Path, language: str = "en", later: timedelta = timedelta(0)) -> CommandResult:
        return command.certify(
            case, self.out, factory=self.factory, settings=self.settings, now=self.now + later, language=language
        )

    def assess(self, case: Path, **named: Any) -> CommandResult:
        return command.assess(case, factory=self.factory, settings=self.settings, now=self.now, **named)

    def case(self, name: str, change: Callable[[dict[str, Any]], None] = lambda plain: None) -> Path:
        plain = plain_case(name)
        change(plain)
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        return path

    def count(self, table: type[Base]) -> int:
        with self.factory() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def files(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []


@pytest.fixture
def desk(database_url: str, tmp_path: Path, shared_settings: Settings, issuer: object, now: datetime) -> Iterator[Desk]:
    engine = open_engine(database_url)
    yield Desk(session_factory(engine), shared_settings, tmp_path, now)
    engine.dispose()


def test_the_germanium_case_is_certified_and_its_pdf_verifies(desk: Desk) -> None:
    result = desk.certify(CASES / "germanium-lens-blanks.json")
    assert (result.code, result.errors) == (0, ())
    assert result.lines[0].startswith("Certified: DDC-2026-0000001-L")
    assert "TEST" in result.lines[1]
    assert "allows no shipment" in result.lines[2]
    assert any("Specially Designated Nationals" in line for line in result.lines), "a list that is missing is named"
    assert desk.files() == [f"DDC-2026-0000001-L.{kind}" for kind in ("json", "pdf", "png")]
    trust = keys.trust_root(desk.settings, now=desk.now)
    for kind in ("pdf", "json", "png"):
        report = verify((desk.out / f"DDC-2026-0000001-L.{kind}").read_bytes(), trust=trust, status=None, now=desk.now)
        # The seal has no room for the log's proof.
        assert report.integrity.answer == ("could_not_tell" if kind == "png" else "yes"), kind
    with desk.factory() as session:
        assert audit.check(session) is None
        people = session.scalars(select(User)).all()
        assert sorted(user.name for user in people) == ["周启明", "李晓岚"]
        assert not any(user.is_active for user in people), "nobody can sign in to an account that a case made"


def test_the_same_case_again_gives_the_same_certificate(desk: Desk) -> None:
    desk.certify(CASES / "germanium-lens-blanks.json")
    shutil.rmtree(desk.out)
    again = desk.certify(CASES / "germanium-lens-blanks.json")
    assert again.code == 0
    assert "already certified" in again.lines[0]
    assert len(desk.files()) == 3
    assert (desk.count(Certificate), desk.count(Organisation), desk.count(User)) == (1, 1, 2)


def test_a_changed_case_is_the_next_revision_and_supersedes(desk: Desk) -> None:
    desk.certify(CASES / "germanium-lens-blanks.json")

    def less(plain: dict[str, Any]) -> None:
        plain["goods"][0].update(quantity="10", net_weight_kg="10")

    result = desk.certify(desk.case("germanium-lens-blanks", less), later=timedelta(hours=1))
    assert result.code == 0
    with desk.factory() as session:
        newest = session.scalars(select(Certificate).order_by(Certificate.issued_at.desc())).first()
        assert newest is not None
        said = json.loads(newest.statement)
    assert (said["revision"], said["supersedes"]) == (2, "DDC-2026-0000001-L")
    assert [goods["quantity"]["value"] for goods in said["goods"]] == ["10"]
    assert len(said["parties"]) == 6


def test_the_gallium_case_is_referred_and_cannot_be_handed_in_past_the_referral(desk: Desk) -> None:
    first = desk.certify(CASES / "gallium-forwarder.json")
    assert first.code == 1
    assert "referred to the authority" in first.lines[0]
    assert any("vague" in line for line in first.lines)

    def exact(plain: dict[str, Any]) -> None:
        plain["answers"]["end_use"]["end_use_detail"] = "exact"

    second = desk.certify(desk.case("gallium-forwarder", exact))
    assert second.code == 1
    assert any("vague" in line for line in second.lines)
    assert desk.files() == []
    assert desk.count(Shipment) == 1


def test_the_samarium_case_is_refused_in_chinese_too(desk: Desk) -> None:
    result = desk.certify(CASES / "samarium-cobalt-magnets.json", language="zh")
    assert result.code == 1
    assert "不予通过" in result.lines[0]
    assert any("管控名单" in line for line in result.lines)
    assert desk.count(Certificate) == 0
    assert desk.certify(CASES / "samarium-cobalt-magnets.json").code == 1
    assert desk.count(Shipment) == 2, "a refused case may be handed in again, as a new revision"


@one_database
def test_the_other_lists_are_screened_when_they_are_on_file(desk: Desk, tmp_path: Path) -> None:
    for name, rows in {
        "sdn.csv": '9001,"THURINGER LUFTFRACHT GMBH",-0- ,"RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n',
        "alt.csv": "",
        "add.csv": '9001,1,"Flughafenstrasse 4","Erfurt","Germany",-0- \r\n',
    }.items():
        (tmp_path / name).write_text(rows, encoding="latin-1")
    with desk.factory() as session:
        lists.import_list(
            session, "ofac-sdn", tmp_path / "sdn.csv", actor=audit.Actor.system("t"), now=desk.now,
            published=desk.now.date(),
        )  # fmt: skip
        session.commit()
    result = desk.certify(CASES / "germanium-lens-blanks.json")
    assert result.code == 1
    assert any("does not bind a Chinese exporter" in line for line in result.lines)
    assert not any("Specially Designated" in line for line in result.lines)


def test_assess_explains_and_keeps_nothing(desk: Desk) -> None:
    explained = desk.assess(CASES / "germanium-lens-blanks.json")
    assert explained.code == 0
    assert any("What would lower it" in line for line in explained.lines)
    as_json = desk.assess(CASES / "gallium-forwarder.json", as_json=True)
    assert as_json.code == 1
    read = json.loads(as_json.lines[0])
    assert read["outcome"] == "referred"
    assert read["assessment"]["outcome"] == "refer"
    assert read["facts"]["destination"] == "TR"
    assert read["controls"][0]["state"] in ("controlled", "review")
    assert (desk.count(Shipment), desk.count(Organisation)) == (0, 0)
    chinese = desk.assess(CASES / "samarium-cobalt-magnets.json", language="zh")
    assert chinese.code == 1
    assert "不予出具" in chinese.lines[0]


def test_commands_at_the_same_moment_make_one_certificate(desk: Desk) -> None:
    with ThreadPoolExecutor(3) as at_once:
        results = list(at_once.map(lambda _: desk.certify(CASES / "germanium-lens-blanks.json"), range(3)))
    assert [(result.code, result.errors) for result in results] == [(0, ())] * 3
    assert (desk.count(Certificate), desk.count(Shipment), desk.count(Organisation)) == (1, 1, 1)
    assert len(desk.files()) == 3
    with desk.factory() as session:
        assert audit.check(session) is None


@one_database
def test_a_database_without_tables_is_one_clear_line(desk: Desk, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    result = command.certify(
        CASES / "germanium-lens-blanks.json", desk.out, factory=session_factory(engine), settings=desk.settings,
        now=desk.now,
    )  # fmt: skip
    engine.dispose()
    assert result.code == 2
    assert result.errors == ("the database is busy or cannot be written; try again",)


# ---- bad input


@one_database
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plain: plain["goods"][0].update(hs_code="1"), "$.goods[0].hs_code: "),
        (lambda plain: plain["answers"]["end_use"].pop("wmd_use"), "$.answers.end_use.wmd_use: "),
        (lambda plain: plain["answers"]["end_use"].update(wmd_use="perhaps"), "$.answers.end_use.wmd_use: "),
        (lambda plain: plain["answers"]["end_use"].update(wmd_uses="no"), "$.answers.end_use.wmd_uses: "),
        (lambda plain: plain["answers"]["end_use"].update(item_fate={"2": "built_in"}), "$.answers.end_use.item_fate"),
        (lambda plain: plain["answers"]["end_use"].update(asked_openly=False), "$.answers.end_use.asked_openly: "),
        (lambda plain: plain["answers"]["end_user"].update(formed_on="2027-01-01"), "$.answers.end_user.formed_on: "),
        (lambda plain: plain["compliance_officer"].update(plain["preparer"]), "$.compliance_officer: "),
        (lambda plain: plain.update(documents=[{"kind": "contract", "path": "no.pdf"}]), "$.documents[0].path: "),
        (
            lambda plain: plain.update(documents=[{"kind": "contract", "path": "germanium-lens-blanks.json"}]),
            "$.documents[0].path: ",
        ),
        (
            lambda plain: plain.update(
                documents=[{"kind": "contract", "path": "germanium-lens-blanks.json", "sha256": "0" * 64}]
            ),
            "$.documents[0].path: ",
        ),
    ],
)
def test_a_bad_case_names_its_path_and_leaves_nothing(
    desk: Desk, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    path = desk.case("germanium-lens-blanks", lambda plain: change(plain) and None)
    for result in (desk.certify(path), desk.assess(path)):
        assert result.code == 2
        assert result.errors[0].startswith(said), result.errors
    assert (desk.files(), desk.count(Shipment), desk.count(Organisation)) == ([], 0, 0)


@one_database
def test_documents_of_a_case_are_filed(desk: Desk) -> None:
    (desk.folder / "papers").mkdir()
    (desk.folder / "papers" / "合同.txt").write_text("contract 合同", encoding="utf-8")
    path = desk.case(
        "germanium-lens-blanks",
        lambda plain: plain.update(documents=[{"kind": "contract", "path": "papers/合同.txt", "party": 0}]),
    )
    assert desk.certify(path).code == 0
    with desk.factory() as session:
        (document,) = session.scalars(select(Shipment)).one().documents
        assert (document.filename, document.kind) == ("合同.txt", "contract")
        assert document.party is not None
        assert document.party.roles[0] == "end_user"


@one_database
def test_a_link_out_of_the_folder_is_not_followed(desk: Desk) -> None:
    (desk.folder / "inside").mkdir()
    (desk.folder / "secret.txt").write_text("secret", encoding="utf-8")
    (desk.folder / "inside" / "a.txt").symlink_to(desk.folder / "secret.txt")
    plain = plain_case("germanium-lens-blanks")
    plain["documents"] = [{"kind": "contract", "path": "a.txt"}]
    case = desk.folder / "inside" / "case.json"
    case.write_text(json.dumps(plain), encoding="utf-8")
    result = desk.certify(case)
    assert result.code == 2
    assert "outside the folder" in result.errors[0]


@one_database
def test_a_file_that_is_not_there_or_a_folder_is_one_line(desk: Desk) -> None:
    for path in (desk.folder / "none.json", desk.folder):
        result = desk.certify(path)
        assert result.code == 2
        assert len(result.errors) == 1


@one_database
def test_an_output_that_cannot_be_written_certifies_nothing(desk: Desk) -> None:
    desk.out.write_text("a file where a folder should be")
    result = desk.certify(CASES / "germanium-lens-blanks.json")
    assert result.code == 2
    assert len(result.errors) == 1
    assert desk.count(Certificate) == 0


def test_an_interruption_while_files_are_written_leaves_no_certificate_and_no_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = command.os.fsync
    calls: list[int] = []

    def cut(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(handle)

    monkeypatch.setattr(command.os, "fsync", cut)
    with pytest.raises(KeyboardInterrupt):
        desk.certify(CASES / "germanium-lens-blanks.json")
    assert desk.files() == []
    assert desk.count(Certificate) == 0
    monkeypatch.undo()
    assert desk.certify(CASES / "germanium-lens-blanks.json").code == 0


def test_an_interruption_after_the_commit_is_made_good_by_the_same_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        desk.certify(CASES / "germanium-lens-blanks.json")
    monkeypatch.undo()
    assert desk.files() == []
    assert desk.count(Certificate) == 1
    assert desk.certify(CASES / "germanium-lens-blanks.json").code == 0
    assert desk.count(Certificate) == 1
    assert len(desk.files()) == 3


@one_database
def test_a_required_list_that_cannot_be_had_is_could_not_tell(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources(), "un", sources()["cn"].__class__(**{**fields(sources()["cn"]), "id": "un"}))
    result = desk.certify(CASES / "germanium-lens-blanks.json")
    assert result.code == 2
    assert "required" in result.errors[0]


def fields(source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in source.__slots__}


def test_a_draft_on_the_site_under_the_same_reference_bars_the_case(desk: Desk) -> None:
    desk.certify(CASES / "samarium-cobalt-magnets.json")
    with desk.factory() as session:
        shipment = session.scalars(select(Shipment)).one()
        shipment.state = State.RETURNED
        session.commit()
    result = desk.certify(CASES / "samarium-cobalt-magnets.json")
    assert result.code == 2
    assert "open on the portal" in result.errors[0]


WHOLE = (CASES / "germanium-lens-blanks.json").read_bytes()


@pytest.fixture(scope="module")
def plain_desk(tmp_path_factory: pytest.TempPathFactory, shared_settings: Settings) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    engine = open_engine(f"sqlite:///{folder / 'x.sqlite3'}")
    Base.metadata.create_all(engine)
    yield Desk(session_factory(engine), shared_settings, folder, datetime.fromisoformat("2026-11-24T09:00:00+00:00"))
    engine.dispose()


@given(st.integers(min_value=0, max_value=len(WHOLE.rstrip()) - 1))
@example(0)
@example(len(WHOLE.rstrip()) - 1)
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_truncated_case_exits_2_with_one_clear_line(plain_desk: Desk, length: int) -> None:
    path = plain_desk.folder / "cut.json"
    path.write_bytes(WHOLE[:length])
    result = plain_desk.certify(path)
    assert result.code == 2
    (line,) = result.errors
    assert line.startswith("line ")
    assert " at $" in line
    assert "\n" not in line


@one_database
def test_what_the_certificate_says_is_what_the_case_said(desk: Desk) -> None:
    desk.certify(CASES / "germanium-lens-blanks.json")
    case = plain_case("germanium-lens-blanks")
    with desk.factory() as session:
        shipment = session.scalars(select(Shipment)).one()
        made = conduct.certificate(session, shipment)
        assert made is not None
        said = json.loads(made.statement)
        assert issue.files(made)["pdf"] == (desk.out / f"{made.number}.pdf").read_bytes()
    assert said["exporter"]["name"] == case["exporter"]["name"]
    assert said["exporter"]["identifier"] == case["exporter"]["identifier"]
    assert said["end_use"]["en"] == case["answers"]["end_use"]["stated_end_use"]
    assert said["contract"] == {"number": "YL-SFO-2026-07", "date": "2026-10-08"}
    assert said["attestation"]["officer"] == case["compliance_officer"]["name"]
    assert said["attestation"]["method"] == "case-file"
