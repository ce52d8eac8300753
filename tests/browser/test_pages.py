"""Every page of the site on the demonstration's data, in both languages: axe, title, language, console, 320 px."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.config import Settings
from portal.db import utc_now
from tests.browser.conftest import HTML_LANG, Site, Visit, Visitor, serving, windows
from tests.browser.places import KEEPER, Place, page_of_a_passkey, places
from tests.conftest import Loaded

pytestmark = pytest.mark.browser


@dataclass
class Demonstration:
    """The demonstration, served; and every page of it."""

    site: Site
    visit: Visit
    pages: list[Place]
    windows: dict[tuple[str, str], Visitor] = field(default_factory=dict)

    def window(self, who: str, language: str) -> Visitor:
        """The window of a person, who has signed in and chosen a language."""
        key = (who, language)
        if key not in self.windows:
            visitor = self.windows[key] = self.visit(language)
            if who:
                visitor.open("/sign-in")
                visitor.fill(email=who, password=(self.site.settings.instance / "demonstration-password").read_text())
                visitor.press()
                assert "/sign-in" not in visitor.page.url, who
            visitor.open(f"/accessibility?lang={language}")
        return self.windows[key]


@pytest.fixture(scope="session")
def shown(demonstration: Loaded, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A copy of the demonstration, served."""
    found: list[Place] = []
    served: list[Flask] = []

    def prepare(app: Flask, settings: Settings) -> None:
        served.append(app)
        with app.extensions["portal_sessions"]() as session:
            found.extend(places(app, session, settings, utc_now()))

    folder: Path = tmp_path_factory.mktemp("demonstration") / "instance"
    shutil.copytree(demonstration.folder, folder)
    with serving(folder, prepare) as site, windows(browser, site) as visit:
        made = Demonstration(site, visit, found)
        for language in HTML_LANG:  # before there is a passkey, which signing in would ask for
            made.window(KEEPER, language)
        with served[0].extensions["portal_sessions"]() as session:
            found.append(page_of_a_passkey(served[0], session, utc_now()))
        yield made


def name_of(place: Place, seen: dict[str, int]) -> str:
    """A name for the picture of a page."""
    seen[place.endpoint] = seen.get(place.endpoint, 0) + 1
    return f"{place.endpoint}-{seen[place.endpoint]}"


def examine(visitor: Visitor, language: str, name: str, faults: list[str]) -> None:
    """Check a page and go on with what was found."""
    try:
        visitor.check(HTML_LANG[language], name)
    except AssertionError as fault:
        faults.append(f"{name}: {str(fault).splitlines()[0]}")
        visitor.said.clear()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page(shown: Demonstration, language: str) -> None:
    faults: list[str] = []
    seen: dict[str, int] = {}
    for place in shown.pages:
        visitor = shown.window(place.who, language)
        answer = visitor.page.goto(shown.site.address + place.path)
        name = name_of(place, seen)
        if answer is None or answer.status >= 500 or "/sign-in?next" in visitor.page.url:
            faults.append(f"{name}: {place.path} as {place.who or 'nobody'} leads to {visitor.page.url}")
        examine(visitor, language, name, faults)
        if language == "zh":
            faults += [f"{name} holds English: {sentence}" for sentence in english_on(visitor)]
    assert not faults, "\n".join(faults)


def english_on(visitor: Visitor) -> list[str]:
    """Sentences of English on a Chinese page, but for names and texts that people entered. Takes the page apart."""
    text = visitor.page.locator("body").evaluate(
        "body => { for (const one of body.querySelectorAll('[lang=en], .shipments-lines, dd, td, th, pre, code'))"
        " one.remove(); return body.innerText }"
    )
    made_up = resources.files("portal.demonstration").joinpath("data")
    entered = " ".join("".join(one.read_text("utf-8") for one in made_up.iterdir()).split())
    return [each for each in re.findall(r"(?:[A-Za-z’']+[ ,]+){5,}[A-Za-z’']+", text) if each not in entered]


def test_every_form_with_everything_missing(shown: Demonstration) -> None:
    """Sent with nothing in it: what is missing is told so that everybody can find it. Every other form in Chinese."""
    faults: list[str] = []
    forms = 0
    done: set[str] = set()
    for place in shown.pages:
        if place.endpoint in done or place.endpoint in UNHARMED:
            continue
        language = ("en", "zh")[len(done) % 2]
        visitor = shown.window(place.who, language)
        page = visitor.open(place.path)
        form = page.locator("main form[method=post]").first
        if not form.count() or not form.locator("input[type=text], input[type=password], textarea, select").count():
            continue
        done.add(place.endpoint)
        form.evaluate(
            "form => { for (const one of form.querySelectorAll('input, select, textarea')) {"
            " if (one.type === 'radio' || one.type === 'checkbox') one.checked = false;"
            " else if (one.type !== 'hidden') one.value = ''; } }"
        )
        address = page.url
        visitor.press()
        if (
            page.locator(".govuk-error-summary").count() == 0
            and page.url.partition("?")[0] == address.partition("?")[0]
        ):
            faults.append(f"{place.endpoint}: nothing is said of what is missing")
        forms += page.locator(".govuk-error-summary").count()
        examine(visitor, language, f"{place.endpoint}-wrong", faults)
    assert forms > 15
    assert not faults, "\n".join(faults)


# Sending these with nothing in them is right, and would change what other tests look at; the page without a network
# answers by itself (test_offline).
UNHARMED = {"shipments.licence", "accounts.sign_in_code", "offline.page"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_of_what_went_wrong(shown: Demonstration, language: str) -> None:
    faults: list[str] = []
    clerk = next(place.who for place in shown.pages if place.endpoint == "shipments.index")
    for who, path, code in (
        ("", "/no-such-page", 404),
        (clerk, "/authority/", 403),
        (clerk, "/shipments/00000000-0000-0000-0000-000000000000", 404),
        ("", "/sign-out", 405),
        ("", "/invitation/over", 410),
    ):
        visitor = shown.window(who, language)
        answer = visitor.page.goto(shown.site.address + path)
        if answer is None or answer.status != code:
            faults.append(f"{path}: {answer and answer.status}, not {code}")
        examine(visitor, language, f"wrong-{code}", faults)
    visitor = shown.window("", language)
    visitor.open("/sign-in")
    visitor.page.locator("main [name=csrf_token]").evaluate("one => { one.value = 'forged' }")
    visitor.fill(email="a@b.example", password="x")
    visitor.press()
    examine(visitor, language, "wrong-400", faults)
    assert not faults, "\n".join(faults)


def test_the_keyboard_reaches_everything(shown: Demonstration) -> None:
    """Tab leads past the skip link into the page, each stop is visible, and the focus is seen."""
    visitor = shown.window("", "en")
    page = visitor.open("/register")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("govuk-skip-link")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#main-content'")
    for _stop in range(3):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            "(() => { const one = document.activeElement, box = one.getBoundingClientRect(), style ="
            " getComputedStyle(one); return [one.tagName, box.width > 0, style.outlineStyle, style.boxShadow] })()"
        )
        assert stop[1], stop
        assert stop[2] != "none" or stop[3] != "none", f"the focus on {stop[0]} is not seen"


def test_an_error_takes_the_focus_and_its_link_leads_to_the_field(shown: Demonstration) -> None:
    visitor = shown.window("", "en")
    page = visitor.open("/register")
    visitor.press()
    page.wait_for_function("document.activeElement.className.startsWith('govuk-error-summary')")
    page.locator(".govuk-error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "email"
