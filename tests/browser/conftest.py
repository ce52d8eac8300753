"""A real browser on a real server: Chromium through Playwright, the portal through waitress."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from portal.accounts.passwords import Cost
from portal.app import create_app
from portal.config import Settings
from portal.db import Base
from portal.web.limits import limiter
from tests.serving import running

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
NARROW, WIDE = 320, 1280
HTML_LANG = {"en": "en", "zh": "zh-Hans"}
CHEAP = Cost(passes=1, memory=8, lanes=1)
# axe rules that judge a page as a whole are kept; none is switched off.
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# A page has the same structure and colours in each language, so in the second one only what its words decide is judged.
OF_WORDS = {
    "type": "rule",
    "values": [
        "html-has-lang", "html-lang-valid", "valid-lang", "document-title", "page-has-heading-one", "empty-heading",
        "label", "button-name", "link-name", "select-name", "image-alt", "input-button-name", "aria-input-field-name",
        "summary-name", "region", "landmark-one-main",
    ],
}  # fmt: skip
# Set it to a folder to keep a picture of every page that is checked, wide and narrow, for people to look at.
PICTURES = os.environ.get("PORTAL_TEST_PICTURES", "")


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


@contextmanager
def serving(folder: Path, prepare: Callable[[Flask, Settings], None] = lambda app, settings: None) -> Iterator[Site]:
    """Serve the portal on a free port from an instance folder of its own, after ``prepare`` has filled it."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(instance=folder, public_address=address, demonstration=True)
    app = create_app(settings, RATELIMIT_ENABLED=False, PASSWORD_COST=CHEAP)
    limiter.enabled = False  # one for the whole process: another test's application may have switched it on
    Base.metadata.create_all(app.extensions["portal_engine"])
    try:
        with ThreadPoolExecutor(1) as worker:  # Playwright's own loop runs in this thread, and signing starts another
            worker.submit(prepare, app, settings).result()
    except BaseException:
        listening.close()
        raise
    with running(waitress.create_server(app, sockets=[listening], threads=4)):
        yield Site(address, app, settings)
    app.extensions["portal_engine"].dispose()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The portal on its own empty SQLite database."""
    with serving(tmp_path / "instance") as running:
        yield running


@dataclass
class Visitor:
    """A browser window, and what every page in it must satisfy."""

    page: Page
    context: BrowserContext
    site: Site
    said: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.site.address + path)
        return self.page

    def fill(self, **values: Any) -> None:
        """Fill the fields of the page's form by their names; a list ticks boxes, ``True`` ticks the only one."""
        for name, value in values.items():
            self.put(name, value)

    def put(self, name: str, value: Any) -> None:
        """Fill one field as its kind wants it."""
        found = self.page.locator(f'main [name="{name}"]')
        kind = found.first.evaluate("field => field.type || field.tagName.toLowerCase()")
        if kind in ("radio", "checkbox"):
            for each in value if isinstance(value, list) else [value]:
                box = found if each is True else self.page.locator(f'main [name="{name}"][value="{each}"]')
                box.check(force=True)
        elif kind.startswith("select"):
            found.select_option(str(value))
        elif kind == "file":
            found.set_input_files(value)
        else:
            found.fill(str(value))

    def press(self) -> Page:
        """Send the form of the page's main part by the button that is for nothing else."""
        return self.click("main form[method=post] button:not([type=button]):not([name]):not([aria-hidden])")

    def click(self, selector: str, last: bool = False) -> Page:
        """Click the first such element (or the last), and wait for the page to which it leads."""
        found = self.page.locator(selector)
        with self.page.expect_navigation():
            (found.last if last else found.first).click()
        return self.page

    def follow(self, path: str) -> Page:
        """Click the link in the page whose address ends so."""
        return self.click(f'main a[href$="{path}"]')

    def check(self, language: str, name: str = "") -> None:
        """Title, language, one heading, no console message, no sideways scrolling, no axe violation.

        ``language`` is that of the page's ``lang`` attribute; ``name`` that of its pictures, when these are kept.
        """
        page = self.page
        where = page.url
        assert page.title().strip(" –"), where
        assert page.locator("html").get_attribute("lang") == language, where
        assert page.locator("h1").count() == 1, where
        assert self.said == [], where
        self.check_described(page)
        self._picture(name, language, "wide")
        size = page.viewport_size or {"width": WIDE, "height": 900}
        broad = page.evaluate("document.documentElement.scrollWidth")
        assert broad <= size["width"], f"{where} is {broad} px wide in a window of {size['width']} px"
        page.set_viewport_size({"width": NARROW, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW, f"{where} is {wide} px wide on a phone of {NARROW} px: {self._sticking_out()}"
        self._picture(name, language, "narrow")
        page.set_viewport_size(size)
        options = AXE_OPTIONS if language == "en" else AXE_OPTIONS | {"runOnly": OF_WORDS}
        found = Axe().run(page, options=options).response["violations"]
        assert found == [], f"{where}: " + "; ".join(
            f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]}" for rule in found
        )

    def _picture(self, name: str, language: str, width: str) -> None:
        if PICTURES and name:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{PICTURES}/{name}-{language[:2]}-{width}.png", full_page=True)

    def _sticking_out(self) -> list[str]:
        found: list[str] = self.page.evaluate(
            """() => [...document.body.querySelectorAll('*')]
                .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
                .slice(0, 5).map(one => one.outerHTML.slice(0, 120))"""
        )
        return found

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
              for (const link of document.querySelectorAll('.govuk-error-summary a[href^="#"]')) {
                const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
                const reached = target && target.matches('input, select, textarea, button, a');
                if (!reached) faults.push('leads nowhere: ' + link.hash);
              }
              return faults;
            }"""
        )
        assert faults == [], page.url


Visit = Callable[..., Visitor]


@contextmanager
def windows(browser: Browser, site: Site) -> Iterator[Visit]:
    """A way to open windows on a site; they are closed in the end."""
    opened: list[BrowserContext] = []

    def start(language: str = "en", script: bool = True) -> Visitor:
        locale = "zh-CN" if language == "zh" else "en-GB"
        context = browser.new_context(
            locale=locale,
            java_script_enabled=script,
            accept_downloads=True,
            viewport={"width": WIDE, "height": 900},
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        opened.append(context)
        visitor = Visitor(context.new_page(), context, site)

        def listen(message: ConsoleMessage) -> None:
            expected = "the server responded with a status of 4" in message.text
            if message.type in ("error", "warning") and not expected:
                visitor.said.append(message.text)

        visitor.page.on("console", listen)
        visitor.page.on("pageerror", lambda error: visitor.said.append(str(error)))
        return visitor

    yield start
    for context in opened:
        context.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Open a window: ``visit(language="zh", script=True)``."""
    with windows(browser, site) as start:
        yield start
