"""The frame of every page, in both languages, with script and without."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-Hans")])
@pytest.mark.parametrize("path", ["/", "/accessibility", "/privacy", "/no-such-page", "/sign-in", "/register"])
def test_public_page(visit: Callable[..., Visitor], language: str, lang: str, path: str) -> None:
    visitor = visit(language)
    visitor.open(path)
    visitor.check(lang)


def test_works_without_script(visit: Callable[..., Visitor]) -> None:
    visitor = visit("en", script=False)
    page = visitor.open("/")
    page.get_by_role("link", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_the_checks_themselves_find_faults(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"/static/mark.svg\"><input id=x>')")
    with pytest.raises(AssertionError, match="image-alt"):
        visitor.check("en")
