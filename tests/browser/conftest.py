"""A real browser on a real server: Chromium through Playwright, the portal through waitress."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from portal.app import create_app
from portal.config import Settings
from portal.db import Base

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW = 320
# axe rules that judge a page as a whole are kept; none is switched off.
AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True)
class Site:
    """A running portal: where it answers and the application behind it."""

    address: str
    app: Flask
    settings: Settings


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium was not found; run 'make setup-test'", pytrace=False)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The portal served over HTTP on a free port, on its own empty SQLite database."""
    settings = Settings(instance=tmp_path / "instance")
    settings.instance.mkdir()
    app = create_app(settings, RATELIMIT_ENABLED=False)
    Base.metadata.create_all(app.extensions["portal_engine"])
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.effective_port}", app, settings)
    server.close()
    thread.join(5)
    app.extensions["portal_engine"].dispose()


@dataclass
class Visitor:
    """A browser window, and what every page in it must satisfy."""

    page: Page
    context: BrowserContext
    site: Site
    said: list[str]

    def open(self, path: str) -> Page:
        self.page.goto(self.site.address + path)
        return self.page

    def check(self, language: str) -> None:
        """Title, language, one heading, no console message, no sideways scrolling, no axe violation."""
        page = self.page
        where = page.url
        assert page.title().strip(" –"), where
        assert page.locator("html").get_attribute("lang") == language, where
        assert page.locator("h1").count() == 1, where
        assert self.said == [], where
        self.check_described(page)
        size = page.viewport_size
        page.set_viewport_size({"width": NARROW, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW, f"{where} is {wide} px wide on a phone of {NARROW} px"
        if size is not None:
            page.set_viewport_size(size)
        found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
        assert found == [], f"{where}: " + "; ".join(
            f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]}" for rule in found
        )

    def check_described(self, page: Page) -> None:
        """What axe does not see: groups have a legend, errors are tied to their field and their links lead there."""
        faults = page.evaluate(
            """() => {
              const faults = [];
              for (const group of document.querySelectorAll('input[type=radio]')) {
                const set = group.closest('fieldset');
                if (!set || !set.querySelector('legend')) faults.push('no legend: ' + group.id);
              }
              for (const message of document.querySelectorAll('.govuk-error-message')) {
                const tied = document.querySelector(`[aria-describedby~="${message.id}"]`);
                if (!tied) faults.push('not tied: ' + message.id);
              }
              for (const link of document.querySelectorAll('.govuk-error-summary a')) {
                const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
                const reached = target && target.matches('input, select, textarea, button, a');
                if (!reached) faults.push('leads nowhere: ' + link.hash);
              }
              return faults;
            }"""
        )
        assert faults == [], page.url


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Open a window: ``visit(language="zh", script=True)``."""
    opened: list[BrowserContext] = []

    def start(language: str = "en", script: bool = True) -> Visitor:
        locale = "zh-CN" if language == "zh" else "en-GB"
        context = browser.new_context(locale=locale, java_script_enabled=script, accept_downloads=True)
        context.set_default_timeout(15000)
        opened.append(context)
        page = context.new_page()
        said: list[str] = []

        def listen(message: ConsoleMessage) -> None:
            expected = "the server responded with a status of 4" in message.text
            if message.type in ("error", "warning") and not expected:
                said.append(message.text)

        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        return Visitor(page, context, site, said)

    yield start
    for context in opened:
        context.close()
