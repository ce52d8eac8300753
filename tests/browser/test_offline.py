"""The offline app: visited once with a network, it verifies without one, tells its lists' age, and renews itself."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from portal import audit
from portal.certificates import issue, keys, status
from portal.config import Settings
from portal.db import Base, open_engine, session_factory, utc_now
from portal.verification import fetch
from tests.browser.conftest import Site, Visit, serving, windows
from tests.certificates.samples import issue_one

pytestmark = pytest.mark.browser
OFFICER = audit.Actor("user", "42", "Officer Wang")
WAIT = 20_000


@dataclass(frozen=True)
class Port:
    """A portal with a valid and a revoked certificate, and folders of files as an exporter carries them."""

    site: Site
    static: Path
    valid: Path
    revoked: Path


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    folder = tmp_path_factory.mktemp("port")
    static = folder / "static"

    def prepare(app: Flask, settings: Settings) -> None:
        # A copy, so that a test can publish a new version of the app.
        shutil.copytree(Path(app.static_folder or ""), static)
        app.static_folder = str(static)
        now = utc_now() - timedelta(hours=2)
        issuer = keys.open_issuer(settings, now=now)
        with app.extensions["portal_sessions"]() as session:
            for name in ("valid", "revoked"):
                certificate = issue_one(session, issuer, settings, now=now)
                (folder / name).mkdir()
                for kind, content in issue.files(certificate).items():
                    (folder / name / f"certificate.{kind}").write_bytes(content)
            status.revoke(session, certificate, reason_code="false-statement", reason="x", actor=OFFICER, now=utc_now())
            session.commit()

    with serving(folder / "instance", prepare) as site:
        yield Port(site, static, folder / "valid", folder / "revoked")


@pytest.fixture
def visit(browser: Browser, port: Port) -> Iterator[Visit]:
    with windows(browser, port.site) as start:
        yield start


def ready(page: Page) -> Page:
    page.locator("html[data-offline=ready]").wait_for(timeout=WAIT)
    return page


def kept(page: Page) -> Page:
    """Wait until the app lies on the device."""
    expect(page.locator("#app[data-kept]")).to_be_visible(timeout=WAIT)
    return ready(page)


def codes(page: Page, file: Path) -> list[str]:
    page.locator("#file").set_input_files(file)
    page.locator("#result").evaluate("section => { section.hidden = true }")
    page.locator("#evidence button[type=submit]").click()
    page.locator("#result h2").wait_for(timeout=WAIT)
    return [text[-3:] for text in page.locator(".verify-answer__code").all_inner_texts()]


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-Hans")])
def test_after_one_visit_it_verifies_without_a_network(visit: Visit, port: Port, language: str, lang: str) -> None:
    visitor = visit(language)
    kept(visitor.open(f"/verify/offline/?lang={language}"))
    visitor.check(lang, "offline-first")
    visitor.context.set_offline(True)
    page = ready(visitor.open("/verify/offline/"))
    assert page.locator("html").get_attribute("lang") == lang
    assert codes(page, port.valid / "certificate.json") == ["100", "201", "300", "510"]
    assert "✓" in page.locator(".verify-verdict__word").inner_text()
    assert codes(page, port.valid / "certificate.png") == ["122", "201", "300"], "without the proof it is never green"
    assert "?" in page.locator(".verify-verdict__word").inner_text()
    assert codes(page, port.revoked / "certificate.png") == ["122", "201", "311"]
    assert codes(page, port.valid / "certificate.pdf") == ["123", "220", "355"]
    visitor.said.clear()  # the browser complains of the network that is not there
    codes(page, port.revoked / "certificate.json")
    visitor.check(lang, "offline-result")


def test_the_age_of_the_lists_is_told_and_an_old_list_is_no_yes(visit: Visit, port: Port) -> None:
    visitor = visit()
    kept(visitor.open("/verify/offline/"))
    visitor.context.set_offline(True)
    visitor.page.clock.install(time=utc_now() + timedelta(hours=5))
    page = ready(visitor.open("/verify/offline/"))
    expect(page.locator("#status-age")).to_have_text("3, the oldest made 5 hours ago, ends in 19 hours")
    expect(page.locator("#trust-age")).to_contain_text("fetched 5 hours ago")
    visitor.page.clock.set_fixed_time(utc_now() + timedelta(days=3))
    assert codes(page, port.valid / "certificate.json") == ["100", "201", "362", "510"]


def test_a_clock_that_was_set_back_is_said_and_leaves_the_status_open(visit: Visit, port: Port) -> None:
    visitor = visit()
    kept(visitor.open("/verify/offline/"))
    visitor.context.set_offline(True)
    visitor.page.clock.install(time=utc_now() - timedelta(minutes=30))
    page = ready(visitor.open("/verify/offline/"))
    expect(page.locator("#clock")).to_be_visible()
    assert codes(page, port.valid / "certificate.json") == ["100", "201", "390", "510"]
    assert "✓" not in page.locator(".verify-verdict__word").inner_text()


def test_a_new_version_replaces_the_old_one(visit: Visit, port: Port) -> None:
    visitor = visit()
    page = kept(visitor.open("/verify/offline/"))
    before = caches(page)
    style = port.static / "offline" / "page.css"
    style.write_text(style.read_text() + "\n.govuk-main-wrapper { outline: 1px solid rgb(1, 2, 3); }\n")
    kept(visitor.open("/verify/offline/"))
    # Nothing has been put in yet, so the page renews itself.
    expect(page.locator(".govuk-main-wrapper")).to_have_css("outline-color", "rgb(1, 2, 3)", timeout=WAIT)
    ready(page)
    assert len(caches(page)) == 1
    assert caches(page) != before
    visitor.context.set_offline(True)
    ready(visitor.open("/verify/offline/"))
    expect(page.locator(".govuk-main-wrapper")).to_have_css("outline-color", "rgb(1, 2, 3)")


def test_the_page_does_not_run_what_the_reader_may(visit: Visit) -> None:
    page = visit().open("/verify/offline/")
    empty = "new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])"
    refused: Any = page.evaluate(f"WebAssembly.compile({empty}).then(() => '', error => error.message)")
    assert "Content Security Policy" in refused


def caches(page: Page) -> list[str]:
    found: list[str] = page.evaluate("caches.keys()")
    return [name for name in found if not name.endswith("settings")]


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What another issuer's people bring: its lists as one file and as many, and one of its certificates."""
    folder, now = tmp_path_factory.mktemp("stick"), utc_now() - timedelta(hours=3)
    settings = Settings(instance=folder / "instance", public_address="https://elsewhere.example")
    with ThreadPoolExecutor(1) as worker:  # signing starts a loop of its own beside Playwright's
        worker.submit(elsewhere, folder, settings, now).result()
    return folder


def elsewhere(folder: Path, settings: Settings, now: datetime) -> None:
    issuer = keys.open_issuer(settings, now=now)
    engine = open_engine(f"sqlite:///{folder / 'elsewhere.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        certificate = issue_one(session, issuer, settings, now=now)
        (folder / "certificate.json").write_bytes(issue.files(certificate)["json"])
        session.commit()
        list(fetch.write(session, folder / "site", issuer=issuer, now=utc_now()))
    engine.dispose()
    tokens = [path.read_text("ascii") for path in (folder / "site").rglob("*.jwt")]
    whole = {"type": "due-diligence-lists", "trust": keys.trust(issuer, now=utc_now()), "status_lists": tokens}
    (folder / "lists.json").write_text(json.dumps(whole), "utf-8")


def test_another_issuer_is_trusted_when_a_person_says_so_and_as_long(visit: Visit, port: Port, stick: Path) -> None:
    visitor = visit()
    page = kept(visitor.open("/verify/offline/"))
    visitor.context.set_offline(True)
    certificate = stick / "certificate.json"
    assert codes(page, certificate)[1] == "210"
    page.locator("#brought").set_input_files(stick / "lists.json")
    proposal = page.locator(".verify-proposal")
    expect(proposal).to_contain_text("elsewhere.example", timeout=WAIT)
    named = json.loads((stick / "lists.json").read_text("utf-8"))["trust"]["issuers"][0]
    for key in named["keys"]:
        expect(proposal).to_contain_text(key["jwk"]["kid"])
    assert codes(page, certificate)[1] == "210", "nothing is trusted before somebody has decided"
    visitor.said.clear()
    visitor.check("en", "offline-proposal")
    proposal.locator("button").first.click()
    expect(page.locator("#brought-said")).to_contain_text("Status lists loaded: 3.", timeout=WAIT)
    assert codes(page, certificate) == ["100", "201", "300", "510"]
    ready(visitor.open("/verify/offline/"))
    expect(page.locator("#added li")).to_contain_text("From lists.json, added")
    expect(page.locator("#trust-age")).not_to_contain_text(";")
    page.locator("#added button").click()
    expect(page.locator("#added-part")).to_be_hidden()
    assert codes(page, certificate)[1] == "210"
    assert codes(page, port.valid / "certificate.json") == ["100", "201", "300", "510"]
